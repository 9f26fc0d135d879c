"""The small checker: verifies placements, arrangements and proofs in exact integers, without the solver.

The heaviest legal pattern of each kind of bin is found by a search of its own (:mod:`icplan.packing.weigh`).
Work is capped, so that no proof, however made, can hold it up; past the cap the answer is "not verified".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.packing.weigh import Refused, Search, multipliers, useful, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.packing.problem import Arrangement, Bin, Kind, Pattern, Problem, Vector
    from icplan.packing.weigh import Item

#: Steps of search after which a proof counts as not verified: some seconds.
MOST_WORK = 2_000_000

#: How deeply branches of a proof may nest.
MOST_DEPTH = 300


def check_placement(problem: Problem, placement: Sequence[Pattern]) -> bool:
    """Whether the placement puts every copy of the problem legally into a bin."""
    return _lies(problem.bins, problem.kinds, placement)


def check_arrangement(arrangement: Arrangement, placement: Sequence[Pattern], slots: int) -> bool:
    """Whether the lying copies can lie so, and the target then has room for exactly so many copies."""
    leaves = arrangement.leaves or (0,) * len(arrangement.lying)
    if not _lies(arrangement.bins, arrangement.lying, placement):
        return False
    gone = [0] * len(leaves)
    filled = [0] * len(arrangement.bins)
    total = 0
    for pattern in placement:
        leaving = pattern.leaving or (0,) * len(leaves)
        if len(leaving) != len(leaves) or not all(
            0 <= a <= c for a, c in zip(leaving, pattern.copies, strict=True)
        ):
            return False
        gone = [g + pattern.times * a for g, a in zip(gone, leaving, strict=True)]
        filled[pattern.bin] += pattern.times
        staying = [c - a for a, c in zip(leaving, pattern.copies, strict=True)]
        demands = [kind.demands[pattern.bin] for kind in arrangement.lying]
        total += pattern.times * _slots(arrangement, pattern.bin, _load(demands, staying))
    empty = [b.count - n for b, n in zip(arrangement.bins, filled, strict=True)]
    total += sum(n * _slots(arrangement, b, None) for b, n in enumerate(empty))
    return tuple(gone) == tuple(leaves) and total == slots


def check_proof(problem: Problem, proof: Mapping[str, Any], work: int = MOST_WORK) -> bool:
    """Whether the proof shows that not all copies can lie in the bins."""
    try:
        return _Check(problem.bins, problem.kinds, None, "least", work).bound(proof, ()) is None
    except (Refused, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return False


def check_slots(arrangement: Arrangement, proof: Mapping[str, Any], work: int = MOST_WORK) -> bool:
    """Whether the proof shows its ``Bound``: no arrangement leaves room for fewer (``Sense`` least) or more.

    A ``Bound`` of ``None`` claims that the copies cannot lie in the bins at all.
    """
    try:
        sense = proof["Sense"]
        leaves = arrangement.leaves or (0,) * len(arrangement.lying)
        stay = [(k.demands, k.count - n) for k, n in zip(arrangement.lying, leaves, strict=True)]
        leave = [(k.demands, n) for k, n in zip(arrangement.lying, leaves, strict=True)]
        check = _Check(arrangement.bins, [*stay, *leave], arrangement, sense, work)
        bound, claim = check.bound(proof, ()), proof["Bound"]
        if claim is None or bound is None:
            return bound is None
        whole([claim])
    except (Refused, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return False
    return bool(claim <= bound if sense == "least" else claim >= -bound)


def _lies(bins: Sequence[Bin], kinds: Sequence[Kind], placement: Sequence[Pattern]) -> bool:
    filled = [0] * len(bins)
    placed = [0] * len(kinds)
    for p in placement:
        numbers = (p.bin, p.times, *p.copies)
        if (
            not all(type(n) is int and n >= 0 for n in numbers)
            or not p.bin < len(bins)
            or len(p.copies) != len(kinds)
        ):
            return False
        demands = [kind.demands[p.bin] for kind in kinds]
        if any(n and d is None for n, d in zip(p.copies, demands, strict=True)):
            return False
        free = bins[p.bin].free
        if any(a > f for a, f in zip(_load(demands, p.copies) or (0,) * len(free), free, strict=True)):
            return False
        filled[p.bin] += p.times
        placed = [n + p.times * c for n, c in zip(placed, p.copies, strict=True)]
    enough = all(n <= b.count for n, b in zip(filled, bins, strict=True))
    return enough and placed == [kind.count for kind in kinds]


def _load(demands: Sequence[Vector | None], copies: Sequence[int]) -> list[int] | None:
    taken = [[n * x for x in d] for d, n in zip(demands, copies, strict=True) if d is not None and n]
    return [sum(column) for column in zip(*taken, strict=True)] or None


def _slots(arrangement: Arrangement, b: int, load: Sequence[int] | None) -> int:
    """How many target copies have room in one bin of kind ``b`` beside this load."""
    target, own = arrangement.target[b], arrangement.bins[b]
    if target is None:
        return 0
    counted = own.capacity if arrangement.counted is None else arrangement.counted[b]
    used, load = own.used or (0,) * len(counted), load or (0,) * len(counted)
    room = [c - u - x for c, u, x in zip(counted, used, load, strict=True)]
    return min(max(0, r) // d for r, d in zip(room, target, strict=True) if d)


class _Check:
    """Verifies one proof; kinds are (demands, count), of arrangements first the staying, then the leaving."""

    def __init__(
        self,
        bins: Sequence[Bin],
        kinds: Sequence[Any],
        arrangement: Arrangement | None,
        sense: str,
        work: int,
    ) -> None:
        if sense not in ("least", "most"):
            raise Refused
        self.bins = bins
        self.kinds = [k if isinstance(k, tuple) else (k.demands, k.count) for k in kinds]
        self.arrangement = arrangement
        self.sign = 1 if sense == "least" else -1
        self.work = work

    def bound(self, proof: Mapping[str, Any], path: tuple[tuple[Mapping[str, Any], bool], ...]) -> int | None:
        """The least value (slots, times -1 for "most") any solution has; ``None`` if there is no solution."""
        if len(path) > MOST_DEPTH:
            raise Refused
        if proof["Kind"] == "tree":
            whole([proof["Most"], *proof["Bins"]], 0)
            whole([n for row in proof["AtLeast"] for n in (row["Copies"], *row["Kinds"])], 0)
            sides = [
                self.bound(proof["Under"], (*path, (proof, True))),
                self.bound(proof["Over"], (*path, (proof, False))),
            ]
            return min((b for b in sides if b is not None), default=None)
        return self._leaf(proof, path)

    def _read(self, proof: Mapping[str, Any]) -> tuple[list[int], list[int], int]:
        """Weights, limits and scale: ``weights·copies - scale·slots <= limit`` is what has to hold."""
        if self.arrangement is None:
            if proof["Kind"] != "weights":
                raise Refused
            return proof["Weights"], proof["Limits"], 0
        if proof["Kind"] != "slots":
            raise Refused
        prices, bases, scale = [*proof["Prices"], *proof["Leaving"]], proof["Bases"], proof["Scale"]
        whole([*prices, *bases])
        whole([scale], 0)
        return [self.sign * w for w in prices], [-self.sign * x for x in bases], scale

    def _leaf(self, proof: Mapping[str, Any], path: tuple[tuple[Mapping[str, Any], bool], ...]) -> int | None:
        """Every pattern weighs at most its limit (plus scale·slots): weigh all copies against all bins."""
        weights, limits, scale = self._read(proof)
        rows = proof.get("Rows", [])
        whole([*weights, *limits, *rows])
        if (len(weights), len(limits), len(rows)) != (len(self.kinds), len(self.bins), len(path)):
            raise Refused
        total = sum(w * count for w, (_, count) in zip(weights, self.kinds, strict=True))
        total -= sum(limit * b.count for limit, b in zip(limits, self.bins, strict=True))
        for price, (row, under) in zip(rows, path, strict=True):
            if price and (price < 0) != under:
                raise Refused
            total += price * (row["Most"] if under else row["Most"] + 1)
        hints = proof.get("Multipliers") or [None] * len(limits)
        paid = [(price, row) for price, (row, _) in zip(rows, path, strict=True)]
        for b, own in enumerate(self.bins):
            if own.count:
                self._verify(b, weights, paid, scale, limits[b], hints[b])
        if scale:
            return int(-(-total // scale))
        if total <= 0:
            raise Refused
        return None

    def _verify(
        self,
        b: int,
        weights: Sequence[int],
        rows: Sequence[tuple[int, Mapping[str, Any]]],
        scale: int,
        limit: int,
        hint: Sequence[int] | None,
    ) -> None:
        """Refuse unless no legal pattern of bin kind ``b`` weighs more than ``limit``."""
        own = [(price, row["AtLeast"]) for price, row in rows if price and b in row["Bins"]]
        items = self._items(b, weights, [needs for _, needs in own])
        free = useful(self.bins[b].free, items)
        Search(
            lambda load: self.slots(b, load),
            self.spend,
            items,
            own,
            (scale, limit),
            multipliers(hint, len(free)),
        ).run(free)

    def _items(
        self, b: int, weights: Sequence[int], rows: Sequence[Sequence[Mapping[str, Any]]]
    ) -> list[Item]:
        """What may lie in the bin, alike kinds as one, without those that only lower a pattern's value."""
        merged: dict[Any, int] = {}
        half = len(self.kinds) // 2
        free = self.bins[b].free
        self.spend(len(self.kinds))
        for i, (demands, count) in enumerate(self.kinds):
            demand = demands[b]
            if demand is None or not count or any(d > f for d, f in zip(demand, free, strict=True)):
                continue
            member = tuple(n for row in rows for need in row for n in [need["Kinds"].count(i)])
            counted = self.arrangement is not None and i < half and any(demand)
            if weights[i] > 0 or any(member) or (counted and self.sign > 0):
                key = (demand, weights[i], counted, member)
                merged[key] = merged.get(key, 0) + count
        return [(demand, n, *rest) for (demand, *rest), n in merged.items()]

    def spend(self, steps: int = 1) -> None:
        """Count work; refuse when there was too much of it."""
        self.work -= steps
        if self.work < 0:
            raise Refused

    def slots(self, b: int, load: Sequence[int]) -> int:
        """Signed slots of one bin beside a load: what a solution's value counts."""
        return self.sign * _slots(self.arrangement, b, load) if self.arrangement is not None else 0
