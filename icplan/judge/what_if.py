"""What would come of other calls: changes that are only tried, each judged once however often it is asked."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError
from icplan.feasibility.every_step import check_rollout, decide_rollout, surely_fits_all
from icplan.fleet.at_rest import at_rest
from icplan.judge.state import forecast_of, state_after
from icplan.remedies.trial import RemedyCandidate
from icplan.requests.call import Call
from icplan.verdict.command import Target
from icplan.verdict.gate import FailOn
from icplan.verdict.verdict import Outcome, Remedy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from icplan.effects.likely_run import Forecast
    from icplan.feasibility.question import Question
    from icplan.fleet.fleet import Fleet
    from icplan.judge.state import ChangeResult, Run, SetState
    from icplan.remedies.trial import Envelope
    from icplan.rollout.steps import CapacityChange


@attrs.frozen
class Trial:
    """A call that is only tried, on what it meets; without a ``result`` it makes no sense there."""

    run: Run
    state: SetState
    call: Call
    result: ChangeResult | None

    @property
    def outcome(self) -> Outcome:
        """What comes of it."""
        return Outcome.INVALID if self.result is None else self.result.verdict.outcome

    @cached_property
    def after(self) -> SetState:
        """What the next call meets."""
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


@attrs.frozen
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


@attrs.frozen
class RolloutAnswer:
    """What comes of a change on a fleet, and of going back where that was asked."""

    outcome: Outcome
    rollback_outcome: Outcome | None = None


@attrs.frozen
class Trials:
    """Calls tried on what one change, ``call``, meets; ``judge`` judges one call.

    ``question`` is what the change comes to in capacity, if it comes to that.
    """

    run: Run
    state: SetState
    call: Call
    judge: Callable[[Run, SetState, Call], ChangeResult]
    question: Question | None = None
    _known: dict[tuple[str, ...], Trial] = attrs.field(factory=dict)
    _calls: dict[str, Call] = attrs.field(factory=dict)

    def outcome(self, calls: Sequence[Envelope], least: Outcome = Outcome.INVALID) -> TrialsAnswer:
        """What comes of calls made in order; past one that is worse than ``least`` none is looked at."""
        return TrialsAnswer(tuple(self._each(calls, least)))

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
        state = self.state
        before: tuple[str, ...] = ()
        for envelope in calls:
            text = json.dumps(envelope, sort_keys=True)
            before = (*before, text)
            if before not in self._known:
                self._known[before] = self._tried(state, self._call(text, envelope))
            trial = self._known[before]
            yield trial
            if trial.result is None or trial.outcome.rank < least.rank:
                return
            state = trial.after

    def _call(self, text: str, envelope: Envelope) -> Call:
        """The call, read only once wherever it is tried."""
        operation, request = envelope["Operation"], envelope["Request"]
        if (operation, request) == (self.call.operation, self.call.request):
            return self.call
        if text not in self._calls:
            self._calls[text] = Call(operation, request)
        return self._calls[text]

    def _tried(self, state: SetState, call: Call) -> Trial:
        try:
            result = self.judge(self.run, state, call)
        except InputError:
            return Trial(self.run, state, call, None)
        return Trial(self.run, state, call, result)


def waiting(trials: Trials, fail_on: Collection[FailOn]) -> RemedyCandidate | None:
    """The remedy to wait, where something is under way, and once it has ended the change fits."""
    then = at_rest(trials.state.endpoint)
    if then is None:
        return None
    call = trials.call
    at_its_end = Trials(trials.run, trials.state.seen_as(then.state), call, trials.judge)
    answer = at_its_end.outcome([{"Operation": call.operation, "Request": call.request}])
    outcome, back = answer.outcome, answer.rollback_outcome
    wanted = back is None or back.fits or FailOn.ROLLBACK not in fail_on
    scales_out = FailOn.SCALE_OUT in fail_on and outcome is Outcome.FITS_AFTER_SCALE_OUT
    if not outcome.fits or not wanted or scales_out:
        return None
    text = f"wait until {' and '.join(then.awaited)}, and check again"
    remedy = Remedy("wait", text, (), outcome, rollback_outcome=back, target=Target.WAIT)
    return RemedyCandidate(remedy, 0)
