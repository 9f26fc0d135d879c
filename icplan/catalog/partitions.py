"""NVIDIA MIG partitions: which types of partition a GPU offers, and which layouts fit one GPU."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from icplan.catalog.data import rows
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@frozen
class Gpu:
    """A GPU that can be partitioned: its slices, and per partition type the slices one takes.

    Slices are ``(compute, memory)``.
    """

    name: str
    slices: tuple[int, int]
    profiles: Mapping[str, tuple[int, int]]
    source: str
    confidence: str

    def fits(self, layout: Sequence[str]) -> bool:
        """Whether one GPU can be cut like this.

        For every GPU of the table the sums decide exactly (all multisets were compared with NVIDIA's
        placement tables). A partition type that the GPU does not have raises ``KeyError``.
        """
        taken = [self.profiles[name] for name in layout]
        return all(sum(slices[i] for slices in taken) <= self.slices[i] for i in (0, 1))


@cache
def gpu(name: str) -> Gpu:
    """The GPU of that name in the table; ``KeyError`` when there is none."""
    row = rows("partitions.json")[name]
    profiles = {profile: (compute, memory) for profile, (compute, memory) in row["profiles"].items()}
    return Gpu(name, (row["slices"][0], row["slices"][1]), profiles, row["source"], row["confidence"])


def names() -> tuple[str, ...]:
    """Every GPU of the table."""
    return tuple(rows("partitions.json"))
