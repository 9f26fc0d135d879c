"""What would come of other calls: changes that are only tried, each judged once however often it is asked."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError
from icplan.feasibility.every_step import check_rollout
from icplan.judge.state import state_after
from icplan.remedies.search import RemedyCandidate
from icplan.requests.call import Call
from icplan.snapshot.at_rest import at_rest
from icplan.verdict.gate import FailOn
from icplan.verdict.verdict import Outcome, Remedy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

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
        return state_after(self.run, self.state, self.call, self.result) if self.result else self.state

    @cached_property
    def rollback_outcome(self) -> Outcome | None:
        """What comes of going back, if one can."""
        if self.result is None or self.result.effect is None or self.result.forecast_steps is None:
            return self.result.verdict.rollback_outcome if self.result else None
        effect, uncertainty = self.result.effect, self.result.uncertainty
        assumptions = self.run.assumptions.afresh()
        judged = check_rollout(
            effect.fleet, effect.move, effect.box, assumptions, self.run.budget, self.result.forecast_steps
        )
        return (uncertainty.weakened(judged) if uncertainty else judged).rollback_outcome


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
    """Calls tried on what one change meets; ``judge`` judges one call."""

    run: Run
    state: SetState
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
        if text not in self._calls:
            self._calls[text] = Call(envelope["Operation"], envelope["Request"])
        return self._calls[text]

    def _tried(self, state: SetState, call: Call) -> Trial:
        try:
            result = self.judge(self.run, state, call)
        except InputError:
            return Trial(self.run, state, call, None)
        return Trial(self.run, state, call, result)


def waiting(trials: Trials, call: Call, fail_on: Collection[FailOn]) -> RemedyCandidate | None:
    """The remedy to wait, where something is under way, and once it has ended the change fits."""
    then = at_rest(trials.state.snapshot.data)
    if then is None:
        return None
    rested = attrs.evolve(trials.state.snapshot, data=then.data)
    at_its_end = Trials(trials.run, attrs.evolve(trials.state, snapshot=rested), trials.judge)
    answer = at_its_end.outcome([{"Operation": call.operation, "Request": call.request}])
    outcome, back = answer.outcome, answer.rollback_outcome
    wanted = back is None or back.fits or FailOn.ROLLBACK not in fail_on
    scales_out = FailOn.SCALE_OUT in fail_on and outcome is Outcome.FITS_AFTER_SCALE_OUT
    if not outcome.fits or not wanted or scales_out:
        return None
    text = f"wait until {' and '.join(then.awaited)}, and check again"
    return RemedyCandidate(Remedy("wait", text, (), outcome, rollback_outcome=back), 0)
