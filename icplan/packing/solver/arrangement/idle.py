"""Bins in which nothing can lie: their slots are always the same, so the search is for the others alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.packing.solver.branch_and_bound import Branch, Leaf, SearchResult
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.packing.solver.arrangement.model import ArrangementModel
    from icplan.packing.solver.branch_and_bound import Tree


@frozen
class WithoutIdleBins:
    """A model without those classes of bins; ``kept`` are the others, ``slots`` what each idle bin has."""

    model: ArrangementModel
    kept: tuple[int, ...]
    slots: tuple[int | None, ...]
    total: int

    @classmethod
    def of(cls, model: ArrangementModel) -> WithoutIdleBins:
        """The model split; where it would be nothing, or all of it, it stays whole."""
        core = model.core
        idle = [all(demand is None for demand in column) for column in core.demands]
        if all(idle):
            idle = [False] * len(idle)
        nothing = (0,) * len(core.counts)
        slots = tuple(model.slots(k, nothing) if out else None for k, out in enumerate(idle))
        total = sum(n * (each or 0) for n, each in zip(core.bins, slots, strict=True))
        kept = tuple(k for k, out in enumerate(idle) if not out)
        return cls(model if len(kept) == len(idle) else _only(model, kept), kept, slots, total)

    def restored(self, found: SearchResult, sign: int) -> SearchResult:
        """What was found for the kept bins, in terms of all."""
        if len(self.kept) == len(self.slots):
            return found
        loads = found.loads and tuple((self.kept[k], times, copies) for k, times, copies in found.loads)
        cost = None if found.cost is None else found.cost + sign * self.total
        return SearchResult(found.tree and self._tree(found.tree, sign), cost, loads)

    def _tree(self, tree: Tree, sign: int) -> Tree:
        if isinstance(tree, Branch):
            cut = attrs.evolve(tree.cut, bin=self.kept[tree.cut.bin])
            return Branch(cut, self._tree(tree.under, sign), self._tree(tree.over, sign))
        bases = [0 if each is None else sign * tree.scale * each for each in self.slots]
        for k, base in zip(self.kept, tree.bases, strict=True):
            bases[k] = base
        total = tree.total + sign * tree.scale * self.total
        return Leaf(tree.scale, tuple(bases), tree.prices, tree.rows, total)


def _only(model: ArrangementModel, kept: Sequence[int]) -> ArrangementModel:
    core = model.core
    fewer = attrs.evolve(
        core,
        bins=tuple(core.bins[k] for k in kept),
        free=tuple(core.free[k] for k in kept),
        demands=tuple(core.demands[k] for k in kept),
        bin_origins=tuple(core.bin_origins[k] for k in kept),
    )
    rooms, targets = tuple(model.rooms[k] for k in kept), tuple(model.targets[k] for k in kept)
    return attrs.evolve(model, core=fewer, rooms=rooms, targets=targets)
