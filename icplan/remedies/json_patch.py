"""JSON Patch (RFC 6902), as far as remedies use it: members of objects added, replaced and removed."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def apply_patch(document: Any, patch: Iterable[Mapping[str, Any]]) -> Any:
    """A copy of the document after the operations, in order."""
    done = copy.deepcopy(document)
    for operation in patch:
        *steps, last = map(_unescaped, operation["path"].split("/")[1:])
        holder = done
        for step in steps:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]
        if operation["op"] == "remove":
            del holder[last]
        else:
            holder[last] = copy.deepcopy(operation["value"])
    return done


def steps_of(pointer: str) -> tuple[str | int, ...]:
    """The steps of a JSON pointer; a number is one of a list."""
    steps = map(_unescaped, pointer.split("/")[1:])
    return tuple(int(step) if step.isascii() and step.isdecimal() else step for step in steps)


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
