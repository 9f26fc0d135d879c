"""Why it is not known whether a step fits: amounts, arrangement, instances, or time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.catalog.allocatable import observations
from icplan.explain.free_capacity import describe, free_capacity
from icplan.feasibility.allocatable_box import UNCERTAIN_DIMENSIONS
from icplan.feasibility.step import surely_fits
from icplan.feasibility.weaken import downgrade_capacity_errors
from icplan.feasibility.worst_case import AlwaysFits, Counterexample, Undecided, fits_in_every_world
from icplan.fleet.dimensions import digits, format_amount, in_unit, unit
from icplan.fleet.fleet import CPU, MEMORY, Limit
from icplan.verdict.verdict import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.feasibility.step import StepResult
    from icplan.feasibility.uncertain_fleet import FleetUncertainty
    from icplan.fleet.fleet import Fleet
    from icplan.packing.budget import Budget
    from icplan.rollout.steps import Step


MOST_LISTED = 4


def uncertainty_findings(
    fleet: Fleet, worst: StepResult, box: AllocatableBox, budget: Budget
) -> list[Finding]:
    """Say on what a step's outcome depends; never nothing."""
    message = f"{worst.step.name}: depends on where copies lie, what is launched and what it can allocate"
    found = list(_doubts(fleet, worst, box, budget))
    return found or [Finding("ICP308", Severity.WARNING, message)]


def _doubts(fleet: Fleet, worst: StepResult, box: AllocatableBox, budget: Budget) -> Iterator[Finding]:
    helpful = [name for name in _launchable(fleet, worst.step) if _with_only(name, fleet, worst, box, budget)]
    if helpful:
        yield _on_type(worst, helpful)
    elif isinstance(
        fits_in_every_world(fleet, worst.step, box.best, fleet.scale_out_allowance(), budget), AlwaysFits
    ):
        yield from _on_amounts(fleet, worst, box, budget)
    elif isinstance(worst.worst_case, Counterexample):
        yield _on_arrangement(fleet, worst.worst_case, worst)


def _launchable(fleet: Fleet, step: Step) -> list[str]:
    """The instance types among which SageMaker may choose, if it has a choice."""
    names = [
        p.type.name
        for p in fleet.pools
        if fleet.demand(step.need, p.type.name) and fleet.scale_out_allowance(p.type.name)
    ]
    return names if len(names) > 1 else []


def _with_only(name: str, fleet: Fleet, worst: StepResult, box: AllocatableBox, budget: Budget) -> bool:
    """Whether the step surely fits if all launched instances are of that type."""
    barred = tuple(
        Limit("ICP311", 0, "not of this type", p.type.name) for p in fleet.pools if p.type.name != name
    )
    only = attrs.evolve(fleet, limits=(*fleet.limits, *barred))
    return surely_fits(only, worst.step, box, budget)


def _on_type(worst: StepResult, helpful: list[str]) -> Finding:
    message = f"{worst.step.name}: it fits if SageMaker launches instances of {' or '.join(helpful)}"
    return Finding("ICP311", Severity.WARNING, message)


def _on_amounts(fleet: Fleet, worst: StepResult, box: AllocatableBox, budget: Budget) -> Iterator[Finding]:
    """The least amount that surely suffices, per pool and resource, were all others at their best."""
    for number in range(len(fleet.pools)):
        for dimension in UNCERTAIN_DIMENSIONS:
            side = box.sides[number]
            low, high = side.low[dimension], side.high[dimension]
            if low == high or _fits_from(fleet, worst, box, number, dimension, low, budget):
                continue
            least = low
            while least + 1 < high:
                middle = (least + high) // 2
                if _fits_from(fleet, worst, box, number, dimension, middle, budget):
                    high = middle
                else:
                    least = middle
            yield _amount_finding(fleet, worst, number, dimension, high, box)


def _fits_from(
    fleet: Fleet, worst: StepResult, box: AllocatableBox, pool: int, dimension: int, low: int, budget: Budget
) -> bool:
    """Whether the step surely fits when that amount is at least ``low`` and all others are at their best."""
    at = box.best.with_low(pool, dimension, low)
    return isinstance(
        fits_in_every_world(fleet, worst.step, at, fleet.scale_out_allowance(), budget), AlwaysFits
    )


def _amount_finding(
    fleet: Fleet, worst: StepResult, pool: int, dimension: int, least: int, box: AllocatableBox
) -> Finding:
    kind = fleet.pools[pool].type
    name = (CPU, MEMORY)[dimension]
    ends = least, box.sides[pool].low[dimension], box.sides[pool].high[dimension]
    least, low, high = (fleet.thousandths(name, end) for end in ends)
    demand = fleet.demand(worst.step.need, kind.name)
    own = fleet.thousandths(name, demand[dimension]) if demand else 0
    rest = (
        f" (one copy takes {digits(name, own)}, the rest is for what lies beside it)" if own < least else ""
    )
    message = (
        f"{worst.step.name}: needs at least {format_amount(name, least)} allocatable on {kind.name}{rest}; "
        f"known: {digits(name, low)} to {format_amount(name, high)}"
    )
    if name == MEMORY and (refused := _refused(kind.name)):
        message += f"; {refused} MiB was seen refused there"
    setting = "memory=MIB" if name == MEMORY else "cpu=CORES"
    message += (
        f". If you know the figure, --allocatable {kind.name}.{setting} settles it; if you saw such a "
        f"reservation placed or refused, icplan observe {kind.name} notes it"
    )
    return Finding(
        "ICP307",
        Severity.WARNING,
        message,
        need=in_unit(name, least),
        have=in_unit(name, low),
        unit=unit(name),
    )


def _refused(instance_type: str) -> int | None:
    seen = (o.refused_mib for o in observations() if o.instance_type == instance_type)
    return min((mib for mib in seen if mib is not None), default=None)


def _on_arrangement(fleet: Fleet, world: Counterexample, worst: StepResult) -> Finding:
    demands = (fleet.demand(worst.step.need, pool.type.name) for pool in fleet.pools)
    shown = [any(amounts) for amounts in zip(*(d for d in demands if d), strict=True)]
    groups = describe(free_capacity(world)[:MOST_LISTED], fleet.dimensions, shown)
    need = worst.step.placed_before + worst.step.copies
    message = (
        f"{worst.step.name}: AWS does not tell which instance holds which copy; "
        f"at worst there is room for {world.room} of {need}: {'; '.join(groups)}"
    )
    return Finding("ICP308", Severity.WARNING, message, need=need, have=world.room)


def uncertain_fleet_finding(
    findings: Sequence[Finding], doubt: FleetUncertainty, judged: Outcome, outcome: Outcome
) -> tuple[Finding, ...]:
    """The findings and the doubt; none of capacity is an error any more where it turns the outcome.

    ``judged`` is the outcome on the instances it was judged on, ``outcome`` that whichever run. Where the
    change fails anyway, or fits without a launch on any of them, there is nothing to say.
    """
    most = doubt.fleet.instances
    certain = doubt.types_known and doubt.min_instances == most and outcome is judged
    if certain or outcome.fails or outcome is Outcome.FITS:
        return tuple(findings)
    message = (
        "which instances run after the changes before it is not certain; with others it may go otherwise"
    )
    if doubt.min_instances < most and doubt.types_known:
        may_run = f"{doubt.min_instances} to {most} instances may run after the changes before it"
        message = f"{may_run}; judged as if {most} do"
    severity = Severity.NOTE if outcome.fits else Severity.WARNING
    kept = findings if outcome is judged else downgrade_capacity_errors(findings)
    return (*kept, Finding("ICP315", severity, message))


NO_TIME = "no time was left to look at"


ALLOW_MORE = "allow more time (--time-limit)"


def undecided_finding(worst: StepResult) -> Finding:
    """Say of a step whether the search for an answer did not end, or no time was left to begin it."""
    begun = not isinstance(worst.worst_case, Undecided) or worst.worst_case.begun
    message = ALLOW_MORE if begun else f"{NO_TIME} this step; {ALLOW_MORE}"
    return Finding("ICP309", Severity.WARNING, f"{worst.step.name}: {message}")


def not_judged_finding() -> Finding:
    """Say that nothing of a change but its request was looked at."""
    return Finding("ICP309", Severity.WARNING, f"{NO_TIME} what this change meets; {ALLOW_MORE}")


def no_forecast_finding() -> Finding:
    """Say that the run of a change was not followed to its end."""
    message = f"{NO_TIME} how many instances are likely to be there at the end; {ALLOW_MORE}"
    return Finding("ICP309", Severity.WARNING, message)
