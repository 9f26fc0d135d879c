"""A question reckons what a copy takes and what instances have once, and for each pool alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from hypothesis import given
from hypothesis import strategies as st
from support.fleets import fleet, need, need_on, pool, running

from icplan.assumptions import Assumptions
from icplan.catalog.catalog import Catalog
from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.every_step import check_rollout, decide_rollout
from icplan.feasibility.question import Question, copies_in
from icplan.packing import Budget
from icplan.rollout.steps import Batch, CapacityChange, CopyCounts, Step, binding_steps, forward_steps

if TYPE_CHECKING:
    from icplan.fleet.fleet import Demand, Fleet

A, B = "ml.a.xlarge", "ml.b.xlarge"


def question(on: Fleet, change: CapacityChange) -> Question:
    return Question(on, change, AllocatableBox.of(on), Assumptions(), Catalog(), Budget())


def placing(each: Demand, copies: int = 2) -> Step:
    return Step("place", "place", each, copies, (), CopyCounts((0, 0), (0, copies)), placed_before=1)


@given(st.integers(1, 9), st.integers(0, 5), st.integers(0, 5))
def test_slots_are_the_copies_that_an_empty_instance_takes(each: int, least: int, more: int) -> None:
    on = fleet(pool(A, 1, (least, least + more)), pool(B, 1, (least, least)))
    asked = question(on, CapacityChange("ic", None, need_on(**{A: each}), 2))
    about = asked.about(placing(asked.change.need))
    assert about.usable == [0]
    assert about.demands[1] is None
    assert about.slots == ((least // each, (least + more) // each), (0, 0))
    assert about.wanted == 3
    best = attrs.evolve(about, box=about.box.best)
    assert best.slots[0] == ((least + more) // each,) * 2


@given(st.integers(1, 6), st.integers(1, 3))
def test_its_steps_are_those_of_the_change(copies: int, batch: int) -> None:
    old = running("ic", copies, need(1000))
    on = fleet(pool(A, copies), components=(old,))
    change = CapacityChange("ic", old, need(2000), copies, replaces=True, batch=Batch("COPY_COUNT", batch))
    asked = question(on, change)
    assert asked.steps == forward_steps(change, on, Assumptions())
    assert asked.binding == binding_steps(change, asked.steps)
    assert asked.about(asked.steps[0]).demands == asked.about(placing(need(2000))).demands


def test_what_takes_nothing_needs_no_room() -> None:
    on = fleet(pool(A, 1))
    assert not question(on, CapacityChange("ic", None, need(0), 1)).about(placing(need(0))).needs_resources
    assert question(on, CapacityChange("ic", None, need(1), 1)).about(placing(need(1))).needs_resources


@given(st.lists(st.tuples(st.integers(-3, 9), st.integers(1, 4)), min_size=1, max_size=4))
def test_copies_in_what_is_free(pairs: list[tuple[int, int]]) -> None:
    free, demand = zip(*pairs, strict=True)
    copies = copies_in(free, demand)
    assert all(copies * each <= max(0, have) for have, each in pairs)
    assert any((copies + 1) * each > have for have, each in pairs)


def test_what_its_steps_rest_on_comes_with_them() -> None:
    old = running("ic", 2, need(1000))
    on = fleet(pool(A, 2), components=(old,))
    assumptions = Assumptions().recorder()
    change = CapacityChange("ic", old, need(2000), 2, replaces=True)
    asked = attrs.evolve(question(on, change), assumptions=assumptions)
    assert asked.relied_on == {"update-without-deployment-config"}
    assert decide_rollout(asked).relied_on == asked.relied_on
    assert check_rollout(asked, known=0).relied_on >= asked.relied_on
    batched = attrs.evolve(change, batch=Batch("CAPACITY_PERCENT", 50))
    found = check_rollout(attrs.evolve(asked, change=batched), known=0).relied_on
    assert found == {"batch-rounding", "rollback-without-batch"}
    assert not assumptions.relied_on, "nothing is noted behind the asker's back"
