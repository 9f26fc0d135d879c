"""Weaken a result where earlier changes leave the number or types of instances uncertain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.every_step import quick_outcome, rollback_from
from icplan.feasibility.step import decide_step
from icplan.feasibility.worst_case import slots_on_empty
from icplan.fleet.fleet import InstanceCounts
from icplan.rollout.steps import binding_steps, forward_steps
from icplan.verdict.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.assumptions import Assumptions
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.step import StepResult
    from icplan.fleet.fleet import Fleet
    from icplan.packing.budget import Budget
    from icplan.rollout.steps import CapacityChange, Step

#: Numbers of instances past which it is not looked whether a change fits without a launch on each.
MOST_NUMBERS = 16


@attrs.frozen
class FleetUncertainty:
    """A change on a fleet of which the instances are not certain.

    At least ``fewest`` run. ``roomier`` is the fleet as it may grow at most, and ``released`` the fleet after
    every release there may have been, each with its limits then.
    """

    fleet: Fleet
    types_known: bool
    min_instances: int
    most_allowance: Fleet
    after_release: Fleet
    move: CapacityChange
    box: AllocatableBox
    assumptions: Assumptions
    budget: Budget

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the change."""
        return forward_steps(self.move, self.fleet, self.assumptions)

    def outcome(self, judged: Outcome) -> Outcome:
        """The outcome whichever instances run, when it is ``judged`` on the fleet."""
        if not self.steps:
            return judged
        if not self.types_known:
            return Outcome.worst(self._on_any_types(step, judged) for step in self.steps)
        if judged.fits and self.min_instances < self.fleet.instances:
            if judged is Outcome.FITS and self._fits_at_every_size():
                return judged
            return Outcome.FITS_AFTER_SCALE_OUT if self._can_regrow() else Outcome.MAY_NOT_FIT
        if judged is Outcome.DOES_NOT_FIT and self._may_grow_more():
            again = quick_outcome(self.most_allowance, self.move, self.box, self.assumptions, self.budget)
            return judged if again is judged else Outcome.MAY_NOT_FIT
        return judged

    def _on_any_types(self, step: Step, outcome: Outcome) -> Outcome:
        """What no number of instances within the limits takes, of whatever types, still finds no room."""
        fleet = self.most_allowance
        most = max(slots_on_empty(fleet, step, self.box, n, low=False) for n in range(len(fleet.pools)))
        fails = outcome is Outcome.DOES_NOT_FIT
        if fails and step.copies > most * (fleet.instances + fleet.scale_out_allowance()):
            return outcome
        return Outcome.MAY_NOT_FIT if fails or outcome.fits else outcome

    def _fits_at_every_size(self) -> bool:
        """Whether the change fits without a launch on every number of instances that may run."""
        if self.fleet.instances - self.min_instances > MOST_NUMBERS:
            return False
        return all(
            decide_step(fleet, step, self.box, self.budget).outcome is Outcome.FITS
            for fleet in self._fewer()
            for step in binding_steps(self.move, self.steps)
        )

    def _fewer(self) -> Iterator[Fleet]:
        """The fleet with each lower number of instances that may run."""
        (pool,) = self.fleet.pools
        for number in range(self.min_instances, self.fleet.instances):
            yield InstanceCounts(self.fleet, {pool.type.name: number}).resized_fleet()

    def _can_regrow(self) -> bool:
        """Whether as many instances may run after a release as before it."""
        return self.after_release.instances + self.after_release.scale_out_allowance(self._type) >= (
            self.fleet.instances + self.fleet.scale_out_allowance(self._type)
        )

    def _may_grow_more(self) -> bool:
        types = [pool.type.name for pool in self.fleet.pools]
        return any(
            self.most_allowance.scale_out_allowance(name) > self.fleet.scale_out_allowance(name)
            for name in types
        )

    @property
    def _type(self) -> str:
        return self.fleet.pools[0].type.name

    def weakened(self, judged: RolloutResult) -> RolloutResult:
        """The change as far as it stands whichever instances run."""
        if not self.types_known:
            steps = tuple(self._step_on_any_types(one) for one in judged.steps)
            back = rollback_from(judged, steps, self.fleet, self.assumptions)
            back = None if back is None else tuple(self._step_on_any_types(one) for one in back)
            return attrs.evolve(judged, steps=steps, rollback=back)
        was, outcome = judged.outcome, self.outcome(judged.outcome)
        steps = tuple(lowered(one, was, outcome) for one in judged.steps)
        back = rollback_from(judged, steps, self.fleet, self.assumptions)
        if back is not None:
            back = tuple(self._rolled_back(lowered(one, was, outcome)) for one in back)
        return attrs.evolve(judged, steps=steps, rollback=back)

    def _step_on_any_types(self, judged: StepResult) -> StepResult:
        return lowered(judged, judged.outcome, self._on_any_types(judged.step, judged.outcome))

    def _rolled_back(self, judged: StepResult) -> StepResult:
        """A step of a rollback, promised no more than with fewer instances, too."""
        if not judged.outcome.fits or self.min_instances == self.fleet.instances:
            return judged
        lower = Outcome.FITS_AFTER_SCALE_OUT if self._can_regrow() else Outcome.MAY_NOT_FIT
        return lowered(judged, judged.outcome, lower)


def lowered(judged: StepResult, was: Outcome, outcome: Outcome) -> StepResult:
    """A step as sure as the change was, now no surer than the outcome, which its evidence does not show."""
    alike = judged.outcome.fits if was.fits else judged.outcome is was
    if was is outcome or not alike or judged.outcome is outcome:
        return judged
    if outcome is Outcome.FITS_AFTER_SCALE_OUT:
        return attrs.evolve(judged, outcome=outcome, worst_case=None)
    return attrs.evolve(
        judged, outcome=outcome, extra_instances=None, worst_case=None, witness=None, other_proofs=()
    )
