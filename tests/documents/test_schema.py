"""Shapes: each kind of value in each kind of place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from support.rendering import values

from icplan.documents.paths import join_path
from icplan.documents.schema import ListOf, MapOf, Members, Scalar, Shape, check
from icplan.snapshot.schema import SNAPSHOT

_EXAMPLES: dict[str, Any] = {
    "null": None,
    "flag": True,
    "zero": 0,
    "count": 7,
    "large": 2**31 - 1,
    "larger": 2**31,
    "negative": -1,
    "fraction": 0.25,
    "whole float": 2.0,
    "infinite": float("inf"),
    "text": "x",
    "empty text": "",
    "time": "2026-11-20T02:11:08.5+01:00",
    "time of no day": "2026-02-30T02:11:08Z",
    "time without a zone": "2026-11-20T02:11:08",
    "list": [],
    "object": {},
}
TIMES = ("time", "time of no day", "time without a zone")
_TAKEN = {
    Scalar.TEXT: {"text", *TIMES},
    Scalar.ANY_TEXT: {"text", "empty text", *TIMES},
    Scalar.TIME: {"time"},
    Scalar.COUNT: {"zero", "count", "large"},
    Scalar.NUMBER: {"zero", "count", "large", "fraction", "whole float"},
    Scalar.FLAG: {"flag"},
}


def faults(value: Any, shape: Shape) -> list[str]:
    found: list[str] = []
    check(value, shape, lambda steps, message: found.append(f"{join_path(steps)}: {message}"))
    return found


@pytest.mark.parametrize("leaf", Scalar)
@pytest.mark.parametrize("example", _EXAMPLES)
def test_a_leaf_takes_its_own_kind_and_nothing_else(leaf: Scalar, example: str) -> None:
    assert (not faults(_EXAMPLES[example], leaf)) == (example in _TAKEN[leaf])


def test_every_fault_is_named_at_its_place() -> None:
    shape = Members(
        {
            "a": ListOf(Scalar.COUNT, minimum=1),
            "b": MapOf(Scalar.TEXT),
            "c": Members({}, required=("d", "e")),
        },
        required=("a",),
    )
    assert faults({"a": [1, True, -2, 3.5, 2**40], "b": {"x y": None}, "c": {"e": 1}}, shape) == [
        "$.a[1]: must be a whole number from 0 to 2147483647, not true",
        "$.a[2]: must be a whole number from 0 to 2147483647, not a negative number",
        "$.a[3]: must be a whole number from 0 to 2147483647, not a number with a point",
        "$.a[4]: must be a whole number from 0 to 2147483647, not a larger number",
        "$.b['x y']: must be a string that is not empty, not null",
        "$.c: d is missing",
    ]
    assert faults({"a": [], "b": [], "c": ""}, shape) == [
        "$.a: must not be empty",
        "$.b: must be an object, not a list",
        "$.c: must be an object, not an empty string",
    ]
    assert faults({"a": {}}, shape) == ["$.a: must be a list, not an object"]
    assert faults({}, shape) == ["$: a is missing"]


def test_what_is_no_json_value_is_named_by_its_python_type() -> None:
    assert faults(object(), Scalar.TEXT) == ["$: must be a string that is not empty, not a Python object"]
    assert faults([], MapOf(Scalar.TEXT)) == ["$: must be an object, not a list"]


def test_members_that_are_not_listed_are_left_alone() -> None:
    assert faults({"new": object()}, Members({"a": Scalar.TEXT})) == []


@given(values)
def test_any_value_can_be_checked(value: Any) -> None:
    assert isinstance(faults(value, SNAPSHOT), list)
