"""Problems, arrangements and placements as plain JSON data, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from icplan.packing.problem import Arrangement, Bin, Kind, Pattern, Problem, Vector
from icplan.packing.reader import Node, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_T = TypeVar("_T")


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


def from_json(data: Any) -> Problem | Arrangement:
    """The problem, or the arrangement (where there are ``Lying`` copies).

    Raises :class:`~icplan.packing.reader.Unreadable`, a ValueError, on data that is neither.
    """
    return (
        read_arrangement(Node(data))
        if isinstance(data, dict) and "Lying" in data
        else read_problem(Node(data))
    )


def read_problem(data: Node) -> Problem:
    """The problem."""
    return _valid(data, lambda: Problem(_bins(data), _kinds(data["Kinds"])))


def read_arrangement(data: Node) -> Arrangement:
    """The arrangement."""
    leaves, counted = data.get("Leaves"), data.get("Counted")
    return _valid(
        data,
        lambda: Arrangement(
            _bins(data),
            _kinds(data["Lying"]),
            tuple(map(_may_vector, data["Target"].items())),
            None if leaves is None else leaves.counts(),
            None if counted is None else tuple(row.counts() for row in counted.items()),
        ),
    )


def _valid(data: Node, make: Callable[[], _T]) -> _T:
    try:
        return make()
    except Unreadable:
        raise
    except ValueError:  # what the problem itself refuses
        raise Unreadable(data.path) from None


def _bins(data: Node) -> tuple[Bin, ...]:
    return tuple(
        Bin(b["Name"].text(), b["Count"].count(), b["Capacity"].counts(), _got_vector(b.get("Used")))
        for b in data["Bins"].items()
    )


def _kinds(data: Node) -> tuple[Kind, ...]:
    return tuple(
        Kind(k["Name"].text(), k["Count"].count(), tuple(map(_may_vector, k["Demands"].items())))
        for k in data.items()
    )


def _may_vector(data: Node) -> Vector | None:
    return None if data.value is None else data.counts()


def _got_vector(data: Node | None) -> Vector | None:
    return None if data is None else data.counts()


def placement_to_json(placement: Sequence[Pattern]) -> list[dict[str, Any]]:
    """The placement as data that :func:`placement_from_json` reads."""
    return [
        {"Bin": p.bin, "Times": p.times, "Copies": list(p.copies)}
        | ({} if p.leaving is None else {"Leaving": list(p.leaving)})
        for p in placement
    ]


def placement_from_json(data: Any) -> tuple[Pattern, ...]:
    """The placement. Raises :class:`~icplan.packing.reader.Unreadable` on data that is none."""
    return read_placement(Node(data))


def read_placement(data: Node) -> tuple[Pattern, ...]:
    """The placement."""
    return tuple(
        Pattern(p["Bin"].count(), p["Times"].count(), p["Copies"].counts(), _got_vector(p.get("Leaving")))
        for p in data.items()
    )


def _kind_to_json(kind: Kind) -> dict[str, Any]:
    return {"Name": kind.name, "Count": kind.count, "Demands": [_list(d) for d in kind.demands]}


def _list(vector: Vector | None) -> list[int] | None:
    return None if vector is None else list(vector)
