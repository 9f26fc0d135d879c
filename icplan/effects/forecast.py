"""One run of a change, placed as AWS documents: how far it gets, and what is left when it is done.

New copies go to the emptiest instance with room (BINPACK: the fullest; with zone balance: in the zone with
fewest of them) and an instance is launched when none has room; old copies leave the fullest instances first,
and an instance that a change has emptied is released down to MinInstanceCount. Which copies really leave is
not documented, so the result is a prediction, not a bound.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from icplan.feasibility.packing_model import PackingModel
from icplan.packing.problem import Status
from icplan.packing.solver.solve import pack
from icplan.rollout.steps import existing_copies
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.fleet.fleet import Component, Demand, Fleet
    from icplan.packing.budget import Budget
    from icplan.packing.problem import Vector
    from icplan.rollout.steps import CapacityChange, Step

#: Copies past which a run is not worth its time with the usual effort.
MAX_COPIES = 20_000
#: The share of the time that is left which a prediction may take of the verdict's.
SHARE = 0.2
NEW = "\0new"


@attrs.frozen(order=True, cache_hash=True)
class _Instance:
    """What one instance of a pool holds: copies by component name. Alike ones are counted together."""

    pool: int
    copies: tuple[tuple[str, int], ...] = ()
    zone: str = ""

    @property
    def total(self) -> int:
        return sum(n for _, n in self.copies)

    @classmethod
    def of(cls, pool: int, copies: Mapping[str, int], zone: str = "") -> _Instance:
        return cls(pool, tuple(sorted((name, n) for name, n in copies.items() if n)), zone)

    def with_(self, name: str, more: int) -> _Instance:
        held = dict(self.copies)
        return _Instance.of(self.pool, held | {name: held.get(name, 0) + more}, self.zone)

    def holds(self, *names: str) -> int:
        return sum(n for held, n in self.copies if held in names)


@attrs.define
class _Simulation:
    fleet: Fleet
    box: AllocatableBox
    needs: Mapping[str, Demand]
    instances: Counter[_Instance]
    budget: Budget
    move: CapacityChange | None = None
    rooms: dict[tuple[_Instance, str], bool] = attrs.field(factory=dict)

    def spread(self, name: str, copies: int, emptiest: list[tuple[int, _Instance]]) -> bool:
        """Place copies one after another on the emptiest instances with room; whether all were.

        ``emptiest`` is a heap of the instances that may be used, by what each holds in all.
        """
        full = []
        while copies and emptiest and not self.budget.exhausted:
            entry = heapq.heappop(emptiest)
            instance = entry[1]
            if not self._room(instance, name):
                full.append(entry)
                continue
            # Each takes one before any takes its second, so alike ones take theirs together.
            alike = min(copies, self.instances[instance])
            after = instance.with_(name, 1)
            if after not in self.instances:
                heapq.heappush(emptiest, (after.total, after))
            self._move(instance, after, alike)
            if instance in self.instances:
                heapq.heappush(emptiest, entry)
            copies -= alike
        for entry in full:
            heapq.heappush(emptiest, entry)
        return copies <= 0

    def place(self, name: str, copies: int) -> bool:
        """Place copies on any instance, launching one where none has room; whether all were, in time."""
        while copies > 0 and not self.budget.exhausted:
            chosen = self._chosen(name)
            if chosen is None:
                return False
            alike = min(copies, self.instances[chosen]) if self._evenly else 1
            self._move(chosen, chosen.with_(name, 1), alike)
            copies -= alike
        return copies <= 0

    def remove(self, name: str, copies: int) -> None:
        """Take copies away, as many as there is time for, and release what that empties."""
        while copies > 0 and not self.budget.exhausted:
            holding = (i for i in self.instances if i.holds(name))
            chosen = max(holding, key=lambda i: (i.total, i), default=None)
            if chosen is None:
                return
            alike = min(copies, self.instances[chosen])
            lighter = chosen.with_(name, -1)
            self._move(chosen, lighter, alike)
            least = self.fleet.min_instances
            if chosen.total == 1 and least is not None:
                self._move(lighter, None, min(alike, max(0, self.instances.total() - least)))
            copies -= alike

    @property
    def _evenly(self) -> bool:
        """Whether the next copy prefers any instance over the one that the last went to."""
        return self.move is None or not (self.move.binpack or self.move.zone_imbalance is not None)

    def _chosen(self, name: str) -> _Instance | None:
        with_room = (i for i in self.instances if self._room(i, name))
        return min(with_room, key=self._preference(), default=None) or self._launch(name)

    def _preference(self) -> Callable[[_Instance], tuple[Any, ...]]:
        """What the next copy prefers, least first."""
        sign = -1 if self.move is not None and self.move.binpack else 1
        if self.move is None or self.move.zone_imbalance is None:
            return lambda i: (sign * i.total, i)
        zones = self.zones(self.move)
        return lambda i: (zones.get(i.zone, 0), sign * i.total, i)

    def zones(self, move: CapacityChange) -> Counter[str]:
        """The new copies of the changed component per zone, and its old ones where they stay."""
        names = (NEW,) if move.replaces else (NEW, move.component)
        found = Counter[str]()
        for instance, n in self.instances.items():
            found[instance.zone] += n * instance.holds(*names)
        return found

    def _launch(self, name: str) -> _Instance | None:
        if self.instances.total() - self.fleet.instances >= self.fleet.scale_out_allowance():
            return None
        running = Counter[int]()
        for instance, n in self.instances.items():
            running[instance.pool] += n
        for number, pool in enumerate(self.fleet.pools):
            may = running[number] - pool.instances < self.fleet.scale_out_allowance(pool.type.name)
            if may and self._room(launched := _Instance(number), name):
                self.instances[launched] += 1
                return launched
        return None

    def _move(self, before: _Instance, after: _Instance | None, alike: int) -> None:
        self.instances[before] -= alike
        if not self.instances[before]:
            del self.instances[before]
        if after is not None:
            self.instances[after] += alike

    def _room(self, instance: _Instance, name: str) -> bool:
        key = instance, name
        if key not in self.rooms:
            self.rooms[key] = self._has_room(instance, name)
        return self.rooms[key]

    def _has_room(self, instance: _Instance, name: str) -> bool:
        pool = self.fleet.pools[instance.pool]
        demand = self.fleet.demand(self.needs[name], pool.type.name)
        if demand is None:
            return False
        free = list(self.fleet.capacity(pool, *self.box.sides[instance.pool].high))
        for other, n in instance.copies:
            taken = self.fleet.demand(self.needs[other], pool.type.name) or (0,) * len(free)
            free = [f - n * t for f, t in zip(free, taken, strict=True)]
        return all(f >= d for f, d in zip(free, demand, strict=True))


@frozen
class FinalState:
    """How a change is likely to end.

    ``pools`` counts the instances per type, ``together`` is the most copies of the changed component on one
    instance, ``zones`` its copies per zone that has instances (``None`` where zones are not known).
    """

    pools: Mapping[str, int]
    together: int
    zones: Mapping[str, int] | None

    @property
    def instances(self) -> int:
        """The instances of all types."""
        return sum(self.pools.values())


@frozen
class Forecast:
    """One run of a change: how many of its steps it can do, and how it ends if it can do all of them.

    ``truncated`` tells that there was no time to follow it to its end.
    """

    steps: int
    ending: FinalState | None
    truncated: bool = False


#: What is known of a run that cannot be made.
UNKNOWN = Forecast(0, None)


def forecast(
    fleet: Fleet, move: CapacityChange, steps: Sequence[Step], box: AllocatableBox, budget: Budget
) -> Forecast:
    """How a change goes, on the most that instances may offer; `UNKNOWN` when such a run is too long.

    What too long is grows with the effort; what a shorter one takes, its budget ends.
    """
    if sum(c.copies for c in fleet.components) + move.copies > budget.many(MAX_COPIES):
        return UNKNOWN
    budget = budget.share(SHARE)
    components = fleet.grouped(move.component)
    start = _start(fleet, components, box, move.component, budget)
    needs = {component.name: component.need for component in components} | {NEW: move.need}
    run = _Simulation(fleet, box, needs, start, budget, move)
    if start.total() != fleet.instances:
        return Forecast(0, None, budget.exhausted)
    done = _carry_out(run, move, steps)
    truncated = budget.exhausted
    return Forecast(done, _ending(run, move) if done == len(steps) and not truncated else None, truncated)


def _ending(run: _Simulation, move: CapacityChange) -> FinalState:
    together = max((i.holds(move.component, NEW) for i in run.instances), default=0)
    zones = run.zones(move)
    pools = dict.fromkeys((pool.type.name for pool in run.fleet.pools), 0)
    for instance, n in run.instances.items():
        pools[run.fleet.pools[instance.pool].type.name] += n
    return FinalState(pools, together, None if "" in zones else zones)


def _carry_out(run: _Simulation, move: CapacityChange, steps: Sequence[Step]) -> int:
    """Go through the steps, as many as there is room for."""
    old = move.before.copies if move.before else 0
    if not move.replaces:
        run.remove(move.component, old - move.copies)
    left = old
    for number, step in enumerate(steps):
        if not run.place(NEW, step.copies):
            return number
        if move.replaces:
            last = number == len(steps) - 1
            gone = left if last else min(left, step.copies)
            run.remove(move.component, gone)
            left -= gone
    if move.replaces:
        run.remove(move.component, left)
        run.remove(NEW, sum(step.copies for step in steps) - move.copies)
    return len(steps)


def _start(
    fleet: Fleet, components: Sequence[Component], box: AllocatableBox, keep_separate: str, budget: Budget
) -> Counter[_Instance]:
    """Instances with what runs on them: as known, else spread evenly, else as a layout that is possible."""
    found = Counter[_Instance]()
    if fleet.contents is not None:
        places = {pool.type.name: number for number, pool in enumerate(fleet.pools)}
        for content in fleet.contents:
            found[_Instance.of(places[content.type], content.copies, content.zone or "")] += content.instances
        return found
    for number, pool in enumerate(fleet.pools):
        found[_Instance(number)] += pool.instances
    run = _Simulation(fleet, box, {c.name: c.need for c in components}, +found, budget)
    largest = sorted(components, key=lambda c: _sort_key(fleet, c), reverse=True)
    wanted = (one for component in largest for one in _where(fleet, component))
    for pools, group in itertools.groupby(wanted, key=lambda one: one[0]):
        emptiest = sorted((i.total, i) for i in run.instances if i.pool in pools)
        if not all(run.spread(name, copies, emptiest) for _, name, copies in group):
            return (
                Counter()
                if budget.exhausted
                else Counter(dict(_feasible_layout(fleet, box, keep_separate, budget)))
            )
    return run.instances


def _where(fleet: Fleet, component: Component) -> Iterator[tuple[Sequence[int], str, int]]:
    """The pools on one of which copies of a component lie, its name, and how many they are."""
    if component.by_type is None:
        yield range(len(fleet.pools)), component.name, component.placed
        return
    for number, pool in enumerate(fleet.pools):
        yield (number,), component.name, component.by_type.get(pool.type.name, 0)


def _sort_key(fleet: Fleet, component: Component) -> Vector:
    """Accelerators first, then memory, then CPU: what is hardest to find room for."""
    demands = (fleet.demand(component.need, pool.type.name) for pool in fleet.pools)
    return max((demand[2:] + demand[1::-1] for demand in demands if demand), default=())


def _feasible_layout(
    fleet: Fleet, box: AllocatableBox, keep_separate: str, budget: Budget
) -> Iterator[tuple[_Instance, int]]:
    model = PackingModel.of(fleet, tuple(existing_copies(fleet)), {})
    problem = model.existing_problem(box.best, keep_separate)
    packing = pack(problem, budget)
    if packing.status is not Status.FITS:
        return
    names = [kind.name.split(" ")[0] for kind in problem.kinds]
    empty = Counter(
        {place: group.count for place, group in enumerate(model.groups) if group.pool is not None}
    )
    found = Counter[_Instance]()
    for pattern in packing.placement or ():
        pool = model.groups[pattern.bin].pool
        if pool is None:
            continue
        copies = Counter[str]()
        for name, n in zip(names, pattern.copies, strict=True):
            copies[name] += n
        found[_Instance.of(pool, copies)] += pattern.times
        empty[pattern.bin] -= pattern.times
    for place, n in (+empty).items():
        found[_Instance(model.groups[place].pool or 0)] += n
    yield from found.items()
