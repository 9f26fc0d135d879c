"""What shows that no smaller fleet surely holds everything: for each a world that breaks a promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from icplan.packing.fleet_problem import FleetAnswer
    from icplan.packing.problem import Pattern
    from icplan.verdict.evidence import FailingWorld
    from icplan.verdict.premises import Premises


@attrs.frozen
class BrokenPromise:
    """A world in which a fleet of so many instances does not hold a condition for one component.

    ``world`` has no room for it though ``growth`` instances are launched, which is all that there may be.
    Where something is lost, ``lost`` tells how all that does not lie in it lay on what is gone: copies of
    each component, in the order of the plan's question.
    """

    condition: str
    component: str
    instances: int
    growth: int
    premises: Premises
    world: FailingWorld
    lost: tuple[Pattern, ...] | None = None


@attrs.frozen
class SmallerFleets:
    """Why fleets of a type hold too little.

    ``movable`` is the answer for that type alone, all copies movable; ``peak`` tells that as many as there
    may be do not hold what passes, all copies movable. Of the others, each breaks one of the promises.
    """

    type: str
    movable: FleetAnswer | None = None
    peak: FleetAnswer | None = None
    broken: tuple[BrokenPromise, ...] = ()
