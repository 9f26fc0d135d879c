"""Requests judged in order, and what autoscaling makes of the copies that they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.judge.change_set import judge
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.requests.call import Call
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import Verdict


def judge_requests(
    calls: Sequence[Call], snapshot: Snapshot | None, settings: Settings, budget: Budget
) -> Verdict:
    """The verdict on requests; none is promised whose copies autoscaling raises where that may not fit.

    Raises as :func:`~icplan.judge.change_set.judge`.
    """
    verdict = judge(calls, snapshot, settings, budget)
    if snapshot is None or not snapshot.data.get("ScalableTargets"):
        return verdict
    from icplan.judge.at_once import weakened  # noqa: PLC0415  (only where something scales by itself)
    from icplan.judge.autoscaling_minimum import raised_by_autoscaling  # noqa: PLC0415

    raised = raised_by_autoscaling(calls, verdict.changes, (), snapshot, settings, budget)
    changes = tuple(
        weakened(change, raised[number])
        if number in raised and change.outcome.rank > Outcome.MAY_NOT_FIT.rank
        else change
        for number, change in enumerate(verdict.changes)
    )
    return verdict if changes == verdict.changes else attrs.evolve(verdict, changes=changes)
