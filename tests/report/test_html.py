"""The HTML report: one file that asks for nothing, whose names are inert, and that has all of the text."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from html.parser import HTMLParser

import attrs
import click
import pytest
from hypothesis import given
from support.endpoints import GPU4, component, snapshot
from support.small_fleets import Case, judged, one_phase_cases, rolling_cases
from support.verdicts import check

from icplan.report.formats import render
from icplan.report.style import Look

VOID = {"meta", "input", "br", "rect", "line"}
EVIL = '<img src=x onerror="alert(1)"></title><script>alert(2)</script>&amp;'


class Page(HTMLParser):
    """The elements of a page, its text without style and script, and what is wrong with its nesting."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.raw: dict[str, str] = {}
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        inside = self.open[-1] if self.open else ""
        if inside in {"style", "script"}:
            self.raw[inside] = data
        else:
            self.words.append(data)


def numbers(text: str) -> set[str]:
    """Every number of a text."""
    return set(re.findall(r"\d+(?:\.\d+)?", text))


@pytest.mark.slow
@given(one_phase_cases() | rolling_cases())
def test_every_number_of_the_text_is_in_the_page(case: Case) -> None:
    """What the whole text tells, the page tells too."""
    verdict = judged(case)
    text = click.unstyle(render(verdict, "text", look=Look(verbose=True)))
    page = Page(render(verdict, "html"))
    # The text numbers its fixes with figures, the page with a list.
    fixes = {str(number) for number in range(1, 1 + len(verdict.remedies))}
    assert numbers(text) - fixes <= numbers(" ".join(page.words))


def test_no_request_leaves_the_page() -> None:
    """Nothing names another place, and the policy allows only the style and the script that are there."""
    verdict = check(snapshot(GPU4, 1, component("chat", 1, 3)), scale("chat", 2))
    text = render(verdict, "html")
    page = Page(text)
    named = {"src", "srcset", "action", "formaction", "data", "poster", "background", "ping", "xlink:href"}
    for tag, attributes in page.elements:
        assert not named & attributes.keys()
        assert (attributes.get("href") or "#").startswith("#")
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert tag not in {"link", "iframe", "object", "embed", "base", "form", "img"}
    assert not re.search(r"url\(|@import|https?:", text)
    (policy,) = (
        one["content"] or "" for _, one in page.elements if one.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    for kind in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.raw[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_names_are_inert() -> None:
    """A name with markup in it is shown, and makes no element."""
    plain = Page(render(check(snapshot(GPU4, 1, component("chat", 1, 3)), scale("chat", 2)), "html"))
    verdict = check(snapshot(GPU4, 1, component("chat", 1, 3)), scale("chat", 2))
    (change,) = verdict.changes
    evil = attrs.evolve(change, inference_component_name=EVIL, fleet=EVIL, runs=EVIL)
    page = Page(render(attrs.evolve(verdict, changes=(evil,)), "html"))
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in plain.elements}
    assert sum(tag == "script" for tag, _ in page.elements) == 1
    assert EVIL in "".join(page.words)


def test_it_can_be_found_through_without_eyes() -> None:
    """It has landmarks, a language, one heading of the first level, and words for every drawing."""
    verdict = check(snapshot(GPU4, 1, component("chat", 1, 3)), scale("chat", 2))
    page = Page(render(verdict, "html"))
    tags = [tag for tag, _ in page.elements]
    assert [tags.count(tag) for tag in ("header", "main", "footer", "h1", "title")][:4] == [1, 1, 1, 1]
    assert dict(page.elements)["html"]["lang"] == "en"
    for tag, attributes in page.elements:
        assert tag != "svg" or (attributes["role"] == "img" and attributes["aria-label"])
        assert tag != "figure" or "figcaption" in tags
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_the_page_of_the_example_is_small() -> None:
    """It is sent by mail and kept with builds."""
    verdict = check(snapshot(GPU4, 40, component("chat", 40, 3)), scale("chat", 60))
    assert len(render(verdict, "html")) < 100_000


def scale(name: str, copies: int) -> dict[str, object]:
    return {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": copies}}
