"""The small checker: verifies placements, arrangements and proofs in exact integers, without the solver.

Work is capped, so that no proof, however made, can hold it up; past the cap the answer is "not verified".
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, cast

from icplan.packing.certificate import (
    Fork,
    ProvenBound,
    Sense,
    SlotPrices,
    Weights,
    read_bound,
    read_certificate,
)
from icplan.packing.checker.knapsack import (
    Exhausted,
    InvalidProof,
    Item,
    SoftValue,
    StepLimit,
    outweighs,
)
from icplan.packing.checker.placement import check_arrangement, check_placement, target_room
from icplan.packing.reader import Node, Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.packing.certificate import AtLeast, Certificate
    from icplan.packing.problem import Arrangement, Bin, Problem, Vector

    #: Demands per kind of bin, number of copies, and whether they take room from the target.
    Part = tuple[Sequence[Vector | None], int, bool]

    #: A fork of a proof, and whether this side of it is the one where at most so many bins count.
    Path = tuple[tuple[Fork, bool], ...]

__all__ = [
    "check_arrangement",
    "check_placement",
    "check_proof",
    "check_slots",
    "proof_holds",
    "slots_hold",
]

#: Steps of search after which a proof counts as not verified: some seconds.
MAX_WORK = 3_000_000


def check_proof(problem: Problem, proof: Certificate | Mapping[str, Any], work: int = MAX_WORK) -> bool:
    """Whether the proof, or what stands for it in JSON, shows that not all copies can lie in the bins."""
    try:
        read = read_certificate(Node(proof)) if isinstance(proof, dict) else proof
    except Unreadable:
        return False
    return proof_holds(problem, cast("Certificate", read), work) is True


def check_slots(
    arrangement: Arrangement, proof: ProvenBound | Mapping[str, Any], work: int = MAX_WORK
) -> bool:
    """Whether the proof, or what stands for it in JSON, shows that no arrangement leaves less, or more."""
    try:
        read = read_bound(Node(proof)) if isinstance(proof, dict) else proof
    except Unreadable:
        return False
    return slots_hold(arrangement, cast("ProvenBound", read), work) is True


def proof_holds(
    problem: Problem, proof: Certificate, work: int = MAX_WORK, until: float | None = None
) -> bool | None:
    """As `check_proof`; ``None`` where that takes more work than is allowed, or is past ``until``."""
    try:
        return refuses(problem, proof, StepLimit(work, until))
    except Exhausted:
        return None
    except InvalidProof:
        return False


def refuses(problem: Problem, proof: Certificate, work: StepLimit) -> bool:
    """Whether the proof shows that not all copies can lie in the bins, with what is left of the work.

    Raises :class:`~icplan.packing.checker.knapsack.InvalidProof`.
    """
    return _weights_check(problem, work).bound(proof, ()) == inf


def limits_hold(problem: Problem, claim: Weights, work: StepLimit) -> bool:
    """Whether no bin carries more than the limit of its kind, with what is left of the work.

    Raises :class:`~icplan.packing.checker.knapsack.InvalidProof`.
    """
    return _weights_check(problem, work).limits_hold(claim)


def _weights_check(problem: Problem, work: StepLimit) -> _Check:
    parts = [(kind.demands, kind.count, False) for kind in problem.kinds]
    nothing: list[tuple[Vector, Vector]] = [((), ())] * len(problem.bins)
    return _Check("weights", problem.bins, parts, nothing, 1, work)


def slots_hold(
    arrangement: Arrangement, proof: ProvenBound, work: int = MAX_WORK, until: float | None = None
) -> bool | None:
    """As `check_slots`; ``None`` where that takes more work than is allowed, or is past ``until``."""
    leaves = arrangement.leaves or (0,) * len(arrangement.lying)
    parts = [(k.demands, k.count - n, True) for k, n in zip(arrangement.lying, leaves, strict=True)]
    parts += [(k.demands, n, False) for k, n in zip(arrangement.lying, leaves, strict=True)]
    targets = [
        ((), ()) if target is None else (target_room(arrangement, b), target)
        for b, target in enumerate(arrangement.target)
    ]
    sign = 1 if proof.sense is Sense.LEAST else -1
    check = _Check("slots", arrangement.bins, parts, targets, sign, StepLimit(work, until))
    try:
        bound = check.bound(proof.certificate, ())
    except Exhausted:
        return None
    except InvalidProof:
        return False
    return bound == inf if proof.bound is None else sign * proof.bound <= bound


class _Check:
    """Verifies one proof, of weights or (``sign`` 1 for the least, -1 for the most) of slots.

    ``targets`` holds per kind of bin the room for the target and its demand, nothing where it may not lie.
    """

    def __init__(
        self,
        kind: str,
        bins: Sequence[Bin],
        parts: Sequence[Part],
        targets: Sequence[tuple[Vector, Vector]],
        sign: int,
        work: StepLimit,
    ) -> None:
        self.kind, self.bins, self.parts, self.targets = kind, bins, parts, targets
        self.sign, self.work = sign, work

    def bound(self, proof: Certificate, path: Path) -> float:
        """The least value (slots times sign) any solution has, a whole number; infinite if there is none."""
        if not isinstance(proof, Fork):
            return self._leaf(proof, path)
        under = self.bound(proof.under, (*path, (proof, True)))
        return min(under, self.bound(proof.over, (*path, (proof, False))))

    def limits_hold(self, claim: Weights) -> bool:
        """Whether no bin carries more than the limit of its kind."""
        hints = claim.multipliers or (None,) * len(claim.limits)
        if len(hints) != len(claim.limits):
            raise InvalidProof
        return not any(
            own.count and self._heavier(b, claim.weights, (), (0, claim.limits[b]), hints[b])
            for b, own in enumerate(self.bins)
        )

    def _leaf(self, proof: Weights | SlotPrices, path: Path) -> float:
        """What all copies weigh beyond all bins' limits is what slots must make up for, each by ``scale``."""
        if isinstance(proof, Weights) is not (self.kind == "weights"):
            raise InvalidProof
        if isinstance(proof, Weights):
            weights, limits, scale = list(proof.weights), list(proof.limits), 0
        else:
            weights = [self.sign * y for y in (*proof.prices, *proof.leaving)]
            limits, scale = [-self.sign * y for y in proof.bases], proof.scale
        sizes = (len(weights), len(limits), len(proof.rows))
        if sizes != (len(self.parts), len(self.bins), len(path)):
            raise InvalidProof
        total = sum(w * count for w, (_, count, _) in zip(weights, self.parts, strict=True))
        total -= sum(limit * own.count for limit, own in zip(limits, self.bins, strict=True))
        rows = []
        for price, (fork, under) in zip(proof.rows, path, strict=True):
            if price > 0 if under else price < 0:
                raise InvalidProof
            total += price * (fork.most + (not under))
            rows.append((price, fork))
        hints = proof.multipliers or (None,) * len(limits)
        if len(hints) != len(limits):
            raise InvalidProof
        for b, own in enumerate(self.bins):
            if own.count and self._heavier(b, weights, rows, (scale, limits[b]), hints[b]):
                raise InvalidProof
        if not scale and total <= 0:
            raise InvalidProof
        return -(-total // scale) if scale else inf

    def _heavier(
        self,
        b: int,
        weights: Sequence[int],
        rows: Sequence[tuple[int, Fork]],
        claim: tuple[int, int],
        hint: Sequence[int] | None,
    ) -> bool:
        """Whether a legal pattern of bin kind ``b`` weighs more than its limit and its slots."""
        scale, limit = claim
        free = self.bins[b].free
        hint = hint or (1, *(0 for _ in free))
        if len(hint) != len(free) + 1 or not hint[0]:
            raise InvalidProof
        room, target = self.targets[b] if scale else ((), ())
        own = [(price, fork.at_least) for price, fork in rows if price and b in fork.bins]
        needs = [need for _, at_least in own for need in at_least]
        extra = SoftValue(-self.sign * scale, target, [(price, len(at_least)) for price, at_least in own])
        soft = (*room, *(need.copies for need in needs))
        return outweighs(limit, (free, soft), self._items(b, weights, room, needs), extra, hint, self.work)

    def _items(self, b: int, weights: Sequence[int], room: Vector, needs: Sequence[AtLeast]) -> list[Item]:
        """What may lie in the bin, alike kinds as one, without those that only lower a pattern's worth."""
        merged: dict[tuple[Vector, int], int] = {}
        self.work.use(len(self.parts))
        for i, (demands, count, stays) in enumerate(self.parts):
            demand = demands[b]
            if (
                demand is None
                or not count
                or any(d > f for d, f in zip(demand, self.bins[b].free, strict=True))
            ):
                continue
            crowds = demand if room and stays else (0,) * len(room)
            meets = [need.kinds.count(i) for need in needs]
            if weights[i] > 0 or any(meets) or (self.sign > 0 and any(crowds)):
                key = ((*demand, *crowds, *meets), weights[i])
                merged[key] = merged.get(key, 0) + count
        return [Item(takes, weight, count) for (takes, weight), count in merged.items()]
