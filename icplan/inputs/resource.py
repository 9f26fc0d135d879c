"""The resources of a deployment that have to do with capacity, whatever format they come from."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from icplan.requests.common import ENDPOINT_NAME
from icplan.requests.component import DeploymentConfig
from icplan.requests.fields import Boolean, Integer, ListOf, Shape, Struct, Text, member, members
from icplan.requests.operations import CreateInferenceComponent

# ruff: noqa: RUF009  (member() declares an attribute, as attrs.field does)

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.inputs.place import Place
    from icplan.inputs.values import Located, Origin
    from icplan.requests.fields import Rule


class Kind(StrEnum):
    """What a resource is, by the member that names it."""

    CONFIGURATION = "EndpointConfigName"
    ENDPOINT = "EndpointName"
    COMPONENT = "InferenceComponentName"
    TARGET = "ResourceId"


class Action(StrEnum):
    """What will be done with a resource.

    ``DECLARED`` leaves open whether it is there already; ``KEPT`` stays as it is.
    """

    DECLARED = "declared"
    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    RECREATED = "deleted, then created"
    REPLACED = "created, then deleted"
    KEPT = "kept"


@attrs.frozen(kw_only=True)
class DeclaredComponent(CreateInferenceComponent):
    """A component as templates declare it: what creates it, and how it is updated."""

    deployment_config: DeploymentConfig | None = member("DeploymentConfig", Struct(DeploymentConfig))


@attrs.frozen(kw_only=True)
class DeclaredEndpointShape(Shape):
    """What of an endpoint matters here."""

    endpoint_name: str | None = member("EndpointName", ENDPOINT_NAME)
    endpoint_config_name: str | None = member("EndpointConfigName", ENDPOINT_NAME)
    retain_all_variant_properties: bool | None = member("RetainAllVariantProperties", Boolean())


@attrs.frozen(kw_only=True)
class ScheduledCapacity(Shape):
    """Between how many copies autoscaling keeps a component from some time on."""

    min_capacity: int | None = member("MinCapacity", Integer())
    max_capacity: int | None = member("MaxCapacity", Integer())


@attrs.frozen(kw_only=True)
class ScheduledAction(Shape):
    """What a schedule of a scalable target does."""

    scalable_target_action: ScheduledCapacity | None = member(
        "ScalableTargetAction", Struct(ScheduledCapacity)
    )


@attrs.frozen(kw_only=True)
class ScalableTarget(Shape):
    """Between how many copies autoscaling keeps a component; its schedules may be resources of their own."""

    service_namespace: str | None = member("ServiceNamespace", Text())
    resource_id: str | None = member("ResourceId", Text())
    scalable_dimension: str | None = member("ScalableDimension", Text())
    min_capacity: int | None = member("MinCapacity", Integer())
    max_capacity: int | None = member("MaxCapacity", Integer())
    scheduled_actions: list[ScheduledAction] | None = member(
        "ScheduledActions", ListOf(item=Struct(ScheduledAction))
    )
    scalable_target_action: ScheduledCapacity | None = member(
        "ScalableTargetAction", Struct(ScheduledCapacity)
    )


@attrs.frozen
class Where:
    """The account and Region in which something is; None where that is not told.

    ``settled_by`` is what settles them when all is carried out, where that is something of its own.
    """

    region: str | None = None
    account: str | None = None
    settled_by: str | None = None

    def differs(self, other: Where) -> bool:
        """Whether they are surely not the same: what is called alike in both is not one thing."""
        regions = self.region and other.region and self.region != other.region
        return bool(regions or (self.account and other.account and self.account != other.account))

    def may_differ(self, other: Where) -> bool:
        """Whether nothing tells that they are the same: each is settled by something else."""
        return self.settled_by != other.settled_by

    def __str__(self) -> str:
        """As in ``111122223333 in us-east-1``."""
        if self.settled_by is not None:
            return f"where {self.settled_by} says"
        told = [self.account, f"in {self.region}" if self.region else None]
        return " ".join(one for one in told if one) or "an unknown Region"


@attrs.frozen
class Resource:
    """One resource. ``id`` tells it from all others of the deployment, ``label`` is what people call it.

    ``members`` has AWS's names, and values that may be unresolved. ``before`` has the members in force, where
    the format tells. ``after`` names the resources that must be there first. ``place`` tells the place of an
    origin within it. ``guesses``: a reference that leads nowhere means the only endpoint there is. ``whole``:
    what carries it out sends all that is declared each time, and keeps the instances that an endpoint has.
    What is carried out in one ``run`` may be at the same time, as far as ``after`` lets it;
    ``deletes_beside``: so is what goes away, which else does so once all of the rest is done. ``where`` tells
    the account and Region that it is in.
    """

    kind: Kind
    id: str
    label: str
    members: Located
    place: Callable[[Origin], Place] = attrs.field(repr=False)
    action: Action = Action.DECLARED
    before: Located | None = None
    after: frozenset[str] = frozenset()
    guesses: bool = False
    whole: bool = False
    run: int = 0
    deletes_beside: bool = False
    where: Where = Where()

    def member(self, name: str) -> Located | None:
        """A member of the resource."""
        return self.members.get(name)

    @property
    def here(self) -> Place:
        """Where the resource itself stands."""
        return self.place(self.members.origin)


def rules_of(kind: Kind) -> dict[str, Rule]:
    """The rule of each member of a resource."""
    if kind is Kind.CONFIGURATION:
        from icplan.requests.endpoint_config import CreateEndpointConfig  # noqa: PLC0415  (few inputs have one)

        return shape_rules(CreateEndpointConfig)
    shapes = {Kind.COMPONENT: DeclaredComponent, Kind.ENDPOINT: DeclaredEndpointShape}
    return shape_rules(shapes.get(kind, ScalableTarget))


def shape_rules(shape: type[Shape]) -> dict[str, Rule]:
    """The rule of each member of a shape."""
    return {one.name: one.rule for one in members(shape)}
