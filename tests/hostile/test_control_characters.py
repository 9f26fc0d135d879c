"""No command prints a control character, whatever the files hold: none can move a terminal's cursor."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from support.endpoints import component, create, scale, snapshot

from icplan.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TAKEN = "2026-11-20T02:11:08Z"

evil = st.tuples(
    st.sampled_from(("", "x", "ml.")),
    st.sampled_from("\x1b\n\r\x08\x07\x7f\x9b\u2028\u202e\u200b"),
    st.sampled_from(("[31m", "]0;title\x07", "FAKE: line", "")),
).map("".join)


@pytest.fixture(autouse=True)
def _without_colours_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click, "style", lambda text, **_: text)


def said(files: dict[str, Any], *arguments: str) -> str:
    """All that a command says, where it runs in a folder with these files."""
    with TemporaryDirectory() as folder:
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (Path(folder) / name).write_text(text)
        placed = [str(Path(folder) / a) if a in files else a for a in arguments]
        result = CliRunner().invoke(main, placed, color=True)
    assert result.output
    return result.output


def is_plain(text: str) -> bool:
    return all(c.isprintable() for line in text.split("\n") for c in line) and "\nFAKE" not in text


@given(evil)
def test_the_catalog(text: str) -> None:
    """Neither the name of an accelerator nor where something was seen."""
    fields = {"vcpu": 48, "memory_mib": 196608, "accelerators": 4, "accelerator_name": text}
    table = "\n".join(f"{name} = {json.dumps(value)}" for name, value in fields.items())
    seen = {"InstanceType": "ml.g5.12xlarge", "Outcome": "placed", "MemoryMib": 9, "Source": text}
    files = {
        "seen.json": {"IcplanObservations": 1, "Observations": [seen]},
        "icplan.toml": f'observations = ["seen.json"]\n[types."ml.g5.12xlarge"]\n{table}\n'.replace(
            "\x7f", "\\u007f"
        ),
    }
    assert is_plain(said(files, "catalog", "ml.g5.12xlarge", "--config", "icplan.toml"))
    assert is_plain(said(files, "catalog", "--config", "icplan.toml"))


def places(value: Any) -> Iterator[Callable[[str], None]]:
    """What puts a text into each place of a document that holds one."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(part, str):
            yield lambda text, key=key: value.__setitem__(key, text)  # type: ignore[misc]
        elif isinstance(part, dict | list):
            yield from places(part)


@pytest.mark.slow
@settings(max_examples=50)
@given(evil, st.data())
def test_a_check(text: str, data: st.DataObject) -> None:
    """No text of a snapshot or a change; and none of a verdict that is verified."""
    endpoint = snapshot(
        "ml.g5.12xlarge", 2, component("ic", 2, 3), scaling=(1, 3), TakenAt=TAKEN, Notes=["a note"]
    )
    change: dict[str, Any] = data.draw(st.sampled_from((scale("ic", 4), create("new", 1, 1, 100_000))))
    files = {"change.json": change, "snapshot.json": endpoint}
    data.draw(st.sampled_from([*places(endpoint), *places(change)]))(text)
    arguments = ("check", "change.json", "--snapshot", "snapshot.json")
    assert is_plain(said(files, *arguments))
    assert is_plain(said(files, *arguments, "--format", "json"))


@given(evil, st.data())
def test_verify(text: str, data: st.DataObject) -> None:
    """No text of a verdict."""
    endpoint = snapshot("ml.g5.12xlarge", 2, component("ic", 2, 3), scaling=(1, 3))
    files = {"change.json": scale("ic", 4), "snapshot.json": endpoint}
    report = said(files, "check", "change.json", "--snapshot", "snapshot.json", "--format", "json")
    verdict = json.loads(report)
    data.draw(st.sampled_from([*places(verdict)]))(text)
    assert is_plain(said({"verdict.json": verdict}, "verify", "verdict.json"))


@pytest.mark.parametrize("command", ["explain", "catalog", "check", "verify", "none"])
@given(text=evil)
def test_an_argument(command: str, text: str) -> None:
    """Nor one of the command line itself."""
    rest = () if command == "none" else (text,)
    name = text if command == "none" else command
    assert is_plain(said({}, name, *rest))
