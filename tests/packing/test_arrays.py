"""Very large problems: the same answers as for lists, only faster."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import packing_brute as brute

from icplan.packing import Budget, Status
from icplan.packing.array_problem import ArrayPacking, ArrayProblem
from icplan.packing.checker.arrays import check_array_placement, check_array_proof
from icplan.packing.solver.arrays.solve import pack_arrays


@st.composite
def array_problems(draw: st.DrawFn) -> ArrayProblem:
    dims, shapes = (draw(st.integers(1, n)) for n in (3, 2))
    bins, kinds = (draw(st.integers(0, n)) for n in (4, 3))
    amounts = st.integers(0, 9)
    demands = draw(
        st.lists(
            st.one_of(st.integers(0, 6), st.integers(0, 6), st.just(-1)),
            min_size=shapes * kinds * dims,
            max_size=shapes * kinds * dims,
        )
    )
    return ArrayProblem(
        np.array(draw(st.lists(st.integers(0, 4), min_size=kinds, max_size=kinds)), dtype=np.int64),
        np.array(draw(st.lists(st.integers(0, shapes - 1), min_size=bins, max_size=bins)), dtype=np.int64),
        np.array(draw(st.lists(amounts, min_size=bins * dims, max_size=bins * dims)), dtype=np.int64).reshape(
            bins, dims
        ),
        np.array(demands, dtype=np.int64).reshape(shapes, kinds, dims),
    )


@given(array_problems())
def test_never_wrong(problem: ArrayProblem) -> None:
    """What is decided agrees with brute force, and carries what the checker accepts."""
    packing = pack_arrays(problem, Budget())
    truth = brute.fits(problem.as_problem())
    if packing.status == Status.FITS:
        assert truth
        assert check_array_placement(problem, packing)
    elif packing.status == Status.DOES_NOT_FIT:
        assert not truth
        assert packing.proof is not None
        assert check_array_proof(problem, packing.proof)


@given(array_problems(), st.data())
def test_a_changed_placement_is_refused(problem: ArrayProblem, data: st.DataObject) -> None:
    """A copy more or less, anywhere, is noticed."""
    packing = pack_arrays(problem, Budget())
    if packing.copies is None or not len(packing.copies):
        return
    at = data.draw(st.integers(0, len(packing.copies) - 1))
    copies = packing.copies.copy()
    copies[at] += data.draw(st.sampled_from([-1, 1]))
    assert not check_array_placement(problem, attrs.evolve(packing, copies=copies))


def test_volume_and_slots_are_proven() -> None:
    """Both kinds of proof, and what is wrong with each when a number changes."""
    free = np.full((3, 1), 10, dtype=np.int64)
    shapes = np.zeros(3, dtype=np.int64)
    volume = ArrayProblem(np.array([4, 1]), shapes, free, np.array([[[6], [7]]]))
    proof = pack_arrays(volume, Budget()).proof
    assert proof is not None
    assert proof["Kind"] == "volume"
    assert check_array_proof(volume, proof)
    assert not check_array_proof(volume, {**proof, "Weights": [8, 7]})
    assert not check_array_proof(volume, {**proof, "Units": [[2]]})
    assert not check_array_proof(volume, {**proof, "Scale": True})
    slots = ArrayProblem(np.array([4]), shapes, free, np.array([[[6]]]))
    assert check_array_proof(slots, {"Kind": "slots", "Of": 0})
    assert not check_array_proof(slots, {"Kind": "slots", "Of": 1})
    assert not check_array_proof(attrs.evolve(slots, counts=np.array([3])), {"Kind": "slots", "Of": 0})


def one_shape(counts: list[int], free: list[list[int]], demands: list[list[int]]) -> ArrayProblem:
    """Bins of one shape, and kinds by what they take there."""
    shapes = np.zeros(len(free), dtype=np.int64)
    return ArrayProblem(np.array(counts), shapes, np.array(free), np.array([demands]))


def test_placements_on_arrays_are_held_to_every_number() -> None:
    """Two bins of 5, two copies of 3, and one that may not lie there at all."""
    problem = one_shape([2, 0], [[5], [5]], [[3], [-1]])

    def placed(bins: list[int], kinds: list[int], copies: list[int]) -> bool:
        packing = ArrayPacking(Status.FITS, np.array(bins), np.array(kinds), np.array(copies))
        return check_array_placement(problem, packing)

    assert placed([0, 1], [0, 0], [1, 1])
    assert placed([0, 1, 1], [0, 0, 1], [1, 1, 0])
    assert not placed([0], [0], [2])
    assert not placed([0, 1], [0, 0], [1, 0])
    assert not placed([0, 2], [0, 0], [1, 1])
    assert not placed([0, 1, 1], [0, 0], [1, 1])
    assert not placed([0, 1], [0, 0, 0], [1, 1])
    assert not placed([0, 1], [0, 0], [1, 1, 0])
    assert not placed([0, -1], [0, 0], [1, 1])
    assert not placed([0, 1, 1], [0, 0, 2], [1, 1, 0])
    assert not placed([0, 1, 1], [0, 0, -2], [1, 1, 0])
    assert not placed([0, 0, 1], [0, 0, 0], [3, -1, 0])
    assert not placed([0, 1, 1, 1], [0, 0, 1, 1], [1, 1, 1, -1])
    assert not check_array_placement(problem, ArrayPacking(Status.UNDECIDED))
    one = np.array([0])
    assert not check_array_placement(problem, ArrayPacking(Status.FITS, one, None, one))
    assert not check_array_placement(problem, ArrayPacking(Status.FITS, None, one, one))
    assert not check_array_placement(problem, ArrayPacking(Status.FITS, one, one, None))


def test_a_volume_proof_holds_by_one_unit() -> None:
    """Three copies of 4 in two bins of 5; a copy that takes none of a dimension is weighed all the same."""
    problem = one_shape([3], [[5, 9], [5, 9]], [[4, 0]])
    proof = {"Kind": "volume", "Scale": 1, "Weights": [4], "Units": [[1, 0]]}
    assert check_array_proof(problem, proof)
    assert not check_array_proof(problem, {**proof, "Weights": [5]})
    assert not check_array_proof(problem, {**proof, "Kind": "slots"})
    assert not check_array_proof(problem, {**proof, "Kind": None})
    assert not check_array_proof(problem, {**proof, "Weights": [4, 4]})
    assert not check_array_proof(problem, {**proof, "Weights": []})
    assert not check_array_proof(problem, {**proof, "Units": []})
    assert not check_array_proof(problem, {**proof, "Units": [[1, 0], [1, 0]]})
    assert not check_array_proof(one_shape([3], [[6, 9], [6, 9]], [[4, 0]]), proof)
    assert not check_array_proof(one_shape([2], [[5, 9], [5, 9]], [[4, 0]]), proof)
    barred = one_shape([3, 1], [[5, 9], [5, 9]], [[4, 0], [-1, -1]])
    assert check_array_proof(barred, {**proof, "Weights": [4, 9]})


def test_a_slots_proof_holds_by_one_copy() -> None:
    """Two bins of 5 hold a copy of 4 each; what takes nothing has room anywhere, what is barred nowhere."""
    problem = one_shape([3, 1, 1], [[5, 9], [5, 9]], [[4, 0], [0, 0], [-1, -1]])
    assert check_array_proof(problem, {"Kind": "slots", "Of": 0})
    assert not check_array_proof(problem, {"Kind": "slots", "Of": 1})
    assert check_array_proof(problem, {"Kind": "slots", "Of": 2})
    for of in (-1, -3, 3, False, 0.0, "0", None):
        assert not check_array_proof(problem, {"Kind": "slots", "Of": of}), of
    assert not check_array_proof(problem, {"Kind": "other", "Of": 0})
    assert not check_array_proof(one_shape([2], [[5], [5]], [[4]]), {"Kind": "slots", "Of": 0})


def test_bad_arrays_are_refused() -> None:
    """Unequal lengths, floats and numbers out of range."""
    good = {
        "counts": np.array([1]),
        "shapes": np.array([0]),
        "free": np.array([[1]]),
        "demands": np.array([[[1]]]),
    }
    ArrayProblem(**good)
    for name, bad in (
        ("counts", np.array([1, 2])),
        ("counts", np.array([-1])),
        ("shapes", np.array([1])),
        ("free", np.array([[-1]])),
        ("free", np.array([[1.5]])),
        ("demands", np.array([[[10**13]]])),
    ):
        with pytest.raises(ValueError, match=r"."):
            ArrayProblem(**{**good, name: bad})


@given(st.data())
def test_an_even_mix_is_found(data: st.DataObject) -> None:
    """As many copies of each kind as there are bins, or a multiple, if one bin holds its share of them."""
    bins, kinds, dims = (data.draw(st.integers(1, n)) for n in (40, 6, 3))
    each = np.array(data.draw(st.lists(st.integers(1, 9), min_size=kinds, max_size=kinds)), dtype=np.int64)
    numbers = st.lists(st.integers(0, 20), min_size=kinds * dims, max_size=kinds * dims)
    demands = np.array(data.draw(numbers), dtype=np.int64).reshape(kinds, dims)
    spare = np.array(data.draw(st.lists(st.integers(0, 5), min_size=dims, max_size=dims)), dtype=np.int64)
    free = np.tile(each @ demands + spare, (bins, 1))
    problem = ArrayProblem(each * bins, np.zeros(bins, dtype=np.int64), free, demands[None])
    packing = pack_arrays(problem, Budget())
    assert packing.status == Status.FITS
    assert check_array_placement(problem, packing)
