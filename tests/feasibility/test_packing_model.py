"""A step as a packing problem: its bins are the instances, its kinds the copies that stay and that come."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fleets import fleet, need, need_on, pool, running

from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.packing_model import NOT_PLACED, PackingModel
from icplan.fleet.fleet import InstanceContents
from icplan.packing import Budget, Status
from icplan.packing.solver.solve import pack
from icplan.rollout.steps import CopyCounts, ExistingCopies, Scope, Step

A, B = "ml.a.xlarge", "ml.b.xlarge"
COUNT = st.integers(0, 5)


def step(copies: int, each: int, *existing: ExistingCopies, before: int = 0) -> Step:
    return Step("place", "place", need(each), copies, existing, CopyCounts((0, 0), (0, copies)), before)


@given(COUNT, COUNT, COUNT, st.integers(1, 5), COUNT, COUNT)
def test_the_problem_counts_the_instances_and_the_copies(
    first: int, second: int, launched: int, there: int, departed: int, copies: int
) -> None:
    departed = min(departed, there)
    lies = ExistingCopies(running("old", there, need(1000)), there, departed=departed)
    on = fleet(pool(A, first), pool(B, second), components=(lies.component,))
    asked = step(copies, 2000, lies, before=2)
    model = PackingModel.of(on, asked.existing, {1: launched})
    problem = model.problem(asked, AllocatableBox.of(on))
    assert sum(bin_.count for bin_ in problem.bins) == first + second + launched
    assert [kind.count for kind in problem.kinds] == [there - departed, 2 + copies]
    arrangement = model.arrangement(asked, AllocatableBox.of(on))
    assert [kind.count for kind in arrangement.lying] == [there]
    assert list(arrangement.leaves) == [departed]


@given(COUNT, st.integers(0, 20), st.integers(1, 20), st.sampled_from((1000, 2000, 3000)))
def test_alike_copies_fit_as_many_as_an_instance_holds(
    instances: int, there: int, copies: int, each: int
) -> None:
    lies = ExistingCopies(running("old", there, need(each)), there)
    on = fleet(pool(A, instances), components=(lies.component,))
    asked = step(copies, each, *([lies] if there else []))
    problem = PackingModel.of(on, asked.existing, {}).problem(asked, AllocatableBox.of(on))
    fits = there + copies <= instances * (8000 // each)
    assert pack(problem, Budget()).status is (Status.FITS if fits else Status.DOES_NOT_FIT)


@pytest.mark.parametrize(
    ("where", "on_launched", "on_waiting"),
    [(Scope.RUNNING, False, None), (Scope.ANYWHERE, True, None), (Scope.MAYBE_PLACED, True, True)],
)
def test_copies_lie_only_where_they_may(where: Scope, on_launched: bool, on_waiting: bool | None) -> None:
    """On launched instances only those that came later, and nowhere only those not placed yet."""
    moving = attrs.evolve(running("old", 1, need(1000)), in_flight=1)
    lies = ExistingCopies(moving, 1, where, departed=int(where is not Scope.MAYBE_PLACED))
    on = fleet(pool(A, 1), components=(moving,))
    asked = step(1, 1000, lies)
    arrangement = PackingModel.of(on, asked.existing, {0: 1}).arrangement(asked, AllocatableBox.of(on))
    (kind,) = arrangement.lying
    able = {
        bin_.name: demand is not None for bin_, demand in zip(arrangement.bins, kind.demands, strict=True)
    }
    assert able.pop(NOT_PLACED, None) is on_waiting
    assert able == {A: True, f"{A} (launched)": on_launched}


def test_a_copy_may_lie_only_on_types_that_its_need_names() -> None:
    on = fleet(pool(A, 1), pool(B, 1))
    asked = attrs.evolve(step(1, 1), need=need_on(**{B: 3000}))
    target = PackingModel.of(on, (), {}).problem(asked, AllocatableBox.of(on)).kinds[-1]
    assert [demand and demand[1] for demand in target.demands] == [None, 3000]


@given(COUNT, COUNT)
def test_what_is_known_to_lie_on_an_instance_loads_it(first: int, second: int) -> None:
    there = running("old", first + second, need(1000))
    contents = tuple(InstanceContents(A, 1, {"old": n}) for n in (first, second))
    on = attrs.evolve(fleet(pool(A, 2), components=(there,)), contents=contents)
    lies = (ExistingCopies(there, first + second),) if first + second else ()
    asked = step(1, 1000, *lies)
    problem = PackingModel.of(on, lies, {}).problem(asked, AllocatableBox.of(on))
    assert [(bin_.used or (0, 0))[1] for bin_ in problem.bins] == [1000 * first, 1000 * second]
    assert [kind.name for kind in problem.kinds] == ["to place"]
