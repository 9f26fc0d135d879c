"""The moments at which copies are placed: those that the file's copies, batches and outcomes require."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import attrs

from icplan.verdict.verdict import Outcome
from icplan.verify.result import Rejected, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Data = Mapping[str, Any]

_DIGITS = re.compile(r"\d+")
_OTHER = "the phases are not those that the change takes"


@attrs.frozen
class ExpectedPhase:
    """Old and new copies before a phase and after it, and how many copies have left just before it.

    ``numbers`` are those in the phase's name; ``back`` tells a phase of a rollback.
    """

    old: tuple[int, int]
    new: tuple[int, int]
    left: int
    numbers: tuple[int, ...]
    back: bool = False

    @property
    def need(self) -> int:
        """The copies for which there must be room, with alike ones of the steps before."""
        return self.old[1] - self.old[0] if self.back else self.new[1]

    @property
    def beside(self) -> int:
        """The component's copies that stay beside them, not counting those alike ones."""
        return self.old[0] + self.new[0] if self.back else self.old[0]


def expected_phases(change: Data, assumed: Mapping[str, str]) -> tuple[ExpectedPhase, ...]:
    """One for each phase at which copies are placed; raises `Rejected` unless the phases are those required.

    ``assumed`` gives the value of each assumption.
    """
    phases = change["Phases"]
    back = [phase for phase in phases if phase["Kind"] == "rollback"]
    ahead = phases[: len(phases) - len(back)]
    whole = change["Copies"]
    copies = whole["Before"], whole["After"]
    require(all(type(n) is int and n >= 0 for n in copies), "the number of copies is none")
    require(all(phase["Kind"] == "rollback" for phase in phases[len(ahead) :]), _OTHER)
    if [phase["Kind"] for phase in ahead] == ["steady"]:
        require(not back, _OTHER)
        _rests(change, *copies)
        return ()
    require(ahead and all(phase["Kind"] == "place" for phase in ahead), _OTHER)
    rolling = ahead[0]["Name"].startswith("step ")
    replaces = rolling or " beside " in ahead[0]["Name"]
    _may_place(change["Operation"], *copies, replaces=replaces)
    require((change["RollbackOutcome"] is not None) == replaces, "no such change has such a rollback")
    if not rolling:
        require(not back, _OTHER)
        return _matching(iter([_at_once(*copies) if replaces else _added_copies(*copies, 0)]), ahead)
    fewer = assumed["update-to-fewer-copies"] == "replace-fewer"
    forward = _matching(_steps(*copies, ahead, fewer=fewer), ahead)
    return (*forward, *_rollback_phases(forward, ahead, back))


def _rests(change: Data, before: int, after: int) -> None:
    """Nothing is placed where no copy is added; an update that replaces copies leaves none then."""
    if change["RollbackOutcome"] is None:
        require(after <= before, "copies are asked for, and none is placed")
        return
    require(change["Operation"] == "UpdateInferenceComponent" and before, "what rests needs no rollback")
    require(not after and Outcome(change["RollbackOutcome"]) is Outcome.FITS, _OTHER)


def _may_place(operation: str, before: int, after: int, *, replaces: bool) -> None:
    match operation:
        case "CreateInferenceComponent":
            require(not before and not replaces, "what is created has no copies before")
        case "UpdateInferenceComponentRuntimeConfig":
            require(not replaces, "a change of copies replaces none")
        case _:
            require(operation == "UpdateInferenceComponent", f"{operation} places nothing")
    require(before if replaces else after > before, _OTHER)


def _at_once(before: int, after: int) -> ExpectedPhase:
    return ExpectedPhase((before, 0), (0, after), 0, (after, before))


def _added_copies(before: int, after: int, done: int) -> ExpectedPhase:
    """Copies beyond those there are; of a rolling update, beyond the ``done`` that were replaced."""
    kept = before - done
    return ExpectedPhase((kept, kept), (done, done + after - before), done, (after - before,))


def _steps(before: int, after: int, ahead: Sequence[Data], *, fewer: bool) -> Iterator[ExpectedPhase]:
    """The batches of a rolling update, each as large as the first but for the last, and what it adds."""
    size = ahead[0]["NewCopies"]["After"]
    total = min(before, after) if fewer else before
    require(type(size) is int and 0 < size <= before, _OTHER)
    count = -(-total // size)
    for number, done in enumerate(range(0, total, size), start=1):
        now, old = min(size, total - done), before - done
        kept = 0 if done + now == total else old - now
        yield ExpectedPhase((old, kept), (done, done + now), done, (number, count, now, old))
    if after > before:
        yield _added_copies(before, after, before)


def _rollback_phases(
    forward: Sequence[ExpectedPhase], ahead: Sequence[Data], back: Sequence[Data]
) -> tuple[ExpectedPhase, ...]:
    """The phases of a rollback, which begin after each step that can be done.

    A step without evidence may be one that cannot. Where old and new copies reserve the same, fewer phases
    stand for all.
    """
    again = max((p["OldCopies"]["After"] - p["OldCopies"]["Before"] for p in back), default=1)
    require(again > 0, _OTHER)
    demands = [p["Proof"].get("Demands") for p in (ahead[0], *back[:1]) if p["Proof"] is not None]
    for alike in (False, True) if demands[1:] in ([], demands[:1]) else (False,):
        for reached in _reached(forward, ahead):
            expected = _back(reached, forward[0].old[0], again, alike=alike)
            found = tuple(itertools.islice(expected, len(back) + 1))
            if _match(found, back):
                return found
    raise Rejected("the phases of the rollback are not those that it takes")


def _reached(forward: Sequence[ExpectedPhase], ahead: Sequence[Data]) -> Iterator[Sequence[ExpectedPhase]]:
    for number, phase in enumerate(ahead):
        if phase["Outcome"] == Outcome.DOES_NOT_FIT:
            yield forward[:number]
            return
        if phase["Outcome"] == Outcome.MAY_NOT_FIT and phase["Proof"] is None:
            yield forward[:number]
    yield forward


def _back(
    reached: Sequence[ExpectedPhase], before: int, again: int, *, alike: bool
) -> Iterator[ExpectedPhase]:
    """The batches back from each of these moments, the last first; of those met again, the first alone."""
    begins = list(reversed(reached))
    if alike:
        gone = [begin for begin in begins if not any(begin.old)]
        begins = gone + [begin for begin in begins if any(begin.old)][:1]
    seen = set()
    for begin in begins:
        kept, new, left = begin.old[1], begin.new[1], begin.old[0] - begin.old[1]
        first = True
        while kept < before:
            now = min(again, before - kept)
            leaves = min(now, new)
            moment = ExpectedPhase((kept, kept + now), (new, new - leaves), left, (now, new), back=True)
            if (key := (moment.old, moment.new, first)) in seen:
                break
            seen.add(key)
            yield moment
            if alike:
                break
            kept, new, left, first = kept + now, new - leaves, leaves, False


def _matching(expected: Iterator[ExpectedPhase], phases: Sequence[Data]) -> tuple[ExpectedPhase, ...]:
    found = tuple(itertools.islice(expected, len(phases) + 1))
    require(_match(found, phases), _OTHER)
    return found


def _match(found: Sequence[ExpectedPhase], phases: Sequence[Data]) -> bool:
    return len(found) == len(phases) and all(map(_matches, found, phases))


def _matches(moment: ExpectedPhase, phase: Data) -> bool:
    counts = [(phase[side]["Before"], phase[side]["After"]) for side in ("OldCopies", "NewCopies")]
    named = _DIGITS.findall(phase["Name"]) == [str(number) for number in moment.numbers]
    return named and counts == [moment.old, moment.new]
