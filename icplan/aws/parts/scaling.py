"""Read the Application Auto Scaling targets of the components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.aws.client import make_client, paginate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


_TARGETS = 50  # the most resources Application Auto Scaling takes at once


def _scalable_targets(session: Any, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    operation = "DescribeScalableTargets"
    client = make_client(session, "application-autoscaling", operation)
    endpoint = data["Endpoint"]["EndpointName"]
    variants = data["EndpointConfig"]["ProductionVariants"]
    names = [f"endpoint/{endpoint}/variant/{variant['VariantName']}" for variant in variants]
    names += [f"inference-component/{part['InferenceComponentName']}" for part in data["InferenceComponents"]]
    return [
        target
        for start in range(0, len(names), _TARGETS)
        for target in paginate(
            client,
            operation,
            "ScalableTargets",
            ServiceNamespace="sagemaker",
            ResourceIds=names[start : start + _TARGETS],
        )
    ]
