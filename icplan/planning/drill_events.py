"""What a drill takes away: an instance, several of a type, a zone, a type, or what a quota leaves."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

import attrs

from icplan.errors import InputError, InputProblem
from icplan.fleet.dimensions import counted
from icplan.verdict.drill import EventKind, event_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Fleet, InstancePool
    from icplan.planning.known_fleets import KnownFleet

KINDS: Final = ("instance", "zone", "type", "quota")
_OF_TYPE: Final = re.compile(r"(ml\.\S+)=([0-9]{1,6})")


@attrs.frozen
class Event:
    """An event on a variant: the instances that go, by the place of their pool, and in which zone, if told.

    As many as are in ``perhaps`` may go as well.
    """

    kind: EventKind
    name: str
    gone: Mapping[int, int]
    zone: str | None = None
    perhaps: Mapping[int, int] = attrs.field(factory=dict)


def events_of(known: KnownFleet, lose: Sequence[str]) -> Iterator[Event]:
    """The events that are asked for; without any, all that can be told."""
    fleet = known.fleet
    pools = [(number, pool) for number, pool in enumerate(fleet.pools) if pool.instances]
    if not lose or "instance" in lose:
        for number, pool in pools:
            yield _of_type(EventKind.INSTANCE, number, pool, 1)
    for kind, count in _counted(lose):
        for number, pool in pools:
            if pool.type.name == kind:
                yield _of_type(EventKind.INSTANCES, number, pool, count)
    if "zone" in lose or (not lose and _zones(fleet)):
        yield from _zone_events(fleet)
    if "type" in lose or (not lose and len(pools) > 1):
        for number, pool in pools:
            yield _of_type(EventKind.TYPE, number, pool, pool.instances)
    if not lose or "quota" in lose:
        used = counted(fleet.instances, "instance")
        yield Event(EventKind.QUOTA, f"quota at the {used} that run", {})


def _of_type(kind: EventKind, number: int, pool: InstancePool, going: int) -> Event:
    """That so many of the instances of a pool go, which is the one of that number."""
    return Event(kind, event_name(kind, pool.type.name, going, pool.instances), {number: going})


def _counted(lose: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The types, and how many instances of each, that TYPE=N names."""
    for text in lose:
        if match := _OF_TYPE.fullmatch(text):
            yield match[1], int(match[2])


def _zones(fleet: Fleet) -> dict[str, Counter[int]]:
    """The instances in each zone, by the place of their pool, where all that hold copies are told."""
    held = [one for one in fleet.contents or () if any(one.copies.values())]
    if not held or any(one.zone is None for one in held):
        return {}
    places = {pool.type.name: number for number, pool in enumerate(fleet.pools)}
    found: dict[str, Counter[int]] = {}
    for one in held:
        found.setdefault(str(one.zone), Counter())[places[one.type]] += one.instances
    return found


def _zone_events(fleet: Fleet) -> Iterator[Event]:
    zones = _zones(fleet)
    there = Counter({number: pool.instances for number, pool in enumerate(fleet.pools)})
    # Of those that hold nothing no zone is told.
    empty = there - sum(zones.values(), Counter[int]())
    for zone, gone in sorted(zones.items()):
        name = f"zone {zone} ({counted(gone.total(), 'instance')})"
        yield Event(EventKind.ZONE, name, dict(gone), zone, dict(empty))
    if not zones:
        yield Event(EventKind.ZONE, "a zone, with any share of the instances", {})


def left_out(known: KnownFleet, lose: Sequence[str]) -> Iterator[str]:
    """The events that were not tried, and why."""
    if lose:
        return
    if not _zones(known.fleet):
        yield "zone: which copies lie in which is not told (CopyLocations); --lose zone tries it"
    if len([pool for pool in known.fleet.pools if pool.instances]) < 2:  # noqa: PLR2004  (of one, all is lost)
        yield "type: all instances are of one; --lose type tries it"


def refuse_lost(lose: Sequence[str], fleets: Sequence[KnownFleet], state: EndpointState) -> None:
    """Refuse what no event is called, and more instances than run."""
    there = Counter[str]()
    for known in fleets:
        there.update({pool.type.name: pool.instances for pool in known.fleet.pools})
    for text in lose:
        match = _OF_TYPE.fullmatch(text)
        if match is None and text not in KINDS:
            hint = f"There are {', '.join(KINDS)} and TYPE=N"
            raise InputError(InputProblem(f"losing {text!r} is not understood", hint=hint))
        if match and not 0 < int(match[2]) <= there[match[1]]:
            message = f"{match[2]} of {match[1]} cannot go: {there[match[1]]} run"
            raise InputError(InputProblem(message, file=state.origin.file))
        if text in ("instance", "type") and not there.total():
            raise InputError(InputProblem(f"no {text} can go: no instance runs", file=state.origin.file))
