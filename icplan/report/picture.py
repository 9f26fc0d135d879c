"""Which instance holds what, before a phase, in it and after it, as values."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.verdict.phase import Phase

CPU, MEMORY, ACCELERATORS = 0, 1, 2
"""The places of these resources in every vector; partitions come after them."""


class Role(enum.Enum):
    """Whose copies they are: of another component, or of the one that changes, as it is or as it will be."""

    OTHER = "other"
    OLD = "old"
    NEW = "new"


class Shows(enum.Enum):
    """What a picture is of."""

    KNOWN = "where every copy is known to lie"
    EXAMPLE = "one arrangement of several"
    WORKS = "an arrangement in which it works"
    FAILS = "an arrangement in which it fails"


@frozen
class Copies:
    """Alike copies on one instance, and what each takes of it."""

    component: str
    number: int
    role: Role
    takes: tuple[int, ...]


@frozen
class Resource:
    """What is taken of a resource of an instance, and what can be: for sure, at most, and in this picture.

    CPU is in thousandths of a core, memory in MiB; ``place`` is that of the resource in every vector.
    """

    place: int
    taken: int
    low: int
    high: int
    here: int

    @property
    def free(self) -> int:
        """What is left in this picture."""
        return self.here - self.taken


@frozen
class Lack:
    """Too little of a resource is free for one copy."""

    place: int
    need: int
    free: int


@frozen
class Instances:
    """So many alike instances: what each holds, and why a copy without room does not fit there.

    ``usable`` tells whether a copy to place may lie there at all.
    """

    type: str
    count: int
    launched: bool
    holds: tuple[Copies, ...]
    resources: tuple[Resource, ...]
    lacks: tuple[Lack, ...] = ()
    usable: bool = True


@frozen
class Picture:
    """The instances at one moment, and how many of the copies to place find no room in it.

    ``takes`` is what one such copy takes, where it is the same on all types on which it may lie.
    """

    shows: Shows
    rows: tuple[Instances, ...]
    waiting: int = 0
    waits: Role = Role.NEW
    takes: tuple[int, ...] | None = None
    #: Whether it is how much can be allocated that makes it work or fail.
    turns_on_amounts: bool = False
    #: Copies of others of which it is not known whether they are placed yet, by component.
    perhaps: Mapping[str, int] = attrs.field(factory=dict)

    @property
    def instances(self) -> int:
        """How many instances there are in it."""
        return sum(row.count for row in self.rows)

    @property
    def places_any(self) -> bool:
        """Whether any of the copies to place finds room in it."""
        return any(one.role is self.waits for row in self.rows for one in row.holds)


@frozen
class Moment:
    """A phase and its pictures: of what is not known to fit, one that works and one that fails."""

    phase: Phase
    pictures: tuple[Picture, ...]


@frozen
class Pictures:
    """The pictures of a change: before it, at each phase that can be drawn, and after it."""

    before: Picture | None = None
    moments: tuple[Moment, ...] = ()
    after: Picture | None = None

    @property
    def tightest(self) -> Moment | None:
        """The first of the worst moments of going forward; of what fits, the one that takes most."""
        forward = [one for one in self.moments if one.phase.kind != "rollback"]
        return min(forward, key=_tightness, default=None)

    @property
    def worst_rollback(self) -> Moment | None:
        """The first of the worst moments of going back."""
        return min(
            (one for one in self.moments if one.phase.kind == "rollback"), key=_tightness, default=None
        )


def _tightness(moment: Moment) -> tuple[int, int]:
    phase = moment.phase
    # What fails is shown at the step of which it is said.
    return phase.outcome.rank, -(phase.instances_needed or 0) if phase.outcome.fits else 0
