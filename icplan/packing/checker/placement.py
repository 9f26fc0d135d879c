"""Part of the checker: do copies lie legally where a placement puts them, and what room do they leave?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.packing.problem import Arrangement, Bin, Kind, Pattern, Problem, Vector


def check_placement(problem: Problem, placement: Sequence[Pattern]) -> bool:
    """Whether the placement puts every copy of the problem legally into a bin."""
    return _lies(problem.bins, problem.kinds, placement)


def check_arrangement(arrangement: Arrangement, placement: Sequence[Pattern], slots: int) -> bool:
    """Whether the lying copies can lie so, and the target then has room for exactly so many copies."""
    none = (0,) * len(arrangement.lying)
    if not _lies(arrangement.bins, arrangement.lying, placement):
        return False
    gone = [0] * len(none)
    total = sum(own.count * _slots(arrangement, b, none) for b, own in enumerate(arrangement.bins))
    for p in placement:
        leaving = p.leaving or none
        if len(leaving) != len(none) or not all(
            type(a) is int and 0 <= a <= c for a, c in zip(leaving, p.copies, strict=True)
        ):
            return False
        gone = [g + p.times * a for g, a in zip(gone, leaving, strict=True)]
        staying = [c - a for a, c in zip(leaving, p.copies, strict=True)]
        total += p.times * (_slots(arrangement, p.bin, staying) - _slots(arrangement, p.bin, none))
    return tuple(gone) == (arrangement.leaves or none) and total == slots


def target_room(arrangement: Arrangement, b: int) -> Vector:
    """What a bin of kind ``b`` has for the target, beside what it holds for good; nothing is below zero."""
    own = arrangement.bins[b]
    counted = own.capacity if arrangement.counted is None else arrangement.counted[b]
    return tuple(max(0, c - u) for c, u in zip(counted, own.used or (0,) * len(counted), strict=True))


def _lies(bins: Sequence[Bin], kinds: Sequence[Kind], placement: Sequence[Pattern]) -> bool:
    filled = [0] * len(bins)
    placed = [0] * len(kinds)
    for p in placement:
        if not all(type(n) is int and n >= 0 for n in (p.bin, p.times, *p.copies)):
            return False
        if p.bin >= len(bins) or len(p.copies) != len(kinds):
            return False
        demands = [kind.demands[p.bin] for kind in kinds]
        if any(n and d is None for n, d in zip(p.copies, demands, strict=True)):
            return False
        free = bins[p.bin].free
        if any(a > f for a, f in zip(_load(demands, p.copies, len(free)), free, strict=True)):
            return False
        filled[p.bin] += p.times
        placed = [n + p.times * c for n, c in zip(placed, p.copies, strict=True)]
    enough = all(n <= own.count for n, own in zip(filled, bins, strict=True))
    return enough and placed == [kind.count for kind in kinds]


def _load(demands: Sequence[Vector | None], copies: Sequence[int], size: int) -> list[int]:
    taken = [(n, d) for n, d in zip(copies, demands, strict=True) if d is not None]
    return [sum(n * d[j] for n, d in taken) for j in range(size)]


def _slots(arrangement: Arrangement, b: int, staying: Sequence[int]) -> int:
    """How many target copies have room in one bin of kind ``b`` beside these."""
    target, room = arrangement.target[b], target_room(arrangement, b)
    if target is None:
        return 0
    load = _load([kind.demands[b] for kind in arrangement.lying], staying, len(room))
    return min(max(0, r - x) // d for r, x, d in zip(room, load, target, strict=True) if d)
