"""Members of AWS's answers that an older botocore drops: those that bear on capacity are refused."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import botocore

from icplan.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import ServiceModel, Shape

BEARING: Final = (
    *("InstancePools", "ManagedInstanceScaling", "AcceleratorPartitionLayouts", "AcceleratorPartitionType"),
    *("Specifications", "PlacementStatus", "SchedulingConfig", "PendingDeploymentSummary"),
)
"""Members that bear on capacity, and that came to SageMaker's API after inference components."""
_OPERATIONS: Final = ("DescribeEndpoint", "DescribeEndpointConfig", "DescribeInferenceComponent")
_ID: Final = "icplan.dropped-members"


def watch(client: Any) -> None:
    """Refuse answers of which this client's botocore would drop what bears on capacity.

    With a botocore that knows all of it nothing is done.
    """
    model = client.meta.service_model
    if model.service_name != "sagemaker" or not _lacks(model):
        return
    for operation in _OPERATIONS:
        event = f"before-parse.sagemaker.{operation}"
        client.meta.events.register(event, _refuse, unique_id=f"{_ID}.{operation}")


@lru_cache(maxsize=4)
def _lacks(model: ServiceModel) -> bool:
    """Whether the model names some of it nowhere in the answers."""
    known: set[str] = set()
    for operation in _OPERATIONS:
        known |= set(_names(model.operation_model(operation).output_shape, 0))
    return not known.issuperset(BEARING)


def _names(shape: Any, depth: int) -> Iterator[str]:
    if depth > _DEPTH:
        return
    for name, inner in getattr(shape, "members", {}).items():
        yield name
        yield from _names(inner, depth + 1)
    if hasattr(shape, "member"):
        yield from _names(shape.member, depth + 1)


_DEPTH: Final = 8


def _refuse(operation_model: Any, response_dict: Any, **_: object) -> None:
    """Raise AwsError if an answer that is about to be parsed holds what the model lacks."""
    try:
        body = json.loads(response_dict["body"])
    except (ValueError, KeyError, TypeError):
        return  # what is no answer is told of elsewhere
    dropped = next(_dropped(body, operation_model.output_shape), None)
    if dropped is not None:
        message = (
            f"this botocore ({botocore.__version__}) drops {dropped} from AWS's answers, and what is there "
            "bears on capacity: install a newer boto3"
        )
        raise AwsError(operation_model.name, message)


def _dropped(value: Any, shape: Shape) -> Iterator[str]:
    members, inner = getattr(shape, "members", None), getattr(shape, "member", None)
    if isinstance(value, dict) and members is not None:
        for name, one in value.items():
            if name in members:
                yield from _dropped(one, members[name])
            elif name in BEARING:
                yield name
    elif isinstance(value, list) and inner is not None:
        for one in value:
            yield from _dropped(one, inner)
