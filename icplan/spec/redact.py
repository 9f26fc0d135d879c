"""Take secrets out of what AWS answered or a user wrote, before it is shown or stored.

Environment values never pass, whatever they look like. Elsewhere what looks like a credential goes: signed
query strings, user names and passwords in URLs, access key ids, tokens of well-known forms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

REDACTED = "REDACTED"
MAX_DEPTH = 64
"""Anything nested deeper is replaced: no answer of AWS's is, and a secret could hide there."""

_T = TypeVar("_T")
_VARIABLE = re.compile("[a-zA-Z_][a-zA-Z0-9_]*")
_URL = re.compile(
    r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]{0,15}://)(?P<user>[^\s/?#@]*@)?(?P<rest>[^\s?#]*)(?P<query>\?[^\s#]*)?"
)
_HARMLESS_QUERY = re.compile(r"\?versionId=[A-Za-z0-9._-]*")
_SECRET_NAME = re.compile(r"(?i)secret|passw(or)?d|credential|signature|api_?key|private_?key|token$")
_ASSIGNMENT = re.compile(
    # From the start of a name only, and never back into it: the time grows with the text, not its square.
    r"(?i)(?<![\w-])(?=[\w-]*?(?:secret|password|passwd|token|signature|credential|api_?key))([\w-]++=)[^\s&]+"
)
_WORD = "[A-Za-z0-9_-]"
_TOKENS = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\b(?:hf_|ghp_|gho_|github_pat_|glpat-|sk-|xox[abp]-)[A-Za-z0-9_-]{16,}"
    # A JSON web token; again from the start of a word only, and never back into it.
    rf"|(?<!{_WORD})(?={_WORD}*?\beyJ{_WORD}{{10}}){_WORD}++\.{_WORD}{{10,}}+\.{_WORD}*"
    r"|(?<=Bearer )\S+",
)


def redact_text(text: str) -> str:
    """Return ``text`` without what looks like a credential. Text without any comes back as it is."""
    if "://" in text:
        text = _URL.sub(_redact_url, text)
    if "=" in text:
        text = _ASSIGNMENT.sub(rf"\1{REDACTED}", text)
    return _TOKENS.sub(REDACTED, text)


def variable(name: str) -> str:
    """The name of an environment variable, as far as it is one: what follows may be its value."""
    start = _VARIABLE.match(name)
    shown = redact_text(start[0]) if start else ""
    return shown if start and start[0] == name else f"{shown}..."


def redact(document: Mapping[str, _T]) -> dict[str, object]:
    """Copy a request or an answer of AWS's, with every Environment value and credential replaced.

    Names (of members, of environment variables) stay; numbers, booleans and timestamps stay. Of what can be
    no variable's name its beginning stays. Redacting twice changes nothing more.
    """
    return {str(name): _redact_member(str(name), value, 1) for name, value in document.items()}


def _redact_member(name: str, value: object, depth: int) -> object:
    if name == "Environment":
        return {variable(str(one)): REDACTED for one in value} if isinstance(value, Mapping) else REDACTED
    if isinstance(value, str) and _SECRET_NAME.search(name):
        return REDACTED
    return _redact_value(value, depth)


def _redact_value(value: object, depth: int) -> object:
    if isinstance(value, str):
        return redact_text(value)
    if not isinstance(value, Mapping | list | tuple):
        return value
    if depth >= MAX_DEPTH:
        return REDACTED
    # Plain loops: a comprehension costs a second stack frame a level on Python 3.11.
    if isinstance(value, Mapping):
        mapping: dict[str, object] = {}
        for name, member in value.items():
            mapping[str(name)] = _redact_member(str(name), member, depth + 1)
        return mapping
    items: list[object] = []
    for item in value:
        items.append(_redact_value(item, depth + 1))  # noqa: PERF401  (as above)
    return items


def _redact_url(match: re.Match[str]) -> str:
    user = f"{REDACTED}@" if match["user"] else ""
    query = match["query"] or ""
    if query and not _HARMLESS_QUERY.fullmatch(query):
        query = f"?{REDACTED}"
    return f"{match['scheme']}{user}{match['rest']}{query}"
