"""What the tests of hostile input share: an endpoint, a change, and the command rules of CI runners."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from support.endpoints import component, snapshot, update

from icplan.cli.main import main

if TYPE_CHECKING:
    from click.testing import Result

CASES = Path(__file__).parent / "cases"
GPU4 = "ml.g5.12xlarge"
TAKEN = "2026-11-20T02:11:08Z"
ENDPOINT = snapshot(GPU4, 3, component("chat", 3, 3), scaling=(1, 3), TakenAt=TAKEN)
CHANGE = update("chat", 1)
"""Does not fit: the room is there in total, but fragmented."""


def write(folder: Path, **documents: Any) -> None:
    """Write each document into the folder, under its name with ``.json`` (or as the text it is)."""
    for name, value in documents.items():
        (folder / f"{name}.json").write_text(value if isinstance(value, str) else json.dumps(value))


def run(*arguments: str, **extra: Any) -> Result:
    """Run the command line."""
    return CliRunner().invoke(main, list(arguments), **extra)


def check(*options: str, change: str = "change.json", taken: str = "snapshot.json") -> Result:
    """Check the change of this folder against its snapshot."""
    return run("check", change, "--snapshot", taken, *options)


def commands(text: str) -> list[str]:
    """The lines of an output that a CI runner would obey, by the rules of each runner.

    GitHub trims a line and takes ``::name ...::``, and the older ``##[name ...]`` anywhere; Azure takes
    ``##vso[...]`` anywhere, TeamCity ``##teamcity[...]``. Carriage returns end lines, too.
    """
    lines = re.split(r"\r\n|\r|\n|\u2028|\u2029|\x85|\x0b|\x0c", text)
    return [line for line in lines if _github(line) or re.search(r"(?i)##(\[|vso\[|teamcity\[)", line)]


def _github(line: str) -> bool:
    return re.match(r"[\s\x1b\[0-9;m]*::[^:]*::", line) is not None
