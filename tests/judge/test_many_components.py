"""A check of very many components takes work that grows with their kinds, and keeps to its time."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import component, create, scale, snapshot, update

import icplan
from icplan.assumptions import Assumptions
from icplan.effects import forecast as timeline
from icplan.fleet import fleet as model
from icplan.judge import capacity
from icplan.judge import settings as judge_settings
from icplan.packing import Bin, Budget, Kind, Problem, pack
from icplan.requests.from_describe import Requirements
from icplan.rollout import steps as rollout
from icplan.verdict.codec import to_dict
from icplan.verify import Result, verify


def endpoint(components: int) -> dict[str, Any]:
    """Components of two kinds, one copy each, on instances that hold four of either."""
    held = [component(f"c{n:05}", 1, 1, 8_000 + n % 2) for n in range(components)]
    instances = components // 4 + 2
    return snapshot("ml.g5.12xlarge", instances, *held, scaling=(1, instances + 2))


def looks_for_room(components: int, patch: pytest.MonkeyPatch) -> int:
    """How often it is reckoned whether a copy has room on an instance."""
    asked = []
    reckon = timeline._Simulation._has_room

    def counting(run: Any, instance: Any, name: str) -> bool:
        asked.append(name)
        return reckon(run, instance, name)

    with patch.context() as patched:
        patched.setattr(timeline._Simulation, "_has_room", counting)
        assert icplan.check(create("new", 1, 1, 8_000), endpoint(components)).outcome == "fits"
    return len(asked)


def test_room_is_reckoned_once_per_kind_however_many_components(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = looks_for_room(200, monkeypatch), looks_for_room(800, monkeypatch)
    assert 0 < few <= many < 2 * few


@pytest.mark.parametrize("change", [create("new", 1, 1, 8_000), update("c00001"), update("c00001", 1, 1)])
def test_evidence_grows_with_kinds_not_with_components(change: dict[str, Any]) -> None:
    few, many = (to_dict(icplan.check(change, endpoint(components))) for components in (200, 400))
    sizes = [len(str(verdict["Changes"][0]["Phases"])) for verdict in (few, many)]
    assert sizes[1] < 1.1 * sizes[0]
    assert {checked.result for checked in verify(many)} == {Result.VERIFIED}


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from([4_000, 20_000]), st.integers(1, 3)), max_size=5),
    st.integers(1, 4),
    st.sampled_from([create("c0", 2, 1, 20_000), update("c1"), update("c1", 1, 1)]),
)
def test_counting_alike_components_together_changes_no_outcome(
    held: list[tuple[int, int, int]], instances: int, change: dict[str, Any]
) -> None:
    running = [component(f"c{n}", *one) for n, one in enumerate([(2, 1, 8_000), *held], start=1)]
    taken = snapshot("ml.g5.12xlarge", instances, *running, scaling=(1, instances + 2))
    verdicts = []
    for most in (0, model.MAX_NAMED):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(model, "MAX_NAMED", most)
            verdicts.append(_verdict(change, taken))
    together, apart = verdicts
    assert together.keys() == apart.keys()
    for name in ("Outcome", "PeakInstances", "RollbackOutcome"):
        assert together.get(name) == apart.get(name)


def moments_built(copies: int, patch: pytest.MonkeyPatch) -> int:
    """How many moments are looked at for a rollback, one copy at a time, of so many copies."""
    old = model.Component("c", "InService", model.Demand({None: Requirements(8_000)}), copies)
    fleet = model.Fleet("prod", "AllTraffic", (), (old,), ())
    need, batch = model.Demand({None: Requirements(9_000)}), rollout.Batch("COPY_COUNT", 1)
    move = rollout.CapacityChange("c", old, need, copies, replaces=True, batch=batch, rollback_batch=batch)
    ahead = rollout.forward_steps(move, fleet, Assumptions())
    built = []
    make = rollout.Step

    def counting(*given: Any) -> rollout.Step:
        built.append(given)
        return make(*given)

    with patch.context() as patched:
        patched.setattr(rollout, "Step", counting)
        back = rollout.rollback_steps(move, fleet, Assumptions(), ahead)
    assert len(back or ()) > copies
    return len(built)


def test_moments_of_a_rollback_grow_with_its_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = moments_built(50, monkeypatch), moments_built(200, monkeypatch)
    assert 0 < few < many < 5 * few


def _verdict(change: dict[str, Any], taken: dict[str, Any]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = to_dict(icplan.check(change, taken))["Changes"][0]
    except icplan.InputError:
        return {}
    return found


@pytest.mark.parametrize("change", [create("new", 1, 1, 8_000), update("c00001"), scale("c00001", 2)])
def test_once_the_time_is_over_the_fleet_is_not_looked_at(
    change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked(*_: Any) -> None:
        pytest.fail("the fleet was read")

    monkeypatch.setattr(capacity, "fleet_for", looked)
    seconds = iter(range(1_000))
    monkeypatch.setattr(judge_settings, "Budget", partial(Budget, clock=lambda: float(next(seconds))))
    verdict = icplan.check(change, endpoint(200), time_limit=1)
    assert verdict.outcome == "undecided"
    (finding,) = (one for one in verdict.findings if one.rule == "ICP309")
    assert "no time was left" in finding.message
    assert "--time-limit" in finding.message


def test_copies_of_very_many_kinds_are_not_placed_past_the_time() -> None:
    kinds = tuple(Kind(f"k{n}", 1, ((1_000 + n,),)) for n in range(200))
    roomy = Problem((Bin("b", 200, (3_000,)),), kinds)
    assert pack(roomy, Budget(0.0)).status == "undecided"
    assert pack(roomy).status == "fits"


@pytest.mark.parametrize("limit", range(2, 60, 3))
def test_wherever_the_time_ends_an_answer_is_right_or_undecided(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at the clock takes a second."""
    change, taken = update("c00001", 1, 1), endpoint(200)
    seconds = iter(range(1_000_000))
    monkeypatch.setattr(judge_settings, "Budget", partial(Budget, clock=lambda: float(next(seconds))))
    assert icplan.check(change, taken, time_limit=limit).outcome in {"fits", "undecided"}


def test_a_verdict_does_not_wait_for_what_is_only_foreseen(monkeypatch: pytest.MonkeyPatch) -> None:
    change, taken = create("new", 1, 1, 8_000), endpoint(8)
    assert icplan.check(change, taken, time_limit=600).changes[0].final_instances == 4
    monkeypatch.setattr(timeline, "SHARE", 0.0)
    verdict = icplan.check(change, taken, time_limit=600)
    assert (verdict.outcome, verdict.changes[0].final_instances) == ("fits", None)
    (finding,) = verdict.findings
    assert (finding.rule, finding.severity) == ("ICP309", "warning")
    assert "at the end" in finding.message
    assert {checked.result for checked in verify(to_dict(verdict))} == {Result.VERIFIED}
