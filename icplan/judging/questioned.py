"""The amounts of CPU and memory that are in question for a change, and whether its outcome hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.fleet.amounts import cores, digits, unit
from icplan.fleet.model import CPU, MEMORY
from icplan.judging.reliance import sensitive_amounts
from icplan.verdict import AssumptionUse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.fleet.model import Fleet
    from icplan.judging.box import AllocatableBox
    from icplan.judging.move import RolloutResult
    from icplan.packing import Budget


def allocatable_assumptions(
    fleet: Fleet, judged: RolloutResult, box: AllocatableBox, budget: Budget
) -> Iterator[tuple[tuple[str, str], AssumptionUse]]:
    """Each amount by its instance type and name (``cpu``, ``memory``)."""
    found = sensitive_amounts(fleet, judged, box, budget)
    holds_at = {(one.pool, one.dimension): one.threshold for one in found}
    for number, (pool, side) in enumerate(zip(fleet.pools, box.sides, strict=True)):
        known = pool.allocatable
        for dimension, (name, interval) in enumerate((("cpu", known.cpu), ("memory", known.memory))):
            low, high = side.low[dimension], side.high[dimension]
            told = [fleet.thousandths((CPU, MEMORY)[dimension], end) for end in (low, high)]
            shown = f"{cores(told[0])} to {cores(told[1])} cores" if name == "cpu" else f"{low} to {high} MiB"
            use = AssumptionUse(
                f"allocatable-{name}",
                f"{pool.type.name}: {shown}",
                interval.basis,
                (number, dimension) in holds_at,
                threshold=_threshold(fleet, judged, dimension, holds_at.get((number, dimension))),
            )
            yield (pool.type.name, name), use


def _threshold(fleet: Fleet, judged: RolloutResult, dimension: int, holds_at: int | None) -> str | None:
    """How far an amount may be off while the outcome surely holds; past that it may hold all the same."""
    if holds_at is None:
        return None
    name = (CPU, MEMORY)[dimension]
    said = f"{digits(name, fleet.thousandths(name, holds_at))} {unit(name)}"
    return f"surely fits from {said} on" if judged.outcome.fits else f"surely does not fit up to {said}"
