"""Why it is not known whether a change fits: a type each, and its wording.

`explain` finds them; `capacity` has the rules' pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from icplan.fleet.dimensions import digits, format_amount, in_unit, unit
from icplan.fleet.fleet import CPU, MEMORY
from icplan.packing.budget import Ended
from icplan.rules.capacity_reasons import allow_more, needs_of_a_copy, not_looked_at
from icplan.verdict.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.packing.problem import Vector
    from icplan.rules.capacity_reasons import FreeCapacity


@attrs.frozen
class UnknownAmount:
    """ICP307: it depends on how much of a resource an instance can allocate, which is ``have`` to ``most``.

    ``need`` is the least with which it surely fits, ``copy`` what one copy takes, ``refused`` what was
    seen refused there.
    """

    dimension: str
    need: int
    have: int
    most: int
    step: str
    instance_type: str
    copy: int
    refused: Sequence[int] = ()

    #: How the figure is given on the command line.
    SETTING: ClassVar = {MEMORY: "memory=MIB", CPU: "cpu=CORES"}

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        name, kind = self.dimension, self.instance_type
        verb = "was" if len(self.refused) == 1 else "were"
        told = " and ".join(map(str, sorted(self.refused)))
        seen = f"; {told} MiB {verb} seen refused there" if told else ""
        needs, beside, settles = "needs at least", "", "settles"
        if 0 < self.copy < self.need:
            # With less it may fit where copies lie well.
            needs, settles = "is sure only with at least", "tells"
            beside = f" (one copy takes {digits(name, self.copy)}, the rest is for what lies beside it)"
        message = (
            f"{self.step}: {needs} {format_amount(name, self.need)} allocatable on {kind}{beside}; "
            f"known: {digits(name, self.have)} to {format_amount(name, self.most)}{seen}"
            f". If you know the figure, --allocatable {kind}.{self.SETTING[name]} {settles} it; if you saw "
            f"such a reservation placed or refused, icplan observe {kind} notes it"
        )
        need, have = in_unit(name, self.need), in_unit(name, self.have)
        return Finding("ICP307", Severity.WARNING, message, need=need, have=have, unit=unit(name))


@attrs.frozen
class UnknownArrangement:
    """ICP308: it depends on which instance holds which copy.

    ``demands`` is what a copy takes on each type, ``free`` what there is at worst, and ``settles`` what would
    settle it.
    """

    need: int
    have: int
    step: str
    dimensions: Sequence[str]
    demands: Mapping[str, Vector]
    free: Sequence[FreeCapacity]
    settles: str

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        shown = [any(amounts) for amounts in zip(*self.demands.values(), strict=True)]
        groups = "; ".join(group.described(self.dimensions, shown) for group in self.free)
        free = f", with {groups} free" if groups else ""
        message = (
            f"{self.step}: {needs_of_a_copy(self.dimensions, self.demands)}. AWS does not tell which "
            f"instance holds which copy; at worst there is room for {self.have} of {self.need}{free}. "
            f"{self.settles}"
        )
        return Finding("ICP308", Severity.WARNING, message, need=self.need, have=self.have)


@attrs.frozen
class SeveralUnknown:
    """ICP308: it depends on arrangement, launches and amounts together."""

    step: str

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        message = f"{self.step}: depends on where copies lie, what is launched and what it can allocate"
        return Finding("ICP308", Severity.WARNING, message)


@attrs.frozen
class NotDecided:
    """ICP309: no answer was found; ``subject`` is what was not begun, ``ended`` why: effort, or time."""

    step: str | None = None
    subject: str | None = None
    ended: Ended | None = Ended.EFFORT

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        where = "" if self.step is None else f"{self.step}: "
        what = "" if self.subject is None else f"{not_looked_at(self.ended)} {self.subject}; "
        return Finding("ICP309", Severity.WARNING, f"{where}{what}{allow_more(self.ended)}")


@attrs.frozen
class Overcommitted:
    """ICP310: what runs cannot have been placed. ``hint`` says what to do.

    ``members`` of the ``file`` tell what runs, and where; there are none where changes before this one do.
    """

    problem: str
    hint: str
    members: Sequence[str] = ()
    file: str | None = None

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        if not self.members:
            message = f"{self.problem}; what the changes before it leave is not certain"
            return Finding("ICP310", Severity.WARNING, message)
        where = f" of {self.file}" if self.file else ""
        told = f"{' with '.join(self.members)}{where}"
        message = (
            f"{self.problem}. So says {told}: one of them is not right, and what is free is not known. "
            f"{self.hint}"
        ).rstrip(".")
        return Finding("ICP310", Severity.WARNING, message)


@attrs.frozen
class UnknownLaunch:
    """ICP311: it fits if instances are of some types; SageMaker chooses, or has chosen if one ``arrives``."""

    step: str
    types: Sequence[str]
    arrives: bool = False

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        types = " or ".join(self.types)
        what = f"SageMaker launches instances of {types}"
        if self.arrives:
            what = f"what is on its way is of {types}, which AWS does not tell"
        return Finding("ICP311", Severity.WARNING, f"{self.step}: it fits if {what}")


@attrs.frozen
class UnknownMotion:
    """ICP318: it fits, but for copies that may be placed first, or may still be there.

    ``floating`` are their components, each with its state and how many copies there are at least and at most.
    """

    step: str
    floating: Sequence[tuple[str, str, int, int]]

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        told = (f"{name} ({status}) has {least} to {most}" for name, status, least, most in self.floating)
        message = f"{self.step}: it fits unless copies that may be there, or come first, take the room"
        return Finding("ICP318", Severity.WARNING, f"{message}: {', '.join(dict.fromkeys(told))}")


@attrs.frozen
class UnknownGrowth:
    """ICP319: it fits if as many instances can be launched as ``limits`` may leave, each with its doubt."""

    step: str
    limits: Sequence[tuple[str, str]]

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        each = (f"{message}; {doubt}" if doubt else message for message, doubt in self.limits)
        message = f"{self.step}: it fits if instances can be launched, which is not sure: {'; '.join(each)}"
        return Finding("ICP319", Severity.WARNING, message)


@attrs.frozen
class UnknownInstances:
    """ICP315: it depends on which instances the changes before it leave: ``least`` to ``most`` of them.

    ``least`` is ``None`` where their types are not known. What still ``fits`` is noted.
    """

    least: int | None
    most: int
    fits: bool

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        message = (
            "which instances run after the changes before it is not certain; with others it may go otherwise"
        )
        if self.least is not None and self.least < self.most:
            may_run = f"{self.least} to {self.most} instances may run after the changes before it"
            launched = ", and where fewer do, more are launched" if self.fits else ""
            message = f"{may_run}; judged as if {self.most} do{launched}"
        return Finding("ICP315", Severity.NOTE if self.fits else Severity.WARNING, message)


@attrs.frozen
class UnknownDemand:
    """ICP317: what a copy of a component that was changed before reserves is not known."""

    component: str

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        message = f"what a copy of {self.component} reserves by then is not known; nothing is promised"
        return Finding("ICP317", Severity.WARNING, message)
