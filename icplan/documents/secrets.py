"""What a credential looks like: by the form that its maker gave it, or by being as random as a key is.

Every pattern is read through once from the start of a word, never back into it: the time grows with the text.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from typing import Final

REDACTED: Final = "REDACTED"

_WORD = "[A-Za-z0-9_-]"
_TOKENS: Final = re.compile(
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16,}+"  # AWS: key ids
    r"|(?:IQoJ|FwoG|FQoG|AQoD|AQoE)[A-Za-z0-9/+=_%-]{40,}+"  # AWS: session tokens
    rf"|(?:gh[pousr]|github_pat)_{_WORD}{{16,}}+"
    rf"|(?:gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-|GR1348941){_WORD}{{16,}}+"
    rf"|x(?:ox[a-z]|app)-{_WORD}{{10,}}+|hooks\.slack\.com/[^\s\"'\\]++"
    rf"|(?:[srp]k_(?:live|test)|whsec)_{_WORD}{{10,}}+"  # Stripe
    rf"|AIza{_WORD}{{30,}}+|ya29\.{_WORD}{{16,}}+"  # Google
    rf"|(?:npm_|pypi-|hf_|api_org_|nvapi-|dckr_[po]at_|sk-){_WORD}{{16,}}+"
    rf"|SG\.{_WORD}{{16,}}+\.{_WORD}{{16,}}+"  # SendGrid
    # A JSON web token, wherever in a word it begins.
    rf"|(?<!{_WORD})(?={_WORD}*?\beyJ{_WORD}{{10}}){_WORD}++\.{_WORD}{{10,}}+\.{_WORD}*"
    # A PEM block, its newlines written out or not, whether it ends or was cut.
    r"|-----BEGIN[A-Z0-9 ]{0,40}-----(?:[A-Za-z0-9+/=:,\s-]|\\[nrt])*+"
)
_KEY: Final = re.compile(r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40,}+={0,2}+")
_SHORTEST: Final = 15
"""No token of those forms is shorter, and what HTTP's schemes send stands after a blank or a colon."""
_KEY_LENGTH: Final = 40
"""Characters of an AWS secret key."""
_RANDOM: Final = 4.3
"""Bits per character from which 40 characters of both cases are a key: names and paths have fewer."""
_LONG, _LONG_RANDOM = 80, 4.9

_SCHEME: Final = re.compile(r"(?i)\b(basic|bearer)([\s:]++)([A-Za-z0-9+/=._~-]++)")
_SURELY_PROSE: Final = 8
"""What follows `Bearer` is a word of prose when it is shorter than that, and of small letters alone."""

_MEMBER: Final = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
_MEMBER_DIGITS, _MEMBER_RANDOM = 3, 3.5


def without_tokens(text: str) -> str:
    """The text without what has the form of a credential, or is as random as a key."""
    if len(text) < _SHORTEST and ":" not in text and " " not in text and text.isprintable():
        return text
    text = _TOKENS.sub(REDACTED, text)
    text = _SCHEME.sub(_credentials, text)
    return _KEY.sub(_key, text)


def member_name(name: str) -> str:
    """The name of a member as it may be shown: one that is a credential itself is replaced."""
    shown = without_tokens(name)
    if _MEMBER.fullmatch(name) and sum(map(str.isdigit, name)) >= _MEMBER_DIGITS:
        return REDACTED if entropy(name) >= _MEMBER_RANDOM else shown
    return shown


def entropy(text: str) -> float:
    """Bits per character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def _key(match: re.Match[str]) -> str:
    text = match[0].rstrip("=")
    mixed = any(map(str.isupper, text)) and any(map(str.islower, text))
    if len(text) == _KEY_LENGTH and mixed and entropy(text) >= _RANDOM:
        return REDACTED
    if len(text) >= _LONG and mixed and entropy(text) >= _LONG_RANDOM:
        return REDACTED
    return _without_joined_keys(match[0])


def _without_joined_keys(text: str) -> str:
    """Without keys that a slash joins to a name: a key may hold slashes itself, and so seems to be longer."""
    starts = [0, *(match.end() for match in re.finditer("/", text))]
    ends = {*(start - 1 for start in starts[1:]), len(text), len(text.rstrip("="))}
    kept: list[str] = []
    done = 0
    for start in starts:
        end = start + _KEY_LENGTH
        if start >= done and end in ends and _is_key(text[start:end]):
            kept += text[done:start], REDACTED
            done = end
    return "".join((*kept, text[done:]))


def _is_key(text: str) -> bool:
    kinds = (str.isupper, str.islower, str.isdigit)
    return all(any(map(kind, text)) for kind in kinds) and entropy(text) >= _RANDOM


def _credentials(match: re.Match[str]) -> str:
    scheme, between, token = match.groups()
    if scheme == "Bearer" or not (token.isalpha() and token.islower() and len(token) < 2 * _SURELY_PROSE):
        if scheme.lower() == "basic" and not _is_basic(token):
            return match[0]
        return f"{scheme}{between}{REDACTED}"
    return match[0]


def _is_basic(token: str) -> bool:
    """Whether it is what HTTP's basic authentication sends: a name, a colon and a password in base 64.

    More may stand after it, as in an address that holds it.
    """
    coded = re.split("[.~]", token, maxsplit=1)[0].rstrip("=")
    try:
        return b":" in base64.b64decode(coded + "=" * (-len(coded) % 4), altchars="-_", validate=True)
    except binascii.Error:
        return False
