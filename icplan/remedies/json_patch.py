"""JSON Patch (RFC 6902), as far as remedies use it: members of objects added, replaced and removed."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


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


def with_member(document: Any, steps: Sequence[str | int], value: Any) -> Any:
    """A copy of the document with another value of a member; what is around it is made where it lacks.

    ``None`` takes the member out.
    """
    step, *rest = steps
    if isinstance(document, list) and isinstance(step, int):
        inner = with_member(document[step], rest, value) if rest else value
        return [*document[:step], inner, *document[step + 1 :]]
    held = document if isinstance(document, dict) else {}
    if not rest and value is None:
        return {name: one for name, one in held.items() if name != step}
    return {**held, step: with_member(held.get(step), rest, value) if rest else value}


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
