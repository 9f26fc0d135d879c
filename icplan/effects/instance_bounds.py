"""Which instances run when a change is done, as far as that is known.

Copies may leave any instances and be placed on any with room, so a change may end with more instances or
fewer. The next one is judged on the most that may run: with fewer, it is as if the others were empty, as long
as they may be launched (again).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.packing_model import PackingModel
from icplan.fleet.fleet import InstanceCounts
from icplan.packing.problem import Status
from icplan.packing.solver.solve import pack
from icplan.rollout.steps import existing_copies
from icplan.values import frozen
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.fleet.fleet import Fleet
    from icplan.packing.budget import Budget
    from icplan.rollout.steps import CapacityChange, Step


@frozen
class InstanceBounds:
    """The instances of a variant between two changes; its fleet counts the most that may run.

    At least ``least`` run as long as none is released, and up to ``emptied`` may be, since a change has taken
    the last copy of them. ``likely`` are the instances per type that are expected; where not ``typed``,
    others may run than those of the fleet, which then is right in their number alone.
    """

    at_least: int
    likely: Mapping[str, int]
    releasable: int = 0
    types_known: bool = True

    @classmethod
    def of(cls, fleet: Fleet) -> InstanceBounds:
        """That of a fleet as it is described."""
        return cls(fleet.instances, {pool.type.name: pool.instances for pool in fleet.pools})

    def fewest(self, fleet: Fleet) -> int:
        """No fewer instances run than these."""
        return self.at_least - self.released(fleet, self.at_least)

    def fewest_that_hold(self, fleet: Fleet, box: AllocatableBox, budget: Budget) -> int:
        """The fewest instances that may run, of one type, since on fewer what lies there finds no room."""
        (pool,) = fleet.pools
        low, high = self.fewest(fleet), fleet.instances
        while low < high:
            middle = (low + high) // 2
            smaller = InstanceCounts(fleet, {pool.type.name: middle}).resized_fleet()
            running = PackingModel.of(smaller, tuple(existing_copies(smaller)), {}).existing_problem(box.best)
            fails = pack(running, budget).status is Status.DOES_NOT_FIT
            low, high = (middle + 1, high) if fails else (low, middle)
        return low

    def released(self, fleet: Fleet, running: int) -> int:
        """How many of so many instances may be released."""
        return (
            0 if fleet.scaling is None else min(self.releasable, max(0, running - (fleet.min_instances or 0)))
        )


@frozen
class ChangeEffect:
    """How a change of a fleet goes that does not fail.

    ``extra`` tells how many instances are launched at most where it fits, ``None`` if that is not known.
    ``likely`` are the instances per type at its likely end, if one is known.
    """

    fleet: Fleet
    box: AllocatableBox
    move: CapacityChange
    steps: Sequence[Step]
    outcome: Outcome = Outcome.MAY_NOT_FIT
    extra: Callable[[], int | None] = lambda: None
    likely: Mapping[str, int] | None = None

    @property
    def final(self) -> int | None:
        """The instances at the likely end; ``None`` if fewer are than run now, where no copy leaves."""
        if self.likely is None:
            return None
        found = sum(self.likely.values())
        # Fewer are likely now, too, than the most that may run; side by side the two would contradict.
        return found if self.copies_removed or found >= self.fleet.instances else None

    @property
    def copies_placed(self) -> int:
        """How many copies are placed in all."""
        return sum(step.copies for step in self.steps)

    @property
    def copies_removed(self) -> int:
        """How many copies leave in all."""
        there = self.move.before.copies if self.move.before else 0
        return max(0, there + self.copies_placed - self.move.copies)


def bounds_after(
    went: ChangeEffect, before: InstanceBounds, budget: Budget
) -> tuple[InstanceCounts, InstanceBounds]:
    """The most instances that may run after a change, and what is known of them."""
    fleet = went.fleet
    extra = went.extra() if went.outcome is Outcome.FITS_AFTER_SCALE_OUT else None
    launchable = _launchable(went)
    room = min(fleet.scale_out_allowance(), sum(fleet.scale_out_allowance(name) for name in launchable))
    launched = (
        0 if went.outcome is Outcome.FITS else min(room, went.copies_placed if extra is None else extra)
    )
    one_type = len(fleet.pools) == 1
    certain = extra is not None and len(launchable) == 1 and _takes_all(went, extra, budget)
    # Where every instance is taken at some moment, none was left empty; of another type, one may have been.
    releasable = (
        0
        if fleet.scaling is None
        else went.copies_removed + (0 if certain and one_type else before.releasable)
    )
    most = {pool.type.name: pool.instances for pool in fleet.pools}
    after = InstanceBounds(
        at_least=fleet.instances + launched if certain else before.at_least,
        likely=most if went.likely is None else went.likely,
        releasable=releasable,
        types_known=before.types_known,
    )
    if not one_type:
        unsure = after.released(fleet, fleet.instances + launched) or (launched and not certain)
        after = attrs.evolve(after, types_known=before.types_known and not unsure)
    pools = dict(most if after.types_known else after.likely)
    pools[next(iter(launchable or pools))] += max(0, fleet.instances + launched - sum(pools.values()))
    return InstanceCounts(fleet, pools), after


def _launchable(went: ChangeEffect) -> list[str]:
    """The types of which an instance may be launched for copies of a step."""
    fleet = went.fleet
    return [
        pool.type.name
        for pool in fleet.pools
        if fleet.scale_out_allowance(pool.type.name)
        and any(fleet.demand(step.need, pool.type.name) is not None for step in went.steps)
    ]


def _takes_all(went: ChangeEffect, extra: int, budget: Budget) -> bool:
    """Whether at some step one instance less could not hold everything, however it lies.

    Instances of one type alone may be launched.
    """
    (name,) = _launchable(went)
    number = next(n for n, pool in enumerate(went.fleet.pools) if pool.type.name == name)
    fewer = {number: extra - 1} if extra > 1 else {}
    return extra > 0 and any(
        pack(PackingModel.of(went.fleet, step.existing, fewer).problem(step, went.box.best), budget).status
        is Status.DOES_NOT_FIT
        for step in went.steps
    )
