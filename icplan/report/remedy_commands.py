"""How a remedy is carried out, for a person: the lines to change, or the commands to paste."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, TypeAlias

from icplan.remedies.commands import REQUEST_FILE
from icplan.report.style import glyphs, look, paragraph, printable
from icplan.report.words import edit_text
from icplan.values import frozen
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.verdict.remedy import Remedy
    from icplan.verdict.remedy_steps import Command

_INDENT: Final = "     "
_LOOKS: Final = "DescribeInferenceComponent"
_PLAIN: Final = r"""(?:'[^']*'|"[^"]*"|[^\s'"])+"""
_WORD: Final = re.compile(rf"--[a-z0-9-]+ (?!--){_PLAIN}|{_PLAIN}")
"""One word of a command, what is quoted included; an option and its value count as one."""
_CHANGE: Final = "the change"
_DEPLOYING: Final = ("CreateEndpointConfig", "UpdateEndpoint")
"""The calls that give an endpoint another configuration."""
_OPTIONS: Final = {
    ".json": "cli-input-json",
    ".yaml": "cli-input-yaml",
    ".yml": "cli-input-yaml",
}
"""How the AWS CLI takes a whole request out of a file, by how its name ends (YAML: its version 2)."""

Source: TypeAlias = "tuple[str | None, str | None]"
"""The file that a change was read in, and its JSON path there."""


@frozen
class Written:
    """The file of a remedy: its name, and the change's place among its calls, as far as that is known."""

    name: str
    place: int | None


def edit_lines(remedy: Remedy) -> Iterator[str]:
    """The lines of the files that a remedy changes, each with its old value and the new one."""
    for edit in remedy.edits:
        yield from paragraph(edit_text(edit, glyphs().arrow), _INDENT, f"{_INDENT}  ")


def write_lines(remedy: Remedy, asked: str | None) -> Iterator[str]:
    """The command that writes what to send; ``asked`` is the command line that the report answers.

    None for a remedy that lines of files make, those are what is changed, nor for one that only waits for
    something or for a quota: the change is sent as it was asked.
    """
    writes = remedy.patch or remedy.request_patch or remedy.before or remedy.after
    if remedy.number is not None and asked is not None and writes and not remedy.edits:
        yield from shell_lines(f"{asked} --apply-remedy {remedy.number} --write {_proposed(remedy, asked)}")


def call_lines(
    remedy: Remedy,
    file: str | None = None,
    indent: str = _INDENT,
    place: int | None = None,
    asked: str | None = None,
    source: Source = (None, None),
) -> Iterator[str]:
    """The calls to AWS in order. What is written is read from ``file``, or where ``asked`` would write it.

    ``place`` is that of the change among the calls of that file, where it holds several; ``source`` is where
    the change was read.
    """
    waited, change, name = "", _place_of_the_change(remedy), file or _proposed(remedy, asked)
    looks = remedy.target is Target.WAIT or remedy.once_at_rest  # for what is under way before any call
    for number, command in enumerate(remedy.commands):
        if command.operation == _LOOKS and command.then:
            waited = command.then
            if looks:
                yield from shell_lines(command.cli, indent)
            continue
        looks = False
        if waited:
            yield from paragraph(f"once {waited}:", f"{indent}  ", f"{indent}  ")
        if number == change:
            yield from _change(command, remedy, Written(name, place), source, indent)
        else:
            yield from shell_lines(_line(command, remedy, name), indent)
        if command.operation == "CreateEndpointConfig" and _configures_in_the_set(remedy):
            yield f"{indent}  then what the set has between, as it was asked:"
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
    if _configures_in_the_set(remedy):
        return "set.json"
    return "config.json" if remedy.target is Target.ENDPOINT_CONFIG else "change.json"


def _configures_in_the_set(remedy: Remedy) -> bool:
    """Whether a call of the set makes the configuration, and what is written is the whole set."""
    called = [command.operation for command in remedy.commands]
    return "CreateEndpointConfig" in called and "UpdateEndpoint" not in called


def _proposed(remedy: Remedy, asked: str | None) -> str:
    """The same, and no file that the command line ``asked`` of: that is not written over."""
    name = file_of(remedy)
    given = {PurePath(word).name for word in shlex.split(asked or "")}
    return f"fixed-{name}" if name in given else name


def place_alone(remedy: Remedy, asked: str | None) -> int | None:
    """The place of a change that is asked alone among the calls that --write writes, if it is changed."""
    if asked is None or not _patch_of_request(remedy):
        return None
    deploys = remedy.target is Target.ENDPOINT_CONFIG
    return len(remedy.before) + (len(_DEPLOYING) if deploys else 0)


def _patch_of_request(remedy: Remedy) -> object:
    return remedy.patch if remedy.target is Target.REQUEST else remedy.request_patch


def _place_of_the_change(remedy: Remedy) -> int:
    """Which of the commands is the change itself: each call after it comes with a look before it."""
    return len(remedy.commands) - 1 - 2 * len(remedy.after)


def _change(command: Command, remedy: Remedy, written: Written, source: Source, indent: str) -> Iterator[str]:
    """The change itself: as it was asked, or as the file that is written has it.

    The AWS CLI takes one request: of several calls that of the change is picked out, with jq.
    """
    kind = file_of(remedy)
    if kind == "set.json" and written.place is not None:
        yield from shell_lines(
            _from_file(command, _picked(f".[{written.place}].Request", written.name)), indent
        )
    elif not _patch_of_request(remedy):
        whole = _as_asked(command, source)
        yield from (
            [f"{indent}then the change as it was asked"] if whole is None else shell_lines(whole, indent)
        )
    elif kind == "change.json":
        yield from shell_lines(_from_file(command, shlex.quote(f"file://{written.name}")), indent)
    else:
        yield f"{indent}then the change as {written.name} has it"


def _as_asked(command: Command, source: Source) -> str | None:
    """The command of a change that stays as it is: of its own file, else with all its arguments.

    None where neither can be pasted.
    """
    file, path = source
    kind = PurePath(file or "").suffix
    inside = (path or "").removeprefix("$")
    if file and not inside and kind in _OPTIONS:
        return _from_file(command, shlex.quote(f"file://{file}"), _OPTIONS[kind])
    if file and kind == ".json":
        return _from_file(command, _picked(inside if inside.startswith(".") else f".{inside}", file))
    return None if REQUEST_FILE in command.cli else command.cli


def _picked(path: str, file: str) -> str:
    """One request of a file of several, as an argument."""
    return f'"$(jq -c {shlex.quote(path)} {shlex.quote(file)})"'


def _line(command: Command, remedy: Remedy, name: str) -> str:
    """The command; what makes a configuration reads the file that has it."""
    if command.operation == "CreateEndpointConfig" and file_of(remedy) == "config.json":
        return _from_file(command, shlex.quote(f"file://{name}"))
    return command.cli


def _from_file(command: Command, given: str, option: str = "cli-input-json") -> str:
    head, _, rest = command.cli.partition(" --")
    region = rest.rpartition("region ")[2] if "region " in rest else ""
    return f"{head} --{option} {given}" + (f" --region {region}" if region else "")
