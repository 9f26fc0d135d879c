"""The pages and tables of headroom and drills: all that the text tells, and no wider than it may be."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, snapshot

import icplan
from icplan.cli.main import main
from icplan.report.drill_html import drill_html
from icplan.report.drill_text import render_drill
from icplan.report.headroom_html import headroom_html
from icplan.report.headroom_text import render_headroom
from icplan.report.style import Look, looking

if TYPE_CHECKING:
    from pathlib import Path

EVIL = '<img src=x onerror="alert(1)"></title><script>alert(2)</script>'
CHAT = component("chat", 3, 3, 49152, cpu=12)
RERANK = component("rerank-with-a-long-name", 2, 1, 4096, cpu=2)
ENDPOINT = snapshot(GPU4, 3, CHAT, component("embed", 4, 0, 14336, cpu=4), RERANK, scaling=(1, 5))


class Page(HTMLParser):
    """The elements of a page, and its text but for its style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def pages() -> list[tuple[str, str]]:
    headroom, drill = icplan.headroom(ENDPOINT, at_least={"chat": 1}), icplan.drill(ENDPOINT)
    return [
        (str(render_headroom(headroom)), str(headroom_html(headroom))),
        (str(render_drill(drill)), str(drill_html(drill))),
    ]


def test_what_the_text_tells_is_on_the_page() -> None:
    for text, html in pages():
        page = Page(html).text
        for word in click.unstyle(text).split():
            assert word.strip(",;:()").lower() in page.lower(), word


def test_a_page_asks_for_nothing_runs_nothing_and_can_be_read_by_ear() -> None:
    for _, html in pages():
        page = Page(html)
        names = [name for name, _ in page.elements]
        assert not {"script", "img", "link", "iframe"} & set(names)
        assert names.count("h1") == names.count("main") == 1
        assert dict(page.elements)["html"]["lang"] == "en"
        assert all(attrs.get("scope") == "col" for name, attrs in page.elements if name == "th")
        assert any(attrs.get("href") == "#report" for name, attrs in page.elements if name == "a")
        pictured = [attrs for name, attrs in page.elements if attrs.get("role") == "img"]
        assert pictured
        assert all(attrs.get("aria-label") for attrs in pictured)
        policy = next(
            attrs["content"] for _, attrs in page.elements if "content" in attrs and "http-equiv" in attrs
        )
        assert policy is not None
        assert policy.startswith("default-src 'none'")


def test_the_worst_world_is_drawn() -> None:
    """With the copies that find no room there, and what lacks."""
    text = Page(str(headroom_html(icplan.headroom(ENDPOINT, ["chat"])))).text
    assert "No room for 1 more copy of chat" in text
    assert "Lacks room: 0 GPUs free, 3 needed" in text


def test_no_name_is_an_element() -> None:
    evil = snapshot(GPU4, 2, component(EVIL, 1, 1))
    for html in (headroom_html(icplan.headroom(evil)), drill_html(icplan.drill(evil))):
        names = [name for name, _ in Page(str(html)).elements]
        assert not {"script", "img"} & set(names)


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_a_table_is_no_wider_than_it_may_be(width: int) -> None:
    headroom, drill = icplan.headroom(ENDPOINT), icplan.drill(ENDPOINT)
    with looking(Look(width=width)):
        for text in (render_headroom(headroom), render_drill(drill)):
            widest = max(len(line) for line in click.unstyle(str(text)).splitlines())
            assert widest <= max(width, 80)


@pytest.mark.parametrize("command", ["headroom", "drill"])
def test_the_command_writes_a_page(command: str, tmp_path: Path) -> None:
    icplan.Snapshot.from_dict(ENDPOINT).save(tmp_path / "endpoint.json")
    words = [command, "--snapshot", str(tmp_path / "endpoint.json"), "--format", "html"]
    done = CliRunner().invoke(main, [*words, "-o", str(tmp_path / "page.html")])
    assert done.exit_code in (0, 3), done.output
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")
