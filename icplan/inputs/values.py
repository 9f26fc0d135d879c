"""Values as a deployment has them: each with the place it stands at, and some that are not known yet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.documents.paths import JsonPath, Step

_DYNAMIC: Final = re.compile(r"\{\{resolve:([a-z-]{1,30}):")


@attrs.frozen
class Link:
    """A resource that a value comes from, by its identity over all files, and the attribute of it."""

    resource: str
    attribute: str


@attrs.frozen
class Unresolved:
    """A value that nothing given tells.

    ``key`` is its expression as far as it could be resolved: values with equal keys are equal, whatever they
    turn out to be. ``why`` completes a sentence that begins with the member's name, and ``hint`` says what to
    give. ``rests_on`` names the parameters whose values would tell it, ``none_of`` texts that it is not.
    """

    key: str
    why: str
    hint: str | None = None
    link: Link | None = None
    rests_on: frozenset[str] = frozenset()
    none_of: frozenset[str] = frozenset()


@attrs.frozen
class Origin:
    """Where in the sources something is written: which source, and the steps to it."""

    source: int
    steps: JsonPath


@attrs.frozen
class FromParameter:
    """The parameter whose value something is, unchanged.

    ``default`` is its Default, ``passed`` what is passed to the stack that has it; neither where it is given.
    """

    name: str
    default: Origin | None = None
    passed: Origin | None = None


@attrs.frozen
class Located:
    """A value and where it is written. ``also`` are further places that it comes from, as a parameter's."""

    value: Value
    origin: Origin
    also: tuple[Origin, ...] = ()
    parameter: FromParameter | None = None

    def get(self, name: str) -> Located | None:
        """A member of a structure, if it is one and has it."""
        return self.value.get(name) if isinstance(self.value, dict) else None

    def text(self) -> str | None:
        """The value where it is a text."""
        return self.value if isinstance(self.value, str) else None


def dynamic_reference(text: str) -> Unresolved | None:
    """What a text with a dynamic reference is, such as ``{{resolve:ssm:/chat/copies}}``; of another, None."""
    found = _DYNAMIC.search(text)
    if found is None:
        return None
    why = f"is a dynamic reference to {found[1]}, which is resolved when the stack is deployed"
    return Unresolved(f"dynamic|{text}", why)


Scalar: TypeAlias = "str | int | float | bool | None"
Value: TypeAlias = "dict[str, Located] | list[Located] | Unresolved | Scalar"


def located(value: Any, origin: Origin) -> Located:
    """Plain JSON with the place of each part of it. As deep as the value, which readers limit."""
    source, steps = origin.source, origin.steps
    if isinstance(value, dict):
        return Located({k: located(v, Origin(source, (*steps, k))) for k, v in value.items()}, origin)
    if isinstance(value, list):
        return Located([located(v, Origin(source, (*steps, n))) for n, v in enumerate(value)], origin)
    return Located(value, origin)


def plain(node: Located) -> Any:
    """The plain JSON of a value; what is unresolved stays as it is."""
    if isinstance(node.value, dict):
        return {name: plain(child) for name, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def walk(node: Located, at: JsonPath = ()) -> Iterator[tuple[JsonPath, Located]]:
    """Every part of a value, each after what it is in, with the steps to it."""
    waiting: list[tuple[JsonPath, Located]] = [(at, node)]
    while waiting:
        steps, part = waiting.pop()
        yield steps, part
        children: list[tuple[Step, Located]] = []
        if isinstance(part.value, dict):
            children = list(part.value.items())
        elif isinstance(part.value, list):
            children = list(enumerate(part.value))
        waiting += [((*steps, step), child) for step, child in reversed(children)]
