"""The command line that was given, to be pasted again with something added."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_ASIDE: Final = frozenset({"verbose", "formats", "outputs", "write_baseline", "remedy", "patched", "max_age"})
"""Options that have no bearing on what is answered, or on its remedies."""


def command_line(context: click.Context, secrets: Collection[str] = ()) -> str:
    """The command with its arguments and options, as a shell takes it; where reports go is left out.

    The values of parameters that are ``secrets`` are left to whoever pastes it.
    """
    words = [
        _hidden(word, secrets) if param.name == "parameters" else word
        for param in context.command.params
        for word in _words(param, context)
    ]
    return shlex.join((*context.command_path.split(), *words))


def _hidden(word: str, secrets: Collection[str]) -> str:
    name, equals, _ = word.partition("=")
    return f"{name}=***" if equals and name.strip() in secrets else word


def _words(param: click.Parameter, context: click.Context) -> Iterator[str]:
    name = str(param.name)
    given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    if name in _ASIDE or not given:
        return
    value = context.params.get(name)
    values = value if isinstance(value, tuple) else (value,)
    for one in values if value is not None else ():
        if isinstance(param, click.Argument):
            yield str(one)
        elif isinstance(param, click.Option) and param.is_flag:
            yield param.opts[0]
        else:
            yield from (param.opts[0], str(one))
