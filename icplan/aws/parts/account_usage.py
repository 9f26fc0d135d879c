"""Count the instances of every endpoint in the account and Region, as the quotas count them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.aws.call_error import AwsCallError
from icplan.aws.client import call, paginate
from icplan.aws.instance_usage import VARIANTS, instances_by_type
from icplan.aws.parallel import WORKERS, each

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAGE: Final = 100  # the most SageMaker gives at once


@attrs.frozen
class Usage:
    """Instances by type, those on their way too, and why endpoints are not among them, by name."""

    by_type: dict[str, int]
    missing: dict[str, str]


def instances_in_use(client: Any, workers: int = WORKERS) -> Usage:
    """The instances of every endpoint.

    An endpoint that disappears meanwhile is skipped. One that cannot be read, or whose configuration is gone,
    so that its instance types are unknown, is missing: the sum is a lower bound then. Raises AwsError.
    """
    listed = paginate(client, "ListEndpoints", "Endpoints", MaxResults=_PAGE)
    names = sorted({summary["EndpointName"] for summary in listed})
    used, missing = Counter[str](), dict[str, str]()
    for name, found in zip(names, each(lambda name: _used(client, name), names, workers), strict=True):
        if isinstance(found, str):
            missing[name] = found
        else:
            used.update(found)
    return Usage({kind: used[kind] for kind in sorted(used)}, missing)


def _used(client: Any, name: str) -> Counter[str] | str:
    """The instances of one endpoint; or why they cannot be counted, in words."""
    try:
        endpoint = call(client, "DescribeEndpoint", EndpointName=name)
    except AwsCallError as error:
        if error.missing:
            return Counter()
        if error.denied:
            return str(error)
        raise
    try:
        return _of_both(client, endpoint, endpoint.get("PendingDeploymentSummary") or {})
    except AwsCallError as error:
        if error.missing:
            return "its endpoint configuration has been deleted"
        if error.denied:
            return str(error)
        raise


def _of_both(client: Any, endpoint: Mapping[str, Any], pending: Mapping[str, Any]) -> Counter[str]:
    """The instances of what runs and of what is to take its place.

    While an endpoint is being created both are the same instances, told twice: the greater count holds.
    """
    runs, comes = _of_fleet(client, endpoint), _of_fleet(client, pending)
    same = pending.get("EndpointConfigName") == endpoint.get("EndpointConfigName")
    return runs | comes if same else runs + comes


def _of_fleet(client: Any, fleet: Mapping[str, Any]) -> Counter[str]:
    """The instances of what an endpoint runs, or of the deployment that is to take its place.

    What is being created has no variants yet: its configuration says how many instances come.
    """
    if "EndpointConfigName" not in fleet:
        return Counter()
    variants = [variant for part in VARIANTS for variant in fleet.get(part) or ()]
    config: Mapping[str, Any] = {}
    if not variants or any("InstancePools" not in variant and _runs(variant) for variant in variants):
        config = call(client, "DescribeEndpointConfig", EndpointConfigName=fleet["EndpointConfigName"])
    return instances_by_type(fleet, config)


def _runs(variant: Mapping[str, Any]) -> bool:
    return any(variant.get(name) for name in ("CurrentInstanceCount", "DesiredInstanceCount"))
