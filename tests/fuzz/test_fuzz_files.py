"""The corpus of the fuzzer, and mutations of it, without the fuzzer."""

from __future__ import annotations

import os
import random

import pytest
from fuzz_files import CORPUS, check

RUNS = 200 if os.environ.get("CI") else 100
_PIECES = (
    b"",
    b"\0",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b":",
    b"- ",
    b"\n",
    b"&a ",
    b"*a",
    b"null",
    b"-1",
    b"\xc3",
)


@pytest.mark.parametrize("number", range(len(CORPUS)))
def test_the_corpus_is_read_or_refused(number: int) -> None:
    """Each file that once failed, or reaches a corner, gives a value or InputError."""
    check(CORPUS[number])


@pytest.mark.slow
def test_mutations_of_the_corpus_are_read_or_refused() -> None:
    """Bytes cut, doubled, replaced and spliced: only InputError or a value, of bounded size."""
    chance = random.Random(7)  # noqa: S311  (no secret is made)
    for _ in range(RUNS):
        data = chance.choice(CORPUS)
        for _ in range(chance.randint(1, 4)):
            start = chance.randint(0, len(data))
            end = min(len(data), start + chance.choice((0, 1, 2, 8, 60)))
            other = chance.choice(CORPUS)
            piece = chance.choice((*_PIECES, data[start:end] * 2, other[: chance.randint(0, len(other))]))
            data = data[:start] + piece + data[end:]
        check(data)
