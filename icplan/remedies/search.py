"""The table of remedies, and the search through it: whatever is proposed was judged first."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.fleet.dimensions import REQUEST_MEMBER
from icplan.remedies.more_instances import RAISE_QUOTA, more_instances
from icplan.remedies.restrict_types import restrict_types, types_that_hold_one
from icplan.remedies.scale_down_first import (
    failed_first,
    failed_ones,
    others,
    scale_other_down,
    scale_this_down,
)
from icplan.remedies.smaller_request import (
    asked_per_copy,
    fewer_copies,
    less_per_copy,
    smaller_batch,
    smaller_rollback,
)
from icplan.remedies.trial import RemedyKind
from icplan.verdict.gate import FailOn
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.remedies.trial import RemedyCandidate, RemedySearch


#: Remedies of two changes at a time that are named.
MAX_TOGETHER = 2


def _replaces(search: RemedySearch, copies: int) -> bool:
    before = search.change.before
    return search.change.replaces and before is not None and before.placed >= copies


def _goes_back(search: RemedySearch) -> bool:
    """Whether it fits, and only its way back does not."""
    return (
        FailOn.ROLLBACK in search.fail_on and search.judged.outcome.fits and search.change.batch is not None
    )


#: In the order in which remedies are proposed.
KINDS = (
    RemedyKind("deleting a failed component first", lambda search: bool(failed_ones(search)), failed_first),
    # These change how copies are replaced and nothing else; a new configuration starts all of them anew.
    RemedyKind("smaller batches on rollback", _goes_back, smaller_rollback),
    RemedyKind("a smaller batch", lambda search: _replaces(search, 2), smaller_batch),
    RemedyKind("more instances", lambda search: bool(search.fleet.limits), more_instances),
    RemedyKind("fewer instance types", lambda search: bool(types_that_hold_one(search)), restrict_types),
    RemedyKind("fewer copies", lambda search: search.change.copies > 1, fewer_copies),
    RemedyKind(
        "less per copy", lambda search: any(asked_per_copy(search, d) for d in REQUEST_MEMBER), less_per_copy
    ),
    RemedyKind("scaling another component down first", lambda search: bool(others(search)), scale_other_down),
    RemedyKind("scaling this one down first", lambda search: _replaces(search, 1), scale_this_down),
)


def remedies(search: RemedySearch) -> list[RemedyCandidate]:
    """What helps, with its best value: so that it fits, else so that it may.

    What leaves a component without a copy comes last. Where nothing helps by itself, two together are tried.
    A quota is raised by AWS, in its own time, so it is no reason to be silent about what may fit now.
    """
    found = list(_each(search))
    if not found:
        from icplan.remedies.two_together import two_together  # noqa: PLC0415  (mostly one is enough)

        found = list(itertools.islice(two_together(search, KINDS), MAX_TOGETHER))
    slow = [one for one in found if one.remedy.kind == RAISE_QUOTA]
    if len(found) == len(slow) and search.judged.outcome is Outcome.DOES_NOT_FIT:
        doubtful = _each(attrs.evolve(search, goal=Outcome.MAY_NOT_FIT))
        found += [one for one in doubtful if not slow or one.remedy.kind != RAISE_QUOTA]
    return sorted(found, key=lambda one: (not one.remedy.outcome.fits, one.idles))


def tried(search: RemedySearch) -> tuple[str, ...]:
    """The names of the remedies that were tried in vain, where there was time for all."""
    if search.question.budget.exhausted:
        return ()
    return tuple(kind.name for kind in KINDS if kind.applies(search))


def _each(search: RemedySearch) -> Iterator[RemedyCandidate]:
    for kind in KINDS:
        if kind.applies(search) and not search.question.budget.exhausted:
            yield from kind.remedies(search)
