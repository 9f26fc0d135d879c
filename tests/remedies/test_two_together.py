"""Two remedies at a time: how many judgements they take is counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.endpoints import GPU4, component, create, snapshot

import icplan
from icplan.judge.change_set import Call, Settings, judge
from icplan.judge.what_if import Trials
from icplan.verdict.gate import FailOn

if TYPE_CHECKING:
    from collections.abc import Callable

CASE = Path(__file__).parent / "cases" / "many_pairs"
AMOUNTS = [
    "ml.g5.48xlarge.memory=393216..786432",
    "ml.g5.48xlarge.cpu=160..192",
    "ml.g5.12xlarge.memory=98304..196608",
    "ml.g5.12xlarge.cpu=40..48",
]


@pytest.fixture(name="judgements")
def _judgements(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many calls were judged that were only tried, by operation."""
    counts: Counter[str] = Counter()
    judged = Trials._tried

    def counted(self: Trials, state: Any, facts: Any, call: Any, later: Any) -> Any:
        counts[call.operation] += 1
        return judged(self, state, facts, call, later)

    monkeypatch.setattr(Trials, "_tried", counted)
    return counts


@pytest.mark.slow
def test_what_helps_after_nothing_is_not_tried_after_each(
    judgements: Counter[str], record_property: Callable[[str, object], None]
) -> None:
    """Four other components, in two pools; nothing helps. Every pair would be a hundred judgements."""
    taken = icplan.Snapshot.load(CASE / "snapshot.json")
    verdict = icplan.check(CASE / "change.json", taken, allocatable=AMOUNTS)
    (change,) = verdict.changes
    assert (str(change.outcome), change.remedies) == ("may-not-fit", ())
    record_property("counts", f"pairs of remedies: {judgements.total()} judgements where no pair helps")
    assert judgements.total() <= 30  # of these, one in four tries one more than surely works


def test_two_that_help_together_are_found(judgements: Counter[str]) -> None:
    """What has failed goes first, and the other gives up a copy, or the request one."""
    failed = component("a", 2, 1, InferenceComponentStatus="Failed")
    taken = snapshot(GPU4, 1, failed, component("b", 2, 1))
    call = Call("CreateInferenceComponent", create("c", 3, 1))
    settings = Settings(fail_on=frozenset({FailOn.SCALE_OUT}))
    verdict = judge([call], icplan.Snapshot.from_dict(taken), settings)
    found = [remedy.description for remedy in verdict.changes[0].remedies if remedy.outcome.fits]
    assert found
    assert all(words.startswith("delete a, which has failed, first, and ") for words in found)
    assert judgements.total() <= 16
