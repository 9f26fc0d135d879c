"""Whose endpoint it is, and when AWS was asked: by what AWS's answer says itself, so that no call is made."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from icplan.documents.json_values import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SKEW: Final = 60
"""Seconds that the local clock may differ from AWS's before it is said."""
_OF_AWS: Final = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".sc2s.sgov.gov", ".c2s.ic.gov")


def identity(client: Any, answer: Mapping[str, Any], headers: Mapping[str, Any]) -> dict[str, Any]:
    """TakenAt, Region, and where they are told: AccountId, Partition, EndpointUrl, ClockSkew.

    ``answer`` is what DescribeEndpoint says, with the ``headers`` of its HTTP answer.
    """
    now, told = dt.datetime.now(dt.UTC), answered_at(headers)
    found = {"TakenAt": iso(told or now), "Region": client.meta.region_name, **owner(answer)}
    if not asks_aws(client):
        found["EndpointUrl"] = client.meta.endpoint_url
    skew = round((now - told).total_seconds()) if told else 0
    return found | ({"ClockSkew": abs(skew)} if abs(skew) > MAX_SKEW else {})


def asks_aws(client: Any) -> bool:
    """Whether a client asks AWS itself, and not something that stands in for it."""
    host = urlsplit(str(client.meta.endpoint_url)).hostname or ""
    return host.endswith(_OF_AWS)


def owner(answer: Mapping[str, Any]) -> dict[str, str]:
    """The account and the partition, from the endpoint's ARN: ``arn:aws:sagemaker:Region:account:...``."""
    parts = str(answer.get("EndpointArn", "")).split(":", 5)
    whole = len(parts) == 6 and parts[0] == "arn"  # noqa: PLR2004  (the parts of an ARN)
    return {"AccountId": parts[4], "Partition": parts[1]} if whole and parts[1] and parts[4] else {}


def answered_at(headers: Mapping[str, Any]) -> dt.datetime | None:
    """When AWS answered, by its own clock, as the Date of its answer has it: by that its other times are."""
    try:
        return parsedate_to_datetime(str(headers["date"])).astimezone(dt.UTC)
    except (KeyError, ValueError):
        return None
