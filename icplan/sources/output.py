"""Text and JSON out: to standard output, or to files, each replaced as a whole or not at all."""

from __future__ import annotations

import json
import os
import secrets
import stat
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icplan.errors import InputError, Problem
from icplan.sources.raw import shown_name
from icplan.sources.stdout import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Target = str | os.PathLike[str]


def write_json(target: Target | None, data: Any) -> None:
    """Write ``data`` as indented JSON (ASCII), to standard output when ``target`` is ``-`` or None.

    Raises InputError as `write_files` does.
    """
    text = json.dumps(data, indent=2, allow_nan=False) + "\n"
    if target is None or os.fspath(target) == "-":
        say(text)
    else:
        write_files({target: text})


def write_files(texts: Mapping[Target, str]) -> None:
    """Write each text to its path: all of them, or none when a path cannot be written.

    A file keeps its mode, a new one gets what the umask leaves. Raises InputError that names the path that
    cannot be written; nothing is left behind then.
    """
    ready = []
    with ExitStack() as stack:
        for target, text in texts.items():
            with _naming(target):
                ready.append((target, stack.enter_context(_staged(target, text.encode()))))
        for target, put in ready:
            with _naming(target):
                put()


@contextmanager
def _naming(target: Target) -> Iterator[None]:
    """Name the path that a failure is about."""
    try:
        yield
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", file=shown_name(target))) from None
    except ValueError:  # a NUL, or text the file system's encoding lacks
        raise InputError(Problem("no file can have this name", file=shown_name(target))) from None


@contextmanager
def _staged(path: Target, data: bytes) -> Iterator[Callable[[], object]]:
    """Make everything ready for the last step, which cannot fail for want of room or of a right."""
    mode = _mode(path)
    if mode is not None and not stat.S_ISREG(mode):
        if not stat.S_ISFIFO(mode):  # whose reader would take it for the end
            Path(path).open("ab").close()
        # A device or a pipe holds nothing to replace; a directory has refused.
        yield lambda: Path(path).write_bytes(data)
        return
    target = os.path.realpath(path)
    temporary = f"{target}.{secrets.token_hex(4)}.tmp"
    try:
        # Not tempfile: it makes files for the owner alone, whatever the umask says.
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:  # noqa: PTH123
            if mode is not None:
                os.chmod(temporary, stat.S_IMODE(mode))  # noqa: PTH101
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield lambda: os.replace(temporary, target)  # noqa: PTH105
    finally:
        Path(temporary).unlink(missing_ok=True)


def _mode(path: Target) -> int | None:
    try:
        return os.stat(path).st_mode  # noqa: PTH116
    except FileNotFoundError:
        return None
