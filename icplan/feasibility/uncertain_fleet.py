"""Lower a result where earlier changes leave the number or types of instances uncertain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.every_step import decide_rollout, with_steps
from icplan.feasibility.step import decide_step
from icplan.feasibility.weaken import Reason, weakened, weakened_all
from icplan.fleet.fleet import InstanceCounts
from icplan.values import frozen
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.question import Question
    from icplan.feasibility.step import StepResult
    from icplan.fleet.fleet import Fleet
    from icplan.rollout.steps import Step

#: Numbers of instances past which it is not looked whether a change fits without a launch on each.
MAX_NUMBERS = 16


@frozen
class FleetUncertainty:
    """A change on a fleet of which the instances are not certain.

    At least ``min_instances`` run. ``most_allowance`` is the fleet as it may grow at most, and
    ``after_release`` the fleet after every release there may have been, each with its limits then.
    ``arrived`` are fleets on which some of what was on its way has come, and may hold copies placed since.
    """

    question: Question
    types_known: bool
    min_instances: int
    most_allowance: Fleet
    after_release: Fleet
    arrived: tuple[Fleet, ...] = ()

    @property
    def fleet(self) -> Fleet:
        """The fleet that it is judged on: the most instances that may run."""
        return self.question.fleet

    def weakened(self, judged: RolloutResult) -> RolloutResult:
        """The change as far as it stands whichever instances run."""
        if not judged.steps:
            return judged
        if not self.types_known:
            found = self._reaching(judged, tuple(self._on_any_types(one) for one in judged.steps))
            back = found.rollback
            return (
                found if back is None else attrs.evolve(found, rollback=tuple(map(self._on_any_types, back)))
            )
        reason, relied_on = self._reason(judged.outcome)
        found = attrs.evolve(judged, relied_on=judged.relied_on | relied_on)
        if reason is not None:
            less = weakened_all(found, reason)
            found = self._reaching(attrs.evolve(found, rollback=less.rollback), less.steps)
        back = found.rollback
        return found if back is None else attrs.evolve(found, rollback=tuple(map(self._rolled_back, back)))

    def _reaching(self, judged: RolloutResult, steps: tuple[StepResult, ...]) -> RolloutResult:
        """With these steps, of which another number may be reached than on the fleet it was judged on."""
        return with_steps(judged, steps, self.fleet, self.question.assumptions)

    def _reason(self, judged: Outcome) -> tuple[Reason | None, frozenset[str]]:
        """Why an outcome may be another if another number of instances runs; what looking relied on."""
        if judged.fits and self.arrived:
            worst = self._worst_of_arrived()
            if not worst.fits:
                return Reason.ARRIVED, frozenset()
            judged = Outcome.worst([judged, worst])
        if judged.fits and self.min_instances < self.fleet.instances:
            if judged is Outcome.FITS and self._fits_at_every_size():
                return None, frozenset()
            relaunched = self._relaunched()
            # What takes a launch anyway does so of more then.
            scales = judged is Outcome.FITS_AFTER_SCALE_OUT and relaunched is Reason.RELAUNCHED
            return None if scales else relaunched, frozenset()
        if judged is Outcome.DOES_NOT_FIT and self._may_grow_more():
            again = decide_rollout(attrs.evolve(self.question, fleet=self.most_allowance))
            return None if again.outcome is judged else Reason.MORE_GROWTH, again.relied_on
        return None, frozenset()

    def _worst_of_arrived(self) -> Outcome:
        asked = (attrs.evolve(self.question, fleet=fleet) for fleet in self.arrived)
        return Outcome.worst(decide_rollout(one).outcome for one in asked)

    def _relaunched(self) -> Reason:
        """Why a promise is less where fewer instances may run."""
        return Reason.RELAUNCHED if self._can_regrow() else Reason.FEWER_INSTANCES

    def _on_any_types(self, judged: StepResult) -> StepResult:
        """What no number of instances within the limits takes, of whatever types, still finds no room.

        And what as many as surely run take, of whatever types, still has room where nothing lies on them.
        """
        if judged.outcome is Outcome.FITS and self._room_on_any_types(judged.step):
            return judged
        fleet = self.most_allowance
        slots = attrs.evolve(self.question, fleet=fleet).about(judged.step).slots
        most = max(most for _, most in slots)
        fails = judged.outcome is Outcome.DOES_NOT_FIT
        if fails and judged.step.copies > most * (fleet.instances + fleet.scale_out_allowance()):
            return judged
        return weakened(judged, Reason.OTHER_TYPES)

    def _room_on_any_types(self, step: Step) -> bool:
        """Whether nothing lies on the instances, and the fewest that run have room, whatever they are."""
        fleet = self.fleet
        if step.existing or any(one.placed or one.in_flight for one in fleet.components):
            return False
        least = min(low for low, _ in self.question.about(step).slots)
        return step.placed_before + step.copies <= least * self.min_instances

    def _fits_at_every_size(self) -> bool:
        """Whether the change fits without a launch on every number of instances that may run."""
        if self.fleet.instances - self.min_instances > MAX_NUMBERS:
            return False
        steps = self.question.binding
        return all(
            decide_step(attrs.evolve(self.question, fleet=fleet).about(step)).outcome is Outcome.FITS
            for fleet in self._fewer()
            for step in steps
        )

    def _fewer(self) -> Iterator[Fleet]:
        """The fleet with each lower number of instances that may run."""
        (pool,) = self.fleet.pools
        for number in range(self.min_instances, self.fleet.instances):
            yield InstanceCounts(self.fleet, {pool.type.name: number}).resized_fleet()

    def _can_regrow(self) -> bool:
        """Whether as many instances may run after a release as before it."""
        name = self.fleet.pools[0].type.name
        return self.after_release.instances + self.after_release.scale_out_allowance(name) >= (
            self.fleet.instances + self.fleet.scale_out_allowance(name)
        )

    def _may_grow_more(self) -> bool:
        types = [pool.type.name for pool in self.fleet.pools]
        return any(
            self.most_allowance.scale_out_allowance(name) > self.fleet.scale_out_allowance(name)
            for name in types
        )

    def _rolled_back(self, judged: StepResult) -> StepResult:
        """A step of a rollback, promised no more than with fewer instances, too."""
        if not judged.outcome.fits or self.min_instances == self.fleet.instances:
            return judged
        return weakened(judged, self._relaunched())
