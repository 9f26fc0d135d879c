"""A fix of one change of a set, and the changes after it: where it leaves them no room, it says so."""

from __future__ import annotations

from typing import Any

import pytest
from support.endpoints import GPU4, component, create, snapshot
from support.verdicts import check

from icplan.inputs.boto3_request import read_calls
from icplan.judge.apply_remedy import apply_remedy
from icplan.judge.change_set import judge
from icplan.snapshot.snapshot import Snapshot

SECOND = "change 2 (create second) does not go through then"


@pytest.mark.parametrize(("room", "said"), [(4, True), (8, False)], ids=["all of it", "enough"])
def test_a_fix_that_leaves_a_later_change_no_room_says_so(room: int, said: bool) -> None:
    """Of the five devices asked for an instance has four; the second change wants one more."""
    taken = snapshot(GPU4, room // 4)
    changes = [create("first", 1, 5), create("second", 1, 1)]
    verdict = check(taken, *changes)
    (fix,) = [one for one in verdict.changes[0].remedies if one.kind == "fewer-accelerators"]
    assert (SECOND in fix.risks) is said
    assert fix.number is not None
    applied = apply_remedy(read_calls(changes), Snapshot.from_dict(taken), verdict, fix.number)
    first, second = judge(applied.calls, applied.snapshot).changes
    assert first.outcome.fits
    assert second.outcome.fails is said


def test_what_fails_in_any_case_is_not_laid_to_a_fix() -> None:
    changes: list[dict[str, Any]] = [create("first", 1, 5), create("second", 1, 6)]
    verdict = check(snapshot(GPU4, 1, component("a", 1, 1)), *changes)
    assert not any("does not go through then" in risk for one in verdict.remedies for risk in one.risks)
