"""The moments at which copies are placed: those that the file's copies, batches and outcomes require."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.verdict.outcome import Outcome
from icplan.verdict.step_number import Direction, StepNumber
from icplan.verify.result import Rejected, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.phase import Phase

_OTHER = "the phases are not those that the change takes"


@attrs.frozen
class ExpectedPhase:
    """Old and new copies before a phase and after it, and how many copies have left just before it.

    ``step`` is its number among the steps, or of the step after which a rollback begins, and ``batch`` as in
    the phase.
    """

    old: tuple[int, int]
    new: tuple[int, int]
    left: int
    step: int
    batch: int | None
    back: bool = False

    @property
    def need(self) -> int:
        """The copies for which there must be room, with alike ones of the steps before."""
        return self.old[1] - self.old[0] if self.back else self.new[1]

    @property
    def beside(self) -> int:
        """The component's copies that stay beside them, not counting those alike ones."""
        return self.old[0] + self.new[0] if self.back else self.old[0]

    def matches(self, phase: Phase, of: int) -> bool:
        """Whether a phase is this one, of so many steps."""
        way = Direction.ROLLBACK if self.back else Direction.FORWARD
        number = StepNumber(self.step, of, self.batch, way)
        return (phase.old, phase.new, phase.step) == (self.old, self.new, number)


def expected_phases(change: ChangeVerdict, assumed: Mapping[str, str]) -> tuple[ExpectedPhase, ...]:
    """One for each phase at which copies are placed; raises `Rejected` unless the phases are those required.

    ``assumed`` gives the value of each assumption.
    """
    back = [phase for phase in change.phases if phase.kind == "rollback"]
    ahead = change.phases[: len(change.phases) - len(back)]
    if change.copies is None:
        raise Rejected("the number of copies is not told")
    before, after = change.copies
    require(all(phase.kind == "rollback" for phase in change.phases[len(ahead) :]), _OTHER)
    if [phase.kind for phase in ahead] == ["steady"]:
        require(not back, _OTHER)
        _rests(change, before, after)
        return ()
    require(ahead and all(phase.kind == "place" for phase in ahead), _OTHER)
    first = ahead[0]
    rolling = first.step is not None and first.step.batch is not None
    replaces = rolling or (before > 0 and first.old == (before, 0))
    _may_place(change.operation, before, after, replaces=replaces)
    require((change.rollback_outcome is not None) == replaces, "no such change has such a rollback")
    if not rolling:
        require(not back, _OTHER)
        once = ExpectedPhase((before, 0), (0, after), 0, 1, None)
        return _matching(iter([once if replaces else _added_copies(before, after, 0, 1)]), ahead)
    forward = _matching(
        _steps(before, after, ahead, fewer=assumed["update-to-fewer-copies"] == "replace-fewer"), ahead
    )
    return (*forward, *_rollback_phases(forward, ahead, back))


def _rests(change: ChangeVerdict, before: int, after: int) -> None:
    """Nothing is placed where no copy is added; an update that replaces copies leaves none then."""
    if change.rollback_outcome is None:
        require(after <= before, "copies are asked for, and none is placed")
        return
    require(change.operation == "UpdateInferenceComponent" and before, "what rests needs no rollback")
    require(not after and change.rollback_outcome is Outcome.FITS, _OTHER)


def _may_place(operation: str, before: int, after: int, *, replaces: bool) -> None:
    match operation:
        case "CreateInferenceComponent":
            require(not before and not replaces, "what is created has no copies before")
        case "UpdateInferenceComponentRuntimeConfig":
            require(not replaces, "a change of copies replaces none")
        case _:
            require(operation == "UpdateInferenceComponent", f"{operation} places nothing")
    require(before if replaces else after > before, _OTHER)


def _added_copies(before: int, after: int, done: int, step: int) -> ExpectedPhase:
    """Copies beyond those there are; of a rolling update, beyond the ``done`` that were replaced."""
    kept = before - done
    return ExpectedPhase((kept, kept), (done, done + after - before), done, step, None)


def _steps(before: int, after: int, ahead: Sequence[Phase], *, fewer: bool) -> Iterator[ExpectedPhase]:
    """The batches of a rolling update, each as large as the first but for the last, and what it adds."""
    size = ahead[0].new[1] if ahead[0].new else 0
    total = min(before, after) if fewer else before
    require(0 < size <= before, _OTHER)
    count = -(-total // size)
    for number, done in enumerate(range(0, total, size), start=1):
        now, old = min(size, total - done), before - done
        kept = 0 if done + now == total else old - now
        yield ExpectedPhase((old, kept), (done, done + now), done, number, now)
    if after > before:
        yield _added_copies(before, after, before, count + 1)


def _rollback_phases(
    forward: Sequence[ExpectedPhase], ahead: Sequence[Phase], back: Sequence[Phase]
) -> tuple[ExpectedPhase, ...]:
    """The phases of a rollback, which begin after each step that can be done.

    A step without evidence may be one that cannot. Where old and new copies reserve the same, fewer phases
    stand for all.
    """
    again = max((phase.old[1] - phase.old[0] for phase in back if phase.old), default=1)
    require(again > 0, _OTHER)
    known = [phase.premises.target.demands for phase in (ahead[0], *back[:1]) if phase.premises]
    for alike in (False, True) if known[1:] in ([], known[:1]) else (False,):
        for reached in _reached(forward, ahead):
            found = _back(reached, forward[0].old[0], again, alike=alike)
            if len(found) == len(back) and all(
                map(ExpectedPhase.matches, found, back, [len(ahead)] * len(back))
            ):
                return found
    raise Rejected("the phases of the rollback are not those that it takes")


def _reached(forward: Sequence[ExpectedPhase], ahead: Sequence[Phase]) -> Iterator[Sequence[ExpectedPhase]]:
    for number, phase in enumerate(ahead):
        if phase.outcome is Outcome.DOES_NOT_FIT:
            yield forward[:number]
            return
        if phase.outcome is Outcome.MAY_NOT_FIT and phase.proof is None:
            yield forward[:number]
    yield forward


def _back(
    reached: Sequence[ExpectedPhase], before: int, again: int, *, alike: bool
) -> tuple[ExpectedPhase, ...]:
    """The batches back from each of these moments, the last first; of those met again, the first alone.

    Each is counted by the first step after which it may come.
    """
    begins = list(reversed(reached))
    if alike:
        gone = [begin for begin in begins if not any(begin.old)]
        begins = gone + [begin for begin in begins if any(begin.old)][:1]
    ways = [_way_back(begin, before, again, alike=alike) for begin in begins]
    first = {key: moment.step for key, moment in _unseen(ways[::-1])}
    return tuple(attrs.evolve(moment, step=first[key]) for key, moment in _unseen(ways))


def _unseen(ways: Sequence[Sequence[ExpectedPhase]]) -> list[tuple[object, ExpectedPhase]]:
    """The moments of ways back, each up to one that was met on a way before it."""
    found: dict[object, ExpectedPhase] = {}
    for way in ways:
        fresh: dict[object, ExpectedPhase] = {}
        for number, moment in enumerate(way):
            key = moment.old, moment.new, number == 0
            if key in found:
                break
            fresh[key] = moment
        found |= fresh
    return list(found.items())


def _way_back(begin: ExpectedPhase, before: int, again: int, *, alike: bool) -> list[ExpectedPhase]:
    kept, new, left = begin.old[1], begin.new[1], begin.old[0] - begin.old[1]
    found: list[ExpectedPhase] = []
    while kept < before and not (alike and found):
        now = min(again, before - kept)
        leaves = min(now, new)
        found.append(ExpectedPhase((kept, kept + now), (new, new - leaves), left, begin.step, now, back=True))
        kept, new, left = kept + now, new - leaves, leaves
    return found


def _matching(expected: Iterator[ExpectedPhase], phases: Sequence[Phase]) -> tuple[ExpectedPhase, ...]:
    found = tuple(itertools.islice(expected, len(phases) + 1))
    of = len(phases)
    require(
        len(found) == of and all(one.matches(phase, of) for one, phase in zip(found, phases, strict=True)),
        _OTHER,
    )
    return found
