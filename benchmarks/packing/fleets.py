"""Seeded fleets as they are met: real instance types, filled to a given share, and very large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from icplan.packing import Bin, Kind, Problem
from icplan.packing.array_problem import ArrayProblem

if TYPE_CHECKING:
    import random

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


def fleet(rng: random.Random, count: int, most_types: int = 3) -> list[tuple[str, int]]:
    types = rng.sample(sorted(SHAPES), rng.randint(1, min(most_types, count)))
    counts = [1] * len(types)
    for _ in range(count - len(types)):
        counts[rng.randrange(len(types))] += 1
    return list(zip(types, counts, strict=True))


def component(rng: random.Random, shape: tuple[int, int, int]) -> tuple[int, int, int]:
    devices = rng.choice([d for d in (0, 1, 1, 1, 2, 2, 3, 4, 8) if d <= shape[2]])
    share = max(1, devices) / max(8, shape[2]) if devices else rng.choice([0.02, 0.05, 0.1])
    memory = int(shape[1] * min(0.9, share * rng.uniform(0.3, 1.6))) // 256 * 256
    cores = int(shape[0] * min(0.9, share * rng.uniform(0.1, 1.2))) // 250 * 250
    return (max(250, cores), max(512, memory), devices)


def realistic(rng: random.Random, size: str, share: float) -> Problem:
    """Counts scaled so that the scarcest dimension is used to this share; some bins are partly filled."""
    kinds, bins = (rng.randint(*SIZES[size][0]), rng.randint(*SIZES[size][1]))
    mix = fleet(rng, bins)
    rows: list[Bin] = []
    for name, count in mix:
        shape = SHAPES[name]
        filled = [component(rng, shape) for _ in range(count) if rng.random() < 0.3]
        rows += [Bin(name, 1, shape, used) for used in filled]
        if count > len(filled):
            rows.append(Bin(name, count - len(filled), shape))
    shapes = [SHAPES[name] for name, _ in mix]
    parts: list[Part] = []
    for i in range(kinds):
        base = component(rng, rng.choice(shapes))
        demands = {
            name: tuple(int(x * rng.uniform(0.7, 1.3)) if j < 2 else x for j, x in enumerate(base))
            if rng.random() < 0.15
            else base
            for name, _ in mix
        }
        parts.append((f"k{i}", rng.uniform(0.2, 1.0), tuple(demands[b.name] for b in rows)))
    scale = scale_to(rows, parts, share)
    return Problem(tuple(rows), tuple(Kind(n, max(1, int(r * scale)), d) for n, r, d in parts))


def scale_to(rows: list[Bin], parts: list[Part], share: float) -> float:
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
        [rng.integers(2, 50, kinds) * 250, rng.integers(4, 180, kinds) * 256, devices]
    ).astype(np.int64)
    demands = np.repeat(base[None, :, :], len(names), axis=0)
    own = rng.random((len(names), kinds)) < 0.15
    demands[:, :, 1] = np.where(own, demands[:, :, 1] * 11 // 10, demands[:, :, 1])
    ratio = rng.uniform(0.2, 1.0, kinds)
    scale = min(share * free[:, j].sum() / (ratio @ demands[:, :, j].min(axis=0)) for j in range(3))
    return ArrayProblem(np.maximum(1, (ratio * scale).astype(np.int64)), shapes, free, demands)
