"""Whether a verdict is about what its reader has before him, and good enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.verdict.outcome import Outcome
from icplan.verify.result import Checked, Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_OF_FACTS = ("allocatable", "observations", "types")
"""How settings begin that change the facts of instance types."""
_MOST_NAMED = 4


@attrs.frozen
class Claims:
    """What a verdict is to be about, as hashes (of a snapshot all, and all but its time), and its outcome.

    ``facts`` is this version, and the hash of the facts packaged with it. ``settings`` are those that an
    outcome may rest on, with their values.
    """

    changes: str | None = None
    snapshot: tuple[str, str] | None = None
    required: Outcome | None = None
    facts: tuple[str, str] | None = None
    settings: frozenset[tuple[str, str]] = frozenset()


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
        yield from _settings(verdict, outcome, claims)


def _settings(verdict: Mapping[str, Any], outcome: Outcome, claims: Claims) -> Iterator[Checked]:
    """What is to be said of settings that make an outcome better, and of facts that are not packaged."""
    there = (verdict.get("Config") or {}).get("InForce") or ()
    loosening = [
        (one["Setting"], one["Value"])
        for one in there
        if one.get("Loosens") and one["Setting"].startswith((*_OF_FACTS, "assume"))
    ]
    foreign = [setting for setting in loosening if setting not in claims.settings]
    judged = verdict.get("Judged") or {}
    version, facts = claims.facts or (None, None)
    told = any(one["Setting"].startswith(_OF_FACTS) for one in there)
    if foreign:
        shown = ", ".join(f"{name} = {value}" for name, value in foreign[:_MOST_NAMED])
        reason = f"it rests on {shown}; --config FILE tells which settings hold"
        yield Checked("-", "settings", outcome, Result.UNPROVEN, reason)
    elif not told and judged.get("Icplan") == version and judged.get("Catalog") not in (None, facts):
        reason = "its facts of instance types are not those of this version, and no setting is told"
        yield Checked("-", "settings", outcome, Result.UNPROVEN, reason)


def _same(outcome: Outcome, what: str, judged: str | None, wanted: tuple[str, ...]) -> Checked:
    if judged is None:
        return Checked(
            "-", what, outcome, Result.UNPROVEN, f"the verdict does not say which {what} it judged"
        )
    if judged in wanted:
        return Checked("-", what, outcome, Result.VERIFIED)
    return Checked("-", what, outcome, Result.REJECTED, f"the verdict judged another {what}")
