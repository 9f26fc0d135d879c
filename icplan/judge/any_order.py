"""Changes of a deployment that were not tried in every order: what fails in any of them, and what may not.

Past a few changes that nobody keeps in order there are too many orders to try. What is refused in those that
were tried is refused for sure where it finds no room even with all others at their smallest, or where what
all of them come to has no room at all; else it may fit in another order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.assumptions import Assumptions
from icplan.catalog.catalog import from_ec2
from icplan.errors import InputError
from icplan.feasibility.weaken import Reason, weakened_verdict
from icplan.fleet.build_fleet import build_fleet
from icplan.judge.at_once import least_of_both, named
from icplan.judge.change_set import outcomes_of
from icplan.judge.new_fleet import place_anew
from icplan.requests.operations import ENDPOINT_OPERATIONS
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.snapshot.snapshot import Snapshot
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.gate import AT_ONCE
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.judge.at_once import Together
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.verdict.change_verdict import ChangeVerdict

AFTER_FAILURE = "ICP407"
"""The rule that a change is judged as if the one before it had not been asked for, since that fails."""
Described = dict[str, dict[str, Any]]
"""Components as they are described, by name."""


def may_fit_in_another_order(question: Together, settings: Settings, budget: Budget) -> dict[int, Finding]:
    """Of the changes that are refused those that may fit in an order that was not tried, and why."""
    refused = [n for n, change in enumerate(question.changes) if change.outcome is Outcome.DOES_NOT_FIT]
    others = {n: [m for m in _changing(question) if _beside(question, n, m)] for n in refused}
    unsure = [n for n in refused if others[n]]
    open_ = [n for n in unsure if not _refused_at_best(question, n, others[n], settings, budget)]
    if not open_ or _all_have_no_room(question, settings, budget):
        return {}
    return {n: _finding(question, others[n]) for n in open_}


def as_possible(changes: Sequence[ChangeVerdict], why: Mapping[int, Finding]) -> Iterator[ChangeVerdict]:
    """The changes, those with a reason why refused no more; what follows one does not say it fails."""
    for number, change in enumerate(changes):
        kept = [one for one in change.findings if one.rule != AFTER_FAILURE or number - 1 not in why]
        left = attrs.evolve(change, findings=tuple(kept))
        if number in why:
            left = weakened_verdict(left, Reason.OTHER_ORDER)
            left = attrs.evolve(left, findings=(why[number], *left.findings))
        yield left


def _changing(question: Together) -> list[int]:
    """The changes that other copies come of."""
    return [
        number
        for number, change in enumerate(question.changes)
        if change.copies is not None and change.outcome not in (Outcome.INVALID, Outcome.BLOCKED)
    ]


def _beside(question: Together, number: int, other: int) -> bool:
    return number != other and question.declared[number].beside(question.declared[other])


def _refused_at_best(
    question: Together, number: int, others: Sequence[int], settings: Settings, budget: Budget
) -> bool:
    """Whether a change is refused even with as little of the others there as there ever is."""
    if question.snapshot is None or budget.exhausted:
        return False
    there = _components(question.snapshot)
    try:
        for other in others:
            change, call = question.changes[other], question.asked[other]
            name, copies = change.inference_component_name, min(change.copies or (0, 0))
            running = there.pop(name, None)
            if copies and running is not None:
                there[name] = least_of_both(running, call.request, copies)
        earlier = [question.asked[n] for n in range(number) if n not in others and _done(question, n)]
        calls = [*earlier, question.asked[number]]
        return outcomes_of(calls, _with(question.snapshot, there), settings, budget)[-1].fails
    except InputError:
        return False


def _done(question: Together, number: int) -> bool:
    return not question.changes[number].outcome.fails


def _all_have_no_room(question: Together, settings: Settings, budget: Budget) -> bool:
    """Whether what all changes come to has no room however it is placed, so that one fails in any order."""
    changes_endpoint = any(call.operation in ENDPOINT_OPERATIONS for call in question.asked)
    if question.snapshot is None or changes_endpoint or budget.exhausted:
        return False
    there = _components(question.snapshot)
    for number in _changing(question):
        change, request = question.changes[number], question.asked[number].request
        name, (_, copies) = change.inference_component_name, change.copies or (0, 0)
        running = there.pop(name, {})
        if copies:
            there[name] = _at_its_end(running, request, copies)
    try:
        return any(_has_no_room(_with(question.snapshot, there), settings, budget))
    except InputError:
        return False


def _has_no_room(snapshot: Snapshot, settings: Settings, budget: Budget) -> Iterator[bool]:
    """Of each variant, whether what it holds has no room on as many instances as there may be."""
    state = read_endpoint(snapshot)
    catalog = settings.catalog.with_types(from_ec2(state.instance_types))
    assumptions = Assumptions(settings.assume).recorder()
    for variant in state.variants:
        if variant.types and not variant.hosts_model:
            fleet = build_fleet(state, variant.name, catalog, assumptions)
            anew = place_anew(fleet, catalog, assumptions, budget, shown=False)
            yield anew.outcome is Outcome.DOES_NOT_FIT


def _components(snapshot: Snapshot) -> Described:
    described = snapshot.data.get("InferenceComponents") or ()
    return {one["InferenceComponentName"]: dict(one) for one in described}


def _at_its_end(running: Mapping[str, Any], request: Mapping[str, Any], copies: int) -> dict[str, Any]:
    """A component as a change leaves it."""
    asked = {name: one for name, one in request.items() if name.startswith("Specification")}
    before = {name: one for name, one in running.items() if not (asked and name.startswith("Specification"))}
    names = {name: request[name] for name in ("EndpointName", "VariantName") if name in request}
    counts = {"CurrentCopyCount": copies, "DesiredCopyCount": copies}
    return {
        **before,
        **names,
        **asked,
        "InferenceComponentName": request["InferenceComponentName"],
        "InferenceComponentStatus": "InService",
        "RuntimeConfig": counts,
    }


def _with(snapshot: Snapshot, components: Described) -> Snapshot:
    """The endpoint with these components; where each copy lies is not known of them."""
    untold = ("CopyLocations", "Reservations")
    data = {name: one for name, one in snapshot.data.items() if name not in untold}
    return Snapshot.from_dict({**data, "InferenceComponents": list(components.values())}, snapshot.file)


def _finding(question: Together, others: Sequence[int]) -> Finding:
    count = len(question.changes)
    message = (
        f"{named(question, others)} may come before it or after it, since none waits for the other; of the "
        f"orders of {count} changes only the likeliest were tried, and it may fit in another"
    )
    return Finding(AT_ONCE, Severity.WARNING, message, path="$")
