"""The checker on cases small enough to see through: what holds is accepted, whatever is a unit off is not."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from icplan.packing import Arrangement, Bin, Kind, Pattern, Problem
from icplan.packing.checker.placement import check_arrangement, check_placement
from icplan.packing.checker.proof import check_proof, check_slots

pytestmark = pytest.mark.smoke

#: Two bins of 4 hold one copy of 3 each: three do not fit.
THREE = Problem((Bin("b", 2, (4,)),), (Kind("k", 3, ((3,),)),))
WEIGHTS = {"Kind": "weights", "Weights": [1], "Limits": [1]}


def fewer(problem: Problem, at: int = 0) -> Problem:
    """One copy less."""
    kinds = list(problem.kinds)
    kinds[at] = attrs.evolve(kinds[at], count=kinds[at].count - 1)
    return Problem(problem.bins, tuple(kinds))


def test_weights_hold_by_one_unit() -> None:
    assert check_proof(THREE, WEIGHTS)
    assert not check_proof(fewer(THREE), WEIGHTS)
    assert not check_proof(THREE, {**WEIGHTS, "Limits": [0]})
    assert not check_proof(THREE, {**WEIGHTS, "Limits": [2]})
    assert not check_proof(THREE, {**WEIGHTS, "Weights": [2]})
    assert check_proof(THREE, {**WEIGHTS, "Weights": [2], "Limits": [2]})


@pytest.mark.parametrize(
    "change",
    [
        {"Weights": [1, 1]},
        {"Weights": []},
        {"Weights": [1.0]},
        {"Weights": [True]},
        {"Weights": "1"},
        {"Weights": None},
        {"Limits": [1, 1]},
        {"Limits": []},
        {"Limits": [True]},
        {"Rows": [0]},
        {"Rows": None},
        {"Kind": "slots"},
        {"Kind": "WEIGHTS"},
        {"Kind": None},
        {"Multipliers": [[0, 1]]},
        {"Multipliers": [[1]]},
        {"Multipliers": [[1, 0, 0]]},
        {"Multipliers": [[1, -1]]},
        {"Multipliers": [[-1, 1]]},
        {"Multipliers": [[1, 0.5]]},
        {"Multipliers": [["1", 0]]},
        {"Multipliers": {"b": [1, 0]}},
    ],
)
def test_weights_that_are_malformed_are_refused(change: dict[str, Any]) -> None:
    assert not check_proof(THREE, {**WEIGHTS, **change})


@pytest.mark.parametrize(
    "hints", [None, [], [None], [[]], [[1, 0]], [[1, 1]], [[9, 9]], [[3, 1]], [[1, 10**50]]]
)
def test_hints_decide_nothing(hints: object) -> None:
    assert check_proof(THREE, {**WEIGHTS, "Multipliers": hints})
    assert not check_proof(THREE, {**WEIGHTS, "Multipliers": hints, "Limits": [0]})
    assert not check_proof(fewer(THREE), {**WEIGHTS, "Multipliers": hints})


def test_only_what_may_lie_in_a_bin_counts_there() -> None:
    """Bins of which there are none, kinds without copies, kinds that may not lie there or are too large."""
    bins = (Bin("b", 2, (4, 9)), Bin("none", 0, (99, 99)), Bin("other", 1, (99, 99)))
    kinds = (
        Kind("k", 3, ((3, 1), (3, 1), None)),
        Kind("no copies", 0, ((0, 1), (0, 1), (0, 1))),
        Kind("too large", 1, ((4, 10), (1, 1), (1, 1))),
    )
    problem = Problem(bins, kinds)
    proof = {"Kind": "weights", "Weights": [1, 7, 1], "Limits": [1, 0, 1]}
    assert check_proof(problem, proof)
    assert not check_proof(problem, {**proof, "Limits": [1, 0, 0]})
    roomy = Problem((bins[0], attrs.evolve(bins[1], count=1), bins[2]), kinds)
    assert not check_proof(roomy, proof)
    small = attrs.evolve(kinds[2], demands=((4, 9), (1, 1), (1, 1)))
    assert check_proof(Problem(bins, (kinds[0], kinds[1], small)), proof)
    smaller = attrs.evolve(kinds[2], demands=((1, 8), (1, 1), (1, 1)))
    assert not check_proof(Problem(bins, (kinds[0], kinds[1], smaller)), proof)


def test_alike_kinds_count_together() -> None:
    """Two kinds of one copy weigh as much in a bin as one kind of two."""
    problem = Problem((Bin("b", 1, (4,)),), tuple(Kind(f"k{i}", 1, ((2,),)) for i in range(3)))
    proof = {"Kind": "weights", "Weights": [1, 1, 1], "Limits": [2]}
    assert check_proof(problem, proof)
    assert not check_proof(problem, {**proof, "Limits": [1]})
    assert not check_proof(problem, {**proof, "Weights": [1, 1, 2]})


def test_a_copy_that_fills_a_bin_to_the_brim_lies_in_it() -> None:
    brim = Problem((Bin("b", 1, (4, 6)),), (Kind("k", 2, ((4, 6),)),))
    assert check_proof(brim, WEIGHTS)
    assert not check_proof(brim, {**WEIGHTS, "Limits": [0]})


def test_what_a_bin_holds_for_good_is_no_room() -> None:
    used = Problem((Bin("b", 2, (9,), (5,)),), THREE.kinds)
    assert check_proof(used, WEIGHTS)
    assert not check_proof(Problem((Bin("b", 2, (9,), (3,)),), THREE.kinds), WEIGHTS)


#: Two bins of 10, two copies of 3 that lie there, a target of 4: side by side they leave room for three of
#: it, apart for two.
LYING = Arrangement((Bin("b", 2, (10,)),), (Kind("k", 2, ((3,),)),), ((4,),))
LEAST = {
    "Kind": "slots",
    "Sense": "least",
    "Bound": 2,
    "Scale": 1,
    "Prices": [-1],
    "Leaving": [0],
    "Bases": [2],
}
MOST = {
    "Kind": "slots",
    "Sense": "most",
    "Bound": 3,
    "Scale": 2,
    "Prices": [-1],
    "Leaving": [0],
    "Bases": [4],
}


def test_bounds_on_slots_hold_by_one_unit() -> None:
    assert check_slots(LYING, LEAST)
    assert check_slots(LYING, MOST)
    for change in (
        {"Bound": 3},
        {"Bases": [3]},
        {"Prices": [0]},
        {"Prices": [-2]},
        {"Scale": 2},
        {"Sense": "most"},
    ):
        assert not check_slots(LYING, {**LEAST, **change}), change
    for change in (
        {"Bound": 2},
        {"Bases": [3]},
        {"Prices": [0]},
        {"Prices": [-2]},
        {"Scale": 3},
        {"Sense": "least"},
    ):
        assert not check_slots(LYING, {**MOST, **change}), change
    assert check_slots(LYING, {**LEAST, "Bound": 1})
    assert check_slots(LYING, {**MOST, "Bound": 4})


@pytest.mark.parametrize(
    "change",
    [
        {"Bound": None},
        {"Bound": 2.0},
        {"Bound": "2"},
        {"Bound": True},
        {"Sense": "MOST"},
        {"Sense": None},
        {"Scale": -1},
        {"Scale": 1.0},
        {"Scale": 0},
        {"Prices": []},
        {"Prices": [-1, 0]},
        {"Prices": [-1.0]},
        {"Leaving": []},
        {"Bases": []},
        {"Bases": [2.0]},
        {"Bases": [2, 2]},
        {"Kind": "weights"},
        {"Rows": [0]},
    ],
)
def test_bounds_that_are_malformed_are_refused(change: dict[str, Any]) -> None:
    assert not check_slots(LYING, {**LEAST, **change})
    for part in change:
        assert not check_slots(LYING, {k: v for k, v in LEAST.items() if k != part}) or part == "Rows"


def test_a_bound_is_rounded_in_its_favour() -> None:
    """Two and a half slots are three: slots are whole."""
    three = attrs.evolve(LYING, bins=(Bin("b", 3, (10,)),))
    half = {**LEAST, "Scale": 2, "Prices": [-2], "Bases": [3], "Bound": 3}
    assert check_slots(three, half)
    assert not check_slots(three, {**half, "Bound": 4})
    most = {**MOST, "Bases": [4], "Bound": 5}
    assert check_slots(three, most)
    assert not check_slots(three, {**most, "Bound": 4})
    rough = {**most, "Bases": [5]}
    assert check_slots(three, {**rough, "Bound": 6})
    assert not check_slots(three, {**rough, "Bound": 5})


def test_copies_that_leave_crowd_only_the_bin() -> None:
    """One of the two leaves: three slots, however they lie; where it lies the other may have no room."""
    leaving = attrs.evolve(LYING, leaves=(1,))
    assert check_slots(leaving, {**LEAST, "Bound": 3})
    assert not check_slots(leaving, {**LEAST, "Bound": 4})
    assert not check_slots(leaving, {**LEAST, "Bound": 4, "Leaving": [1]})
    assert not check_slots(leaving, {**LEAST, "Prices": [0], "Leaving": [-1]})
    assert not check_slots(LYING, {**LEAST, "Bound": 3})
    full = Arrangement((Bin("b", 1, (10,)),), (Kind("k", 2, ((6,),)),), ((4,),), leaves=(1,))
    nowhere = {**LEAST, "Scale": 0, "Prices": [1], "Leaving": [1], "Bases": [-1], "Bound": None}
    assert check_slots(full, nowhere)
    assert check_slots(full, {**nowhere, "Sense": "most", "Prices": [-1], "Leaving": [-1], "Bases": [1]})
    assert not check_slots(full, {**nowhere, "Leaving": [0]})
    assert not check_slots(full, {**nowhere, "Bases": [0]})
    assert not check_slots(leaving, nowhere)
    assert check_slots(full, {**nowhere, "Bound": 9})


def test_copies_that_leave_cost_the_target_nothing_at_all() -> None:
    """A bin of 8 has room for two of 4, if what lies in it leaves."""
    brim = Arrangement((Bin("b", 1, (8,)),), (Kind("k", 1, ((3,),)),), ((4,),), leaves=(1,))
    assert check_slots(brim, {**LEAST, "Prices": [0], "Leaving": [0], "Bound": 2})
    assert check_slots(brim, {**LEAST, "Prices": [0], "Leaving": [1], "Bases": [1], "Bound": 2})


def test_a_negative_scale_is_refused() -> None:
    """It would turn the bound around."""
    assert not check_slots(LYING, {**LEAST, "Scale": -1, "Prices": [0], "Bases": [-2], "Bound": 4})


def test_room_for_the_target_is_what_is_counted_less_what_is_used() -> None:
    """Counted 8 of 10, 3 of them used: one slot of 4 in each bin; none where the target may not lie."""
    own = Arrangement((Bin("b", 2, (10,), (3,)),), (), ((4,),), counted=((8,),))
    flat = {**LEAST, "Prices": [], "Leaving": [], "Bases": [1], "Bound": 2}
    assert check_slots(own, flat)
    assert not check_slots(own, {**flat, "Bases": [2], "Bound": 3})
    assert check_slots(own, {**flat, "Sense": "most"})
    assert not check_slots(own, {**flat, "Sense": "most", "Bases": [0], "Bound": 0})
    assert check_arrangement(own, [], 2)
    assert not check_arrangement(own, [], 4)
    over = attrs.evolve(own, counted=((1,),))
    assert check_slots(over, {**flat, "Sense": "most", "Bases": [0], "Bound": 0})
    assert check_arrangement(over, [], 0)
    slim = attrs.evolve(over, target=((1,),))
    assert check_slots(slim, {**flat, "Sense": "most", "Bases": [0], "Bound": 0})
    assert check_arrangement(slim, [], 0)
    crowded = attrs.evolve(slim, bins=(Bin("b", 1, (10,)),), lying=LYING.lying, counted=((4,),))
    assert check_arrangement(crowded, [Pattern(0, 1, (2,))], 0)
    barred = attrs.evolve(own, target=(None,))
    assert check_slots(barred, {**flat, "Sense": "most", "Bases": [0], "Bound": 0})
    assert check_arrangement(barred, [], 0)
    assert not check_arrangement(barred, [], 2)
    plain = attrs.evolve(own, counted=None)
    assert not check_slots(plain, {**flat, "Bases": [2], "Bound": 4})
    assert check_arrangement(plain, [], 2)


#: Two bins of 5 for three copies of 2 and two of 3.
FORKED = Problem((Bin("b", 2, (5,)),), (Kind("two", 3, ((2,),)), Kind("three", 2, ((3,),))))


def fork(**changes: object) -> dict[str, Any]:
    """At most ``Most`` bins hold at least a copy of the second kind: either way it does not fit."""
    under = {"Kind": "weights", "Weights": [0, 1], "Limits": [0], "Rows": [-1]}
    over = {"Kind": "weights", "Weights": [1, 0], "Limits": [2], "Rows": [1]}
    tree = {"Kind": "tree", "Bins": [0], "AtLeast": [{"Kinds": [1], "Copies": 1}], "Most": 1}
    return {**tree, "Under": under, "Over": over, **changes}


def test_both_sides_of_a_fork_are_needed() -> None:
    """Two bins, a copy of 3 in at most one: one is left over; in both of them: a copy of 2 is."""
    tree = fork()
    assert check_proof(FORKED, tree)
    assert not check_proof(fewer(FORKED, 0), tree)
    assert not check_proof(fewer(FORKED, 1), tree)
    for side in ("Under", "Over"):
        proof = tree[side]
        assert not check_proof(FORKED, {**tree, side: {**proof, "Rows": [-proof["Rows"][0]]}})
        assert not check_proof(FORKED, {**tree, side: {**proof, "Rows": [2 * proof["Rows"][0]]}})
        assert not check_proof(FORKED, {**tree, side: {**proof, "Rows": []}})
        assert not check_proof(FORKED, {**tree, side: {**proof, "Rows": [0]}})
        assert not check_proof(FORKED, proof)
        assert not check_proof(FORKED, {**tree, side: WEIGHTS})
    assert not check_proof(FORKED, fork(Under=tree["Over"], Over=tree["Under"]))
    changes: tuple[dict[str, Any], ...] = (
        {"Most": 0},
        {"Most": 2},
        {"Most": -1},
        {"Most": 1.0},
        {"Bins": []},
        {"Bins": [1]},
        {"Bins": [0.0]},
        {"Bins": [-1]},
        {"AtLeast": [{"Kinds": [1], "Copies": 2}]},
        {"AtLeast": [{"Kinds": [0], "Copies": 1}]},
        {"AtLeast": [{"Kinds": [1.0], "Copies": 1}]},
        {"AtLeast": [{"Kinds": [1], "Copies": -1}]},
        {"AtLeast": [{"Kinds": [1], "Copies": 1.0}]},
        {"AtLeast": [{"Kinds": [1], "Copies": 1}, {"Kinds": [0], "Copies": 2}]},
        {"AtLeast": []},
    )
    for change in changes:
        assert not check_proof(FORKED, fork(**change)), change


def test_forks_are_about_numbers_not_below_zero() -> None:
    """Even where the prices of a fork are zero, so that it says nothing."""
    side = {**WEIGHTS, "Rows": [0]}
    tree = {"Kind": "tree", "Bins": [0], "AtLeast": [{"Kinds": [0], "Copies": 0}], "Most": 0}
    assert check_proof(THREE, {**tree, "Under": side, "Over": side})
    changes: tuple[dict[str, Any], ...] = (
        {"Most": -1},
        {"Bins": [-1]},
        {"AtLeast": [{"Kinds": [-1], "Copies": 0}]},
        {"AtLeast": [{"Kinds": [0], "Copies": -1}]},
    )
    for change in changes:
        assert not check_proof(THREE, {**tree, "Under": side, "Over": side, **change}), change


def test_the_price_of_a_row_has_the_sign_of_its_side() -> None:
    """At most three bins count: that is no reason to add three, since it may be fewer."""
    fits = Problem((Bin("b", 2, (4,)),), (Kind("k", 1, ((3,),)),))
    leaf = {"Kind": "weights", "Weights": [0], "Limits": [1], "Rows": [1]}
    tree = {"Kind": "tree", "Bins": [0], "AtLeast": [{"Kinds": [0], "Copies": 1}], "Most": 3}
    assert not check_proof(fits, {**tree, "Under": leaf, "Over": leaf})


def test_work_is_spent_only_on_what_can_weigh() -> None:
    """Not on kinds without copies, without weight, or too large: only on reading that they are there."""
    proof = {**WEIGHTS, "Weights": [1, 1, 1, 0], "Limits": [1]}
    idle = (Kind("none", 0, ((1,),)), Kind("large", 0, ((9,),)), Kind("light", 1, ((1,),)))
    problem = Problem(THREE.bins, THREE.kinds + idle)
    least = next(work for work in range(1000) if check_proof(THREE, WEIGHTS, work=work))
    assert check_proof(problem, proof, work=least + len(idle))


def test_slots_are_proven_without_what_only_takes_them() -> None:
    """Of the most slots: copies that have no price but take room from the target are only read."""
    beside = attrs.evolve(LYING, lying=(*LYING.lying, Kind("l", 2, ((1,),))))
    proof = {**MOST, "Prices": [-1, 0], "Leaving": [0, 0]}
    least = next(work for work in range(1000) if check_slots(LYING, MOST, work=work))
    assert check_slots(beside, proof, work=least + 2)


def test_where_nothing_lies_the_target_is_not_looked_at() -> None:
    """Copies that stay and that leave are alike then: two kinds are read, and two copies of one tried."""
    full = Arrangement((Bin("b", 1, (10,)),), (Kind("k", 2, ((6,),)),), ((4,),), leaves=(1,))
    nowhere = {**LEAST, "Scale": 0, "Prices": [1], "Leaving": [1], "Bases": [-1], "Bound": None}
    assert check_slots(full, nowhere, work=4)
    assert not check_slots(full, nowhere, work=3)


def test_a_fork_bounds_slots_by_its_lesser_side() -> None:
    under = {**LEAST, "Rows": [0]}
    tree = {
        "Kind": "tree",
        "Sense": "least",
        "Bound": 2,
        "Bins": [0],
        "AtLeast": [{"Kinds": [0], "Copies": 2}],
        "Most": 0,
        "Under": under,
        "Over": {**LEAST, "Bases": [2], "Prices": [-1], "Rows": [0]},
    }
    assert check_slots(LYING, tree)
    assert not check_slots(LYING, {**tree, "Bound": 3})
    # With both copies in one bin there is a slot more than the prices alone say.
    over = {**LEAST, "Rows": [1]}
    assert check_slots(LYING, {**tree, "Over": over})
    assert not check_slots(LYING, {**tree, "Over": over, "Bound": 3})
    assert not check_slots(LYING, {**tree, "Over": {**over, "Rows": [2]}})
    # No bin holds both copies, say the prices of the one side; then the other alone counts.
    alone = Arrangement((Bin("b", 1, (10,)),), LYING.lying, LYING.target)
    nothing = {**LEAST, "Scale": 0, "Prices": [1], "Bases": [-1], "Rows": [-1]}
    single = {**tree, "Under": nothing, "Over": {**LEAST, "Bases": [2], "Rows": [1]}, "Bound": 1}
    assert check_slots(alone, single)
    assert not check_slots(alone, {**single, "Bound": 2})


def test_branches_may_nest_so_deep_and_no_deeper() -> None:
    """300 forks that say nothing, each over a side that is proven at once."""

    def nested(depth: int) -> dict[str, Any]:
        proof: dict[str, Any] = {**WEIGHTS, "Rows": [0] * depth}
        for at in range(depth - 1, -1, -1):
            side = {**WEIGHTS, "Rows": [0] * (at + 1)}
            proof = {"Kind": "tree", "Bins": [0], "AtLeast": [], "Most": 0, "Under": side, "Over": proof}
        return proof

    assert check_proof(THREE, nested(300))
    assert not check_proof(THREE, nested(301))


def test_placements_are_held_to_every_number() -> None:
    """Two dimensions, two kinds of bin, one of them barred to a kind."""
    bins = (Bin("b", 2, (5, 5), (1, 0)), Bin("c", 1, (3, 9)))
    kinds = (Kind("k", 3, ((2, 1), (3, 1))), Kind("l", 1, ((1, 5), None)))
    problem = Problem(bins, kinds)
    good = [Pattern(0, 1, (2, 0)), Pattern(0, 1, (0, 1)), Pattern(1, 1, (1, 0))]
    assert check_placement(problem, good)
    assert check_placement(problem, [*good, Pattern(0, 0, (1, 0))])
    assert check_placement(problem, [Pattern(0, 1, (0, 0)), *good][1:])
    for bad in (
        [Pattern(0, 1, (2, 1)), Pattern(1, 1, (1, 0))],
        [Pattern(0, 1, (3, 0)), Pattern(0, 1, (0, 1))],
        [Pattern(0, 1, (2, 0)), Pattern(0, 1, (1, 0)), Pattern(1, 1, (0, 1))],
        [*good, Pattern(1, 1, (0, 0))],
        [*good, Pattern(0, 1, (0, 0))],
        [*good[:2], Pattern(2, 1, (1, 0))],
        [*good[:2], Pattern(-1, 1, (1, 0))],
        [*good[:2], Pattern(1, 1, (1,))],
        [*good[:2], Pattern(1, 1, (1, 0, 0))],
        [*good[:2], Pattern(1, True, (1, 0))],
        [*good, Pattern(0, 0, (3, 0))],
        [*good, Pattern(1, 2, (1, 0)), Pattern(1, -1, (1, 0)), Pattern(1, -1, (1, 0))],
        good[:2],
    ):
        assert not check_placement(problem, bad), bad


def test_arrangements_are_held_to_every_number() -> None:
    assert check_arrangement(LYING, [Pattern(0, 2, (1,))], 2)
    assert check_arrangement(LYING, [Pattern(0, 1, (2,))], 3)
    assert not check_arrangement(LYING, [Pattern(0, 2, (1,))], 3)
    assert not check_arrangement(LYING, [Pattern(0, 1, (1,))], 3)
    assert not check_arrangement(LYING, [Pattern(0, 2, (1,), (1,))], 4)
    leaving = attrs.evolve(LYING, leaves=(1,))
    one = [Pattern(0, 1, (1,), (1,)), Pattern(0, 1, (1,), (0,))]
    assert check_arrangement(leaving, one, 3)
    assert check_arrangement(leaving, [Pattern(0, 1, (2,), (1,))], 3)
    for bad in (
        [Pattern(0, 2, (1,))],
        [Pattern(0, 1, (1,), (1,)), Pattern(0, 1, (1,), (1,))],
        [Pattern(0, 1, (1,), (2,)), Pattern(0, 1, (1,), (-1,))],
        [Pattern(0, 1, (2,), (1, 0))],
        [Pattern(0, 1, (2,), (True,))],
        [Pattern(0, 1, (2,), (1.0,))],  # type: ignore[arg-type]
    ):
        assert not check_arrangement(leaving, bad, 3), bad
        assert not check_arrangement(leaving, bad, 2), bad
    assert check_arrangement(attrs.evolve(LYING, target=(None,)), [Pattern(0, 2, (1,))], 0)
    both = Arrangement((Bin("b", 1, (10, 7)),), (Kind("k", 1, ((3, 2),)),), ((4, 0),))
    assert check_arrangement(both, [Pattern(0, 1, (1,))], 1)
    tight = attrs.evolve(both, target=((0, 3),))
    assert check_arrangement(tight, [Pattern(0, 1, (1,))], 1)
    assert check_arrangement(attrs.evolve(tight, counted=((0, 2),)), [Pattern(0, 1, (1,))], 0)
    assert check_arrangement(attrs.evolve(tight, counted=((0, 1),)), [Pattern(0, 1, (1,))], 0)
