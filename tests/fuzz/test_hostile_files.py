"""Hostile files at every door of the command line: one clear line, in bounded memory, and never a hang."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.endpoints import component, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

MEMORY = 1 << 30
ENDPOINT = snapshot("ml.g5.12xlarge", 1, component("a", 1, 1))
SECONDS = 120
"""Far more than any of these takes: a run that reaches it hangs."""

_RUN = """
import encodings.utf_8_sig, importlib, json, os, pkgutil, resource, sys
import icplan
from icplan.cli.main import main
if sys.argv[2] == "unreadable" and os.geteuid() == 0:
    # To root nothing is unreadable; to who is not, perhaps the folder of the program is: it is loaded before.
    import csv, difflib, tomllib, zipfile
    for module in pkgutil.walk_packages(icplan.__path__, "icplan."):
        if not module.name.startswith(("icplan.__main__", "icplan.testing")):
            importlib.import_module(module.name)
    os.seteuid(65534)
else:
    import icplan.api.check, icplan.cli.check_run, icplan.cli.baseline, icplan.judge.config
    import icplan.cli.file_selection, icplan.inputs.formats, icplan.judge.change_set
    import icplan.report.text, icplan.snapshot
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
for arguments in json.loads(sys.argv[3]):
    try:
        main(["check", *arguments])
    except SystemExit as end:
        print(end.code, flush=True)
"""
UPDATE = '{"InferenceComponentName": "a", "RuntimeConfig": {"CopyCount": %s}}'
BOMB = "\n".join(
    ["l0: &l0 [x, x]"] + [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 30)]
)


def a_circle(path: Path) -> None:
    path.symlink_to(path.name)


def a_dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


def unreadable(path: Path) -> None:
    path.write_text("{}")
    path.chmod(0)


def holds(data: str | bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data.encode() if isinstance(data, str) else data)

    return write


NODES: list[tuple[Callable[[Path], None], str]] = [
    (a_circle, "cannot be read: Too many levels of symbolic links"),
    (a_dangling_link, "there is no such file"),
    (unreadable, "cannot be read: Permission denied"),
    (holds("{}".encode("utf-16")), "is not UTF-8 text: it looks like UTF-16"),
    (holds(b'{"a": "\xe9"}'), ":1:8: is not UTF-8 text"),
    (holds(b"\0\1\2"), "is not text"),
]
DOCUMENTS: list[tuple[str, str, str]] = [
    ("json", "[" * 100_000, "nested deeper than 64 levels"),
    ("json", '{"a":' * 100_000, "nested deeper than 64 levels"),
    ("json", UPDATE % ("9" * 5000), "an integer of 5000 characters is too long"),
    ("json", UPDATE % "1e999", "the number is too large"),
    ("json", UPDATE % "NaN", "NaN is not a JSON number"),
    ("json", UPDATE % '1, "CopyCount": 2', "is given twice"),
    ("json", UPDATE % '"\\ud800"', "holds half of a surrogate pair"),
    ("json", "[" + "1," * 750_000 + "1]", "holds more than 750,000 values"),
    ("yaml", "- 1\n" * 300_000, "is larger than 1 MiB of YAML"),
    ("yaml", BOMB, "holds more than 500,000 values"),
    ("yaml", "a: &a [" + "x" * 900_000 + "]\nb: [" + "*a, " * 1000 + "]", "aliases written out"),
    ("yaml", "[" * 100_000, "nested deeper than 64 levels"),
    ("yaml", UPDATE % ("9" * 5000), "an integer of 5000 characters is too long"),
    ("yaml", UPDATE % ".nan", "not a finite number"),
    ("yaml", "RuntimeConfig: {CopyCount: 1, CopyCount: 2}", "is given twice"),
    ("yaml", "a: !!python/object/apply:os.system [exit]", "is not taken"),
]
SETTINGS: list[tuple[str, str]] = [
    ("a = " + "[" * 100_000, "nested too deeply"),
    ("time-limit = " + "9" * 5000, "too many digits"),
    ("time-limit = nan", "time-limit"),
    ("time-limit = 1\ntime-limit = 2", "is not valid TOML"),
]


def refused(path: Path, said: str, *doors: list[str], kind: str = "") -> None:
    """Through each door the program ends with 2, and with one line that names the file and the fault."""
    command = [sys.executable, "-c", _RUN, str(MEMORY), kind, json.dumps(doors)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS)
    assert done.stdout.split() == ["2"] * len(doors), done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == len(doors)
    for line in lines:
        assert line.startswith(f"icplan: {path}")
        assert said in line


@pytest.fixture(name="folder")
def _folder() -> Iterator[Path]:
    """A folder where anybody may read, as pytest's own are not."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder


def a_change(folder: Path) -> str:
    """The path of a sound change."""
    sound = folder / "sound.json"
    sound.write_text(UPDATE % 1)
    return str(sound)


@pytest.mark.parametrize(("made", "said"), NODES)
def test_what_cannot_be_opened_or_decoded(folder: Path, made: Callable[[Path], None], said: str) -> None:
    """Links that lead nowhere, files one may not read, and bytes that are no text."""
    path, sound = folder / "hostile.json", a_change(folder)
    made(path)
    as_change, as_snapshot = [str(path), "--snapshot", sound], [sound, "--snapshot", str(path)]
    as_settings = [sound, "--snapshot", sound, "--config", str(path)]
    refused(path, said, as_change, as_snapshot, as_settings, kind=made.__name__)


@pytest.mark.parametrize(("syntax", "text", "said"), DOCUMENTS, ids=[said for _, _, said in DOCUMENTS])
def test_documents_that_would_exhaust_or_mislead(folder: Path, syntax: str, text: str, said: str) -> None:
    """Bombs, deep nesting, numbers without end or meaning, and names given twice."""
    path, sound = folder / f"hostile.{syntax}", a_change(folder)
    path.write_text(text)
    refused(path, said, [str(path), "--snapshot", sound], [sound, "--snapshot", str(path)])


@pytest.mark.parametrize(
    "text",
    [
        UPDATE % ("1, " + ", ".join(f'"x{n}": 1' for n in range(100_000))),
        '{"InferenceComponentName": "a", "Specifications": [' + ", ".join(["{}"] * 100_000) + "]}",
    ],
)
def test_faults_without_number_make_a_short_report(folder: Path, text: str) -> None:
    """Not a line for each of a hundred thousand."""
    path, taken, sound = folder / "hostile.json", folder / "taken.json", a_change(folder)
    path.write_text(text)
    taken.write_text(json.dumps(ENDPOINT))
    doors = [[str(path), "--snapshot", str(taken)], [sound, "--snapshot", str(taken)]]
    command = [sys.executable, "-c", _RUN, str(2 * MEMORY), "", json.dumps(doors)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS)
    assert done.stdout.startswith("INVALID"), done.stderr
    assert len(done.stdout) < 1 << 20
    assert done.stdout.endswith("\n0\n")


@pytest.mark.parametrize(("text", "said"), SETTINGS)
def test_settings_that_would_exhaust_or_mislead(folder: Path, text: str, said: str) -> None:
    """The same of the configuration, which is TOML."""
    path, sound = folder / "hostile.toml", a_change(folder)
    path.write_text(text)
    refused(path, said, [sound, "--snapshot", sound, "--config", str(path)])
