"""A fleet: its pools of instances, what runs on them, what a copy takes, and how far it may grow."""

from __future__ import annotations

import enum
import math
from collections import Counter
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError, InputProblem
from icplan.fleet.cpu_unit import DECIMALS, unit_for
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from icplan.catalog.types import Allocatable, InstanceType
    from icplan.fleet.metric_ranks import ReservedRanks
    from icplan.requests.from_describe import Requirements


@frozen
class InstanceCounts:
    """A fleet as it was, and how many instances of each type it has then."""

    fleet: Fleet
    pools: Mapping[str, int]

    @property
    def instances(self) -> int:
        """The instances of all types."""
        return sum(self.pools.values())

    @property
    def delta(self) -> dict[str, int]:
        """The instances launched per type, less those released."""
        return {pool.type.name: self.pools[pool.type.name] - pool.instances for pool in self.fleet.pools}

    def resized_fleet(self) -> Fleet:
        """The fleet of that size, which may grow as far as before; where copies lie is not known."""
        pools = (attrs.evolve(pool, instances=self.pools[pool.type.name]) for pool in self.fleet.pools)
        limits = (attrs.evolve(limit, remaining=self._left(limit)) for limit in self.fleet.limits)
        # What is on its way comes first where instances are launched.
        arriving = max(0, self.fleet.arriving - max(0, sum(self.delta.values())))
        return attrs.evolve(self.fleet, pools=tuple(pools), limits=tuple(limits), arriving=arriving).moved()

    def _left(self, limit: Limit) -> int:
        delta = sum(self.delta.values()) if limit.type is None else self.delta[limit.type]
        return max(0, limit.remaining - delta)


#: Components up to which each is spoken of by name, however alike they are.
MAX_NAMED = 100


#: The dimensions every fleet has; a partitioned fleet has one more per partition type.
CPU, MEMORY, ACCELERATORS = "cpu", "memory", "accelerators"


@frozen
class Demand:
    """What one copy reserves per instance type; the key ``None`` stands for any type."""

    requirements: Mapping[str | None, Requirements]
    _vectors: dict[object, tuple[int, ...] | None] = attrs.field(
        factory=dict, init=False, eq=False, repr=False
    )

    def on(self, instance_type: str) -> Requirements | None:
        """What a copy reserves on that type; ``None`` where it cannot lie."""
        return self.requirements.get(instance_type, self.requirements.get(None))

    @cached_property
    def key(self) -> frozenset[tuple[str | None, Requirements]]:
        """The same value for needs that are equal, to group by."""
        return frozenset(self.requirements.items())


@frozen
class InstancePool:
    """The instances of one type. ``partitions`` counts the partitions of each type on one instance."""

    type: InstanceType
    instances: int
    allocatable: Allocatable
    accelerators: int
    partitions: Mapping[str, int] = attrs.field(factory=dict)
    priority: int = 1


@frozen
class Component:
    """A component on the fleet that reserves room of its own (adapters do not).

    ``firm`` copies lie there for sure; ``floating`` ones may or may not, since something is under way. Of the
    latter, ``coming`` may have to be placed yet, for which instances may be launched. ``by_type`` tells the
    firm copies per instance type, where AWS does, and ``failure`` why it, or a write to it, has failed.
    """

    name: str
    status: str
    need: Demand
    placed: int
    in_flight: int = 0
    by_type: Mapping[str, int] | None = None
    coming: int = 0
    failure: str | None = None

    @property
    def copies(self) -> int:
        """The copies it may hold at most."""
        return self.placed + self.in_flight


@frozen
class Limit:
    """Why the fleet cannot grow without end: at most ``extra`` more instances (of ``type``, if named).

    What is on its way is among them; of several types, in those of all together alone. Up to ``contested`` of
    them may not be there for this fleet: others may take them, or it is not told that there are so many.
    ``doubt`` says why. ``over`` are the instances beyond the limit already, which have to go before there is
    room for one. ``of_endpoint``: it is a quota on one endpoint's instances.
    """

    rule: str
    remaining: int
    message: str
    type: str | None = None
    aws_error: str | None = None
    contested: int = 0
    over: int = 0
    of_endpoint: bool = False
    doubt: str = ""


@frozen
class InstanceContents:
    """``instances`` instances of one type, in one zone, that hold exactly these copies.

    ``zone`` is ``None`` where it is not known.
    """

    type: str
    instances: int
    copies: Mapping[str, int]
    zone: str | None = None


@frozen
class ScaleIn:
    """Idle instances being taken away, which is not known: those of each pool before, and the limits."""

    instances: tuple[int, ...]
    limits: tuple[Limit, ...] = ()


@frozen
class Fleet:
    """One variant of an endpoint.

    ``scaling`` is the managed instance scaling in force, if any, and ``number`` the variant's place in the
    endpoint configuration. ``contents`` is the arrangement, where it is known; ``maxima`` the copies each
    component may be scaled to by Application Auto Scaling. ``arriving`` instances are on their way: each has
    a type of one of the pools, and comes whatever the limits say. CPU is counted in ``cpu_unit`` thousandths
    of a core. Where it is not ``counted`` how many instances are of which type, the pools' counts are right
    in their sum alone; ``scale_in`` is the reason, where idle ones are being taken away. ``unsure`` is what
    may be otherwise, and why; ``counted_by`` names what tells how many instances run. ``reserved`` is what
    metrics tell of how much lies on its instances, ``reserved_doubts`` why some of them do not.
    """

    endpoint: str
    variant: str
    pools: tuple[InstancePool, ...]
    components: tuple[Component, ...]
    limits: tuple[Limit, ...]
    scaling: Mapping[str, Any] | None = None
    variant_index: int = 0
    contents: tuple[InstanceContents, ...] | None = None
    unsure: Mapping[Unsure, tuple[str, ...]] = attrs.field(factory=dict)
    counted_by: str = attrs.field(default="", eq=False)
    autoscaling_max: Mapping[str, int] = attrs.field(factory=dict)
    mix_known: bool = True
    arriving: int = 0
    scale_in: ScaleIn | None = None
    cpu_unit: Fraction = Fraction(1)
    reserved: tuple[ReservedRanks, ...] = ()
    reserved_doubts: tuple[str, ...] = ()

    @cached_property
    def instances(self) -> int:
        """How many instances run (or are on their way)."""
        return sum(pool.instances for pool in self.pools)

    @property
    def min_instances(self) -> int | None:
        """The instances that idle release leaves at least; ``None`` where none is ever released."""
        return None if self.scaling is None else int(self.scaling.get("MinInstanceCount", 1))

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """What a copy takes of an instance: CPU, memory, accelerators, then each partition type by name."""
        partitions = sorted({name for pool in self.pools for name in pool.partitions})
        return (CPU, MEMORY, ACCELERATORS, *partitions)

    def failed(self, *, besides: str) -> list[Component]:
        """The other components that have failed and may hold room, those with most copies first."""
        there = [one for one in self.components if one.status == "Failed" and one.copies]
        return sorted((one for one in there if one.name != besides), key=lambda one: (-one.copies, one.name))

    def demand(self, need: Demand, instance_type: str) -> tuple[int, ...] | None:
        """What a copy takes per dimension on that type; ``None`` where it cannot lie."""
        key = instance_type, self.cpu_unit.as_integer_ratio(), self.dimensions  # a fraction is slow to hash
        vectors = need._vectors  # noqa: SLF001  (fleets alone know it)
        if key not in vectors:
            vectors[key] = self._demand(need, instance_type)
        return vectors[key]

    def _demand(self, need: Demand, instance_type: str) -> tuple[int, ...] | None:
        required = need.on(instance_type)
        return None if required is None else required.amounts(self.cpu_unit, self.dimensions[3:])

    def cpu_units(self, thousandths: int) -> int:
        """The CPU of an instance in whole units."""
        return thousandths if self.cpu_unit == 1 else math.floor(thousandths / self.cpu_unit)

    def thousandths(self, dimension: str, amount: int) -> int:
        """An amount as people are told it: CPU in thousandths of a core, rounded."""
        return round(amount * self.cpu_unit) if dimension == CPU else amount

    def told(self, vector: Sequence[int]) -> tuple[int, ...]:
        """Amounts per dimension as people are told them."""
        return tuple(map(self.thousandths, self.dimensions, vector))

    def counting(self, *needs: Demand) -> Fleet:
        """The fleet with CPU counted such that what its components and these need are whole numbers.

        :class:`InputError` where that takes more digits than are counted with.
        """
        asked = {
            required.thousandths
            for need in (*(component.need for component in self.components), *needs)
            for required in need.requirements.values()
        }
        most = (max(pool.type.vcpu * 1000, pool.allocatable.cpu.high) for pool in self.pools)
        unit = unit_for(asked, max(most, default=0))
        if unit is None:
            long = sorted(amount for amount in asked if (amount * 10 ** (DECIMALS - 3)).denominator > 1)
            told = ", ".join(str(float(amount / 1000)) for amount in long)
            message = f"CPU cores asked for on one endpoint cannot be counted together exactly: {told}"
            hint = f"Give at most {DECIMALS} decimals of a core"
            raise InputError(InputProblem(message, path="$.InferenceComponents", hint=hint))
        return attrs.evolve(self, cpu_unit=unit)

    def capacity(self, pool: InstancePool, cpu: int, memory: int) -> tuple[int, ...]:
        """What an instance of the pool offers per dimension, when so much CPU and memory can be reserved.

        ``cpu`` is in the fleet's units.
        """
        return (cpu, memory, pool.accelerators, *(pool.partitions.get(d, 0) for d in self.dimensions[3:]))

    def scale_out_allowance(self, instance_type: str | None = None, *, sure: bool = False) -> int:
        """How many more instances may be launched (of that type, or of all together).

        ``sure`` counts only those that no one else may take.
        """
        return min(
            (
                max(0, limit.remaining - limit.contested) if sure else limit.remaining
                for limit in self.limits
                if limit.type is None or limit.type == instance_type
            ),
            default=0,
        )

    def component(self, name: str) -> Component | None:
        """The component of that name, if it is on the fleet."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> Mapping[str, Component]:
        return {component.name: component for component in self.components}

    def grouped(self, apart: str | None = None) -> tuple[Component, ...]:
        """The components; of very many, those that reserve the same as one, but for the one named ``apart``.

        Such a one is named after its first, with the number of the others: ``chat+41``. Where it is known
        which copies lie on which instance, each stays itself.
        """
        if len(self.components) <= MAX_NAMED or self.contents is not None:
            return self.components
        groups: dict[object, list[Component]] = {}
        for one in self.components:
            own = one.name if one.name == apart else None
            groups.setdefault((one.need.key, one.by_type is None, own), []).append(one)
        return tuple(map(_merge, groups.values()))

    def moved(self) -> Fleet:
        """The fleet once copies may lie elsewhere than they were seen to."""
        return attrs.evolve(self, contents=None, reserved=(), reserved_doubts=())

    def without(self, name: str) -> Fleet:
        """The fleet as if that component were not there."""
        return attrs.evolve(self, components=tuple(c for c in self.components if c.name != name))


def _merge(grouped: Sequence[Component]) -> Component:
    """Components that reserve the same, as one that has all their copies."""
    first, *others = grouped
    if not others:
        return first
    by_type = Counter[str]()
    for one in grouped:
        by_type.update(one.by_type or {})
    return attrs.evolve(
        first,
        name=f"{first.name}+{len(others)}",
        placed=sum(one.placed for one in grouped),
        in_flight=sum(one.in_flight for one in grouped),
        coming=sum(one.coming for one in grouped),
        by_type=None if first.by_type is None else by_type,
    )


#: Instances: more than any endpoint has.
UNLIMITED = 10**6


class Unsure(enum.Enum):
    """What may be otherwise than a fleet has it, from what leaves least to what leaves most."""

    TYPES = "which instances run, and what they offer"
    COPIES = "what the copies that run reserve"
    MORE = "how many instances run, of which there may be more"
    GROWTH = "how far the fleet may grow"
    ASKED = "where copies of the component may lie"
    HELD = "what lies on the instances, which may be more"
