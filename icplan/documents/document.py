"""JSON and YAML documents in.

Which of the two a document is, its name says: ``.json`` is JSON, ``.yaml`` and ``.yml`` are YAML. Anything
else, standard input too, is JSON when it starts with ``{`` or ``[``, and YAML when it does not.
"""

from __future__ import annotations

import hashlib
import os
import re
from bisect import bisect_left
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import attrs

from icplan.documents.json_text import json_marks, load_json
from icplan.documents.limits import MAX_YAML_BYTES
from icplan.documents.paths import JsonPath, split_path
from icplan.documents.read_bytes import decode, read_bytes
from icplan.documents.yaml_text import load_yaml, yaml_marks
from icplan.errors import InputError, InputProblem
from icplan.values import frozen

Source = str | os.PathLike[str]
Syntax = Literal["json", "yaml"]

_SYNTAXES: dict[str, Syntax] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}


@frozen(eq=False)
class Document:
    """A document's plain value, and where each part of it stands.

    Attributes:
        value: Dicts with string keys, lists, strings, ints, finite floats, booleans, None.
        file: The file as messages show it; ``<stdin>`` for standard input.
        syntax: ``json`` or ``yaml``.
        sha256: The SHA-256 of its bytes, in hexadecimal.

    """

    value: Any = attrs.field(repr=False)  # may hold secrets, as may the text
    file: str
    syntax: Syntax
    _text: str = attrs.field(repr=False)
    sha256: str = ""

    def locate(self, path: str) -> tuple[int, int] | None:
        """Line and column (from 1) of a JSON path such as ``$.Specification.Container``.

        A member stands where its name does, an item of a list where the item does. What is not there stands
        where the nearest thing around it does. None only when ``path`` does not start with ``$``.
        """
        if not path.startswith("$"):
            return None
        steps = split_path(path)
        while steps not in self._marks:
            steps = steps[:-1]
        place = self._marks[steps]
        if not isinstance(place, int):
            return place
        line = bisect_left(self._line_ends, place)
        return line + 1, place - (self._line_ends[line - 1] if line else -1)

    def problem(self, message: str, path: str | None = None, hint: str | None = None) -> InputProblem:
        """A Problem of this document at a JSON path, with file, line and column filled in."""
        line, column = (self.locate(path) if path else None) or (None, None)
        return InputProblem(message, file=self.file, path=path, line=line, column=column, hint=hint)

    @cached_property
    def _line_ends(self) -> list[int]:
        """The offset of each line's end: many faults would else read the text from its start for each."""
        return [match.start() for match in re.finditer("\n", self._text)]

    @cached_property
    def _marks(self) -> dict[JsonPath, int | tuple[int, int]]:
        """Offset, or line and column, of each value; made when first asked for: few documents are faulty."""
        if self.syntax == "json":
            return {steps: offset for steps, offset, _ in json_marks(self._text)}
        return dict(yaml_marks(self._text, self.file))


def read_document(source: Source) -> Document:
    """Read a JSON or YAML document from a path, or from standard input when it is ``-``.

    Raises InputError, with one problem that names file, line and column, for whatever cannot be read or is
    not taken (see `icplan.documents.limits` for how much is).
    """
    data, file = read_bytes(source)
    return parse_document(data, file, syntax=syntax_of(file))


def syntax_of(file: str) -> Syntax | None:
    """The syntax that a file's name says; None where it says none."""
    return _SYNTAXES.get(Path(file).suffix.lower())


def parse_document(data: bytes, file: str, *, syntax: Syntax | None = None) -> Document:
    """Read a document from bytes that messages call ``file``. Without ``syntax`` the content decides."""
    text = decode(data, file)
    if not text.strip():
        raise InputError(InputProblem("is empty", file=file))
    syntax = syntax or ("json" if text.lstrip().startswith(("{", "[")) else "yaml")
    if syntax == "yaml" and len(data) > MAX_YAML_BYTES:
        hint = "Give it as JSON, which is read far faster"
        raise InputError(
            InputProblem(f"is larger than {MAX_YAML_BYTES >> 20} MiB of YAML", file=file, hint=hint)
        )
    value = load_json(text, file) if syntax == "json" else load_yaml(text, file)
    return Document(value, file, syntax, text, hashlib.sha256(data).hexdigest())
