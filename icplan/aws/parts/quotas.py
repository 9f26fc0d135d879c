"""Read the account's quotas on endpoint instances, and how many its endpoints use."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from icplan.aws.client import AwsCallError, call, make_client, paginate
from icplan.aws.instance_usage import VARIANTS, instances_by_type
from icplan.aws.quota_names import ALL_INSTANCES, PER_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_PAGE = 100  # the most either service gives at once


def endpoint_quotas(session: Any, config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The applied quotas for the instance types of an endpoint configuration, and for all types together.

    Raises AwsError.
    """
    client = make_client(session, "service-quotas", "ListServiceQuotas")
    wanted = {PER_TYPE.format(kind) for variant in config["ProductionVariants"] for kind in _types(variant)}
    quotas = paginate(
        client,
        "ListServiceQuotas",
        "Quotas",
        ServiceCode="sagemaker",
        PaginationConfig={"PageSize": _PAGE},
    )
    return [
        quota for quota in quotas if "Value" in quota and quota.get("QuotaName") in wanted | {ALL_INSTANCES}
    ]


def instances_in_use(client: Any, note: Callable[[str], None]) -> dict[str, int]:
    """Instances per type over all endpoints of the account and Region: those that run or are on their way.

    An endpoint that disappears meanwhile is skipped; one whose configuration is gone, so that its instance
    types are unknown, is named to ``note``. Raises AwsError.
    """
    used: Counter[str] = Counter()
    listed = paginate(client, "ListEndpoints", "Endpoints", PaginationConfig={"PageSize": _PAGE})
    for name in sorted({summary["EndpointName"] for summary in listed}):
        try:
            endpoint = call(client, "DescribeEndpoint", EndpointName=name)
        except AwsCallError as error:
            if not error.missing:
                raise
            continue
        try:
            used.update(_used(client, endpoint))
        except AwsCallError as error:
            if not error.missing:
                raise
            note(f"InstancesInUse lacks the endpoint {name}: its endpoint configuration has been deleted")
    return {kind: used[kind] for kind in sorted(used)}


def _used(client: Any, endpoint: Mapping[str, Any]) -> Counter[str]:
    variants = [variant for part in VARIANTS for variant in endpoint.get(part, [])]
    config: Mapping[str, Any] = {}
    if any("InstancePools" not in variant and _runs(variant) for variant in variants):
        config = call(client, "DescribeEndpointConfig", EndpointConfigName=endpoint["EndpointConfigName"])
    return instances_by_type(endpoint, config)


def _runs(variant: Mapping[str, Any]) -> bool:
    return any(variant.get(name) for name in ("CurrentInstanceCount", "DesiredInstanceCount"))


def _types(variant: Mapping[str, Any]) -> Iterator[str]:
    pools = variant.get("InstancePools", [])
    yield from (part["InstanceType"] for part in (variant, *pools) if "InstanceType" in part)
