"""Read the account's quotas on the instances of endpoints: what is applied, else AWS's defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.aws.client import paginate
from icplan.aws.quota_names import ALL_INSTANCES, PER_ENDPOINT_CODE, PER_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_PAGE: Final = 100  # the most Service Quotas gives at once


def endpoint_quotas(client: Any, config: Mapping[str, Any], more: Iterable[str] = ()) -> list[dict[str, Any]]:
    """The quotas on the types of an endpoint configuration and on ``more``, on all together, on an endpoint.

    One that was never changed is no applied quota: AWS's default holds. Raises AwsError.
    """
    variants = config["ProductionVariants"]
    types = {kind for variant in variants for kind in instance_types(variant)} | set(more)
    wanted = {PER_TYPE.format(kind) for kind in types}
    wanted |= {ALL_INSTANCES, PER_ENDPOINT_CODE}
    found = _named(client, "ListServiceQuotas", wanted)
    if missing := wanted - set(found):
        found |= _named(client, "ListAWSDefaultServiceQuotas", missing)
    return list(found.values())


def instance_types(variant: Mapping[str, Any]) -> Iterator[str]:
    """The instance types that a configured variant names."""
    pools = variant.get("InstancePools", [])
    yield from (part["InstanceType"] for part in (variant, *pools) if "InstanceType" in part)


def _named(client: Any, operation: str, wanted: set[str]) -> dict[str, dict[str, Any]]:
    quotas = paginate(client, operation, "Quotas", ServiceCode="sagemaker", MaxResults=_PAGE)
    found = ((_known_by(one), one) for one in quotas if "Value" in one)
    return {key: one for key, one in found if key in wanted}


def _known_by(quota: Mapping[str, Any]) -> str | None:
    """A quota's name, or its code where only that is sure."""
    return PER_ENDPOINT_CODE if quota.get("QuotaCode") == PER_ENDPOINT_CODE else quota.get("QuotaName")
