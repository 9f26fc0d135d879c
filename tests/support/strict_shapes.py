"""Answers held against botocore's output shapes: no member too many, none too few, each of its type."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.parsers import create_parser

from icplan.testing.emulator.service_models import operation_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.testing.emulator.wire import Call, Response

_PARSERS = {"cbor": "smithy-rpc-v2-cbor", "query": "query", "ec2": "ec2", "rest-json": "rest-json"}

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (float, int),
    "double": (float, int),
    "boolean": (bool,),
    "timestamp": (int, float, datetime),
    "blob": (str, bytes),
    "structure": (dict,),
    "list": (list,),
    "map": (dict,),
}


def faults_of_answer(call: Call, answer: Mapping[str, Any], response: Response) -> Iterator[str]:
    """What is wrong with an answer in whatever protocol: as it was meant, and as botocore reads it."""
    model: Any = operation_model(call.service, call.operation)
    if not response.headers.get("x-amzn-RequestId"):
        yield "no request id"
    if model.output_shape is None:
        if answer:
            yield f"an answer without members has {sorted(answer)}"
        return
    if call.protocol == "json":
        yield from faults(json.loads(response.body), model.output_shape)
        return
    if call.protocol != "rest-json":
        unknown = answer.keys() - model.output_shape.members.keys()
        yield from (f"$: unknown member {name}" for name in sorted(unknown))
    headers = {name.lower(): value for name, value in response.headers.items()}
    told = {"status_code": response.status, "headers": headers, "body": response.body}
    read = create_parser(_PARSERS[call.protocol]).parse(told, model.output_shape)
    read.pop("ResponseMetadata", None)
    if call.protocol != "rest-json":  # whose body is a stream
        yield from faults(read, model.output_shape)


def faults(  # noqa: C901  (one case for each kind of shape)
    value: Any, shape: Any, path: str = "$"
) -> Iterator[str]:
    """What is wrong with a JSON answer."""
    accepted: tuple[Any, ...] = _TYPES.get(shape.type_name, (object,))
    given: Any = value
    if not isinstance(value, accepted) or (isinstance(value, bool) and shape.type_name != "boolean"):
        yield f"{path}: {value!r} is no {shape.type_name}"
        return
    match shape.type_name:
        case "structure":
            yield from _structure(value, shape, path)
        case "list":
            yield from _length(value, shape, path)
            for number, item in enumerate(given):
                yield from faults(item, shape.member, f"{path}[{number}]")
        case "map":
            for key, item in given.items():
                yield from faults(item, shape.value, f"{path}.{key}")
        case "string":
            yield from _length(value, shape, path)
            if shape.enum and value not in shape.enum:
                yield f"{path}: {value!r} is not one of {shape.enum}"
        case "integer" | "long" | "float" | "double":
            least, most = shape.metadata.get("min"), shape.metadata.get("max")
            if (least is not None and value < least) or (most is not None and value > most):
                yield f"{path}: {value} is out of range"


def _structure(value: Any, shape: Any, path: str) -> Iterator[str]:
    yield from (f"{path}: unknown member {name}" for name in value if name not in shape.members)
    yield from (f"{path}: lacks {name}" for name in shape.required_members if name not in value)
    for name, member in shape.members.items():
        if name in value:
            yield from faults(value[name], member, f"{path}.{name}")


def _length(value: Any, shape: Any, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and len(value) < least) or (most is not None and len(value) > most):
        yield f"{path}: has length {len(value)}"
