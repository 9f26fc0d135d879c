"""An endpoint as typed values: its variants, its components and the account's limits, and what changes leave.

`EndpointState` is read from a snapshot once. A change gives the next state (`apply`), and fleets are made of
any state (see `build_fleet`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from icplan.fleet.fleet import InstanceCounts
    from icplan.fleet.reservation_metrics import ReservationMetric
    from icplan.fleet.variant import VariantState
    from icplan.requests.from_describe import EndpointComponent


class Origin(Protocol):
    """Where a state was read, for what is wrong there."""

    @property
    def file(self) -> str | None: ...  # noqa: D102  (see the class)

    def located(self) -> AbstractContextManager[None]: ...  # noqa: D102


@frozen
class Quota:
    """A quota of the account on instances of a type (None: on all), or on those ``of_endpoint`` alone."""

    name: str
    value: int
    type: str | None = None
    of_endpoint: bool = False


@frozen
class CopyLocation:
    """That copies of a component lie on an instance."""

    component: str
    instance: str
    type: str
    copies: int
    zone: str | None = None


@frozen
class Alteration:
    """What a change alters: the component of that name (None: it is gone), and how many instances run."""

    name: str
    component: EndpointComponent | None
    instances: InstanceCounts | None = None


@frozen
class EndpointState:
    """What is known of an endpoint at one moment.

    ``configuration`` is the endpoint configuration as it is described, ``variants`` are the production
    variants of it, ``undeclared`` those that are described alone; ``described`` counts all that
    DescribeEndpoint tells of. ``components`` are all that are told of, which is nothing where not
    ``components_told``; ``undescribed`` are there, too, and not told of. ``in_use`` counts the account's
    instances per type, but for those of ``uncounted_endpoints``; ``instance_types`` is what EC2 says of
    types, ``origin`` where all of this was read. It is not ``consistent`` if something changed meanwhile.
    ``modified`` is the endpoint's LastModifiedTime.
    """

    origin: Origin = attrs.field(eq=False, repr=False)
    configuration: Mapping[str, Any] = attrs.field(repr=False)
    variants: tuple[VariantState, ...]
    components: tuple[EndpointComponent, ...] = ()
    components_told: bool = True
    described_name: str | None = None
    status: str | None = None
    running_configuration: str | None = None
    described: int = 0
    undeclared: tuple[VariantState, ...] = ()
    shadows: tuple[VariantState, ...] = ()
    quotas: tuple[Quota, ...] = ()
    in_use: Mapping[str, int] | None = None
    uncounted_endpoints: tuple[str, ...] = ()
    undescribed: tuple[str, ...] = ()
    consistent: bool = True
    locations: tuple[CopyLocation, ...] = ()
    reservations: tuple[ReservationMetric, ...] = ()
    taken_at: dt.datetime | None = None
    modified: str | None = None
    autoscaling_max: Mapping[str, int] = attrs.field(factory=dict)
    instance_types: tuple[Mapping[str, Any], ...] = attrs.field(default=(), repr=False)

    @property
    def _named(self) -> list[str]:
        named = [self.described_name, *(component.endpoint for component in self.components)]
        return [name for name in named if name is not None]

    @property
    def names_endpoint(self) -> bool:
        """Whether anything in it names the endpoint; a configuration alone does not."""
        return bool(self._named)

    @property
    def name(self) -> str:
        """The endpoint's name; that of its configuration when nothing names the endpoint."""
        return self._named[0] if self._named else str(self.configuration_name or "unnamed")

    @property
    def configuration_name(self) -> str | None:
        """The name of the configuration that is described."""
        return self.configuration.get("EndpointConfigName")

    @property
    def changed_at(self) -> dt.datetime | None:
        """When the endpoint, or a component of it, was last changed; ``None`` where that is not told."""
        moments = [moment_of(told) for told in (self.modified, *(one.modified for one in self.components))]
        known = [moment for moment in moments if moment is not None]
        return max(known) if known and len(known) == len(moments) else None

    @property
    def variant_names(self) -> tuple[str, ...]:
        """The names of the production variants."""
        return tuple(variant.name for variant in self.variants)

    @property
    def used(self) -> Counter[str]:
        """Instances per type over all variants, those that run and those on their way."""
        every = (*self.variants, *self.undeclared, *self.shadows)
        return sum((variant.used for variant in every), Counter[str]())

    def variant(self, name: str) -> VariantState:
        """The production variant of that name."""
        return next(variant for variant in self.variants if variant.name == name)

    def component(self, name: str | None) -> EndpointComponent | None:
        """The component of that name, if it is there."""
        return next((one for one in self.components if one.name == name), None)

    def without_growth(self) -> EndpointState:
        """The state as if no variant could have more instances than it has."""
        return attrs.evolve(self, variants=tuple(variant.without_growth() for variant in self.variants))

    def started(self) -> EndpointState:
        """The state once the first instances of its configuration run, which nobody describes yet."""
        return attrs.evolve(self, variants=tuple(variant.started() for variant in self.variants))

    def apply(self, done: Alteration) -> EndpointState:
        """The state with a change done. Where copies lie is not known any more."""
        state = self if done.instances is None else self.resized(done.instances)
        return attrs.evolve(
            state,
            components=self._with(done.name, done.component),
            components_told=True,
            locations=(),
            reservations=(),
        )

    def _with(self, name: str, after: EndpointComponent | None) -> tuple[EndpointComponent, ...]:
        """The components with one as it is then, in its place."""
        if after is None or self.component(name) is not None:
            altered = (after if one.name == name else one for one in self.components)
            return tuple(one for one in altered if one is not None)
        return (*self.components, after)

    def resized(self, counts: InstanceCounts) -> EndpointState:
        """The state with a variant of that size; what is launched counts against the account's limits."""
        name, number = counts.fleet.variant, self.described
        before = self.variant(name)
        per_type = any(variant.pools for variant in self.variants)
        after = before.resized(counts, number=number, per_type=per_type, alone=len(self.variants) == 1)
        return attrs.evolve(
            self,
            variants=tuple(after if one is before else one for one in self.variants),
            reservations=(),
            described=number + (before.running is None),
            in_use=self._in_use(counts, before.told.arriving),
        )

    def _in_use(self, counts: InstanceCounts, coming: int) -> Mapping[str, int] | None:
        """The use of the account with what was launched, less what was released.

        Of the former, ``coming`` instances were on their way, and count there already.
        """
        if self.in_use is None:
            return None
        used, left = dict(self.in_use), coming
        for pool in counts.fleet.pools:
            name, delta = pool.type.name, counts.delta[pool.type.name]
            counted = max(0, min(left, delta))
            left -= counted
            # The count may be older than the endpoint's own.
            used[name] = max(pool.instances + counted, used.get(name, 0)) + delta - counted
        return used


def moment_of(text: str | None) -> dt.datetime | None:
    """A moment as AWS tells it; ``None`` where it is none, or has no zone."""
    try:
        found = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return None if found.tzinfo is None else found
