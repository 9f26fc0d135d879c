"""The fleet of an endpoint: the call that makes it, the endpoint's own, and what runs once it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.errors import WHAT_RUNS, InputError
from icplan.inputs.deployment import DeclaredCall
from icplan.inputs.linking import problem_at
from icplan.inputs.resource import Action
from icplan.inputs.resource_request import places_of, resource_request
from icplan.inputs.typed_values import typed
from icplan.inputs.values import Unresolved
from icplan.requests.fields import Boolean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.inputs.naming import Known
    from icplan.inputs.resource import Resource


_DECLARE: Final = "Give the file that declares it"


def configuration_call(
    known: Known, endpoint: Resource, running: Mapping[str, Any] | None
) -> DeclaredCall | None:
    """The call that makes the fleet; None where it stays as it runs.

    ``running`` is the snapshot, where the endpoint is in it. InputError where nothing tells the fleet, or
    where it is to be another one than runs. An endpoint that is kept is not updated, whatever becomes of the
    configuration that it was made of.
    """
    node = endpoint.member("EndpointConfigName")
    if running is not None and endpoint.action is Action.KEPT:
        return None
    found = known.configurations.find(node, endpoint)
    if found is not None:
        return resource_request(
            known, found, "CreateEndpointConfig", {"EndpointConfigName": known.names[found.id]}
        )
    if running is None:
        named = f", {node.value}," if node is not None and isinstance(node.value, str) else ""
        message = f"the configuration of {endpoint.label}{named} is made outside the files given"
        hint = f"{_DECLARE}, or {WHAT_RUNS}"
        raise InputError(problem_at(endpoint, node, message, hint))
    there = _running_configuration(running)
    if node is None or not isinstance(node.value, str) or there in (None, node.value):
        return None
    message = f"EndpointConfigName is {node.value}, which no file given declares, and {there} runs"
    raise InputError(problem_at(endpoint, node, message, _DECLARE))


def untold_configuration(endpoint: Resource, running: Mapping[str, Any]) -> str | None:
    """What is to be said of an endpoint whose configuration no file declares, and may not be what runs."""
    node = endpoint.member("EndpointConfigName")
    if node is None or endpoint.action is Action.KEPT:
        return None
    where = f"{endpoint.here.shown}: {endpoint.label}" if endpoint.here.shown else endpoint.label
    if isinstance(node.value, Unresolved):
        return f"{where} may get another fleet: its EndpointConfigName {node.value.why}; not judged"
    if _running_configuration(running) is None:
        return f"{where} may get another fleet: the snapshot has no EndpointConfigName; not judged"
    return None


def _running_configuration(snapshot: Mapping[str, Any]) -> str | None:
    """The name of the configuration that an endpoint runs."""
    parts = (snapshot.get("Endpoint") or {}, snapshot.get("EndpointConfig") or {})
    return next((part["EndpointConfigName"] for part in parts if "EndpointConfigName" in part), None)


def endpoint_call(
    endpoint: Resource, name: str, configuration: DeclaredCall, *, exists: bool
) -> DeclaredCall:
    """The call that makes the endpoint of its configuration, or updates it to that."""
    request: dict[str, Any] = {
        "EndpointName": name,
        "EndpointConfigName": configuration.request["EndpointConfigName"],
    }
    retains = endpoint.member("RetainAllVariantProperties")
    told = retains is not None and typed(retains.value, Boolean()) is True
    if exists and (endpoint.whole or told):
        request["RetainAllVariantProperties"] = True
    operation = "UpdateEndpoint" if exists else "CreateEndpoint"
    places = places_of(endpoint, endpoint.members)
    return DeclaredCall(operation, request, places, resource=endpoint.id, run=endpoint.run)


def at_rest(
    name: str,
    configuration: DeclaredCall,
    targets: Sequence[dict[str, Any]],
    region: str | None,
) -> dict[str, Any]:
    """What the endpoint runs once it is there, before any component is; a snapshot as plain data."""
    fleet = configuration.request
    variants = fleet.get("ProductionVariants")
    counts = [_running(one) for one in variants] if isinstance(variants, list) else []
    return {
        "IcplanSnapshot": 1,
        **({"Region": region} if region else {}),
        "Endpoint": {
            "EndpointName": name,
            "EndpointStatus": "InService",
            "EndpointConfigName": fleet["EndpointConfigName"],
            "ProductionVariants": [one for one in counts if one],
        },
        "EndpointConfig": fleet,
        "InferenceComponents": [],
        "ScalableTargets": [*targets],
    }


def _running(variant: Any) -> dict[str, Any]:
    """A variant as it is described once its first instances run."""
    if not isinstance(variant, dict) or not isinstance(variant.get("VariantName"), str):
        return {}
    count = variant.get("InitialInstanceCount")
    if isinstance(count, bool) or not isinstance(count, int):
        return {"VariantName": variant["VariantName"]}
    pools = variant.get("InstancePools")
    if pools is not None:
        return {"VariantName": variant["VariantName"]}
    return {
        "VariantName": variant["VariantName"],
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
    }
