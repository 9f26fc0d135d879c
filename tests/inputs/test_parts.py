"""Every part of a value is come by, in the order in which it is written, whatever tags are around it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from icplan.documents.yaml_text import Tagged
from icplan.inputs.parts import all_text, parts_of, structures_of, texts_of

texts = st.text("abc", max_size=2)
values = st.recursive(
    texts | st.integers(0, 3) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts, inner, max_size=3)
        | st.builds(Tagged, st.just("!Own"), inner)
    ),
    max_leaves=12,
)


def untagged(value: Any) -> Any:
    if isinstance(value, Tagged):
        return untagged(value.value)
    if isinstance(value, list):
        return [untagged(one) for one in value]
    if isinstance(value, dict):
        return {name: untagged(one) for name, one in value.items()}
    return value


def all_of(value: Any) -> list[Any]:
    """By recursion, as parts are defined."""
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value, *(part for one in inside for part in all_of(one))]


@given(values)
def test_parts_are_those_without_tags(value: Any) -> None:
    plain = untagged(value)
    assert [untagged(part) for part in parts_of(value)] == all_of(plain)
    assert [untagged(part) for part in structures_of(value)] == [
        part for part in all_of(plain) if isinstance(part, dict)
    ]
    assert list(texts_of(value)) == list(texts_of(plain))


def test_texts_stand_as_they_are_written() -> None:
    value = {"a": ["b", {"c": Tagged("!Own", "d")}], "e": 1}
    assert list(texts_of(value)) == ["a", "b", "c", "d", "e"]
    assert all_text(value) == "abcde"
