"""Changes of an endpoint while others of the files start: their instances count against the quota, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.errors import InputError
from icplan.judge.change_set import outcomes_of
from icplan.snapshot.snapshot import Snapshot
from icplan.verdict.gate import AT_ONCE
from icplan.verdict.verdict import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.requests.call import Call
    from icplan.verdict.verdict import ChangeVerdict


def beside_new_endpoints(
    asked: Sequence[Call],
    changes: Sequence[ChangeVerdict],
    started: Mapping[str, int],
    snapshot: Snapshot | None,
    settings: Settings,
    budget: Budget,
) -> dict[int, Finding]:
    """What is to be said of changes that fit, and may not once others have started so many instances."""
    told = _with_started(started, snapshot)
    if told is None or not any(change.outcome.fits for change in changes):
        return {}
    try:
        outcomes = outcomes_of(asked, told, settings, budget)
    except InputError:
        outcomes = [Outcome.UNDECIDED] * len(asked)
    pairs = enumerate(zip(changes, outcomes, strict=True))
    return {n: _finding(started, then) for n, (now, then) in pairs if now.outcome.fits and not then.fits}


def _with_started(started: Mapping[str, int], snapshot: Snapshot | None) -> Snapshot | None:
    """What runs, with the others' instances in use; None where no quota hangs on them."""
    if snapshot is None or not snapshot.data.get("Quotas"):
        return None
    in_use: dict[str, Any] = snapshot.data.get("InstancesInUse") or {}
    more = {name: in_use[name] + count for name, count in started.items() if count and name in in_use}
    if not more:
        return None
    return Snapshot.from_dict({**snapshot.data, "InstancesInUse": {**in_use, **more}}, snapshot.file)


def _finding(started: Mapping[str, int], outcome: Outcome) -> Finding:
    shown = ", ".join(f"{count} {name}" for name, count in sorted(started.items()) if count)
    sure = "whether the quota is enough for both was not found out"
    if outcome is not Outcome.UNDECIDED:
        sure = "the quota may not be enough for both"
    message = f"other endpoints that the files declare start {shown} at the same time; {sure}"
    return Finding(AT_ONCE, Severity.WARNING, message, path="$")
