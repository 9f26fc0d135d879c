"""`verify`: check a whole verdict file, and that its changes agree with each other."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from icplan.errors import InputError, InputProblem
from icplan.verdict.codec import VERSION, NotAVerdict, from_dict
from icplan.verdict.gate import CANNOT_BE_UPDATED
from icplan.verdict.outcome import Outcome
from icplan.verify.change import check_change, check_sequence
from icplan.verify.consistency import check_assumptions
from icplan.verify.courses import CourseChain
from icplan.verify.result import Checked, Rejected, Result, require

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from icplan.verdict.codec import WrittenVerdict


def verify(verdict: Any, file: str | None = None, time_limit: float | None = None) -> tuple[Checked, ...]:
    """Check every phase of a verdict, given as plain data, and that all its parts agree.

    Proofs that are not checked within ``time_limit`` seconds are without evidence. Raises :class:`InputError`
    when the data is no verdict of this version. Evidence that is malformed counts
    as rejected.
    """
    if not isinstance(verdict, dict) or "IcplanVerdict" not in verdict:
        raise InputError(InputProblem(_not_a_verdict(verdict), file=file, hint=_TAKEN))
    if verdict["IcplanVerdict"] != VERSION:
        message = f"a verdict of another version; this icplan reads version {VERSION}"
        raise InputError(InputProblem(message, file=file, path="$.IcplanVerdict"))
    try:
        written = from_dict(verdict)
    except NotAVerdict as error:
        raise InputError(InputProblem("not a complete verdict", file=file, path=error.path)) from None
    until = None if time_limit is None else time.monotonic() + time_limit
    return tuple(_results(written, until))


_TAKEN = (
    "Verify takes what these write: icplan check --format json, icplan plan --format json, "
    "icplan headroom --format json, icplan drill --format json"
)


def _not_a_verdict(value: Any) -> str:
    """What a document is instead, by the member that every document of icplan begins with."""
    titles = [name for name in value if name.startswith("Icplan")] if isinstance(value, dict) else []
    what = f"is {titles[0]}, which" if titles else "holds no IcplanVerdict, so that it"
    return f"{what} is no verdict, plan, headroom or drill: nothing in it can be verified"


def _results(written: WrittenVerdict, until: float | None) -> Iterator[Checked]:
    verdict, outcome = written.verdict, written.outcome
    if not verdict.changes:
        yield Checked("-", "no changes", outcome, Result.UNPROVEN, "there is nothing to verify")
    assumed = {one.name: one.value for one in verdict.assumptions}
    chain = CourseChain(assumed.get("emptied-instances"), until)
    for change in verdict.changes:
        yield from check_change(change, assumed, verdict.ignored, chain)
        chain.then(change)
    try:
        _consistency(written)
    except Rejected as error:
        yield Checked("-", "all changes", outcome, Result.REJECTED, str(error))


def _consistency(written: WrittenVerdict) -> None:
    verdict, outcome = written.verdict, written.outcome
    require(verdict.outcome is outcome, f"the worst change says {verdict.outcome}")
    _failed_on(written)
    check_sequence(verdict.changes, verdict.ignored)
    check_assumptions(verdict, outcome)


def _failed_on(written: WrittenVerdict) -> None:
    """What a pipeline fails by is there, and fails nothing that fails anyway."""
    changes, named, outcome = written.verdict.changes, written.failed_on, written.outcome
    ignored = {*written.verdict.ignored, *(one.rule for change in changes for one in change.left_out)}
    met = {
        "scale-out": any(change.outcome is Outcome.FITS_AFTER_SCALE_OUT for change in changes),
        "rollback": not all(
            change.rollback_outcome is None or change.rollback_outcome.fits for change in changes
        ),
        "update": CANNOT_BE_UPDATED in ignored
        or any(one.rule == CANNOT_BE_UPDATED for change in changes for one in change.findings),
        "strict": not outcome.fits,
        "max-age": True,  # whether it is old, its reader can tell
    }
    require(not named or not outcome.fails, "what does not fit fails by its outcome")
    require(len(set(named)) == len(named), "it fails twice by the same")
    require(all(met.get(choice) for choice in named), "it fails by what is not there")
