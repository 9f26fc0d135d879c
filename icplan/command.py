"""What every command does alike: whatever goes wrong is one clear line on standard error, and exit code 2."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

from icplan.errors import IcplanError, InputError
from icplan.gate import CANNOT
from icplan.report.printable import printable

#: What a shell says of a program that Ctrl-C ended.
INTERRUPTED = 130


class Group(click.Group):
    """Commands whose errors are messages."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run, and exit, with 2 where the command line is not understood."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                # A name that the terminal's encoding lacks is written out rather than refused.
                stream.reconfigure(errors="backslashreplace")
        try:
            code = super().main(*args, **{**extra, "standalone_mode": False})
        except click.UsageError as error:
            help_of = error.ctx.command_path if error.ctx else "icplan"
            complain(error.format_message(), f"{help_of} --help tells how to use it")
        except click.ClickException as error:
            complain(error.format_message())
        except click.Abort:
            sys.exit(INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was chosen."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            complain(*map(str, error.problems))
        except IcplanError as error:
            complain(str(error))
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except OSError as error:
            complain(f"cannot write: {error.strerror or error}")
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:  # noqa: BLE001  (a traceback's exit code, 1, would read as "does not fit")
            complain(f"internal error, please report it: {type(error).__name__}: {error}")


def complain(*messages: str) -> NoReturn:
    """Say why icplan could not do its job, without any control character that came with the input."""
    for message in messages:
        warn(message)
    sys.exit(CANNOT)


def warn(message: str) -> None:
    """Say something beside the result."""
    click.echo(f"icplan: {printable(message)}", err=True)
