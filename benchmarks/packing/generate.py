"""Seeded cases: realistic fleets, perfect packings, just infeasible ones, and fragmented fleets."""

from __future__ import annotations

import random
from math import gcd
from typing import TYPE_CHECKING, Any

import attrs
from fleets import SHAPES, SIZES, Part, component, fleet, realistic, scale_to

from icplan.packing import Bin, Kind, Problem

if TYPE_CHECKING:
    from collections.abc import Callable


@attrs.frozen
class Case:
    """One problem of a family and size."""

    family: str
    size: str
    seed: int
    problem: Problem

    @property
    def name(self) -> str:
        return f"{self.family}-{self.size}-{self.seed}"


def planted(rng: random.Random, size: str, slack: float = 0.0) -> Problem:
    """A perfect packing: every bin filled to the last unit of every dimension (memory less the slack)."""
    kinds, bins = (max(2, rng.randint(*SIZES[size][0])), rng.randint(*SIZES[size][1]))
    mix = fleet(rng, bins, 2)
    demands: list[tuple[int, int, int]] = []
    counts: list[int] = []
    for name, count in mix:
        left = count
        per_type = max(2, kinds // len(mix))
        while left:
            parts = rng.randint(2, 5)
            times = left if per_type < 4 or left < 2 else rng.randint(1, left)
            per_type -= parts
            pieces = _pieces(rng, SHAPES[name], parts, demands)
            for piece in pieces:
                if piece in demands:
                    counts[demands.index(piece)] += times
                else:
                    demands.append(piece)
                    counts.append(times)
            left -= times
    rows = []
    for name, count in mix:
        cores, memory, devices = SHAPES[name]
        rows.append(Bin(name, count, (cores, int(memory * (1 + slack)), devices)))
    pairs = enumerate(zip(demands, counts, strict=True))
    return Problem(tuple(rows), tuple(Kind(f"k{i}", n, (d,) * len(rows)) for i, (d, n) in pairs))


def _pieces(
    rng: random.Random, shape: tuple[int, int, int], parts: int, known: list[tuple[int, int, int]]
) -> list[tuple[int, int, int]]:
    """The whole shape in so many pieces, some of them known ones."""
    left, pieces = list(shape), []
    for _ in range(parts - 1):
        fitting = [d for d in known if d[0] < left[0] and d[1] < left[1] and d[2] <= left[2]]
        if fitting and rng.random() < 0.5:
            piece = rng.choice(fitting)
        else:
            share = rng.uniform(0.1, 0.7)
            piece = (
                max(1, int(left[0] * share / 250)) * 250 if left[0] > 500 else 0,
                max(1, int(left[1] * rng.uniform(0.1, 0.7) / 64)) * 64 if left[1] > 128 else 0,
                rng.randint(0, left[2]),
            )
        left = [a - b for a, b in zip(left, piece, strict=True)]
        pieces.append(piece)
    pieces.append((left[0], left[1], left[2]))
    return [p for p in pieces if any(p)]


def shifted(rng: random.Random, size: str, slack: float = 0.0) -> Problem:
    """A perfect packing with memory moved between two kinds: in total as much as before."""
    problem = planted(rng, size, slack)
    kinds = list(problem.kinds)
    for _ in range(20):
        if len(kinds) < 2:
            break
        a, b = rng.sample(range(len(kinds)), 2)
        step = gcd(kinds[a].count, kinds[b].count)
        up, down = kinds[b].count // step, kinds[a].count // step
        first, second = kinds[a].demands[0] or (), kinds[b].demands[0] or ()
        times = min(8, (second[1] - 64) // down)
        if times < 1:
            continue
        more = (first[0], first[1] + up * times, first[2])
        less = (second[0], second[1] - down * times, second[2])
        if any(more[1] > own.capacity[1] for own in problem.bins):
            continue
        kinds[a] = attrs.evolve(kinds[a], demands=(more,) * len(problem.bins))
        kinds[b] = attrs.evolve(kinds[b], demands=(less,) * len(problem.bins))
        break
    return Problem(problem.bins, tuple(kinds))


def one_more(rng: random.Random, size: str) -> Problem:
    """A perfect packing, room for one more copy spread thin over all bins, and that copy."""
    problem = planted(rng, size)
    bins = sum(own.count for own in problem.bins)
    kinds = list(problem.kinds)
    at = min(range(len(kinds)), key=lambda i: (kinds[i].demands[0] or (0, 0, 0))[::-1])
    cores, memory, _ = kinds[at].demands[0] or (0, 0, 0)
    kinds[at] = attrs.evolve(kinds[at], count=kinds[at].count + 1)
    wider = []
    for own in problem.bins:
        mine, held, devices = own.capacity
        wider.append(attrs.evolve(own, capacity=(mine - -cores // bins, held - -memory // bins, devices)))
    return Problem(tuple(wider), tuple(kinds))


def parity(rng: random.Random, size: str) -> Problem:
    """Copies that need 3, 5, 6 or 7 of the 8 devices of an instance."""
    bins = rng.randint(*SIZES[size][1])
    shape = SHAPES["ml.g5.48xlarge"]
    needs = rng.sample([2, 3, 5, 6, 7], min(5, max(2, rng.randint(*SIZES[size][0]))))
    left = 8 * bins
    counts = dict.fromkeys(needs, 0)
    while True:
        need = rng.choice(needs)
        if need > left:
            break
        counts[need] += 1
        left -= need
    if rng.random() < 0.5:
        for need in needs:
            counts[need] = max(1, int(counts[need] * 0.93))
    kinds = [
        Kind(f"k{need}", n, ((need * 2000, need * shape[1] // 9 // 256 * 256, need),))
        for need, n in counts.items()
        if n
    ]
    return Problem((Bin("ml.g5.48xlarge", bins, shape),), tuple(kinds))


def fragmented(rng: random.Random, size: str) -> Problem:
    """Running copies spread over the bins; the new ones need larger pieces."""
    kinds, bins = (rng.randint(*SIZES[size][0]), rng.randint(*SIZES[size][1]))
    name = rng.choice([n for n, s in SHAPES.items() if s[2] >= 4])
    shape = SHAPES[name]
    used = [[0, 0, 0] for _ in range(bins)]
    running = [component(rng, shape) for _ in range(max(1, kinds // 2))]
    for i in range(bins * 2):
        d = running[i % len(running)]
        own = used[i % bins]
        if all(u + x <= c for u, x, c in zip(own, d, shape, strict=True)):
            used[i % bins] = [u + x for u, x in zip(own, d, strict=True)]
    rows = tuple(Bin(name, 1, shape, (u[0], u[1], u[2])) for u in used)
    parts: list[Part] = [
        (f"k{i}", rng.uniform(0.2, 1.0), (component(rng, shape),) * bins)
        for i in range(max(1, kinds - len(running)))
    ]
    scale = scale_to(list(rows), parts, rng.choice([0.8, 0.9, 1.0]))
    return Problem(rows, tuple(Kind(n, max(1, int(r * scale)), d) for n, r, d in parts))


FAMILIES: dict[str, Callable[[random.Random, str], Problem]] = {
    "real.6": lambda rng, size: realistic(rng, size, 0.6),
    "real.8": lambda rng, size: realistic(rng, size, 0.8),
    "real.9": lambda rng, size: realistic(rng, size, 0.9),
    "real.95": lambda rng, size: realistic(rng, size, 0.95),
    "real1.0": lambda rng, size: realistic(rng, size, 1.0),
    "frag": fragmented,
    "parity": parity,
    "plant": planted,
    "plant2%": lambda rng, size: planted(rng, size, 0.02),
    "shift": shifted,
    "shift2%": lambda rng, size: shifted(rng, size, 0.02),
    "one-more": one_more,
}

#: Cases per family, by size: (all methods, icplan alone).
AMOUNTS = {"S": (3, 40), "M": (2, 30), "L": (1, 12)}
QUICK = {"S": (1, 10), "M": (1, 5), "L": (0, 2)}

#: Families that no one meets by chance: perfect packings and just infeasible ones.
ADVERSARIAL = ("parity", "plant", "plant2%", "shift", "shift2%", "one-more")


def case(family: str, size: str, seed: int) -> Case:
    """The same case for the same arguments, on every machine."""
    rng = random.Random(f"{family} {size} {seed}")  # noqa: S311 - no secrets here
    return Case(family, size, seed, FAMILIES[family](rng, size))


def generated(amounts: dict[str, tuple[int, int]], which: int) -> list[tuple[dict[str, Any], Problem]]:
    found = []
    for size, numbers in amounts.items():
        for family in FAMILIES:
            for seed in range(numbers[which]):
                about = {"Size": size, "Family": family, "Seed": seed, "Adversarial": family in ADVERSARIAL}
                found.append((about, case(family, size, seed).problem))
    return found
