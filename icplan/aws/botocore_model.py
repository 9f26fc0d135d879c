"""What the installed botocore knows of a request; it may be older or newer than icplan's own model."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

from icplan.requests.problems import member_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def unknown_to_client(operation: str, request: Mapping[str, object], path: str = "$") -> Iterator[str]:
    """The JSON paths of members for which this botocore would refuse to send the request, one by one.

    ``path`` is the JSON path of ``request``. Reads botocore's model of SageMaker when first called.
    """
    yield from _unknown(_input(operation), request, path)


def _unknown(shape: Any, value: object, path: str) -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, child in value.items():
            if name in shape.members:
                yield from _unknown(shape.members[name], child, member_path(path, name))
            else:
                yield member_path(path, name)
    elif shape.type_name == "list" and isinstance(value, list | tuple):
        for number, child in enumerate(value):
            yield from _unknown(shape.member, child, f"{path}[{number}]")
    elif shape.type_name == "map" and isinstance(value, dict):
        for name, child in value.items():
            yield from _unknown(shape.value, child, member_path(path, name))


def _input(operation: str) -> Any:
    return _service().operation_model(operation).input_shape


@cache
def _service() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")
