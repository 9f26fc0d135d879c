"""What is said beside a change that is blocked: what is under way, why, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.diagnosis.described import described
from icplan.diagnosis.diagnosis import State
from icplan.diagnosis.ended import CREATE_ANEW
from icplan.diagnosis.endpoint import endpoint_situation
from icplan.diagnosis.under_way import under_way
from icplan.diagnosis.words import headline
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.diagnosis.diagnosis import Situation
    from icplan.judge.settings import Settings
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.verdict import Verdict

MAX_CAUSES = 2


def with_diagnosis(verdict: Verdict, snapshot: Snapshot | None, settings: Settings) -> Verdict:
    """The verdict, its blocked changes with the first lines of a diagnosis."""
    if snapshot is None:
        return verdict
    changes = (
        attrs.evolve(change, diagnosis=tuple(_lines(change, snapshot, settings)))
        if change.outcome is Outcome.BLOCKED
        else change
        for change in verdict.changes
    )
    return attrs.evolve(verdict, changes=tuple(changes))


def _lines(change: ChangeVerdict, snapshot: Snapshot, settings: Settings) -> Iterator[str]:
    """What is under way, in one line, and why and until when."""
    for one in snapshot.data.get("InferenceComponents") or ():
        if one["InferenceComponentName"] == change.inference_component_name:
            component = described(one, snapshot)
            if component.moves:
                yield from _first_lines(under_way(component, None, snapshot, settings))
            elif component.status == "Failed":
                yield f"FAILED: {component.name}"
                yield f"you can {CREATE_ANEW.message}"
    endpoint = endpoint_situation(snapshot)
    if endpoint.state is not State.AT_REST:
        yield from _first_lines(endpoint)


def _first_lines(one: Situation) -> Iterator[str]:
    yield headline(one)
    yield from (cause.message for cause in one.causes[:MAX_CAUSES])
    yield from (following.message for following in one.next[:1])
    if one.state is State.FAILED:  # it does not settle by itself
        yield from (f"you can {step.message}" for step in one.can[:1])
