"""YAML 1.2 text into plain values, strictly, and where each value stands in the text.

ruamel.yaml reads the text into nodes; the values are made here, so that nothing but plain data can come out,
and so that each node that is not taken can be named with its place.
"""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.json_text import is_text, line_and_column
from icplan.documents.limits import MAX_BYTES, MAX_DEPTH, MAX_DIGITS, MAX_YAML_VALUES
from icplan.documents.paths import JsonPath, Step, shown_path
from icplan.errors import InputError, InputProblem
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CORE = "tag:yaml.org,2002:"
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_NO_NUMBER = r"(?i)[-+]?\.(?:inf|nan)"
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
_NUMERIC = tuple("+-.0123456789")
_OCTAL_TO_SOME = r"[-+]?0[0-9]+"
_BREAK_TO_SOME = re.compile("[\x85\u2028\u2029]")
"""Characters that end a line in YAML 1.1, and not in 1.2: what a comment hides from one, the other reads."""
_SCALARS = ("str", "bool", "null", "int", "float", "timestamp", "value", "merge")
_BASES = {"0o": 8, "0x": 16}
MAX_DOCUMENTS: Final = 10_000
"""YAML documents of one stream."""

Place = tuple[int, int]


@frozen
class Tagged:
    """A value with a tag of its own, such as ``!Ref Fleet``. Only templates have such."""

    name: str
    value: Any = attrs.field(repr=False)


def load_yaml(text: str, file: str) -> Any:
    """The value of ``text``: dicts with string keys, lists, strings, ints, finite floats, booleans and None.

    Timestamps stay strings. Raises InputError with line and column: for broken syntax, several documents, a
    key given twice or that is no string, tags of one's own, aliases that contain themselves or grow too
    large, infinities, an integer of more than 30 characters, nesting deeper than 64, other versions, and what
    readers of YAML 1.1 would read otherwise, to another number or to other members.
    """
    return _Builder(file).build(_compose(text, file))


def yaml_marks(text: str, file: str) -> dict[JsonPath, Place]:
    """Line and column (from 1) of each value of YAML that `load_yaml` takes.

    A member of a mapping stands where its key does, an item of a list where the item does.
    """
    builder = _Builder(file)
    builder.build(_compose(text, file))
    return builder.marks


def load_yaml_stream(text: str, file: str) -> tuple[list[Any], dict[JsonPath, Place]]:
    """Every document of ``text`` with tags as `Tagged`, and the place of each value by its steps.

    The first step is the number of the document; of a tagged mapping or list the tag is a step, too. Empty
    documents are left out. A key may be what YAML takes for a number or a boolean; it is the text as written.
    For the rest as `load_yaml`.
    """
    nodes = _nodes(text, file)
    builder = _Builder(file, tags=True, several=len(nodes) > 1)
    return [builder.document(node) for node in nodes], builder.marks


def _compose(text: str, file: str) -> Any:
    node = _parsed(text, file, lambda reader: reader.compose(text))
    if node is None:
        raise InputError(InputProblem("is empty", file=file))
    return node


def _nodes(text: str, file: str) -> list[Any]:
    """The documents of a stream that hold anything."""

    def read(reader: Any) -> list[Any]:
        return list(itertools.islice(reader.compose_all(text), MAX_DOCUMENTS + 1))

    nodes: list[Any] = _parsed(text, file, read)
    if len(nodes) > MAX_DOCUMENTS:
        raise InputError(InputProblem(f"holds more than {MAX_DOCUMENTS:,} YAML documents", file=file))
    return [node for node in nodes if not (str(node.ctag) == _CORE + "null" and not node.value)]


def _parsed(text: str, file: str, read: Callable[[Any], Any]) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415  (costs 50 ms, and most inputs are JSON)
    from ruamel.yaml.error import MarkedYAMLError  # noqa: PLC0415

    if match := _BREAK_TO_SOME.search(text):
        line, column = line_and_column(text, match.start())
        message = f"U+{ord(match[0]):04X} ends a line to some readers of YAML, and to others not"
        hint = f'Write it as "\\u{ord(match[0]):04x}" in double quotes, or leave it out'
        raise InputError(InputProblem(message, file=file, line=line, column=column, hint=hint))
    reader = YAML(typ="safe", pure=True)
    reader.max_depth = MAX_DEPTH + 1
    reader.composer.warn_double_anchors = False
    try:
        nodes = read(reader)
        version = tuple(reader.resolver.processing_version)
    except RecursionError:  # pragma: no cover  (only a ruamel too old to know max_depth gets here)
        raise InputError(InputProblem(_TOO_DEEP, file=file)) from None
    except MarkedYAMLError as error:
        raise InputError(_syntax_problem(error, file)) from None
    except Exception as error:  # noqa: BLE001  (on hostile text ruamel raises whatever its code trips over)
        message = str(getattr(error, "reason", "")) or "the text trips its parser"
        raise InputError(InputProblem(f"not valid YAML: {message}", file=file)) from None
    if version != (1, 2):
        hint = "Leave the %YAML line out"
        raise InputError(InputProblem("not YAML 1.2", file=file, line=1, column=1, hint=hint))
    return nodes


def _syntax_problem(error: Any, file: str) -> InputProblem:
    mark = error.problem_mark or error.context_mark
    line, column = _place(mark) if mark else (None, None)
    if "single document" in str(error.context):
        message, hint = "holds more than one YAML document", "Put several changes into one list"
    elif "maximum depth" in str(error.problem):
        message, hint = _TOO_DEEP, None
    else:
        message, hint = f"not valid YAML: {error.problem or error.context or error.note}", None
    return InputProblem(message, file=file, line=line, column=column, hint=hint)


def _place(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1


def _alike(one: Any, other: Any) -> bool:
    """Whether two nodes are surely of the same value."""
    same_text = isinstance(one.value, str) and one.value == other.value and str(one.ctag) == str(other.ctag)
    return one is other or same_text


class _Builder:
    """Makes the value of a node, counting what it makes: aliases share nodes, values are written out."""

    def __init__(self, file: str, *, tags: bool = False, several: bool = True) -> None:
        self.marks: dict[JsonPath, Place] = {}
        self._file = file
        self._tags = tags
        self._several = several
        self._documents = 0
        self._steps: list[Step] = []
        self._open: set[int] = set()  # ids of the nodes being made: one met again contains itself
        self._values = 0
        self._characters = 0

    def document(self, node: Any) -> Any:
        """The value of the next document of a stream."""
        self._documents += 1
        return self._child(self._documents - 1, None, node)

    def build(self, node: Any, key: Any = None) -> Any:
        self.marks[tuple(self._steps)] = _place((key or node).start_mark)
        self._enter(node)
        try:
            return self._value(node)
        finally:
            self._open.remove(id(node))

    def _enter(self, node: Any) -> None:
        if id(node) in self._open:
            raise self._refusal(node, "an alias stands inside what it refers to")
        if len(self._open) >= MAX_DEPTH and not isinstance(node.value, str):
            raise self._refusal(node, _TOO_DEEP)
        self._open.add(id(node))
        self._values += 1
        if isinstance(node.value, str):
            self._characters += len(node.value)
        if self._values > MAX_YAML_VALUES or self._characters > MAX_BYTES:
            raise self._refusal(node, f"holds more than {MAX_YAML_VALUES:,} values, aliases written out")

    def _value(self, node: Any) -> Any:
        tag = str(node.ctag)
        if self._tags and tag.startswith("!") and tag != "!":
            return self._tagged(node, tag)
        if tag == _CORE + "map":
            return {name: self._child(name, *pair) for name, pair in self._members(node).items()}
        if tag == _CORE + "seq":
            return [self._child(index, None, item) for index, item in enumerate(node.value)]
        if not isinstance(node.value, str) or tag.removeprefix(_CORE) not in _SCALARS:
            hint = "Tags such as !Ref belong to templates, not to a request" if tag.startswith("!") else None
            raise self._refusal(node, f"the tag {tag.removeprefix(_CORE)} is not taken", hint)
        return self._scalar(node, tag.removeprefix(_CORE))

    def _tagged(self, node: Any, tag: str) -> Tagged:
        if isinstance(node.value, str):
            return Tagged(tag, self._text(node))
        self._steps.append(tag)
        value: Any
        if node.id == "mapping":
            value = {name: self._child(name, *pair) for name, pair in self._members(node).items()}
        else:
            value = [self._child(index, None, item) for index, item in enumerate(node.value)]
        self._steps.pop()
        return Tagged(tag, value)

    def _child(self, step: Step, key: Any, node: Any) -> Any:
        self._steps.append(step)
        value = self.build(node, key)
        self._steps.pop()
        return value

    def _scalar(self, node: Any, tag: str) -> Any:
        text = self._text(node)
        if tag in ("bool", "null") and text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if tag == "int" and _INTEGER.fullmatch(text):
            if len(text) > MAX_DIGITS:
                raise self._refusal(node, f"an integer of {len(text)} characters is too long")
            if re.fullmatch(_OCTAL_TO_SOME, text):
                if self._tags:
                    return text  # perhaps an account's; where a number is wanted, it is refused
                message = "a number with a leading zero is octal to some readers of YAML, and to others not"
                raise self._refusal(node, message, "Leave the zero out, or put a text in quotes")
            return int(text, _BASES.get(text[:2], 10))
        if tag == "float" and (re.fullmatch(_FLOAT, text) or re.fullmatch(_NO_NUMBER, text)):
            number = float(text.replace(".", "", 1)) if re.fullmatch(_NO_NUMBER, text) else float(text)
            if not math.isfinite(number):
                raise self._refusal(node, "not a finite number")
            return number
        if tag in ("bool", "null", "int", "float") and not text.startswith(_NUMERIC):
            raise self._refusal(node, f"is not a YAML {tag}")
        # What YAML 1.1 or ruamel would take for more (1_000, 0b1, dates, =, <<) is text in YAML 1.2.
        return text

    def _members(self, node: Any, depth: int = 0) -> dict[str, tuple[Any, Any]]:
        """Key and value nodes by name: the mapping's own before those of the mappings merged in by ``<<``."""
        members: dict[str, tuple[Any, Any]] = {}
        merged: list[Any] = []
        before: dict[str, tuple[Any, Any]] = {}
        for key, value in node.value:
            if str(key.ctag) == _CORE + "merge":
                if merged:
                    message = "<< is given twice: readers of YAML differ in which of the two goes first"
                    raise self._refusal(key, message, "Give one list of both: <<: [*first, *second]")
                merged.append(value)
                before = dict(members)
                continue
            name = self._key(key)
            if name in members:
                raise self._refusal(key, "is given twice", steps=(*self._steps, name))
            members[name] = (key, value)
        for source in self._merged(merged, depth):
            for name, pair in self._members(source, depth + 1).items():
                if self._tags and name in before and not _alike(before[name][1], pair[1]):
                    message = (
                        f"<< gives {name} again: to some readers of YAML it goes before what stands above"
                    )
                    raise self._refusal(before[name][0], message, "Put << first, or leave one of the two out")
                members.setdefault(name, pair)
        return members

    def _merged(self, nodes: list[Any], depth: int) -> Iterator[Any]:
        for node in nodes:
            for source in node.value if str(node.ctag) == _CORE + "seq" else [node]:
                if str(source.ctag) != _CORE + "map":
                    raise self._refusal(source, "only a mapping can be merged in by <<")
                if depth >= MAX_DEPTH:
                    raise self._refusal(source, f"merged in through more than {MAX_DEPTH} levels")
                self._values += len(source.value)
                if self._values > MAX_YAML_VALUES:
                    raise self._refusal(source, f"holds more than {MAX_YAML_VALUES:,} values once merged")
                yield source

    def _key(self, key: Any) -> str:
        tag = str(key.ctag)
        kinds = _SCALARS if self._tags else ("str", "timestamp")
        if tag.startswith(_CORE) and tag.removeprefix(_CORE) in kinds and isinstance(key.value, str):
            return self._text(key)
        raise self._refusal(key, "a key is not a string", "Put it in quotes")

    def _text(self, node: Any) -> str:
        text: str = node.value
        if is_text(text):
            return text
        try:  # ruamel leaves a pair written as two escapes, as JSON writes it, in two halves
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            message = "holds half of a surrogate pair (\\ud800 to \\udfff)"
            raise self._refusal(node, message) from None

    def _refusal(self, node: Any, message: str, hint: str | None = None, steps: JsonPath = ()) -> InputError:
        line, column = _place(node.start_mark)
        steps = steps or tuple(self._steps)
        path = shown_path(steps if self._several else steps[1:])
        return InputError(
            InputProblem(message, file=self._file, path=path, line=line, column=column, hint=hint)
        )
