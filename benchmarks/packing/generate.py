"""Seeded fleets: realistic ones, packed to the brim, one copy past it, fragmented, and very large."""

from __future__ import annotations

import random
from math import gcd
from typing import TYPE_CHECKING

import attrs
import numpy as np

from icplan.packing import Bin, Kind, Problem
from icplan.packing.arrays import ArrayProblem

if TYPE_CHECKING:
    from collections.abc import Callable

#: milli-cores, MiB and devices of instance types that run inference components.
SHAPES = {
    "ml.g4dn.xlarge": (4000, 16384, 1),
    "ml.g4dn.12xlarge": (48000, 196608, 4),
    "ml.g5.xlarge": (4000, 16384, 1),
    "ml.g5.2xlarge": (8000, 32768, 1),
    "ml.g5.4xlarge": (16000, 65536, 1),
    "ml.g5.12xlarge": (48000, 196608, 4),
    "ml.g5.24xlarge": (96000, 393216, 4),
    "ml.g5.48xlarge": (192000, 786432, 8),
    "ml.g6.2xlarge": (8000, 32768, 1),
    "ml.g6.12xlarge": (48000, 196608, 4),
    "ml.g6.48xlarge": (192000, 786432, 8),
    "ml.g6e.12xlarge": (48000, 393216, 4),
    "ml.p4d.24xlarge": (96000, 1179648, 8),
    "ml.p5.48xlarge": (192000, 2097152, 8),
    "ml.inf2.24xlarge": (96000, 393216, 6),
    "ml.inf2.48xlarge": (192000, 786432, 12),
    "ml.trn1.32xlarge": (128000, 524288, 16),
    "ml.c6i.8xlarge": (32000, 65536, 0),
    "ml.m6i.12xlarge": (48000, 196608, 0),
}

#: kinds, bins
SIZES = {"S": ((1, 5), (1, 10)), "M": ((5, 20), (10, 100)), "L": ((20, 50), (100, 500))}


#: A kind's name, its share of the copies, and its demands.
Part = tuple[str, float, tuple[tuple[int, ...], ...]]


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


def _fleet(rng: random.Random, count: int, most_types: int = 3) -> list[tuple[str, int]]:
    types = rng.sample(sorted(SHAPES), rng.randint(1, min(most_types, count)))
    counts = [1] * len(types)
    for _ in range(count - len(types)):
        counts[rng.randrange(len(types))] += 1
    return list(zip(types, counts, strict=True))


def _component(rng: random.Random, shape: tuple[int, int, int]) -> tuple[int, int, int]:
    devices = rng.choice([d for d in (0, 1, 1, 1, 2, 2, 3, 4, 8) if d <= shape[2]])
    share = max(1, devices) / max(8, shape[2]) if devices else rng.choice([0.02, 0.05, 0.1])
    memory = int(shape[1] * min(0.9, share * rng.uniform(0.3, 1.6))) // 256 * 256
    cores = int(shape[0] * min(0.9, share * rng.uniform(0.1, 1.2))) // 250 * 250
    return (max(250, cores), max(512, memory), devices)


def realistic(rng: random.Random, size: str, share: float) -> Problem:
    """Counts scaled so that the scarcest dimension is used to this share; some bins are partly filled."""
    kinds, bins = (rng.randint(*SIZES[size][0]), rng.randint(*SIZES[size][1]))
    fleet = _fleet(rng, bins)
    rows: list[Bin] = []
    for name, count in fleet:
        shape = SHAPES[name]
        filled = [_component(rng, shape) for _ in range(count) if rng.random() < 0.3]
        rows += [Bin(name, 1, shape, used) for used in filled]
        if count > len(filled):
            rows.append(Bin(name, count - len(filled), shape))
    shapes = [SHAPES[name] for name, _ in fleet]
    parts: list[Part] = []
    for i in range(kinds):
        base = _component(rng, rng.choice(shapes))
        demands = {
            name: tuple(int(x * rng.uniform(0.7, 1.3)) if j < 2 else x for j, x in enumerate(base))
            if rng.random() < 0.15
            else base
            for name, _ in fleet
        }
        parts.append((f"k{i}", rng.uniform(0.2, 1.0), tuple(demands[b.name] for b in rows)))
    scale = _scale(rows, parts, share)
    return Problem(tuple(rows), tuple(Kind(n, max(1, int(r * scale)), d) for n, r, d in parts))


def _scale(rows: list[Bin], parts: list[Part], share: float) -> float:
    """The factor at which some dimension of some group of bins is used to the share."""
    best = float("inf")
    for j in range(3):
        room = sum(b.count * b.free[j] for b in rows)
        taken = sum(ratio * min(d[j] for d in demands) for _, ratio, demands in parts)
        if taken:
            best = min(best, share * room / taken)
    accelerated = [b for b, own in enumerate(rows) if own.capacity[2]]
    users = [p for p in parts if min(d[2] for d in p[2])]
    for j in range(2):
        room = sum(rows[b].count * rows[b].free[j] for b in accelerated)
        taken = sum(
            ratio * min(demands[b][j] for b in accelerated) for _, ratio, demands in users if accelerated
        )
        if taken:
            best = min(best, share * room / taken)
    return best


def planted(rng: random.Random, size: str, slack: float = 0.0) -> Problem:
    """A perfect packing: every bin filled to the last unit of every dimension (memory less the slack)."""
    kinds, bins = (max(2, rng.randint(*SIZES[size][0])), rng.randint(*SIZES[size][1]))
    fleet = _fleet(rng, bins, 2)
    demands: list[tuple[int, int, int]] = []
    counts: list[int] = []
    for name, count in fleet:
        left = count
        per_type = max(2, kinds // len(fleet))
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
    for name, count in fleet:
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
    """A perfect packing, and one small copy too many in memory only by what the slack holds."""
    problem = planted(rng, size, 0.02)
    kinds = list(problem.kinds)
    at = min(range(len(kinds)), key=lambda i: (kinds[i].demands[0] or (0, 0, 0))[::-1])
    kinds[at] = attrs.evolve(kinds[at], count=kinds[at].count + 1)
    return Problem(problem.bins, tuple(kinds))


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
    running = [_component(rng, shape) for _ in range(max(1, kinds // 2))]
    for i in range(bins * 2):
        d = running[i % len(running)]
        own = used[i % bins]
        if all(u + x <= c for u, x, c in zip(own, d, shape, strict=True)):
            used[i % bins] = [u + x for u, x in zip(own, d, strict=True)]
    rows = tuple(Bin(name, 1, shape, (u[0], u[1], u[2])) for u in used)
    parts: list[Part] = [
        (f"k{i}", rng.uniform(0.2, 1.0), (_component(rng, shape),) * bins)
        for i in range(max(1, kinds - len(running)))
    ]
    scale = _scale(list(rows), parts, rng.choice([0.8, 0.9, 1.0]))
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

#: Families that no one meets by chance: perfect packings and just infeasible ones.
ADVERSARIAL = ("parity", "plant", "plant2%", "shift", "shift2%", "one-more")


def case(family: str, size: str, seed: int) -> Case:
    """The same case for the same arguments, on every machine."""
    rng = random.Random(f"{family} {size} {seed}")  # noqa: S311 - no secrets here
    return Case(family, size, seed, FAMILIES[family](rng, size))


def very_large(seed: int, share: float, kinds: int = 1000, bins: int = 5000) -> ArrayProblem:
    """A thousand kinds and thousands of bins in some five hundred states, 50,000 copies and more."""
    rng = np.random.default_rng(seed)
    names = ["ml.g5.12xlarge", "ml.g5.48xlarge", "ml.g6e.12xlarge", "ml.p4d.24xlarge"]
    capacity = np.array([SHAPES[name] for name in names], dtype=np.int64)
    shapes = np.sort(rng.integers(0, len(names), bins))
    states = rng.integers(0, 125, bins)
    filled = rng.uniform(0.0, 0.3, (len(names), 125, 3)) * (rng.random((len(names), 125)) < 0.5)[:, :, None]
    free = capacity[shapes] - np.floor(capacity[shapes] * filled[shapes, states]).astype(np.int64)
    devices = rng.choice([0, 0, 0, 1], kinds)
    base = np.column_stack(
        [rng.integers(1, 25, kinds) * 250, rng.integers(2, 90, kinds) * 256, devices]
    ).astype(np.int64)
    demands = np.repeat(base[None, :, :], len(names), axis=0)
    own = rng.random((len(names), kinds)) < 0.15
    demands[:, :, 1] = np.where(own, demands[:, :, 1] * 11 // 10, demands[:, :, 1])
    ratio = rng.uniform(0.2, 1.0, kinds)
    scale = min(share * free[:, j].sum() / (ratio @ demands[:, :, j].min(axis=0)) for j in range(3))
    return ArrayProblem(np.maximum(1, (ratio * scale).astype(np.int64)), shapes, free, demands)
