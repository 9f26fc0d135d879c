"""`icplan.values.frozen` makes what `attrs.frozen` does: shown, compared, hashed, copied and kept alike."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable


class Body:
    """Fields of each kind."""

    number: int
    name: str = "a"
    aside: int = attrs.field(default=0, eq=False)
    hidden: object = attrs.field(default=None, repr=False)
    inner: object = ()


def made(by: Callable[..., Any], **options: Any) -> Any:
    """A class of these fields, made by one of the two."""
    return by(type("Value", (), dict(vars(Body)) | {"__module__": __name__}), **options)


Shared, Generated = made(frozen), made(attrs.frozen)
Value = Shared  # by which pickle finds it
values = st.fixed_dictionaries(
    {"number": st.integers(0, 2)},
    optional={
        "name": st.sampled_from("ab"),
        "aside": st.integers(0, 1),
        "hidden": st.sampled_from([None, "x"]),
        "inner": st.sampled_from([(), (1,), [1]]),
    },
)


@given(values, values)
def test_they_are_shown_compared_and_hashed_as_attrs_does(one: Any, other: Any) -> None:
    shared, generated = (Shared(**one), Shared(**other)), (Generated(**one), Generated(**other))
    assert [repr(value) for value in shared] == [repr(value) for value in generated]
    assert (shared[0] == shared[1], shared[0] != shared[1]) == (
        generated[0] == generated[1],
        generated[0] != generated[1],
    )
    assert shared[0] != generated[0]
    if any(isinstance(each.get("inner"), list) for each in (one, other)):
        return
    if shared[0] == shared[1]:
        assert hash(shared[0]) == hash(shared[1])


@given(values)
def test_they_are_copied_kept_and_changed_as_attrs_does(told: Any) -> None:
    value = Shared(**told)
    assert pickle.loads(pickle.dumps(value)) == value == copy.deepcopy(value)  # noqa: S301
    assert attrs.evolve(value, number=7).number == 7
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        value.number = 3
    assert not hasattr(value, "__dict__")


def test_what_cannot_be_hashed_says_so() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Shared(1, inner=[1]))


def test_one_that_holds_itself_is_shown() -> None:
    for each in (Shared, Generated):
        value = each(1, inner=[])
        value.inner.append(value)
        assert "inner=[...]" in repr(value)


def test_without_fields_all_are_equal() -> None:
    @frozen
    class Nothing:
        pass

    assert Nothing() == Nothing()
    assert len({Nothing(), Nothing()}) == 1


@pytest.mark.parametrize("options", [{"eq": False}, {"order": True}, {"cache_hash": True}, {"repr": False}])
def test_options_mean_what_they_do_in_attrs(options: dict[str, bool]) -> None:
    shared, generated = made(frozen, **options), made(attrs.frozen, **options)
    assert (shared(1) == shared(1)) is (generated(1) == generated(1))
    names = ("__lt__", "__eq__", "__hash__", "__repr__")
    assert [name in vars(shared) for name in names] == [name in vars(generated) for name in names]


def test_what_a_class_defines_itself_stays() -> None:
    @frozen
    class Own:
        number: int

        def __eq__(self, other: object) -> bool:
            return False

        def __hash__(self) -> int:
            return 5

        def __repr__(self) -> str:
            return "own"

    assert Own(1) != Own(1)
    assert (hash(Own(1)), repr(Own(1))) == (5, "own")


def test_a_class_below_another_compares_all_its_fields() -> None:
    @frozen
    class Above:
        number: int

    @frozen
    class Below(Above):
        name: str

    assert Below(1, "a") == Below(1, "a") != Below(1, "b")
    assert Above(1) != Below(1, "a")
