"""The instances that other endpoints of a deployment start, whatever runs on them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import InputError
from icplan.inputs.linking import is_running, running_name, where_it_runs
from icplan.inputs.resource import Action, Kind
from icplan.inputs.scalable_targets import highest_minimum
from icplan.inputs.typed_values import typed
from icplan.requests.fields import Integer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.inputs.naming import Known
    from icplan.inputs.resource import Resource
    from icplan.inputs.values import Located

_STARTED: Final = (Action.DECLARED, Action.CREATED, Action.RECREATED, Action.REPLACED)
_VARIANTS: Final = ("ProductionVariants", "ShadowProductionVariants")
_INSTANCES: Final = "sagemaker:variant:DesiredInstanceCount"
_VARIANT: Final = re.compile(r"endpoint/(?P<endpoint>[^/]{1,63})/variant/(?P<variant>[^/]{1,63})")
_MOST: Final = 1_000_000


@attrs.frozen
class Started:
    """Instances by their type, and the endpoints, or what scales them, of which no file tells how many."""

    counts: Mapping[str, int] = attrs.field(factory=dict)
    untold: tuple[str, ...] = ()


def started_instances(
    known: Known, snapshot: Mapping[str, Any] | None, one: Resource | None = None
) -> Started:
    """How many of each type, over all endpoints but ``one`` that may start a fleet where the snapshot's lies.

    One that is there and gets another configuration starts a fleet of that beside the old one. What
    Application Auto Scaling raises a variant to is started, too.
    """
    here = where_it_runs(snapshot)
    raised, untold = _raised_variants(known, snapshot)
    counts: dict[str, int] = {}
    for endpoint in known.endpoints.by_id.values():
        name = known.names[endpoint.id]
        if endpoint is one or is_running(endpoint, name, snapshot) or endpoint.where.differs(here):
            continue
        own = {variant: raised.pop((of, variant)) for of, variant in list(raised) if of == name}
        if not (endpoint.action in _STARTED or _is_moved(endpoint)):
            untold += [name] if own else []
            continue
        fleet = _fleet(known, endpoint)
        told = {variant: (kind, max(count or 1, own.pop(variant, 0))) for variant, kind, count in fleet or ()}
        if fleet is None or own or any(kind is None or not count for _, kind, count in fleet):
            untold.append(name)
        for kind, count in told.values():
            if kind is not None:
                counts[kind] = counts.get(kind, 0) + count
    mine = None if one is None else known.names[one.id]
    untold += [name for name, _ in raised if name != mine]
    return Started(counts, tuple(dict.fromkeys(untold)))


def _raised_variants(
    known: Known, snapshot: Mapping[str, Any] | None
) -> tuple[dict[tuple[str, str], int], list[str]]:
    """The instances that variants of other endpoints are raised to; and the targets that do not tell it."""
    here = where_it_runs(snapshot)
    raised: dict[tuple[str, str], int] = {}
    untold: list[str] = []
    for target in known.resources:
        changed = target.kind is Kind.TARGET and target.action not in (Action.DELETED, Action.KEPT)
        if not changed or target.where.differs(here) or _of(target, "ScalableDimension") != _INSTANCES:
            continue
        match = _VARIANT.fullmatch(str(_of(target, "ResourceId")))
        if match is None:
            untold.append(target.label)
            continue
        if match["endpoint"] == running_name(snapshot):
            continue
        try:
            least = highest_minimum(target)
        except InputError:
            untold.append(match["endpoint"])
            continue
        key = match["endpoint"], match["variant"]
        raised[key] = max(raised.get(key, 0), min(least[0], _MOST) if least else 0)
    return raised, untold


def _is_moved(endpoint: Resource) -> bool:
    """Whether an endpoint that is there is updated to a configuration of another name."""
    if endpoint.action is not Action.UPDATED or endpoint.before is None:
        return False
    before, after = (_value(one.get("EndpointConfigName")) for one in (endpoint.before, endpoint.members))
    return bool(before != after)


def _fleet(known: Known, endpoint: Resource) -> list[tuple[str, str | None, int | None]] | None:
    """Each variant with its instance type and its first instances; None where no file has them."""
    try:
        configuration = known.configurations.find(endpoint.member("EndpointConfigName"), endpoint)
    except InputError:  # what is wrong with it is told where it is judged
        return None
    if configuration is None:
        return None
    fleet: list[tuple[str, str | None, int | None]] = []
    for name in _VARIANTS:
        listed = configuration.member(name)
        if listed is not None and not isinstance(listed.value, list):
            return None
        variants = listed.value if listed is not None and isinstance(listed.value, list) else ()
        fleet += (_variant(number, one) for number, one in enumerate(variants) if _has_instances(one))
    return fleet


def _has_instances(variant: Located) -> bool:
    return variant.get("ServerlessConfig") is None


def _variant(number: int, variant: Located) -> tuple[str, str | None, int | None]:
    name, kind = _value(variant.get("VariantName")), _value(variant.get("InstanceType"))
    count = typed(_value(variant.get("InitialInstanceCount")), Integer())
    first = count if isinstance(count, int) and 0 < count < _MOST else None
    return (name if isinstance(name, str) else str(number), kind if isinstance(kind, str) else None, first)


def _of(resource: Resource, member: str) -> Any:
    return _value(resource.member(member))


def _value(node: Located | None) -> Any:
    return None if node is None else node.value
