"""Patterns that were good for other numbers of the same copies: as good to begin with for these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icplan.packing.budget import Budget
    from icplan.packing.solver.presolve import ReducedProblem

    #: Of each pattern its class and the copies of each kind, the last used last.
    KnownPatterns: TypeAlias = dict[tuple[int, tuple[int, ...]], None]

#: Patterns that are kept: the last used.
MAX_KEPT: Final = 400


def known_patterns(core: ReducedProblem, budget: Budget) -> KnownPatterns:
    """The patterns that are known for bins and copies of these kinds, however many there are of each."""
    found: KnownPatterns = budget.answers.setdefault(("patterns", core.free, core.demands), {})
    return found


def keep(known: KnownPatterns, used: Iterable[tuple[int, tuple[int, ...]]]) -> None:
    """Keep what was used."""
    for pattern in used:
        known.pop(pattern, None)
        known[pattern] = None
    for pattern in list(known)[: len(known) - MAX_KEPT]:
        del known[pattern]
