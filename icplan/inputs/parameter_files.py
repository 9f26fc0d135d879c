"""Parameters as files tell them: those that are given, and those of other tools that deploy."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from icplan.documents.document import parse_document
from icplan.documents.read_bytes import decode, read_bytes
from icplan.documents.toml_text import load_toml
from icplan.errors import InputError, InputProblem
from icplan.inputs.deployment import Deployed
from icplan.inputs.parameters import text_of
from icplan.inputs.parts import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_HOLDERS: Final = ("Parameters", "parameters", "parameter_overrides")
"""Members that hold parameters, in files of tools that deploy."""
_OVERRIDE: Final = re.compile(r"""(?P<name>[A-Za-z0-9]+)=(?P<value>"[^"]*"|'[^']*'|\S*)""")


def parameter(text: str) -> tuple[str, str]:
    """NAME=VALUE as it is given on the command line."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise InputError(InputProblem(f"cannot read the parameter {name.strip()!r}", hint="Write NAME=VALUE"))
    return name.strip(), value


def parameter_file(path: str) -> dict[str, str]:
    """The parameters of a file in any of the forms that AWS's tools read."""
    return {name: Deployed(value) for name, value in _read_parameter_file(path).items()}


def told_otherwise(files: Iterable[str], defaults: Mapping[str, str]) -> dict[str, list[str]]:
    """The parameters of which a file tells another value than the default that was taken, by file."""
    found: dict[str, list[str]] = {}
    for file in files if defaults else ():
        try:
            told = set(_told_in(file))
        except InputError:
            continue  # it is of something else
        if other := sorted({name for name, value in told if defaults.get(name, value) != value}):
            found[file] = other
    return found


def _told_in(path: str) -> Iterator[tuple[str, str]]:
    """The parameters of a file, of whatever stage or stack in it they are."""
    try:
        yield from _read_parameter_file(path).items()
    except InputError:
        if path.endswith(".toml"):
            raise
    else:
        return
    data, file = read_bytes(path)
    for part in parts_of(parse_document(data, file).value):
        if isinstance(part, dict):
            yield from (one for name in _HOLDERS for one in _pairs_of(part.get(name), file))
        elif isinstance(part, list):
            yield from _pairs_of([one for one in part if isinstance(one, dict)], file)


def _pairs_of(value: Any, file: str) -> Iterator[tuple[str, str]]:
    """The parameters of a structure, or a list; what is none of them is passed over."""
    if isinstance(value, dict):
        scalars = ((name, one) for name, one in value.items() if isinstance(one, str | int | float | bool))
        yield from ((name, text_of(one)) for name, one in scalars)
    for entry in value if isinstance(value, list) else ():
        with suppress(InputError):
            yield _pair(entry, file)


def _read_parameter_file(path: str) -> dict[str, str]:
    data, file = read_bytes(path)
    if path.endswith(".toml"):
        return _samconfig(decode(data, file), file)
    value = parse_document(data, file).value
    if isinstance(value, dict) and isinstance(value.get("Parameters"), dict):
        value = value["Parameters"]
    elif isinstance(value, dict) and "template-file-path" in value:  # of CloudFormation's Git sync
        value = value.get("parameters") or {}
    if isinstance(value, list):
        return dict(_pair(entry, file) for entry in value)
    if isinstance(value, dict) and all(isinstance(one, str | int | float | bool) for one in value.values()):
        return {name: text_of(one) for name, one in value.items()}
    raise _not_parameters(file)


def _pair(entry: Any, file: str) -> tuple[str, str]:
    if isinstance(entry, str) and "=" in entry:
        return parameter(entry)
    if isinstance(entry, dict) and isinstance(entry.get("ParameterKey"), str):
        value = entry.get("ParameterValue")
        if isinstance(value, str | int | float | bool):
            return entry["ParameterKey"], text_of(value)
    raise _not_parameters(file)


def _not_parameters(file: str) -> InputError:
    example = json.dumps([{"ParameterKey": "Stage", "ParameterValue": "live"}])
    hint = f'It holds {example}, {{"Parameters": {{"Stage": "live"}}}} or ["Stage=live"]'
    return InputError(InputProblem("is no parameter file", file=file, hint=hint))


def _samconfig(text: str, file: str) -> dict[str, str]:
    """``parameter_overrides`` of a samconfig.toml, of all its environments and commands."""
    table = load_toml(text, file)
    found: dict[str, str] = {}
    for environment in table.values():
        for command in environment.values() if isinstance(environment, dict) else ():
            settings = command.get("parameters") if isinstance(command, dict) else None
            overrides = settings.get("parameter_overrides") if isinstance(settings, dict) else None
            texts = overrides if isinstance(overrides, list) else [overrides]
            for match in (m for one in texts if isinstance(one, str) for m in _OVERRIDE.finditer(one)):
                found[match["name"]] = match["value"].strip("\"'")
    return found
