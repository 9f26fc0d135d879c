"""JSON paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icplan.documents.paths import join_path, shown_path, split_path

steps = st.lists(st.text(max_size=8) | st.integers(0, 10**12), max_size=6).map(tuple)


@given(steps)
def test_splitting_undoes_joining(path: tuple[str | int, ...]) -> None:
    assert split_path(join_path(path)) == path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", ()),
        ("$.Specification.Container", ("Specification", "Container")),
        ("$[2].Request", (2, "Request")),
        ("$['a.b'][\"c]d\"]", ("a.b", "c]d")),
        ("$.Environment.A B", ("Environment", "A B")),
        ("Specification", ()),
        ("$.a[x].b", ("a",)),
        ("$['open", ()),
    ],
)
def test_splits_what_people_and_tools_write(path: str, expected: tuple[str | int, ...]) -> None:
    assert split_path(path) == expected


@given(st.text())
def test_any_text_can_be_split(text: str) -> None:
    assert isinstance(split_path(text), tuple)


def test_odd_names_are_quoted() -> None:
    assert join_path(("a", 0, "b c", "it's", "back\\slash")) == "$.a[0]['b c']['it\\'s']['back\\\\slash']"


def test_what_is_shown_is_printable_and_short() -> None:
    assert shown_path(("a", "\ud800")) == "$.a['\\ud800']"
    assert shown_path(()) is None
    assert shown_path(("a" * 200,)) is None
