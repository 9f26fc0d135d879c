"""How a remedy is carried out, for a person: its risks, and the commands to paste."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from icplan.report.style import look, paragraph, printable
from icplan.verdict.command import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.verdict.command import Command
    from icplan.verdict.verdict import Remedy

_INDENT: Final = "     "
_LOOKS: Final = "DescribeInferenceComponent"
_PLAIN: Final = r"(?:'[^']*'|[^\s'])+"
_WORD: Final = re.compile(rf"--[a-z0-9-]+ (?!--){_PLAIN}|{_PLAIN}")
"""One word of a command, what is quoted included; an option and its value count as one."""


def command_lines(remedy: Remedy, asked: str | None = None, *, whole: bool = True) -> Iterator[str]:
    """The risks, and the commands in order; ``asked`` is the command line that the report answers.

    Unless ``whole`` no risk and no call to AWS is shown: the file that icplan writes has these.
    """
    if remedy.risks and whole:
        yield from paragraph("; ".join(remedy.risks), f"{_INDENT}risks: ", f"{_INDENT}  ")
    if remedy.number is not None and asked is not None:
        yield from shell_lines(f"{asked} --apply-remedy {remedy.number} --write {_file(remedy)}")
    waited = ""
    for number, command in enumerate(remedy.commands if whole else ()):
        if command.operation == _LOOKS and command.then:
            waited = command.then
            continue
        if waited:
            yield from paragraph(f"once {waited}:", f"{_INDENT}  ", f"{_INDENT}  ")
        if number == _place_of_the_change(remedy):
            yield from _change(command, remedy)
        else:
            yield from shell_lines(_line(command, remedy))
        waited = command.then or ""


def shell_lines(command: str, indent: str = _INDENT) -> Iterator[str]:
    """A command broken between its words as a shell takes it, so that it can be pasted whole."""
    line = f"{indent}$"
    for word in _WORD.findall(printable(command)):
        if len(line) + len(word) + len(" \\") >= look().width and line.strip() != "$":
            yield f"{line} \\"
            line = f"{indent}   "
        line += f" {word}"
    yield line


def _place_of_the_change(remedy: Remedy) -> int:
    """Which of the commands is the change itself: each call after it comes with a look before it."""
    return len(remedy.commands) - 1 - 2 * len(remedy.after)


def _change(command: Command, remedy: Remedy) -> Iterator[str]:
    """The change itself: as it was asked, or as the file has it."""
    patch = remedy.patch if remedy.target is Target.REQUEST else remedy.request_patch
    if not patch:
        yield f"{_INDENT}then the change as it was asked"
    elif _file(remedy) == "change.json":
        yield from shell_lines(_from_file(command, "change.json"))
    else:
        yield f"{_INDENT}then the change as the file has it"


def _file(remedy: Remedy) -> str:
    """What the file that --write makes is best called."""
    if remedy.before or remedy.after or (remedy.target is Target.ENDPOINT_CONFIG and remedy.request_patch):
        return "set.json"
    return "config.json" if remedy.target is Target.ENDPOINT_CONFIG else "change.json"


def _line(command: Command, remedy: Remedy) -> str:
    """The command; what makes a configuration reads the file that has it."""
    if command.operation == "CreateEndpointConfig" and _file(remedy) == "config.json":
        return _from_file(command, "config.json")
    return command.cli


def _from_file(command: Command, file: str) -> str:
    head, _, rest = command.cli.partition(" --")
    region = rest.rpartition("region ")[2] if "region " in rest else ""
    return f"{head} --cli-input-json file://{file}" + (f" --region {region}" if region else "")
