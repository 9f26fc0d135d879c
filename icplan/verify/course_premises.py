"""What every course is tried on, held against what the phases stand on."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from icplan.verdict.premises import Where
from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.packing.problem import Vector
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.courses import CoursePool, Courses, CourseStart
    from icplan.verdict.phase import Phase
    from icplan.verdict.premises import ExistingPremise, Interval, PoolPremise, Premises

#: What a copy takes on each type.
Demands: TypeAlias = "tuple[Vector | None, ...]"
#: Where a set of changes starts, what a copy of each component takes, and how many copies lie there by now.
There: TypeAlias = "tuple[CourseStart, Mapping[str, Demands], Mapping[str, int]]"

_OTHER = "the courses speak of other instances or copies than the phases"


def check_courses(change: ChangeVerdict, courses: Courses, there: There, emptied: str | None) -> None:
    """Raise `Rejected` unless the courses speak of what the phases speak of.

    ``emptied`` is the value of the assumption on what becomes of emptied instances.
    """
    start, demands, copies = there
    name, before = change.inference_component_name, change.copies[0] if change.copies else 0
    moving = [one.component for one in start.components if one.coming or one.going]
    require(
        copies.get(name, 0) == before and name not in moving, "other copies run than the change begins with"
    )
    require(not any(one.replaces and one.component not in moving for one in start.components), _OTHER)
    rows = (courses.need, *(demands[kind] for kind in copies))
    sizes = {len(demand) for row in rows for demand in row if demand is not None}
    alike = sizes <= {len(start.pools[0].capacity)} and {len(row) for row in rows} == {len(start.pools)}
    require(alike, "copies of the courses take something else")
    comes_and_goes = len(start.pools) > 1 and start.least is not None
    require(courses.released is (comes_and_goes and emptied == "released"), _OTHER)
    require(comes_and_goes or not courses.released_back, _OTHER)
    _of_the_change(change, courses, before)
    for phase in change.phases:
        if phase.premises is not None:
            _of_the_phase(change, courses, there, phase, phase.premises)


def _of_the_change(change: ChangeVerdict, courses: Courses, before: int) -> None:
    """Whether old copies are replaced, and how many come back at a time."""
    ahead = [phase for phase in change.phases if phase.kind == "place"]
    rolls = any(phase.step is not None and phase.step.batch is not None for phase in ahead)
    if ahead:
        leave = any(phase.old is not None and phase.old[0] > phase.old[1] for phase in ahead)
        require(not before or courses.replaces is leave, _OTHER)
        require((courses.back is not None) is rolls, _OTHER)
    require(courses.back is None or 0 < courses.back <= before, _OTHER)
    for phase in change.phases:
        if phase.kind == "rollback" and phase.old is not None and courses.back is not None:
            size = min(courses.back, before - phase.old[0])
            require(phase.old[1] - phase.old[0] == size, "a rollback puts back other copies at a time")


def _of_the_phase(
    change: ChangeVerdict, courses: Courses, there: There, phase: Phase, premises: Premises
) -> None:
    start, demands, copies = there
    name, pools = change.inference_component_name, premises.pools
    require([pool.type for pool in pools] == [pool.type for pool in start.pools], _OTHER)
    require(start.cpu_unit == premises.cpu_unit, _OTHER)
    if courses.start is not None:
        _of_the_start(start, phase, premises)
    took = demands.get(name) if phase.kind == "rollback" else courses.need
    require(premises.target.demands == took, _OTHER)
    for one in premises.existing:
        own = [demands.get(one.component), *([courses.need] if one.component == name else [])]
        require(any(row is not None and _within(one.demands, row) for row in own), _OTHER)
    others = [one for one in premises.existing if one.component != name]
    moving = {one.component: (one.coming, one.going) for one in start.components}
    for kind, count in copies.items():
        mine = [one for one in others if one.component == kind]
        if kind == name or (not mine and not phase.outcome.fits):
            continue
        coming, going = moving.get(kind, (0, 0))
        loose = [one for one in mine if one.where is Where.PERHAPS]
        require(sum(one.copies for one in mine) == count + coming, _OTHER)
        require(sum(one.copies for one in loose) == coming + going, _OTHER)
    require({one.component for one in others} <= {*copies, *moving}, _OTHER)


def _of_the_start(start: CourseStart, phase: Phase, premises: Premises) -> None:
    """The instances of a change with nothing before it."""
    pools = premises.pools
    require([pool.capacity for pool in pools] == [pool.capacity for pool in start.pools], _OTHER)
    require(sum(pool.count for pool in start.pools) - start.idle == phase.instances_now, _OTHER)
    require(start.arriving == premises.arriving, _OTHER)
    if start.idle:
        return
    require([pool.count for pool in pools] == [pool.count for pool in start.pools], _OTHER)
    require([_held(pool) for pool in pools] == [_held(pool) for pool in start.pools], _OTHER)
    require(_grows_alike(start, pools, premises.together), _OTHER)
    require(_measured_alike(start, premises), "the metrics of the courses are not those of the phases")
    types = {one.component: one.types for one in start.components if one.types is not None}
    for kind, counts in types.items():
        mine = [one for one in premises.existing if one.component == kind and one.where is Where.RUNNING]
        if mine and not any(one.leave for one in mine) and all(len(_able(one)) == 1 for one in mine):
            lie = Counter[int]()
            for one in mine:
                lie[_able(one)[0]] += one.copies
            require([lie[pool] for pool in range(len(pools))] == list(counts), _OTHER)


def _measured_alike(start: CourseStart, premises: Premises) -> bool:
    """Whether the phases know of the same metrics as the courses, and no less may lie by them."""
    if [one.dimension for one in start.reserved] != list(premises.measured):
        return False
    for place, metric in enumerate(start.reserved):
        tops = sorted(max(high for _, high in rank) for rank in metric.ranks)
        classes = [one for pool in premises.pools for one in pool.reserved]
        mosts = sorted(one.most[place] for one in classes for _ in range(one.instances))
        if len(premises.pools) == 1 and any(most < top for most, top in zip(mosts, tops, strict=True)):
            return False
    return True


def _held(pool: PoolPremise | CoursePool) -> object:
    if pool.holds is None:
        return None
    return [(one.instances, {name: n for name, n in one.copies.items() if n}) for one in pool.holds]


def _able(one: ExistingPremise) -> list[int]:
    return [pool for pool, demand in enumerate(one.demands) if demand is not None]


def _within(row: Demands, whole: Demands) -> bool:
    """Whether copies take the same on each type on which they are told to lie."""
    return all(one in (None, other) for one, other in zip(row, whole, strict=True))


def _grows_alike(start: CourseStart, pools: Sequence[PoolPremise], together: Interval) -> bool:
    """Whether the limits let as many more run as may be launched, but for those that come anyway."""
    several = len(pools) > 1
    everywhere = [one for one in start.limits if several and len(set(one.pools)) == len(pools)]
    told = [
        ([one for one in start.limits if n in one.pools], pool.launchable) for n, pool in enumerate(pools)
    ]
    for limits, launchable in (*told, (everywhere, together)):
        for end, more in enumerate(launchable):
            room = [
                max(
                    0, (limit.sure, limit.most)[end] - sum(start.pools[one].count for one in set(limit.pools))
                )
                for limit in limits
            ]
            if room and not more - start.arriving <= min(room) <= more:
                return False
    return True
