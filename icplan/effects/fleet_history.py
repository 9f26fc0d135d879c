"""Per variant, how many instances may run after the changes of a set so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.effects.instance_bounds import InstanceBounds, bounds_after
from icplan.feasibility.uncertain_fleet import MAX_NUMBERS, FleetUncertainty
from icplan.fleet.fleet import InstanceCounts
from icplan.values import frozen
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from icplan.effects.instance_bounds import ChangeEffect
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.feasibility.every_course.worlds import Worlds
    from icplan.feasibility.question import Question
    from icplan.fleet.fleet import Fleet
    from icplan.packing.budget import Budget


@frozen
class FleetHistory:
    """By variant, the most instances that may run after the changes so far, and what is known of them.

    ``worlds`` are all that may be there, where every course was tried, else ``None``.
    """

    by_variant: Mapping[str, tuple[InstanceCounts, InstanceBounds]] = attrs.field(factory=dict)
    worlds: Worlds | None = None

    def record(
        self, went: ChangeEffect, uncertainty: FleetUncertainty | None, budget: Budget
    ) -> tuple[FleetHistory, InstanceCounts | None]:
        """The history with how a change went and what was in doubt; the most instances that may run after it.

        These are ``None`` where it is not told of which types they are.
        """
        fleet = went.fleet
        if uncertainty is not None and not (uncertainty.types_known and went.outcome.fits):
            went = attrs.evolve(went, fleet=uncertainty.most_allowance, outcome=Outcome.MAY_NOT_FIT)
        resized, standing = bounds_after(went, self._standing(fleet), budget)
        if not fleet.mix_known:
            as_it_is = InstanceCounts(fleet, {pool.type.name: pool.instances for pool in fleet.pools})
            return self._with(fleet, as_it_is, attrs.evolve(standing, types_known=False)), None
        return self._with(fleet, resized, standing), resized

    def _with(self, fleet: Fleet, counts: InstanceCounts, bounds: InstanceBounds) -> FleetHistory:
        return FleetHistory({**self.by_variant, fleet.variant: (counts, bounds)}, self.worlds)

    def worlds_before(self, fleet: Fleet, box: AllocatableBox | None, budget: Budget) -> Worlds | None:
        """All that may be before a change; ``None`` where that is not known, or too much.

        What a change of another variant leaves of what both share is not followed.
        """
        if self.by_variant:
            return self.worlds if set(self.by_variant) == {fleet.variant} else None
        if box is None:
            return None
        # Loaded only where it is used: most changes are decided without.
        from icplan.feasibility.every_course.state import TooMany  # noqa: PLC0415
        from icplan.feasibility.every_course.worlds import worlds_of  # noqa: PLC0415

        try:
            return worlds_of(fleet, box, budget)
        except TooMany:
            return None

    def forecast_fleet(self, fleet: Fleet) -> Fleet:
        """The fleet with the instances that are likely to run."""
        if fleet.variant not in self.by_variant:
            return fleet
        return InstanceCounts(fleet, self._standing(fleet).likely).resized_fleet()

    def _standing(self, fleet: Fleet) -> InstanceBounds:
        return (
            self.by_variant[fleet.variant][1]
            if fleet.variant in self.by_variant
            else InstanceBounds.of(fleet)
        )

    def uncertainty(
        self,
        question: Question,
        read: Callable[[Sequence[InstanceCounts]], Fleet],
    ) -> FleetUncertainty | None:
        """What is not certain of the fleet; ``None`` if nothing is.

        ``read`` gives the fleet where variants have so many instances.
        """
        fleet, box, budget = question.fleet, question.box, question.budget
        standing = self._standing(fleet)
        released, fewest = fleet, fleet.instances
        if len(fleet.pools) == 1:
            fewest = standing.fewest_that_hold(fleet, box, budget)
            rest = max(fewest, fleet.instances - standing.released(fleet, fleet.instances))
            if rest < fleet.instances:
                released = read([InstanceCounts(fleet, {fleet.pools[0].type.name: rest})])
        elif not standing.types_known:
            fewest = standing.fewest(fleet)
        fewer = list(self._fewest_in_other_variants(fleet.variant))
        roomier = read(fewer) if fewer else fleet
        arrived = tuple(self._arrived(fleet, read))
        if standing.types_known and fewest == fleet.instances and roomier is fleet and not arrived:
            return None
        return FleetUncertainty(question, standing.types_known, fewest, roomier, released, arrived)

    def _arrived(self, fleet: Fleet, read: Callable[[Sequence[InstanceCounts]], Fleet]) -> Iterator[Fleet]:
        """The fleet once some of what was on its way before a change has come: copies may lie there since."""
        if fleet.variant not in self.by_variant:
            return
        running = {pool.type.name: pool.instances for pool in fleet.pools}
        for name, instances in running.items():
            for more in range(1, min(fleet.arriving, MAX_NUMBERS) + 1):
                yield read([InstanceCounts(fleet, {**running, name: instances + more})])

    def _fewest_in_other_variants(self, variant: str) -> Iterator[InstanceCounts]:
        """Every other variant with the fewest instances that may run, per type."""
        for name, (resized, standing) in self.by_variant.items():
            fleet = resized.resized_fleet()
            fewest = dict.fromkeys(resized.pools, 0)
            if standing.types_known:
                fewest = dict(resized.pools)
                if len(fewest) == 1:
                    fewest = dict.fromkeys(fewest, standing.fewest(fleet))
            if name != variant and fewest != resized.pools:
                yield InstanceCounts(fleet, fewest)
