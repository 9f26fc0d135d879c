"""Judging as a fold: it gives values and alters none, and reads and judges nothing twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.endpoints import GPU4, component, create, delete, scale, snapshot, update
from support.fleets import fleet, need, pool, running

import icplan
from icplan.assumptions import Assumptions
from icplan.catalog.catalog import Catalog
from icplan.errors import InputError
from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.question import Question
from icplan.inputs.boto3_request import read_calls
from icplan.judge.change import judge_change
from icplan.judge.in_order import judged_in_order
from icplan.judge.settings import Settings
from icplan.judge.state import ChangeResult, Run, SetState, concluded, state_after
from icplan.judge.what_if import Trials
from icplan.packing.budget import Budget
from icplan.requests import call as call_module
from icplan.requests.call import Call
from icplan.requests.operations import ENDPOINT_OPERATIONS, OPERATIONS
from icplan.requests.parse import parse_partially
from icplan.rollout.steps import CapacityChange
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.testing.strategies import requests
from icplan.testing.strategies.snapshots import snapshots
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable


FULL = snapshot(GPU4, 3, component("chat", 3, 3), component("rank", 2, 1), scaling=(1, 3))
THERE = read_endpoint(icplan.Snapshot.from_dict(FULL))


def run(**assume: str) -> Run:
    return Run(Settings(), Assumptions(assume), Budget())


def call(asked: dict[str, Any]) -> Call:
    (one,) = read_calls(asked)
    return one


def envelope(asked: dict[str, Any]) -> dict[str, Any]:
    one = call(asked)
    return {"Operation": one.operation, "Request": one.request}


def tried_with(judge: Callable[[Run, SetState, Call], ChangeResult]) -> Trials:
    """Trials on the full endpoint, judged by something else."""
    there = SetState(THERE)
    return Trials(run().outcomes_only(), there, call(update("chat")), judge)


#: Made once, since making them takes longer than drawing from them.
JUDGED = tuple(one for one in OPERATIONS if one not in ENDPOINT_OPERATIONS)
REQUESTS = {operation: requests(operation) for operation in JUDGED}
SNAPSHOTS = snapshots(2)


@st.composite
def drawn_sets(draw: st.DrawFn) -> tuple[dict[str, Any], list[Call]]:
    taken = draw(SNAPSHOTS)
    names = [one["InferenceComponentName"] for one in taken["InferenceComponents"]]
    calls = []
    for operation in draw(st.lists(st.sampled_from(JUDGED), min_size=1, max_size=3)):
        request = draw(REQUESTS[operation])
        if names:
            request = request | {"InferenceComponentName": draw(st.sampled_from(names))}
        calls.append(Call(operation, request))
    return taken, calls


@pytest.mark.slow
@given(drawn_sets())
@settings(max_examples=15)
def test_judging_alters_nothing_that_it_is_given(drawn: tuple[dict[str, Any], list[Call]]) -> None:
    """Neither the document, nor the calls, nor the assumptions; so the same comes of it again."""
    taken, calls = drawn
    there, judged_with = icplan.Snapshot.from_dict(taken), run()
    state = SetState(read_endpoint(there))
    before = json.dumps([there.data, [one.request for one in calls]])
    said = []
    for _ in range(2):
        try:
            results = [repr(one.verdict) for one in judged_in_order(judged_with, calls, state)]
        except InputError as error:
            results = [str(error)]
        said.append(results)
    assert said[0] == said[1]
    assert json.dumps([there.data, [one.request for one in calls]]) == before
    assert judged_with.assumptions == Assumptions()
    assert state == SetState(read_endpoint(there))


@pytest.mark.slow
@given(drawn_sets())
@settings(max_examples=15)
def test_an_outcome_alone_is_that_of_a_whole_judgement(drawn: tuple[dict[str, Any], list[Call]]) -> None:
    """What is only tried takes the same way; it stops before anything is explained."""
    taken, calls = drawn
    state = SetState(read_endpoint(icplan.Snapshot.from_dict(taken)))
    for one in (run(), run(**{"emptied-instances": "released"})):
        found = []
        for judged_with in (one, one.outcomes_only()):
            try:
                results = judged_in_order(judged_with, calls, state)
                found.append([str(result.verdict.outcome) for result in results])
            except InputError as error:
                found.append([str(error)])
        assert found[0] == found[1]


def test_what_is_relied_on_comes_back_with_the_result() -> None:
    result = judge_change(run(), SetState(THERE), call(update("chat")))
    assert "update-without-deployment-config" in result.relied_on


def test_a_change_that_fails_leaves_the_endpoint_as_it_is() -> None:
    state, asked = SetState(THERE), call(create("new", 9, 4))
    result = judge_change(run(), state, asked)
    after = state_after(run(), state, asked, result)
    assert result.verdict.outcome is Outcome.DOES_NOT_FIT
    assert after.endpoint is state.endpoint
    assert (after.failed_before, after.done) == (1, 1)
    assert "new" in after.absent_because


def test_what_a_change_leaves_as_it_is_is_shared() -> None:
    state, asked = SetState(THERE), call(delete("rank"))
    after = state_after(run(), state, asked, judge_change(run(), state, asked))
    assert after.endpoint.configuration is state.endpoint.configuration
    assert after.endpoint.components == state.endpoint.components[:1]
    assert after.endpoint.components[0] is state.endpoint.components[0]


def test_a_call_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its rules, its judgement, its remedies' findings and its duration together."""
    read: list[Any] = []

    def counting(operation: str, request: object, path: str = "$") -> Any:
        read.append(request)
        return parse_partially(operation, request, path)

    monkeypatch.setattr(call_module, "parse_partially", counting)
    asked = call(create("new", 9, 4))
    judge_change(run(), SetState(THERE), asked)
    # What remedies try is read once, too, wherever it is tried.
    assert len({json.dumps(one, sort_keys=True) for one in read}) == len(read) > 1


def test_what_is_tried_again_is_not_judged_again() -> None:
    judged: list[str] = []

    def judge(with_: Run, _: SetState, one: Call) -> ChangeResult:
        judged.append(one.operation)
        return concluded(with_, one, Outcome.FITS, ())

    trials = Trials(run().outcomes_only(), SetState(THERE), call(update("chat")), judge)
    first, then = envelope(scale("chat", 1)), envelope(update("chat"))
    assert trials.outcome([first, then]).outcome is Outcome.FITS
    assert trials.outcome([first]).outcome is Outcome.FITS
    assert trials.outcome([first, then, first]).outcome is Outcome.FITS
    assert len(judged) == 4, "what something comes after is followed more closely"
    assert trials.outcome([first, then, first]).outcome is Outcome.FITS
    assert len(judged) == 4
    assert trials.outcome([then, first]).outcome is Outcome.FITS
    assert len(judged) == 6, "on another endpoint it is another question"


def test_nothing_is_judged_past_what_is_not_good_enough() -> None:
    outcomes = iter((Outcome.FITS, Outcome.MAY_NOT_FIT))

    def judge(with_: Run, _: SetState, one: Call) -> ChangeResult:
        return concluded(with_, one, next(outcomes), ())

    trials = Trials(run().outcomes_only(), SetState(THERE), call(update("chat")), judge)
    calls = [envelope(scale("chat", copies)) for copies in (1, 2, 3)]
    assert trials.outcome(calls, Outcome.FITS).outcome is Outcome.MAY_NOT_FIT


@given(st.integers(0, 9), st.sampled_from([Outcome.FITS, Outcome.FITS_AFTER_SCALE_OUT]), st.booleans())
def test_another_change_is_tried_on_a_fleet_and_relies_on_nothing(
    copies: int, least: Outcome, back: bool
) -> None:
    """All new copies beside the two old ones, as an assumption has it that is not noted as relied on."""
    old = running("ic", 2, need(2000))
    on = fleet(pool("ml.a.xlarge", 2), components=(old,), more=0)
    asked = CapacityChange("ic", old, old.need, 1, replaces=True)
    question = Question(on, asked, AllocatableBox.of(on), Assumptions(), Catalog(), Budget())
    trials = attrs.evolve(tried_with(judge_change), question=question)
    answer = trials.outcome_of(attrs.evolve(asked, copies=copies), on, least, back=back)
    assert answer.outcome.fits == (copies <= 6)
