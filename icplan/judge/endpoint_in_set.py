"""A change of the endpoint as one of a set: its result, and what it leaves for the changes after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.effects.fleet_history import FleetHistory
from icplan.judge.endpoint_facts import text_of
from icplan.judge.state import ChangeResult, without_ignored
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.judge.endpoint_facts import EndpointFacts
    from icplan.judge.state import Run, SetState
    from icplan.requests.call import Call


def judge_endpoint(
    run: Run, call: Call, facts: EndpointFacts, later: Sequence[Call], failed_before: int | None = None
) -> tuple[ChangeResult, EndpointFacts]:
    """The result of a change of the endpoint, and what is there after it."""
    from icplan.judge.endpoint_change import EndpointJudge  # noqa: PLC0415  (most sets have none)

    recorder = run.assumptions.recorder()
    name = text_of(call, "EndpointConfigName")
    used = any(
        one.operation in ("CreateEndpoint", "UpdateEndpoint") and text_of(one, "EndpointConfigName") == name
        for one in later
    )
    judge = EndpointJudge(run.settings, recorder, run.budget, run.explains)
    judged = judge.judge(call, facts, used=used)
    verdict = judged.verdict
    if run.explains and judged.short and facts.state is not None:
        from icplan.judge.endpoint_remedies import raised_quota  # noqa: PLC0415  (mostly there are enough)

        trial = attrs.evolve(judge, explains=False)
        found = raised_quota(
            judged,
            facts.state,
            lambda state: trial.judge(call, attrs.evolve(facts, state=state), used=used),
        )
        verdict = attrs.evolve(verdict, remedies=tuple(found))
    if failed_before is not None and verdict.outcome is not Outcome.INVALID:
        message = f"change {failed_before} fails; this one is judged as if it had not been asked for"
        note = call.located(Finding("ICP407", Severity.NOTE, message))
        verdict = attrs.evolve(verdict, findings=(*verdict.findings, note))
    result = ChangeResult(verdict, relied_on=recorder.relied_on, short=judged.short)
    return without_ignored(result, run.settings.ignore), judged.after


def on_new_instances(state: SetState, after: EndpointFacts, result: ChangeResult) -> SetState:
    """What the next change meets: of the instances nothing is known but what the endpoint's state says."""
    if after.state is None:
        return state
    uncertain = state.fleet_uncertain or result.verdict.outcome is not Outcome.FITS
    return attrs.evolve(
        state.seen_as(after.state),
        history=FleetHistory(),
        fleet_uncertain=uncertain,
        configured_by_set=after.state.configuration_name in after.configurations,
    )
