"""Every part of a value that was read, however deep it lies and whatever tags are around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.documents.yaml_text import Tagged

if TYPE_CHECKING:
    from collections.abc import Iterator


def parts_of(value: Any) -> Iterator[Any]:
    """Every structure, list and scalar in a value, itself first; what a tag is on stands for it."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Tagged):
            waiting.append(part.value)
            continue
        yield part
        if isinstance(part, list):
            waiting += reversed(part)
        elif isinstance(part, dict):
            waiting += reversed(part.values())


def structures_of(value: Any) -> Iterator[dict[Any, Any]]:
    """Every structure in a value, itself first."""
    return (part for part in parts_of(value) if isinstance(part, dict))


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a value, in the order in which it is written: names of members before what they have."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, Tagged):
            waiting.append(part.value)
        elif isinstance(part, list):
            waiting += reversed(part)
        elif isinstance(part, dict):
            for name, child in reversed(part.items()):
                waiting += [child, name]


def all_text(value: Any) -> str:
    """The texts of a value, names of members among them, put together."""
    return "".join(texts_of(value))
