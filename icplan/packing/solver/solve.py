"""Do all copies fit? Rung after rung, each exact in what it claims, until one decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.packing.budget import Budget, Ended
from icplan.packing.problem import Packing, Status
from icplan.packing.solver.bounds import one_kind, slot_bound, volume_bound
from icplan.packing.solver.branch_and_bound import BranchAndBound, Column, Leaf, Program
from icplan.packing.solver.certificate import packing_proof, weights_proof
from icplan.packing.solver.greedy import Greedy, finish
from icplan.packing.solver.patterns import every_pattern, maximal, units_of
from icplan.packing.solver.presolve import normalise, restore
from icplan.packing.solver.private_bins import without_private_bins
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from icplan.packing.certificate import Weights
    from icplan.packing.problem import Problem
    from icplan.packing.solver.branch_and_bound import SearchResult, Tree
    from icplan.packing.solver.patterns import Filling
    from icplan.packing.solver.presolve import BinFill, ReducedProblem

#: Up to so many patterns of all classes together, all of them are enumerated.
MAX_PATTERNS_AT_ONCE = 300

#: And up to so many where nothing else has decided.
MAX_PATTERNS = 4000


@frozen
class RungResult:
    """What a rung found: loads that place all, or a proof that nothing does, or (neither) a bare status."""

    method: str
    loads: Sequence[BinFill] | None = None
    weights: Weights | None = None
    tree: Tree | None = None
    status: Status = Status.DOES_NOT_FIT

    def refutation(self) -> Tree | None:
        """The proof that nothing places all, as a tree; ``None`` if there is none."""
        if self.weights is None:
            return self.tree
        limits = tuple(-x for x in self.weights.limits)
        return Leaf(0, limits, self.weights.weights, (), 1)


def pack(problem: Problem, budget: Budget | None = None) -> Packing:
    """Whether all copies fit, with a placement or a proof; undecided only when the budget is spent."""
    budget = budget or Budget()
    question = ("pack", problem)
    packing: Packing | None = budget.answers.get(question)
    if packing is None:
        packing = _packed(problem, budget)
        if packing.status is not Status.UNDECIDED:
            budget.answers[question] = packing
    return packing


def _packed(problem: Problem, budget: Budget) -> Packing:
    split = without_private_bins(problem)
    if split is None or _needs_no_search(problem, budget):
        return _placed_or_refused(problem, budget)
    rest = pack(split.rest, budget)
    if rest.proof is None or split.provable:
        return split.restored(rest)
    whole = _placed_or_refused(problem, budget)
    return split.restored(rest) if whole.status is Status.UNDECIDED else whole


def _needs_no_search(problem: Problem, budget: Budget) -> bool:
    core = normalise(problem)
    return _without_search(core, Greedy(core, budget)) is not None


def _placed_or_refused(problem: Problem, budget: Budget) -> Packing:
    budget.charge(400 + 5 * len(problem.bins) * len(problem.kinds))
    core = normalise(problem)
    answer = decide(core, budget)
    if answer.loads is not None:
        return Packing(Status.FITS, placement=restore(problem, core, answer.loads), method=answer.method)
    size = (len(problem.bins), len(problem.kinds))
    budget.charge(20 + 6 * len(core.bins) * len(core.counts))
    if answer.weights is not None:
        proof = weights_proof(core, answer.weights, *size)
        return Packing(Status.DOES_NOT_FIT, proof=proof, method=answer.method)
    if answer.tree is not None:
        refuted = packing_proof(core, answer.tree, *size)
        return Packing(Status.DOES_NOT_FIT, proof=refuted, method=answer.method)
    return Packing(answer.status, method=answer.method)


def decide(core: ReducedProblem, budget: Budget) -> RungResult:
    """Climb until a rung answers, unless the same was answered before."""
    question = ("fits", core.counts, core.bins, core.free, core.demands)
    answer: RungResult | None = budget.answers.get(question)
    if answer is None:
        answer = _climb(core, budget)
        if answer.status is not Status.UNDECIDED:
            budget.answers[question] = answer
    return answer


def _climb(core: ReducedProblem, budget: Budget) -> RungResult:
    greedy = Greedy(core, budget)
    answer = _without_search(core, greedy)
    if answer is not None or budget.exhausted:
        return answer or RungResult("budget spent", status=Status.UNDECIDED)
    answer = _by_patterns(core, budget)
    if answer is not None:
        return answer
    columns = budget.share(0.7, same_answers=True)
    answer = _by_columns(core, greedy.fillings, columns)
    if answer is not None:
        return answer
    branching = budget.share(0.5)
    answer = _by_branching(core, branching) or _by_cpsat(core, budget)
    if answer.status is Status.UNDECIDED and Ended.EFFORT in (columns.ended, branching.ended):
        # More effort might have answered: then nothing else may be decided as if it could not.
        budget.end(Ended.EFFORT)
    return answer


def _without_search(core: ReducedProblem, greedy: Greedy) -> RungResult | None:
    """What takes no search."""
    if not core.counts:
        return RungResult("nothing to place", loads=())
    for bound, method in ((slot_bound, "slots"), (volume_bound, "volume")):
        weights = bound(core)
        if weights is not None:
            return RungResult(method, weights=weights)
    loads = one_kind(core)
    if loads is not None:
        return RungResult("one kind", loads=loads)
    loads = greedy.place()
    return None if loads is None else RungResult("greedy", loads=loads)


def _by_patterns(core: ReducedProblem, budget: Budget) -> RungResult | None:
    """Decide on all patterns, if they are few."""
    every = _every(core, MAX_PATTERNS_AT_ONCE, budget)
    if every is None:
        return None
    full = [maximal(fillings, core.demands[k], core.counts) for k, fillings in enumerate(every)]
    answer = _read(_search(core, full, budget).root(), "rounding", "patterns")
    return answer or _branch(core, every, budget)


def _by_branching(core: ReducedProblem, budget: Budget) -> RungResult | None:
    """Where fractions of patterns fit and whole ones could not be found: branch, if not too many patterns."""
    every = _every(core, MAX_PATTERNS, budget)
    return None if every is None else _branch(core, every, budget)


def few_patterns(core: ReducedProblem, budget: Budget) -> bool:
    """Whether all patterns are soon tried."""
    return _every(core, MAX_PATTERNS_AT_ONCE, budget) is not None


def _every(core: ReducedProblem, limit: int, budget: Budget) -> list[list[Filling]] | None:
    """All patterns per class, if there are no more than the limit in all."""
    every: list[list[Filling]] = []
    for free, column in zip(core.free, core.demands, strict=True):
        fillings = every_pattern(free, column, core.counts, limit)
        budget.charge(units_of(fillings, limit))
        if fillings is None or sum(map(len, every)) + len(fillings) > limit:
            return None
        every.append(fillings)
    return every


def _branch(core: ReducedProblem, every: Sequence[Sequence[Filling]], budget: Budget) -> RungResult | None:
    # Branching on how many bins hold at least so many copies needs the patterns that are not full, too.
    copies = [[copies for copies, _ in fillings] for fillings in every]
    return _read(_search(core, copies, budget).run(), "branching", "branching")


def _search(
    core: ReducedProblem, patterns: Sequence[Sequence[tuple[int, ...]]], budget: Budget
) -> BranchAndBound:
    columns = tuple(Column(k, copies) for k, rows in enumerate(patterns) for copies in rows)
    program = Program(core.bins, core.counts, columns, (True,) * len(core.counts))
    return BranchAndBound(
        program, budget, lambda loads, bins, counts: finish(core, budget, loads, bins, counts)
    )


def _read(found: SearchResult, fits: str, refuses: str) -> RungResult | None:
    if found.loads is not None:
        return RungResult(fits, loads=found.loads)
    if found.tree is not None and found.tree.bound is None:
        return RungResult(refuses, tree=found.tree)
    return None


def _by_columns(
    core: ReducedProblem, fillings: Sequence[Sequence[BinFill]], budget: Budget
) -> RungResult | None:
    """Column generation, then rounding and diving."""
    from icplan.packing.solver.columns.column_pool import ColumnPool  # noqa: PLC0415
    from icplan.packing.solver.columns.dive import FIRST, LATER, dives, restricted_master  # noqa: PLC0415
    from icplan.packing.solver.columns.dual_weights import volume_weights  # noqa: PLC0415
    from icplan.packing.solver.columns.generation import Generation  # noqa: PLC0415 - NumPy and OR-Tools cost 0.1 s
    from icplan.packing.solver.columns.known_patterns import keep, known_patterns  # noqa: PLC0415

    pool = ColumnPool(core, budget)
    weights = volume_weights(pool)
    if weights is not None:
        return RungResult("joint volume", weights=weights)
    known = known_patterns(core, budget)
    closed = Generation(pool).run([*fillings, [(k, 1, copies) for k, copies in known]])
    if closed is True:
        amounts = pool.master.amounts()
        keep(known, [own for own, n in zip(pool.master.columns, amounts, strict=True) if n > 0])
    if not isinstance(closed, bool):
        return RungResult("columns", weights=closed)
    finders: tuple[tuple[str, Callable[[], list[BinFill] | None]], ...] = (
        ("diving", lambda: dives(pool, FIRST)),
        ("whole columns", lambda: restricted_master(pool)),
        ("diving again", lambda: dives(pool, LATER)),
    )
    for method, finder in finders if closed else ():
        loads = finder()
        if loads is not None:
            keep(known, [(k, copies) for k, _, copies in loads])
            return RungResult(method, loads=loads)
    return None


def _by_cpsat(core: ReducedProblem, budget: Budget) -> RungResult:
    from icplan.packing.solver.cpsat import solve_counts  # noqa: PLC0415 - costs more than most answers

    status, loads = solve_counts(core, budget)
    return RungResult("cp-sat", loads=loads, status=status)
