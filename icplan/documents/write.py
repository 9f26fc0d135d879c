"""Write files and standard output, whole or not at all; never over an input."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from icplan.documents.read_bytes import shown_name
from icplan.documents.safe_text import SafeText, safe_json
from icplan.documents.working_tree import link_in_tree
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any


def write_stdout(text: SafeText) -> None:
    """Print text. ANSI codes stay in it for a terminal, and where FORCE_COLOR is set; never with NO_COLOR.

    Raises :class:`~icplan.errors.InputError` where there is no standard output.
    """
    if sys.stdout is None:
        raise InputError(InputProblem("cannot be written: it is closed", file="<stdout>"))
    try:
        click.echo(text, nl=False, color=_colour())
        sys.stdout.flush()
    except BrokenPipeError:
        close_quietly()  # As with ``| head``: what was asked is done.
    except OSError:
        close_quietly()
        raise


def _colour() -> bool | None:
    """Whether somebody asked for colour, or for none; ``None`` where the terminal decides."""
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def close_quietly() -> None:
    """Let what is buffered go nowhere: failing again when Python ends would be the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            _to_nowhere(stream)


def _to_nowhere(stream: object) -> None:
    try:
        number = stream.fileno()  # type: ignore[attr-defined]
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
    except (OSError, ValueError, AttributeError):
        return


Target = str | os.PathLike[str]


def write_json(target: Target | None, data: Any) -> None:
    """Write ``data`` as indented JSON (ASCII), to standard output when ``target`` is ``-`` or None.

    Raises InputError as `write_files` does.
    """
    text = safe_json(data)
    if target is None or os.fspath(target) == "-":
        write_stdout(text)
    else:
        write_files({target: text})


def refuse_outputs(targets: Iterable[Target], inputs: Iterable[Target] = ()) -> None:
    """Refuse to write over an input, and through a link that lies in the working tree.

    A stranger may have put the link there, to any file of who runs icplan. Raises InputError.
    """
    inputs = [one for one in inputs if os.fspath(one) != "-"]
    for target in targets:
        with _naming(target):
            if link := link_in_tree(target):
                hint = "Name the file itself"
                message = f"is not written: {shown_name(link)} is a link in the working tree"
                raise InputError(InputProblem(message, file=shown_name(target), hint=hint))
            if any(_same(target, one) for one in inputs):
                raise InputError(InputProblem("is not written: it is an input", file=shown_name(target)))


def _same(one: Target, other: Target) -> bool:
    try:
        return stat.S_ISREG(os.stat(one).st_mode) and os.path.samefile(one, other)  # noqa: PTH116, PTH121
    except OSError:
        return False


def write_files(texts: Mapping[Target, SafeText]) -> None:
    """Write each text to its path: all of them, or none when a path cannot be written.

    A link in the working tree is not followed. A file keeps its mode, a new one gets what the umask leaves.
    Raises InputError that names the path that cannot be written; nothing is left behind then.
    """
    refuse_outputs(texts)
    ready = []
    with ExitStack() as stack:
        for target, text in texts.items():
            with _naming(target):
                ready.append((target, stack.enter_context(_staged(target, text.encode()))))
        for target, put in ready:
            with _naming(target):
                put()


def write_result(target: Target | None, text: SafeText) -> None:
    """Write a text to a file, without colours; to standard output where no file is named."""
    if target is None:
        write_stdout(text)
    else:
        write_files({target: SafeText(click.unstyle(text))})


def append(target: Target, text: SafeText) -> None:
    """Add a text to the end of a file. Raises InputError that names it where it cannot be written."""
    refuse_outputs([target])
    with _naming(target), open(target, "a", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)


@contextmanager
def _naming(target: Target) -> Iterator[None]:
    """Name the path that a failure is about."""
    try:
        yield
    except OSError as error:
        raise InputError(
            InputProblem(f"cannot be written: {error.strerror}", file=shown_name(target))
        ) from None
    except ValueError:  # a NUL, or text the file system's encoding lacks
        raise InputError(InputProblem("no file can have this name", file=shown_name(target))) from None


@contextmanager
def reserved(target: Target) -> Iterator[Callable[[SafeText], object]]:
    """What writes a text to a path; that it can be written is known before the text is.

    Raises InputError as `write_files` does; the file is as it was unless a text was written.
    """
    refuse_outputs([target])
    with ExitStack() as stack:
        with _naming(target):
            fill = stack.enter_context(_opened(target))

        def write(text: SafeText) -> None:
            with _naming(target):
                fill(text.encode())()

        yield write


@contextmanager
def _staged(path: Target, data: bytes) -> Iterator[Callable[[], object]]:
    """Make everything ready for the last step, which cannot fail for want of room or of a right."""
    with _opened(path) as fill:
        yield fill(data)


@contextmanager
def _opened(path: Target) -> Iterator[Callable[[bytes], Callable[[], object]]]:
    """What takes the bytes, and then gives the last step."""
    mode = _mode(path)
    if mode is not None and not stat.S_ISREG(mode):
        # A device or a pipe holds nothing to replace; a directory refuses. Of a pipe that nobody reads,
        # opening it would wait for a reader, for ever if none comes.
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "wb", buffering=0) as stream:  # noqa: PTH123
            os.set_blocking(descriptor, True)
            yield lambda data: lambda: _write_all(stream, data)
        return
    from icplan.documents.leftover_files import lock, remove_stale  # noqa: PLC0415  (most reports are printed)

    target = os.path.realpath(path)
    remove_stale(target)
    temporary = f"{target}.{os.urandom(4).hex()}.tmp"
    try:
        # Not tempfile: it makes files for the owner alone, whatever the umask says.
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:  # noqa: PTH123
            lock(file)
            if mode is not None:
                os.chmod(temporary, stat.S_IMODE(mode))  # noqa: PTH101

            def fill(data: bytes) -> Callable[[], object]:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                return lambda: _replace(temporary, target)

            yield fill
    finally:
        Path(temporary).unlink(missing_ok=True)


def _replace(temporary: str, target: str) -> None:
    """Put the file in its place, and let the folder keep that, too."""
    os.replace(temporary, target)  # noqa: PTH105
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(os.path.dirname(target), os.O_RDONLY | os.O_DIRECTORY)  # noqa: PTH120
        try:
            os.fsync(folder)
        except OSError:
            pass  # not every file system can; the file itself is there
        finally:
            os.close(folder)


def _write_all(stream: io.RawIOBase, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[stream.write(left) or 0 :]


def _mode(path: Target) -> int | None:
    try:
        return os.stat(path).st_mode  # noqa: PTH116
    except FileNotFoundError:
        return None
