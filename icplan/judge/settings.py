"""The settings of a run: assumptions, catalog, effort, time limit, rules to leave out, what to fail on."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from icplan.catalog.catalog import Catalog
from icplan.errors import InputError, InputProblem
from icplan.packing.budget import Budget
from icplan.values import frozen
from icplan.verdict.origin import ConfigInForce

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Final

    from icplan.verdict.gate import FailOn


MAX_TIME_LIMIT: Final = 10**9
"""The largest time limit, in seconds."""


TIME_LIMIT_HELP: Final = f"must be a number of seconds above 0, up to {MAX_TIME_LIMIT}"


def is_time_limit(value: object) -> bool:
    """Whether a value can limit the time of a run."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= MAX_TIME_LIMIT


EFFORT: Final = 20_000_000
"""The units of work of a question where nothing else is set: ten times what a medium check takes."""


MAX_EFFORT: Final = 10**12
"""The most units of work."""


MAX_TIMES: Final = Fraction(100)
"""So many times what is counted one by one with the usual effort is counted at most, whatever the effort."""


EFFORT_HELP: Final = f"must be a whole number of units of work from 1 to {MAX_EFFORT}"


def is_effort(value: object) -> bool:
    """Whether a value can limit the work of a question."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_EFFORT


def _checked(_settings: object, _attribute: object, limit: object) -> None:
    if limit != math.inf and not is_time_limit(limit):
        raise InputError(InputProblem(f"the time limit {TIME_LIMIT_HELP}"))


def _checked_effort(_settings: object, _attribute: object, effort: float | None) -> None:
    if effort is not None and effort != math.inf and not is_effort(effort):
        raise InputError(InputProblem(f"the effort {EFFORT_HELP}"))


@frozen
class Settings:
    """What a run may be told.

    ``assume`` sets assumptions by name, ``catalog`` the instance facts, ``time_limit`` the seconds for all of
    it (``math.inf``: no limit), ``effort`` the units of work for a question, the same on every machine
    (``None``: what the command takes by default; ``math.inf``: no limit), ``ignore`` the rules whose findings
    are left out, each with the reason why, ``fail_on`` what a remedy must not fail by, ``expect_account`` the
    account that the endpoint must be in, and ``config`` tells where all of these come from.
    Raises :class:`~icplan.errors.InputError` for a time limit or an effort that is none.
    """

    assume: Mapping[str, str] = attrs.field(factory=dict)
    catalog: Catalog = attrs.field(factory=Catalog)
    time_limit: float = attrs.field(default=math.inf, validator=_checked)
    effort: float | None = attrs.field(default=None, validator=_checked_effort)
    ignore: Mapping[str, str] = attrs.field(factory=dict)
    fail_on: Collection[FailOn] = ()
    expect_account: str | None = None
    config: ConfigInForce = attrs.field(factory=ConfigInForce)

    def budget(self, effort: float = EFFORT) -> Budget:
        """What a question may take, beginning now; so much effort where none is set."""
        if self.effort is None:
            return Budget(self.time_limit, effort=effort)
        return Budget(self.time_limit, effort=self.effort, times=_times(self.effort, effort))


def _times(effort: float, usual: float) -> Fraction:
    """How many times as much is counted: never less, for what little work leaves open is no other answer."""
    if effort == math.inf:
        return MAX_TIMES
    return max(Fraction(1), min(MAX_TIMES, Fraction(effort) / Fraction(usual)))
