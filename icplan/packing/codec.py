"""Problems, arrangements and placements as plain JSON data, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.packing.json_shapes import COUNT, TEXT, Shape, many, maybe, member, named, record
from icplan.packing.problem import Arrangement, Bin, Kind, Pattern, Problem, Vector
from icplan.packing.reader import Node

if TYPE_CHECKING:
    from collections.abc import Sequence

VECTOR: Shape[Vector] = many(COUNT)
#: What a copy takes in each kind of bin; null where it may not lie.
DEMANDS: Shape[tuple[Vector | None, ...]] = many(maybe(VECTOR))

_BINS = many(
    record(
        Bin,
        member("Name", TEXT),
        member("Count", COUNT),
        member("Capacity", VECTOR),
        member("Used", maybe(VECTOR), there=False),
    )
)
_KINDS = many(record(Kind, member("Name", TEXT), member("Count", COUNT), member("Demands", DEMANDS)))

PROBLEM: Shape[Problem] = named("Problem", record(Problem, member("Bins", _BINS), member("Kinds", _KINDS)))
ARRANGEMENT: Shape[Arrangement] = named(
    "Arrangement",
    record(
        Arrangement,
        member("Bins", _BINS),
        member("Lying", _KINDS),
        member("Target", DEMANDS),
        member("Leaves", maybe(VECTOR), there=False),
        member("Counted", maybe(many(VECTOR)), there=False),
    ),
)
_PATTERN = record(
    Pattern,
    member("Bin", COUNT),
    member("Times", COUNT),
    member("Copies", VECTOR),
    member("Leaving", VECTOR, spare=True),
)
PLACEMENT: Shape[tuple[Pattern, ...]] = named("Patterns", many(_PATTERN))


def to_json(value: Problem | Arrangement) -> dict[str, Any]:
    """The value as data that :func:`from_json` reads."""
    written: dict[str, Any] = (PROBLEM if isinstance(value, Problem) else ARRANGEMENT).write(value)  # type: ignore[arg-type]
    return written


def from_json(data: Any) -> Problem | Arrangement:
    """The problem, or the arrangement (where there are ``Lying`` copies).

    Raises :class:`~icplan.packing.reader.Unreadable`, a ValueError, on data that is neither.
    """
    lies = isinstance(data, dict) and "Lying" in data
    return ARRANGEMENT.read(Node(data)) if lies else PROBLEM.read(Node(data))


def placement_to_json(placement: Sequence[Pattern]) -> list[dict[str, Any]]:
    """The placement as data that :func:`placement_from_json` reads."""
    written: list[dict[str, Any]] = PLACEMENT.write(tuple(placement))
    return written


def placement_from_json(data: Any) -> tuple[Pattern, ...]:
    """The placement. Raises :class:`~icplan.packing.reader.Unreadable` on data that is none."""
    return PLACEMENT.read(Node(data))
