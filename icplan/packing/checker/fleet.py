"""Part of the checker: does a fleet hold its conditions, and is no allowed fleet cheaper? In exact integers.

Every cut and refusal of a proof is verified by itself. The cases are then followed: what a fleet carries
under a condition is a sum over its options, so the least that some cuts leave in a case is the sum of each
option's least, and that is found by looking at few numbers of bins.
"""

from __future__ import annotations

from math import gcd, lcm
from typing import TYPE_CHECKING, Any

from icplan.packing.certificate import Weights
from icplan.packing.checker.knapsack import Exhausted, InvalidProof, StepLimit
from icplan.packing.checker.placement import check_placement
from icplan.packing.checker.proof import limits_hold, refuses
from icplan.packing.fleet_codec import fleet_answer_from_json
from icplan.packing.fleet_problem import FleetAnswer, InstanceLost, ZoneLost
from icplan.packing.fleet_proof import CutsLeaf, RefusalLeaf, Split
from icplan.packing.reader import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.packing.fleet_problem import FleetProblem
    from icplan.packing.fleet_proof import CutUse, FleetProof, FleetTree

    #: The least and the most bins of each option.
    Box = tuple[tuple[int, ...], tuple[int, ...]]

#: Steps of search after which an answer counts as not verified: some seconds.
MAX_WORK = 10_000_000


def check_fleet(problem: FleetProblem, answer: FleetAnswer | Mapping[str, Any], work: int = MAX_WORK) -> bool:
    """Whether the answer, or what stands for it in JSON, is shown to be true of the problem."""
    try:
        read = answer if isinstance(answer, FleetAnswer) else fleet_answer_from_json(answer)
    except Unreadable:
        return False
    return fleet_holds(problem, read, work) is True


def fleet_holds(
    problem: FleetProblem, answer: FleetAnswer, work: int = MAX_WORK, until: float | None = None
) -> bool | None:
    """As `check_fleet`; ``None`` where that takes more work than is allowed, or is past ``until``."""
    try:
        return _sound(problem, answer) and _proven(problem, answer, StepLimit(work, until))
    except Exhausted:
        return None
    except InvalidProof:
        return False


def _sound(problem: FleetProblem, answer: FleetAnswer) -> bool:
    """Whether the members belong together, and the fleet holds all that it is said to."""
    if (answer.blocked is None) is not answer.possible or answer.low < 0:
        return False
    if answer.counts is None or answer.placements is None or answer.high is None:
        return answer.counts is None and answer.placements is None and answer.high is None
    if not answer.possible or not problem.allows(answer.counts):
        return False
    return (
        problem.cost(answer.counts) == answer.high >= answer.low
        and len(answer.placements) == len(problem.conditions)
        and all(_placed(problem, answer, number) for number in range(len(problem.conditions)))
    )


def _placed(problem: FleetProblem, answer: FleetAnswer, number: int) -> bool:
    condition, placement = problem.conditions[number], (answer.placements or ())[number]
    left = condition.left(answer.counts or ())
    if left is None or placement is None:
        return left is None and placement is None
    return check_placement(problem.packing(left, condition.counts), placement)


def _proven(problem: FleetProblem, answer: FleetAnswer, work: StepLimit) -> bool:
    if answer.proof is None:
        return answer.possible and not answer.low
    if answer.blocked is None:
        check = _Check(problem, answer.proof, answer.low, work)
        counted = range(len(problem.conditions))
    else:
        check = _Check(answer.blocked.reduced(problem), answer.proof, None, work)
        counted = answer.blocked.conditions  # type: ignore[assignment]
    return check.holds(tuple(counted))


class _Check:
    """Follows one proof that no fleet is cheaper than ``target``; ``None``: that there is none at all."""

    def __init__(self, problem: FleetProblem, proof: FleetProof, target: int | None, work: StepLimit) -> None:
        self.problem, self.proof, self.target, self.work = problem, proof, target, work
        self.step = gcd(*(option.cost for option in problem.options)) or 1
        self.counted: tuple[int, ...] = ()
        self.covered: dict[int, bool] = {}

    def holds(self, counted: tuple[int, ...]) -> bool:
        """Whether the proof does, asking for these conditions alone."""
        problem = self.problem
        if not all(type(k) is int and 0 <= k < len(problem.conditions) for k in counted):
            return False
        self.counted = counted
        for cut in self.proof.cuts:
            sizes = (len(cut.weights), len(cut.copies), len(cut.limits))
            if sizes != (len(problem.items), len(problem.items), len(problem.options)):
                return False
            one_each = problem.packing((1,) * len(problem.options), cut.copies)
            if not limits_hold(one_each, Weights(cut.weights, cut.limits, cut.multipliers), self.work):
                return False
        for refusal in self.proof.refusals:
            if (len(refusal.bins), len(refusal.copies)) != (len(problem.options), len(problem.items)):
                return False
            if not refuses(problem.packing(refusal.bins, refusal.copies), refusal.proof, self.work):
                return False
        return self._closed(
            self.proof.tree,
            ((0,) * len(problem.options), tuple(map(self._most, range(len(problem.options))))),
        )

    def _most(self, option: int) -> int:
        """The most bins of an option that an allowed fleet cheaper than the target may have."""
        own = self.problem.options[option]
        limits = [own.most]
        if self.problem.max_total is not None:
            limits.append(self.problem.max_total)
        if self.target is not None and own.cost:
            limits.append(max(0, self.target - 1) // own.cost)
        return min(limits)

    def _closed(self, tree: FleetTree, box: Box) -> bool:
        """Whether no fleet of this case that holds the conditions is cheaper than the target."""
        self.work.use(1 + len(box[0]))
        low, high = box
        chosen = sum(map(bool, low))
        types = self.problem.max_types
        if types is not None and chosen >= types:
            high = tuple(h if n else 0 for n, h in zip(low, high, strict=True))
        if any(n > h for n, h in zip(low, high, strict=True)) or (types is not None and chosen > types):
            return True
        if isinstance(tree, Split):
            if tree.option >= len(low):
                return False
            t, most = tree.option, tree.most
            under = (low, (*high[:t], min(high[t], most), *high[t + 1 :]))
            over = ((*low[:t], max(low[t], most + 1), *low[t + 1 :]), high)
            return self._closed(tree.under, under) and self._closed(tree.over, over)
        if isinstance(tree, RefusalLeaf):
            return self._refused(tree, (low, high))
        return self._outweighed(tree, (low, high))

    def _refused(self, leaf: RefusalLeaf, box: Box) -> bool:
        """Whether no fleet of the case leaves the condition more than the refusal has."""
        if leaf.refusal >= len(self.proof.refusals) or leaf.condition not in self.counted:
            return False
        refusal, condition = self.proof.refusals[leaf.refusal], self.problem.conditions[leaf.condition]
        if not _no_more(refusal.copies, condition.counts):
            return False
        lost = condition.lost
        if isinstance(lost, InstanceLost) and not box[0][lost.option] and not self._covered(leaf.condition):
            return False
        left = condition.left(box[1])
        return _no_more(box[1] if left is None else left, refusal.bins)

    def _covered(self, number: int) -> bool:
        """Whether the whole fleet must hold the copies of the condition anyway, for another's sake."""
        if number not in self.covered:
            counts = self.problem.conditions[number].counts
            self.covered[number] = any(
                not isinstance(other.lost, InstanceLost) and _no_more(counts, other.counts)
                for other in map(self.problem.conditions.__getitem__, self.counted)
            )
        return self.covered[number]

    def _outweighed(self, leaf: CutsLeaf, box: Box) -> bool:
        """Whether what the cuts need together costs as much as the target, or cannot be had at all."""
        problem = self.problem
        if not self._in_range(leaf):
            return False
        total = -leaf.total * (problem.max_total or 0)
        total += sum(use.times * self._need(use) for use in leaf.uses)
        zones = {c.lost.zones for c in self._used(leaf) if isinstance(c.lost, ZoneLost)}
        for t, option in enumerate(problem.options):
            price = leaf.scale * option.cost + leaf.total
            total += min(
                price * n - sum(use.times * self._carried(use, t, n) for use in leaf.uses)
                for n in self._telling(box[0][t], box[1][t], lcm(*zones), len(leaf.uses))
            )
        if not leaf.scale:
            return total > 0
        if self.target is None:
            return False
        bound = -(-total // leaf.scale)
        return -(-bound // self.step) * self.step >= self.target

    def _in_range(self, leaf: CutsLeaf) -> bool:
        for use in leaf.uses:
            if use.cut >= len(self.proof.cuts) or use.condition not in self.counted:
                return False
            counts = self.problem.conditions[use.condition].counts
            if use.times < 0 or not _no_more(counts, self.proof.cuts[use.cut].copies):
                return False
        return leaf.scale >= 0 and leaf.total >= 0 and not (leaf.total and self.problem.max_total is None)

    def _used(self, leaf: CutsLeaf) -> list[Any]:
        return [self.problem.conditions[use.condition] for use in leaf.uses]

    def _telling(self, low: int, high: int, period: int, uses: int) -> Iterator[int]:
        """Numbers of bins between which nothing is less: from one bin on, all repeats after a period."""
        ends = (range(low, min(low + period, high) + 1), range(max(low, high - period), high + 1))
        self.work.use(sum(map(len, ends)) * (1 + uses))
        for end in ends:
            yield from end

    def _need(self, use: CutUse) -> int:
        """What must be carried: with whole bins, a multiple of what all limits have in common."""
        counts, cut = self.problem.conditions[use.condition].counts, self.proof.cuts[use.cut]
        weight = sum(n * w for n, w in zip(counts, cut.weights, strict=True))
        step = gcd(*cut.limits) or 1
        return -(-weight // step) * step

    def _carried(self, use: CutUse, t: int, n: int) -> int:
        """At most so much do ``n`` bins of option ``t`` carry under the condition."""
        condition, limit = self.problem.conditions[use.condition], self.proof.cuts[use.cut].limits[t]
        if isinstance(condition.lost, InstanceLost) and condition.lost.option == t and not n:
            # Where none can be lost nothing is asked, or no more than that all hold.
            return 0 if self._covered(use.condition) else self._need(use)
        return limit * condition.left_of(t, n)


def _no_more(these: tuple[int, ...], those: tuple[int, ...]) -> bool:
    return all(a <= b for a, b in zip(these, those, strict=True))
