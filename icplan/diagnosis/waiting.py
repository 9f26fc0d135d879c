"""The copies that a component in motion waits for, and whether there is room for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.diagnosis.diagnosis import Basis, Statement
from icplan.diagnosis.room import Room, room_for, room_for_update, room_of
from icplan.fleet.dimensions import counted
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.diagnosis.described import DescribedComponent, Policy
    from icplan.diagnosis.known_change import KnownChange
    from icplan.judge.settings import Settings
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.change_verdict import ChangeVerdict


@attrs.frozen
class Waiting:
    """The copies that are yet to be placed by now, and what that rests on.

    ``wanted`` are the copies that are to run in the end. ``policy`` is that of a rolling update, where one is
    under way, and ``exact`` tells that such copies are known to be what the component waits for, and to take
    what the described ones take. ``guessed``: that it waits for copies at all is only one thing that it may
    be. ``judged`` is what a verdict says of copies that are known to take something else.
    """

    copies: int
    wanted: int
    basis: Basis
    policy: Policy | None
    replaces: bool
    exact: bool
    guessed: bool = False
    judged: ChangeVerdict | None = None


def waiting_of(component: DescribedComponent, known: KnownChange | None) -> Waiting | None:
    """What is yet to be placed; ``None`` where that is not told."""
    current, desired = component.current, component.desired
    if current is None or desired is None:
        return None
    policy = known.policy if known is not None else component.policy
    alike = known is None or not known.replaces or known.same_need
    if component.status == "Creating" or current < desired:
        # A rolling update places new copies before old ones go, so that fewer than are wanted are no batch.
        return Waiting(desired - current, desired, Basis.SNAPSHOT, None, replaces=False, exact=alike)
    if known is not None and not known.replaces:
        return Waiting(0, desired, Basis.SNAPSHOT, None, replaces=False, exact=True)
    judged = None if known is None or alike else known.last
    if policy is not None:
        left = max(0, policy.batch(desired) - (current - desired))
        return Waiting(left, desired, Basis.INFERRED, policy, replaces=True, exact=alike, judged=judged)
    wanted = known.expected.copy_count if known is not None and known.expected else desired
    return Waiting(
        max(0, wanted - (current - desired)),
        wanted,
        Basis.INFERRED,
        None,
        replaces=True,
        exact=alike and known is not None,
        guessed=known is None,
        judged=judged,
    )


def room_of_waiting(
    component: DescribedComponent, waiting: Waiting, snapshot: Snapshot, settings: Settings
) -> Room | None:
    """Whether there is room for what it waits for; ``None`` where nothing is to be placed."""
    if not waiting.copies:
        return None
    if waiting.judged is not None:
        return room_of(waiting.judged)
    if waiting.replaces and waiting.policy is None:
        return room_for_update(component, waiting.wanted, snapshot, settings)
    return room_for(component, waiting.copies, snapshot, settings)


def room_causes(waiting: Waiting, room: Room) -> Iterator[Statement]:
    """What is to be placed, and why there is no room for it."""
    what = _what(waiting)
    match room.outcome:
        case Outcome.FITS:
            yield Statement(f"{what}: there is room on the instances that run", Basis.JUDGED)
        case Outcome.FITS_AFTER_SCALE_OUT:
            text = (
                f"{what}: that takes up to {counted(room.instances, 'more instance')}; whether EC2 has "
                "them cannot be seen. One scale-out stayed so for 22 minutes with no FailureReason"
            )
            yield Statement(text, Basis.MEASURED)
        case Outcome.DOES_NOT_FIT:
            even = "" if room.for_one or waiting.copies == 1 else ", not even for one"
            yield Statement(f"{what}: no room is left{even}", Basis.JUDGED)
        case _:
            yield Statement(f"{what}: there may be no room", Basis.JUDGED)
    yield from room.causes


def _what(waiting: Waiting) -> str:
    new = f"{counted(waiting.copies, 'new copy' if waiting.replaces else 'copy')} to place"
    if waiting.judged is not None:
        return f"by the verdict, as the endpoint was then, {new}"
    return f"if it is an update to copies as large as these, {new}" if waiting.guessed else new
