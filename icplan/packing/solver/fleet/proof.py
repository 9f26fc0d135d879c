"""The search's cases as a proof that a checker can follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.packing.fleet_proof import CutsLeaf, CutUse, FleetProof, FleetTree, RefusalLeaf, Split

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from icplan.packing.fleet_proof import FleetCut, Refusal
    from icplan.packing.solver.fleet.search import Case


class _NotCertified(Exception):  # noqa: N818 - a way out of the recursion
    """A refusal has no proof that can be checked."""


@attrs.define
class _Writer:
    """Numbers the cuts and refusals that the tree uses, in the order of their use."""

    target: int | None
    refusals: Sequence[Refusal | None]
    cuts: dict[int, int] = attrs.field(factory=dict)
    refused: dict[int, int] = attrs.field(factory=dict)

    def tree(self, case: Case) -> FleetTree:
        """The case, no deeper than it takes."""
        # What was known before a case was split may do by now.
        enough = case.bound is None or (self.target is not None and case.bound >= self.target)
        if case.split is not None and not enough:
            t, most, under, over = case.split
            return Split(t, most, self.tree(under), self.tree(over))
        if case.bar is not None:
            if self.refusals[case.bar.refusal] is None:
                raise _NotCertified
            at = self.refused.setdefault(case.bar.refusal, len(self.refused))
            return RefusalLeaf(at, case.bar.number)
        uses = tuple(
            CutUse(self.cuts.setdefault(row.cut, len(self.cuts)), row.number, times)
            for row, times in case.multipliers.used
        )
        return CutsLeaf(case.multipliers.scale, uses, case.multipliers.total)


def written_proof(
    root: Case,
    target: int | None,
    cuts: Sequence[FleetCut],
    refusals: Sequence[Refusal | None],
    finish: Callable[[FleetCut], FleetCut],
) -> FleetProof | None:
    """The proof that no fleet costs less than ``target``, or (``None``) that there is none.

    ``None`` where a refusal that it rests on has no proof.
    """
    writer = _Writer(target, refusals)
    try:
        tree = writer.tree(root)
    except _NotCertified:
        return None
    return FleetProof(
        tuple(finish(cuts[number]) for number in writer.cuts),
        tuple(found for number in writer.refused if (found := refusals[number]) is not None),
        tree,
    )
