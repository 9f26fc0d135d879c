"""The cheapest fleet for a set of components, what it promises, and why it is not another."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import attrs

from icplan.assumptions import Assumptions
from icplan.judge.hashes import catalog_sha256, changes_sha256
from icplan.packing.budget import OutOfTime
from icplan.packing.solver.fleet.cheapest import cheapest_fleet
from icplan.planning.candidates import candidates_for
from icplan.planning.fleet_question import fleet_problem, planned
from icplan.planning.impossible import impossible
from icplan.planning.one_type_fleet import Sizing
from icplan.planning.passed_over import passed_over
from icplan.planning.robust_conditions import OneType
from icplan.planning.tradeoff import tradeoff
from icplan.planning.update_time import longest_update
from icplan.verdict.fleet_plan import (
    Plan,
    PlannedType,
    PlanOutcome,
    PriceSource,
    Search,
    TypeCount,
    Within,
)
from icplan.verdict.verdict import AssumptionUse
from icplan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from icplan.assumptions import Recorder
    from icplan.packing.budget import Budget
    from icplan.packing.fleet_problem import FleetAnswer, FleetProblem
    from icplan.planning.candidates import Candidate, Candidates
    from icplan.planning.components import WantedComponent, WantedComponents
    from icplan.planning.one_type_fleet import SizedFleet
    from icplan.planning.settings import PlanSettings
    from icplan.verdict.fleet_plan import PlannedComponent
    from icplan.verdict.smaller_fleets import SmallerFleets

MIX: Final = (
    "InstancePools name types and their priority, not how many there are of each: SageMaker launches the "
    "first that can be had, so that a mix of types is what fits, not what surely runs"
)
NOT_FOUND: Final = (
    "what it takes however copies lie was not found with the effort and in the time that were given "
    "(--effort, --time-limit): it holds what lasts with all copies movable"
)
MAX_TIES: Final = 5
"""Equally cheap types that are looked at for one with a lower peak."""
DEFAULT_EFFORT: Final = 60_000_000
"""Units of work for a plan where nobody says how many: as many as a minute has, on a quiet machine."""
_SHARE: Final = 0.5
"""Of what is left, what the steady fleet may take."""
_ARRANGEMENTS: Final = 0.7
"""Of what is then left, what every arrangement of copies may take."""


def make_plan(wanted: WantedComponents, settings: PlanSettings) -> Plan:
    """The cheapest fleet on which the components run and that holds what is promised.

    InputError where no type is named by the settings.
    """
    settings.refuse_contradictions()
    recorder = Assumptions(settings.judging.assume).recorder()
    candidates = candidates_for(wanted, settings, recorder)
    budget = settings.judging.budget(DEFAULT_EFFORT)
    components = tuple(planned(one, recorder) for one in wanted.components)
    planner = Planner(wanted, settings, recorder, candidates, components, budget)
    try:
        return planner.plan()
    except OutOfTime as alarm:
        alarm.caught()
        return planner.so_far()


@attrs.frozen
class Planner:
    """One plan in the making."""

    wanted: WantedComponents
    settings: PlanSettings
    recorder: Recorder
    candidates: Candidates
    components: tuple[PlannedComponent, ...]
    budget: Budget
    _of_type: dict[str, OneType] = attrs.field(factory=dict, init=False, eq=False, repr=False)
    _answers: list[FleetAnswer] = attrs.field(factory=list, init=False, eq=False, repr=False)
    sized: dict[str, SizedFleet | None] = attrs.field(factory=dict, init=False, eq=False, repr=False)

    @cached_property
    def taking(self) -> tuple[tuple[WantedComponent, PlannedComponent], ...]:
        """The components that take room, as they are asked for and as they are planned."""
        pairs = zip(self.wanted.components, self.components, strict=True)
        return tuple((one, told) for one, told in pairs if one.need is not None)

    @cached_property
    def for_arrangements(self) -> Budget:
        """What may be spent on how copies may lie: the rest is for what else is to be said."""
        return self.budget.share(_ARRANGEMENTS)

    @cached_property
    def problem(self) -> FleetProblem:
        """What the steady fleet must hold, over all types."""
        told = [one for _, one in self.taking]
        return fleet_problem(self.candidates.types, told, self.settings, max_types=self.settings.max_types)

    def plan(self) -> Plan:
        """The plan, as exact as there is time for."""
        if not self.candidates.types:
            return self.without_fleet(PlanOutcome.IMPOSSIBLE, None)
        answer = cheapest_fleet(self.problem, self.budget.share(_SHARE))
        self._answers.append(answer)
        if not answer.possible:
            return self.without_fleet(PlanOutcome.IMPOSSIBLE, answer)
        if answer.counts is None:
            return self.without_fleet(PlanOutcome.UNDECIDED, answer)
        used = [one for one, n in zip(self.candidates.types, answer.counts, strict=True) if n]
        if len(used) > 1:
            return self._of_several(answer)
        found = self.cheapest_sized()
        if found is None and self.budget.exhausted:
            return self.so_far()
        if found is None:
            # What mixes of types hold at their peak is not asked.
            known = self.settings.max_types == 1 and all(one.surely_none for one in self.sizings)
            return self.without_fleet(PlanOutcome.IMPOSSIBLE if known else PlanOutcome.UNDECIDED, answer)
        return self._of_one(answer, *found)

    def one_type(self, candidate: Candidate) -> OneType:
        """The fleet of that type, with all that was found of it."""
        if candidate.name not in self._of_type:
            wanted, told = zip(*self.taking, strict=True)
            fleet = attrs.evolve(self.candidates.fleet, pools=(candidate.pool,))
            self._of_type[candidate.name] = OneType(
                candidate, fleet, wanted, told, self.recorder, self.for_arrangements
            )
        return self._of_type[candidate.name]

    def sizing(self, candidate: Candidate, settings: PlanSettings | None = None) -> Sizing:
        """How large a fleet of that type must be, under these settings or others."""
        return Sizing(self.one_type(candidate), settings or self.settings, self.budget)

    @cached_property
    def sizings(self) -> tuple[Sizing, ...]:
        """For each of the types that are compared."""
        return tuple(map(self.sizing, self.candidates.types))

    def cheapest_sized(self) -> tuple[SizedFleet, int] | None:
        """The cheapest fleet of one type that holds everything, and a bound on the cost of any.

        Types are tried in the order of what holds with all copies movable, which bounds each from below; of
        equally cheap ones a few, for one with a lower peak.
        """
        queue = sorted(
            (answer.low, sum(answer.counts or (0,)), one.type.candidate.pool.type.memory_mib, number)
            for number, one in enumerate(self.sizings)
            if (answer := one.movable).possible
        )
        best: SizedFleet | None = None
        open_bounds: list[int] = []
        ties = 0
        for low, _, _, number in queue:
            if best is not None and (low > best.cost or (low == best.cost and ties == MAX_TIES)):
                break
            ties += best is not None and low == best.cost
            found = self.sized[self.candidates.types[number].name] = self.sizings[number].sized()
            left = self.sizings[number].open_from
            if left is not None:
                open_bounds.append(max(low, left))
            if found is not None and (best is None or _rank(found) < _rank(best)):
                best = found
        if best is None:
            return None
        return best, min([best.cost, *open_bounds])

    # -- what it comes to ------------------------------------------------------------------------------------

    def _of_one(self, answer: FleetAnswer, sized: SizedFleet, bound: int) -> Plan:
        candidate = sized.type.candidate
        if self.settings.max_types > 1:
            bound = answer.low  # a mix of types may be cheaper: what it surely holds is not asked
        order = self._created_in(sized)
        peak = None if sized.peak is None else (TypeCount(candidate.name, sized.peak),)
        return self._plan(
            self._outcome(sized, bound),
            answer,
            components=order,
            steady=(TypeCount(candidate.name, sized.steady),),
            peak=peak,
            cost=sized.cost,
            bound=max(bound, answer.low),
            smaller=self._smaller(bound) if bound > answer.low else (),
            peak_cost=None if sized.peak is None else sized.peak * candidate.cost,
            update_seconds=longest_update(one for one, _ in self.taking),
            held=tuple(sized.held()),
            tradeoff=tradeoff(self, sized),
            passed_over=passed_over(self, sized),
            notes=(*self.wanted.notes, *self._notes(sized)),
        )

    def _outcome(self, sized: SizedFleet, bound: int) -> PlanOutcome:
        if sized.peak is None:
            return PlanOutcome.MAY_NOT_HOLD
        if sized.cost == bound:
            return PlanOutcome.OPTIMAL
        near = (sized.cost - bound) * 100 <= self.settings.gap * bound
        return PlanOutcome.WITHIN_GAP if near else PlanOutcome.BEST_FOUND

    def _notes(self, sized: SizedFleet) -> Iterator[str]:
        more = sized.created - sized.steady
        if more:
            these = "1 more instance runs" if more == 1 else f"{more} more instances run"
            yield (
                f"created one after another, components may lie so that {these} from then on: "
                f"the peak counts on that"
            )
        unknown = [one for one in sized.needs if one.instances is None]
        if unknown:
            whose = f" of {unknown[0].component}" if unknown[0].component else ""
            yield f"how many instances {unknown[0].condition}{whose} takes was not found in time"
        if self.settings.within is Within.PEAK and sized.peak != sized.steady:
            yield (
                "the peak is that of one update from the steady fleet; copies that end up on launched "
                "instances keep them running"
            )

    def _created_in(self, sized: SizedFleet) -> tuple[PlannedComponent, ...]:
        """All components in the order of their creation, adapters after their bases."""
        told = [one for _, one in self.taking]
        taking = [told[number] for number in sized.order]
        adapters = [one for one in self.components if one.base is not None]
        return (*taking, *adapters)

    def _of_several(self, answer: FleetAnswer) -> Plan:
        """A mix of types, of which it is not said how many of each SageMaker launches."""
        counts = answer.counts or ()
        steady = tuple(
            TypeCount(one.name, n) for one, n in zip(self.candidates.types, counts, strict=True) if n
        )
        return self._plan(
            PlanOutcome.MAY_NOT_HOLD,
            answer,
            steady=steady,
            cost=answer.high,
            bound=answer.low,
            passed_over=passed_over(self, None),
            notes=(*self.wanted.notes, MIX),
        )

    def so_far(self) -> Plan:
        """What is known when the time is up: perhaps the steady fleet, and nothing of how copies may lie."""
        answer = next(iter(self._answers), None)
        if answer is None or answer.counts is None:
            return self.without_fleet(PlanOutcome.UNDECIDED, answer)
        pairs = zip(self.candidates.types, answer.counts, strict=True)
        return self._plan(
            PlanOutcome.MAY_NOT_HOLD,
            answer,
            steady=tuple(TypeCount(one.name, n) for one, n in pairs if n),
            cost=answer.high,
            bound=answer.low,
            notes=(*self.wanted.notes, NOT_FOUND),
        )

    def without_fleet(self, outcome: PlanOutcome, answer: FleetAnswer | None) -> Plan:
        """That there is no fleet, or that none was found."""
        why = impossible(self, answer) if outcome is PlanOutcome.IMPOSSIBLE else None
        bound = 0 if answer is None or not answer.possible else answer.low
        smaller = self._smaller(None) if why is not None and answer is not None and answer.possible else ()
        return self._plan(
            outcome, answer, bound=bound, impossible=why, smaller=smaller, notes=self.wanted.notes
        )

    def _smaller(self, bound: int | None) -> tuple[SmallerFleets, ...]:
        """What shows that no fleet that costs less than the bound surely holds everything."""
        return tuple(one.smaller(bound) for one in self.sizings)

    def _plan(self, outcome: PlanOutcome, answer: FleetAnswer | None, **told: Any) -> Plan:
        """The plan of what was found, with all that was asked and what it rests on."""
        told["notes"] = (*told["notes"], *self.candidates.notes)
        return Plan(
            outcome,
            **{"components": self.components, **told},
            promises=self.settings.promises,
            within=self.settings.within,
            by=self.settings.by,
            prices=self._price_source(),
            gap=self.settings.gap or None,
            max_types=self.settings.max_types,
            dimensions=self.candidates.fleet.dimensions,
            layout=self.wanted.layout,
            cpu_unit=self.candidates.fleet.cpu_unit,
            types=tuple(
                PlannedType(one.name, one.cost, one.capacity, one.limit, one.at_most)
                for one in self.candidates.types
            ),
            left_out=tuple(sorted(self.candidates.left_out, key=lambda one: one.name)),
            problem=self.problem if answer is not None else None,
            answer=answer,
            search=self._search(answer),
            assumptions=tuple(self._relied_on()),
            judged={
                "Icplan": __version__,
                "Components": changes_sha256([one.call for one in self.wanted.components]),
                "Catalog": catalog_sha256(self.settings.judging.catalog),
            },
        )

    def _price_source(self) -> PriceSource | None:
        prices = self.settings.prices
        if prices is None:
            return None
        discounts = {name: off for name, off in prices.discounts.items() if off}
        told = (prices.region, prices.currency, prices.source, prices.version, prices.taken_at)
        return PriceSource(*told, discounts)

    def _search(self, answer: FleetAnswer | None) -> Search:
        """What the search came to: cuts of the proof, packings that were found, and the work spent."""
        proof = None if answer is None else answer.proof
        placements = () if answer is None else answer.placements or ()
        packings = sum(one is not None for one in placements)
        return Search(len(proof.cuts) if proof else 0, packings, self.budget.spent)

    def _relied_on(self) -> Iterator[AssumptionUse]:
        for one in self.recorder:
            if one.name in self.recorder.relied_on:
                yield AssumptionUse(one.name, self.recorder.value(one.name), one.basis, True)


def _rank(sized: SizedFleet) -> tuple[int, int, int, int, str]:
    """Cheapest first; of equal ones that with the lowest peak, then with fewest and smallest instances."""
    peak = sized.peak if sized.peak is not None else sized.steady + 10**9
    candidate = sized.type.candidate
    memory = candidate.pool.type.memory_mib
    return sized.cost, peak * candidate.cost, sized.steady, memory, candidate.name
