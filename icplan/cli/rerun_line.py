"""The command line that was given, to be pasted again with something added."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from collections.abc import Iterator

_ASIDE: Final = frozenset({"verbose", "formats", "outputs", "write_baseline", "remedy", "patched", "max_age"})
"""Options that have no bearing on what is answered, or on its remedies."""


def command_line(context: click.Context) -> str:
    """The command with its arguments and options, as a shell takes it; where reports go is left out."""
    words = [word for param in context.command.params for word in _words(param, context)]
    return shlex.join((*context.command_path.split(), *words))


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
