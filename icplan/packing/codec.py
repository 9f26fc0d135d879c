"""Problems, arrangements and placements as plain JSON data, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.packing.problem import Arrangement, Bin, Kind, Pattern, Problem, Vector

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def to_json(value: Problem | Arrangement) -> dict[str, Any]:
    """The value as data that :func:`from_json` reads."""
    bins = [
        {"Name": b.name, "Count": b.count, "Capacity": list(b.capacity), "Used": _list(b.used)}
        for b in value.bins
    ]
    if isinstance(value, Problem):
        return {"Bins": bins, "Kinds": [_kind_to_json(k) for k in value.kinds]}
    return {
        "Bins": bins,
        "Lying": [_kind_to_json(k) for k in value.lying],
        "Target": [_list(d) for d in value.target],
        "Leaves": _list(value.leaves),
        "Counted": None if value.counted is None else [list(c) for c in value.counted],
    }


def from_json(data: Mapping[str, Any]) -> Problem | Arrangement:
    """The problem, or the arrangement (where there are ``Lying`` copies).

    Raises KeyError, TypeError or ValueError on data that is neither.
    """
    bins = tuple(
        Bin(str(b["Name"]), b["Count"], tuple(b["Capacity"]), _vector(b.get("Used"))) for b in data["Bins"]
    )
    if "Lying" not in data:
        return Problem(bins, tuple(_kind_from_json(k) for k in data["Kinds"]))
    counted = data.get("Counted")
    return Arrangement(
        bins,
        tuple(_kind_from_json(k) for k in data["Lying"]),
        tuple(_vector(d) for d in data["Target"]),
        _vector(data.get("Leaves")),
        None if counted is None else tuple(tuple(c) for c in counted),
    )


def placement_to_json(placement: Sequence[Pattern]) -> list[dict[str, Any]]:
    """The placement as data that :func:`placement_from_json` reads."""
    return [
        {"Bin": p.bin, "Times": p.times, "Copies": list(p.copies)}
        | ({} if p.leaving is None else {"Leaving": list(p.leaving)})
        for p in placement
    ]


def placement_from_json(data: Sequence[Mapping[str, Any]]) -> tuple[Pattern, ...]:
    """The placement. Raises KeyError or TypeError on data that is none."""
    return tuple(Pattern(p["Bin"], p["Times"], tuple(p["Copies"]), _vector(p.get("Leaving"))) for p in data)


def _kind_to_json(kind: Kind) -> dict[str, Any]:
    return {"Name": kind.name, "Count": kind.count, "Demands": [_list(d) for d in kind.demands]}


def _kind_from_json(data: Mapping[str, Any]) -> Kind:
    return Kind(str(data["Name"]), data["Count"], tuple(_vector(d) for d in data["Demands"]))


def _list(vector: Vector | None) -> list[int] | None:
    return None if vector is None else list(vector)


def _vector(data: Sequence[int] | None) -> Vector | None:
    return None if data is None else tuple(data)
