"""HTML and SVG elements: whatever is no markup is escaped, so that no name can be an element or a script."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from icplan.report.style import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Elements without content.
_VOID = frozenset({"meta", "input", "rect", "line", "br"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: str | None, **attributes: str | int | None) -> Markup:
    """An element. A trailing underscore of an attribute's name is left out, others are hyphens."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{said}>" if name in {"meta", "input", "br"} else f"<{name}{said}/>")
    return Markup(f"<{name}{said}>{joined(child for child in children if child is not None)}</{name}>")


def joined(parts: Iterable[str]) -> Markup:
    """Parts one after another, those that are no markup escaped."""
    return Markup("".join(part if isinstance(part, Markup) else _escaped(part) for part in parts))


def _escaped(text: str) -> str:
    return html.escape(printable(text))
