"""What proves a phase's outcome, from its premises: a value for each kind of proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.packing.certificate import Certificate, ProvenBound
    from icplan.packing.problem import Arrangement, Pattern, Problem
    from icplan.verdict.premises import Box


@frozen
class Layout:
    """A problem, the instances launched in it by pool, and a legal placement."""

    launched: Mapping[int, int]
    problem: Problem
    placement: tuple[Pattern, ...]


@frozen
class Refusal:
    """A problem, the instances launched in it, and the proof that not all fits (``None``: there is none)."""

    launched: Mapping[int, int]
    problem: Problem
    proof: Certificate | None


@frozen
class Part:
    """A part of the worlds: a box, what is launched in it, the question there, and the proof of its bound.

    ``elsewhere`` counts copies that lie on launched instances on which what is placed cannot lie.
    """

    box: Box
    pools: tuple[int | None, ...]
    launched: Mapping[int, int]
    elsewhere: Mapping[int, int]
    arrangement: Arrangement
    proof: ProvenBound | None


@frozen
class FailingWorld:
    """A world in which there is room for fewer copies than are needed."""

    launched: Mapping[int, int]
    elsewhere: Mapping[int, int]
    arrangement: Arrangement
    placement: tuple[Pattern, ...]
    room: int


@frozen
class EveryWorld:
    """In every world there is room: the parts, together, are all worlds."""

    need: int
    parts: tuple[Part, ...]
    example: Layout | None


@frozen
class NoWorld:
    """In no world all fits: not with any launch that could help most."""

    refusals: tuple[Refusal, ...]


@frozen
class SomeWorlds:
    """A world that works, and one that does not."""

    need: int
    works: Layout
    fails: FailingWorld


@frozen
class EveryCourse:
    """What comes of it in every course of the change, which its `Courses` let anyone try again."""

    example: Layout | None


@frozen
class Malformed:
    """What stands where evidence should, as it was read: where it is none."""

    path: str


Evidence: TypeAlias = EveryWorld | NoWorld | SomeWorlds | EveryCourse
