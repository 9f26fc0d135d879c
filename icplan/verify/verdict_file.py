"""`verify()`: a whole file, and the changes among each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.errors import InputError, InputProblem
from icplan.verdict.gate import CANNOT_BE_UPDATED
from icplan.verdict.verdict import Outcome
from icplan.verify.change import check_change
from icplan.verify.consistency import check_assumptions
from icplan.verify.result import MALFORMED, Checked, Rejected, Result, require
from icplan.verify.shape import require_shape

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Any

    from icplan.verify.premises import PhaseProblems


#: That the change before it fails.
_AFTER_FAILURE = "ICP407"


def check_sequence(changes: Sequence[Mapping[str, Any]], ignored: Collection[str]) -> None:
    """Raise `Rejected` unless a component has as many copies as the last change of it leaves.

    A change after one that fails must say so. ``ignored`` are the rules whose findings are left out.
    """
    fails = [False, *(Outcome(change["Outcome"]).fails for change in changes)]
    for failed, change in zip(fails, changes, strict=False):
        said = any(finding["Rule"] == _AFTER_FAILURE for finding in change["Findings"])
        silent = change["Outcome"] == Outcome.INVALID or _AFTER_FAILURE in ignored
        require(said is failed or (failed and silent), "a change follows another than it says")
    there: dict[str, int] = {}
    for change in changes:
        name, copies = change["InferenceComponentName"], change["Copies"]
        if copies is None:
            continue
        before = copies["Before"]
        require(there.get(name, before) == before, f"{name} has other copies than are left of it")
        there[name] = before if Outcome(change["Outcome"]).fails else copies["After"]


VERSION = 1


def verify(verdict: Any, file: str | None = None) -> tuple[Checked, ...]:
    """Check every phase of a verdict, given as plain data, and that all its parts agree.

    Raises :class:`InputError` when the data is no verdict of this version. Evidence that is malformed counts
    as rejected.
    """
    if not isinstance(verdict, dict) or "IcplanVerdict" not in verdict:
        hint = "Make one with: icplan check --format json"
        raise InputError(InputProblem("not a verdict: IcplanVerdict is missing", file=file, hint=hint))
    if verdict["IcplanVerdict"] != VERSION:
        message = f"a verdict of another version; this icplan reads version {VERSION}"
        raise InputError(InputProblem(message, file=file, path="$.IcplanVerdict"))
    require_shape(verdict, file)
    try:
        return tuple(_changes(verdict))
    except MALFORMED:
        raise InputError(InputProblem("not a complete verdict", file=file, path="$.Changes")) from None


def _changes(verdict: Mapping[str, Any]) -> Iterator[Checked]:
    outcome, changes = Outcome(verdict["Outcome"]), verdict["Changes"]
    if not changes:
        yield Checked("-", "no changes", outcome, Result.UNPROVEN, "there is nothing to verify")
    assumed = {one["Name"]: one["Value"] for one in verdict["Assumptions"]}
    ignored = {one["Rule"] for one in verdict["Ignored"]}
    asked: list[list[PhaseProblems]] = []
    for change in changes:
        found, questions = check_change(change, assumed, ignored)
        asked.append(questions)
        yield from found
    try:
        _consistency(verdict, outcome, asked)
    except Rejected as error:
        yield Checked("-", "all changes", outcome, Result.REJECTED, str(error))


def _consistency(
    verdict: Mapping[str, Any], outcome: Outcome, asked: Sequence[Sequence[PhaseProblems]]
) -> None:
    worst = Outcome.worst(Outcome(change["Outcome"]) for change in verdict["Changes"])
    require(worst is outcome, f"the worst change says {worst}")
    _failed_on(verdict, outcome)
    check_sequence(verdict["Changes"], {one["Rule"] for one in verdict["Ignored"]})
    check_assumptions(verdict, asked)


def _failed_on(verdict: Mapping[str, Any], outcome: Outcome) -> None:
    """What a pipeline fails by is there, and fails nothing that fails anyway."""
    changes, named = verdict["Changes"], verdict.get("FailedOn", [])
    rollbacks = [change["RollbackOutcome"] for change in changes if change["RollbackOutcome"] is not None]
    met = {
        "scale-out": any(change["Outcome"] == Outcome.FITS_AFTER_SCALE_OUT for change in changes),
        "rollback": not all(Outcome(rollback).fits for rollback in rollbacks),
        "update": any(one["Rule"] == CANNOT_BE_UPDATED for each in changes for one in each["Findings"]),
        "strict": not outcome.fits,
        "max-age": True,  # whether it is old, its reader can tell
    }
    require(not named or not outcome.fails, "what does not fit fails by its outcome")
    require(len(set(named)) == len(named), "it fails twice by the same")
    require(all(met.get(choice) for choice in named), "it fails by what is not there")
