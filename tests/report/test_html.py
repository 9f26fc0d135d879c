"""The HTML report: one file that asks for nothing, whose names are inert, and that has all of the text."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import attrs
import click
import pytest
from hypothesis import given
from support.endpoints import GPU4, component, snapshot, update
from support.small_fleets import Case, judged, one_phase_cases, rolling_cases
from support.verdicts import check

from icplan.report.formats import render
from icplan.report.html_assets import COLOURS
from icplan.report.style import Look

if TYPE_CHECKING:
    from pathlib import Path

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


LIGHT, DARK = COLOURS.split("@media")
TEXTS = [
    *((name, ground) for name in ("fg", "dim") for ground in ("bg", "card")),
    *((name, f"{name}bg") for name in ("bad", "doubt", "good")),
    ("bad", "card"),
    ("link", "bg"),
    *(("onheld", f"c{number}") for number in range(6)),
]
"""What is written in a colour, and on which."""
SHAPES = [("dim", "card"), ("dim", "free"), ("taken", "card"), ("taken", "sure"), ("link", "bg")]
"""Borders of devices and buttons, bars, and the focus, each with what it has to be told from."""


def luminance(colour: str) -> float:
    """As WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_contrast_is_that_of_wcag(theme: str) -> None:
    """4.5 to 1 for what is read, 3 to 1 for what is looked at."""
    colours = dict(re.findall(r"--(\w+):(#[0-9a-f]{6})", theme))
    for least, pairs in ((4.5, TEXTS), (3, SHAPES)):
        for name, ground in pairs:
            assert contrast(colours[name], colours[ground]) >= least, (name, ground)


def fragmented() -> str:
    taken = snapshot(GPU4, 3, component("chat", 3, 3), scaling=(1, 3))
    change = {
        "InferenceComponentName": "chat",
        "DesiredRuntimeConfig": {"CopyCount": 5},
    }
    return render(check(taken, change), "html")


def test_a_blocked_change_is_told_in_its_order() -> None:
    """Why it is refused, what is under way, and what comes of it then, by its cause and each of its rules."""
    moving = component("chat", 3, 3, InferenceComponentStatus="Updating")
    page = render(check(snapshot(GPU4, 3, moving, scaling=(1, 3)), update("chat", 1)), "html")
    places = [page.index(f"<h3>{head}</h3>") for head in ("Why", "Now", "Then", "Findings")]
    assert places == sorted(places)
    assert "3 accelerators are free in all" in page[places[2] : places[3]]
    assert {"ICP201", "ICP305", "ICP501"} <= set(re.findall("ICP[0-9]{3}", page[places[3] :]))


def test_a_rollback_in_doubt_stands_in_the_title() -> None:
    taken = snapshot(GPU4, 2, component("ic", 2, 3), scaling=(1, 3))
    page = render(check(taken, update("ic", 1)), "html")
    assert "fits after scale out, but its rollback does not fit" in page.partition("</h1>")[0]
    assert "What would make its rollback fit" in page


def test_commands_can_be_copied_line_by_line() -> None:
    """A line of a command ends where the page's line does."""
    page = fragmented()
    commands = re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    assert commands
    for one in commands:
        assert "\\n" not in one
        assert one.count("\n") == one.count("<code>") - 1


def test_the_keyboard_goes_through_the_page_as_it_is_read() -> None:
    """The first stop leads past the head; nothing is put before or behind its place."""
    elements = Page(fragmented()).elements
    stops = [one for one in elements if one[0] in {"a", "button", "input"} or "tabindex" in one[1]]
    assert stops[0][1].get("href") == "#report"
    assert {one.get("tabindex", "0") for _, one in stops} == {"0"}
    assert any(attributes.get("id") == "report" for _, attributes in elements)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
def test_a_browser_shows_it_without_an_error(tmp_path: Path) -> None:
    """The script runs under the page's own policy, and nothing is told on the console."""
    (tmp_path / "page.html").write_text(fragmented())
    words = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"]
    done = subprocess.run(
        ["chromium", *words, (tmp_path / "page.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert 'class="steps-control"' in done.stdout
    assert "CONSOLE" not in done.stderr
