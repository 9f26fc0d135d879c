"""The frame of every HTML page: head, style, landmarks, and its own script, which is all that runs in it."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from icplan.documents.safe_text import safe_html
from icplan.report.markup import Markup, joined, tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icplan.documents.safe_text import SafeText


def html_page(title: str, body: Markup, style: str, script: str = "") -> SafeText:
    """A page of that body, with the one style and the one script that there may be."""
    head = (
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        tag("title", title),
        Markup(f"<style>{style}</style>"),
    )
    runs = Markup(f"<script>{script}</script>") if script else None
    page = tag("html", tag("head", *head), tag("body", body, runs), lang="en")
    return safe_html(f"<!doctype html>\n{page}\n")


def landmarks(title: str, report: Iterable[Markup], foot: Markup) -> Markup:
    """The parts of a page that a screen reader names, with a link past the first for the keyboard."""
    return joined(
        (
            tag("a", "Skip to the report", href="#report", class_="skip"),
            tag("header", tag("h1", title)),
            tag("main", *report, id="report"),
            tag("footer", foot),
        )
    )


def table(headings: Iterable[str], rows: Iterable[Iterable[str | Markup]]) -> Markup:
    """A table that scrolls by itself where it is wider than the page."""
    head = tag("tr", *(tag("th", one, scope="col") for one in headings))
    body = (tag("tr", *(tag("td", cell) for cell in row)) for row in rows)
    return tag(
        "div",
        tag("table", tag("thead", head), tag("tbody", *body)),
        class_="scroll",
        tabindex=0,
        role="region",
        aria_label="Table",
    )


def definitions(rows: Iterable[tuple[str, str]]) -> Markup:
    """Names and what is told of them; one with an empty name goes on with the one before."""
    return tag("dl", *(part for name, told in rows for part in _definition(name, told)))


def _definition(name: str, told: str) -> tuple[Markup, ...]:
    return (tag("dt", name), tag("dd", told)) if name else (tag("dd", told, class_="more"),)


def _policy(style: str, script: str) -> str:
    """Nothing is loaded from anywhere, and no style or script counts but the two of the file."""
    scripts = f" script-src {_hash(script)};" if script else ""
    return f"default-src 'none'; style-src {_hash(style)};{scripts} base-uri 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
