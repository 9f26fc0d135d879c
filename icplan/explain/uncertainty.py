"""Why it is not known whether a step fits: amounts, arrangement, instances, or time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.catalog.allocatable import observations
from icplan.explain.free_capacity import describe, free_capacity
from icplan.feasibility.allocatable_box import UNCERTAIN_DIMENSIONS
from icplan.feasibility.step import surely_fits
from icplan.feasibility.worst_case import AlwaysFits, Counterexample, Undecided, fits_in_every_world
from icplan.fleet.dimensions import digits, format_amount, in_unit, unit
from icplan.fleet.fleet import CPU, MEMORY, Limit
from icplan.verdict.verdict import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.catalog.catalog import Catalog
    from icplan.feasibility.question import Question, StepQuestion
    from icplan.feasibility.step import StepResult
    from icplan.feasibility.uncertain_fleet import FleetUncertainty


MOST_LISTED = 4


def uncertainty_findings(question: Question, worst: StepResult) -> list[Finding]:
    """Say on what a step's outcome depends; never nothing."""
    message = f"{worst.step.name}: depends on where copies lie, what is launched and what it can allocate"
    found = list(_doubts(question.about(worst.step), question.catalog, worst))
    return found or [Finding("ICP308", Severity.WARNING, message)]


def _doubts(about: StepQuestion, catalog: Catalog, worst: StepResult) -> Iterator[Finding]:
    helpful = [name for name in _launchable(about) if _with_only(name, about)]
    if helpful:
        yield _on_type(worst, helpful)
    elif _always_fits(attrs.evolve(about, box=about.box.best)):
        yield from _on_amounts(about, catalog)
    elif isinstance(worst.worst_case, Counterexample):
        yield _on_arrangement(about, worst.worst_case)


def _always_fits(about: StepQuestion) -> bool:
    """Whether a step fits in every world with all the instances that may be had."""
    return isinstance(fits_in_every_world(about, about.fleet.scale_out_allowance()), AlwaysFits)


def _launchable(about: StepQuestion) -> list[str]:
    """The instance types among which SageMaker may choose, if it has a choice."""
    names = [
        pool.type.name
        for pool, demand in zip(about.fleet.pools, about.demands, strict=True)
        if demand and about.fleet.scale_out_allowance(pool.type.name)
    ]
    return names if len(names) > 1 else []


def _with_only(name: str, about: StepQuestion) -> bool:
    """Whether the step surely fits if all launched instances are of that type."""
    barred = tuple(
        Limit("ICP311", 0, "not of this type", pool.type.name)
        for pool in about.fleet.pools
        if pool.type.name != name
    )
    only = attrs.evolve(about.fleet, limits=(*about.fleet.limits, *barred))
    return surely_fits(attrs.evolve(about, fleet=only))


def _on_type(worst: StepResult, helpful: list[str]) -> Finding:
    message = f"{worst.step.name}: it fits if SageMaker launches instances of {' or '.join(helpful)}"
    return Finding("ICP311", Severity.WARNING, message)


def _on_amounts(about: StepQuestion, catalog: Catalog) -> Iterator[Finding]:
    """The least amount that surely suffices, per pool and resource, were all others at their best."""
    for number, side in enumerate(about.box.sides):
        for dimension in UNCERTAIN_DIMENSIONS:
            low, high = side.low[dimension], side.high[dimension]
            if low == high or _fits_from(about, number, dimension, low):
                continue
            least = low
            while least + 1 < high:
                middle = (least + high) // 2
                if _fits_from(about, number, dimension, middle):
                    high = middle
                else:
                    least = middle
            yield _amount_finding(about, catalog, number, dimension, high)


def _fits_from(about: StepQuestion, pool: int, dimension: int, low: int) -> bool:
    """Whether the step surely fits when that amount is at least ``low`` and all others are at their best."""
    return _always_fits(attrs.evolve(about, box=about.box.best.with_low(pool, dimension, low)))


def _amount_finding(about: StepQuestion, catalog: Catalog, pool: int, dimension: int, least: int) -> Finding:
    kind, side = about.fleet.pools[pool].type, about.box.sides[pool]
    name = (CPU, MEMORY)[dimension]
    ends = least, side.low[dimension], side.high[dimension]
    least, low, high = (about.fleet.thousandths(name, end) for end in ends)
    message = (
        f"{about.step.name}: needs {format_amount(name, least)} to be allocatable on {kind.name}; "
        f"known: {digits(name, low)} to {format_amount(name, high)}"
    )
    if name == MEMORY and (refused := _refused(kind.name, catalog)):
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


def _refused(instance_type: str, catalog: Catalog) -> int | None:
    """The least that was seen refused, publicly or by the user."""
    seen = (*observations(), *catalog.observed)
    refused = (one.refused_mib for one in seen if one.instance_type == instance_type)
    return min((mib for mib in refused if mib is not None), default=None)


def _on_arrangement(about: StepQuestion, world: Counterexample) -> Finding:
    shown = [any(amounts) for amounts in zip(*(d for d in about.demands if d), strict=True)]
    groups = describe(free_capacity(world)[:MOST_LISTED], about.fleet.dimensions, shown)
    message = (
        f"{about.step.name}: AWS does not tell which instance holds which copy; "
        f"at worst there is room for {world.room} of {about.wanted}: {'; '.join(groups)}"
    )
    return Finding("ICP308", Severity.WARNING, message, need=about.wanted, have=world.room)


def uncertain_fleet_findings(
    uncertainty: FleetUncertainty, judged: Outcome, outcome: Outcome
) -> Iterator[Finding]:
    """That it is not certain which instances run.

    ``judged`` is the outcome on the instances it was judged on, ``outcome`` that whichever run. Where the
    change fails anyway, or fits without a launch on any of them, there is nothing to say.
    """
    least, most = uncertainty.min_instances, uncertainty.fleet.instances
    certain = uncertainty.types_known and least == most and outcome is judged
    if certain or outcome.fails or outcome is Outcome.FITS:
        return
    message = (
        "which instances run after the changes before it is not certain; with others it may go otherwise"
    )
    if least < most and uncertainty.types_known:
        may_run = f"{least} to {most} instances may run after the changes before it"
        message = f"{may_run}; it is judged on {most}"
    yield Finding("ICP315", Severity.NOTE if outcome.fits else Severity.WARNING, message)


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
