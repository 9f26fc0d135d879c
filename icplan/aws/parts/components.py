"""Read the inference components of an endpoint: ListInferenceComponents, then Describe each."""

from __future__ import annotations

import datetime as dt
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final

from icplan.aws.call_error import AwsCallError
from icplan.aws.client import call, paginate
from icplan.aws.parallel import WORKERS, each

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

_PAGE: Final = 100  # the most SageMaker gives at once
_PART: Final = 95  # that some may be new, and that parts overlap, makes no page more
_OVERLAP: Final = dt.timedelta(seconds=1)
_TOLD_BY_THE_LIST: Final = ("InferenceComponentStatus", "LastModifiedTime")


def listed(
    client: Any, endpoint: str, known: Iterable[Mapping[str, Any]] = (), *, since: dt.datetime | None = None
) -> dict[str, dict[str, Any]]:
    """What the list says of each component, by name and in the order of names. Raises AwsError.

    A page tells where the next begins, so pages come one after another: of an endpoint whose components are
    ``known``, the times at which they were created part the list into pages that are asked for at once.
    ``since``: only those that were changed from then on.
    """
    asked: dict[str, Any] = {"EndpointNameEquals": endpoint, "MaxResults": _PAGE}
    if since is not None:
        asked["LastModifiedTimeAfter"] = since
    pages = each(
        lambda part: paginate(client, "ListInferenceComponents", "InferenceComponents", **asked, **part),
        [{}] if since is not None else list(_parts(known)),
    )
    return {one["InferenceComponentName"]: one for one in sorted(chain.from_iterable(pages), key=_name)}


def _parts(known: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Filters by time of creation that together let all components pass, in parts of less than a page."""
    created = sorted(_created(one) for one in known)
    number = -(-len(created) // _PART) if len(created) > _PAGE else 1
    ends = sorted({created[len(created) * part // number] for part in range(1, number)})
    for first, last in pairwise([None, *ends, None]):
        # Whether the ends themselves belong to them is not documented.
        part = {} if first is None else {"CreationTimeAfter": first - _OVERLAP}
        yield part if last is None else {**part, "CreationTimeBefore": last + _OVERLAP}


def _created(component: Mapping[str, Any]) -> dt.datetime:
    told = component.get("CreationTime")
    return dt.datetime.fromisoformat(told) if told else dt.datetime.fromtimestamp(0, dt.UTC)


def rests(component: Mapping[str, Any]) -> bool:
    """Whether a component is settled: of one that is not, more than its status changes."""
    runtime = component.get("RuntimeConfig") or {}
    copies = {runtime[name] for name in ("DesiredCopyCount", "CurrentCopyCount") if name in runtime}
    return component.get("InferenceComponentStatus") == "InService" and len(copies) <= 1


def described(client: Any, names: Iterable[str], workers: int = WORKERS) -> dict[str, dict[str, Any] | None]:
    """What DescribeInferenceComponent answers for each; None where there is none (any more).

    Raises AwsError.
    """
    wanted = list(names)
    return dict(zip(wanted, each(lambda name: _described(client, name), wanted, workers), strict=True))


def changed(found: Mapping[str, Any] | None, summary: Mapping[str, Any]) -> bool:
    """Whether a description is another than the one the list now speaks of; one of what is gone is not."""
    if found is None:
        return False
    return any(member in summary and found.get(member) != summary[member] for member in _TOLD_BY_THE_LIST)


def _described(client: Any, name: str) -> dict[str, Any] | None:
    try:
        return call(client, "DescribeInferenceComponent", InferenceComponentName=name)
    except AwsCallError as error:
        if not error.missing:
            raise
        return None


def _name(summary: Mapping[str, Any]) -> str:
    return str(summary["InferenceComponentName"])
