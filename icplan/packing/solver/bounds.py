"""Proofs of infeasibility that need no search: a kind without room, slots per kind, volume per dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.packing.certificate import Weights

if TYPE_CHECKING:
    from icplan.packing.solver.presolve import BinFill, ReducedProblem


def slot_bound(core: ReducedProblem) -> Weights | None:
    """A kind that has more copies than fit if it were alone."""
    for t, count in enumerate(core.counts):
        rooms = [core.room(k, t) for k in range(len(core.bins))]
        if sum(m * room for m, room in zip(core.bins, rooms, strict=True)) < count:
            weights = tuple(int(i == t) for i in range(len(core.counts)))
            return Weights(weights, tuple(rooms))
    return None


def volume_bound(core: ReducedProblem) -> Weights | None:
    """A dimension of which all copies together take more than there is, where each takes its least."""
    for j, weights in enumerate(zip(*core.sizes.least, strict=True)):
        limits = tuple(f[j] for f in core.free)
        taken = sum(n * w for n, w in zip(core.counts, weights, strict=True))
        if taken > sum(m * b for m, b in zip(core.bins, limits, strict=True)):
            return Weights(weights, limits, tuple(_unit(core, k, j) for k in range(len(core.bins))))
    return None


def _unit(core: ReducedProblem, k: int, j: int) -> tuple[int, ...]:
    return (1, *(int(i == j) for i in range(len(core.free[k]))))


def one_kind(core: ReducedProblem) -> list[BinFill] | None:
    """The placement of a single kind that the slot bound did not refuse."""
    if len(core.counts) != 1:
        return None
    left = core.counts[0]
    loads: list[BinFill] = []
    for k, bins in enumerate(core.bins):
        room = core.room(k, 0)
        full = min(bins, left // room) if room else 0
        loads.append((k, full, (room,)))
        left -= full * room
        if full < bins and left and room:
            loads.append((k, 1, (left,)))
            left = 0
    return loads
