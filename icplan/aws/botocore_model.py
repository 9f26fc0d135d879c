"""What the installed botocore knows of a request; it may be older or newer than icplan's own model."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from icplan.requests.problems import member_path

if TYPE_CHECKING:
    from collections.abc import Mapping


def unknown_to_client(operation: str, request: Mapping[str, object], path: str = "$") -> frozenset[str]:
    """The JSON paths of members for which this botocore would refuse to send the request.

    ``path`` is the JSON path of ``request``. Reads botocore's model of SageMaker when first called.
    """
    report = ParamValidator().validate(request, _input(operation))
    return frozenset(
        member_path(f"{path}{name}", details["unknown_param"])
        for kind, name, details in report._errors  # noqa: SLF001  (else only as text, with names unescaped)
        if kind == "unknown field"
    )


def _input(operation: str) -> Any:
    return _service().operation_model(operation).input_shape


@cache
def _service() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")
