"""Changes of a deployment that may be under way at the same time: each judged with the others in motion.

CloudFormation and Terraform carry out what does not depend on each other at once, in no order that anybody
tells. A change that fits where it is judged in its turn is judged again with every other one half-way: as
many copies of it as it leaves at least are there, and as many more as it ever takes may be. The copies of
what is deleted may all still be there, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import InputError, InputProblem
from icplan.judge.change_set import outcomes_of
from icplan.requests.operations import ENDPOINT_OPERATIONS
from icplan.snapshot.snapshot import Snapshot
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.gate import AT_ONCE
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from icplan.inputs.deployment import DeclaredCall
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.requests.call import Call
    from icplan.verdict.change_verdict import ChangeVerdict

_MOST_NAMED: Final = 4
_REQUIREMENTS: Final = "ComputeResourceRequirements"
_ONE, _EACH = _SIZES = ("Specification", "Specifications")


@attrs.frozen
class Together:
    """The changes of an endpoint, in order: as declared, as sent, and as judged one after another.

    ``spared`` are those that fail in another order that they may be made in.
    """

    declared: Sequence[DeclaredCall]
    asked: Sequence[Call]
    changes: Sequence[ChangeVerdict]
    snapshot: Snapshot | None
    spared: frozenset[int] = frozenset()

    def beside(self, number: int) -> list[int]:
        """The changes that may be under way together with one, and that take room."""
        one = self.declared[number]
        return [
            other for other, call in enumerate(self.declared) if one.beside(call) and self._takes_room(other)
        ]

    def _takes_room(self, number: int) -> bool:
        change = self.changes[number]
        return change.copies is not None and not change.outcome.fails


def at_once(question: Together, settings: Settings, budget: Budget) -> dict[int, Finding]:
    """What is to be said of the changes that fit in their turn, and may not where others are under way."""
    found = {}
    for number, change in enumerate(question.changes):
        others = question.beside(number)
        if not others or not change.outcome.fits or change.copies is None:
            continue
        if number in question.spared:
            found[number] = _finding(question, others, undecided=False)
            continue
        outcomes = list(_outcomes(question, number, others, settings, budget))
        if not all(outcome.fits for outcome in outcomes):
            found[number] = _finding(question, others, undecided=Outcome.UNDECIDED in outcomes)
    return found


def weakened(change: ChangeVerdict, finding: Finding) -> ChangeVerdict:
    """The change with what makes it no more than possible."""
    outcome = Outcome.worst((change.outcome, Outcome.MAY_NOT_FIT))
    return attrs.evolve(change, outcome=outcome, findings=(finding, *change.findings), final_instances=None)


def _outcomes(
    question: Together, number: int, others: Sequence[int], settings: Settings, budget: Budget
) -> Iterator[Outcome]:
    """What comes of a change with the others in motion, or where the endpoint changes, first and last."""
    before = [at for at in range(number) if at not in others and not question.changes[at].outcome.fails]
    own = question.asked[number]
    earlier = [question.asked[at] for at in before]
    try:
        if any(call.operation in ENDPOINT_OPERATIONS for call in earlier) or question.snapshot is None:
            beside = [question.asked[at] for at in others]
            for calls in ([*earlier, own], [*earlier, *beside, own]):
                yield outcomes_of(calls, question.snapshot, settings, budget)[-1]
            return
        moving = _in_motion(question, others, question.snapshot)
        yield outcomes_of([*earlier, own], moving, settings, budget)[-1]
    except InputError:
        yield Outcome.UNDECIDED


def _in_motion(question: Together, others: Sequence[int], snapshot: Snapshot) -> Snapshot:
    """The endpoint while these changes are under way."""
    there = {one["InferenceComponentName"]: one for one in snapshot.data.get("InferenceComponents") or ()}
    counts: dict[str, tuple[int, int]] = {}
    for number in others:
        call, change = question.asked[number], question.changes[number]
        name, (least, most) = change.inference_component_name, _copies(change)
        fewer, more = counts.get(name, (least, most))
        counts[name] = min(least, fewer), max(most, more)
        there[name] = _half_way(there.get(name), call.request, counts[name])
    return Snapshot.from_dict({**snapshot.data, "InferenceComponents": list(there.values())}, snapshot.file)


def _half_way(
    running: Mapping[str, Any] | None, request: Mapping[str, Any], copies: tuple[int, int]
) -> dict[str, Any]:
    """A component as it may be found meanwhile, each copy as large as those before and those after."""
    least, most = copies
    described: dict[str, Any] = dict(running or {})
    for member in ("InferenceComponentName", "EndpointName", "VariantName", *_SIZES):
        if member in request:
            described[member] = request[member]
    if running and any(member in request for member in _SIZES):
        described |= _sizes(running, request, _larger)
    counts = {"CurrentCopyCount": least, "DesiredCopyCount": most}
    return {**described, "InferenceComponentStatus": "Creating", "RuntimeConfig": counts}


def _sizes(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    of_both: Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    """What a copy takes, ``of_both`` before and after; of each instance type, where that tells.

    InputError where one tells it of each type and the other of none: no component is described so.
    """
    if _EACH in before and _EACH in after:
        old, new = ({one.get("InstanceType"): one for one in side[_EACH]} for side in (before, after))
        both = {kind: of_both(old[kind], one) for kind, one in new.items() if kind in old}
        return {_EACH: [*{**old, **new, **both}.values()]}
    if _ONE in before and _ONE in after:
        return {_ONE: of_both(before[_ONE], after[_ONE])}
    raise InputError(
        InputProblem("what a copy takes is told of each type on one side, and of all types on the other")
    )


def _larger(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    old, new = (dict(one.get(_REQUIREMENTS) or {}) for one in (before, after))
    both = {
        name: max(old[name], value)
        for name, value in new.items()
        if isinstance(value, int | float) and isinstance(old.get(name), int | float)
    }
    return {**before, **after, _REQUIREMENTS: {**old, **new, **both}}


def _smaller(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    old, new = (dict(one.get(_REQUIREMENTS) or {}) for one in (before, after))
    both = {
        name: min(old[name], value)
        for name, value in new.items()
        if isinstance(value, int | float) and isinstance(old.get(name), int | float)
    }
    return {**before, _REQUIREMENTS: both}


def _copies(change: ChangeVerdict) -> tuple[int, int]:
    """The fewest copies of a component that lie there at any moment of a change, and the most."""
    before, after = change.copies or (0, 0)
    placed = [phase for phase in change.phases if phase.kind == "place" and phase.old and phase.new]
    most = [phase.old[0] + phase.new[1] for phase in placed if phase.old and phase.new]
    least = [phase.old[1] + phase.new[1] for phase in placed if phase.old and phase.new]
    return min(before, after, *least), max(before, after, *most)


def least_of_both(running: Mapping[str, Any], request: Mapping[str, Any], copies: int) -> dict[str, Any]:
    """A component with so many copies, each as small as the smaller of those before and those after.

    InputError where one tells a size of each instance type and the other of none.
    """
    described = dict(running)
    if any(member in request for member in _SIZES):
        described |= _sizes(running, request, _smaller)
    counts = {"CurrentCopyCount": copies, "DesiredCopyCount": copies}
    return {**described, "RuntimeConfig": counts}


def named(question: Together, changes: Sequence[int]) -> str:
    """The components of changes by name, not too many of them."""
    names = [*dict.fromkeys(question.changes[at].inference_component_name for at in changes)]
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _finding(question: Together, others: Sequence[int], *, undecided: bool) -> Finding:
    verb = "is" if len({question.changes[at].inference_component_name for at in others}) == 1 else "are"
    room = "whether there is room then was not found out" if undecided else "there may be no room then"
    who = named(question, others)
    message = f"{who} {verb} changed at the same time, since none waits for the other; {room}"
    return Finding(AT_ONCE, Severity.WARNING, message, path="$")
