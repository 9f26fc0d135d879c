"""What a plan proposes as a CloudFormation template: the fleet, and the components in their order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from icplan.errors import InputError, InputProblem
from icplan.verdict.plan_requests import component_request, endpoint_name, steady_of, variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.verdict.fleet_plan import Plan, PlannedComponent

COPIES_DIMENSION: Final = "sagemaker:inference-component:DesiredCopyCount"
_LACKS: Final = ("AcceleratorPartitionType",)
"""Members of a component's request that CloudFormation has in no place."""


def cloudformation(plan: Plan) -> dict[str, Any]:
    """The template, as plain data. Raises InputError for what CloudFormation cannot say."""
    steady = steady_of(plan)
    if plan.layout:
        raise InputError(InputProblem("CloudFormation lacks AcceleratorPartitionLayouts"))
    fleet = f"{steady.instances} x {steady.type} for {plan.copies} copies"
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{fleet}, planned by icplan",
        "Parameters": {
            "ExecutionRoleArn": {
                "Type": "String",
                "Description": "The role with which SageMaker pulls images and models",
            }
        },
        "Resources": dict(_resources(plan)),
    }


def _resources(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "EndpointConfig",
        {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {
                "ExecutionRoleArn": {"Ref": "ExecutionRoleArn"},
                "ProductionVariants": [variant(plan)],
            },
        },
    )
    yield (
        "Endpoint",
        {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {
                "EndpointName": endpoint_name(plan),
                "EndpointConfigName": {"Fn::GetAtt": ["EndpointConfig", "EndpointConfigName"]},
            },
        },
    )
    before: str | None = None
    for number, one in enumerate(plan.components, 1):
        logical = f"Component{number}{re.sub('[^A-Za-z0-9]', '', one.name.title())}"
        yield logical, _component(one, plan, before)
        # One after another: in this order all are known to find room.
        before = logical
        if one.scaled_between is not None:
            yield f"{logical}Copies", _target(one, logical, *one.scaled_between)


def _component(one: PlannedComponent, plan: Plan, before: str | None) -> dict[str, Any]:
    request = component_request(one, plan)
    if why := next(_unsaid(request), None):
        raise InputError(InputProblem(f"{one.name} has {why}", file=one.file))
    properties = request | {"EndpointName": {"Fn::GetAtt": ["Endpoint", "EndpointName"]}}
    if one.deployment is not None:
        properties["DeploymentConfig"] = dict(one.deployment)
    resource = {"Type": "AWS::SageMaker::InferenceComponent", "Properties": properties}
    return resource if before is None else {"DependsOn": before, **resource}


def _unsaid(request: Mapping[str, Any]) -> Iterator[str]:
    """What of a request no template can say."""
    yield from (f"{path}, which CloudFormation lacks" for path in found_members(request, _LACKS))
    if "InstanceType" in (request.get("Specification") or {}):
        yield "Specification.InstanceType, which CloudFormation lacks"
    if len(request.get("Specifications") or ()) == 1:
        yield "one of Specifications, of which CloudFormation requires two"
    for one in (request.get("Specification"), *(request.get("Specifications") or ())):
        scheduling = (one or {}).get("SchedulingConfig")
        if scheduling and "AvailabilityZoneBalance" not in scheduling:
            yield "SchedulingConfig without AvailabilityZoneBalance, which CloudFormation requires"


def _target(one: PlannedComponent, logical: str, least: int, most: int) -> dict[str, Any]:
    """What Application Auto Scaling may do; the policy that makes it do so is the user's."""
    return {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "DependsOn": logical,
        "Properties": {
            "ServiceNamespace": "sagemaker",
            "ScalableDimension": COPIES_DIMENSION,
            "ResourceId": f"inference-component/{one.name}",
            "MinCapacity": least,
            "MaxCapacity": most,
        },
    }


def found_members(value: Any, names: tuple[str, ...], path: str = "") -> Iterator[str]:
    """The paths at which a request has a member of one of these names."""
    if isinstance(value, list):
        for item in value:
            yield from found_members(item, names, path)
    if not isinstance(value, dict):
        return
    for name, member in value.items():
        if name in names:
            yield f"{path}{name}"
        elif name != "Environment":
            yield from found_members(member, names, f"{path}{name}.")
