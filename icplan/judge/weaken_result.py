"""Weaken what was judged by all that is not sure of the fleet and of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.feasibility.doubtful_snapshot import rests_on_unsure
from icplan.feasibility.every_course.refine_steps import sharpened
from icplan.feasibility.weaken import Reason, lost, weakened_all
from icplan.values import frozen

if TYPE_CHECKING:
    from icplan.feasibility.every_course.explore import AllCourses
    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.question import Question
    from icplan.feasibility.uncertain_fleet import FleetUncertainty
    from icplan.feasibility.weaken import Part
    from icplan.verdict.outcome import Outcome


@frozen
class Reported:
    """A change as it was decided, as it is on whichever instances run, and as it is reported."""

    decided: RolloutResult
    on_any_fleet: RolloutResult
    final: RolloutResult
    unsure: bool

    @property
    def outcome(self) -> Outcome:
        """The outcome that is reported."""
        return self.final.outcome

    @property
    def known(self) -> Outcome:
        """The outcome on the instances that it was judged on, as far as the snapshot shows them."""
        return self.final.outcome if self.unsure else self.decided.outcome

    @property
    def lost_by_fleet(self) -> frozenset[Part]:
        """What is dropped since other instances may run."""
        return lost(self.decided, self.on_any_fleet)

    @property
    def lost(self) -> frozenset[Part]:
        """What is dropped besides."""
        return lost(self.on_any_fleet, self.final)


@frozen
class Lowering:
    """All that may make less of what was judged: the same for a whole judgement and for an outcome alone.

    ``courses`` are all that the change may take, where every one was tried: they hold on any instances.
    ``uncertainty`` is what the changes before it leave uncertain of these, and ``unknown_demand`` tells that
    it is not known what a copy reserves.
    """

    question: Question
    courses: AllCourses | None
    uncertainty: FleetUncertainty | None
    unknown_demand: bool

    def reported(self, judged: RolloutResult) -> Reported:
        """The change with every reason applied."""
        question = self.question
        decided = sharpened(question, judged, self.courses)
        unsure = rests_on_unsure(question, decided.outcome)
        uncertain = None if self.courses else self.uncertainty
        on_any_fleet = decided if uncertain is None else uncertain.weakened(decided)
        reasons = (Reason.UNSURE_SNAPSHOT,) * unsure + (Reason.UNKNOWN_DEMAND,) * self.unknown_demand
        final = weakened_all(on_any_fleet, *reasons) if reasons else on_any_fleet
        return Reported(decided, on_any_fleet, final, unsure)
