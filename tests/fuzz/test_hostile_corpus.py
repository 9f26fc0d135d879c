"""A hostile corpus at every reader: one clear end for each input, and counts of how they ended.

``ICPLAN_CORPUS=20000`` runs so many inputs over all readers; a few hundred by default.
"""

from __future__ import annotations

import copy
import json
import os
import random
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support.endpoints import component, scale, snapshot, update

from icplan.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

GPU4 = "ml.g5.12xlarge"
INPUTS = int(os.environ.get("ICPLAN_CORPUS", "250"))
SECRET = "ghp_" + "a1B2c3D4" * 5
WORDS = [
    "",
    "chat",
    GPU4,
    SECRET,
    "::error::x",
    "##[x]",
    "\x1b[2J",
    "\u202e",
    "a" * 5000,
    "$",
    "-",
    "../x",
    "\0",
]
NUMBERS = [0, -1, 1, 3, 10**6, 2**31 - 1, 2**31, 10**29, 1e308, 0.1, -0.0]
ODD: list[Any] = [None, True, [], {}, [[]], {"": ""}, {SECRET: SECRET}]
TAKEN = snapshot(GPU4, 3, component("chat", 3, 3), scaling=(1, 3), TakenAt="2026-11-20T02:11:08Z")
SETTINGS = f"""fail-on = ["rollback"]
time-limit = 5
allocatable = ["{GPU4}.memory=100000..150000"]
observations = ["seen.json"]
[types."ml.new.xlarge"]
vcpu = 4
memory_mib = 16384
[assume]
update-without-deployment-config = "one-by-one"
[ignore]
ICP505 = "reserved"
"""
SEEN = {
    "IcplanObservations": 1,
    "Observations": [{"InstanceType": GPU4, "Outcome": "placed", "MemoryMib": 100_000}],
}


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every member and item, as its holder and its key."""
    found: list[tuple[Any, Any]] = []
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        found.append((value, key))
        if isinstance(part, dict | list):
            found += places(part)
    return found


def mutated(document: Any, chance: random.Random) -> str:
    """The document with a few things wrong in it, as values or as text."""
    document = json.loads(json.dumps(document))
    for _ in range(chance.randint(1, 4)):
        if not (found := places(document)):
            break
        holder, key = chance.choice(found)
        what = chance.randrange(5)
        if what == 0:
            del holder[key]
        elif what == 1 and isinstance(holder, dict):
            holder[chance.choice(WORDS)] = holder.pop(key)
        elif what == 2 and isinstance(holder, list):
            holder += [copy.deepcopy(holder[key]) for _ in range(chance.choice([1, 50]))]
        else:
            holder[key] = copy.deepcopy(chance.choice([*WORDS, *NUMBERS, *ODD]))
    return garbled(json.dumps(document), chance)


def garbled(text: str, chance: random.Random) -> str:
    """Now and then the text itself is broken."""
    if chance.random() < 0.7:
        return text
    at = chance.randrange(len(text) + 1)
    more = chance.choice([*WORDS, "[" * 200, '"', "\\ud800", "1e999", "&a *a", "!!x ", "}", "\n\n- "])
    return text[:at] + more + text[at + chance.choice([0, 1, 20]) :]


READERS = ("change.json", "change.yaml", "snapshot.json", "icplan.toml", "seen.json", "verdict.json")


@pytest.mark.parametrize("reader", READERS)
def test_every_input_has_a_clear_end(
    reader: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    """No traceback, no internal error, no exit code but four, no secret, no control character, no hang."""
    monkeypatch.chdir(tmp_path)
    chance = random.Random(f"icplan {reader}")  # noqa: S311  (the same corpus each time)
    good = {
        "change.json": json.dumps(update("chat", 1)),
        "change.yaml": json.dumps(update("chat", 1)),
        "snapshot.json": json.dumps(TAKEN),
        "seen.json": json.dumps(SEEN),
    }
    for name, text in good.items():
        Path(name).write_text(text)
    base = ["check", "change.json", "--snapshot", "snapshot.json", "--format", "json"]
    verdict = json.loads(CliRunner().invoke(main, base).stdout)
    ends: Counter[str] = Counter()
    for number in range(INPUTS // len(READERS)):
        documents = {"snapshot.json": TAKEN, "seen.json": SEEN, "verdict.json": verdict}
        change = chance.choice([update("chat", 1), scale("chat", 4), [scale("chat", 2), scale("chat", 4)]])
        text = (
            garbled(SETTINGS.replace("limit = 5", f"limit = {chance.choice([5, *NUMBERS])}"), chance)
            if reader == "icplan.toml"
            else mutated(documents.get(reader, change), chance)
        )
        Path(reader).write_text(text, errors="surrogatepass")
        if reader == "seen.json":
            Path("icplan.toml").write_text('observations = ["seen.json"]\n')
        arguments = ["verify", reader] if reader == "verdict.json" else [*base, "--time-limit", "5"]
        arguments[1] = reader if reader.startswith("change") else arguments[1]
        result = CliRunner().invoke(main, arguments)
        ends[f"exit {result.exit_code}"] += 1
        wrong = (
            result.exit_code not in (0, 1, 2, 3)
            or "Traceback" in result.output
            or "internal error" in result.output
            or SECRET in result.output
            or not all(c.isprintable() for line in result.output.split("\n") for c in line)
            or re.search(r"(?m)^\s*::|##\[", result.output)
        )
        assert not wrong, (number, text, result.output, result.exception)
    record_property(
        "counts", f"hostile corpus, {reader}: {sum(ends.values())} inputs, {dict(sorted(ends.items()))}"
    )
