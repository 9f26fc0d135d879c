"""Take secrets out of what AWS answered or a user wrote, before it is shown or stored.

Environment values never pass, whatever they look like. Elsewhere what looks like a credential goes: signed
query strings, user names and passwords in URLs, access key ids, tokens of well-known forms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from icplan.documents.secrets import REDACTED, member_name, without_tokens

__all__ = ["REDACTED", "redact", "redact_text", "variable"]

MAX_DEPTH = 64
"""Anything nested deeper is replaced: no answer of AWS's is, and a secret could hide there."""

_T = TypeVar("_T")
_VARIABLE = "[a-zA-Z_][a-zA-Z0-9_]*"
_URL = re.compile(
    r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]{0,15}:/{1,3}+)"
    # One slash does: in a path the other is lost. A password may hold what no URL should: all up to the last
    # @, unless a port and a path come before it.
    r"(?P<user>[^\s/?#\"']*@|[^\s/?#:@\"']++:(?![0-9]{1,5}/)[^\s\"']*@)?"
    r"(?P<rest>[^\s?#\"']*)(?P<query>\?[^\s#\"']*)?"
)
_HARMLESS_QUERY = r"\?versionId=[A-Za-z0-9._-]*"
_SECRET_NAME = re.compile(r"(?i)secret|passw(or)?d|credential|signature|api_?key|private_?key|token$")
_NAMES = "secret|password|passwd|passphrase|pwd|token|signature|credential|api_?key|private_?key|access_?key"
_NAMES += "|account_?key|authorization"
_VALUE = r"""(?:\\?"[^"\n]*"|\\?'[^'\n]*'|[^\s&"';]+)"""
_ASSIGNMENT = re.compile(
    # From the start of a name only, and never back into it: the time grows with the text, not its square.
    rf"(?i)(?<![\w-])(?=[\w-]*?(?:{_NAMES}))([\w-]++\\?[\"']?[ \t]*=[ \t]*){_VALUE}"
)
_SIGNATURE = re.compile(r"(?<![\w-])(sig=)[^\s&\"']+")
_QUOTED_MEMBER = re.compile(
    rf"(?i)(?<![\w-])(?=[\w-]*?(?:{_NAMES}))([\w-]++(?:\\?[\"'][ \t]*:[ \t]*|:[ \t]*(?=\\?[\"']))){_VALUE}"
)
_PLAIN_MEMBER = re.compile(
    r"(?i)(?<![\w$.-])((?:password|passwd|passphrase|pwd|secret)[ \t]*:[ \t]*)"
    r"(?!(?:must|is|has|not|cannot|there|the|a|an|no)\b)[^\s\"']+"
)


def redact_text(text: str) -> str:
    """Return ``text`` without what looks like a credential. Text without any comes back as it is."""
    if ":/" in text:
        text = _URL.sub(_redact_url, text)
    if "=" in text:
        text = _ASSIGNMENT.sub(rf"\1{REDACTED}", text)
        text = _SIGNATURE.sub(rf"\1{REDACTED}", text)
    if ":" in text:
        text = _QUOTED_MEMBER.sub(rf"\1{REDACTED}", text)
        text = _PLAIN_MEMBER.sub(rf"\1{REDACTED}", text)
    return without_tokens(text)


def variable(name: str) -> str:
    """The name of an environment variable, as far as it is one: what follows may be its value."""
    start = re.match(_VARIABLE, name)
    shown = redact_text(start[0]) if start else ""
    return shown if start and start[0] == name else f"{shown}..."


def redact(document: Mapping[str, _T]) -> dict[str, object]:
    """Copy a request or an answer of AWS's, with every Environment value and credential replaced.

    Names (of members, of environment variables) stay; numbers, booleans and timestamps stay. Of what can be
    no variable's name its beginning stays. Redacting twice changes nothing more.
    """
    return _redact_object(document, 1)


def _redact_object(value: Mapping[str, _T], depth: int) -> dict[str, object]:
    redacted: dict[str, object] = {}
    for name, member in value.items():
        written = member_name(str(name))
        while written in redacted:
            written += "_"  # two names of which nothing may be shown are still two
        redacted[written] = _redact_member(str(name), member, depth)
    return redacted


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
        return _redact_object(value, depth + 1)
    items: list[object] = []
    for item in value:
        items.append(_redact_value(item, depth + 1))  # noqa: PERF401  (as above)
    return items


def _redact_url(match: re.Match[str]) -> str:
    user = f"{REDACTED}@" if match["user"] else ""
    query = match["query"] or ""
    if query and not re.fullmatch(_HARMLESS_QUERY, query):
        query = f"?{REDACTED}"
    return f"{match['scheme']}{user}{match['rest']}{query}"
