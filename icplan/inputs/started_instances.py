"""The instances that new endpoints of a deployment start, whatever runs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.errors import InputError
from icplan.inputs.linking import is_running, where_it_runs
from icplan.inputs.resource import Action
from icplan.inputs.typed_values import typed
from icplan.requests.fields import Integer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.inputs.naming import Known
    from icplan.inputs.resource import Resource
    from icplan.inputs.values import Located

_STARTED: Final = (Action.DECLARED, Action.CREATED, Action.RECREATED, Action.REPLACED)
_VARIANTS: Final = ("ProductionVariants", "ShadowProductionVariants")


def started_instances(
    known: Known, snapshot: Mapping[str, Any] | None, one: Resource | None = None
) -> dict[str, int]:
    """How many of each type, over all endpoints but ``one`` that may start a fleet where the snapshot's lies.

    One that is there and gets another configuration starts a fleet of that beside the old one.
    """
    here = where_it_runs(snapshot)
    found: dict[str, int] = {}
    for endpoint in known.endpoints.by_id.values():
        runs = is_running(endpoint, known.names[endpoint.id], snapshot)
        starts = endpoint.action in _STARTED or _is_moved(endpoint)
        if starts and endpoint is not one and not runs and not endpoint.where.differs(here):
            for kind, count in _of(known, endpoint):
                found[kind] = found.get(kind, 0) + count
    return found


def _is_moved(endpoint: Resource) -> bool:
    """Whether an endpoint that is there is updated to a configuration of another name."""
    if endpoint.action is not Action.UPDATED or endpoint.before is None:
        return False
    before, after = (_value(one.get("EndpointConfigName")) for one in (endpoint.before, endpoint.members))
    return bool(before != after)


def _of(known: Known, endpoint: Resource) -> Iterator[tuple[str, int]]:
    try:
        configuration = known.configurations.find(endpoint.member("EndpointConfigName"), endpoint)
    except InputError:  # what is wrong with it is told where it is judged
        return
    for name in _VARIANTS if configuration else ():
        listed = configuration.member(name) if configuration else None
        for variant in listed.value if listed and isinstance(listed.value, list) else ():
            kind = _value(variant.get("InstanceType"))
            count = typed(_value(variant.get("InitialInstanceCount")), Integer())
            if isinstance(kind, str):
                yield kind, count if isinstance(count, int) and 0 < count < 1_000_000 else 1  # noqa: PLR2004


def _value(node: Located | None) -> Any:
    return None if node is None else node.value
