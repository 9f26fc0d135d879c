"""Headroom to JSON and back: one shape per part, from which docs/headroom.schema.json is made, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.packing.json_shapes import (
    COUNT,
    FLAG,
    TEXT,
    Shape,
    by_name,
    definitions_of,
    described,
    many,
    maybe,
    member,
    named,
    object_schema,
    record,
    with_default,
)
from icplan.packing.reader import Node, Unreadable
from icplan.verdict.codec import ASSUMPTION, SNAPSHOT
from icplan.verdict.evidence_codec import EVERY_WORLD, FAILING_WORLD, LAYOUT, NO_WORLD, PREMISES
from icplan.verdict.headroom import (
    ComponentHeadroom,
    FleetHeadroom,
    Headroom,
    LargestBatch,
    Range,
    Room,
    RoomEvidence,
    Stranded,
    Wanted,
)

if TYPE_CHECKING:
    from icplan.verdict.evidence import EveryWorld, FailingWorld, NoWorld

VERSION: Final = 1
TITLE: Final = "IcplanHeadroom"


class NotHeadroom(Exception):  # noqa: N818 - an answer, not an error
    """The data is no complete headroom: ``path`` is the first place at which something is amiss."""

    def __init__(self, path: str) -> None:
        super().__init__(f"not a complete headroom: {path}")
        self.path = path


def _read_range(data: Node) -> Range:
    ends = data.items()
    if len(ends) != 2:  # noqa: PLR2004  (a low and a high end)
        raise Unreadable(data.path)
    low, high = ends[0].count(), None if ends[1].value is None else ends[1].count()
    if high is not None and low > high:
        raise Unreadable(data.path)
    return Range(low, high)


#: A number that lies between two ends, of which the high one may not be known.
RANGE: Shape[Range] = named(
    "Range",
    Shape(
        lambda one: [one.low, one.high],
        _read_range,
        {
            "type": "array",
            "description": "At least and at most so many; null: nothing tells how many at most",
            "prefixItems": [COUNT.schema, maybe(COUNT).schema],
            "minItems": 2,
            "maxItems": 2,
        },
    ),
)
_EVERY_WORLD: Shape[EveryWorld] = EVERY_WORLD
_FAILING_WORLD: Shape[FailingWorld] = FAILING_WORLD
_NO_WORLD: Shape[NoWorld] = NO_WORLD
_EVIDENCE = described(
    record(
        RoomEvidence,
        member("SurePremises", PREMISES),
        member("BestPremises", PREMISES),
        member("EveryWorld", maybe(_EVERY_WORLD), says="That every world takes the low end of Sure"),
        member("FailingWorld", maybe(_FAILING_WORLD), says="A world that takes no more than its high end"),
        member("Layout", maybe(LAYOUT), says="A layout with the low end of Best"),
        member("NoWorld", maybe(_NO_WORLD), says="That no world takes more than its high end"),
    ),
    "What icplan verify checks without the solver",
)
ROOM = named(
    "Room",
    record(
        Room,
        member("Sure", RANGE, says="Copies that fit in every world"),
        member("Best", RANGE, says="Copies that fit in the most favourable world, all laid out at will"),
        member("Launched", COUNT, says="Instances launched that count for Sure"),
        member("Waiting", COUNT, says="Copies asked for before, which come first"),
        member("Evidence", maybe(_EVIDENCE)),
    ),
)
_BATCH = named(
    "LargestBatch",
    record(
        LargestBatch,
        member("Update", COUNT),
        member("WithRollback", COUNT, says="Also going back without a RollbackMaximumBatchSize"),
        member("WithEqualRollback", COUNT, says="Also going back in batches as large"),
    ),
)
_COMPONENT = record(
    ComponentHeadroom,
    member("Name", TEXT),
    member("Variant", TEXT),
    member("Copies", COUNT),
    member("Now", maybe(ROOM), says="On the instances that run"),
    member("Max", maybe(ROOM), says="At MaxInstanceCount, within quotas and reservations"),
    member("Autoscaling", maybe(ROOM), says="The same, once all others are at their MaxCapacity"),
    member("Binds", many(TEXT), says="The resources that end the room now"),
    member("Scattered", many(TEXT), says="Those of them of which there is enough, but not on one instance"),
    member("LargestBatch", maybe(_BATCH), says="Of a rolling update, in copies; null where none is legal"),
    member("LargestBatchAtMax", maybe(_BATCH)),
    member("New", FLAG, says="Whether it is to be created"),
    member("Notes", many(TEXT)),
)
_PAIR: Shape[tuple[int, int]] = Shape(
    list,
    lambda data: _two(data.counts(), data),
    {"type": "array", "minItems": 2, "maxItems": 2, "items": COUNT.schema},
)


def _two(found: tuple[int, ...], data: Node) -> tuple[int, int]:
    if len(found) != 2:  # noqa: PLR2004  (how many instances, and how much on each)
        raise Unreadable(data.path)
    return found[0], found[1]


_STRANDED = record(
    Stranded,
    member("Resource", TEXT, says="memory is in MiB"),
    member("Amount", RANGE),
    member("Sure", FLAG, says="false: only as copies may lie"),
    member("Example", many(_PAIR), says="How it may be spread: instances, and how much on each"),
)
_FLEET = record(
    FleetHeadroom,
    member("Variant", TEXT),
    member("Pools", by_name(COUNT), says="The instances of each type that run"),
    member("Instances", COUNT),
    member("MaxInstances", RANGE),
    member("Limits", many(TEXT)),
    member("Stranded", many(_STRANDED)),
    member("Notes", many(TEXT)),
    with_default(
        member("Metrics", many(TEXT), spare=True, says="The reservation metrics that tell where copies lie"),
        (),
    ),
    with_default(
        member("Resources", many(TEXT), spare=True, says="What the amounts in evidence are of, in order"),
        (),
    ),
)
_WANTED = record(
    Wanted,
    member("Component", TEXT),
    member("Copies", COUNT),
    member("At", TEXT),
    member("Met", maybe(FLAG), says="null: it is not known"),
)
_COMPONENTS = many(_COMPONENT)
MEMBERS: Final = (
    member("Snapshot", SNAPSHOT),
    member(
        "Components",
        Shape(
            lambda rows: _COMPONENTS.write(tuple(rows.values())),
            lambda data: {row.name: row for row in _COMPONENTS.read(data)},
            _COMPONENTS.schema,
            _COMPONENTS.definitions,
        ),
    ),
    member("Fleets", many(_FLEET)),
    member("At", many(TEXT)),
    member("AtLeast", many(_WANTED), says="What --at-least asks for"),
    member("Assumptions", many(ASSUMPTION)),
)
_HEADROOM: Shape[Headroom] = record(Headroom, *MEMBERS)


def to_dict(headroom: Headroom) -> dict[str, Any]:
    """The headroom as plain data."""
    return {TITLE: VERSION, **_HEADROOM.write(headroom)}


def from_dict(data: Any) -> Headroom:
    """The headroom; raises :class:`NotHeadroom`."""
    try:
        return _HEADROOM.read(Node(data))
    except Unreadable as error:
        raise NotHeadroom(error.path) from None


def headroom_schema() -> dict[str, Any]:
    """The JSON schema, as docs/headroom.schema.json has it."""
    schema = object_schema(MEMBERS)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"icplan headroom, version {VERSION}",
        **schema,
        "required": [TITLE, *schema["required"]],
        "properties": {TITLE: {"const": VERSION}, **schema["properties"]},
        "$defs": definitions_of(MEMBERS),
    }
