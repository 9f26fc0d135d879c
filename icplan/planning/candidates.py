"""The instance types that may be bought: what each costs, what it surely offers, which need no look."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase
from operator import ge, le
from typing import TYPE_CHECKING

import attrs

from icplan.assumptions import as_share
from icplan.catalog.catalog import builtin_types
from icplan.catalog.partitions import gpu
from icplan.errors import InputError, InputProblem
from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.fleet.build_fleet import devices_of
from icplan.fleet.dimensions import format_amount
from icplan.fleet.fleet import Fleet, InstancePool
from icplan.verdict.fleet_plan import Measure, TypeLeftOut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.assumptions import Assumptions
    from icplan.catalog.catalog import Catalog
    from icplan.catalog.types import InstanceType
    from icplan.packing.problem import Vector
    from icplan.planning.components import WantedComponent, WantedComponents
    from icplan.planning.settings import PlanSettings


@attrs.frozen
class Candidate:
    """An instance type that may be bought.

    ``demands`` is what a copy of each component takes, ``capacity`` what an instance surely offers, and
    ``at_most`` what it may offer; ``limit`` is the most there may be (``None``: any number).
    """

    pool: InstancePool
    cost: int
    limit: int | None
    capacity: Vector
    at_most: Vector
    demands: tuple[Vector | None, ...]

    @property
    def name(self) -> str:
        """The type."""
        return self.pool.type.name

    def holds(self, component: int) -> bool:
        """Whether an empty instance surely takes a copy of a component."""
        demand = self.demands[component]
        return demand is not None and all(map(le, demand, self.capacity))

    def room_like(self, other: Candidate) -> bool:
        """Whether the two have the same room for these components."""
        theirs = (other.capacity, other.at_most, other.demands)
        return (self.capacity, self.at_most, self.demands) == theirs

    def roomier(self, other: Candidate) -> bool:
        """Whether whatever lies on an instance of the other may lie on one of these."""
        if not all(map(ge, self.capacity, other.capacity)):
            return False
        pairs = zip(self.demands, other.demands, strict=True)
        return all(theirs is None or (own is not None and all(map(le, own, theirs))) for own, theirs in pairs)

    def allows_as_many(self, other: Candidate) -> bool:
        """Whether there may be as many of it as of the other."""
        return self.limit is None or (other.limit is not None and self.limit >= other.limit)


@attrs.frozen
class Candidates:
    """The types to compare, and those that need no look, with the reason.

    ``fleet`` has a pool of each, in the same order, and counts CPU in one unit for all. ``passed`` are types
    that another one beats, with that one's name. ``notes`` tell what was given and changes nothing.
    """

    fleet: Fleet
    types: tuple[Candidate, ...]
    left_out: tuple[TypeLeftOut, ...]
    passed: tuple[tuple[Candidate, str], ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, name: str) -> Candidate:
        """The candidate of that name."""
        every = (*self.types, *(one for one, _ in self.passed))
        return next(one for one in every if one.name == name)


def candidates_for(wanted: WantedComponents, settings: PlanSettings, assumptions: Assumptions) -> Candidates:
    """The types to compare. InputError where none is named, or none has a price."""
    catalog = settings.judging.catalog.with_shares(
        as_share(assumptions.value("allocatable-memory")), as_share(assumptions.value("allocatable-cpu"))
    )
    catalog.checked()
    for name in settings.quota_types:
        catalog.lookup(name)
    _require_layout(wanted)
    left_out: list[TypeLeftOut] = []
    pools: list[InstancePool] = []
    named = tuple(_named(catalog, settings))
    for kind in named:
        found = _pool(kind, catalog, wanted.layout, assumptions)
        if isinstance(found, TypeLeftOut):
            left_out.append(found)
        else:
            pools.append(found)
    compared = _compared(tuple(pools), left_out, wanted.taking_room, settings)
    others = sorted({*settings.quota_types}.difference(kind.name for kind in named))
    return attrs.evolve(compared, notes=tuple(_not_compared(name, settings) for name in others))


def _not_compared(name: str, settings: PlanSettings) -> str:
    priced = settings.by is not Measure.COST or (settings.prices and name in settings.prices.types)
    because = "--types leaves it out" if priced else "it has no price"
    return f"the quota of {name} changes nothing: {because}"


def _named(catalog: Catalog, settings: PlanSettings) -> Iterator[InstanceType]:
    """The facts of the types that may be bought, by name."""
    known = sorted({*builtin_types(), *catalog.types})
    file = None if settings.prices is None else settings.prices.file
    if settings.by is Measure.COST:
        priced = () if settings.prices is None else settings.prices.types
        known = [name for name in known if name in set(priced)]
        if not known:
            message = "has a price of no instance type that icplan knows"
            raise InputError(InputProblem(message, file=file))
    patterns = settings.types or ("*",)
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in known):
            what = "with a price is" if settings.by is Measure.COST else "is"
            message = f"no instance type {what} {pattern!r}"
            raise InputError(InputProblem(message, file=file, hint="Such as ml.g5.*"))
    for name in known:
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            yield catalog.lookup(name)


def _require_layout(wanted: WantedComponents) -> None:
    """Refuse partitions where nothing tells how accelerators are cut."""
    for one in wanted.taking_room:
        parts = (
            [asked.partition for asked in one.need.requirements.values() if asked.partition]
            if one.need
            else []
        )
        if parts and parts[0] not in wanted.layout:
            message = f"{one.name} asks for a partition {parts[0]}, and no layout has it"
            hint = "Give the create_endpoint_config request with AcceleratorPartitionLayouts, too"
            raise InputError(one.problem(message, hint=hint))


def _pool(
    kind: InstanceType, catalog: Catalog, layout: Sequence[str], assumptions: Assumptions
) -> InstancePool | TypeLeftOut:
    if layout:
        told = gpu(kind.mig_gpu) if kind.mig_gpu else None
        if told is None or not set(layout) <= told.profiles.keys() or not told.fits(layout):
            return TypeLeftOut(kind.name, f"its accelerators cannot be cut into {', '.join(layout)}")
    return InstancePool(
        type=kind,
        instances=0,
        allocatable=catalog.allocatable(kind),
        accelerators=0 if layout else devices_of(kind, assumptions),
        partitions={name: n * kind.accelerators for name, n in Counter(layout).items()},
    )


def _compared(
    pools: tuple[InstancePool, ...],
    left_out: list[TypeLeftOut],
    components: Sequence[WantedComponent],
    settings: PlanSettings,
) -> Candidates:
    needs = [one.need for one in components if one.need is not None]
    fleet = Fleet("plan", "AllTraffic", pools, (), ()).counting(*needs)
    found: list[Candidate] = []
    for pool, side in zip(fleet.pools, AllocatableBox.of(fleet).sides, strict=True):
        candidate = Candidate(
            pool,
            _cost(pool, settings),
            settings.quotas.get(pool.type.name),
            fleet.capacity(pool, *side.low),
            fleet.capacity(pool, *side.high),
            tuple(fleet.demand(need, pool.type.name) for need in needs),
        )
        because = _no_use(candidate, components, fleet, several=settings.max_types > 1)
        if because is None:
            found.append(candidate)
        else:
            left_out.append(TypeLeftOut(candidate.name, because))
    kept, passed = _undominated(found, settings)
    used = attrs.evolve(fleet, pools=tuple(one.pool for one in kept))
    return Candidates(used, tuple(kept), tuple(left_out), tuple(passed))


def _cost(pool: InstancePool, settings: PlanSettings) -> int:
    match settings.by:
        case Measure.COST:
            cost = None if settings.prices is None else settings.prices.cost(pool.type.name)
            return cost or 0
        case Measure.ACCELERATORS:
            return pool.type.accelerators
        case Measure.MEMORY:
            return pool.type.memory_mib
    return 1


def _no_use(
    candidate: Candidate, components: Sequence[WantedComponent], fleet: Fleet, *, several: bool
) -> str | None:
    """Why a type need not be looked at; ``None`` where it has to be."""
    if not candidate.cost:
        return "it has no accelerator, so accelerators do not tell what it costs"
    if candidate.limit == 0:
        return "its quota is 0"
    lacking = [number for number in range(len(components)) if not candidate.holds(number)]
    if not lacking or (several and len(lacking) < len(components)):
        return None
    name, demand = components[lacking[0]].name, candidate.demands[lacking[0]]
    if demand is None:
        return f"{name} has no specification for it"
    place = next(
        n for n, (need, have) in enumerate(zip(demand, candidate.capacity, strict=True)) if need > have
    )
    dimension = fleet.dimensions[place]
    asked, there = (
        format_amount(dimension, fleet.thousandths(dimension, amount))
        for amount in (demand[place], candidate.capacity[place])
    )
    return f"a copy of {name} needs {asked}, an empty instance surely has {there}"


def _undominated(
    found: Sequence[Candidate], settings: PlanSettings
) -> tuple[list[Candidate], list[tuple[Candidate, str]]]:
    """Those that no other one beats, and the others with the name of the one that beats them.

    Where a whole type may be lost, another in its place is worth its price.
    """
    kept: list[Candidate] = []
    passed: list[tuple[Candidate, str]] = []
    apart = settings.needs_several_types
    for one in sorted(found, key=lambda each: (each.cost, [-n for n in each.capacity], each.name)):
        better = None if apart else next((other for other in kept if _beats(other, one, settings)), None)
        if better is None:
            kept.append(one)
        else:
            passed.append((one, better.name))
    return sorted(kept, key=lambda each: each.name), passed


def _beats(other: Candidate, one: Candidate, settings: PlanSettings) -> bool:
    """Whether no fleet with the one is cheaper than the same with the other in its place.

    More room may also be wasted in more ways: where the steady fleet must surely hold, or the peak has a
    limit, only the same room is as good.
    """
    if other.cost > one.cost or not other.allows_as_many(one):
        return False
    if settings.max_types > 1 and other.limit is not None:
        return False  # there may not be enough of it to stand in for both
    if settings.by is Measure.ACCELERATORS and other.cost == one.cost and not other.room_like(one):
        return False  # of as many accelerators, the smaller host is the cheaper one
    sure = settings.steady_is_sure or other.limit is not None
    return other.room_like(one) if sure else other.roomier(one)
