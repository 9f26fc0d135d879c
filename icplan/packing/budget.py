"""How much work a question may take, counted in units, and a wall clock that can only stop it.

A unit is about a microsecond of processor time, but nobody measures it: every step of a search says how many
it takes, by what can be counted (patterns, pivots, states, nodes). So the same question takes the same units
and gets the same answer on every machine, however busy. Time that is up leaves undecided what is open, and
chooses nothing.

    budget = Budget(seconds=60, effort=5_000_000)
    for node in nodes:
        if not budget.spend(12 * len(node)):  # before the work; where it refuses, the work is not done
            return UNDECIDED
"""

from __future__ import annotations

import enum
import math
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import Any

#: What a unit is made to be: with a limit of time alone, a budget has so many for each second.
UNITS_PER_SECOND: Final = 1_000_000

#: Numbers, of eight bytes each, that a search may hold at once where nothing else is said.
NUMBERS: Final = 8_000_000

#: Units after which the clock is looked at again.
LOOK_AFTER: Final = 20_000


class OutOfTime(BaseException):
    """The time limit was reached where nothing looks at a budget.

    It is raised again and again, since where it falls it may be held back, until who catches it says so; but
    not while one is handled.
    """

    def __init__(self, silence: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.caught = silence


class Ended(enum.Enum):
    """Why a budget has nothing left."""

    EFFORT = "effort"
    TIME = "time"


@attrs.define
class _Clock:
    """The time of a budget and all its shares; once it is up, it stays so."""

    seconds: float
    now: Callable[[], float]
    started: float
    is_up: bool = False
    since_look: int = 0

    @property
    def left(self) -> float:
        return 0.0 if self.is_up else max(0.0, self.seconds - (self.now() - self.started))

    def look(self) -> bool:
        """Whether the time is up."""
        self.since_look = 0
        self.is_up = self.is_up or self.now() - self.started >= self.seconds
        return self.is_up

    def passes(self, units: int) -> bool:
        """Whether the time is up before so much more work is done, as far as it is worth a look."""
        if self.since_look + units >= LOOK_AFTER:
            self.look()
        self.since_look += units
        return self.is_up


@attrs.define
class Budget:
    """``effort`` units of work, and ``seconds`` from the moment of creation; ``math.inf`` for no limit.

    Without ``effort`` there is as much of it as fits into the seconds (``UNITS_PER_SECOND``). Work takes its
    units by ``spend`` before it is done, or by ``charge`` where it cannot be left out. What is refused once
    ends the budget: all that was left counts as spent, so that more effort never leaves less for what comes
    after.

    ``numbers`` says how many numbers a search may hold at once: what would take more is left out, and bounded
    or undecided, the same on every machine.

    ``times`` tells how many times the usual effort it has, where that is more: what is tried one by one up to
    some count is tried up to so many times that count (`many`).

    ``answers`` holds what was proven meanwhile, by all that it depends on: whoever asks again is told at
    once. Only what is true whatever the budget may be kept there.
    """

    seconds: float = math.inf
    clock: Callable[[], float] = time.monotonic
    effort: float | None = attrs.field(default=None, kw_only=True)
    numbers: int = attrs.field(default=NUMBERS, kw_only=True)
    times: Fraction = attrs.field(default=Fraction(1), kw_only=True)
    answers: dict[Hashable, Any] = attrs.field(factory=dict, eq=False, repr=False, kw_only=True)
    share_of: Budget | None = attrs.field(default=None, eq=False, repr=False, kw_only=True)
    spent: int = attrs.field(init=False, default=0)
    _time: _Clock = attrs.field(init=False, eq=False, repr=False)
    _all: tuple[Budget, ...] = attrs.field(init=False, eq=False, repr=False)
    _limit: float = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        whole = self.share_of
        self._time = _Clock(self.seconds, self.clock, self.clock()) if whole is None else whole._time  # noqa: SLF001
        self._all = (self,) if whole is None else (self, *whole._all)  # noqa: SLF001
        limit = self.seconds * UNITS_PER_SECOND if self.effort is None else self.effort
        self._limit = int(limit) if math.isfinite(limit) else limit

    @property
    def units_left(self) -> float:
        """Units left of it, and of what it is a share of."""
        return min([one._limit - one.spent for one in self._all])  # noqa: SLF001

    @property
    def left(self) -> float:
        """Seconds left, never below zero: for engines that must be stopped from outside, not to choose by."""
        return self._time.left

    @property
    def exhausted(self) -> bool:
        """Whether no units, or no time, are left."""
        return self.units_left <= 0 or self._time.look()

    @property
    def ended(self) -> Ended | None:
        """Why nothing is left; ``None`` while there is."""
        if self._time.is_up:
            return Ended.TIME
        return Ended.EFFORT if self.units_left <= 0 else None

    def spend(self, units: int) -> bool:
        """Take units for work that is about to be done; where it is false, that work must not be done."""
        if units > self.units_left:
            self.end(Ended.EFFORT)
            return False
        if self._time.passes(units):
            return False
        self._take(units)
        return True

    def charge(self, units: int) -> None:
        """Take units for work that is done in any case, as far as there are any left."""
        self._time.passes(units)
        self._take(int(min(units, self.units_left)))

    def end(self, why: Ended = Ended.TIME) -> None:
        """Leave nothing: of the time, which all shares have in common, or of these units."""
        if why is Ended.TIME:
            self._time.is_up = True
        elif math.isfinite(self.units_left):
            self._take(int(self.units_left))
        else:
            self._limit = self.spent

    def many(self, count: int) -> int:
        """A count that suits the usual effort, as this effort allows it."""
        return int(count * self.times)

    def share(self, share: float | Fraction, *, same_answers: bool = False) -> Budget:
        """A budget of its own for one rung: a share of the units that are left now, and the same clock.

        With ``same_answers`` what is proven with one of the two is known to the other.
        """
        left = self.units_left
        effort = int(left * share) if math.isfinite(left) else left
        return self._part(effort, self.answers if same_answers else {})

    def at_most(self, units: float) -> Budget:
        """A budget of its own for one rung: so many units, if as many are left, and the same clock."""
        return self._part(min(units, self.units_left), {})

    def _part(self, effort: float, known: dict[Hashable, Any]) -> Budget:
        return Budget(
            self.seconds,
            self.clock,
            effort=effort,
            numbers=self.numbers,
            times=self.times,
            share_of=self,
            answers=known,
        )

    def _take(self, units: int) -> None:
        for one in self._all:
            one.spent += units
