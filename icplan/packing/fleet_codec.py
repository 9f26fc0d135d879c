"""Problems of a fleet and their answers as plain JSON data, and back."""

from __future__ import annotations

from typing import Any

from icplan.packing.codec import DEMANDS, PLACEMENT, VECTOR
from icplan.packing.fleet_problem import (
    Blocked,
    Condition,
    FleetAnswer,
    FleetItem,
    FleetOption,
    FleetProblem,
    InstanceLost,
    Loss,
    NothingLost,
    OptionLost,
    ZoneLost,
)
from icplan.packing.fleet_proof import FLEET_PROOF
from icplan.packing.json_shapes import COUNT, FLAG, TEXT, Shape, many, maybe, member, named, one_of, record
from icplan.packing.reader import Node

_OPTION = record(
    FleetOption,
    member("Name", TEXT),
    member("Capacity", VECTOR),
    member("Cost", COUNT),
    member("Limit", maybe(COUNT), there=False),
)
_ITEM = record(FleetItem, member("Name", TEXT), member("Demands", DEMANDS))
_LOSS: Shape[Loss] = one_of(
    "Of",
    {
        "nothing": (NothingLost, record(NothingLost)),
        "instance": (InstanceLost, record(InstanceLost, member("Option", COUNT))),
        "zone": (ZoneLost, record(ZoneLost, member("Zones", COUNT))),
        "option": (OptionLost, record(OptionLost, member("Option", COUNT))),
    },
)
_CONDITION = record(Condition, member("Name", TEXT), member("Counts", VECTOR), member("Lost", _LOSS))

FLEET_PROBLEM: Shape[FleetProblem] = named(
    "FleetProblem",
    record(
        FleetProblem,
        member("Options", many(_OPTION)),
        member("Items", many(_ITEM)),
        member("Conditions", many(_CONDITION)),
        member("MaxTypes", maybe(COUNT), there=False),
        member("MaxTotal", maybe(COUNT), there=False),
    ),
)
_BLOCKED = record(
    Blocked,
    member("Conditions", VECTOR),
    member("Options", VECTOR),
    member("MaxTypes", FLAG),
    member("MaxTotal", FLAG),
)
FLEET_ANSWER: Shape[FleetAnswer] = named(
    "FleetAnswer",
    record(
        FleetAnswer,
        member("Low", COUNT),
        member("High", maybe(COUNT)),
        member("Counts", maybe(VECTOR)),
        member("Placements", maybe(many(maybe(PLACEMENT)))),
        member("Proof", maybe(FLEET_PROOF)),
        member("Possible", FLAG),
        member("Blocked", maybe(_BLOCKED)),
    ),
)


def fleet_problem_to_json(problem: FleetProblem) -> dict[str, Any]:
    """The problem as data that :func:`fleet_problem_from_json` reads."""
    written: dict[str, Any] = FLEET_PROBLEM.write(problem)
    return written


def fleet_problem_from_json(data: Any) -> FleetProblem:
    """The problem. Raises :class:`~icplan.packing.reader.Unreadable` on data that is none."""
    return FLEET_PROBLEM.read(Node(data))


def fleet_answer_to_json(answer: FleetAnswer) -> dict[str, Any]:
    """The answer as data that :func:`fleet_answer_from_json` reads."""
    written: dict[str, Any] = FLEET_ANSWER.write(answer)
    return written


def fleet_answer_from_json(data: Any) -> FleetAnswer:
    """The answer. Raises :class:`~icplan.packing.reader.Unreadable` on data that is none."""
    return FLEET_ANSWER.read(Node(data))
