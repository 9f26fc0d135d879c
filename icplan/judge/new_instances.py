"""Whether the account's quotas leave the instances that an endpoint starts with."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from icplan.aws.instance_usage import instances_by_type
from icplan.aws.quota_names import ALL_INSTANCES, ALL_INSTANCES_CODE, PER_TYPE
from icplan.verdict.verdict import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PER_TYPE = re.compile(PER_TYPE.format(r"(ml\.\S+)"))


def quota_findings(after: Mapping[str, Any], before: Mapping[str, Any], path: str) -> Iterator[Finding]:
    """What quotas have to say of the instances that an endpoint has then, all of them new.

    ``before`` is the document of the endpoint that they take the place of. While they start, those that it
    has run as well, so of such a change nothing is certain.
    """
    wanted = instances_by_type(after.get("Endpoint") or {}, after["EndpointConfig"])
    mine = instances_by_type(before.get("Endpoint") or {}, before["EndpointConfig"]) if before else Counter()
    used = Counter[str](after.get("InstancesInUse") or {}) | mine
    whole = "InstancesInUse" in after
    for quota in after.get("Quotas") or []:
        name, value = str(quota.get("QuotaName", "")), int(quota["Value"])
        if quota.get("QuotaCode") == ALL_INSTANCES_CODE or name == ALL_INSTANCES:
            name, asked, taken = ALL_INSTANCES, wanted.total(), used.total()
        elif (match := _PER_TYPE.fullmatch(name)) and wanted[match[1]]:
            asked, taken = wanted[match[1]], used[match[1]]
        else:
            continue
        if asked + taken <= value:
            continue
        sure = not before and (whole or asked > value)
        message = (
            f"{asked} new instances are asked for, the quota {name!r} is {value}, of which {taken} are in use"
        )
        if before:
            message += "; the new fleet starts while the old one runs"
        yield Finding(
            "ICP502",
            Severity.ERROR if sure else Severity.WARNING,
            message,
            path=path,
            need=asked,
            have=value - taken,
        )
