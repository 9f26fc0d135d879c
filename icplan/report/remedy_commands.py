"""How a remedy is carried out, for a person: its risks, and the commands to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.report.style import paragraph, printable
from icplan.verdict.command import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.verdict.command import Command
    from icplan.verdict.verdict import Remedy

_INDENT: Final = "    "
_LONGEST: Final = 150
"""Characters of a command that is shown with all its arguments: a longer one reads them from the file."""
_LOOKS: Final = ("DescribeInferenceComponent",)


def command_lines(remedy: Remedy, asked: str | None = None, *, whole: bool = True) -> Iterator[str]:
    """The risks, and the commands in order; ``asked`` is the command line that the report answers.

    Unless ``whole`` no call to AWS is shown: the file that icplan writes has them.
    """
    if remedy.risks:
        yield from paragraph("; ".join(remedy.risks), f"{_INDENT}risks: ", f"{_INDENT}  ")
    if remedy.number is not None and asked is not None:
        yield f"{_INDENT}$ {printable(asked)} --apply-remedy {remedy.number} --write {_file(remedy)}"
    waited = ""
    for number, command in enumerate(remedy.commands if whole else (), start=1):
        if number == len(remedy.commands) and _sends_it_as_asked(remedy):
            yield f"{_INDENT}then make the change as it was asked"
            return
        if command.operation in _LOOKS and command.then:
            waited = command.then
            continue
        if waited:
            yield f"{_INDENT}  once {printable(waited)}:"
        yield f"{_INDENT}$ {printable(_line(command, remedy))}"
        waited = "" if command.then is None else command.then


def _sends_it_as_asked(remedy: Remedy) -> bool:
    """Whether the last call is the change itself, and nothing in it is another."""
    return remedy.target is not Target.REQUEST and not remedy.request_patch and not remedy.after


def _file(remedy: Remedy) -> str:
    """What the file that --write makes is best called."""
    if remedy.before or remedy.after:
        return "set.json"
    return "config.json" if remedy.target is Target.ENDPOINT_CONFIG else "change.json"


def _line(command: Command, remedy: Remedy) -> str:
    """The command; a long one that sends what --write has written reads that."""
    if len(command.cli) <= _LONGEST or _file(remedy) == "set.json":
        return command.cli
    if remedy.target is Target.ENDPOINT_CONFIG and command.operation != "CreateEndpointConfig":
        return command.cli
    head, _, rest = command.cli.partition(" --")
    region = rest.rpartition("--region ")[2] if "--region " in rest else ""
    return f"{head} --cli-input-json file://{_file(remedy)}" + (f" --region {region}" if region else "")
