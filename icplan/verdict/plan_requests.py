"""The requests that make what a plan proposes: configuration, endpoint, and components in order."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.verdict.fleet_plan import Plan, PlannedComponent, TypeCount

NO_ROLE: Final = "arn:aws:iam::111122223333:role/REPLACE-ME"
"""Stands where nobody told the execution role, which a configuration without a model must have."""
_VARIANT: Final = "AllTraffic"
_MAX_NAME: Final = 63


def plan_requests(plan: Plan, role: str | None = None) -> list[dict[str, Any]]:
    """The requests in the order in which they are sent, each as ``{"Operation", "Request"}``.

    Where an endpoint runs already, it is updated, and only what is new on it is created.

    Raises InputError where the plan has no fleet, or one of several instance types: how many instances of
    each start, no request can say.
    """
    configuration = configuration_request(plan, role)
    endpoint = {
        "EndpointName": endpoint_name(plan),
        "EndpointConfigName": configuration["EndpointConfigName"],
    }
    runs = plan.consolidation is not None
    return [
        {"Operation": "CreateEndpointConfig", "Request": configuration},
        {"Operation": "UpdateEndpoint" if runs else "CreateEndpoint", "Request": endpoint},
        *(
            {"Operation": "CreateInferenceComponent", "Request": component_request(one, plan)}
            for one in plan.components
            # Those of the endpoint itself are there.
            if not runs or one.file is not None
        ),
    ]


def configuration_request(plan: Plan, role: str | None = None) -> dict[str, Any]:
    """The CreateEndpointConfig request: the steady fleet, which scales up to the peak and back.

    All else that the configuration of an endpoint says, such as its keys and networks, stays.
    """
    steady = steady_of(plan)
    size = f"-{steady.instances}x-{steady.type.removeprefix('ml.').replace('.', '-')}"
    there, planned = there_of(plan), variant(plan)
    variants = [copy.deepcopy(dict(one)) for one in there.get("ProductionVariants", ())]
    for one in variants:
        if one["VariantName"] == planned["VariantName"]:
            _put_fleet(one, planned)
    return {
        **{name: value for name, value in there.items() if name != "ProductionVariants"},
        "EndpointConfigName": f"{endpoint_name(plan)[: _MAX_NAME - len(size)]}{size}",
        "ExecutionRoleArn": role or role_of(plan) or NO_ROLE,
        "ProductionVariants": variants or [planned],
    }


def _put_fleet(there: dict[str, Any], planned: Mapping[str, Any]) -> None:
    """Give a variant another fleet. What it says of the fleet that it had goes."""
    for name in ("InstancePools", "AcceleratorPartitionLayouts"):
        there.pop(name, None)
    scaling = {**(there.get("ManagedInstanceScaling") or {}), **planned["ManagedInstanceScaling"]}
    there.update({**planned, "ManagedInstanceScaling": scaling})


def there_of(plan: Plan) -> Mapping[str, Any]:
    """What the configuration of the endpoint says, as a request; empty where there is none."""
    return (plan.consolidation.configuration if plan.consolidation else None) or {}


def role_of(plan: Plan) -> str | None:
    """The execution role that the endpoint has already."""
    role = there_of(plan).get("ExecutionRoleArn")
    return role if isinstance(role, str) else None


def variant(plan: Plan) -> dict[str, Any]:
    """The production variant that all components are on."""
    steady = steady_of(plan)
    peak = max((one.instances for one in plan.peak or ()), default=0)
    most = max(1, steady.instances, peak)
    found: dict[str, Any] = {
        "VariantName": variant_name(plan),
        "InstanceType": steady.type,
        "InitialInstanceCount": max(1, steady.instances),
        # An idle instance is given back down to the minimum, so what the plan wants steady is the minimum.
        "ManagedInstanceScaling": {
            "Status": "ENABLED",
            "MinInstanceCount": steady.instances,
            "MaxInstanceCount": most,
        },
    }
    if plan.layout:
        found["AcceleratorPartitionLayouts"] = [{"AcceleratorPartitionTypes": list(plan.layout)}]
    return found


def steady_of(plan: Plan) -> TypeCount:
    """The instances that always run, of one type. InputError where there are none, or of several types."""
    running = [one for one in plan.steady or () if one.instances] or list(plan.steady or ())[:1]
    if not running:
        raise InputError(InputProblem("the plan has no fleet, so there is nothing to write"))
    if len(running) > 1:
        told = " and ".join(f"{one.instances} x {one.type}" for one in running)
        hint = "SageMaker launches pools by their priority; plan with --max-types 1"
        message = f"no endpoint configuration can say that {told} start"
        raise InputError(InputProblem(message, hint=hint))
    return running[0]


def endpoint_name(plan: Plan) -> str:
    """The endpoint that the components are for."""
    return str(next((one.request["EndpointName"] for one in plan.components if one.request), "endpoint"))


def variant_name(plan: Plan) -> str:
    """The variant that the components are for."""
    named = (one.request.get("VariantName") for one in plan.components)
    return str(next((name for name in named if name), _VARIANT))


def component_request(one: PlannedComponent, plan: Plan) -> dict[str, Any]:
    """The CreateInferenceComponent request, with the copies that run at rest."""
    request = copy.deepcopy(dict(one.sent or one.request))
    if one.base is None:
        request.setdefault("VariantName", variant_name(plan))
        request["RuntimeConfig"] = {**(request.get("RuntimeConfig") or {}), "CopyCount": one.copies}
    return request
