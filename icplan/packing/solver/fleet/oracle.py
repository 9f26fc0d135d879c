"""Do the copies of a condition fit in what is left of a fleet? Each question is asked once, and teaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.packing.certificate import Weights
from icplan.packing.fleet_proof import Refusal
from icplan.packing.problem import Packing, Status
from icplan.packing.solver.solve import pack

if TYPE_CHECKING:
    from icplan.packing.budget import Budget
    from icplan.packing.fleet_problem import Counts, FleetProblem
    from icplan.packing.fleet_proof import FleetCut
    from icplan.packing.problem import Pattern
    from icplan.packing.solver.fleet.weigh import Scales

#: What is left of the time that one question may take.
SHARE = 0.15


@attrs.define
class Oracle:
    """Answers and what is learnt of them: cuts, and refusals where there are no weights to make one of."""

    problem: FleetProblem
    scales: Scales
    budget: Budget
    most_copies: tuple[int, ...]
    answers: dict[tuple[Counts, tuple[int, ...]], Packing] = attrs.field(factory=dict)
    fitting: dict[tuple[int, ...], list[tuple[Counts, tuple[Pattern, ...]]]] = attrs.field(factory=dict)
    calls: int = 0

    def ask(self, number: int, counts: Counts) -> Packing:
        """Whether a condition holds with so many bins bought; it fits where the condition asks nothing."""
        condition = self.problem.conditions[number]
        left = condition.left(counts)
        if left is None:
            return Packing(Status.FITS)
        key = (left, condition.counts)
        if key not in self.answers:
            self.answers[key] = self._known(left, condition.counts) or self._pack(left, condition.counts)
        return self.answers[key]

    def _known(self, left: Counts, copies: tuple[int, ...]) -> Packing | None:
        """What fits in fewer bins."""
        for bins, placement in self.fitting.get(copies, ()):
            if all(a <= b for a, b in zip(bins, left, strict=True)):
                return Packing(Status.FITS, placement)
        return None

    def _pack(self, left: Counts, copies: tuple[int, ...]) -> Packing:
        self.calls += 1
        packing = pack(self.problem.packing(left, copies), self.budget.share(SHARE))
        if packing.status is Status.FITS and packing.placement is not None:
            self.note(left, copies, packing.placement)
        return packing

    def note(self, left: Counts, copies: tuple[int, ...], placement: tuple[Pattern, ...]) -> None:
        """So many copies fit in so many bins."""
        self.fitting.setdefault(copies, []).append((left, placement))
        self.answers[left, copies] = Packing(Status.FITS, placement)

    def holds(self, number: int, counts: Counts) -> bool:
        """Whether a condition surely holds with so many bins bought."""
        return self.ask(number, counts).status is Status.FITS

    def cuts(self, number: int, counts: Counts) -> list[FleetCut]:
        """What the weights that refuse these bins ask of all fleets.

        Limits grow with the copies that a bin may hold: one cut is for all conditions, the other keeps
        what refused this one.
        """
        condition = self.problem.conditions[number]
        proof = self.ask(number, counts).proof
        left = condition.left(counts)
        if not isinstance(proof, Weights) or left is None:
            return []
        known = [limit if n else None for limit, n in zip(proof.limits, left, strict=True)]
        own = self.scales.cut(proof.weights, condition.counts, known)
        wide = self.scales.cut(proof.weights, self.most_copies)
        return [wide] if wide.limits == own.limits else [wide, own]

    def refusal(self, number: int, counts: Counts) -> Refusal | None:
        """The refusal as it is; without a proof where there is none that can be checked."""
        condition = self.problem.conditions[number]
        left, proof = condition.left(counts), self.ask(number, counts).proof
        return None if left is None or proof is None else Refusal(left, condition.counts, proof)
