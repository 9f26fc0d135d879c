"""Writes JSON and YAML by hand and remembers where it put each value: the independent view of places."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

Steps = tuple[str | int, ...]
Place = tuple[int, int]

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=6)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


class Paper:
    """Text in the making; knows the line and column it is at."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.line, self.column = 1, 1
        self.places: dict[Steps, Place] = {}

    def write(self, text: str) -> None:
        self.parts.append(text)
        for char in text:
            self.line, self.column = (self.line + 1, 1) if char == "\n" else (self.line, self.column + 1)

    def mark(self, steps: Steps) -> None:
        self.places[steps] = (self.line, self.column)

    @property
    def text(self) -> str:
        return "".join(self.parts)


def write_json_text(paper: Paper, value: Any, gap: str, steps: Steps = (), *, marked: bool = False) -> None:
    """``gap`` stands wherever JSON allows white space."""
    if not marked:
        paper.mark(steps)
    if isinstance(value, dict):
        paper.write("{" + gap)
        for index, (name, member) in enumerate(value.items()):
            paper.write("," + gap if index else "")
            paper.mark((*steps, name))
            paper.write(json.dumps(name, ensure_ascii=False) + gap + ":" + gap)
            write_json_text(paper, member, gap, (*steps, name), marked=True)
            paper.write(gap)
        paper.write("}")
    elif isinstance(value, list):
        paper.write("[" + gap)
        for index, item in enumerate(value):
            paper.write("," + gap if index else "")
            write_json_text(paper, item, gap, (*steps, index))
            paper.write(gap)
        paper.write("]")
    else:
        paper.write(json.dumps(value, ensure_ascii=False))


def write_yaml_text(paper: Paper, value: Any, steps: Steps = (), *, marked: bool = False) -> None:
    """Block style: a member or an item a line, two spaces a level."""
    indent = "  " * len(steps)
    if not (isinstance(value, dict | list) and value):
        if not marked:
            paper.mark(steps)
        paper.write(json.dumps(value) + "\n")
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for index, (step, member) in enumerate(pairs):
        paper.write(indent)
        if index == 0 and not marked:
            paper.mark(steps)
        child = (*steps, step)
        if isinstance(value, dict):
            paper.mark(child)
            paper.write(json.dumps(step) + ":")
        else:
            paper.write("-")
        if isinstance(member, dict | list) and member:
            paper.write("\n")
            write_yaml_text(paper, member, child, marked=isinstance(value, dict))
        else:
            paper.write(" ")
            write_yaml_text(paper, member, child, marked=isinstance(value, dict))
