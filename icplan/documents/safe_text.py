"""The one door out: nothing is printed or written that did not go through here.

Credentials are taken out, and what could be a command to whatever reads it is made plain text: control and
bidirectional characters (to a terminal), and the workflow commands of CI runners (to a pipeline).
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, Final, NewType

from icplan.documents.redact import redact_text

SafeText = NewType("SafeText", str)
"""Text that went through the door."""

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]{0,16}m")
# GitHub: a line that begins so after blanks, and the old form anywhere. Azure and TeamCity: anywhere.
_LINE_COMMAND: Final = re.compile(r"(?m)^((?:\s|\x1b\[[0-9;]{0,16}m)*+):(?=:)")
_COMMAND: Final = re.compile(r"(?i)##(?=\[|vso\[|teamcity\[)")


def safe_text(text: str) -> SafeText:
    """A text of lines. Colours stay in it: who prints it takes them out where they are not wanted."""
    return SafeText(_LINE_COMMAND.sub(r"\1: ", _COMMAND.sub("# #", plain_lines(redact_text(text)))))


def safe_json(value: Any) -> SafeText:
    """A value as indented JSON (ASCII), with the same done to each text in it."""
    text = json.dumps(without_secrets(value), indent=2, allow_nan=False)
    return SafeText(_COMMAND.sub(r"#\\u0023", text) + "\n")


def plain_lines(text: str) -> str:
    """The text with every control and format character but line ends and colours written out."""
    if all(line.isprintable() for line in text.split("\n")):
        return text
    kept = 0
    parts: list[str] = []
    for colour in _COLOUR.finditer(text):
        parts += _written_out(text[kept : colour.start()]), colour[0]
        kept = colour.end()
    return "".join((*parts, _written_out(text[kept:])))


def _written_out(text: str) -> str:
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape", "surrogatepass").decode()
        for c in text
    )


def without_secrets(value: Any) -> Any:
    """A copy of plain data without credentials, and without the values of any Environment."""
    if isinstance(value, str):
        return _redacted(value)
    if isinstance(value, dict):
        copy: dict[str, Any] = {}
        for name, member in value.items():
            hidden = name == "Environment" and isinstance(member, dict)
            copy[_unused(_redacted(str(name)), copy)] = (
                dict.fromkeys(map(_redacted, member), "REDACTED") if hidden else without_secrets(member)
            )
        return copy
    if isinstance(value, list | tuple):
        return [without_secrets(item) for item in value]
    return value


def _unused(name: str, there: dict[str, Any]) -> str:
    while name in there:
        name += "_"
    return name


@lru_cache(4096)
def _redacted(text: str) -> str:
    return redact_text(text)
