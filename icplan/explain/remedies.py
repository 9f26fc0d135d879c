"""What would work instead: whatever is proposed was judged first."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.explain.grow import RAISE_QUOTA, more_instances
from icplan.explain.only_types import large_enough, only_types
from icplan.explain.request_knobs import (
    MEMBER,
    asked_per_copy,
    fewer_copies,
    less_per_copy,
    smaller_batch,
    smaller_rollback,
)
from icplan.explain.room_first import failed_first, failed_ones, itself_first, other_first, others
from icplan.explain.together import together
from icplan.gate import FailOn
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from icplan.explain.workshop import Found, Workshop


#: Remedies of two changes at a time that are named.
MOST_TOGETHER = 2


@attrs.frozen
class _Knob:
    """Something that can be turned: its name, whether a change has it, and the remedies that turn it."""

    name: str
    there: Callable[[Workshop], bool]
    remedies: Callable[[Workshop], Iterator[Found]]


def _replaces(shop: Workshop, copies: int) -> bool:
    before = shop.move.before
    return shop.move.replaces and before is not None and before.firm >= copies


def _goes_back(shop: Workshop) -> bool:
    """Whether it fits, and only its way back does not."""
    return FailOn.ROLLBACK in shop.fail_on and shop.judged.outcome.fits and shop.move.batch is not None


#: In the order in which remedies are proposed.
_KNOBS = (
    _Knob("deleting a failed component first", lambda shop: bool(failed_ones(shop)), failed_first),
    _Knob("more instances", lambda shop: bool(shop.fleet.limits), more_instances),
    _Knob("smaller batches on rollback", _goes_back, smaller_rollback),
    _Knob("a smaller batch", lambda shop: _replaces(shop, 2), smaller_batch),
    _Knob("fewer copies", lambda shop: shop.move.copies > 1, fewer_copies),
    _Knob("less per copy", lambda shop: any(asked_per_copy(shop, d) for d in MEMBER), less_per_copy),
    _Knob("fewer instance types", lambda shop: bool(large_enough(shop)), only_types),
    _Knob("scaling another component down first", lambda shop: bool(others(shop)), other_first),
    _Knob("scaling this one down first", lambda shop: _replaces(shop, 1), itself_first),
)


def remedies(shop: Workshop) -> list[Found]:
    """What helps, with its best value: so that it fits, else so that it may.

    Waiting comes first, where it is enough, and what leaves a component without a copy last. Where nothing
    helps by itself, two together are tried. A quota is raised by AWS, in its own time, so it is no reason to
    be silent about what may fit now.
    """
    found = list(_all(shop))
    if not found:
        found = list(itertools.islice(together(shop, _all), MOST_TOGETHER))
    slow = [one for one in found if one.remedy.kind == RAISE_QUOTA]
    if len(found) == len(slow) and shop.judged.outcome is Outcome.DOES_NOT_FIT:
        doubtful = _all(attrs.evolve(shop, aim=Outcome.MAY_NOT_FIT))
        found += [one for one in doubtful if not slow or one.remedy.kind != RAISE_QUOTA]
    waiting = shop.waiting()
    first = [] if waiting is None else [waiting]
    return [*first, *sorted(found, key=lambda one: (not one.remedy.outcome.fits, one.idles))]


def tried(shop: Workshop) -> tuple[str, ...]:
    """The names of the knobs that the change has."""
    return tuple(knob.name for knob in _KNOBS if knob.there(shop))


def _all(shop: Workshop) -> Iterator[Found]:
    for knob in _KNOBS:
        if knob.there(shop) and not shop.budget.spent:
            yield from knob.remedies(shop)
