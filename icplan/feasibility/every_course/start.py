"""What every course of a change was tried on, as plain values from which anyone can try them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.feasibility.every_course.worlds import caps
from icplan.verdict.courses import (
    CourseComponent,
    CourseLimit,
    CoursePool,
    CourseReserved,
    Courses,
    CourseStart,
)
from icplan.verdict.premises import Held

if TYPE_CHECKING:
    from icplan.feasibility.every_course.explore import AllCourses
    from icplan.feasibility.every_course.worlds import Worlds
    from icplan.fleet.fleet import Component, Fleet
    from icplan.packing.problem import Vector
    from icplan.rollout.steps import CapacityChange


def courses_of(
    worlds: Worlds, move: CapacityChange, tried: AllCourses, *, released: bool, released_back: bool
) -> Courses:
    """What the courses of a change from these worlds follow from."""
    fleet = worlds.fleet
    return Courses(
        start=None if worlds.follow else _start(worlds),
        need=tuple(fleet.demand(move.need, pool.type.name) for pool in fleet.pools),
        replaces=move.replaces,
        back=tried.back_at_once,
        released=released,
        released_back=released_back,
    )


def _start(worlds: Worlds) -> CourseStart:
    fleet, box = worlds.fleet, worlds.box
    counts = tuple(pool.instances for pool in fleet.pools)
    counts = counts if fleet.scale_in is None else fleet.scale_in.instances
    return CourseStart(
        pools=tuple(
            CoursePool(
                pool.type.name,
                count,
                tuple(zip(fleet.capacity(pool, *side.low), fleet.capacity(pool, *side.high), strict=True)),
                _holds(fleet, pool.type.name),
            )
            for pool, count, side in zip(fleet.pools, counts, box.sides, strict=True)
        ),
        idle=sum(counts) - fleet.instances,
        arriving=fleet.arriving,
        cpu_unit=fleet.cpu_unit,
        least=fleet.min_instances,
        limits=tuple(
            CourseLimit(tuple(sorted(cap.pools)), int(max(0, cap.sure)), int(max(0, cap.most)))
            for cap in caps(fleet)
        ),
        components=tuple(_component(fleet, one) for one in fleet.components if one.copies),
        reserved=tuple(
            CourseReserved(one.dimension, one.counted(fleet.cpu_unit))
            for one in fleet.reserved
            if len(one.ranks) == sum(counts) == fleet.instances
        ),
    )


def _holds(fleet: Fleet, instance_type: str) -> tuple[Held, ...] | None:
    if fleet.contents is None:
        return None
    return tuple(
        Held(one.instances, {name: n for name, n in one.copies.items() if n})
        for one in fleet.contents
        if one.type == instance_type
    )


def _component(fleet: Fleet, one: Component) -> CourseComponent:
    going = one.in_flight - one.coming
    types = None
    if one.by_type is not None:
        types = tuple(one.by_type.get(pool.type.name, 0) for pool in fleet.pools)
    demands: tuple[Vector | None, ...] = tuple(fleet.demand(one.need, p.type.name) for p in fleet.pools)
    replaces = one.in_flight > 0 and one.status == "Updating"
    return CourseComponent(one.name, demands, one.placed + going, types, one.coming, going, replaces)
