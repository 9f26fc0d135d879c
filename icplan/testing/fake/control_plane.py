"""The state behind `icplan.testing.fake.FakeSageMaker`, and what each operation does to it.

Writes take effect at once: nothing is ever ``Creating`` or ``Updating`` unless a seed says so, and no
capacity is judged. Where AWS's error text is known, it is given.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from icplan.testing.fake.pagination import ServiceError, page, select

if TYPE_CHECKING:
    from collections.abc import Mapping

OPERATIONS = frozenset(
    {
        *("DescribeEndpoint", "DescribeEndpointConfig", "DescribeInferenceComponent"),
        *("ListEndpoints", "ListInferenceComponents", "CreateInferenceComponent", "UpdateInferenceComponent"),
        *("UpdateInferenceComponentRuntimeConfig", "DeleteInferenceComponent"),
    }
)
REGION = "us-east-1"
_ACCOUNT = "123456789012"
_EPOCH = 1_767_225_600  # 2026-01-01; each write is a second later, so that runs are the same
_WRITABLE = ("InService", "Failed")
_STATES = {
    "Creating": "CREATE_IN_PROGRESS",
    "Updating": "UPDATE_IN_PROGRESS",
    "Deleting": "DELETE_IN_PROGRESS",
}
_NO_COMPONENTS = (
    "Invalid request provided: Inference Components are not supported in this Endpoint."
    " Please make sure this endpoint can deploy inference components."
)


class State:
    """Endpoints, endpoint configurations and inference components, by name, in AWS's described shapes."""

    def __init__(self) -> None:
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.configs: dict[str, dict[str, Any]] = {}
        self.components: dict[str, dict[str, Any]] = {}
        self._now = _EPOCH

    def add(self, snapshot: Mapping[str, Any]) -> None:
        """Add the endpoint of a snapshot dict, with what every answer of AWS's must have and it lacks."""
        data = copy.deepcopy(dict(snapshot))
        named = [data.get("Endpoint", {}), *data.get("InferenceComponents", [])]
        name = next((part["EndpointName"] for part in named if "EndpointName" in part), "endpoint")
        config = {"EndpointConfigName": f"{name}-config", **data["EndpointConfig"]}
        config_name = data.get("Endpoint", {}).get("EndpointConfigName", config["EndpointConfigName"])
        config |= {
            "EndpointConfigName": config_name,
            "EndpointConfigArn": _arn("endpoint-config", config_name),
        }
        self.configs[config_name] = {**self._times(), **config}
        endpoint = {
            "EndpointConfigName": config_name,
            "EndpointStatus": "InService",
            **data.get("Endpoint", {}),
        }
        endpoint |= {"EndpointName": name, "EndpointArn": _arn("endpoint", name)}
        endpoint.setdefault(
            "ProductionVariants", [_running(variant) for variant in config["ProductionVariants"]]
        )
        self.endpoints[name] = {**self._times(), **endpoint}
        for component in data.get("InferenceComponents", []):
            self._seed(name, config, component)

    def _seed(self, endpoint: str, config: Mapping[str, Any], component: dict[str, Any]) -> None:
        name = component["InferenceComponentName"]
        self.components[name] = {
            **self._times(),
            "VariantName": config["ProductionVariants"][0]["VariantName"],
            "InferenceComponentStatus": "InService",
            **component,
            **self._identity(name, endpoint),
        }

    def _identity(self, name: str, endpoint: str) -> dict[str, str]:
        return {
            "InferenceComponentName": name,
            "InferenceComponentArn": _arn("inference-component", name),
            "EndpointName": endpoint,
            "EndpointArn": _arn("endpoint", endpoint),
        }

    def _times(self) -> dict[str, int]:
        return {"CreationTime": self._now, "LastModifiedTime": self._now}

    def describe_endpoint(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The endpoint, as it was seeded."""
        name = _required(params, "EndpointName")
        return _find(self.endpoints, name, f'Could not find endpoint "{_arn("endpoint", name)}".')

    def describe_endpoint_config(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The endpoint configuration, as it was seeded."""
        name = _required(params, "EndpointConfigName")
        arn = _arn("endpoint-config", name)
        return _find(self.configs, name, f'Could not find endpoint configuration "{arn}".')

    def describe_inference_component(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The inference component, as seeded and as writes have changed it."""
        name = _required(params, "InferenceComponentName")
        arn = _arn("inference-component", name)
        return _find(self.components, name, f'Could not find inference component "{arn}".')

    def list_endpoints(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One page of endpoints; StatusEquals and NameContains filter."""
        members = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")
        found = select(self.endpoints.values(), params, {"StatusEquals": "EndpointStatus"}, "EndpointName")
        return page("Endpoints", found, "EndpointName", members, params)

    def list_inference_components(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One page of components; EndpointName-, VariantName-, StatusEquals and NameContains filter."""
        members = (
            *(
                "InferenceComponentName",
                "InferenceComponentArn",
                "EndpointName",
                "EndpointArn",
                "VariantName",
            ),
            *("InferenceComponentStatus", "CreationTime", "LastModifiedTime"),
        )
        filters = {
            "EndpointNameEquals": "EndpointName",
            "VariantNameEquals": "VariantName",
            "StatusEquals": "InferenceComponentStatus",
        }
        found = select(self.components.values(), params, filters, "InferenceComponentName")
        return page("InferenceComponents", found, "InferenceComponentName", members, params)

    def create_inference_component(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """A new component is InService at once, with all its copies."""
        name, endpoint = _required(params, "InferenceComponentName"), _required(params, "EndpointName")
        if name in self.components:
            arn = _arn("inference-component", name)
            raise ServiceError(
                "ValidationException", f'Cannot create already existing inference component "{arn}".'
            )
        described = self.describe_endpoint({"EndpointName": endpoint})
        config = self.describe_endpoint_config(described)
        if any("ModelName" in variant for variant in config["ProductionVariants"]):
            raise ServiceError("ValidationException", _NO_COMPONENTS)
        if params.get("RuntimeConfig", {}).get("CopyCount") == 0:
            raise ServiceError(
                "ValidationException", "Inference components copy count an integer larger than 0"
            )
        self._now += 1
        component = {
            **self._times(),
            **self._identity(name, endpoint),
            "InferenceComponentStatus": "InService",
        }
        if "VariantName" in params:
            component["VariantName"] = params["VariantName"]
        self.components[name] = component
        self._apply(component, params)
        return {"InferenceComponentArn": component["InferenceComponentArn"]}

    def update_inference_component(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """What the request names changes, at any depth; Environment is replaced; all copies run at once."""
        if not {"Specification", "Specifications", "RuntimeConfig"} & set(params):
            raise ServiceError(
                "ValidationException", "Either RuntimeConfig or Specification must be specified."
            )
        return self._write(params)

    def update_inference_component_runtime_config(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The copies asked for run at once."""
        name = _required(params, "InferenceComponentName")
        return self._write(
            {"InferenceComponentName": name, "RuntimeConfig": params.get("DesiredRuntimeConfig")}
        )

    def delete_inference_component(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The component is gone at once; a base of adapters cannot be deleted."""
        component = self._writable(params, "delete")
        name = component["InferenceComponentName"]
        for other in self.components.values():
            if other.get("Specification", {}).get("BaseInferenceComponentName") == name:
                text = "is a base inference component for one or more associated inference components."
                raise ServiceError("ValidationException", f"{name} {text}")
        del self.components[name]
        return {}

    def _write(self, params: Mapping[str, Any]) -> dict[str, Any]:
        component = self._writable(params, "update")
        if "Specification" in params and "Specifications" in params:
            message = "Specification and Specifications cannot both be specified."
            raise ServiceError("ValidationException", message)
        self._now += 1
        component["LastModifiedTime"] = self._now
        self._apply(component, params)
        return {"InferenceComponentArn": component["InferenceComponentArn"]}

    def _writable(self, params: Mapping[str, Any], verb: str) -> dict[str, Any]:
        component = self.describe_inference_component(params)
        status = component["InferenceComponentStatus"]
        if status not in _WRITABLE:
            arn, state = component["InferenceComponentArn"], _STATES.get(status, status)
            message = f'Cannot {verb} inference component "{arn}" while it is in state {state}.'
            raise ServiceError("ValidationException", message)
        return component

    def _apply(self, component: dict[str, Any], params: Mapping[str, Any]) -> None:
        component["InferenceComponentStatus"] = "InService"
        if "Specification" in params:
            component.pop("Specifications", None)
            old = component.get("Specification", {})
            component["Specification"] = _merged(old, _described(params["Specification"]))
        if "Specifications" in params:
            component.pop("Specification", None)
            component["Specifications"] = [_described(entry) for entry in params["Specifications"]]
        if params.get("RuntimeConfig"):
            copies = params["RuntimeConfig"]["CopyCount"]
            component["RuntimeConfig"] = {"DesiredCopyCount": copies, "CurrentCopyCount": copies}
        if "DeploymentConfig" in params:
            component["LastDeploymentConfig"] = copy.deepcopy(params["DeploymentConfig"])


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{_ACCOUNT}:{kind}/{name.lower()}"


def _required(params: Mapping[str, Any], member: str) -> str:
    value = params.get(member)
    if not isinstance(value, str) or not value:
        raise ServiceError("ValidationException", f"The request lacks {member}.")
    return value


def _find(where: dict[str, dict[str, Any]], name: str, missing: str) -> dict[str, Any]:
    if name not in where:
        raise ServiceError("ValidationException", missing)
    return where[name]


def _running(variant: Mapping[str, Any]) -> dict[str, Any]:
    """How DescribeEndpoint shows a variant that runs as configured."""
    instances = variant.get("InitialInstanceCount", 0)
    running = {"VariantName": variant["VariantName"]}
    running |= {"CurrentInstanceCount": instances, "DesiredInstanceCount": instances}
    return running | {name: variant[name] for name in ("ManagedInstanceScaling",) if name in variant}


def _described(specification: Mapping[str, Any]) -> dict[str, Any]:
    """A specification as Describe shows it: an image is answered as the one that was deployed."""
    described = copy.deepcopy(dict(specification))
    container = described.get("Container")
    if container and "Image" in container:
        image = container.pop("Image")
        container["DeployedImage"] = {"SpecifiedImage": image, "ResolvedImage": image}
    return described


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The new members over the old ones; an omitted member keeps its value, at any depth."""
    merged = dict(old)
    for name, value in new.items():
        both = isinstance(value, dict) and isinstance(old.get(name), dict) and name != "Environment"
        merged[name] = _merged(old[name], value) if both else value
    return merged
