"""Text in from files that are too large to hold: read as it is needed, up to a limit."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.read_bytes import decode, opened, readable, shown_name
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_LINE: Final = 256 * 1024
"""Characters of a line."""
_CHUNK = 1 << 20
_START = 64


@attrs.frozen
class TextStream:
    """The text of a file, from its start to its end; ``name`` is how messages call it."""

    text: io.TextIOBase
    name: str
    start: str

    def begins_with(self, sign: str) -> bool:
        """Whether the first character that is no blank is this one."""
        return self.start.lstrip().startswith(sign)

    def read(self) -> str:
        """The next piece; nothing at the end."""
        return self.text.read(_CHUNK)

    def lines(self) -> Iterator[str]:
        """The lines that are left, with their ends. Raises InputError at one that is too long."""
        number = 0
        while line := self.text.readline(MAX_LINE):
            number += 1
            if len(line) == MAX_LINE and not line.endswith("\n"):
                message = f"a line of more than {MAX_LINE:,} characters"
                raise InputError(InputProblem(message, file=self.name, line=number))
            yield line


@contextmanager
def open_text(source: str | os.PathLike[str], most: int) -> Iterator[TextStream]:
    """The UTF-8 text of a path (``-``: standard input) of at most ``most`` bytes.

    Raises InputError that names the file for all that can go wrong in opening and in reading it.
    """
    if os.fspath(source) == "-":
        with _decoding("<stdin>"):
            yield _stream(sys.stdin.buffer.read, "<stdin>", most)
        return
    with opened(source) as (descriptor, start):
        begun, name = io.BytesIO(start), shown_name(source)
        with _decoding(name):
            yield _stream(lambda size: begun.read(size) or os.read(descriptor, size), name, most)


def _stream(read: Callable[[int], bytes], name: str, most: int) -> TextStream:
    raw = _Limited(read, name, most)
    buffered = io.BufferedReader(raw, _CHUNK)
    start = buffered.peek(_START)[:_START]
    try:
        decode(start, name)  # UTF-16, an archive: said in words
    except InputError as error:
        if error.problems[0].line is None:
            raise
    return TextStream(
        io.TextIOWrapper(buffered, "utf-8-sig", newline=""), name, start.decode("utf-8-sig", "replace")
    )


class _Limited(io.RawIOBase):
    def __init__(self, read: Callable[[int], bytes], name: str, most: int) -> None:
        self._read, self._name, self._most, self._left = read, name, most, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with readable(self._name):
            data = self._read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise InputError(InputProblem(f"is larger than {self._most >> 20:,} MiB", file=self._name))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def _decoding(name: str) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError:
        raise InputError(InputProblem("is not UTF-8 text", file=name, hint="Save it as UTF-8")) from None
