"""Why a step does not fit: what is short, by how much, and which type would hold a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.catalog.catalog import builtin_types
from icplan.explain.free_capacity import free_capacity, instances_of, larger_than_empty, short_by_totals
from icplan.feasibility.question import demands_on
from icplan.feasibility.worst_case import Counterexample, fits_in_every_world
from icplan.fleet.dimensions import LESS_OF, REQUEST_MEMBER, in_unit, unit
from icplan.fleet.fleet import CPU, MEMORY
from icplan.rules.capacity_reasons import (
    Fragmented,
    LargerThanEmpty,
    Largest,
    NoSpecification,
    Places,
    TotalShortage,
)
from icplan.values import frozen
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from icplan.catalog.catalog import Catalog
    from icplan.catalog.types import InstanceType
    from icplan.explain.free_capacity import Shortfall, TooLarge
    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.question import Question
    from icplan.feasibility.step import StepResult
    from icplan.fleet.fleet import Demand, Fleet
    from icplan.packing.problem import Vector
    from icplan.requests.from_describe import Requirements
    from icplan.rules.capacity_reasons import CapacityReason


@frozen
class Case:
    """Everything a finding may speak of.

    ``request`` is the call's, ``path`` its JSON path in its document, and ``best`` the best value of each
    kind of remedy that helps as much as any. ``enough_anew`` is the most instances that a new configuration
    has to allow so that the change fits, if that alone helps. ``runs_now`` tells that the instances of the
    fleet are those that run, and not what is made, or left, by then.
    """

    question: Question
    judged: RolloutResult
    request: Mapping[str, Any]
    path: str
    best: Mapping[str, int]
    enough_anew: int | None = None
    runs_now: bool = True

    @property
    def fleet(self) -> Fleet:
        """The fleet that the change is judged on."""
        return self.question.fleet

    @property
    def demands(self) -> tuple[Vector | None, ...]:
        """What a copy takes on an instance of each pool, ``None`` where it may not lie."""
        return demands_on(self.fleet, self.question.change.need)


def larger_type(now: InstanceType, need: Demand, catalog: Catalog) -> InstanceType | None:
    """The smallest type of the same family of which an empty instance surely holds a copy."""
    required = need.requirements.get(None)
    if required is None or required.partition is not None:
        return None
    family = now.name.rpartition(".")[0]
    names = {*builtin_types(), *catalog.types}
    there = (catalog.lookup(name) for name in names if name.rpartition(".")[0] == family)
    enough = (kind for kind in there if _surely_holds(kind, required, catalog))
    return min(enough, key=lambda kind: (kind.vcpu, kind.memory_mib, kind.name), default=None)


def _surely_holds(kind: InstanceType, required: Requirements, catalog: Catalog) -> bool:
    sure = catalog.allocatable(kind)
    return (
        kind.accelerators >= required.accelerators
        and sure.memory.low >= required.memory_mib
        and sure.cpu.low >= required.cpu_millicores
    )


#: Groups of instances whose room a message lists.
MAX_LISTED = 4


def shortages(case: Case, worst: StepResult) -> Iterator[CapacityReason]:
    """Why a step is known to fail."""
    if worst.witness is None:  # whatever comes first, a copy finds no room in the end
        yield _fragmented(case, worst)
        return
    if all(demand is None for demand in worst.witness.problem.kinds[-1].demands):
        yield NoSpecification([pool.type.name for pool in case.fleet.pools], _copies_member(case))
        return
    if over := larger_than_empty(worst.witness):
        larger = larger_type(case.fleet.pools[0].type, case.question.change.need, case.question.catalog)
        for one in over:
            yield _too_large(case, one, larger)
            larger = None  # once is enough
        return
    short = short_by_totals(worst.witness, worst.step.placed_before)
    for lack in short:
        yield _total_shortage(case, worst, lack)
    if not short:
        yield _fragmented(case, worst)


def _places(case: Case) -> Places:
    """Where copies may lie, and where they may not."""
    usable = list(_demands(case))
    barred = [pool for pool in case.fleet.pools if pool.type.name not in usable]
    idle = [pool.type.name for pool in barred if pool.instances]
    return Places(usable, [pool.type.name for pool in barred], idle)


def _demands(case: Case) -> dict[str, Vector]:
    """What a copy takes on each type where it may lie."""
    fleet = case.fleet
    found = {pool.type.name: demand for pool, demand in zip(fleet.pools, case.demands, strict=True)}
    return {name: fleet.told(demand) for name, demand in found.items() if demand is not None}


def _too_large(case: Case, short: TooLarge, larger: InstanceType | None) -> LargerThanEmpty:
    return LargerThanEmpty(
        short.dimension,
        short.need,
        short.have,
        types=short.types,
        larger=None if larger is None else larger.name,
        path=_member(case, short.dimension) or _copies_member(case),
        largest=_largest_per_copy(case, short.dimension) or _most_copies(case),
    )


def _total_shortage(case: Case, worst: StepResult, short: Shortfall) -> TotalShortage:
    """Of memory the request may ask for less; of anything else for fewer copies."""
    fleet, places = case.fleet, _places(case)
    there, launched = (0, 0) if worst.witness is None else instances_of(worst.witness)
    member = _member(case, MEMORY) if short.dimension == MEMORY else None
    less = _largest_per_copy(case, MEMORY) if member else None
    at = fleet.dimensions.index(short.dimension)
    alike = len({demand[at] for demand in _demands(case).values()}) == 1
    # What may lie on a type that does not count may lie on one that does.
    elsewhere = not fleet.mix_known or bool(places.idle and short.have)
    return TotalShortage(
        short.dimension,
        short.need,
        short.have,
        step=worst.step.name,
        places=places,
        at_most=short.dimension in (CPU, MEMORY) or elsewhere,
        at_least=not alike,
        path=_copies_member(case) if member is None or less is None else member,
        largest=less or _most_copies(case),
        launched=launched,
        nowhere=not there,
    )


def _fragmented(case: Case, worst: StepResult) -> Fragmented:
    world = fits_in_every_world(case.question.about(worst.step), case.fleet.scale_out_allowance())
    return Fragmented(
        step=worst.step.name,
        dimensions=case.fleet.dimensions,
        demands=_demands(case),
        free=free_capacity(world)[:MAX_LISTED] if isinstance(world, Counterexample) else None,
        places=_places(case),
        path=_copies_member(case),
        largest=_most_copies(case),
    )


def _most_copies(case: Case) -> Largest | None:
    """The most copies that the change may ask for, where asking for fewer helps."""
    copies = case.best.get("fewer-copies")
    return None if copies is None else Largest(copies, "copies")


def _largest_per_copy(case: Case, dimension: str) -> Largest | None:
    """The most of a resource that a copy may ask for, where asking for less of it alone helps."""
    value = case.best.get(LESS_OF[dimension]) if dimension in LESS_OF else None
    return None if value is None else Largest(in_unit(dimension, value), f"{unit(dimension)} per copy")


def _member(case: Case, dimension: str) -> str | None:
    """The member of the request that asks for so much of a resource, if it asks for the same on all types."""
    asked = case.request.get("Specification", {}).get("ComputeResourceRequirements", {})
    name = REQUEST_MEMBER.get(dimension)
    return f"{case.path}.Specification.ComputeResourceRequirements.{name}" if name in asked else None


def _copies_member(case: Case) -> str:
    """The member of the request that asks for the copies; where as many run, that which replaces them."""
    change = case.question.change
    as_many = change.before is not None and change.before.copies == change.copies
    if as_many and "Specification" in case.request:
        return f"{case.path}.Specification"
    for member in ("DesiredRuntimeConfig", "RuntimeConfig"):
        if member in case.request:
            return f"{case.path}.{member}.CopyCount"
    return f"{case.path}.Specification" if "Specification" in case.request else case.path


def unknown_mix_reasons(case: Case) -> Iterator[CapacityReason]:
    """What finds no room however the instances are split; that they are not counted is said elsewhere."""
    worst = case.judged.worst_step
    if worst is None:
        return
    if worst.outcome is Outcome.DOES_NOT_FIT:
        from icplan.feasibility.unknown_mix import best_case_fleet  # noqa: PLC0415  (mostly it is known)

        question = case.question
        at_best = attrs.evolve(question, fleet=best_case_fleet(question.about(worst.step)))
        yield from shortages(attrs.evolve(case, question=at_best), worst)
    elif worst.outcome is Outcome.UNDECIDED:
        from icplan.explain.uncertainty import not_decided  # noqa: PLC0415  (mostly it is known)

        yield not_decided(worst, case.question.budget.ended)
