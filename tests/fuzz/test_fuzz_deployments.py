"""The seeds of the fuzzer of deployments, and mutations of them, without the fuzzer."""

from __future__ import annotations

import os
import random

import pytest
from fuzz_deployments import SEEDS, deployment, seeds

RUNS = 150 if os.environ.get("CI") else 20


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A few bytes altered, left out, doubled, or a stretch of another place put in."""
    result = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(result) + 1)
        far = chance.randrange(len(result) + 1)
        how = chance.randrange(4)
        if how == 0:
            result[at : at + 1] = bytes([chance.randrange(256)])
        elif how == 1:
            del result[at : at + chance.randint(1, 40)]
        elif how == 2:
            result[at:at] = result[far : far + chance.randint(1, 80)]
        else:
            result[at : at + 1] = chance.choice([b"{", b"}", b"[", b"!Ref ", b"null", b"1e9", b'"', b"\n  "])
    return bytes(result)


@pytest.mark.slow
@pytest.mark.parametrize("name", SEEDS)
def test_a_reader_gives_a_deployment_or_says_what_is_wrong(name: str) -> None:
    chance = random.Random(name)  # noqa: S311  (a test's)
    found = seeds(name)
    assert found
    for data in found:
        deployment(data)
    for _ in range(RUNS):
        deployment(mutated(chance.choice(found), chance))
