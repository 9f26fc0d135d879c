"""What each of the conditions takes, one after another, of the type that was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.fleet.dimensions import counted
from icplan.planning.scarcest import binding_dimension, filled
from icplan.verdict.fleet_conditions import WITHOUT_SCALE_OUT, tradeoff_name
from icplan.verdict.fleet_plan import ConditionKind, Level, TradeoffRow, Within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.planning.one_type_fleet import PeakNeed, SizedFleet
    from icplan.planning.plan import Planner
    from icplan.planning.settings import PlanSettings
    from icplan.verdict.fleet_plan import PlannedComponent, Promise


def tradeoff(planner: Planner, chosen: SizedFleet) -> tuple[TradeoffRow, ...]:
    """A row for each condition together with those before it, then one for doing without scale-out."""
    return tuple(_rows(planner, chosen))


def _rows(planner: Planner, chosen: SizedFleet) -> Iterator[TradeoffRow]:
    promises, before = planner.settings.promises, None
    for number, promise in enumerate(promises, start=1):
        settings = attrs.evolve(planner.settings, promises=promises[:number])
        sized = _of_these(planner, chosen, settings)
        name = tradeoff_name(promise, first=number == 1)
        yield _row(name, sized, _because(planner, promise, before, sized), chosen)
        before = sized
    passing = any(not one.condition.lasts for one in promises)
    if planner.settings.within is Within.PEAK and passing and chosen.peak != chosen.steady:
        settings = attrs.evolve(planner.settings, within=Within.STEADY)
        because = "the same promises, MaxInstanceCount = steady"
        yield _row(WITHOUT_SCALE_OUT, _sized(planner, chosen, settings), because, chosen)


def _of_these(planner: Planner, chosen: SizedFleet, settings: PlanSettings) -> SizedFleet | None:
    """The fleet that holds the first conditions: the chosen one, where what raises it is among them."""
    every, kept = planner.settings.promises, {one.condition for one in settings.promises}
    raising = [one for one in every if one.condition not in kept and _raises_steady(planner, one)]
    return _sized(planner, chosen, settings) if raising else chosen.for_less(kept)


def _raises_steady(planner: Planner, promise: Promise) -> bool:
    """Whether the steady fleet itself has to hold it."""
    combined = promise.condition is ConditionKind.AUTOSCALING_UPDATE
    return promise.condition.lasts or combined or planner.settings.within is Within.STEADY


def _sized(planner: Planner, chosen: SizedFleet, settings: PlanSettings) -> SizedFleet | None:
    return planner.sizing(chosen.type.candidate, settings).sized()


def _row(name: str, sized: SizedFleet | None, because: str, chosen: SizedFleet) -> TradeoffRow:
    if sized is None:
        return TradeoffRow(name, None, None, None, "not found in time")
    return TradeoffRow(name, sized.steady, sized.peak, sized.steady * chosen.type.candidate.cost, because)


def _because(planner: Planner, promise: Promise, before: SizedFleet | None, sized: SizedFleet | None) -> str:
    """Why a condition costs more than those before it; nothing where it does not."""
    if sized is None:
        return ""
    told = sized.type.planned
    if before is None:
        return filled(planner.candidates.fleet, sized.type.candidate, told, sized.steady)
    if sized.steady > before.steady:
        return _more_steady(planner, promise, told, sized)
    need = _largest(sized, promise)
    if (sized.peak or 0) > (before.peak or 0) and need is not None and need.component is not None:
        one = next(each for each in told if each.name == need.component)
        return f"{one.name}: {_beside(promise, one)}"
    return ""


def _more_steady(
    planner: Planner, promise: Promise, told: tuple[PlannedComponent, ...], sized: SizedFleet
) -> str:
    fleet, candidate = planner.candidates.fleet, sized.type.candidate
    if promise.condition in (ConditionKind.AUTOSCALING, ConditionKind.AUTOSCALING_UPDATE):
        binds = binding_dimension(fleet, candidate, [one.most for one in told])
        growing = max(told, key=lambda one: (one.most - one.copies) * _share(sized, told.index(one)))
        return f"{growing.name} {growing.copies} to {growing.most}: {binds}"
    if promise.condition is ConditionKind.LOST_ZONE:
        gone = -(-sized.steady // (promise.zones or 1))
        return f"{counted(sized.steady - gone, 'instance')} left of {sized.steady}"
    if promise.condition is ConditionKind.LOST_INSTANCE:
        return f"{counted(sized.steady - 1, 'instance')} left of {sized.steady}"
    raised = sized.raised_by
    one = next((each for each in told if raised is not None and each.name == raised.component), None)
    return f"{one.name}: {_beside(promise, one)}" if one else "all copies movable"


def _share(sized: SizedFleet, number: int) -> float:
    return float(sized.type.bulk(number))


def _largest(sized: SizedFleet, promise: Promise) -> PeakNeed | None:
    own = [one for one in sized.needs if one.condition is promise.condition and one.instances is not None]
    return max(own, key=lambda one: one.instances or 0, default=None)


def _beside(promise: Promise, one: PlannedComponent) -> str:
    """What is placed beside what."""
    wherever = "any arrangement" if promise.level is Level.SURELY else "at best"
    match promise.condition:
        case ConditionKind.ROLLBACK:
            whole = one.again >= one.copies > 1
            back = (
                f"all {one.copies} old copies at once" if whole else f"{counted(one.again, 'old copy')} back"
            )
            return back if whole else f"{back} at a time, {wherever}"
        case ConditionKind.AUTOSCALING:
            return f"{one.copies} to {one.most} copies, {wherever}"
        case ConditionKind.AUTOSCALING_UPDATE:
            return f"{counted(one.batch_of_most, 'copy')} beside {one.most}, {wherever}"
    return f"{counted(one.batch, 'copy')} beside {one.copies}, {wherever}"
