"""The commands that a text shows to be pasted, read as a shell and the AWS CLI would."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import click
from botocore import xform_name
from botocore.validate import ParamValidator
from ruamel.yaml import YAML

from icplan.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

#: Options of the AWS CLI that every command has.
GLOBAL = {"region", "query", "output"}


def commands_in(text: str) -> list[str]:
    """Each command after a ``$``, with the lines that it goes on over."""
    found: list[str] = []
    goes_on = False
    for line in text.splitlines():
        if goes_on:
            found[-1] += f"\n{line}"
        elif match := re.match(r"\s*\$ (.*)", line):
            found.append(match[1])
        else:
            continue
        goes_on = line.endswith("\\")
    return found


def refused_by_bash(commands: list[str]) -> str:
    """What bash has to say of them, which it reads and does not run."""
    script = "\n".join(commands)
    done = subprocess.run(["bash", "-n", "-c", script], capture_output=True, text=True, check=False)
    return done.stderr


def check_command(command: str, folder: Path) -> None:
    """Assert that the program of a command takes its words; what it reads lies in the folder."""
    words = shlex.split(command.replace("\\\n", " "))
    if words[0] == "icplan":
        called = main.get_command(click.Context(main), words[1])
        assert called is not None, command
        called.make_context("icplan", words[2:], resilient_parsing=True)
        return
    assert words[0] == "aws", command
    service, operation, *rest = words[1:]
    if operation == "wait":
        waiter, *rest = rest
        waits = _client(service).get_waiter(waiter.replace("-", "_"))
        operation = xform_name(waits.config.operation, "-")
    _check_arguments(service, operation, rest, folder, command)


@cache
def _client(service: str) -> Any:
    return boto3.client(service, region_name="us-east-1")  # type: ignore[call-overload]


def _check_arguments(service: str, operation: str, words: list[str], folder: Path, command: str) -> None:
    client = _client(service)
    names = {xform_name(name, "-"): name for name in client.meta.service_model.operation_names}
    shape = client.meta.service_model.operation_model(names[operation]).input_shape
    members = {xform_name(name, "-"): name for name in shape.members}
    given: dict[str, Any] = {}
    while words:
        option = words.pop(0)
        assert option.startswith("--"), command
        option = option.removeprefix("--")
        if not words or words[0].startswith("--"):
            given[members[option.removeprefix("no-")]] = not option.startswith("no-")
            continue
        value = words.pop(0)
        if option in ("cli-input-json", "cli-input-yaml"):
            given |= _read(value, folder)
        elif option not in GLOBAL:
            given[members[option]] = _value(value, shape.members[members[option]].type_name)
    report = ParamValidator().validate(given, shape)
    assert not report.has_errors(), f"{command}\n{report.generate_report()}"


def _value(text: str, kind: str) -> Any:
    if kind in ("string", "timestamp"):
        return text
    return json.loads(text)


def _read(value: str, folder: Path) -> Any:
    """What a file holds, or the request that jq picks out of it."""
    if value.startswith("$(jq -c "):
        *_, path, name = shlex.split(value.removeprefix("$(").removesuffix(")"))
        held = json.loads((folder / name).read_text())
        for step in re.findall(r"\[(\d+)\]|\.?(\w+)", path):
            held = held[int(step[0])] if step[0] else held[step[1]]
        return held
    assert value.startswith("file://"), value
    file = folder / value.removeprefix("file://")
    if file.suffix in (".yaml", ".yml"):
        return YAML(typ="safe").load(file)
    return json.loads(file.read_text())
