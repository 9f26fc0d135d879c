"""The one door out: nothing is printed or written that did not go through here.

Credentials are taken out, and what could be a command to whatever reads it is made plain text: control and
bidirectional characters (to a terminal), and the workflow commands of CI runners (to a pipeline).
"""

from __future__ import annotations

import io
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NewType

from icplan.documents.redact import redact_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from xml.etree import ElementTree as ET

SafeText = NewType("SafeText", str)
"""Text that went through the door."""

_COLOUR: Final = r"\x1b\[[0-9;]{0,16}m"
# GitHub: a line that begins so after blanks, and the old form anywhere. Azure and TeamCity: anywhere.
_PART: Final = 1 << 16
"""Characters that are written out at once."""
_LINE_COMMAND: Final = re.compile(r"(?m)^((?:\s|\x1b\[[0-9;]{0,16}m)*+):(?=:)")
_COMMAND: Final = re.compile(r"(?i)##(?=\[|vso\[|teamcity\[)")


def safe_text(text: str) -> SafeText:
    """A text of lines. Colours stay in it: who prints it takes them out where they are not wanted."""
    return SafeText(_LINE_COMMAND.sub(r"\1: ", _COMMAND.sub("# #", plain_lines(redact_text(text)))))


def safe_json(value: Any) -> SafeText:
    """A value as indented JSON (ASCII), with the same done to each text in it."""
    text = json.dumps(without_secrets(value), indent=2, allow_nan=False)
    return SafeText(_COMMAND.sub(r"#\\u0023", text) + "\n")


def request_json(value: Any) -> SafeText:
    """A request of the user's own as indented JSON (ASCII), to be sent: nothing in it may be another value.

    It goes into the file that the command line names for it, and nowhere else.
    """
    return SafeText(json.dumps(value, indent=2, allow_nan=False) + "\n")


def request_text(text: str) -> SafeText:
    """Such requests in another syntax, into a file that the command line names."""
    return SafeText(text)


def safe_csv(rows: Iterable[Sequence[object]]) -> SafeText:
    """Rows as RFC 4180 has them; what a spreadsheet would take for a formula begins with an apostrophe."""
    import csv  # noqa: PLC0415  (few reports are rows)

    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return safe_text(written.getvalue())


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    line = " ".join(_colourless(value).split())
    return f"'{line}" if line[:1] in ("=", "+", "-", "@") else line


def safe_xml(root: ET.Element) -> SafeText:
    """An XML document, with the same done to each text and attribute in it. ``root`` is changed."""
    from xml.etree import ElementTree as ET  # noqa: PLC0415  (few reports are XML)

    for element in root.iter():
        element.attrib = {name: safe_text(_colourless(value)) for name, value in element.attrib.items()}
        element.text = None if element.text is None else safe_text(_colourless(element.text))
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return SafeText(f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n".replace("'", '"', 4))


def workflow_command(name: str, properties: Mapping[str, str], message: str) -> SafeText:
    """A command to GitHub's runner, its values escaped as the runner's own toolkit does.

    No value can end the command or begin another: what could is escaped, a line end included.
    """
    told = ",".join(f"{key}={_escaped_property(value)}" for key, value in properties.items())
    return SafeText(f"::{name} {told}::{_escaped(message)}")


def _colourless(value: str) -> str:
    """A value of which nothing but its line ends is more than a character to read."""
    return _written_out(redact_text(value))


def _escaped(value: str) -> str:
    plain = _COMMAND.sub("# #", _colourless(value))
    return plain.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(value: str) -> str:
    return _escaped(value).replace(":", "%3A").replace(",", "%2C")


def safe_html(text: str) -> SafeText:
    """An HTML document whose texts were escaped, without credentials, as they were put in."""
    return SafeText(_LINE_COMMAND.sub(r"\1: ", _COMMAND.sub("# #", plain_lines(text))))


def safe_markdown(text: str) -> SafeText:
    """A Markdown document whose parts went through `markdown_text` or `markdown_code`."""
    return safe_text(text)


# What makes emphasis, code, links, HTML, tables, headings and strikes in CommonMark and GitHub's own.
_MARKUP: Final = r"[\\`*_\[\]<>|~]"
# What hosts make links and notices of: names, numbers of issues, labels, formulas, addresses.
_REFERENCE: Final = r"[@#&$]|(?<=[A-Za-z]):(?=//)|(?<=[Ww]{3})\.|!(?=[\d\[])|%(?=\S)"


def markdown_text(text: str) -> str:
    """A value as Markdown that shows it and does nothing: no link, no HTML, nobody is called."""
    plain = " ".join(_colourless(text).split())
    entities = re.sub(_REFERENCE, lambda found: f"&#{ord(found[0])};", plain)
    return re.sub(_MARKUP, lambda found: f"\\{found[0]}", entities)


def markdown_code(text: str) -> str:
    """A value as code, in a table too. A backtick would end it, and is written as an apostrophe."""
    plain = " ".join(_colourless(text).split()).replace("`", "'").replace("|", "\\|")
    return f"`{plain}`" if plain else ""


def plain_lines(text: str) -> str:
    """The text with every control and format character but line ends and colours written out."""
    if all(line.isprintable() for line in text.split("\n")):
        return text
    kept = 0
    parts: list[str] = []
    for colour in re.finditer(_COLOUR, text):
        parts += _written_out(text[kept : colour.start()]), colour[0]
        kept = colour.end()
    return "".join((*parts, _written_out(text[kept:])))


def _written_out(text: str) -> str:
    """A part at a time: what stands for each character is many times as large as the text."""
    if len(text) > _PART:
        return "".join(_written_out(text[at : at + _PART]) for at in range(0, len(text), _PART))
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
