"""The few calls of EC2, STS and SageMaker's runtime that deployment code makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.catalog.catalog import builtin_types
from icplan.testing.emulator.other_service_texts import NO_INSTANCE_TYPE
from icplan.testing.emulator.pages import numbered
from icplan.testing.emulator.sagemaker_texts import (
    COMPONENT_HEADER,
    ENDPOINT_NOT_FOUND_AT_RUNTIME,
    NO_COPY_RUNS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.catalog.types import InstanceType
    from icplan.testing.emulator.region import Region

_PAGE: Final = 100


class OtherServices:
    """EC2, STS and the runtime of one Region."""

    def __init__(self, region: Region) -> None:
        self._region = region

    def describe_instance_types(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The catalog's types under EC2's names."""
        known = {name.removeprefix("ml."): kind for name, kind in builtin_types().items()}
        asked = params.get("InstanceTypes")
        if unknown := [name for name in asked or () if name not in known]:
            raise NO_INSTANCE_TYPE.error(names=", ".join(unknown))
        found = [_as_ec2(name, kind) for name, kind in sorted(known.items()) if not asked or name in asked]
        return numbered("InstanceTypes", found, params, _PAGE)

    def get_caller_identity(self, _params: Mapping[str, Any]) -> dict[str, Any]:
        """The account of the credentials."""
        account = self._region.account
        return {"UserId": "AIDAEMULATOR", "Account": account, "Arn": f"arn:aws:iam::{account}:user/emulator"}

    def invoke_endpoint(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Echo the body, if a copy runs."""
        region = self._region
        endpoint = region.endpoints.get(params["EndpointName"])
        if endpoint is None or endpoint.phase in ("Creating", "Failed"):
            raise ENDPOINT_NOT_FOUND_AT_RUNTIME.error(name=params["EndpointName"], account=region.account)
        component = region.components.get(params.get("InferenceComponentName", ""))
        if component is None or component.endpoint is not endpoint:
            raise COMPONENT_HEADER.error()
        if component.base is None and not component.current:
            raise NO_COPY_RUNS.error()
        return {"Body": params.get("Body", b""), "InvokedProductionVariant": component.variant or ""}


def _as_ec2(name: str, kind: InstanceType) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "InstanceType": name,
        "VCpuInfo": {"DefaultVCpus": kind.vcpu},
        "MemoryInfo": {"SizeInMiB": kind.memory_mib},
    }
    if not kind.accelerators:
        return shown
    each = {"SizeInMiB": kind.gpu_memory_mib // kind.accelerators}
    device = {"Count": kind.accelerators, "Name": kind.accelerator_name, "MemoryInfo": each}
    if kind.neuron_cores:
        cores = {"Count": kind.neuron_cores}
        return shown | {"NeuronInfo": {"NeuronDevices": [device | {"CoreInfo": cores}]}}
    return shown | {"GpuInfo": {"Gpus": [device], "TotalGpuMemoryInMiB": kind.gpu_memory_mib}}
