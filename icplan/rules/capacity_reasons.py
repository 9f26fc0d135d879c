"""Why a change does not fit, or why that is not known: a type each, and its wording.

A reason says how much is needed, how much there is, the largest value that works, and where: at which step,
on which instances, in which member of the request. `explain` finds them; `capacity` has the rules' pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

import attrs

from icplan.fleet.dimensions import digits, format_amount, format_amounts, in_unit, unit
from icplan.fleet.fleet import ACCELERATORS, CPU, MEMORY
from icplan.packing.budget import Ended
from icplan.rules.capacity import NOT_ENOUGH_HARDWARE
from icplan.verdict.verdict import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.packing.problem import Vector


#: The rule of a resource that is short in total; whatever is none of these is a partition type.
SHORT = {ACCELERATORS: "ICP301", MEMORY: "ICP302", CPU: "ICP303"}
SHORT_OF_PARTITIONS = "ICP304"


def allow_more(ended: Ended | None) -> str:
    """What to raise where something was not decided; nothing helps where no budget ended."""
    if ended is None:
        return "the search ends at a fixed size, and neither more effort nor more time tells"
    return "allow more time (--time-limit)" if ended is Ended.TIME else "allow more effort (--effort)"


def not_looked_at(ended: Ended | None) -> str:
    """That something was not looked at: the beginning of a sentence that names it."""
    if ended is None:
        return "nothing tells"
    return f"no {'time' if ended is Ended.TIME else 'effort'} was left to look at"


class CapacityReason(Protocol):
    """Why a change does not fit, or may not."""

    @property
    def finding(self) -> Finding:
        """What is said of it."""


@attrs.frozen
class Largest:
    """The largest value that works of something the request asks for."""

    value: float
    unit: str


@attrs.frozen
class FreeCapacity:
    """So many alike instances, and what each has free. ``slots`` copies of the target have room on one."""

    instance_type: str
    instances: int
    free: Vector
    slots: int

    def described(self, dimensions: Sequence[str], shown: Sequence[bool]) -> str:
        """What each has free, naming only the dimensions in question."""
        names = [name for name, show in zip(dimensions, shown, strict=True) if show]
        free = [amount for amount, show in zip(self.free, shown, strict=True) if show]
        each = "each of " if self.instances > 1 else ""
        return f"{format_amounts(names, free)} on {each}{self.instances} x {self.instance_type}"


@attrs.frozen
class Places:
    """Where copies may lie: on all instance types, or not on those that are ``barred``.

    ``idle`` are those among them of which instances run.
    """

    usable: Sequence[str]
    barred: Sequence[str] = ()
    idle: Sequence[str] = ()

    @property
    def which_have(self) -> str:
        """Whose room counts."""
        return f"the instances of {' and '.join(self.usable)} have" if self.barred else "the fleet has"

    @property
    def but_not(self) -> str:
        """That other room does not count, if there is some."""
        idle = " and ".join(self.idle)
        return f"; what is free on {idle} does not count, since no specification is for it" if idle else ""


def _needs_of_a_copy(dimensions: Sequence[str], demands: Mapping[str, Vector]) -> str:
    """What a copy takes on one instance, by type where that differs."""
    each = [(format_amounts(dimensions, demand), name) for name, demand in demands.items()]
    alike = len(set(demands.values())) == 1
    needs = [f"{each[0][0]} on one instance"] if alike else [f"{need} on one {name}" for need, name in each]
    return f"a copy needs {' or '.join(needs)}"


@attrs.frozen
class TotalShortage:
    """ICP301 to ICP304: all instances together have less of a resource than the copies need.

    ``at_most`` tells that there may be less than ``have``, ``at_least`` that they may need more.
    """

    dimension: str
    need: int
    have: int
    step: str
    places: Places
    at_most: bool
    at_least: bool
    path: str
    largest: Largest | None

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        message = (
            f"{self.step}: needs {'at least ' * self.at_least}{format_amount(self.dimension, self.need)}; "
            f"{self.places.which_have} {'at most ' * self.at_most}{format_amount(self.dimension, self.have)} "
            f"left{self.places.but_not}"
        )
        rule = SHORT.get(self.dimension, SHORT_OF_PARTITIONS)
        return _measured(self, rule, message)


@attrs.frozen
class LargerThanEmpty:
    """ICP306: one copy needs more than an empty instance has; ``larger`` is a type that surely holds one."""

    dimension: str
    need: int
    have: int
    types: Sequence[str]
    larger: str | None
    path: str
    largest: Largest | None

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        message = (
            f"one copy needs {format_amount(self.dimension, self.need)}; "
            f"an empty {' or '.join(self.types)} offers at most {format_amount(self.dimension, self.have)}"
        )
        if self.larger is not None:
            message += f"; the smallest type of that family that surely holds one is {self.larger}"
        return _measured(self, "ICP306", message)


@attrs.frozen
class NoSpecification:
    """ICP306: the request has a specification for none of the endpoint's instance types."""

    types: Sequence[str]
    path: str

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        types = ", ".join(self.types)
        message = f"no specification is for an instance type of this endpoint, which has {types}"
        return Finding("ICP306", Severity.ERROR, message, path=self.path)


@attrs.frozen
class Fragmented:
    """ICP305: there is enough in total, and no instance has room for one copy.

    ``demands`` is what a copy takes on each type, ``free`` what instances have in one arrangement (``None``:
    none was found).
    """

    step: str
    dimensions: Sequence[str]
    demands: Mapping[str, Vector]
    free: Sequence[FreeCapacity] | None
    places: Places
    path: str
    largest: Largest | None

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        message = f"{self.step}: {_needs_of_a_copy(self.dimensions, self.demands)}"
        if self.free is not None:
            shown = [any(column) for column in zip(*self.demands.values(), strict=True)]
            free = "; ".join(group.described(self.dimensions, shown) for group in self.free)
            message += f"; free, for example: {free}{self.places.but_not}"
        return _error("ICP305", message, self.path, self.largest)


@attrs.frozen
class UnknownAmount:
    """ICP307: it depends on how much of a resource an instance can allocate, which is ``have`` to ``most``.

    ``copy`` is what one copy takes, and ``refused`` the least that was seen refused there.
    """

    dimension: str
    need: int
    have: int
    most: int
    step: str
    instance_type: str
    copy: int
    refused: int | None

    #: How the figure is given on the command line.
    SETTING: ClassVar = {MEMORY: "memory=MIB", CPU: "cpu=CORES"}

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        name, kind = self.dimension, self.instance_type
        seen = "" if self.refused is None else f"; {self.refused} MiB was seen refused there"
        beside = ""
        if 0 < self.copy < self.need:
            beside = f" (one copy takes {digits(name, self.copy)}, the rest is for what lies beside it)"
        message = (
            f"{self.step}: needs at least {format_amount(name, self.need)} allocatable on {kind}{beside}; "
            f"known: {digits(name, self.have)} to {format_amount(name, self.most)}{seen}"
            f". If you know the figure, --allocatable {kind}.{self.SETTING[name]} settles it; if you saw "
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
        message = (
            f"{self.step}: {_needs_of_a_copy(self.dimensions, self.demands)}. AWS does not tell which "
            f"instance holds which copy; at worst there is room for {self.have} of {self.need}: free are "
            f"{groups}. {self.settles}"
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
    """ICP310: what runs cannot have been placed. ``hint`` says why that may be."""

    problem: str
    hint: str
    after_others: bool

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        message = f"{self.problem}. {self.hint}".rstrip(".")
        if self.after_others:
            message = f"{self.problem}; what the changes before it leave is not certain"
        return Finding("ICP310", Severity.WARNING, message)


@attrs.frozen
class UnknownLaunch:
    """ICP311: it fits if instances of some types are launched, and SageMaker chooses."""

    step: str
    types: Sequence[str]

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        message = f"{self.step}: it fits if SageMaker launches instances of {' or '.join(self.types)}"
        return Finding("ICP311", Severity.WARNING, message)


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
            message = f"{may_run}; judged as if {self.most} do"
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


def _measured(reason: TotalShortage | LargerThanEmpty, rule: str, message: str) -> Finding:
    """An error with its figures."""
    name = reason.dimension
    need, have = in_unit(name, reason.need), in_unit(name, reason.have)
    found = _error(rule, message, reason.path, reason.largest)
    return attrs.evolve(found, need=need, have=have, unit=unit(name))


def _error(rule: str, message: str, path: str, largest: Largest | None) -> Finding:
    return Finding(
        rule,
        Severity.ERROR,
        message,
        path=path,
        largest_that_works=None if largest is None else largest.value,
        largest_unit=None if largest is None else largest.unit,
        aws_error=NOT_ENOUGH_HARDWARE,
    )
