"""What a change is and what it takes, as text: what it changes, the fleet, the instances, the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.fleet.dimensions import counted
from icplan.fleet.variant import FORESEEN
from icplan.report.style import glyphs, look
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.report.model import ReportedChange
    from icplan.verdict.change_verdict import Difference
    from icplan.verdict.phase import Pace

SECONDS_AS_THEY_ARE = 120
#: What tells how many instances run, unless another place does.
USUAL = (" by CurrentInstanceCount", " by InitialInstanceCount", f" by {FORESEEN}")
#: Members that change that are told unless all is.
MAX_CHANGED = 8


def summary(reported: ReportedChange) -> Iterator[tuple[str, str]]:
    """What it changes, and what it meets and takes, each with its name."""
    change = reported.judged
    yield from _changed(reported)
    if change.fleet is None:
        return
    yield "fleet", change.fleet
    if change.runs is not None:
        yield "runs", _runs(change.runs)
    if change.outcome.fails and change.remedies and not look().verbose:
        return  # the fleet and the first of the fixes tell the instances
    # A change that is refused for what it meets may not come to its instances.
    counts = [] if change.instances_now is None else [f"{change.instances_now} now"]
    if change.outcome is Outcome.BLOCKED:
        # How it would go, were it not for the state it meets, the timeline tells.
        yield from (("instances", now) for now in counts)
        return
    if change.peak_instances is not None:
        needed = "" if change.outcome.fits else " needed"
        counts.append(f"{change.peak_instances}{needed} at the peak")
    if change.final_instances is not None:
        counts.append(f"likely {change.final_instances} at the end")
    if counts:
        yield "instances", ", ".join(counts)
    if change.duration is not None and not change.outcome.fails:
        limit = change.duration.limit_seconds
        yield "update", _pace(change.duration.update) + (f"; {_time(limit)} allowed" if limit else "")
        yield "rollback", _pace(change.duration.rollback)
    if change.inference_component_name and all(phase.kind == "steady" for phase in change.phases):
        yield "to place", "nothing: the change starts no copy"


def _runs(runs: str) -> str:
    """What runs; the fleet tells how many instances do, so what told that is named where it is unusual."""
    held, _, counted_by = runs.rpartition("; ")
    return held if held and counted_by.endswith(USUAL) and not look().verbose else runs


def _changed(reported: ReportedChange) -> Iterator[tuple[str, str]]:
    """What changes, and only that: copies, then members of the specification."""
    change, arrow = reported.judged, glyphs().arrow
    rows = []
    if change.copies is not None:
        before, after = change.copies
        if change.operation.startswith("Create"):
            count = counted(after, "new copy")
        elif change.operation.startswith("Delete"):
            count = f"{counted(before, 'copy')} {'goes' if before == 1 else 'go'}"
        else:
            count = (
                counted(after, "copy") if before == after else f"{before} {arrow} {counted(after, 'copy')}"
            )
        rows.append(f"{count}, {change.way}" if change.way else count)
    shown = reported.changed if look().verbose else reported.changed[:MAX_CHANGED]
    rows += [_difference(one) for one in shown]
    if more := len(reported.changed) - len(shown):
        rows.append(f"and {more} more (--verbose)")
    for number, text in enumerate(rows):
        yield "" if number else "change", text


def _difference(one: Difference) -> str:
    unit = f" {one.unit}" if one.unit else ""
    noted = f" ({one.noted})" if one.noted else ""
    if one.before is None and one.unit is None:
        return f"{one.what}: {one.after}" if one.after else one.what
    before, after = (value if value is not None else "none" for value in (one.before, one.after))
    return f"{one.what} {before} {glyphs().arrow} {after}{unit}{noted}"


def _pace(pace: Pace) -> str:
    batches = f"{pace.batches} batch{'' if pace.batches == 1 else 'es'}"
    start = (
        f"up to {_time(pace.start_seconds)} to start" if pace.start_seconds else "no start-up time-out set"
    )
    return f"{batches}: {_time(pace.wait_seconds)} of waiting, {start}"


def _time(seconds: int) -> str:
    """Seconds, or as many minutes as there are at most, where that is easier to grasp."""
    return f"{seconds} s" if seconds <= SECONDS_AS_THEY_ARE else f"{-(-seconds // 60)} min"
