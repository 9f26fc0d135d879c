"""Laws of headroom and drills: more never takes away, alike components are alike, work is not timed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, snapshot
from support.small_fleets import Case, catalog, fleets, settings
from support.small_fleets import snapshot as shown

import icplan
from icplan.planning.component_room import rooms_of
from icplan.verdict.headroom_codec import to_dict
from icplan.verify.headroom import verify_headroom
from icplan.verify.result import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.planning.component_room import ComponentQuestion
    from icplan.verdict.headroom import ComponentHeadroom, Headroom

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


def told(case: Case) -> Headroom:
    snapshot_of_it = icplan.Snapshot.from_dict(shown(case))
    return icplan.headroom(snapshot_of_it, allocatable=settings(case), catalog=catalog(case))


@given(fleets(pools=False), st.integers(1, 2))
def test_a_higher_maximum_never_takes_room_away(case: Case, more: int) -> None:
    """Of one instance type: what is now stays, what is at the maximum grows."""
    if case.most is None:
        return
    before, after = told(case), told(attrs.evolve(case, most=case.most + more))
    for name, row in before.components.items():
        assert row.max is not None
        then = after.components[name].max
        assert then is not None
        assert (then.sure.low, then.best.low) >= (row.max.sure.low, row.max.best.low)
        assert row.now is not None
        now = after.components[name].now
        assert now is not None
        assert (row.now.sure, row.now.best) == (now.sure, now.best)


@given(fleets(), st.integers(500, 40_000))
def test_what_fits_now_fits_at_the_maximum(case: Case, effort: int) -> None:
    """However little work there is to find it, and whatever is in motion."""
    snapshot_of_it = icplan.Snapshot.from_dict(shown(case))
    found = icplan.headroom(
        snapshot_of_it, allocatable=settings(case), catalog=catalog(case), effort=effort, time_limit=600
    )
    for row in found.components.values():
        if row.now is not None and row.max is not None:
            assert row.max.sure.low >= row.now.sure.low
            assert row.max.best.low >= row.now.best.low
    assert Result.REJECTED not in {one.result for one in verify_headroom(to_dict(found))}


@given(fleets(pools=False, most_instances=2))
def test_one_more_instance_never_takes_room_away_at_best(case: Case) -> None:
    """Surely it may: what runs may lie worse on more instances."""
    grown = attrs.evolve(
        case,
        instances=(*case.instances, case.instances[0]),
        components=tuple(attrs.evolve(one, where=(*one.where, 0)) for one in case.components),
        most=None,
        quotas=(),
    )
    case = attrs.evolve(case, most=None, quotas=())
    before, after = told(case), told(grown)
    for name, row in before.components.items():
        now, then = row.now, after.components[name].now
        assert now is not None
        assert then is not None
        assert then.best.low >= now.best.low


def test_alike_components_are_asked_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """And each has the same, with evidence that speaks of it."""
    asked: list[str] = []

    def noted(question: ComponentQuestion, at: Sequence[str]) -> ComponentHeadroom:
        asked.append(question.name)
        return rooms_of(question, at)

    monkeypatch.setattr("icplan.planning.headroom.rooms_of", noted)
    held = [component(name, 2, 1, 4096) for name in ("a", "b", "c")]
    found = icplan.headroom(snapshot(GPU4, 3, *held, component("d", 1, 2), scaling=(1, 4)))
    assert asked == ["a", "d"]
    a, b, c, _ = found.components.values()
    assert (a.now, a.max, a.largest_batch) == (b.now, b.max, c.largest_batch)
    assert {one.result for one in verify_headroom(to_dict(found))} == {Result.VERIFIED}


def test_the_same_question_has_the_same_answer() -> None:
    """Whatever ran before: work is counted, not timed."""
    held = [component(f"c{n}", 3, n % 3, 4096 + 512 * n, cpu=1 + n) for n in range(6)]
    endpoint: dict[str, Any] = snapshot(GPU4, 6, *held, scaling=(1, 8))
    first, second = (icplan.headroom(endpoint, at=("now", "max", "autoscaling")) for _ in range(2))
    assert to_dict(first) == to_dict(second)
    assert icplan.drill(endpoint) == icplan.drill(endpoint)


def test_past_the_time_limit_nothing_is_claimed() -> None:
    held = [component(f"c{n}", 3, n % 3, 4096 + 512 * n, cpu=1 + n) for n in range(6)]
    found = icplan.headroom(snapshot(GPU4, 6, *held), time_limit=1e-6, at_least={"c1": 1})
    assert all(row.now is not None and row.now.sure.low == 0 for row in found.components.values())
    assert found.exit_code == 3
    drilled = icplan.drill(snapshot(GPU4, 6, *held), ["instance"], time_limit=1e-6)
    assert all(loss.lost.low == 0 for event in drilled.events for loss in event.losses)
