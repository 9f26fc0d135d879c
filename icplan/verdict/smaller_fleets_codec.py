"""What shows that no smaller fleet surely holds everything, as it stands in a plan."""

from __future__ import annotations

from typing import Final

from icplan.packing.codec import PLACEMENT
from icplan.packing.fleet_codec import FLEET_ANSWER
from icplan.packing.json_shapes import COUNT, TEXT, Shape, many, maybe, member, named, record
from icplan.verdict.evidence_codec import FAILING_WORLD, PREMISES
from icplan.verdict.smaller_fleets import BrokenPromise, SmallerFleets

_BROKEN: Final = record(
    BrokenPromise,
    member("Condition", TEXT),
    member("Component", TEXT),
    member("Instances", COUNT, says="Of the fleet"),
    member("Growth", COUNT, says="How many more may be launched, and are"),
    member("Premises", PREMISES),
    member("World", FAILING_WORLD),
    member("Lost", maybe(PLACEMENT), says="How all that is not in the world lay on what is gone"),
)
SMALLER_FLEETS: Final[Shape[SmallerFleets]] = named(
    "SmallerFleets",
    record(
        SmallerFleets,
        member("InstanceType", TEXT, "type"),
        member("Movable", maybe(FLEET_ANSWER), says="Of that type alone, all copies movable"),
        member("Peak", maybe(FLEET_ANSWER), says="That the limit does not hold what passes"),
        member("Broken", many(_BROKEN), says="Worlds in which fleets of the type break a promise"),
    ),
)
