"""Whether a verdict is about what its reader has before him, and good enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.verdict.verdict import Outcome
from icplan.verify.result import Checked, Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@attrs.frozen
class Claims:
    """What a verdict is to be about, as hashes (of a snapshot all, and all but its time), and its outcome."""

    changes: str | None = None
    snapshot: tuple[str, str] | None = None
    required: Outcome | None = None


def bound(verdict: Mapping[str, Any], claims: Claims) -> Iterator[Checked]:
    """The results for a verdict of the right shape."""
    outcome, judged = Outcome(verdict["Outcome"]), verdict.get("Judged") or {}
    if claims.changes is not None:
        yield _same(outcome, "change", judged.get("Changes"), (claims.changes,))
    if claims.snapshot is not None:
        whole, timeless = claims.snapshot
        same = _same(outcome, "snapshot", judged.get("Snapshot"), (whole,))
        # One that was taken anew, and tells the same, is as good.
        again = (verdict["Snapshot"] or {}).get("Fingerprint") == timeless
        yield same if not again else attrs.evolve(same, result=Result.VERIFIED, reason="")
    if claims.required is not None:
        enough = outcome.rank >= claims.required.rank
        reason = "" if enough else f"{claims.required} is required"
        result = Result.VERIFIED if enough else Result.REJECTED
        yield Checked("-", "the required outcome", outcome, result, reason)


def _same(outcome: Outcome, what: str, judged: str | None, wanted: tuple[str, ...]) -> Checked:
    if judged is None:
        return Checked(
            "-", what, outcome, Result.UNPROVEN, f"the verdict does not say which {what} it judged"
        )
    if judged in wanted:
        return Checked("-", what, outcome, Result.VERIFIED)
    return Checked("-", what, outcome, Result.REJECTED, f"the verdict judged another {what}")
