"""What would come of other calls: changes that are only tried, each judged once however often it is asked."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError
from icplan.feasibility.every_step import check_rollout
from icplan.fleet.at_rest import at_rest
from icplan.judge.state import forecast_of, state_after
from icplan.remedies.search import RemedyCandidate
from icplan.requests.call import Call
from icplan.verdict.gate import FailOn
from icplan.verdict.verdict import Outcome, Remedy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from icplan.effects.forecast import Forecast
    from icplan.judge.state import ChangeResult, Run, SetState
    from icplan.remedies.search import Envelope


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
        effect, uncertainty, budget = self.result.effect, self.result.uncertainty, self.run.budget
        if not effect.move.replaces or self._likely is None:
            return None
        assumptions = self.run.assumptions.afresh()
        judged = check_rollout(effect.fleet, effect.move, effect.box, assumptions, budget, self._likely.steps)
        return (uncertainty.weakened(judged) if uncertainty else judged).rollback_outcome

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
class Trials:
    """Calls tried on what one change, ``asked``, meets; ``judge`` judges one call."""

    run: Run
    state: SetState
    asked: Call
    judge: Callable[[Run, SetState, Call], ChangeResult]
    _known: dict[tuple[str, ...], Trial] = attrs.field(factory=dict)
    _calls: dict[str, Call] = attrs.field(factory=dict)

    def outcome(self, calls: Sequence[Envelope], least: Outcome = Outcome.INVALID) -> TrialsAnswer:
        """What comes of calls made in order; past one that is worse than ``least`` none is looked at."""
        return TrialsAnswer(tuple(self._each(calls, least)))

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
        if (operation, request) == (self.asked.operation, self.asked.request):
            return self.asked
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
    call = trials.asked
    at_its_end = Trials(trials.run, trials.state.seen_as(then.state), call, trials.judge)
    answer = at_its_end.outcome([{"Operation": call.operation, "Request": call.request}])
    outcome, back = answer.outcome, answer.rollback_outcome
    wanted = back is None or back.fits or FailOn.ROLLBACK not in fail_on
    scales_out = FailOn.SCALE_OUT in fail_on and outcome is Outcome.FITS_AFTER_SCALE_OUT
    if not outcome.fits or not wanted or scales_out:
        return None
    text = f"wait until {' and '.join(then.awaited)}, and check again"
    return RemedyCandidate(Remedy("wait", text, (), outcome, rollback_outcome=back), 0)
