"""Do the copies of a condition fit in what is left of a fleet? Each question is asked once, and teaches."""

from __future__ import annotations

import math
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

#: Units that a question may take at first: another condition may refuse the same bins sooner.
QUICK = 30_000
THOROUGH = 300_000

#: What is left of the effort that one question may take in the end.
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
    tried: dict[tuple[Counts, tuple[int, ...]], float] = attrs.field(factory=dict)
    calls: int = 0

    def ask(self, number: int, counts: Counts, units: float = math.inf) -> Packing:
        """Whether a condition holds with so many bins bought; it fits where the condition asks nothing.

        A question that was left undecided is asked again where it may take more ``units`` than before.
        """
        condition = self.problem.conditions[number]
        left = condition.left(counts)
        if left is None:
            return Packing(Status.FITS)
        key = (left, condition.counts)
        open_ = key not in self.answers or self.answers[key].status is Status.UNDECIDED
        if open_ and self.tried.get(key, 0) < units:
            self.tried[key] = units
            self.answers[key] = self._known(*key) or self._pack(*key, units)
        return self.answers[key]

    def _known(self, left: Counts, copies: tuple[int, ...]) -> Packing | None:
        """What fits in fewer bins."""
        for bins, placement in self.fitting.get(copies, ()):
            if all(a <= b for a, b in zip(bins, left, strict=True)):
                return Packing(Status.FITS, placement)
        return None

    def _pack(self, left: Counts, copies: tuple[int, ...], units: float) -> Packing:
        self.calls += 1
        packing = pack(self.problem.packing(left, copies), self.budget.share(SHARE).at_most(units))
        if packing.status is Status.FITS and packing.placement is not None:
            self.note(left, copies, packing.placement)
        return packing

    def note(self, left: Counts, copies: tuple[int, ...], placement: tuple[Pattern, ...]) -> None:
        """So many copies fit in so many bins."""
        self.fitting.setdefault(copies, []).append((left, placement))
        self.answers[left, copies] = Packing(Status.FITS, placement)

    def holds(self, number: int, counts: Counts) -> bool:
        """Whether it is known, without much effort, that a condition holds with so many bins bought."""
        return self.ask(number, counts, THOROUGH).status is Status.FITS

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
