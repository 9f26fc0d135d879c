"""A reader of the HCL that icplan writes, by the language's own rules.

Apart from what writes it, so that each is held against the other.
"""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)'
    r"|(?P<name>[A-Za-z_][\w.-]*)|(?P<sign>[{}\[\]=,]))"
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class Expression(str):
    """A reference."""

    __slots__ = ()


def read_hcl(text: str) -> list[tuple[str, tuple[str, ...], dict[str, Any]]]:
    """The blocks of a file: kind, labels, members (a nested block as a list of members)."""
    tokens = _tokens(text)
    found = []
    while tokens:
        kind, labels = tokens.pop(0)[1], []
        while tokens[0][1] != "{":
            labels.append(_text(tokens.pop(0)[1]))
        found.append((kind, tuple(labels), _members(tokens)))
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        assert match, text[at : at + 60]
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
        at = match.end()
    return found


def _members(tokens: list[tuple[str, str]]) -> dict[str, Any]:
    assert tokens.pop(0)[1] == "{"
    found: dict[str, Any] = {}
    while tokens[0][1] != "}":
        kind, word = tokens.pop(0)
        name = _text(word) if kind == "text" else word
        assert name not in found or tokens[0][1] == "{"
        if tokens[0][1] == "=":
            tokens.pop(0)
            found[name] = _value(tokens)
        else:
            found.setdefault(name, []).append(_members(tokens))
    tokens.pop(0)
    return found


def _value(tokens: list[tuple[str, str]]) -> Any:
    kind, word = tokens[0]
    if word == "{":
        return _members(tokens)
    tokens.pop(0)
    if word == "[":
        items = []
        while tokens[0][1] != "]":
            items.append(_value(tokens))
            if tokens[0][1] == ",":
                tokens.pop(0)
        tokens.pop(0)
        return items
    if kind == "text":
        return _text(word)
    if kind == "number":
        return float(word) if set(word) & set(".eE") else int(word)
    return {"true": True, "false": False, "null": None}.get(word, Expression(word))


def _text(word: str) -> str:
    inside = word[1:-1]
    assert not re.search(r"(?<![$])[$]\{|(?<!%)%\{", inside), "an expression within a text"
    inside = re.sub(r"([$%])\1(?=\{)", r"\1", inside)
    return _ESCAPE.sub(
        lambda found: chr(int(found[1] or found[2], 16)) if found[1] or found[2] else _PLAIN[found[3]], inside
    )
