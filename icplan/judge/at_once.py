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
from icplan.judge.amounts_in_turn import with_amounts_of
from icplan.judge.change_set import outcomes_of, results_of
from icplan.requests.operations import ENDPOINT_OPERATIONS
from icplan.snapshot.snapshot import Snapshot
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.gate import AT_ONCE
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from icplan.inputs.deployment import DeclaredCall
    from icplan.judge.settings import Settings
    from icplan.judge.state import ChangeResult
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


def at_once(
    question: Together, wanted: Sequence[int], settings: Settings, budget: Budget
) -> dict[int, Finding]:
    """What is to be said of the changes that fit in their turn, and may not where others are under way.

    It is looked for of those that are ``wanted``.
    """
    changes = question.changes
    fitting = [n for n in wanted if changes[n].outcome.fits and changes[n].copies is not None]
    beside = {number: others for number in fitting if (others := question.beside(number))}
    if not beside:
        return {}
    found = {n: _finding(question, beside[n], undecided=False) for n in beside if n in question.spared}
    left = beside.keys() - found.keys()
    try:
        in_turn = results_of(question.asked, question.snapshot, settings, budget, same_answers=True)
    except InputError:
        return found | {n: _finding(question, beside[n], undecided=True) for n in sorted(left)}
    moving = _Moving(question, in_turn)
    for number in sorted(left):
        outcomes = list(moving.outcomes(number, beside[number], settings, budget))
        if not all(outcome.fits for outcome in outcomes):
            found[number] = _finding(question, beside[number], undecided=Outcome.UNDECIDED in outcomes)
    return found


def weakened(change: ChangeVerdict, finding: Finding) -> ChangeVerdict:
    """The change with what makes it no more than possible."""
    outcome = Outcome.worst((change.outcome, Outcome.MAY_NOT_FIT))
    return attrs.evolve(change, outcome=outcome, findings=(finding, *change.findings), final_instances=None)


@attrs.frozen
class _Moving:
    """The changes, and what comes of each ``in_turn``."""

    question: Together
    in_turn: Sequence[ChangeResult]

    def outcomes(
        self, number: int, others: Sequence[int], settings: Settings, budget: Budget
    ) -> Iterator[Outcome]:
        """What comes of a change with the others in motion, or where the endpoint changes, first and last.

        It is judged on the amounts that it was judged on in its turn.
        """
        asked, snapshot = self.question.asked, self.question.snapshot
        fails = [change.outcome.fails for change in self.question.changes]
        earlier = [asked[at] for at in range(number) if at not in others and not fails[at]]
        own = asked[number]
        catalog = with_amounts_of(settings.catalog, self.in_turn[number])
        settings = attrs.evolve(settings, catalog=catalog)
        try:
            if any(call.operation in ENDPOINT_OPERATIONS for call in earlier) or snapshot is None:
                beside = [asked[at] for at in others]
                for calls in ([*earlier, own], [*earlier, *beside, own]):
                    yield outcomes_of(calls, snapshot, settings, budget)[-1]
                return
            moving = self._in_motion(others, snapshot)
            yield outcomes_of([*earlier, own], moving, settings, budget)[-1]
        except InputError:
            yield Outcome.UNDECIDED

    def _in_motion(self, others: Sequence[int], snapshot: Snapshot) -> Snapshot:
        """The endpoint while these changes are under way."""
        there = {one["InferenceComponentName"]: one for one in snapshot.data.get("InferenceComponents") or ()}
        counts: dict[str, tuple[int, int]] = {}
        for number in others:
            call, change = self.question.asked[number], self.question.changes[number]
            name, (least, most) = change.inference_component_name, self._copies(number)
            fewer, more = counts.get(name, (least, most))
            counts[name] = min(least, fewer), max(most, more)
            there[name] = _half_way(there.get(name), call.request, counts[name])
        return Snapshot.from_dict(
            {**snapshot.data, "InferenceComponents": list(there.values())}, snapshot.file
        )

    def _copies(self, number: int) -> tuple[int, int]:
        """The fewest copies of a component that lie there at any moment of a change, and the most."""
        before, after = self.question.changes[number].copies or (0, 0)
        lowering = self.in_turn[number].lowering
        placed = [step.counts for step in lowering.question.steps] if lowering else []
        most = [one.old[0] + one.new[1] for one in placed]
        least = [one.old[1] + one.new[1] for one in placed]
        return min(before, after, *least), max(before, after, *most)


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
