"""Why a step does not fit: what is short, by how much, and which type would hold a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.catalog.catalog import builtin_types
from icplan.explain.free_capacity import describe, free_capacity, larger_than_empty, short_by_totals
from icplan.explain.uncertainty import undecided_finding
from icplan.feasibility.question import demands_on
from icplan.feasibility.unknown_mix import best_case_fleet
from icplan.feasibility.worst_case import Counterexample, fits_in_every_world
from icplan.fleet.dimensions import LESS_OF, REQUEST_MEMBER, format_amount, format_amounts, in_unit, unit
from icplan.fleet.fleet import ACCELERATORS, CPU, MEMORY
from icplan.rules.capacity import NOT_ENOUGH_HARDWARE
from icplan.verdict.verdict import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from icplan.catalog.catalog import Catalog
    from icplan.catalog.types import InstanceType
    from icplan.explain.free_capacity import Shortfall
    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.question import Question
    from icplan.feasibility.step import StepResult
    from icplan.fleet.fleet import Demand, Fleet
    from icplan.packing.problem import Vector
    from icplan.requests.from_describe import Requirements


@attrs.frozen
class Case:
    """Everything a finding may speak of.

    ``request`` is the call's, ``path`` its JSON path in its document, and ``best`` the best value of each
    kind of remedy that helps as much as any.
    """

    question: Question
    judged: RolloutResult
    request: Mapping[str, Any]
    path: str
    best: Mapping[str, int]

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


RULE = {ACCELERATORS: "ICP301", MEMORY: "ICP302", CPU: "ICP303"}


PARTITION_RULE = "ICP304"


#: Groups of instances whose room a message lists.
MOST_LISTED = 4


def shortage_findings(case: Case, worst: StepResult) -> Iterator[Finding]:
    """The findings on a step that is known to fail."""
    if worst.witness is None:  # whatever comes first, a copy finds no room in the end
        yield _fragmented(case, worst)
        return
    if all(demand is None for demand in worst.witness.problem.kinds[-1].demands):
        types = ", ".join(pool.type.name for pool in case.fleet.pools)
        message = f"no specification is for an instance type of this endpoint, which has {types}"
        yield Finding("ICP306", Severity.ERROR, message, path=_copies_member(case))
        return
    if over := larger_than_empty(worst.witness):
        larger = larger_type(case.fleet.pools[0].type, case.question.change.need, case.question.catalog)
        for one in over:
            yield _too_large(case, one, larger)
            larger = None  # once is enough
        return
    short = short_by_totals(worst.witness, worst.step.placed_before)
    here, idle = _usable_types(case)
    for one in short:
        # What may lie on a type that does not count may lie on one that does.
        unsure = one.dimension in (CPU, MEMORY) or not case.fleet.mix_known or (idle and one.have)
        most = "at most " if unsure else ""
        least = "" if _same_on_all(case, one.dimension) else "at least "
        message = (
            f"{worst.step.name}: needs {least}{format_amount(one.dimension, one.need)}; "
            f"{here} {most}{format_amount(one.dimension, one.have)} left{idle}"
        )
        yield _total_shortage(case, RULE.get(one.dimension, PARTITION_RULE), message, one)
    if not short:
        yield _fragmented(case, worst)


def _usable_types(case: Case) -> tuple[str, str]:
    """What has the room that counts, and that other room does not count, if there is some."""
    fleet = case.fleet
    pairs = zip(fleet.pools, case.demands, strict=True)
    barred = [pool for pool, demand in pairs if demand is None]
    counts = " and ".join(pool.type.name for pool in fleet.pools if pool not in barred)
    idle = " and ".join(pool.type.name for pool in barred if pool.instances)
    return (
        f"the instances of {counts} have" if barred else "the fleet has",
        f"; what is free on {idle} does not count, since no specification is for it" if idle else "",
    )


def _demands(case: Case) -> dict[str, Vector]:
    """What a copy takes on each type where it may lie."""
    fleet = case.fleet
    found = {pool.type.name: demand for pool, demand in zip(fleet.pools, case.demands, strict=True)}
    return {name: fleet.told(demand) for name, demand in found.items() if demand is not None}


def _same_on_all(case: Case, dimension: str) -> bool:
    place = case.fleet.dimensions.index(dimension)
    return len({demand[place] for demand in _demands(case).values()}) == 1


def _too_large(case: Case, short: Shortfall, larger: InstanceType | None) -> Finding:
    types = list(_demands(case))
    message = (
        f"one copy needs {format_amount(short.dimension, short.need)}; "
        f"an empty {' or '.join(types)} offers at most {format_amount(short.dimension, short.have)}"
    )
    if larger is not None:
        message += f"; the smallest type of that family that surely holds one is {larger.name}"
    return attrs.evolve(
        _capacity(case, "ICP306", message, short),
        path=_member(case, short.dimension) or _copies_member(case),
        **_largest_per_copy(case, short.dimension),
    )


def _total_shortage(case: Case, rule: str, message: str, short: Shortfall) -> Finding:
    """Of memory the request may ask for less; of anything else for fewer copies."""
    finding = _capacity(case, rule, message, short)
    member = _member(case, MEMORY) if short.dimension == MEMORY else None
    per_copy = _largest_per_copy(case, MEMORY) if member else {}
    return attrs.evolve(finding, path=member, **per_copy) if per_copy else finding


def _fragmented(case: Case, worst: StepResult) -> Finding:
    step, dimensions = worst.step, case.fleet.dimensions
    demands = _demands(case)
    needs = [f"{format_amounts(dimensions, demand)} on one {name}" for name, demand in demands.items()]
    if len(set(demands.values())) == 1:
        needs = [f"{format_amounts(dimensions, next(iter(demands.values())))} on one instance"]
    message = f"{step.name}: a copy needs {' or '.join(needs)}"
    world = fits_in_every_world(case.question.about(step), case.fleet.scale_out_allowance())
    if isinstance(world, Counterexample):
        groups = free_capacity(world)[:MOST_LISTED]
        shown = [any(column) for column in zip(*demands.values(), strict=True)]
        message += f"; free, for example: {'; '.join(describe(groups, dimensions, shown))}"
        message += _usable_types(case)[1]
    return _capacity(case, "ICP305", message, None)


def _capacity(case: Case, rule: str, message: str, short: Shortfall | None) -> Finding:
    copies = case.best.get("fewer-copies")
    return Finding(
        rule,
        Severity.ERROR,
        message,
        path=_copies_member(case),
        need=None if short is None else in_unit(short.dimension, short.need),
        have=None if short is None else in_unit(short.dimension, short.have),
        unit=None if short is None else unit(short.dimension),
        largest_that_works=copies,
        largest_unit=None if copies is None else "copies",
        aws_error=NOT_ENOUGH_HARDWARE,
    )


def _largest_per_copy(case: Case, dimension: str) -> dict[str, Any]:
    """The most of a resource that a copy may ask for, where asking for less of it alone helps."""
    value = case.best.get(LESS_OF[dimension]) if dimension in LESS_OF else None
    if value is None:
        return {}
    return {
        "largest_that_works": in_unit(dimension, value),
        "largest_unit": f"{unit(dimension)} per copy",
    }


def _member(case: Case, dimension: str) -> str | None:
    """The member of the request that asks for so much of a resource, if it asks for the same on all types."""
    asked = case.request.get("Specification", {}).get("ComputeResourceRequirements", {})
    name = REQUEST_MEMBER.get(dimension)
    return f"{case.path}.Specification.ComputeResourceRequirements.{name}" if name in asked else None


def _copies_member(case: Case) -> str:
    """The member of the request that asks for the copies."""
    for member in ("DesiredRuntimeConfig", "RuntimeConfig"):
        if member in case.request:
            return f"{case.path}.{member}.CopyCount"
    return f"{case.path}.Specification" if "Specification" in case.request else case.path


def unknown_mix_findings(case: Case) -> Iterator[Finding]:
    """What finds no room however the instances are split; that they are not counted is said elsewhere."""
    worst = case.judged.worst_step
    if worst is None:
        return
    if worst.outcome is Outcome.DOES_NOT_FIT:
        question = case.question
        at_best = attrs.evolve(question, fleet=best_case_fleet(question.about(worst.step)))
        yield from shortage_findings(attrs.evolve(case, question=at_best), worst)
    elif worst.outcome is Outcome.UNDECIDED:
        yield undecided_finding(worst)
