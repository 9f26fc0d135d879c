"""The command group: errors become one clear line and exit code 2; warnings; the progress of time limits."""

from __future__ import annotations

import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from icplan.cli.deadline import deadline
from icplan.documents.safe_text import safe_text
from icplan.documents.write import close_quietly, write_stdout
from icplan.errors import IcplanError, InputError
from icplan.packing.budget import OutOfTime
from icplan.report.style import printable
from icplan.verdict.gate import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, NoReturn

    from icplan.cli.deadline import Deadline


#: What a shell says of a program that Ctrl-C ended.
INTERRUPTED = 130


#: Seconds after which a person at a terminal is told what is being done.
PROGRESS_AFTER = 1.0


#: Problems past which the others are counted.
MAX_SHOWN = 100


_debug = False


def debug_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--debug``."""
    option = click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_set_debug,
        help="Show where in icplan an error came up.",
    )
    return option(command)


def _set_debug(_ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    global _debug  # noqa: PLW0603  (for what goes wrong before and after the command, too)
    _debug = _debug or value


class Group(click.Group):
    """Commands whose errors are messages."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run, and exit, with 2 where the command line is not understood."""
        _set_debug_anew()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                # A name that the terminal's encoding lacks is written out rather than refused.
                stream.reconfigure(errors="backslashreplace")
        try:
            code = super().main(*args, **{**extra, "standalone_mode": False})
        except click.UsageError as error:
            help_of = error.ctx.command_path if error.ctx else "icplan"
            fail(error.format_message(), f"{help_of} --help tells how to use it")
        except click.ClickException as error:
            fail(error.format_message())
        except click.Abort:
            sys.exit(INTERRUPTED)
        finally:
            close_quietly()
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was chosen."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            _tell_where(error)
            more = len(error.problems) - MAX_SHOWN
            shown = [str(problem) for problem in error.problems[:MAX_SHOWN]]
            fail(*shown, *([f"and {more} more"] if more > 0 else []))
        except IcplanError as error:
            _tell_where(error)
            fail(str(error))
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except OSError as error:
            _tell_where(error)
            fail(f"cannot write: {error.strerror or error}")
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:  # noqa: BLE001  (a traceback's exit code, 1, would read as "does not fit")
            _tell_where(error)
            hint = "" if _debug else " (--debug shows where)"
            fail(f"internal error, please report it: {type(error).__name__}: {error}{hint}")


@contextmanager
def time_limited(seconds: float | None) -> Iterator[Deadline]:
    """Hold a command to its time limit; past it, it says what it was doing."""
    late, doing = False, "starting"
    try:
        with deadline(seconds) as running:
            if sys.stderr is not None and sys.stderr.isatty():
                running.tell_after(PROGRESS_AFTER, warn)
            try:
                yield running
            finally:
                running.told()
                doing = running.doing
    except OutOfTime as alarm:
        alarm.caught()
        late = True
    if late:
        fail(f"out of time while {doing}; allow more (--time-limit)")


def _set_debug_anew() -> None:
    global _debug  # noqa: PLW0603  (one process may run several commands, in tests)
    _debug = False


def _tell_where(error: BaseException) -> None:
    if _debug:
        _to_stderr(safe_text("".join(traceback.format_exception(error))))


def fail(*messages: str) -> NoReturn:
    """Say why icplan could not do its job, without any control character that came with the input."""
    for message in messages:
        warn(message)
    close_quietly()
    sys.exit(ExitCode.ERROR)


def warn(message: str) -> None:
    """Say something beside the result."""
    _to_stderr(safe_text(f"icplan: {printable(message)}\n"))


def warn_lines(lines: Iterable[str]) -> None:
    """Say more of it, on lines of its own."""
    _to_stderr(safe_text("".join(f"{printable(line)}\n" for line in lines)))


def _to_stderr(text: str) -> None:
    """Write to standard error, if it is there: that it cannot be written changes no exit code."""
    try:
        click.echo(text, err=True, nl=False)
    except (OSError, ValueError):
        close_quietly()


def say_lines(*lines: str) -> None:
    """Write lines to standard output, through the one door that makes text safe."""
    write_stdout(safe_text("".join(f"{printable(line)}\n" for line in lines)))
