"""What is only tried comes out as it does when it is asked in earnest, one call after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from support.endpoints import GPU4, component, create, scale, snapshot, update

import icplan
from icplan.judge.what_if import Trials
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.judge.what_if import TrialsAnswer

QUESTIONS = [
    # More runs than MaxInstanceCount allows: how many instances are left after a scale-down matters.
    (snapshot(GPU4, 4, component("c", 4, 4), scaling=(1, 2)), create("x", 1, 4)),
    (snapshot(GPU4, 3, component("c", 3, 4), component("d", 1, 0), scaling=(1, 3)), create("x", 2, 4)),
    (snapshot(GPU4, 2, component("c", 2, 3), component("d", 2, 1), scaling=(1, 2)), update("c", 1)),
    (snapshot(GPU4, 2, component("c", 4, 1), component("d", 4, 1), scaling=(1, 2)), scale("c", 6)),
]


@pytest.mark.parametrize(("taken", "change"), QUESTIONS)
def test_what_is_tried_is_what_would_come_of_it(taken: dict[str, Any], change: dict[str, Any]) -> None:
    tried: list[tuple[list[Any], Outcome, Outcome]] = []
    really = Trials.outcome

    def outcome(
        trials: Trials, calls: Sequence[Any], least: Outcome = Outcome.INVALID, first: Sequence[Any] = ()
    ) -> TrialsAnswer:
        answer = really(trials, calls, least, first)
        if not first:
            tried.append((list(calls), least, answer.outcome))
        return answer

    with mock.patch.object(Trials, "outcome", outcome):
        icplan.check(change, icplan.Snapshot.from_dict(taken))
    assert tried
    for calls, least, found in tried:
        whole = icplan.check(calls, icplan.Snapshot.from_dict(taken))
        assert [one for one in verify(to_dict(whole)) if one.result == "rejected"] == []
        asked = whole.outcome
        assert asked is found or max(asked.rank, found.rank) < least.rank


def test_as_many_copies_are_kept_as_leave_room_for_a_launch() -> None:
    """With one copy kept an idle instance is there, or one may be launched; with two neither is sure."""
    taken, change = QUESTIONS[0]
    verdict = icplan.check(change, icplan.Snapshot.from_dict(taken))
    down = next(one for one in verdict.remedies if one.kind == "scale-other-first")
    assert "from 4 copies to 1" in down.description
    assert down.outcome is Outcome.FITS_AFTER_SCALE_OUT
