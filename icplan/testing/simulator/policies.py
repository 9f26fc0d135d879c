"""Where new copies go and which old ones leave, by policy."""

from __future__ import annotations

import enum
import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol

from icplan.testing.simulator.instances import slots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from random import Random

    from icplan.testing.simulator.instances import DeployedComponent, Instance, Revision

_MAX_WAYS = 2000
"""Ways for copies to leave of which an adversary considers no more."""


class Policy(enum.StrEnum):
    """Where a new copy goes among the instances with room, and which old copies leave.

    ``EVEN`` (SageMaker's default) looks at the copies of this component alone, ``SPREAD`` balances zones
    first, ``BINPACK`` fills instances up. ``RANDOM`` does anything. ``ADVERSARIAL`` leaves as little room as
    it can.
    """

    EVEN = "EVEN"
    SPREAD = "SPREAD"
    BINPACK = "BINPACK"
    RANDOM = "RANDOM"
    ADVERSARIAL = "ADVERSARIAL"


class Placing(Protocol):
    """What a policy looks at: what runs and what is deployed."""

    @property
    def policy(self) -> Policy:
        """How copies are placed and removed."""

    @property
    def random(self) -> Random:
        """Where random choices come from."""

    @property
    def instances(self) -> Sequence[Instance]:
        """All instances."""

    @property
    def components(self) -> Mapping[str, DeployedComponent]:
        """What is deployed, by name."""


def preference(fleet: Placing, version: Revision) -> Callable[[Instance], Any]:
    """What an instance with room is chosen by, least first."""
    name = version[0]
    match fleet.policy:
        case Policy.EVEN:
            return lambda spot: (spot.holds(name), spot.total)
        case Policy.SPREAD:
            zones = Counter[str]()
            for instance in fleet.instances:
                zones[instance.zone] += instance.holds(name)
            return lambda spot: (zones[spot.zone], spot.holds(name), spot.total)
        case Policy.BINPACK:
            return lambda spot: (-spot.total, slots(fleet.components, spot, version))
        case Policy.RANDOM:
            return lambda _: fleet.random.random()
        case Policy.ADVERSARIAL:
            return lambda spot: _slots_after(fleet, spot, version)


def _slots_after(fleet: Placing, spot: Instance, version: Revision) -> int:
    """The room for all that is deployed if one more copy went there."""
    held = spot.copies + Counter([version])
    versions = [(name, deployed.version) for name, deployed in fleet.components.items()]
    before = sum(slots(fleet.components, spot, one) for one in versions)
    return sum(slots(fleet.components, spot, one, held) for one in versions) - before


def chosen_to_leave(
    fleet: Placing, holders: Sequence[Instance], version: Revision, copies: int, then: Revision
) -> Sequence[int]:
    """How many copies leave each of the instances that hold them; ``then`` is what is placed next."""
    if fleet.policy is Policy.ADVERSARIAL:
        return _least_helpful(fleet, holders, version, copies, then)
    return _one_by_one(fleet, holders, version, copies)


def _one_by_one(fleet: Placing, holders: Sequence[Instance], version: Revision, copies: int) -> list[int]:
    gone = [0] * len(holders)
    for _ in range(copies):
        left = [n for n, instance in enumerate(holders) if instance.copies[version] > gone[n]]
        if fleet.policy is Policy.RANDOM:
            chosen = fleet.random.choice(left)
        elif fleet.policy is Policy.BINPACK:
            chosen = min(left, key=lambda n: holders[n].total - gone[n])
        else:
            chosen = max(left, key=lambda n: holders[n].total - gone[n])
        gone[chosen] += 1
    return gone


def _least_helpful(
    fleet: Placing, holders: Sequence[Instance], version: Revision, copies: int, then: Revision
) -> Sequence[int]:
    """The way to leave that leaves the least room for what comes next."""

    def room(way: Sequence[int]) -> int:
        pairs = zip(holders, way, strict=True)
        return sum(slots(fleet.components, i, then, i.copies - Counter({version: n})) for i, n in pairs)

    ways = _ways(copies, [instance.copies[version] for instance in holders])
    return min(itertools.islice(ways, _MAX_WAYS), key=room)


def _ways(copies: int, there: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every way to take so many copies from places that have ``there`` of them."""
    if not there:
        if not copies:
            yield ()
        return
    for here in range(min(copies, there[0]) + 1):
        for rest in _ways(copies - here, there[1:]):
            yield (here, *rest)
