"""Where a search through every course of a change on a small fleet begins, and what may happen meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.verdict.evidence import EveryCourse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from icplan.packing.problem import Vector
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.premises import Held, Interval


@attrs.frozen
class CoursePool:
    """Instances of one type: how many, what each offers per dimension, and what lies on them if known."""

    type: str
    count: int
    capacity: tuple[Interval, ...]
    holds: tuple[Held, ...] | None


@attrs.frozen
class CourseLimit:
    """The most instances of some types together: surely so many may run, and never more than ``most``."""

    pools: tuple[int, ...]
    sure: int
    most: int


@attrs.frozen
class CourseComponent:
    """A component: what a copy takes on each type, and its copies that lie somewhere.

    ``types`` counts those of which the type is known. Of one in motion, ``coming`` copies may be placed and
    ``going`` ones may leave at any time; where it ``replaces``, each that comes lets one more go.
    """

    component: str
    demands: tuple[Vector | None, ...]
    copies: int
    types: tuple[int, ...] | None
    coming: int
    going: int
    replaces: bool


@attrs.frozen
class CourseReserved:
    """How much of a dimension instances hold, the least loaded first: on each rank, an interval per type."""

    dimension: int
    ranks: tuple[tuple[Interval, ...], ...]


@attrs.frozen
class CourseStart:
    """A fleet at rest or in motion: ``idle`` of its instances are being taken away, ``arriving`` come.

    ``reserved`` is what metrics tell of where the copies lie.

    CPU is counted in ``cpu_unit`` thousandths of a core. Instances may be given back down to ``least``;
    ``None`` where none ever is.
    """

    pools: tuple[CoursePool, ...]
    idle: int
    arriving: int
    cpu_unit: Fraction
    least: int | None
    limits: tuple[CourseLimit, ...]
    components: tuple[CourseComponent, ...]
    reserved: tuple[CourseReserved, ...] = ()


@attrs.frozen
class Courses:
    """What all courses of a change follow from, beside its phases.

    It starts where the change before left everything if there is no ``start``. A copy that is placed takes
    ``need``. A rollback puts ``back`` copies back at a time (``None``: there is none); ``released`` and
    ``released_back`` tell whether emptied instances may be given back before the change is done, and before
    going back is.
    """

    start: CourseStart | None
    need: tuple[Vector | None, ...]
    replaces: bool
    back: int | None
    released: bool
    released_back: bool


def without_unused(changes: Sequence[ChangeVerdict]) -> tuple[ChangeVerdict, ...]:
    """The changes of a set, with courses only where a phase, or a later change, rests on them."""
    kept, needed = [], False
    for change in reversed(changes):
        courses, leaves = change.courses, not change.outcome.fails
        rests = any(isinstance(phase.proof, EveryCourse) for phase in change.phases)
        if courses is not None and not (rests or (needed and leaves)):
            change = attrs.evolve(change, courses=None)  # noqa: PLW2901
        elif courses is not None:
            needed = courses.start is None or (needed and not leaves)
        kept.append(change)
    return tuple(reversed(kept))
