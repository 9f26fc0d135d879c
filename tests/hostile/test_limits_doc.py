"""docs/limits.md has each limit of a reader, and the number that is in force."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

import icplan

PAGE = (Path(__file__).parents[2] / "docs" / "limits.md").read_text()
ROWS = re.findall(r"^\| .+? \| (\S+)(?: (MiB|KiB))? \| `([\w.]+)` \|", PAGE, re.MULTILINE)
UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20}
READERS = ("documents", "inputs", "catalog", "snapshot")


@pytest.mark.parametrize(("number", "unit", "name"), ROWS, ids=[name for _, _, name in ROWS])
def test_each_row_has_the_number_in_force(number: str, unit: str, name: str) -> None:
    """As the code has it."""
    module, _, constant = name.rpartition(".")
    found = getattr(importlib.import_module(f"icplan.{module}"), constant)
    assert found == int(number.replace(",", "")) * UNITS[unit]


def limits_of(path: Path) -> list[str]:
    """The names of the limits that a module defines."""
    found: list[ast.expr] = []
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign):
            found += node.targets
        elif isinstance(node, ast.AnnAssign):
            found.append(node.target)
    names = [part.id for one in found for part in ast.walk(one) if isinstance(part, ast.Name)]
    return [name for name in names if re.match(r"_?MAX_", name)]


def test_each_limit_of_a_reader_has_a_row() -> None:
    """Whichever room it is in."""
    package = Path(icplan.__file__).parent
    named = {name for _, _, name in ROWS}
    assert len(ROWS) > 30
    there = {
        ".".join((*path.relative_to(package).with_suffix("").parts, name))
        for room in READERS
        for path in (package / room).rglob("*.py")
        for name in limits_of(path)
    }
    assert there - named == set()
