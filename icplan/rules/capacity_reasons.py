"""Why a change does not fit: a type each, and its wording. `capacity_doubts` has why that is not known.

A reason says how much is needed, how much there is, the largest value that works, and where: at which step,
on which instances, in which member of the request. `explain` finds them; `capacity` has the rules' pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs

from icplan.fleet.dimensions import counted, format_amount, format_amounts, in_unit, noun, unit
from icplan.fleet.fleet import ACCELERATORS, CPU, MEMORY
from icplan.packing.budget import Ended
from icplan.rules.capacity import NOT_ENOUGH_HARDWARE
from icplan.values import frozen
from icplan.verdict.finding import Finding, Severity

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


@frozen
class Largest:
    """The largest value that works of something the request asks for."""

    value: float
    unit: str


@frozen
class FreeCapacity:
    """So many alike instances, and what each has free. ``slots`` copies of the target have room on one."""

    instance_type: str
    instances: int
    free: Vector
    slots: int

    def described(self, dimensions: Sequence[str], shown: Sequence[bool]) -> str:
        """What each has free, naming only the dimensions in question."""
        pairs = zip(dimensions, self.free, shown, strict=True)
        free = [(name, amount) for name, amount, show in pairs if show]
        told = [format_amount(name, amount) if amount else f"no {noun(name)}" for name, amount in free]
        each = "each of " if self.instances > 1 else ""
        some = any(amount for _, amount in free)
        return f"{', '.join(told) if some else 'nothing'} on {each}{self.instances} x {self.instance_type}"


@frozen
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


NOWHERE = "no instance runs on which they may lie"
"""What is left of anything where no instance counts."""


def with_more(launched: int) -> str:
    """That what is left counts instances that can still be launched, in front of it."""
    return f"with {counted(launched, 'more instance')} " if launched else ""


def needs_of_a_copy(dimensions: Sequence[str], demands: Mapping[str, Vector]) -> str:
    """What a copy takes on one instance, by type where that differs."""
    each = [(format_amounts(dimensions, demand), name) for name, demand in demands.items()]
    alike = len(set(demands.values())) == 1
    needs = [f"{each[0][0]} on one instance"] if alike else [f"{need} on one {name}" for need, name in each]
    return f"a copy needs {' or '.join(needs)}"


@frozen
class TotalShortage:
    """ICP301 to ICP304: all instances together have less of a resource than the copies need.

    ``at_most`` tells that there may be less than ``have``, ``at_least`` that they may need more. Of the
    instances that count, ``launched`` are yet to be; ``nowhere`` tells that there are none at all.
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
    launched: int = 0
    nowhere: bool = False

    @property
    def finding(self) -> Finding:
        """What is said of it."""
        need, have = (format_amount(self.dimension, amount) for amount in (self.need, self.have))
        most = "at most " if self.at_most and self.have else ""
        left = f"{with_more(self.launched)}{self.places.which_have} {most}{have} left"
        message = (
            f"{self.step}: needs {'at least ' * self.at_least}{need}; "
            f"{NOWHERE if self.nowhere else left}{self.places.but_not}"
        )
        rule = SHORT.get(self.dimension, SHORT_OF_PARTITIONS)
        return _measured(self, rule, message)


@frozen
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


@frozen
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


@frozen
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
        message = f"{self.step}: {needs_of_a_copy(self.dimensions, self.demands)}"
        if self.free is not None:
            shown = [any(column) for column in zip(*self.demands.values(), strict=True)]
            free = "; ".join(group.described(self.dimensions, shown) for group in self.free)
            message += f"; free, for example: {free}{self.places.but_not}"
        return _error("ICP305", message, self.path, self.largest)


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
