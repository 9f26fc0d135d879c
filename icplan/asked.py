"""One call that is asked for, and what a run of several may be told."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.catalog.catalog import Catalog
from icplan.errors import InputError, InputProblem
from icplan.origin import ConfigInForce

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from icplan.gate import FailOn
    from icplan.verdict import Finding


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


@attrs.frozen
class Call:
    """One call that is asked for, and where it stands: a file, a JSON path, and how to find its lines."""

    operation: str
    request: dict[str, Any]
    path: str = "$"
    file: str | None = None
    locate: Callable[[str], tuple[int, int] | None] | None = None

    def problem(self, message: str, path: str, hint: str | None = None) -> InputProblem:
        """A problem of this request, at a JSON path of its document."""
        line, column = self._place(path)
        return InputProblem(message, file=self.file, path=path, line=line, column=column, hint=hint)

    def located(self, finding: Finding) -> Finding:
        """The finding with the place its path has in the file."""
        if finding.path is None:
            return attrs.evolve(finding, file=self.file)
        line, column = self._place(finding.path)
        return attrs.evolve(finding, file=self.file, line=line, column=column)

    def _place(self, path: str) -> tuple[int | None, int | None]:
        return (self.locate(path) if self.locate else None) or (None, None)
