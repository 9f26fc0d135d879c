"""Read the inference components of an endpoint: ListInferenceComponents, then Describe each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.aws.client import AwsCallError, call, paginate

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


_PAGE = 100  # the most SageMaker gives at once


def _components(client: Any, name: str, note: Callable[[str], None]) -> list[dict[str, Any]]:
    listed = paginate(
        client,
        "ListInferenceComponents",
        "InferenceComponents",
        EndpointNameEquals=name,
        PaginationConfig={"PageSize": _PAGE},
    )
    described: list[dict[str, Any]] = []
    for component in sorted({summary["InferenceComponentName"] for summary in listed}):
        try:
            described.append(call(client, "DescribeInferenceComponent", InferenceComponentName=component))
        except AwsCallError as error:
            if not error.missing:
                raise
            note(f"inference component {component} was deleted while the endpoint was read")
    return described
