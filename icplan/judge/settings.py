"""The settings of a run: assumptions, catalog, time limit, rules to leave out, what to fail on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs

from icplan.catalog.catalog import Catalog
from icplan.errors import InputError, InputProblem
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


def _checked(_settings: object, _attribute: object, limit: object) -> None:
    if limit != math.inf and not is_time_limit(limit):
        raise InputError(InputProblem(f"the time limit {TIME_LIMIT_HELP}"))


@attrs.frozen
class Settings:
    """What a run may be told.

    ``assume`` sets assumptions by name, ``catalog`` the instance facts, ``time_limit`` the seconds for all of
    it (``math.inf``: no limit), ``ignore`` the rules whose findings are left out, each with the reason why,
    ``fail_on`` what a remedy must not fail by, and ``config`` tells where all of these come from.
    Raises :class:`~icplan.errors.InputError` for a time limit that is none.
    """

    assume: Mapping[str, str] = attrs.field(factory=dict)
    catalog: Catalog = attrs.field(factory=Catalog)
    time_limit: float = attrs.field(default=math.inf, validator=_checked)
    ignore: Mapping[str, str] = attrs.field(factory=dict)
    fail_on: Collection[FailOn] = ()
    config: ConfigInForce = attrs.field(factory=ConfigInForce)
