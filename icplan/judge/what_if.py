"""What would come of other calls: changes that are only tried, each judged once however often it is asked."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError
from icplan.feasibility.every_step import check_rollout, decide_rollout, surely_fits_all
from icplan.fleet.at_rest import at_rest
from icplan.judge.endpoint_facts import EndpointFacts
from icplan.judge.endpoint_in_set import judge_endpoint, on_new_instances
from icplan.judge.state import forecast_of, state_after
from icplan.remedies.trial import RemedyCandidate
from icplan.requests.call import Call
from icplan.requests.operations import ENDPOINT_OPERATIONS
from icplan.values import frozen
from icplan.verdict.finding import Severity
from icplan.verdict.gate import FailOn
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy import Remedy
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from icplan.effects.forecast import Forecast
    from icplan.feasibility.question import Question
    from icplan.fleet.fleet import Fleet
    from icplan.judge.state import ChangeResult, Run, SetState
    from icplan.remedies.trial import Envelope
    from icplan.rollout.steps import CapacityChange
    from icplan.verdict.remedy_steps import QuotaRaise


@frozen
class Trial:
    """A call that is only tried, on what it meets; without a ``result`` it makes no sense there.

    ``facts`` are what is there of the endpoint after it; ``left`` is what one of the endpoint leaves.
    """

    run: Run
    state: SetState
    call: Call
    result: ChangeResult | None
    facts: EndpointFacts
    left: SetState | None = None

    @property
    def outcome(self) -> Outcome:
        """What comes of it."""
        return Outcome.INVALID if self.result is None else self.result.verdict.outcome

    @cached_property
    def after(self) -> SetState:
        """What the next call meets."""
        if self.left is not None:
            return self.left
        if self.result is None:
            return self.state
        return state_after(self.run, self.state, self.call, self.result, self._likely)

    @cached_property
    def rollback_outcome(self) -> Outcome | None:
        """What comes of going back, if one can."""
        if self.result is None or self.result.effect is None or not self.result.only_decided:
            return self.result.verdict.rollback_outcome if self.result else None
        lowering = self.result.lowering
        if lowering is None or not lowering.question.change.replaces or self._likely is None:
            return None
        judged = check_rollout(lowering.question, self._likely.steps)
        return lowering.reported(judged).final.rollback_outcome

    @cached_property
    def _likely(self) -> Forecast | None:
        """How it is likely to go, where the result does not tell."""
        if self.result is None or self.result.effect is None or not self.result.only_decided:
            return None
        return forecast_of(self.state, self.result.effect, self.run.budget)


@frozen
class TrialsAnswer:
    """What comes of calls made in order."""

    trials: tuple[Trial, ...]

    @property
    def outcome(self) -> Outcome:
        """That of the worst."""
        return Outcome.worst(trial.outcome for trial in self.trials)

    @property
    def rollback_outcome(self) -> Outcome | None:
        """What comes of going back from the worst, if one can."""
        backs = [trial.rollback_outcome for trial in self.trials]
        found = [back for back in backs if back is not None]
        return Outcome.worst(found) if found else None

    @property
    def short(self) -> tuple[QuotaRaise, ...]:
        """The quotas that are too small for changes of the endpoint among them, by as much as the worst."""
        found: dict[tuple[str | None, bool], QuotaRaise] = {}
        for one in (each for trial in self.trials if trial.result for each in trial.result.short):
            before = found.get(one.on)
            found[one.on] = one if before is None or before.by < one.by else before
        return tuple(found.values())

    @property
    def doubts(self) -> tuple[str, ...]:
        """What speaks against changes of the endpoint among them, though they are not known to fail."""
        results = [one.result for one in self.trials if one.call.operation in ENDPOINT_OPERATIONS]
        found = [finding for one in results if one is not None for finding in one.verdict.findings]
        return tuple(
            dict.fromkeys(finding.message for finding in found if finding.severity is Severity.WARNING)
        )


@frozen
class RolloutAnswer:
    """What comes of a change on a fleet, and of going back where that was asked."""

    outcome: Outcome
    rollback_outcome: Outcome | None = None


@frozen
class Trials:
    """Calls tried on what one change, ``call``, meets; ``judge`` judges one call.

    ``question`` is what the change comes to in capacity, if it comes to that.
    """

    run: Run
    state: SetState
    call: Call
    judge: Callable[[Run, SetState, Call], ChangeResult]
    question: Question | None = None
    _known: dict[tuple[tuple[str, ...], bool], Trial] = attrs.field(factory=dict)
    _calls: dict[str, Call] = attrs.field(factory=dict)

    def outcome(
        self,
        calls: Sequence[Envelope],
        least: Outcome = Outcome.INVALID,
        first: Sequence[Envelope] = (),
    ) -> TrialsAnswer:
        """What comes of calls made in order, those of ``first`` before all others.

        Past one that is worse than ``least`` none is looked at.
        """
        return TrialsAnswer(tuple(self._each([*first, *calls], least)))

    def with_quota(self, raised: QuotaRaise) -> Trials:
        """The same once a quota is raised."""
        endpoint = self.state.endpoint
        quotas = (
            attrs.evolve(one, value=one.value + raised.by)
            if (one.type, one.of_endpoint) == raised.on
            else one
            for one in endpoint.quotas
        )
        state = self.state.seen_as(attrs.evolve(endpoint, quotas=tuple(quotas)))
        return Trials(self.run, state, self.call, self.judge, self.question)

    def without_growth(self) -> Trials:
        """The same where no more instances may run at any time than run now."""
        state = self.state.seen_as(self.state.endpoint.without_growth())
        return Trials(self.run, state, self.call, self.judge, self.question)

    def outcome_of(
        self, change: CapacityChange, fleet: Fleet, least: Outcome, *, back: bool = False
    ) -> RolloutAnswer:
        """What comes of another change on a fleet, and of going ``back`` from it where that is asked.

        How much better it is than ``least``, or worse, need not be told.
        """
        if self.question is None:
            raise ValueError("the change does not come to its capacity")
        question = attrs.evolve(self.question, fleet=fleet, change=change)
        if back:
            judged = check_rollout(question, known=0, decide_back=True)
            return RolloutAnswer(judged.outcome, judged.rollback_outcome)
        if least is Outcome.FITS_AFTER_SCALE_OUT:
            return RolloutAnswer(least if surely_fits_all(question) else Outcome.MAY_NOT_FIT)
        return RolloutAnswer(decide_rollout(question).outcome)

    def _each(self, calls: Sequence[Envelope], least: Outcome) -> Iterator[Trial]:
        state, facts = self.state, EndpointFacts(self.state.endpoint)
        before: tuple[str, ...] = ()
        for number, envelope in enumerate(calls):
            text = json.dumps(envelope, sort_keys=True)
            later = [Call(one["Operation"], one["Request"]) for one in calls[number + 1 :]]
            before, state = (*before, text), attrs.evolve(state, goes_on=bool(later))
            # What others come after is followed more closely, which is enough for one that none comes after.
            known = self._known.get((before, True)) or self._known.get((before, state.goes_on))
            trial = known or self._tried(state, facts, self._call(text, envelope), later)
            self._known[before, state.goes_on] = trial
            yield trial
            if trial.result is None or trial.outcome.rank < least.rank:
                return
            state, facts = trial.after, trial.facts

    def _call(self, text: str, envelope: Envelope) -> Call:
        """The call, read only once wherever it is tried."""
        operation, request = envelope["Operation"], envelope["Request"]
        if (operation, request) == (self.call.operation, self.call.request):
            return self.call
        if text not in self._calls:
            self._calls[text] = Call(operation, request)
        return self._calls[text]

    def _tried(self, state: SetState, facts: EndpointFacts, call: Call, later: Sequence[Call]) -> Trial:
        run, facts = self.run, attrs.evolve(facts, state=state.endpoint)
        try:
            if call.operation not in ENDPOINT_OPERATIONS:
                return Trial(run, state, call, self.judge(run, state, call), facts)
            result, after = judge_endpoint(run, call, facts, later)
        except InputError:
            return Trial(run, state, call, None, facts)
        left = state if after.state is facts.state else on_new_instances(state, after, result)
        return Trial(run, state, call, result, after, left)


def waiting(trials: Trials, fail_on: Collection[FailOn]) -> RemedyCandidate | None:
    """The remedy to wait, where something is under way, and once it has ended the change fits."""
    then = at_rest(trials.state.endpoint)
    if then is None:
        return None
    call = trials.call
    at_its_end = Trials(trials.run, trials.state.seen_as(then.state), call, trials.judge)
    answer = at_its_end.outcome([{"Operation": call.operation, "Request": call.request}])
    return wait_remedy(then.awaited, answer.outcome, answer.rollback_outcome, fail_on)


def wait_remedy(
    awaited: Sequence[str], outcome: Outcome, back: Outcome | None, fail_on: Collection[FailOn]
) -> RemedyCandidate | None:
    """The remedy to wait for what is ``awaited``, where that is what comes of the change then."""
    wanted = back is None or back.fits or FailOn.ROLLBACK not in fail_on
    scales_out = FailOn.SCALE_OUT in fail_on and outcome is Outcome.FITS_AFTER_SCALE_OUT
    if not outcome.fits or not wanted or scales_out:
        return None
    text = f"wait until {' and '.join(awaited)}, and check again"
    remedy = Remedy("wait", text, (), outcome, rollback_outcome=back, target=Target.WAIT)
    return RemedyCandidate(remedy, 0)
