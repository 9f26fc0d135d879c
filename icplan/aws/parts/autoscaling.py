"""Read what Application Auto Scaling may do to the endpoint, and what it tried to do and could not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from icplan.aws.client import paginate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


_TARGETS: Final = 50  # the most resources Application Auto Scaling takes at once
_RECENT: Final = dt.timedelta(days=1)


def scalable_targets(client: Any, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The scalable targets of the variants and components of a snapshot's document. Raises AwsError."""
    names = _resources(data)
    return [
        target
        for start in range(0, len(names), _TARGETS)
        for target in paginate(
            client,
            "DescribeScalableTargets",
            "ScalableTargets",
            ServiceNamespace="sagemaker",
            ResourceIds=names[start : start + _TARGETS],
        )
    ]


def failed_activities(client: Any, data: Mapping[str, Any], now: dt.datetime) -> list[dict[str, Any]]:
    """The scaling activities of the last day that failed, of those targets. Raises AwsError."""
    ours = set(_resources(data))
    activities = paginate(
        client, "DescribeScalingActivities", "ScalingActivities", ServiceNamespace="sagemaker"
    )
    return [
        one
        for one in activities
        if one["ResourceId"] in ours and one["StatusCode"] == "Failed" and one["StartTime"] >= now - _RECENT
    ]


def _resources(data: Mapping[str, Any]) -> list[str]:
    endpoint = data["Endpoint"]["EndpointName"]
    variants = data["EndpointConfig"]["ProductionVariants"]
    names = [f"endpoint/{endpoint}/variant/{variant['VariantName']}" for variant in variants]
    return names + [
        f"inference-component/{one['InferenceComponentName']}" for one in data["InferenceComponents"]
    ]
