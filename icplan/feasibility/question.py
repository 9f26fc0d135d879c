"""What is asked: whether a change, or one step of it, fits on a fleet."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from icplan.rollout.steps import binding_steps, forward_steps
from icplan.values import frozen

if TYPE_CHECKING:
    from icplan.assumptions import Assumptions
    from icplan.catalog.catalog import Catalog
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.fleet.fleet import Demand, Fleet
    from icplan.packing.budget import Budget
    from icplan.packing.problem import Vector
    from icplan.rollout.steps import CapacityChange, Step


@frozen
class Question:
    """Whether a change fits on a fleet.

    ``box`` is what its instances may be able to allocate, by ``catalog``, the run's own, and by what runs.
    """

    fleet: Fleet
    change: CapacityChange
    box: AllocatableBox
    assumptions: Assumptions
    catalog: Catalog
    budget: Budget

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the change in order."""
        return self._forward[0]

    @property
    def relied_on(self) -> frozenset[str]:
        """The assumptions on which it rests that the steps are these."""
        return self._forward[1]

    @cached_property
    def _forward(self) -> tuple[tuple[Step, ...], frozenset[str]]:
        recorder = self.assumptions.recorder()
        return forward_steps(self.change, self.fleet, recorder), recorder.relied_on

    @property
    def binding(self) -> tuple[Step, ...]:
        """The steps that decide the outcome of all."""
        return binding_steps(self.change, self.steps)

    def about(self, step: Step) -> StepQuestion:
        """Whether a step of the change, or of its rollback, fits."""
        same = step.need is self.change.need
        demands = self._demands if same else demands_on(self.fleet, step.need)
        return StepQuestion(self.fleet, step, self.box, self.budget, demands)

    @cached_property
    def _demands(self) -> tuple[Vector | None, ...]:
        return demands_on(self.fleet, self.change.need)


@frozen
class StepQuestion:
    """Whether one step fits on a fleet. ``demands`` is what a copy takes on an instance of each pool.

    It is ``None`` where no copy of the step may lie.
    """

    fleet: Fleet
    step: Step
    box: AllocatableBox
    budget: Budget
    demands: tuple[Vector | None, ...]

    @classmethod
    def of(cls, fleet: Fleet, step: Step, box: AllocatableBox, budget: Budget) -> StepQuestion:
        """The question, with the demand on each pool reckoned."""
        return cls(fleet, step, box, budget, demands_on(fleet, step.need))

    @property
    def wanted(self) -> int:
        """The copies that have to lie there once the step is done."""
        return self.step.placed_before + self.step.copies

    @cached_property
    def usable(self) -> list[int]:
        """The pools on whose instances a copy may lie."""
        return [number for number, demand in enumerate(self.demands) if demand is not None]

    @cached_property
    def capacities(self) -> tuple[tuple[Vector, Vector], ...]:
        """What an instance of each pool offers, at least and at most."""
        return tuple(
            (self.fleet.capacity(pool, *side.low), self.fleet.capacity(pool, *side.high))
            for pool, side in zip(self.fleet.pools, self.box.sides, strict=True)
        )

    @cached_property
    def slots(self) -> tuple[tuple[int, int], ...]:
        """How many copies an empty instance of each pool takes, at least and at most."""
        return tuple(
            (0, 0) if demand is None else (copies_in(low, demand), copies_in(high, demand))
            for (low, high), demand in zip(self.capacities, self.demands, strict=True)
        )

    @property
    def needs_resources(self) -> bool:
        """Whether a copy takes anything; one that takes nothing fits anywhere."""
        return any(demand is None or any(demand) for demand in self.demands)


def demands_on(fleet: Fleet, need: Demand) -> tuple[Vector | None, ...]:
    """What a copy takes on an instance of each pool, ``None`` where it may not lie."""
    return tuple(fleet.demand(need, pool.type.name) for pool in fleet.pools)


def copies_in(free: Vector, demand: Vector) -> int:
    """How many copies have room in what is free."""
    return min(max(0, have) // each for have, each in zip(free, demand, strict=True) if each)
