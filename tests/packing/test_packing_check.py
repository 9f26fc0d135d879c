"""The checker: whatever is changed in a placement or a proof is noticed, and nothing can hold it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.packing_strategies import arrangements, problems

from icplan.packing import Arrangement, Bin, Kind, Pattern, Problem, Status, fewest_slots, most_slots, pack
from icplan.packing.certificate import bound_to_json, certificate_to_json
from icplan.packing.checker.placement import check_arrangement, check_placement
from icplan.packing.checker.proof import check_proof, check_slots

if TYPE_CHECKING:
    from collections.abc import Iterator

#: 3, 5, 6 and 7 of 8 devices: volume has room, patterns do not.
PARITY = Problem(
    (Bin("b", 4, (8,)),), tuple(Kind(f"k{n}", count, ((n,),)) for n, count in ((3, 3), (5, 2), (6, 2)))
)

#: Fits in fractions of patterns, not in whole ones.
GAP = Problem(
    (Bin("b", 5, (8, 8)),),
    tuple(
        Kind(f"k{i}", count, (demand,))
        for i, (count, demand) in enumerate(
            [(1, (6, 5)), (2, (4, 6)), (2, (1, 4)), (2, (1, 3)), (1, (6, 2)), (1, (3, 2)), (2, (3, 2))]
        )
    ),
)


@given(problems(), st.data())
def test_a_changed_placement_is_refused(problem: Problem, data: st.DataObject) -> None:
    """One copy more or less, one bin more or less, another kind of bin."""
    packing = pack(problem)
    placement = [p for p in packing.placement or () if any(p.copies)]
    if not placement:
        return
    at = data.draw(st.integers(0, len(placement) - 1))
    pattern = placement[at]
    kind = data.draw(st.integers(0, len(pattern.copies) - 1))
    more = tuple(n + (i == kind) for i, n in enumerate(pattern.copies))
    changed = data.draw(
        st.sampled_from(
            [
                attrs.evolve(pattern, copies=more),
                attrs.evolve(pattern, times=pattern.times + 1),
                attrs.evolve(pattern, times=pattern.times - 1),
                attrs.evolve(pattern, times=True),
                attrs.evolve(pattern, bin=len(problem.bins)),
                attrs.evolve(pattern, bin=-1),
                attrs.evolve(pattern, copies=pattern.copies[1:]),
            ]
        )
    )
    assert not check_placement(problem, [*placement[:at], changed, *placement[at + 1 :]])
    assert not check_placement(problem, placement[:at] + placement[at + 1 :])


def test_more_bins_than_there_are_is_refused() -> None:
    """Even if each of them is filled legally."""
    problem = Problem((Bin("b", 1, (4,)),), (Kind("k", 2, ((4,),)),))
    assert not check_placement(problem, [Pattern(0, 2, (1,))])


def mutations(value: Any) -> Iterator[Any]:
    """Each part dropped, each number and string of another type: one change at a time."""
    if isinstance(value, dict):
        yield from ({k: v for k, v in value.items() if k != key} for key in value if key != "Multipliers")
        for key in value.keys() - {"Multipliers"}:
            yield from ({**value, key: changed} for changed in mutations(value[key]))
    elif isinstance(value, list):
        if value:
            yield value[1:]
        for at, own in enumerate(value):
            yield from ([*value[:at], changed, *value[at + 1 :]] for changed in mutations(own))
    elif isinstance(value, str):
        yield from (value + "x", None)
    elif isinstance(value, int):
        yield from (float(value), str(value))


def test_malformed_proofs_are_refused() -> None:
    """Any part missing, of another type, or cut short."""
    for problem in (PARITY, GAP):
        packing = pack(problem)
        assert packing.status == Status.DOES_NOT_FIT
        assert packing.proof is not None
        assert check_proof(problem, packing.proof)
        for changed in mutations(certificate_to_json(packing.proof)):
            assert not check_proof(problem, changed), changed
    nonsense: dict[str, Any]
    for nonsense in ({}, {"Kind": "weights"}, {"Kind": []}, {"Kind": "weights", "Weights": 3, "Limits": 4}):
        assert not check_proof(PARITY, nonsense)


@given(problems(), st.data())
def test_no_proof_of_what_is_false(problem: Problem, data: st.DataObject) -> None:
    """Whatever weights, limits and multipliers: what fits is never refuted."""
    if pack(problem).status != Status.FITS:
        return
    numbers = st.integers(-2, 9)
    size = len(problem.bins[0].capacity)
    proof = {
        "Kind": "weights",
        "Weights": [data.draw(numbers) for _ in problem.kinds],
        "Limits": [data.draw(numbers) for _ in problem.bins],
        "Multipliers": [[data.draw(st.integers(0, 4)) for _ in range(size + 1)] for _ in problem.bins],
    }
    assert not check_proof(problem, proof)


@given(arrangements(), st.data())
def test_no_better_bound_than_the_truth(arrangement: Arrangement, data: st.DataObject) -> None:
    """A bound claimed tighter than proven is refused, and so is the proof of the other extreme."""
    least, most = fewest_slots(arrangement), most_slots(arrangement)
    if not least.possible:
        return
    assert least.proof is not None
    assert most.proof is not None
    step = data.draw(st.integers(1, 3))
    assert not check_slots(arrangement, {**bound_to_json(least.proof), "Bound": least.low + step})
    assert not check_slots(arrangement, {**bound_to_json(most.proof), "Bound": most.high - step})
    assert not check_slots(arrangement, {**bound_to_json(least.proof), "Bound": None})
    assert not check_slots(arrangement, {**bound_to_json(least.proof), "Sense": "other"})
    assert check_slots(arrangement, {**bound_to_json(least.proof), "Bound": least.low - step})


@given(arrangements(), st.data())
def test_a_changed_arrangement_is_refused(arrangement: Arrangement, data: st.DataObject) -> None:
    """Other slots than it leaves, a copy more, other copies leaving."""
    slots = fewest_slots(arrangement)
    placement = list(slots.arrangement or ())
    if not placement:
        return
    assert check_arrangement(arrangement, placement, slots.high)
    assert not check_arrangement(arrangement, placement, slots.high + 1)
    assert not check_arrangement(arrangement, placement, slots.high - 1)
    at = data.draw(st.integers(0, len(placement) - 1))
    pattern = placement[at]
    if not pattern.copies:
        return
    leaving = pattern.leaving or (0,) * len(pattern.copies)
    gone = attrs.evolve(pattern, leaving=(leaving[0] + 1, *leaving[1:]))
    assert not check_arrangement(arrangement, [*placement[:at], gone, *placement[at + 1 :]], slots.high)


def test_a_hostile_proof_ends() -> None:
    """A search without end, or a tree without bottom, is given up."""
    kinds = tuple(Kind(f"k{i}", 50, ((i + 97, 1000 - i),)) for i in range(40))
    problem = Problem((Bin("b", 1, (10**6, 10**6)),), kinds)
    proof = {"Kind": "weights", "Weights": [i * i + 1 for i in range(40)], "Limits": [10**6 - 1]}
    assert not check_proof(problem, proof, work=20_000)
    deep: dict[str, Any] = {"Kind": "weights", "Weights": [], "Limits": []}
    for _ in range(5000):
        deep = {"Kind": "tree", "Bins": [0], "AtLeast": [], "Most": 0, "Under": deep, "Over": deep}
    assert not check_proof(problem, deep)


@pytest.mark.parametrize("problem", [PARITY, GAP])
def test_a_proof_needs_every_copy(problem: Problem) -> None:
    """With one copy less of any kind that weighs, these problems fit, so their proofs must fail."""
    proof = pack(problem).proof
    assert proof is not None
    for at, kind in enumerate(problem.kinds):
        fewer = attrs.evolve(kind, count=kind.count - 1)
        smaller = Problem(problem.bins, (*problem.kinds[:at], fewer, *problem.kinds[at + 1 :]))
        assert check_proof(smaller, proof) <= (pack(smaller).status == Status.DOES_NOT_FIT)
