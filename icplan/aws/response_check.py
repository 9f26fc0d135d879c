"""Whether an answer is one that the API defines: a proxy's page, or half an answer, is not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import Shape

_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
    "timestamp": (dt.datetime, int, float),
}
#: What icplan reads of shapes in which the model requires nothing.
_NEEDED: Final = {"Metric": ("MetricName", "Dimensions"), "MetricDataResult": ("Id",)}


def faults(answer: Any, shape: Shape, name: str = "") -> Iterator[str]:
    """What keeps an answer from having its shape in botocore's model: what must be there, and types.

    Other constraints, such as ranges, are the service's own business. Members that the model lacks are kept.
    """
    expected = _TYPES.get(shape.type_name)
    if expected and (not isinstance(answer, expected) or (isinstance(answer, bool) and expected is int)):
        yield f"{name or 'the answer'} is no {shape.type_name}"
    elif shape.type_name == "structure":
        required = (*getattr(shape, "required_members", ()), *_NEEDED.get(getattr(shape, "name", ""), ()))
        yield from (f"no {name}{'.' * bool(name)}{member}" for member in required if member not in answer)
        for member, inner in getattr(shape, "members", {}).items():
            if member in answer:
                yield from faults(answer[member], inner, f"{name}{'.' * bool(name)}{member}")
    elif shape.type_name == "list":
        for index, item in enumerate(answer):
            yield from faults(item, shape.member, f"{name}[{index}]")  # type: ignore[attr-defined]
    elif shape.type_name == "map":
        for key, item in answer.items():
            yield from faults(item, shape.value, f"{name}[{key!r}]")  # type: ignore[attr-defined]


def of_the_exchange(metadata: Mapping[str, Any]) -> str:
    """What came over the wire instead, in a few words: status, kind and size."""
    headers = metadata.get("HTTPHeaders") or {}
    said = [f"HTTP {metadata['HTTPStatusCode']}"] if "HTTPStatusCode" in metadata else []
    if kind := headers.get("content-type"):
        said.append(str(kind).split(";")[0])
    if size := headers.get("content-length"):
        said.append(f"{size} bytes")
    return ", ".join(said) or "nothing that can be read"
