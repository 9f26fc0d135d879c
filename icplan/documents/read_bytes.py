"""Bytes in from files, pipes and standard input: so many and no more, and never a hang on a dead pipe."""

from __future__ import annotations

import os
import select
import stat
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from icplan.documents.limits import MAX_BYTES
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIPE_WAIT: Final = 10.0
"""Seconds to wait until somebody opens a named pipe for writing."""

_CHUNK = 1 << 20
_MARKS = (  # the longer ones first: the mark of UTF-16 starts that of UTF-32
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "a zip archive"),
)


def read_bytes(source: str | os.PathLike[str]) -> tuple[bytes, str]:
    """The bytes of a path (``-``: standard input), at most 64 MiB, and the name messages show for it.

    Raises InputError when there is no such file, it is a directory, it cannot be read, it is larger, or
    it is a named pipe that nothing is written to.
    """
    if os.fspath(source) == "-":
        return _limited(sys.stdin.buffer.read, "<stdin>"), "<stdin>"
    name = shown_name(source)
    with opened(source) as (descriptor, start), readable(name):
        return start + _limited(partial(os.read, descriptor), name), name


@contextmanager
def opened(source: str | os.PathLike[str]) -> Iterator[tuple[int, bytes]]:
    """A path opened for reading, and the bytes this had to read. Raises InputError as `read_bytes` does."""
    name = shown_name(source)
    with readable(name):
        descriptor = _open(source)
    try:
        with readable(name):
            start = _begin(descriptor, name)
        yield descriptor, start
    finally:
        os.close(descriptor)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Name the file that opening, or reading, fails of."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(InputProblem("there is no such file", file=name)) from None
    except OSError as error:
        raise InputError(InputProblem(f"cannot be read: {error.strerror}", file=name)) from None
    except ValueError:  # a NUL, or text the file system's encoding lacks
        raise InputError(InputProblem("no file can have this name", file=name)) from None


def shown_name(source: str | os.PathLike[str]) -> str:
    """A path as a message shows it: on one line, and printable whatever bytes the name is made of."""
    name = os.fspath(source)
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in name)


def decode(data: bytes, name: str) -> str:
    """UTF-8 text, without its byte order mark. Raises InputError that says where it stops being UTF-8."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            raise InputError(InputProblem(f"is not UTF-8 text: it looks like {encoding}", file=name))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        read = error.object[: error.start].decode()
        line, column = read.count("\n") + 1, len(read) - read.rfind("\n")
        problem = InputProblem(
            "is not UTF-8 text", file=name, line=line, column=column, hint=_encoding_hint(data)
        )
        raise InputError(problem) from None
    if "\0" in text:
        raise InputError(InputProblem("is not text", file=name, hint=_encoding_hint(data)))
    return text


def _encoding_hint(data: bytes) -> str:
    if b"\0" in data[:4]:
        return "It looks like UTF-16; save it as UTF-8"
    return "Save it as UTF-8"


def _open(source: str | os.PathLike[str]) -> int:
    # Without O_NONBLOCK, opening a named pipe waits for a writer, for ever if none comes.
    return os.open(source, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))


def _begin(descriptor: int, name: str) -> bytes:
    """Make a descriptor ready to be read to its end; the bytes this had to read."""
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        raise InputError(InputProblem("is a directory", file=name))
    start = _await_writer(descriptor, name) if stat.S_ISFIFO(mode) else b""
    if hasattr(os, "set_blocking"):
        os.set_blocking(descriptor, True)
    return start


def _await_writer(descriptor: int, name: str) -> bytes:
    """Wait until a pipe has data or at least a writer, which may then take its time."""
    waiter = select.poll()
    waiter.register(descriptor, select.POLLIN)
    if waiter.poll(PIPE_WAIT * 1000):
        return b""
    try:
        start = os.read(descriptor, 1)
    except BlockingIOError:  # nothing yet, but somebody holds the other end
        return b""
    if not start:
        raise InputError(InputProblem("is a pipe that nothing is written to", file=name))
    return start


def _limited(read: Callable[[int], bytes], name: str) -> bytes:
    chunks: list[bytes] = []
    left = MAX_BYTES + 1
    while left and (chunk := read(min(_CHUNK, left))):
        chunks.append(chunk)
        left -= len(chunk)
    if not left:
        raise InputError(InputProblem(f"is larger than {MAX_BYTES >> 20} MiB", file=name))
    return b"".join(chunks)
