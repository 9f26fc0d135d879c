"""JSON paths such as ``$.Specification.Container`` or ``$[2]['odd name']``: made, shown and taken apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from icplan.documents.redact import variable
from icplan.documents.secrets import member_name

if TYPE_CHECKING:
    from collections.abc import Iterable

Step = str | int
JsonPath = tuple[Step, ...]

_MAX_SHOWN = 120

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]'"]+)
      | \[(?P<index>[0-9]{1,15})\]
      | \[(?P<quote>['"])(?P<quoted>(?:[^\\]|\\.)*?)(?P=quote)\]""",
    re.VERBOSE | re.DOTALL,
)


def join_path(steps: Iterable[Step]) -> str:
    """The JSON path of ``steps``; a name that is no plain word is quoted: ``$['odd name']``.

    What can be no environment variable's name is cut, since its value may be in it.
    """
    written, inside = "$", False
    for step in steps:
        if isinstance(step, str):
            step = variable(step) if inside else member_name(step)  # noqa: PLW2901
        written += _written(step)
        inside = step == "Environment"
    return written


def shown_path(steps: Iterable[Step]) -> str | None:
    """As `join_path`, printable, for a message; None for the whole document and for what is too long."""
    path = join_path(steps).encode("utf-8", "backslashreplace").decode()
    return path if len("$") < len(path) <= _MAX_SHOWN else None


def split_path(path: str) -> JsonPath:
    """The steps of a JSON path, as far as it can be understood: what follows an error in it is left out."""
    steps: list[Step] = []
    position = len("$") if path.startswith("$") else 0
    while match := _STEP.match(path, position):
        position = match.end()
        steps.append(_read(match))
    return tuple(steps)


def _written(step: Step) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN.fullmatch(step):
        return f".{step}"
    escaped = step.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


def _read(match: re.Match[str]) -> Step:
    if match["index"] is not None:
        return int(match["index"])
    if match["name"] is not None:
        return match["name"]
    return re.sub(r"\\(.)", r"\1", match["quoted"], flags=re.DOTALL)
