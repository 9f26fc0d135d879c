"""A drill as data: what is lost when a part of an endpoint goes, what runs then, and if that is enough."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.values import Answer
from icplan.verdict.gate import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.verdict.drill_evidence import DrillPremises, GoneTogether, LossEvidence
    from icplan.verdict.headroom import Range, Room
    from icplan.verdict.verdict import AssumptionUse, SnapshotIdentity


_ONE_MORE: Final = "a rolling update by one copy as large, or a copy more,"
FINDS_NONE: Final = f"{_ONE_MORE} finds no instance: ICP502"
"""What is noted of a component that surely finds no room for a copy more, where a quota goes."""
MAY_FIND_NONE: Final = f"{_ONE_MORE} may find no instance: ICP502"
"""The same where it perhaps finds none."""


class EventKind(enum.StrEnum):
    """What goes."""

    INSTANCE = "instance"
    INSTANCES = "instances"
    ZONE = "zone"
    TYPE = "type"
    QUOTA = "quota"


def event_name(kind: EventKind, of: str, going: int, there: int) -> str:
    """What an event is called in which so many of the instances of a type go."""
    if kind is EventKind.TYPE:
        return f"type {of} ({there} instance{'' if there == 1 else 's'})"
    return f"the one {of}" if there == 1 else f"any {going} of {there} {of}"


@attrs.frozen
class Loss:
    """What an event does to a component of so many copies.

    ``lost`` copies are gone at once, and ``left`` run on. ``placed_again`` counts those that run once what
    finds room on the rest is placed again (surely, and at best), ``after_replacement`` those that run once as
    many instances are there as before. ``keep`` is how many are to run at any time, and ``kept`` whether so
    many are left at once (``None``: that is not known). ``note`` says what else there is to say. ``room`` is
    that for one copy more on what runs, where a quota goes, and ``evidence`` proves the figures.
    """

    component: str
    copies: int
    lost: Range
    left: Range
    placed_again: Range
    after_replacement: Range
    keep: int
    kept: bool | None
    note: str | None = None
    room: Room | None = None
    evidence: LossEvidence | None = None


@attrs.frozen
class DrillEvent:
    """One event, by itself: what goes, in words, and the instances of each type that go with it.

    As many as are in ``perhaps`` may go as well; ``gone`` tells what lies on those that go, if known.
    """

    kind: EventKind
    variant: str
    name: str
    instances: Mapping[str, int]
    losses: tuple[Loss, ...]
    perhaps: Mapping[str, int] = attrs.field(factory=dict)
    gone: tuple[GoneTogether, ...] = ()


@attrs.frozen
class Drill(Answer):
    """What each event does. ``left_out`` says which were not tried, and why; ``notes`` what it rests on.

    ``premises`` are what its evidence stands on, for each variant.
    """

    snapshot: SnapshotIdentity
    events: tuple[DrillEvent, ...]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    assumptions: tuple[AssumptionUse, ...] = ()
    premises: tuple[DrillPremises, ...] = ()

    def __repr__(self) -> str:
        return f"Drill({self.snapshot.endpoint_name!r}, events={len(self.events)})"

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data, as `icplan drill --format json` writes it."""
        from icplan.verdict.drill_codec import to_dict  # noqa: PLC0415  (few want it as data)

        return to_dict(self)

    @property
    def exit_code(self) -> ExitCode:
        """0 where each component surely keeps what it is to keep, 1 where one surely does not, else 3."""
        kept = [loss.kept for event in self.events for loss in event.losses]
        if False in kept:
            return ExitCode.FAILS
        return ExitCode.UNCERTAIN if None in kept else ExitCode.OK
