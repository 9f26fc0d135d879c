"""Headroom against the truth, and against what `icplan.check` says of a change of so many copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import assume, event, example, given
from support import oracle
from support.small_fleets import (
    Case,
    Change,
    Component,
    Need,
    Type,
    catalog,
    fleets,
    judged,
    settings,
    snapshot,
)

import icplan
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.verdict.headroom import ComponentHeadroom, Headroom

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

#: Copies past which brute force takes too long.
MOST = 5
#: More instances than any of these fleets may launch; refused copies launch endlessly many.
LAUNCHED = 10**6


def told(case: Case) -> Headroom:
    shown = icplan.Snapshot.from_dict(snapshot(case))
    return icplan.headroom(
        shown, allocatable=settings(case), catalog=catalog(case), at=("now", "max", "autoscaling")
    )


def with_more(case: Case, name: str, more: int) -> Case:
    copies = next(one.copies for one in case.components if one.name == name)
    return attrs.evolve(case, change=Change(name, copies + more))


def most(case: Case, name: str, holds: str, limit: float) -> int:
    """The most further copies with which brute force launches no more than the limit."""
    return next(
        n - 1
        for n in range(1, MOST + 2)
        if n > MOST or getattr(oracle.truth(with_more(case, name, n)), holds) > limit
    )


def agrees(low: int, high: int | None, true: int) -> bool:
    """Whether the truth lies between two ends; of more than was tried only the low end can be wrong."""
    return min(low, MOST) <= true and (true == MOST or high is None or true <= high)


@given(fleets(most_components=2, most_copies=3))
def test_headroom_is_the_true_one(case: Case) -> None:
    """On small fleets sure and best, now and at the maximum, are what brute force finds."""
    for row in told(case).components.values():
        assert row.now is not None
        worst, best = most(case, row.name, "worst", 0), most(case, row.name, "best", 0)
        event(f"worst {worst}, best {best}")
        assert agrees(row.now.sure.low, row.now.sure.high, worst)
        assert agrees(row.now.best.low, row.now.best.high, best)
        assert row.now.best.exact
        assert row.max is not None
        worst, best = most(case, row.name, "worst", LAUNCHED), most(case, row.name, "best", LAUNCHED)
        assert agrees(row.max.sure.low, row.max.sure.high, worst)
        assert agrees(row.max.best.low, row.max.best.high, best)


@given(fleets())
def test_headroom_is_ordered(case: Case) -> None:
    """Sure is never more than best, and now never more than at the maximum."""
    for row in told(case).components.values():
        rooms = [room for room in (row.now, row.max, row.autoscaling) if room is not None]
        for room in rooms:
            assert room.sure.low <= room.best.low
            assert room.sure.high is not None
            assert room.best.high is not None
            assert room.sure.high <= room.best.high
        assert row.now is not None
        assert row.max is not None
        assert row.now.sure.low <= row.max.sure.low
        assert (row.now.best.high or 0) <= (row.max.best.high or 0)


@given(fleets())
def test_check_says_the_same_of_so_many_copies(case: Case) -> None:
    """So many surely fit, and one more than at best does not."""
    for row in told(case).components.values():
        assert row.now is not None
        assert row.max is not None
        if row.now.sure.low:
            assert judged(with_more(case, row.name, row.now.sure.low)).outcome is Outcome.FITS
        if row.max.sure.low:
            assert judged(with_more(case, row.name, row.max.sure.low)).outcome.fits
        assert row.max.best.high is not None
        beyond = judged(with_more(case, row.name, row.max.best.high + 1))
        assert beyond.outcome is Outcome.DOES_NOT_FIT


#: An emptied instance may be given back, and another type launched, on which nothing of it may lie.
EMPTIED = Case(
    (Type("ml.a", (2000, 2000), (256, 256)), Type("ml.b", (2000, 2000), (256, 256), 1)),
    ("ml.b", "ml.b", "ml.b"),
    (Component("x", {None: Need(128, 0, 1)}, (0, 1, 1)),),
    Change("fresh", 1, {None: Need(128)}),
    most=3,
)


@given(fleets())
@example(EMPTIED)
def test_a_legal_batch_surely_goes(case: Case) -> None:
    """`icplan.check` promises a rolling update with the largest batch, and with one that can go back."""
    rows = [row for row in told(case).components.values() if row.largest_batch is not None]
    assume(rows)
    for row in rows:
        _promised(case, row)


def _promised(case: Case, row: ComponentHeadroom) -> None:
    component = next(one for one in case.components if one.name == row.name)
    for batch, outcomes in ((row.largest_batch, {Outcome.FITS}), (row.largest_batch_at_max, {*Outcome})):
        assert batch is not None
        change = Change(row.name, component.copies, component.needs, batch.update)
        if batch.update:
            verdict = judged(attrs.evolve(case, change=change))
            assert verdict.outcome.fits
            assert verdict.outcome in outcomes
        for size, back in (
            (batch.with_rollback, None),
            (batch.with_equal_rollback, batch.with_equal_rollback),
        ):
            if size:
                there = judged(attrs.evolve(case, change=attrs.evolve(change, batch=size, rollback=back)))
                assert there.outcome.fits
                outcome = there.changes[0].rollback_outcome
                assert outcome is not None
                assert outcome.fits
