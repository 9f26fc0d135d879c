"""A drill to JSON, and its schema, docs/drill.schema.json: one shape per part for both."""

from __future__ import annotations

from typing import Any, Final

from icplan.packing.json_shapes import (
    COUNT,
    FLAG,
    TEXT,
    Shape,
    by_name,
    choice,
    definitions_of,
    many,
    maybe,
    member,
    object_schema,
    record,
    with_default,
)
from icplan.packing.reader import Node, Unreadable
from icplan.verdict.codec import ASSUMPTION, SNAPSHOT
from icplan.verdict.drill import Drill, DrillEvent, EventKind, Loss
from icplan.verdict.drill_evidence_codec import DRILL_PREMISES, GONE, LOSS_EVIDENCE
from icplan.verdict.headroom_codec import RANGE, ROOM

VERSION: Final = 1
TITLE: Final = "IcplanDrill"


class NotADrill(Exception):  # noqa: N818 - an answer, not an error
    """The data is no complete drill: ``path`` is the first place at which something is amiss."""

    def __init__(self, path: str) -> None:
        super().__init__(f"not a complete drill: {path}")
        self.path = path


_LOSS = record(
    Loss,
    member("Component", TEXT),
    member("Copies", COUNT),
    member("Lost", RANGE, says="Copies that are gone at once, over all arrangements"),
    member("Left", RANGE, says="Copies that run on"),
    member("PlacedAgain", RANGE, says="Copies that run once what finds room on the rest is placed again"),
    member("AfterReplacement", RANGE, says="Copies that run once as many instances are there as before"),
    member("Keep", COUNT),
    member("Kept", maybe(FLAG), says="Whether so many are left at once; null: it is not known"),
    member("Note", maybe(TEXT)),
    member("Room", maybe(ROOM), says="Of a quota: for one copy more on what runs", spare=True),
    member("Evidence", maybe(LOSS_EVIDENCE), spare=True),
)
_EVENT = record(
    DrillEvent,
    member("Kind", choice(EventKind)),
    member("Variant", TEXT),
    member("Name", TEXT),
    member("Instances", by_name(COUNT), says="The instances of each type that go"),
    member("Losses", many(_LOSS)),
    with_default(member("Perhaps", by_name(COUNT), says="Others that may go as well", spare=True), {}),
    with_default(
        member("Gone", many(GONE), says="What goes, where it is known what lies on which", spare=True), ()
    ),
)
MEMBERS: Final = (
    member("Snapshot", SNAPSHOT),
    member("Events", many(_EVENT), says="Each by itself"),
    member("LeftOut", many(TEXT), says="The events that were not tried, and why"),
    member("Notes", many(TEXT)),
    member("Assumptions", many(ASSUMPTION)),
    with_default(
        member("Premises", many(DRILL_PREMISES), says="What the evidence stands on", spare=True), ()
    ),
)
_DRILL: Shape[Drill] = record(Drill, *MEMBERS)


def to_dict(drill: Drill) -> dict[str, Any]:
    """The drill as plain data."""
    return {TITLE: VERSION, **_DRILL.write(drill)}


def from_dict(data: Any) -> Drill:
    """The drill; raises :class:`NotADrill`."""
    try:
        return _DRILL.read(Node(data))
    except Unreadable as error:
        raise NotADrill(error.path) from None


def drill_schema() -> dict[str, Any]:
    """The JSON schema, as docs/drill.schema.json has it."""
    schema = object_schema(MEMBERS)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"icplan drill, version {VERSION}",
        **schema,
        "required": [TITLE, *schema["required"]],
        "properties": {TITLE: {"const": VERSION}, **schema["properties"]},
        "$defs": definitions_of(MEMBERS),
    }
