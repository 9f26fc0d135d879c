"""Laws that hold for every problem, whatever the answer."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.packing_strategies import arrangements, problems

from icplan.packing import (
    Arrangement,
    Bin,
    Budget,
    Kind,
    Packing,
    Problem,
    Slots,
    Status,
    fewest_slots,
    most,
    most_slots,
    pack,
)
from icplan.packing.certificate import bound_to_json, read_bound
from icplan.packing.checker.placement import check_placement
from icplan.packing.checker.proof import check_proof
from icplan.packing.codec import from_json, placement_from_json, placement_to_json, to_json
from icplan.packing.reader import Node

if TYPE_CHECKING:
    from icplan.packing import Vector

pytestmark = pytest.mark.slow

#: Tight enough that greedy fails, and with far too many patterns to list.
TIGHT = Problem(
    (Bin("b", 8, (96_000, 393_216, 8)),),
    tuple(
        Kind(f"k{i}", 3 + i % 4, ((3000 + 1250 * i, 9000 + 7111 * (i * i % 13), i % 3),)) for i in range(14)
    ),
)


def fits(problem: Problem) -> bool:
    return pack(problem).status == Status.FITS


@given(problems(), st.data())
def test_more_room_or_fewer_copies_never_hurt(problem: Problem, data: st.DataObject) -> None:
    """What fits still fits with larger bins, more bins, or a copy less."""
    if not fits(problem):
        return
    at = data.draw(st.integers(0, len(problem.bins) - 1))
    own = problem.bins[at]
    larger = attrs.evolve(own, capacity=tuple(c + data.draw(st.integers(0, 3)) for c in own.capacity))
    for better in (larger, attrs.evolve(own, count=own.count + 1)):
        assert fits(Problem((*problem.bins[:at], better, *problem.bins[at + 1 :]), problem.kinds))
    fewer = tuple(attrs.evolve(k, count=max(0, k.count - 1)) for k in problem.kinds)
    assert fits(Problem(problem.bins, fewer))


@given(problems(), st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(problem: Problem, random: object) -> None:
    """Kinds, bins and dimensions in another order, under other names."""
    kinds, bins = list(range(len(problem.kinds))), list(range(len(problem.bins)))
    dims = list(range(len(problem.bins[0].capacity)))
    for order in (kinds, bins, dims):
        random.shuffle(order)  # type: ignore[attr-defined]

    def turned(vector: Vector | None) -> Vector | None:
        return None if vector is None else tuple(vector[j] for j in dims)

    other = Problem(
        tuple(
            Bin(f"x{b}", own.count, turned(own.capacity) or (), turned(own.used))
            for b, own in ((b, problem.bins[b]) for b in bins)
        ),
        tuple(
            Kind(f"y{i}", problem.kinds[i].count, tuple(turned(problem.kinds[i].demands[b]) for b in bins))
            for i in kinds
        ),
    )
    assert pack(other).status == pack(problem).status


@given(problems(), st.integers(2, 10**9))
def test_units_do_not_matter(problem: Problem, unit: int) -> None:
    """All amounts times the same number."""
    scaled = _scaled(problem, unit)
    packing = pack(scaled)
    assert packing.status == pack(problem).status
    assert packing.placement is None or check_placement(scaled, packing.placement)
    assert packing.proof is None or check_proof(scaled, packing.proof)


def _scaled(problem: Problem, unit: int) -> Problem:
    def times(vector: Vector | None) -> Vector | None:
        return None if vector is None else tuple(unit * x for x in vector)

    return Problem(
        tuple(Bin(b.name, b.count, times(b.capacity) or (), times(b.used)) for b in problem.bins),
        tuple(Kind(k.name, k.count, tuple(times(d) for d in k.demands)) for k in problem.kinds),
    )


@given(problems())
def test_splitting_a_kind_or_a_bin_does_not_matter(problem: Problem) -> None:
    """Copies and bins that are alike may be listed apart."""
    kinds = [attrs.evolve(k, count=n) for k in problem.kinds for n in (k.count // 2, k.count - k.count // 2)]
    assert fits(Problem(problem.bins, tuple(kinds))) == fits(problem)
    bins = [attrs.evolve(b, count=1) for b in problem.bins for _ in range(b.count)]
    demands = [
        tuple(d for d, b in zip(k.demands, problem.bins, strict=True) for _ in range(b.count))
        for k in problem.kinds
    ]
    apart = tuple(attrs.evolve(k, demands=d) for k, d in zip(problem.kinds, demands, strict=True))
    assert fits(Problem(tuple(bins), apart)) == fits(problem)


@given(arrangements())
def test_knowing_more_never_widens_the_extremes(arrangement: Arrangement) -> None:
    """The least is at most the most; copies that leave never cost slots; less counted never gives more."""
    least, greatest = fewest_slots(arrangement), most_slots(arrangement)
    if not least.possible:
        return
    assert least.low <= greatest.high
    everyone = tuple(k.count for k in arrangement.lying)
    assert fewest_slots(attrs.evolve(arrangement, leaves=everyone)).high >= least.low
    none = tuple((0,) * len(b.capacity) for b in arrangement.bins)
    assert most_slots(attrs.evolve(arrangement, counted=none)).high == 0


def test_huge_numbers_are_exact() -> None:
    """A unit in 10**12, and a million bins."""
    bins = (Bin("b", 10**6, (10**12, 10**12)),)
    half = 5 * 10**11
    just = Problem(bins, (Kind("k", 10**6, ((half, 1),)), Kind("l", 10**6, ((half, 1),))))
    assert fits(just)
    over = Problem(bins, (Kind("k", 10**6, ((half, 1),)), Kind("l", 10**6, ((half + 1, 1),))))
    packing = pack(over)
    assert packing.status == Status.DOES_NOT_FIT
    assert packing.proof is not None
    assert check_proof(over, packing.proof)
    assert most(just, 0) == (0, 0)


@pytest.mark.parametrize("bad", [-1, 10**13, 1.0, None, True, "1"])
def test_numbers_out_of_range_are_refused(bad: object) -> None:
    """Negative, huge, or no integers: in capacities, demands and counts."""
    for bins, kinds in (
        ((Bin("b", 1, (bad,)),), ()),  # type: ignore[arg-type]
        ((Bin("b", bad, (1,)),), ()),  # type: ignore[arg-type]
        ((Bin("b", 1, (1,)),), (Kind("k", 1, ((bad,),)),)),  # type: ignore[arg-type]
        ((Bin("b", 1, (1,)),), (Kind("k", bad, ((1,),)),)),  # type: ignore[arg-type]
    ):
        with pytest.raises(ValueError, match="not an integer between"):
            Problem(bins, kinds)


def test_vectors_that_do_not_belong_together_are_refused() -> None:
    """Unequal lengths; a demand too few; a target without end; more counted or leaving than there is."""
    one = (Bin("b", 1, (1,)),)
    kind = Kind("k", 1, ((1,),))
    with pytest.raises(ValueError, match="unequal length"):
        Problem(one, (Kind("k", 1, ((1, 1),)),))
    with pytest.raises(ValueError, match="demands for"):
        Problem(one, (Kind("k", 1, ()),))
    for bad in (
        {"target": ((0,),)},
        {"target": ()},
        {"leaves": (2,)},
        {"leaves": ()},
        {"counted": ((2,),)},
        {"counted": ()},
        {"counted": ((1, 1),)},
    ):
        with pytest.raises(ValueError, match="."):  # noqa: RUF043 - any message
            Arrangement(**{"bins": one, "lying": (kind,), "target": ((1,),), **bad})  # type: ignore[arg-type]


def test_the_clock_rules() -> None:
    """With no time at all there is no answer but the immediate ones; time is read from the budget's clock."""
    assert pack(TIGHT, Budget(0.0)).status == Status.UNDECIDED
    ticks = iter(range(10**9))
    assert pack(TIGHT, Budget(3.0, clock=lambda: float(next(ticks)))).status == Status.UNDECIDED
    assert pack(Problem((Bin("b", 1, (1,)),), ()), Budget(0.0)).status == Status.FITS
    arrangement = Arrangement(TIGHT.bins, TIGHT.kinds[:6], ((4000, 50_000, 1),))
    slots = fewest_slots(arrangement, budget=Budget(0.0))
    assert slots.low <= slots.high


@given(problems())
def test_json_and_back(problem: Problem) -> None:
    """Problems and placements survive the journey through JSON."""
    assert from_json(json.loads(json.dumps(to_json(problem)))) == problem
    placement = pack(problem).placement
    if placement is not None:
        assert placement_from_json(json.loads(json.dumps(placement_to_json(placement)))) == placement


@given(arrangements())
def test_arrangements_to_json_and_back(arrangement: Arrangement) -> None:
    """So do arrangements, and the proofs about them."""
    assert from_json(json.loads(json.dumps(to_json(arrangement)))) == arrangement
    slots = fewest_slots(arrangement)
    if slots.proof is not None:
        assert read_bound(Node(json.loads(json.dumps(bound_to_json(slots.proof))))) == slots.proof
    if slots.arrangement is not None:
        assert placement_from_json(placement_to_json(slots.arrangement)) == slots.arrangement


PROGRAM = """
import json, sys
import icplan.packing as p
from test_packing_laws import ARRANGED, TIGHT
print(sorted({"numpy", "ortools"} & set(sys.modules)))
a, b, c = p.pack(TIGHT), p.fewest_slots(ARRANGED), p.most_slots(ARRANGED)
print(a, b, c)
"""

ARRANGED = Arrangement(TIGHT.bins, TIGHT.kinds[:7], ((4000, 50_000, 1),), leaves=(1, 0, 2, 0, 1, 0, 0))


def test_the_same_bytes_every_time() -> None:
    """Whatever the order of dicts and sets; and importing loads neither NumPy nor OR-Tools."""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(p for p in sys.path if p)},
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(outputs) == 1
    assert next(iter(outputs)).startswith("[]\n")


@pytest.mark.parametrize("value", [Packing(Status.UNDECIDED), Slots(0, 1)])
def test_answers_are_values(value: object) -> None:
    """They compare by what they hold."""
    assert value == attrs.evolve(value)  # type: ignore[misc]
