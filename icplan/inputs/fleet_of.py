"""The fleet of an endpoint: the call that makes it, the endpoint's own, and what runs once it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.errors import InputError
from icplan.inputs.deployment import DeclaredCall
from icplan.inputs.linking import problem_at
from icplan.inputs.settle import typed
from icplan.inputs.settled_call import places_of, settled_call
from icplan.requests.fields import Boolean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.inputs.deployment import InputOptions
    from icplan.inputs.naming import Known
    from icplan.inputs.resource import Resource


def configuration_call(known: Known, endpoint: Resource, options: InputOptions) -> DeclaredCall | None:
    """The call that makes the fleet; None where a snapshot has it. InputError where nothing tells it."""
    node = endpoint.member("EndpointConfigName")
    found = known.configurations.find(node, endpoint)
    if found is not None:
        return settled_call(
            known, found, "CreateEndpointConfig", {"EndpointConfigName": known.names[found.id]}
        )
    if options.snapshot is not None:
        return None
    message = f"the configuration of {endpoint.label} is made outside the files given"
    hint = "Give the file that declares it, or --snapshot FILE, or --endpoint NAME"
    raise InputError(problem_at(endpoint, node, message, hint))


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
    return DeclaredCall(operation, request, places_of(endpoint, endpoint.members))


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
