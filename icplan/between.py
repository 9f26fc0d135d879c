"""What is known of the instances of each variant between the changes of a set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.fleet.after import Resized
from icplan.judging.standing import Standing, left_by
from icplan.judging.whatever_runs import Doubt
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from icplan.assumptions import Assumptions
    from icplan.fleet.model import Fleet
    from icplan.judging.box import Box
    from icplan.judging.standing import Went
    from icplan.packing import Budget
    from icplan.rollout import Move


@attrs.define
class Between:
    """By variant, the most instances that may run after the changes so far, and what is known of them."""

    left: dict[str, tuple[Resized, Standing]] = attrs.field(factory=dict)

    def again(self) -> Between:
        """The same, for changes that are only tried."""
        return Between(dict(self.left))

    def settle(self, went: Went, doubt: Doubt | None, budget: Budget) -> Resized | None:
        """Note how a change went, and what was in doubt; the most instances that may run after it.

        ``None`` where it is not told of which types they are.
        """
        fleet = went.fleet
        if doubt is not None and not (doubt.standing.typed and went.outcome.fits):
            went = attrs.evolve(went, fleet=doubt.roomier, outcome=Outcome.MAY_NOT_FIT)
        resized, standing = left_by(went, self._standing(fleet), budget)
        if not fleet.counted:
            as_it_is = {pool.type.name: pool.instances for pool in fleet.pools}
            self.left[fleet.variant] = Resized(fleet, as_it_is), attrs.evolve(standing, typed=False)
            return None
        self.left[fleet.variant] = resized, standing
        return resized

    def likely(self, fleet: Fleet) -> Fleet:
        """The fleet with the instances that are likely to run."""
        if fleet.variant not in self.left:
            return fleet
        return Resized(fleet, self._standing(fleet).likely).at_rest()

    def _standing(self, fleet: Fleet) -> Standing:
        return self.left[fleet.variant][1] if fleet.variant in self.left else Standing.of(fleet)

    def doubt(
        self,
        fleet: Fleet,
        data: Mapping[str, Any],
        read: Callable[[Mapping[str, Any]], Fleet],
        question: tuple[Move, Box, Assumptions, Budget],
    ) -> Doubt | None:
        """What is not certain of the fleet, which ``read`` finds in a document; ``None`` if nothing is."""
        standing, (_, box, _, budget) = self._standing(fleet), question
        released, fewest = fleet, fleet.instances
        if len(fleet.pools) == 1:
            fewest = standing.fewest_that_hold(fleet, box, budget)
            rest = max(fewest, fleet.instances - standing.released(fleet, fleet.instances))
            if rest < fleet.instances:
                released = read(Resized(fleet, {fleet.pools[0].type.name: rest}).in_document(data))
        others = dict(data)
        for fewer in self._fewer_elsewhere(fleet.variant):
            others = fewer.in_document(others)
        roomier = fleet if others == data else read(others)
        if standing.typed and fewest == fleet.instances and roomier is fleet:
            return None
        return Doubt(fleet, standing, fewest, roomier, released, *question)

    def _fewer_elsewhere(self, variant: str) -> Iterator[Resized]:
        """Every other variant with the fewest instances that may run, per type."""
        for name, (resized, standing) in self.left.items():
            fleet = resized.at_rest()
            fewest = dict.fromkeys(resized.pools, 0)
            if standing.typed:
                fewest = dict(resized.pools)
                if len(fewest) == 1:
                    fewest = dict.fromkeys(fewest, standing.fewest(fleet))
            if name != variant and fewest != resized.pools:
                yield Resized(fleet, fewest)
