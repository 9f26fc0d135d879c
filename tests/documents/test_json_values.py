"""boto3's values into plain JSON values."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from support.rendering import values

from icplan.documents.json_values import as_json_values, iso
from icplan.errors import InputError


@given(values)
def test_plain_values_stay_but_for_members_that_are_none(value: Any) -> None:
    def without_none(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: without_none(member) for name, member in part.items() if member is not None}
        return [without_none(item) for item in part] if isinstance(part, list) else part

    assert as_json_values(value) == without_none(value)
    assert as_json_values(as_json_values(value)) == as_json_values(value)


def test_dates_become_text_in_utc() -> None:
    moment = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert as_json_values({"CreationTime": moment}) == {"CreationTime": "2026-01-02T01:04:05Z"}
    assert iso(dt.datetime(2026, 1, 2)) == "2026-01-02T00:00:00Z"  # noqa: DTZ001


def test_tuples_and_mappings_are_taken_as_lists_and_dicts() -> None:
    assert as_json_values(MappingProxyType({"a": (1, (2,))})) == {"a": [1, [2]]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": [b"x"]}, "$.a[0]: a bytes that JSON cannot say"),
        ({"a": float("nan")}, "$.a: a float that JSON cannot say"),
        ({"a": {1: 2}}, "$.a: a member's name is not a string"),
        ({"a": "\ud800"}, "$.a: a str that JSON cannot say"),
        ({"a": [10**30]}, "$.a[0]: an integer of more than 30 digits is too long"),
        ({"a": -(10**5000)}, "$.a: an integer of more than 30 digits is too long"),
        (object(), "a object that JSON cannot say"),
    ],
)
def test_what_json_cannot_say_is_refused_with_its_path(value: Any, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        as_json_values(value)
    assert str(caught.value) == expected


def test_a_value_that_contains_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(InputError, match="nested deeper than 64 levels"):
        as_json_values(value)
