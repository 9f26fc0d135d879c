"""Plain data as YAML that every reader takes the same way, whether of version 1.1 or 1.2.

Only words that are texts in both stand unquoted; a quoted one has no escape that JSON and YAML differ in.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN: Final = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./-]|:(?=[A-Za-z0-9_:/]))*", re.ASCII)
_WORDS: Final = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""What YAML 1.1 reads as something else than a text."""
_INDENT = "  "


def yaml_text(value: Any) -> str:
    """Objects, lists, texts, numbers, booleans and null, as a document in block style."""
    return "".join(f"{line}\n" for line in _lines(value, ""))


def _lines(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _under(f"{indent}{_scalar(str(name))}:", member, indent)
    elif isinstance(value, list) and value:
        for item in value:
            first, *rest = (
                _lines(item, f"{indent}{_INDENT}") if _block(item) else [f"{indent}{_INDENT}{_scalar(item)}"]
            )
            yield f"{indent}- {first[len(indent) + len(_INDENT) :]}"
            yield from rest
    else:
        yield f"{indent}{_scalar(value)}"


def _under(head: str, value: Any, indent: str) -> Iterator[str]:
    if _block(value):
        yield head
        yield from _lines(value, f"{indent}{_INDENT}")
    else:
        yield f"{head} {_scalar(value)}"


def _block(value: Any) -> bool:
    return isinstance(value, dict | list) and bool(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    # JSON writes what is not printable as \uXXXX, which YAML has, too; pairs of surrogates it has not.
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    number = ord(char)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004  (16 bits)
