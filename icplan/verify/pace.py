"""Whether the batches of a rolling update, and their times, are those of its phases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Mapping

_OTHER = "the duration is not that of its batches"


def check_duration(change: Mapping[str, Any], assumed: Mapping[str, str]) -> None:
    """Raise `Rejected` unless the duration, or that there is none, follows from the phases."""
    duration, phases, before = change["Duration"], change["Phases"], change["Copies"]["Before"]
    steps = [phase for phase in phases if phase["Name"].startswith("step ")]
    if duration is None:
        single = all(p["NewCopies"]["After"] - p["NewCopies"]["Before"] == 1 for p in steps)
        alone = assumed["update-without-deployment-config"] == "one-by-one" and single
        require(alone or not steps, "a rolling update has no duration")
        return
    update, back = duration["Update"], duration["Rollback"]
    require(change["RollbackOutcome"] is not None, "what does not roll has a duration")
    require(steps or phases[0]["Kind"] == "steady", "what does not roll has a duration")
    require(update["Batches"] == len(steps), _OTHER)
    for name in ("WaitSeconds", "StartLimitSeconds"):
        for pace in (update, back):
            require(pace[name] >= 0 and not pace[name] % max(1, pace["Batches"]), _OTHER)
    if steps:
        wait = update["WaitSeconds"] * back["Batches"] == back["WaitSeconds"] * update["Batches"]
        require(wait, "the batches of a rollback wait otherwise than those of the update")
    first = [
        p["OldCopies"]["After"] for p in phases if p["Kind"] == "rollback" and not p["OldCopies"]["Before"]
    ]
    batches = {-(-before // copies) for copies in first}
    require(0 < back["Batches"] <= before and batches <= {back["Batches"]}, _OTHER)
