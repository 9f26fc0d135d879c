"""Promises and refusals of change sets held against simulated endpoints that have gone every way.

Each change is judged in the set of those since the last snapshot, and asked of every endpoint that they may
have left.
"""

from __future__ import annotations

from typing import Any

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from test_simulated_histories import SETTINGS, Histories

import icplan
from icplan.testing.simulator import Policy, Refused, Simulator

#: The most changes of a set, and the most endpoints on which the next one is asked for.
LONGEST, MOST_ENDS = 3, 6


class Sets(Histories):
    """An endpoint, and sets of changes of it."""

    taken: icplan.Snapshot
    asked: tuple[dict[str, Any], ...] = ()
    ends: tuple[Simulator, ...] = ()
    release = idle_goes = False

    def begin(self, data: st.DataObject) -> None:
        """Take a snapshot, from which the next changes are judged."""
        self.asked, self.ends = (), (self.simulator,)
        self.release = data.draw(st.booleans())
        # What is idle already is taken to stay.
        idle = any(not instance.total for instance in self.simulator.instances)
        self.idle_goes = not idle and data.draw(st.booleans())
        shown = self.simulator.snapshot(located=data.draw(st.booleans()), by_type=data.draw(st.booleans()))
        self.taken = icplan.Snapshot.from_dict(shown)

    def ask(self, data: st.DataObject, operation: str, request: dict[str, Any]) -> None:
        """Judge the set with the change, then see what comes of it wherever those before it may have led."""
        if len(self.asked) in (0, LONGEST):
            self.begin(data)
        change = {"Operation": operation, "Request": request}
        self.asked = (*self.asked, change)
        assume = {"emptied-instances": "released" if self.release else "kept"}
        verdict = icplan.check(list(self.asked), self.taken, allocatable=SETTINGS, assume=assume)
        *_, last = verdict.changes
        event(f"change {len(self.asked)}: {last.outcome}")
        ends = []
        for start in self.ends:
            for policy in Policy:
                end = start.fork(policy, data.draw(st.integers(0, 9)))
                try:
                    done = end.apply(change, release=self.release)
                except Refused:
                    assert not last.outcome.fits, policy
                    continue
                assert last.outcome is not icplan.Outcome.DOES_NOT_FIT, policy
                # Where the likely instances could not hold what runs, none are told of what places nothing.
                told = all(finding.rule != "ICP310" for finding in last.findings)
                if last.outcome.fits and told:
                    assert last.peak_instances is not None
                    assert done.peak_instances <= last.peak_instances, policy
                if self.idle_goes and data.draw(st.booleans()):
                    end.release_idle()
                ends.append(end)
        if not ends:
            self.asked = ()
            return
        self.ends = tuple(data.draw(st.permutations(ends)))[:MOST_ENDS]
        self.simulator = self.ends[0]

    @precondition(lambda self: self.simulator.components)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """One component less, in a set like any change."""
        name = data.draw(st.sampled_from(sorted(self.simulator.components)))
        self.ask(data, "DeleteInferenceComponent", {"InferenceComponentName": name})


def test_no_promise_and_no_refusal_of_a_set_is_wrong() -> None:
    """What fits is never refused, nor needs more instances than said; what does not fit is never done."""
    run_state_machine_as_test(Sets, settings=settings(stateful_step_count=9))
