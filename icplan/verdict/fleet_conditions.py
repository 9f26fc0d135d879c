"""The conditions that a plan's promises come to: so many copies, on what is left of the fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.packing.fleet_problem import Condition, InstanceLost, NothingLost, OptionLost, ZoneLost
from icplan.verdict.fleet_plan import ConditionKind, Level, Within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from icplan.packing.fleet_problem import Loss
    from icplan.verdict.fleet_plan import PlannedComponent, Promise

WITHOUT_SCALE_OUT: Final = "  without scale-out"
"""The row of a trade-off that holds all promises with MaxInstanceCount = steady."""

_NAMES: Final = {
    ConditionKind.REST: "rest",
    ConditionKind.UPDATE: "update of any one",
    ConditionKind.ROLLBACK: "its rollback",
    ConditionKind.AUTOSCALING: "autoscaling maxima",
    ConditionKind.AUTOSCALING_UPDATE: "an update at these maxima",
    ConditionKind.LOST_INSTANCE: "any one instance lost",
    ConditionKind.LOST_ZONE: "any zone lost",
    ConditionKind.LOST_TYPE: "any type lost",
}


def tradeoff_name(promise: Promise, *, first: bool) -> str:
    """How the row of a trade-off is called that adds a promise to those before it."""
    movable = " (movable)" if promise.level is Level.MOVABLE else ""
    return f"{'' if first else '+ '}{_NAMES[promise.condition]}{movable}"


def steady_conditions(
    components: Sequence[PlannedComponent], promises: Iterable[Promise], within: Within, types: int
) -> Iterator[Condition]:
    """What the fleet that always runs must hold, all copies movable, of so many instance types.

    ``components`` are those that take room. What lasts it holds itself; what passes, where there is no peak.
    """
    for promise in promises:
        if promise.condition.lasts or within is Within.STEADY:
            yield from conditions_of(promise, components, types)
        elif promise.condition is ConditionKind.AUTOSCALING_UPDATE:
            # The maxima last; the update on top of them passes.
            yield Condition("autoscaling", tuple(one.most for one in components))


def passing_conditions(
    components: Sequence[PlannedComponent], promises: Iterable[Promise]
) -> Iterator[Condition]:
    """What the fleet at its peak must hold, all copies movable, of one instance type."""
    for promise in promises:
        if not promise.condition.lasts:
            yield from conditions_of(promise, components, 1)


def conditions_of(
    promise: Promise, components: Sequence[PlannedComponent], types: int
) -> Iterator[Condition]:
    """A condition for each thing that may happen, with the copies that there are then."""
    rest = tuple(one.copies for one in components)
    most = tuple(one.most for one in components)
    lost: Loss
    match promise.condition:
        case ConditionKind.REST:
            yield Condition("rest", rest)
        case ConditionKind.UPDATE:
            yield from _beside("update", components, rest, [one.batch for one in components])
        case ConditionKind.ROLLBACK:
            yield from _beside("rollback", components, rest, [one.again for one in components])
        case ConditionKind.AUTOSCALING:
            yield Condition("autoscaling", most)
        case ConditionKind.AUTOSCALING_UPDATE:
            batches = [one.batch_of_most for one in components]
            yield from _beside("autoscaling+update", components, most, batches)
        case ConditionKind.LOST_ZONE:
            lost = ZoneLost(promise.zones or 1)
            yield Condition(promise.name, rest, lost)
        case ConditionKind.LOST_INSTANCE | ConditionKind.LOST_TYPE:
            for option in range(types):
                of_it = promise.condition is ConditionKind.LOST_INSTANCE
                lost = InstanceLost(option) if of_it else OptionLost(option)
                yield Condition(promise.name, rest, lost)


def _beside(
    name: str, components: Sequence[PlannedComponent], there: tuple[int, ...], more: Sequence[int]
) -> Iterator[Condition]:
    """So many more copies of one component, for each."""
    for number, (component, copies) in enumerate(zip(components, more, strict=True)):
        if copies:
            counts = (*there[:number], there[number] + copies, *there[number + 1 :])
            yield Condition(f"{name} of {component.name}", counts, NothingLost())
