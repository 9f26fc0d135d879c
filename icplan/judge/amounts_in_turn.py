"""What a change is judged on of the amounts that can be allocated, as a catalog for judging it otherwise.

A change of a set is judged as if those before it have been placed, which narrows what may be allocated. That
holds wherever it is judged with them, whatever of them is there at the moment.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.catalog.catalog import Catalog
    from icplan.catalog.types import Interval
    from icplan.judge.state import ChangeResult


def with_amounts_of(catalog: Catalog, result: ChangeResult) -> Catalog:
    """The catalog in which so much can be allocated at least as a change was judged on."""
    return attrs.evolve(catalog, settings={**catalog.settings, **dict(_raised(result))})


def _raised(result: ChangeResult) -> Iterator[tuple[tuple[str, str], Interval]]:
    """The amounts that are surely more than the catalog knows; what a user gave stays as it is."""
    if result.lowering is None:
        return
    question = result.lowering.question
    for pool, side in zip(question.fleet.pools, question.box.sides, strict=True):
        cpu, memory = (
            (math.floor(side.low[0] * question.fleet.cpu_unit), pool.allocatable.cpu),
            (side.low[1], pool.allocatable.memory),
        )
        for what, (least, known) in (("cpu", cpu), ("memory", memory)):
            if least > known.low and known.basis != "given":
                high = max(known.high, least)
                yield (pool.type.name, what), attrs.evolve(known, low=least, high=high)
