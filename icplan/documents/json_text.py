"""JSON text into plain values, strictly, and where each value stands in the text."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from icplan.documents.limits import MAX_DEPTH, MAX_DIGITS, MAX_VALUES
from icplan.documents.paths import JsonPath, Step, shown_path
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

# A string, a sign of structure, or whatever else stands together: a number, a literal. Nothing of a string is
# tried twice: for that the place of each escape would have to be kept.
_WORD = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_INTEGER = re.compile(r"-?[0-9]+")
_ONE_DOCUMENT = "A file holds one JSON document; several changes go into a list: [{...}, {...}]"


class RefusedError(Exception):
    """The text is JSON, but of a kind that is not taken. Found again, with its place, by `_refusal`."""


def load_json(text: str, file: str) -> Any:
    """The value of ``text``: dicts, lists, strings, ints, finite floats, booleans and None.

    Raises InputError with line and column: for broken syntax, a member given twice, NaN and infinities,
    an integer of more than 30 characters, nesting deeper than 64, half a surrogate pair, too many values.
    """
    if sum(map(text.count, ",[{")) > MAX_VALUES:
        raise InputError(InputProblem(f"holds more than {MAX_VALUES:,} values", file=file))
    try:
        value = strict_decoder().decode(text)
        _check_tree(value)
    except json.JSONDecodeError as error:
        raise InputError(_syntax_problem(error, file)) from None
    except (RefusedError, RecursionError):
        raise InputError(_refusal(text, file)) from None
    return value


def strict_decoder() -> json.JSONDecoder:
    """A decoder that raises `RefusedError` for a member given twice, NaN, infinities and endless integers."""
    return json.JSONDecoder(
        object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
    )


def number_decoder() -> json.JSONDecoder:
    """The same, but that the last of a member given twice counts: it is far faster."""
    return json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=_constant)


def json_marks(text: str) -> Iterator[tuple[JsonPath, int, str]]:
    """Each value of valid JSON, in order: its steps, the offset it starts at, and its first word.

    A member of an object starts at its name, an item of a list at its value.
    """
    steps: list[Step | None] = []  # None: the name of the next member is still to come
    at = 0
    for match in _WORD.finditer(text):
        word = match[0]
        if word in ("]", "}"):
            steps.pop()
        elif word == ",":
            steps[-1] = steps[-1] + 1 if isinstance(steps[-1], int) else None
        elif word == ":":
            continue
        elif steps and steps[-1] is None:
            steps[-1], at = json.loads(word), match.start()
        else:
            in_object = bool(steps) and isinstance(steps[-1], str)
            yield tuple(step for step in steps if step is not None), at if in_object else match.start(), word
            if word in ("[", "{"):
                steps.append(0 if word == "[" else None)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset into ``text``, both counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise RefusedError
    return value


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise RefusedError
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise RefusedError
    return value


def _constant(_name: str) -> None:
    raise RefusedError


def _check_tree(root: Any) -> None:
    """Refuse deep nesting and text that cannot be encoded, without recursing into either."""
    level: list[Any] = [root]
    for depth in range(MAX_DEPTH + 1):
        deeper: list[Any] = []
        for value in level:
            if isinstance(value, str):
                if not value.isascii() and not is_text(value):
                    raise RefusedError
            elif isinstance(value, list | dict) and depth == MAX_DEPTH:
                raise RefusedError
            elif isinstance(value, list):
                deeper += value
            elif isinstance(value, dict):
                deeper += value
                deeper += value.values()
        level = deeper


def is_text(text: str) -> bool:
    """Whether ``text`` can be written out: no half of a surrogate pair stands in it."""
    return text.isascii() or not _HALF_PAIR.search(text)


def _syntax_problem(error: json.JSONDecodeError, file: str) -> InputProblem:
    hint = _ONE_DOCUMENT if error.msg == "Extra data" else None
    message = f"not valid JSON: {error.msg}"
    return InputProblem(message, file=file, line=error.lineno, column=error.colno, hint=hint)


def _refusal(text: str, file: str) -> InputProblem:
    """The first thing that is not taken, with its place, or that the text is not even JSON further on."""
    try:
        found = _first_refused(text, file)
    except (ValueError, IndexError, TypeError):  # what was refused came before the syntax was broken
        found = None
    return found or InputProblem("not valid JSON", file=file)


def _first_refused(text: str, file: str) -> InputProblem | None:
    seen: set[JsonPath] = set()
    for steps, offset, word in json_marks(text):
        try:
            message = "is given twice" if steps in seen else _why_not(steps, word)
        except ValueError:  # refused before its end was read, which is no JSON
            message = "is not valid JSON"
        if message:
            line, column = line_and_column(text, offset)
            return InputProblem(message, file=file, path=shown_path(steps), line=line, column=column)
        seen.add(steps)
    return None


def _why_not(steps: JsonPath, word: str) -> str | None:
    if not (is_text(_name(steps)) and (not word.startswith('"') or is_text(json.loads(word)))):
        return "holds half of a surrogate pair (\\ud800 to \\udfff)"
    if len(steps) > MAX_DEPTH or (word in ("[", "{") and len(steps) == MAX_DEPTH):
        return f"nested deeper than {MAX_DEPTH} levels"
    if word.lstrip("-") in ("NaN", "Infinity"):
        return f"{word} is not a JSON number"
    if _INTEGER.fullmatch(word):
        return f"an integer of {len(word)} characters is too long" if len(word) > MAX_DIGITS else None
    if word[0] in "-0123456789" and not math.isfinite(float(word)):
        return "the number is too large"
    return None


def _name(steps: JsonPath) -> str:
    return steps[-1] if steps and isinstance(steps[-1], str) else ""
