"""One file of a deployment: its documents, and the line and column of everything in them."""

from __future__ import annotations

import bisect
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from icplan.documents.json_text import json_marks, load_json
from icplan.documents.limits import MAX_YAML_BYTES
from icplan.documents.paths import shown_path
from icplan.documents.read_bytes import decode
from icplan.documents.yaml_text import load_yaml_stream
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.documents.paths import JsonPath
    from icplan.inputs.place import Place

_RENDER = "It looks like a template before it is rendered: give the output of `helm template`"
_WORD = r"(?im)(?<![^:,\[\s-])(?:yes|no|on|off)(?=\s*(?:[,\]}]|\s#|$))"
_SUFFIXES = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}


@attrs.frozen
class Construct:
    """What CDK tells of a resource: the path of its construct, and the line of the program that made it."""

    path: str
    source: Place | None = None


@attrs.frozen
class Stack:
    """What an assembly tells of the stack that a template is of. ``constructs`` are by logical id.

    ``parameters`` are what CDK deploys it with, where nothing else is given. ``doubt`` tells why what is
    deployed may be another template. ``settled_by`` is what settles account and Region, if the assembly does
    not tell both.
    """

    name: str | None
    region: str | None
    constructs: Mapping[str, Construct] = attrs.field(factory=dict, repr=False)
    parameters: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    account: str | None = None
    doubt: str | None = None
    settled_by: str | None = None


@attrs.frozen(eq=False)
class Source:
    """A file that was read. ``documents`` are its values: one of JSON, any number of YAML.

    Steps into it begin with the number of the document. ``number`` tells it from the other files. ``parent``
    is the file whose stack nests this one's, and its logical id there. ``given`` tells that this one is given
    all the same.
    """

    file: str
    documents: tuple[Any, ...] = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    yaml_marks: Mapping[JsonPath, tuple[int, int]] | None = attrs.field(default=None, repr=False)
    number: int = 0
    stack: Stack | None = None
    parent: tuple[int, str] | None = None
    given: bool = False

    @property
    def one(self) -> Any:
        """The value where the file holds a single document, else None."""
        return self.documents[0] if len(self.documents) == 1 else None

    @cached_property
    def on_one_line(self) -> bool:
        """Whether the whole text is a single line, so that a line number tells nothing."""
        return "\n" not in self.text.strip()

    def place(self, steps: JsonPath) -> tuple[int, int] | None:
        """Line and column of what ``steps`` lead to, else of the nearest thing around it."""
        if self.on_one_line:
            return None
        while steps not in self._marks:
            if not steps:
                return None
            steps = steps[:-1]
        mark = self._marks[steps]
        if not isinstance(mark, int):
            return mark
        line = bisect.bisect_right(self._line_starts, mark)
        return line, mark - self._line_starts[line - 1] + 1

    def problem(self, message: str, steps: JsonPath = (), hint: str | None = None) -> InputProblem:
        """A problem of this file at ``steps``."""
        line, column = (self.place(steps) if steps else None) or (None, None)
        path = shown_path(steps[1:] if len(self.documents) == 1 else steps) if steps else None
        return InputProblem(message, file=self.file, path=path, line=line, column=column, hint=hint)

    @cached_property
    def words_without_quotes(self) -> frozenset[str]:
        """The words of YAML 1.1 for booleans, as they are spelt, that may stand here without quotes."""
        return frozenset(re.findall(_WORD, self.text)) if self.yaml_marks is not None else frozenset()

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    @cached_property
    def _marks(self) -> Mapping[JsonPath, int | tuple[int, int]]:
        if self.yaml_marks is not None:
            return dict(self.yaml_marks)
        return {(0, *steps): offset for steps, offset, _ in json_marks(self.text)}


def parse_source(data: bytes, file: str) -> Source:
    """The documents of bytes that messages call ``file``; InputError, with the place, for what is broken."""
    text = decode(data, file)
    if not text.strip():
        raise InputError(InputProblem("is empty", file=file))
    if is_json(text, file):
        return Source(file, (load_json(text, file),), text)
    if len(data) > MAX_YAML_BYTES:
        hint = "Give it as JSON, which is read far faster"
        raise InputError(
            InputProblem(f"is larger than {MAX_YAML_BYTES >> 20} MiB of YAML", file=file, hint=hint)
        )
    try:
        documents, marks = load_yaml_stream(text, file)
    except InputError as error:
        if "{{" in text or "<%" in text:
            raise InputError([attrs.evolve(one, hint=_RENDER) for one in error.problems]) from None
        raise
    return Source(file, tuple(documents), text, marks)


def is_json(text: str, file: str) -> bool:
    """Whether a text is read as JSON: its name says so, or else how it begins."""
    suffix = _SUFFIXES.get(Path(file).suffix.lower())
    return text.lstrip().startswith(("{", "[")) if suffix is None else suffix == "json"
