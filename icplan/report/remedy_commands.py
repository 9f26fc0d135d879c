"""How a remedy is carried out, for a person: the lines to change, or the commands to paste."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from icplan.report.style import glyphs, look, paragraph, printable
from icplan.report.words import edit_text
from icplan.verdict.command import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.verdict.command import Command
    from icplan.verdict.verdict import Remedy

_INDENT: Final = "     "
_LOOKS: Final = "DescribeInferenceComponent"
_PLAIN: Final = r"""(?:'[^']*'|"[^"]*"|[^\s'"])+"""
_WORD: Final = re.compile(rf"--[a-z0-9-]+ (?!--){_PLAIN}|{_PLAIN}")
"""One word of a command, what is quoted included; an option and its value count as one."""
_CHANGE: Final = "the change"


def edit_lines(remedy: Remedy) -> Iterator[str]:
    """The lines of the files that a remedy changes, each with its old value and the new one."""
    for edit in remedy.edits:
        yield from paragraph(edit_text(edit, glyphs().arrow), _INDENT, f"{_INDENT}  ")


def write_lines(remedy: Remedy, asked: str | None) -> Iterator[str]:
    """The command that writes what to send; ``asked`` is the command line that the report answers.

    None for a remedy that lines of files make: those are what is changed.
    """
    if remedy.number is not None and asked is not None and not remedy.edits:
        yield from shell_lines(f"{asked} --apply-remedy {remedy.number} --write {file_of(remedy)}")


def call_lines(
    remedy: Remedy, file: str | None = None, indent: str = _INDENT, place: int | None = None
) -> Iterator[str]:
    """The calls to AWS in order. What is written, or would be, is read from ``file``.

    ``place`` is that of the change among the calls of that file, where it holds several.
    """
    waited, change = "", _place_of_the_change(remedy)
    for number, command in enumerate(remedy.commands):
        if command.operation == _LOOKS and command.then:
            waited = command.then
            continue
        if waited:
            yield from paragraph(f"once {waited}:", f"{indent}  ", f"{indent}  ")
        if number == change:
            yield from _change(command, remedy, (file, place), indent)
        else:
            yield from shell_lines(_line(command, remedy, file), indent)
        waited = command.then or ""


def calls_in_short(remedy: Remedy) -> str:
    """The operations that carry it out, by name; the change itself where it is as it was asked."""
    change, told = _place_of_the_change(remedy), []
    for number, command in enumerate(remedy.commands):
        if command.operation.startswith("Describe"):
            continue  # to wait for what was called before
        asked = number == change and not _patch_of_request(remedy)
        told.append(_CHANGE if asked else command.operation)
    return "" if told == [_CHANGE] else ", ".join(told)


def shell_lines(command: str, indent: str = _INDENT) -> Iterator[str]:
    """A command broken between its words as a shell takes it, so that it can be pasted whole."""
    line = f"{indent}$"
    for word in _WORD.findall(printable(command)):
        if len(line) + len(word) + len(" \\") >= look().width and line.strip() != "$":
            yield f"{line} \\"
            line = f"{indent}   "
        line += f" {word}"
    yield line


def file_of(remedy: Remedy) -> str:
    """What the file that --write makes is best called."""
    if remedy.before or remedy.after or (remedy.target is Target.ENDPOINT_CONFIG and remedy.request_patch):
        return "set.json"
    return "config.json" if remedy.target is Target.ENDPOINT_CONFIG else "change.json"


def _patch_of_request(remedy: Remedy) -> object:
    return remedy.patch if remedy.target is Target.REQUEST else remedy.request_patch


def _place_of_the_change(remedy: Remedy) -> int:
    """Which of the commands is the change itself: each call after it comes with a look before it."""
    return len(remedy.commands) - 1 - 2 * len(remedy.after)


def _change(
    command: Command, remedy: Remedy, written: tuple[str | None, int | None], indent: str
) -> Iterator[str]:
    """The change itself: as it was asked, or as the file has it.

    The AWS CLI takes one request: of several calls that of the change is picked out, with jq.
    """
    file, place = written
    kind = file_of(remedy)
    if kind == "set.json" and file is not None and place is not None:
        picked = f"\"$(jq -c '.[{place}].Request' {shlex.quote(file)})\""
        yield from shell_lines(_from_file(command, picked), indent)
    elif not _patch_of_request(remedy) and file is None:
        yield f"{indent}then the change as it was asked"
    elif not _patch_of_request(remedy):
        yield from shell_lines(command.cli, indent)
    elif kind == "change.json":
        yield from shell_lines(_from_file(command, shlex.quote(f"file://{file or 'change.json'}")), indent)
    else:
        yield f"{indent}then the change as the file has it"


def _line(command: Command, remedy: Remedy, file: str | None) -> str:
    """The command; what makes a configuration reads the file that has it."""
    if command.operation == "CreateEndpointConfig" and file_of(remedy) == "config.json":
        return _from_file(command, shlex.quote(f"file://{file or 'config.json'}"))
    return command.cli


def _from_file(command: Command, given: str) -> str:
    head, _, rest = command.cli.partition(" --")
    region = rest.rpartition("region ")[2] if "region " in rest else ""
    return f"{head} --cli-input-json {given}" + (f" --region {region}" if region else "")
