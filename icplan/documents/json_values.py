"""Python values of boto3's answers into plain JSON values."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from icplan.documents.json_text import is_text
from icplan.documents.limits import MAX_DEPTH, MAX_DIGITS
from icplan.documents.paths import JsonPath, shown_path
from icplan.errors import InputError, InputProblem


def as_json_values(value: Any, steps: JsonPath = ()) -> Any:
    """A copy made of dicts, lists, strings, ints, finite floats, booleans and None alone.

    Dates become ISO 8601 text in UTC; a member whose value is None is left out, as AWS would leave it out.
    Raises InputError with the JSON path of what JSON cannot say.
    """
    if len(steps) > MAX_DEPTH:
        raise _refusal(steps, f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        return _object(value, steps)
    if isinstance(value, list | tuple):
        items: list[Any] = []
        for index, item in enumerate(value):  # a loop: a comprehension is one more stack frame on 3.11
            items.append(as_json_values(item, (*steps, index)))
        return items
    return _scalar(value, steps)


def iso(moment: dt.datetime) -> str:
    """A moment as ISO 8601 text in UTC; one without a zone is taken to be in UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return aware.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _object(value: Mapping[Any, Any], steps: JsonPath) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, member in value.items():
        if not isinstance(name, str) or not is_text(name):
            raise _refusal(steps, "a member's name is not a string")
        if member is not None:
            members[name] = as_json_values(member, (*steps, name))
    return members


def _scalar(value: Any, steps: JsonPath) -> Any:
    if isinstance(value, dt.datetime):
        return iso(value)
    if isinstance(value, int) and abs(value) >= 10**MAX_DIGITS:  # as in a file; its digits may be millions
        raise _refusal(steps, f"an integer of more than {MAX_DIGITS} digits is too long")
    if value is None or isinstance(value, bool | int) or (isinstance(value, str) and is_text(value)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise _refusal(steps, f"a {type(value).__name__} that JSON cannot say")


def _refusal(steps: JsonPath, message: str) -> InputError:
    return InputError(InputProblem(message, path=shown_path(steps)))
