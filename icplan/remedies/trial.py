"""What remedies are tried with: the judged change, and a way to judge another in its place."""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import attrs

from icplan.remedies.steps_and_risks import patched_calls
from icplan.values import frozen
from icplan.verdict.gate import FailOn
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.question import Question
    from icplan.fleet.fleet import Fleet
    from icplan.rollout.steps import CapacityChange
    from icplan.verdict.remedy import Remedy
    from icplan.verdict.remedy_steps import QuotaRaise

#: The patch of a request that rolls so that it goes back one copy at a time, and what it does in words.
ONE_BY_ONE_BACK: Final = {
    "op": "add",
    "path": "/DeploymentConfig/RollingUpdatePolicy/RollbackMaximumBatchSize",
    "value": {"Type": "COPY_COUNT", "Value": 1},
}
GOES_BACK_ONE_BY_ONE: Final = "go back one copy at a time (RollbackMaximumBatchSize COPY_COUNT 1)"

#: An operation and its request, as a change file has them in an envelope.
Envelope: TypeAlias = "Mapping[str, Any]"


class Answer(Protocol):
    """What comes of going forward, and of going back, if one can."""

    @property
    def outcome(self) -> Outcome:
        """That of going forward."""

    @property
    def rollback_outcome(self) -> Outcome | None:
        """That of going back; ``None`` where there is nothing to go back from."""


class SetAnswer(Answer, Protocol):
    """What comes of calls made in order."""

    @property
    def doubts(self) -> tuple[str, ...]:
        """What speaks against changes of the endpoint among them, though they are not known to fail."""

    @property
    def short(self) -> tuple[QuotaRaise, ...]:
        """The quotas that are too small for changes of the endpoint among them, and by how much."""


class WhatIf(Protocol):
    """Judges what is only tried, on what the change that was asked for meets; it relies on no assumption."""

    def outcome(self, calls: Sequence[Envelope], least: Outcome, first: Sequence[Envelope] = ()) -> SetAnswer:
        """What comes of calls made in order, those of ``first`` before all others.

        Past one that is worse than ``least`` none is looked at.
        """

    def with_quota(self, raised: QuotaRaise) -> WhatIf:
        """The same once a quota is raised."""

    def without_growth(self) -> WhatIf:
        """The same where no more instances may run at any time than run now."""

    def outcome_of(
        self, change: CapacityChange, fleet: Fleet, least: Outcome, *, back: bool = False
    ) -> Answer:
        """What comes of another change on a fleet, and of going ``back`` from it where that is asked.

        How much better it is than ``least``, or worse, need not be told.
        """


@frozen
class RemedySearch:
    """What a remedy is judged with.

    ``judged`` answers the ``question``, which is the change as it was asked; ``operation`` and ``request``
    are the call that asks it, and ``what_if`` judges others in its place. ``fail_on`` is what a remedy must
    not fail by, and ``goal`` the least outcome that helps. ``configuration`` is the one that ``endpoint``
    runs, which another takes the place of by UpdateEndpoint; ``None`` where a change before it in the set
    makes it, so that it is made otherwise in the first place.
    """

    question: Question
    judged: RolloutResult
    operation: str
    request: Mapping[str, Any]
    what_if: WhatIf
    fail_on: Collection[FailOn] = ()
    goal: Outcome = Outcome.FITS_AFTER_SCALE_OUT
    endpoint: str = ""
    configuration: Mapping[str, Any] | None = None

    @property
    def change(self) -> CapacityChange:
        """The change as it was asked."""
        return self.question.change

    @property
    def fleet(self) -> Fleet:
        """The fleet that it meets."""
        return self.question.fleet

    def good_enough(self, outcome: Outcome) -> bool:
        """Whether an outcome is as good as what is looked for."""
        return outcome.rank >= self.goal.rank

    def accepts(self, answer: Answer) -> bool:
        """Whether an outcome is as good as what is looked for, and fails by nothing that it must not."""
        if not self.good_enough(answer.outcome):
            return False
        back = answer.rollback_outcome
        return back is None or back.fits or FailOn.ROLLBACK not in self.fail_on or not self.goal.fits

    def works(self, calls: Sequence[Envelope]) -> bool:
        """Whether these calls come out as well as what is looked for."""
        return self.good_enough(self.what_if.outcome(calls, self.goal).outcome)

    def judged_to_work(self, call: Envelope) -> bool:
        """Whether a call in place of the change helps, by the whole judgement."""
        exhausted = self.question.budget.exhausted
        return not exhausted and self.accepts(self.what_if.outcome([call], self.goal))

    def found(self, remedy: Remedy, calls: Sequence[Envelope], value: int) -> Iterator[RemedyCandidate]:
        """The remedy, if the judgement of the calls that it comes to agrees that it helps.

        Where it fits, and going back does not, smaller batches on rollback are part of it if they mend that.
        """
        answer = self.what_if.outcome(calls, self.goal)
        back = answer.rollback_outcome
        if self.goal.fits and self.good_enough(answer.outcome) and back is not None and not back.fits:
            mended = self._going_back_one_by_one(remedy, answer.outcome)
            if mended is not None:
                remedy, calls = mended
                answer = self.what_if.outcome(calls, self.goal)
        if self.accepts(answer):
            helps = attrs.evolve(
                remedy,
                outcome=answer.outcome,
                rollback_outcome=answer.rollback_outcome,
                relaunches=answer.outcome is Outcome.FITS_AFTER_SCALE_OUT and self._never_grows(calls),
            )
            yield RemedyCandidate(helps, value)

    def _going_back_one_by_one(
        self, remedy: Remedy, outcome: Outcome
    ) -> tuple[Remedy, Sequence[Envelope]] | None:
        """The remedy, and its calls, with a rollback of one copy at a time, if it fits as well, and back."""
        calls = patched_calls(remedy, self.operation, self.request)
        asked = calls[len(remedy.before)]["Request"].get("DeploymentConfig") or {}
        if remedy.target is not Target.REQUEST or "RollingUpdatePolicy" not in asked:
            return None
        mended = attrs.evolve(
            remedy,
            description=f"{remedy.description}, going back one by one",
            patch=(*remedy.patch, ONE_BY_ONE_BACK),
        )
        calls = patched_calls(mended, self.operation, self.request)
        answer = self.what_if.outcome(calls, self.goal)
        back = answer.rollback_outcome
        as_good = answer.outcome.rank >= outcome.rank and (back is None or back.fits)
        return (mended, calls) if as_good else None

    def _never_grows(self, calls: Sequence[Envelope]) -> bool:
        """Whether no more instances run at any time than now: what is launched takes another's place."""
        fleet = self.fleet
        if not any(fleet.scale_out_allowance(pool.type.name) for pool in fleet.pools):
            return True
        return self.what_if.without_growth().outcome(calls, self.goal).outcome.fits

    def fits_instead(self, change: CapacityChange) -> bool:
        """Whether another change in place of this one helps."""
        return self.good_enough(self.what_if.outcome_of(change, self.fleet, self.goal).outcome)

    def patched(self, *patches: Mapping[str, Any]) -> Envelope:
        """The call as it was asked, its request patched with operations of RFC 6902.

        Known are those that remedies use: ``add``, ``replace`` and ``remove`` of a member.
        """
        request = copy.deepcopy(dict(self.request))
        for patch in patches:
            *steps, last = patch["path"].split("/")[1:]
            holder = functools.reduce(lambda inner, step: inner[step], steps, request)
            if patch["op"] == "remove":
                del holder[last]
            else:
                holder[last] = patch["value"]
        return {"Operation": self.operation, "Request": request}


@frozen
class RemedyKind:
    """Something that can be turned: its name, whether a change has it, and the remedies that turn it."""

    name: str
    applies: Callable[[RemedySearch], bool]
    remedies: Callable[[RemedySearch], Iterator[RemedyCandidate]]


@frozen
class RemedyCandidate:
    """A remedy, the value of the knob it turns, and whether a component serves nobody meanwhile."""

    remedy: Remedy
    value: int
    idles: bool = False


def largest_that(
    low: int, high: int, works: Callable[[int], bool], *, likely_all: bool = False
) -> int | None:
    """The largest value in the range that works; what works stays so for smaller values.

    Where it is ``likely`` that ``all`` of them work, the largest is tried first, else the smallest.
    """
    if likely_all and low <= high:
        if works(high):
            return high
        high -= 1
    if low > high or not works(low):
        return None
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if works(middle) else (low, middle - 1)
    return low


def largest_judged(
    low: int, high: int, works: Callable[[int], bool], judged: Callable[[int], bool]
) -> int | None:
    """The largest value in the range that is ``judged`` to work; of fewer, ``works`` tells it sooner.

    What is told soon may be too little, so larger ones are judged until one does not work.
    """
    sure = largest_that(low, high, works)
    first = low if sure is None else sure + 1
    if first > high or not judged(first):
        return sure
    step = 1
    while first + step <= high and judged(first + step):
        first, step = first + step, 2 * step
    return largest_that(first, min(high, first + step - 1), judged)


def looked_for(shop: RemedySearch) -> bool:
    """Whether remedies are: not where the change fits as wanted, or is undecided."""
    judged = shop.judged
    wanting = not judged.outcome.fits or not shop.accepts(judged)
    return wanting and judged.outcome is not Outcome.UNDECIDED


def enough_anew(found: Sequence[RemedyCandidate]) -> int | None:
    """The instances with which it fits where a new configuration allows them, and nothing else is turned."""
    for one in found:
        remedy = one.remedy
        alone = remedy.target is Target.ENDPOINT_CONFIG and not (remedy.before or remedy.request_patch)
        if alone and remedy.outcome.fits:
            return one.value
    return None


def best_values(found: Sequence[RemedyCandidate]) -> dict[str, int]:
    """Per kind, the best value of those remedies that make it fit as well as the best does."""
    best = max((one.remedy.outcome.rank for one in found), default=None)
    alike = [one for one in found if one.remedy.outcome.fits and one.remedy.outcome.rank == best]
    return {one.remedy.kind: one.value for one in reversed(alike)}
