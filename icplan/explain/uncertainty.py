"""Why it is not known whether a step fits: amounts, arrangement, instances, or time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.catalog.allocatable import observations
from icplan.explain.free_capacity import free_capacity
from icplan.feasibility.allocatable_box import UNCERTAIN_DIMENSIONS
from icplan.feasibility.step import surely_fits
from icplan.feasibility.worst_case import AlwaysFits, Counterexample, Undecided, fits_in_every_world
from icplan.fleet.fleet import CPU, MEMORY, Limit
from icplan.packing.budget import Ended
from icplan.rollout.steps import Scope
from icplan.rules.capacity_doubts import (
    NotDecided,
    SeveralUnknown,
    UnknownAmount,
    UnknownArrangement,
    UnknownGrowth,
    UnknownInstances,
    UnknownLaunch,
    UnknownMotion,
)
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.catalog.catalog import Catalog
    from icplan.feasibility.question import Question, StepQuestion
    from icplan.feasibility.step import StepResult
    from icplan.feasibility.uncertain_fleet import FleetUncertainty
    from icplan.fleet.fleet import Fleet
    from icplan.packing.problem import Vector
    from icplan.rules.capacity_reasons import CapacityReason
    from icplan.verdict.finding import Finding


MAX_LISTED = 4
MAX_REFUSED = 3


def uncertainties(question: Question, worst: StepResult) -> list[CapacityReason]:
    """On what a step's outcome depends; never nothing."""
    found = list(_found(question.about(worst.step), question.catalog, worst))
    return found or [SeveralUnknown(worst.step.name)]


def _found(about: StepQuestion, catalog: Catalog, worst: StepResult) -> Iterator[CapacityReason]:
    if helpful := [name for name in _launchable(about) if _with_only(name, about)]:
        yield UnknownLaunch(worst.step.name, helpful)
    elif helpful := [name for name in _arriving(about) if _arrived_as(name, about)]:
        yield UnknownLaunch(worst.step.name, helpful, arrives=True)
    elif apart := _apart_from_others(about):
        yield from apart
    elif _always_fits(attrs.evolve(about, box=about.box.best)):
        yield from _amounts(about, catalog)
    elif isinstance(worst.worst_case, Counterexample):
        yield _arrangement(about, worst.worst_case)


def _apart_from_others(about: StepQuestion) -> list[CapacityReason]:
    """What others may take first, where the step surely fits but for that."""
    limits = [limit for limit in about.fleet.limits if limit.contested]
    sure = tuple(attrs.evolve(limit, contested=0) for limit in about.fleet.limits)
    moving = [entry.component for entry in about.step.existing if entry.where is Scope.MAYBE_PLACED]
    still = tuple(entry for entry in about.step.existing if entry.where is not Scope.MAYBE_PLACED)
    on_grown = attrs.evolve(about, fleet=attrs.evolve(about.fleet, limits=sure))
    at_rest = attrs.evolve(about, step=attrs.evolve(about.step, existing=still))
    growth = UnknownGrowth(about.step.name, [(limit.message, limit.doubt) for limit in limits])
    motion = UnknownMotion(
        about.step.name, [(one.name, one.status, one.placed, one.copies) for one in moving]
    )
    if limits and surely_fits(on_grown):
        return [growth]
    if moving and surely_fits(at_rest):
        return [motion]
    if limits and moving and surely_fits(attrs.evolve(at_rest, fleet=on_grown.fleet)):
        return [growth, motion]
    return []


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
    only = attrs.evolve(about.fleet, limits=(*about.fleet.limits, *_barred(about.fleet, name)))
    return surely_fits(attrs.evolve(about, fleet=only))


def _barred(fleet: Fleet, name: str) -> Iterator[Limit]:
    """That no instance of another type is launched."""
    others = (pool.type.name for pool in fleet.pools if pool.type.name != name)
    return (Limit("ICP311", 0, "not of this type", other) for other in others)


def _arriving(about: StepQuestion) -> list[str]:
    """The instance types of which what is on its way may be, and help, where it may be of several."""
    pools = about.fleet.pools
    if not about.fleet.arriving or len(pools) == 1:
        return []
    return [pool.type.name for pool, demand in zip(pools, about.demands, strict=True) if demand]


def _arrived_as(name: str, about: StepQuestion) -> bool:
    """Whether the step surely fits if what is on its way comes as instances of that type."""
    fleet = about.fleet
    granted = Limit("ICP311", fleet.arriving, "what is on its way")
    come = attrs.evolve(fleet, limits=(granted, *_barred(fleet, name)), arriving=0)
    return surely_fits(attrs.evolve(about, fleet=come))


def _amounts(about: StepQuestion, catalog: Catalog) -> Iterator[UnknownAmount]:
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
            yield _amount(about, catalog, number, dimension, high)


def _fits_from(about: StepQuestion, pool: int, dimension: int, low: int) -> bool:
    """Whether the step surely fits when that amount is at least ``low`` and all others are at their best."""
    return _always_fits(attrs.evolve(about, box=about.box.best.with_low(pool, dimension, low)))


def _amount(about: StepQuestion, catalog: Catalog, pool: int, dimension: int, least: int) -> UnknownAmount:
    kind, side, fleet = about.fleet.pools[pool].type, about.box.sides[pool], about.fleet
    name, demand = (CPU, MEMORY)[dimension], about.demands[pool]
    return UnknownAmount(
        name,
        need=fleet.thousandths(name, least),
        have=fleet.thousandths(name, side.low[dimension]),
        most=fleet.thousandths(name, side.high[dimension]),
        step=about.step.name,
        instance_type=kind.name,
        copy=fleet.thousandths(name, demand[dimension]) if demand else 0,
        refused=_refused(kind.name, catalog) if name == MEMORY else (),
    )


def _refused(instance_type: str, catalog: Catalog) -> Sequence[int]:
    """The least amounts that were seen refused, publicly or by the user."""
    seen = (*observations(), *catalog.observed)
    refused = {one.refused_mib for one in seen if one.instance_type == instance_type}
    return sorted(mib for mib in refused if mib is not None)[:MAX_REFUSED]


def _arrangement(about: StepQuestion, world: Counterexample) -> UnknownArrangement:
    return UnknownArrangement(
        need=about.wanted,
        have=world.room,
        step=about.step.name,
        dimensions=about.fleet.dimensions,
        demands=_demands(about),
        free=free_capacity(world)[:MAX_LISTED],
        settles=_settles(about.fleet),
    )


def _settles(fleet: Fleet) -> str:
    """What would tell the arrangement, where the metrics do not, or were not read."""
    if fleet.reserved:
        told = " and ".join(one.named for one in fleet.reserved)
        return f"{told} leave it open; CopyLocations in the snapshot settle it"
    if fleet.reserved_doubts:
        return "The Reservations of the snapshot are not used (ICP324 says why); CopyLocations settle it"
    if any(one.in_flight for one in fleet.components):
        return "Once nothing is under way, what CloudWatch tells of each instance may settle it"
    return (
        f"To know: icplan snapshot {fleet.endpoint} -o FILE reads how full the instances are, which may "
        "settle it; with enhanced metrics on also where each copy lies, which does"
    )


def _demands(about: StepQuestion) -> dict[str, Vector]:
    """What a copy takes, by the type of the instance."""
    pairs = zip(about.fleet.pools, about.demands, strict=True)
    return {pool.type.name: about.fleet.told(demand) for pool, demand in pairs if demand}


def unknown_instances(
    uncertainty: FleetUncertainty, judged: Outcome, outcome: Outcome
) -> Iterator[UnknownInstances]:
    """That it is not certain which instances run.

    ``judged`` is the outcome on the instances it was judged on, ``outcome`` that whichever run. Where the
    change fails anyway, or fits without a launch on any of them, there is nothing to say.
    """
    least, most = uncertainty.min_instances, uncertainty.fleet.instances
    certain = uncertainty.types_known and least == most and outcome is judged
    if not (certain or outcome.fails or outcome is Outcome.FITS):
        yield UnknownInstances(least if uncertainty.types_known else None, most, outcome.fits)


def not_decided(worst: StepResult, ended: Ended | None) -> NotDecided:
    """Whether the search for an answer on a step did not end, or was not begun, and why."""
    begun = not isinstance(worst.worst_case, Undecided) or worst.worst_case.begun
    return NotDecided(worst.step.name, None if begun else "this step", ended)


def not_judged(ended: Ended | None) -> Finding:
    """That nothing of a change but its request was looked at."""
    return NotDecided(subject="what this change meets", ended=ended).finding


def no_forecast(ended: Ended | None) -> Finding:
    """That the run of a change was not followed to its end."""
    subject = "how many instances are likely to be there at the end"
    return NotDecided(subject=subject, ended=ended or Ended.EFFORT).finding
