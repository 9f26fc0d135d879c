"""Endpoints as they may be: real instance types, components that share them, hidden arrangements.

A type is drawn, one to forty instances (median 4) and a share of them that is to be full; copies of
components with plausible needs are put on instances one after another until it is. What AWS shows of that are
the counts alone.
"""

from __future__ import annotations

import random
from typing import Any

import attrs
from support.endpoints import component, snapshot

from icplan.catalog.catalog import Catalog

#: GPU and CPU types that host components, by what is publicly deployed.
SIZES = {
    "g4dn": "xlarge 2xlarge 12xlarge",
    "g5": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
    "g6": "xlarge 2xlarge 4xlarge 12xlarge 24xlarge 48xlarge",
    "g6e": "xlarge 2xlarge 12xlarge 48xlarge",
    **dict.fromkeys(("p4d", "p4de"), "24xlarge"),
    **dict.fromkeys(("p5", "p5e", "p5en"), "48xlarge"),
    "m5": "4xlarge 12xlarge",
    "c5": "9xlarge",
}
TYPES = [f"ml.{family}.{size}" for family, sizes in SIZES.items() for size in sizes.split()]


@attrs.frozen
class Need:
    """What one copy takes: cores, MiB, devices."""

    cpu: int
    memory: int
    devices: int

    def fits(self, free: list[int]) -> bool:
        return all(own <= there for own, there in zip(self.amounts, free, strict=True))

    @property
    def amounts(self) -> tuple[int, int, int]:
        return self.cpu, self.memory, self.devices


def endpoint(seed: int, components: int, instances: int | None = None) -> dict[str, Any]:
    """A snapshot with so many components, as far as they have room."""
    rng = random.Random(seed)  # noqa: S311  (nothing secret is drawn)
    kind = Catalog().lookup(rng.choice(TYPES), file=None, path="$")
    there = Catalog().allocatable(kind)
    size = [there.cpu.low // 1000, there.memory.low, kind.accelerators]
    count = instances or max(1, min(40, round(rng.lognormvariate(1.4, 0.8))))
    free = [list(size) for _ in range(count)]
    needs = [_need(rng, size) for _ in range(components)]
    copies = [0] * components
    full = rng.uniform(0.4, 1.0)
    for _ in range(60 * count):
        number, place = rng.randrange(components), rng.randrange(count)
        if needs[number].fits(free[place]):
            copies[number] += 1
            free[place] = [a - b for a, b in zip(free[place], needs[number].amounts, strict=True)]
        if (
            1 - sum(max(row[2] / (size[2] or 1), 0) if size[2] else row[1] / size[1] for row in free) / count
            >= full
        ):
            break
    held = [
        component(f"c{number:02}", max(0, copies[number]), need.devices, need.memory, cpu=max(1, need.cpu))
        for number, need in enumerate(needs)
        if copies[number]
    ]
    scaling = (1, count + rng.randint(0, max(1, count // 3))) if rng.random() < 0.65 else None
    quotas = [{"QuotaName": f"{kind.name} for endpoint usage", "Value": count + rng.randint(0, 3)}]
    more = {"Quotas": quotas} if rng.random() < 0.4 else {}
    targets = [
        {"ResourceId": f"inference-component/{one['InferenceComponentName']}", "MaxCapacity": 2 + number}
        for number, one in enumerate(held[:2])
    ]
    return snapshot(kind.name, count, *held, scaling=scaling, ScalableTargets=targets, **more)


def _need(rng: random.Random, size: list[int]) -> Need:
    """A model on some devices with its share of the rest, or one on the CPU alone."""
    cores, memory, devices = size
    if devices and rng.random() < 0.75:
        own = rng.choice([n for n in (1, 1, 1, 2, 2, 3, 4, 8) if n <= devices])
        share = own / devices * rng.uniform(0.2, 1.0)
    else:
        own, share = 0, rng.uniform(0.02, 0.3)
    return Need(
        max(1, int(cores * share * rng.uniform(0.3, 1))), max(512, int(memory * share) // 256 * 256), own
    )
