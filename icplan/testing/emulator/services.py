"""Which object answers which operation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from icplan.testing.emulator.autoscaling import AutoScaling
from icplan.testing.emulator.component_operations import Components
from icplan.testing.emulator.endpoint_operations import Endpoints
from icplan.testing.emulator.models_and_configs import EndpointConfigs, Models, Tags
from icplan.testing.emulator.other_services import OtherServices
from icplan.testing.emulator.sagemaker_texts import UNKNOWN_OPERATION
from icplan.testing.emulator.service_models import operation_model
from icplan.testing.emulator.validation import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.testing.emulator.region import Region

OPERATIONS: Final = {
    "sagemaker": (
        *("CreateModel", "DescribeModel", "ListModels", "DeleteModel"),
        *("CreateEndpointConfig", "DescribeEndpointConfig", "ListEndpointConfigs", "DeleteEndpointConfig"),
        *("CreateEndpoint", "UpdateEndpoint", "UpdateEndpointWeightsAndCapacities"),
        *("DescribeEndpoint", "ListEndpoints", "DeleteEndpoint"),
        *("CreateInferenceComponent", "UpdateInferenceComponent", "UpdateInferenceComponentRuntimeConfig"),
        *("DescribeInferenceComponent", "ListInferenceComponents", "DeleteInferenceComponent"),
        *("AddTags", "ListTags", "DeleteTags"),
    ),
    "application-autoscaling": (
        *("RegisterScalableTarget", "DescribeScalableTargets", "DeregisterScalableTarget"),
        *("PutScalingPolicy", "DescribeScalingPolicies", "DeleteScalingPolicy"),
        *("PutScheduledAction", "DescribeScheduledActions", "DeleteScheduledAction"),
        "DescribeScalingActivities",
    ),
    "service-quotas": (
        *("ListServiceQuotas", "ListAWSDefaultServiceQuotas"),
        *("GetServiceQuota", "GetAWSDefaultServiceQuota"),
    ),
    "cloudwatch": (
        *("ListMetrics", "GetMetricData", "GetMetricStatistics", "PutMetricData"),
        *("PutMetricAlarm", "DescribeAlarms", "SetAlarmState", "DeleteAlarms"),
    ),
    "ec2": ("DescribeInstanceTypes",),
    "sts": ("GetCallerIdentity",),
    "sagemaker-runtime": ("InvokeEndpoint",),
}
"""What the emulator knows, by botocore's names of services."""


class Services:
    """The services of one account in one Region."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.components = Components(region)
        self.autoscaling = AutoScaling(region, self._write_copies)
        answering = {
            "sagemaker": (
                Models(region),
                EndpointConfigs(region),
                Endpoints(region),
                self.components,
                Tags(region),
            ),
            "application-autoscaling": (self.autoscaling,),
            "service-quotas": (region.quotas,),
            "cloudwatch": (region.metrics, region.alarms),
        }
        other = (OtherServices(region),)
        self._methods: dict[tuple[str, str], Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            (service, operation): _method(answering.get(service, other), operation)
            for service, operations in OPERATIONS.items()
            for operation in operations
        }

    def answer(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Do one operation. Raises ServiceError as the service would answer."""
        method = self._methods.get((service, operation))
        model = None if method is None else operation_model(service, operation)
        if method is None or model is None:
            raise UNKNOWN_OPERATION.error(operation=operation)
        if model.input_shape is not None and service != "ec2":  # which tells what is wrong in its own way
            validate(params, model.input_shape)
        return method(params)

    def _write_copies(self, component: str, copies: int) -> None:
        self.components.update_inference_component_runtime_config(
            {"InferenceComponentName": component, "DesiredRuntimeConfig": {"CopyCount": copies}}
        )


def _method(objects: tuple[object, ...], operation: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    name = snake(operation)
    (found,) = [getattr(one, name) for one in objects if hasattr(one, name)]
    method: Callable[[Mapping[str, Any]], dict[str, Any]] = found
    return method


def snake(operation: str) -> str:
    """``DescribeEndpoint`` as ``describe_endpoint``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", operation).lower()
