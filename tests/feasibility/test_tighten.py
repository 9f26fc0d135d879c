"""What runs raises the least that can be allocated, to the first amount at which it may run."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.fleets import fleet, need, pool, running

from icplan.feasibility import tighten as module
from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.packing_model import PackingModel
from icplan.packing.budget import Budget
from icplan.packing.problem import Status
from icplan.packing.solver.solve import pack
from icplan.rollout.steps import existing_copies

#: MiB, few enough that all can be tried.
LOW, HIGH = st.integers(8, 20), st.integers(20, 40)
COPIES = st.tuples(st.integers(1, 4), st.integers(1, 20))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 2), LOW, HIGH), min_size=1, max_size=2), st.lists(COPIES, max_size=3)
)
def test_the_least_amount_is_the_first_of_all_at_which_what_runs_may_run(
    pools: list[tuple[int, int, int]], there: list[tuple[int, int]]
) -> None:
    on = fleet(
        *(pool(f"ml.{number}.xlarge", n, (low, high)) for number, (n, low, high) in enumerate(pools)),
        components=tuple(
            running(f"c{number}", copies, need(memory)) for number, (copies, memory) in enumerate(there)
        ),
    )
    model, box = PackingModel.of(on, tuple(existing_copies(on)), {}), AllocatableBox.of(on)

    def runs(at: AllocatableBox) -> bool:
        return pack(model.existing_problem(at.worst)).status is Status.FITS

    assume(runs(box.best))
    expected = box
    for number, (_, low, high) in enumerate(pools):
        tries = (m for m in range(low, high + 1) if runs(box.best.with_low(number, 1, m)))
        expected = expected.with_low(number, 1, next(tries))
    found = module.allocatable_box(on, Budget())
    assert found == (box if runs(box) else expected)


def test_only_amounts_that_copies_may_take_are_tried() -> None:
    """Of some 400,000 amounts a copy of 30,000 MiB takes one of 14."""
    on = fleet(
        pool("ml.a.xlarge", 2, (1000, 420_000), devices=0),
        components=(running("chat", 2, need(30_000)), running("embed", 1, need(390_000))),
    )
    tries = 0

    def counted(model: PackingModel, box: AllocatableBox, budget: Budget) -> bool:
        nonlocal tries
        tries += 1
        return pack(model.existing_problem(box), budget).status is not Status.DOES_NOT_FIT

    with patch.object(module, "_feasible", counted):
        box = module.allocatable_box(on, Budget())
    assert box.sides[0].low[1] == 390_000
    assert tries <= 8
