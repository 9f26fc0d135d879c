"""The fleets of an endpoint as a snapshot has it, each read once for all the changes that meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.assumptions import Assumptions
    from icplan.fleet.fleet import Fleet

#: Assumptions whose values are read without relying on them: what they say is judged at both ends.
_SHARES = ("allocatable-memory", "allocatable-cpu")


@frozen
class _Reading:
    """A fleet of a variant, what reading it relied on, and the values of that and of the shares."""

    variant: str
    fleet: Fleet
    relied_on: frozenset[str]
    values: Mapping[str, str]

    def holds(self, assumptions: Assumptions) -> bool:
        return all(assumptions.value(name) == value for name, value in self.values.items())


@frozen
class Fleets:
    """What was read of one document, with one catalog."""

    _read: list[_Reading] = attrs.field(factory=list)

    def of(self, variant: str, assumptions: Assumptions, read: Callable[[Assumptions], Fleet]) -> Fleet:
        """The fleet of a variant, which ``read`` gives; what reading it relied on is noted each time."""
        found = next((one for one in self._read if one.variant == variant and one.holds(assumptions)), None)
        if found is None:
            recorder = assumptions.recorder()
            fleet, relied_on = read(recorder), recorder.relied_on
            values = {name: assumptions.value(name) for name in (*relied_on, *_SHARES)}
            found = _Reading(variant, fleet, relied_on, values)
            self._read.append(found)
        for name in found.relied_on:
            assumptions.use(name)
        return found.fleet
