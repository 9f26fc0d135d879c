"""Read the inference components of an endpoint: ListInferenceComponents, then Describe each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.aws.client import AwsCallError, call, paginate
from icplan.aws.parallel import WORKERS, each

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

_PAGE: Final = 100  # the most SageMaker gives at once
_TOLD_BY_THE_LIST: Final = ("InferenceComponentStatus", "LastModifiedTime")


def listed(client: Any, endpoint: str) -> dict[str, dict[str, Any]]:
    """What the list says of each component, by name and in the order of names. Raises AwsError."""
    summaries = paginate(
        client,
        "ListInferenceComponents",
        "InferenceComponents",
        EndpointNameEquals=endpoint,
        MaxResults=_PAGE,
    )
    return {one["InferenceComponentName"]: one for one in sorted(summaries, key=_name)}


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
