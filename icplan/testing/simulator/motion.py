"""What goes on by itself at a simulated endpoint: components in motion, instances that come and go."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from icplan.testing.simulator.instances import Instance
    from icplan.testing.simulator.simulated_fleet import SimulatedFleet

_REPLACED = 1
"""A copy that has come lets as many present ones go."""


@attrs.define
class Motion:
    """A component that is still on its way to what was asked of it before.

    ``coming`` copies may yet be placed, ``going`` of those that run may yet leave. Where ``replaces`` is
    set, it is being updated: each copy that comes lets one more of the present ones go.
    """

    component: str
    status: str
    coming: int = 0
    going: int = 0
    replaces: bool = False


def happen(fleet: SimulatedFleet) -> None:
    """Let any number of events happen, as chance has it."""
    while fleet.unsettled and fleet.random.random() < fleet.unrest:
        event(fleet)


def event(fleet: SimulatedFleet) -> None:
    """Let one event happen, if the one that is drawn can."""
    choices: list[Motion | str | Instance] = [*fleet.motions, *fleet.arriving]
    choices += [instance for instance in fleet.instances if instance.going]
    chosen = fleet.random.choice(choices)
    if isinstance(chosen, Motion):
        _move(fleet, chosen)
    elif isinstance(chosen, str):
        arrive(fleet, chosen)
    else:
        fleet.end(chosen)


def arrive(fleet: SimulatedFleet, name: str) -> None:
    """An instance on its way is there; it has been granted, whatever the limits say."""
    fleet.arriving.remove(name)
    fleet.start(fleet.machines[name])


def _move(fleet: SimulatedFleet, motion: Motion) -> None:
    """A copy of a component in motion comes, or one leaves."""
    present = (motion.component, fleet.components[motion.component].version)
    comes = (motion.component, present[1] + 1) if motion.replaces else present
    if motion.coming and (not motion.going or fleet.random.random() < 1 / 2):
        instance = fleet.spot(comes)
        if instance is not None:
            instance.copies[comes] += 1
            motion.coming -= 1
            motion.going += _REPLACED if motion.replaces else 0
    elif motion.going:
        holders = [instance for instance in fleet.instances if instance.copies[present]]
        if holders:
            holder = fleet.random.choice(holders)
            holder.copies = holder.copies - Counter([present])
            motion.going -= 1
    if not motion.coming and not motion.going:
        fleet.motions.remove(motion)
