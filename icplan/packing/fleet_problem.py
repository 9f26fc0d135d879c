"""The cheapest fleet: options to buy bins of, items, and what must fit when something is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs

from icplan.packing.problem import MAX_AMOUNT, MAX_COUNT, Bin, Kind, Problem, validate

if TYPE_CHECKING:
    from icplan.packing.fleet_proof import FleetProof
    from icplan.packing.problem import Pattern, Vector

#: How many bins of each option there are, in the problem's order.
Counts: TypeAlias = tuple[int, ...]


@attrs.frozen
class FleetOption:
    """A kind of bin that can be bought, for ``cost`` each, at most ``limit`` (``None``: any number)."""

    name: str
    capacity: Vector
    cost: int
    limit: int | None = None

    @property
    def most(self) -> int:
        """The most that can be bought; without a limit, the most that a problem may count."""
        return MAX_COUNT if self.limit is None else self.limit


@attrs.frozen
class FleetItem:
    """Copies that are alike: what one takes in a bin of each option, ``None`` where it cannot lie."""

    name: str
    demands: tuple[Vector | None, ...]


@attrs.frozen
class NothingLost:
    """All bins that were bought are there."""


@attrs.frozen
class InstanceLost:
    """One bin of an option is gone. Where none was bought, nothing is asked."""

    option: int


@attrs.frozen
class ZoneLost:
    """The bins of each option are spread over so many zones, and the fullest zone is gone."""

    zones: int


@attrs.frozen
class OptionLost:
    """All bins of an option are gone."""

    option: int


Loss: TypeAlias = NothingLost | InstanceLost | ZoneLost | OptionLost


@attrs.frozen
class Condition:
    """So many copies of each item must fit in what is left of the fleet, all copies movable."""

    name: str
    counts: tuple[int, ...]
    lost: Loss = attrs.field(factory=NothingLost)

    def left_of(self, option: int, bought: int) -> int:
        """How many of so many bins of an option are left."""
        match self.lost:
            case InstanceLost(lost):
                return max(0, bought - (option == lost))
            case ZoneLost(zones):
                return bought - -(-bought // zones)
            case OptionLost(lost):
                return 0 if option == lost else bought
        return bought

    def left(self, counts: Counts) -> Counts | None:
        """The bins that are left of so many; ``None`` where the condition asks nothing."""
        if isinstance(self.lost, InstanceLost) and not counts[self.lost.option]:
            return None
        return tuple(self.left_of(option, bought) for option, bought in enumerate(counts))


@attrs.frozen
class FleetProblem:
    """What is the cheapest number of bins of each option with which every condition holds?

    At most ``max_types`` options may be bought of, and at most ``max_total`` bins in all (``None``: any
    number).
    """

    options: tuple[FleetOption, ...]
    items: tuple[FleetItem, ...]
    conditions: tuple[Condition, ...]
    max_types: int | None = None
    max_total: int | None = None

    def __attrs_post_init__(self) -> None:
        for option in self.options:
            _within(option.cost, MAX_AMOUNT)
            _within(option.most, MAX_COUNT)
        validate(
            tuple(Bin(o.name, 0, o.capacity) for o in self.options),
            tuple(Kind(i.name, 0, i.demands) for i in self.items),
        )
        for condition in self.conditions:
            self._validate_condition(condition)
        for limit in (self.max_types, self.max_total):
            if limit is not None:
                _within(limit, MAX_COUNT)

    def _validate_condition(self, condition: Condition) -> None:
        if len(condition.counts) != len(self.items):
            raise ValueError(f"{condition.name}: {len(condition.counts)} counts for {len(self.items)} items")
        for count in condition.counts:
            _within(count, MAX_COUNT)
        lost = condition.lost
        if isinstance(lost, ZoneLost) and not 1 <= lost.zones <= MAX_COUNT:
            raise ValueError(f"{condition.name}: {lost.zones} zones")
        if isinstance(lost, InstanceLost | OptionLost) and not 0 <= lost.option < len(self.options):
            raise ValueError(f"{condition.name}: no option {lost.option}")

    def cost(self, counts: Counts) -> int:
        """What so many bins cost."""
        return sum(o.cost * n for o, n in zip(self.options, counts, strict=True))

    def allows(self, counts: Counts) -> bool:
        """Whether so many may be bought at all, whatever the conditions."""
        if len(counts) != len(self.options) or any(type(n) is not int for n in counts):
            return False
        if not all(0 <= n <= o.most for o, n in zip(self.options, counts, strict=True)):
            return False
        if self.max_types is not None and sum(map(bool, counts)) > self.max_types:
            return False
        return self.max_total is None or sum(counts) <= self.max_total

    def packing(self, left: Counts, copies: tuple[int, ...]) -> Problem:
        """The question whether so many copies fit in so many bins."""
        return Problem(
            tuple(Bin(o.name, n, o.capacity) for o, n in zip(self.options, left, strict=True)),
            tuple(Kind(i.name, n, i.demands) for i, n in zip(self.items, copies, strict=True)),
        )


def _within(number: object, limit: int) -> None:
    if type(number) is not int or not 0 <= number <= limit:
        raise ValueError(f"{number!r} is not an integer between 0 and {limit}")


@attrs.frozen
class Blocked:
    """Why no allowed fleet holds the conditions: these of them, by number, and these limits are at odds.

    ``options`` are those whose own limit counts; ``max_types`` and ``max_total`` tell whether these do. All
    other conditions and limits could be dropped, and there would still be no fleet.
    """

    conditions: tuple[int, ...]
    options: tuple[int, ...] = ()
    max_types: bool = False
    max_total: bool = False

    def reduced(self, problem: FleetProblem) -> FleetProblem:
        """The problem without the limits that do not count."""
        return attrs.evolve(
            problem,
            options=tuple(
                option if number in self.options else attrs.evolve(option, limit=None)
                for number, option in enumerate(problem.options)
            ),
            max_types=problem.max_types if self.max_types else None,
            max_total=problem.max_total if self.max_total else None,
        )


@attrs.frozen
class FleetAnswer:
    """Bounds on the least cost: ``low <= exact <= high``; ``high`` is ``None`` where no fleet was found.

    ``counts`` per option attain ``high``; ``placements`` show it, one per condition (bin kind ``i`` is option
    ``i``), ``None`` for a condition that asks nothing of them. ``proof`` shows that no allowed fleet that
    holds all costs less than ``low``; ``None`` where that was not put in a form that can be checked.
    ``possible`` is false where no allowed fleet holds all: ``proof`` then shows that, ``blocked`` says why.
    """

    low: int
    high: int | None
    counts: Counts | None = None
    placements: tuple[tuple[Pattern, ...] | None, ...] | None = None
    proof: FleetProof | None = None
    possible: bool = True
    blocked: Blocked | None = None

    @property
    def optimal(self) -> bool:
        """Whether no cheaper fleet can be."""
        return self.low == self.high
