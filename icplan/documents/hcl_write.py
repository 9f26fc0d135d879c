"""Plain data as HCL, Terraform's language: blocks, attributes, and references between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EXPRESSION: Final = re.compile("([$%])(?={)")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_INDENT = "  "


@attrs.frozen
class Reference:
    """An expression that names something else: ``aws_sagemaker_endpoint.fleet.name``."""

    expression: str


@attrs.frozen
class Block:
    """A block with its labels. A member that is a block, or a list of them, is a block within it."""

    kind: str
    labels: tuple[str, ...]
    members: Mapping[str, Any]


def hcl_text(*blocks: Block) -> str:
    """The blocks as a file, laid out as ``terraform fmt`` does."""
    return "\n".join("".join(f"{line}\n" for line in _block(one, "")) for one in blocks)


def _block(block: Block, indent: str) -> Iterator[str]:
    labels = "".join(f" {_quoted(label)}" for label in block.labels)
    yield f"{indent}{block.kind}{labels} {{"
    yield from _members(block.members, f"{indent}{_INDENT}")
    yield f"{indent}}}"


def _members(members: Mapping[str, Any], indent: str) -> Iterator[str]:
    """Attributes of one line stand with their signs below each other; what takes several stands apart."""
    single: list[tuple[str, str]] = []
    parts: list[list[str]] = []
    for name, value in members.items():
        inner = value if isinstance(value, list) else [value]
        if inner and all(isinstance(one, Block) for one in inner):
            parts += [list(_block(one, indent)) for one in inner]
            continue
        first, *rest = _value(value, indent)
        if rest:
            parts.append([f"{indent}{_key(name)} = {first}", *rest])
        else:
            single.append((_key(name), first))
    width = max((len(name) for name, _ in single), default=0)
    lines = [f"{indent}{name:<{width}} = {text}" for name, text in single]
    for part in ([lines] if lines else []) + parts:
        if part is not lines and (lines or part is not parts[0]):
            yield ""
        yield from part


def _value(value: Any, indent: str) -> list[str]:
    inner = f"{indent}{_INDENT}"
    if isinstance(value, dict) and value:
        return ["{", *_members(value, inner), f"{indent}}}"]
    if isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        lines = ["["]
        for one in value:
            first, *rest = _value(one, inner)
            lines += [f"{inner}{first}", *rest]
            lines[-1] += ","
        return [*lines, f"{indent}]"]
    return [_scalar(value)]


def _scalar(value: Any) -> str:
    match value:
        case Reference():
            return value.expression
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _quoted(value)
        case list():
            return f"[{', '.join(map(_scalar, value))}]"
        case dict():
            return "{}"
    return "null"


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    """A text in which nothing is an expression."""
    plain = "".join(_ESCAPES.get(char) or (char if char.isprintable() else _escaped(char)) for char in text)
    return '"' + _EXPRESSION.sub(r"\1\1", plain) + '"'


def _escaped(char: str) -> str:
    number = ord(char)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004  (16 bits)
