"""What is said beside a change that is blocked: what is under way, and what would come of it at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.diagnosis.described import described
from icplan.diagnosis.endpoint import endpoint_situation
from icplan.diagnosis.under_way import under_way
from icplan.diagnosis.values import State
from icplan.diagnosis.words import headline
from icplan.errors import InputError
from icplan.judge.change_set import judge
from icplan.snapshot.at_rest import at_rest
from icplan.snapshot.snapshot import Snapshot
from icplan.verdict.component_state import AtRest
from icplan.verdict.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.diagnosis.values import Situation
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.requests.call import Call
    from icplan.verdict.verdict import ChangeVerdict, Verdict

MAX_CAUSES = 2


def with_diagnosis(
    verdict: Verdict,
    calls: Sequence[Call],
    snapshot: Snapshot | None,
    settings: Settings,
    budget: Budget | None = None,
) -> Verdict:
    """The verdict, its blocked changes with the first lines of a diagnosis, and judged as if at rest.

    ``calls`` are those that it judged, one for each of its changes. What is judged takes of the ``budget``,
    and counts beside what the verdict took.
    """
    blocked = [one.outcome is Outcome.BLOCKED for one in verdict.changes]
    if snapshot is None or not any(blocked) or len(calls) != len(blocked):
        return verdict
    whole = budget or settings.budget()
    before = whole.spent
    rest = _judged_at_rest(calls, snapshot, settings, whole)
    changes = [
        _diagnosed(change, None if rest is None else rest.changes[number], snapshot, settings)
        if blocked[number]
        else change
        for number, change in enumerate(verdict.changes)
    ]
    units = (verdict.units or 0) + whole.spent - before
    return attrs.evolve(verdict, changes=tuple(changes), units=units)


def _judged_at_rest(
    calls: Sequence[Call], snapshot: Snapshot, settings: Settings, budget: Budget
) -> Verdict | None:
    """The verdict once all that is under way has ended as it was asked; ``None`` where nothing is."""
    then = at_rest(snapshot)
    if then is None:
        return None
    try:
        return judge(calls, Snapshot.from_dict(then.data, snapshot.file), settings, budget)
    except InputError:
        return None


def _diagnosed(
    change: ChangeVerdict, then: ChangeVerdict | None, snapshot: Snapshot, settings: Settings
) -> ChangeVerdict:
    rest = None if then is None else AtRest(then.outcome, then.rollback_outcome)
    return attrs.evolve(change, at_rest=rest, diagnosis=tuple(_lines(change, snapshot, settings)))


def _lines(change: ChangeVerdict, snapshot: Snapshot, settings: Settings) -> Iterator[str]:
    """What is under way, in one line, and why and until when."""
    for one in snapshot.data.get("InferenceComponents") or ():
        if one["InferenceComponentName"] == change.inference_component_name:
            component = described(one, snapshot)
            if component.moves:
                yield from _first_lines(under_way(component, None, snapshot, settings))
    endpoint = endpoint_situation(snapshot)
    if endpoint.state is not State.AT_REST:
        yield from _first_lines(endpoint)


def _first_lines(one: Situation) -> Iterator[str]:
    yield headline(one)
    yield from (cause.message for cause in one.causes[:MAX_CAUSES])
    yield from (following.message for following in one.next[:1])
