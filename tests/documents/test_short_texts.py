"""A short text that is not searched for credentials has none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from icplan.documents import secrets

PARTS = (
    "xoxb-",
    "xapp-",
    "-----BEGIN",
    "-----",
    "sk-",
    "SG.",
    "eyJ",
    "hooks.slack.com/",
    "basic",
    "Bearer",
    "AKIA",
)


@given(st.lists(st.sampled_from(PARTS) | st.text("ab1./:_- \t\n\u00a0", max_size=6), max_size=4).map("".join))
def test_what_is_passed_over_would_not_be_replaced(text: str) -> None:
    short = text[:14]
    passed_over = ":" not in short and " " not in short and short.isprintable()
    found = [p.search(short) for p in (secrets._TOKENS, secrets._SCHEME, secrets._KEY)]
    assert not passed_over or found == [None] * 3
    assert not passed_over or secrets.without_tokens(short) == short


def test_what_is_as_short_as_a_token_may_be_is_searched() -> None:
    assert secrets.without_tokens("xoxb-abcdefghij") == secrets.REDACTED
    assert secrets.without_tokens("bearer:abc1") == f"bearer:{secrets.REDACTED}"
    assert secrets.without_tokens("Basic\tdXNlcjpwYXNz") == f"Basic\t{secrets.REDACTED}"
