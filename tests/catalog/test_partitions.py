"""Partition layouts: the sums of slices decide exactly as NVIDIA's placement tables do."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import cache

import pytest

from icplan.catalog import partitions
from icplan.catalog.catalog import builtin_types

Table = Mapping[tuple[int, int], Sequence[int]]

#: Memory slice at which a partition may begin, by (compute, memory) slices; from NVIDIA's MIG user guide.
SEVEN: Table = {
    (1, 1): range(7),
    (1, 2): range(0, 8, 2),
    (2, 2): (0, 2, 4),
    (3, 4): (0, 4),
    (4, 4): (0,),
    (7, 8): (0,),
}
FOUR: Table = {(1, 3): (0, 3, 6, 9), (2, 6): (0, 6), (4, 12): (0,)}
TWO: Table = {(1, 1): (0, 1), (2, 2): (0,)}
TABLES = {(7, 8): SEVEN, (4, 12): FOUR, (2, 2): TWO}


def placeable(table: Table, sizes: tuple[tuple[int, int], ...], taken: int = 0) -> bool:
    """Whether the partitions have disjoint places, by trying every place of each."""
    if not sizes:
        return True
    (compute, memory), *rest = sizes
    for begin in table[compute, memory]:
        cells = ((1 << memory) - 1) << begin
        if not cells & taken and placeable(table, tuple(rest), taken | cells):
            return True
    return False


@cache
def compute_total(name: str) -> int:
    return partitions.gpu(name).slices[0]


@pytest.mark.parametrize("name", partitions.names())
def test_the_sum_rule_agrees_with_every_placement(name: str) -> None:
    """Of all multisets of up to 8 partitions, exactly those that can be placed are said to fit."""
    gpu = partitions.gpu(name)
    table = TABLES[gpu.slices]
    for size in range(9):
        for layout in itertools.combinations_with_replacement(gpu.profiles, size):
            sizes = tuple(sorted((gpu.profiles[p] for p in layout), key=lambda s: -s[1]))
            possible = sum(s[0] for s in sizes) <= compute_total(name) and placeable(table, sizes)
            assert gpu.fits(layout) == possible, layout


def test_every_partitionable_type_is_in_the_table() -> None:
    """Whatever the catalog says can be partitioned, the table knows."""
    assert {kind.mig_gpu for kind in builtin_types().values() if kind.mig_gpu} == set(partitions.names())
