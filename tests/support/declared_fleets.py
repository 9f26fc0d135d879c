"""Fleets with components as a deployment declares them, drawn at random, and the template of one."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st


@st.composite
def fleets(draw: st.DrawFn) -> dict[str, Any]:
    """A fleet and the components on it."""
    scaling = draw(st.none() | st.integers(1, 6))
    variant: dict[str, Any] = {
        "VariantName": "main",
        "InstanceType": draw(st.sampled_from(["ml.g5.xlarge", "ml.g5.12xlarge", "ml.c5.xlarge"])),
        "InitialInstanceCount": draw(st.integers(1, 3)),
    }
    if scaling is not None:
        variant["ManagedInstanceScaling"] = {
            "Status": "ENABLED",
            "MinInstanceCount": 1,
            "MaxInstanceCount": max(scaling, variant["InitialInstanceCount"]),
        }
    components = []
    for number in range(draw(st.integers(1, 3))):
        compute: dict[str, Any] = {"MinMemoryRequiredInMb": draw(st.sampled_from([1024, 8192, 60000]))}
        if variant["InstanceType"].startswith("ml.g"):
            compute["NumberOfAcceleratorDevicesRequired"] = draw(st.integers(1, 5))
        else:
            compute["NumberOfCpuCoresRequired"] = draw(st.integers(1, 5))
        components.append(
            {
                "InferenceComponentName": f"c-{number}",
                "EndpointName": "shore",
                "VariantName": "main",
                "Specification": {"ModelName": f"m-{number}", "ComputeResourceRequirements": compute},
                "RuntimeConfig": {"CopyCount": draw(st.integers(1, 4))},
            }
        )
    configuration = {
        "EndpointConfigName": "shore-config",
        "ExecutionRoleArn": "arn:aws:iam::111122223333:role/serve",
        "ProductionVariants": [variant],
    }
    return {"Configuration": configuration, "Components": components}


def template(fleet: dict[str, Any]) -> bytes:
    names = {"EndpointName": "shore", "EndpointConfigName": {"Fn::GetAtt": ["Fleet", "EndpointConfigName"]}}
    resources = {
        "Fleet": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": fleet["Configuration"]},
        "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": names},
    }
    for number, one in enumerate(fleet["Components"]):
        texts = json.loads(json.dumps(one), parse_int=str)
        properties = {**texts, "EndpointName": {"Fn::GetAtt": "Endpoint.EndpointName"}}
        resources[f"C{number}"] = {"Type": "AWS::SageMaker::InferenceComponent", "Properties": properties}
    return json.dumps({"Resources": resources}).encode()
