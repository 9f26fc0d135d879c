"""A remedy made in the files of a deployment, judged as deploying them carries it out.

By AWS's API an endpoint keeps its instance counts when it gets another configuration. A deployment resets
them, unless its endpoint is declared to retain them, and then everything is placed anew on as many instances
as are declared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError
from icplan.judge.apply_remedy import before_calls
from icplan.judge.change_set import outcomes_of
from icplan.remedies.steps_and_risks import deploying, new_configuration, patched_calls
from icplan.requests.call import Call
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.judge.file_edits import DeclaredFleet
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.remedy import Remedy


@attrs.frozen
class Deployed:
    """A change of a deployment: the ``number`` of the call of all that are asked, and what they meet."""

    asked: Sequence[Call]
    number: int
    snapshot: Snapshot | None
    fleet: DeclaredFleet | None


def as_deployed(change: ChangeVerdict, of: Deployed, settings: Settings, budget: Budget) -> ChangeVerdict:
    """The change, each of its remedies with what comes of it where the files are deployed."""
    if of.fleet is None or of.fleet.made or of.fleet.in_set or of.fleet.retained:
        return change
    remedies = _remedies(change, of, settings, budget)
    return attrs.evolve(change, remedies=tuple(remedies))


def _remedies(change: ChangeVerdict, of: Deployed, settings: Settings, budget: Budget) -> Iterator[Remedy]:
    for remedy in change.remedies:
        if remedy.target is not Target.ENDPOINT_CONFIG or not remedy.edits:
            yield remedy
            continue
        outcome = Outcome.worst((remedy.outcome, _outcome(remedy, of, settings, budget)))
        if outcome.rank > change.outcome.rank and outcome is not Outcome.UNDECIDED:
            yield attrs.evolve(remedy, outcome=outcome)


def _outcome(remedy: Remedy, of: Deployed, settings: Settings, budget: Budget) -> Outcome:
    """What comes of the update of the endpoint, its counts reset, and of the change after it."""
    if of.snapshot is None:
        return remedy.outcome
    call = of.asked[of.number]
    configuration = new_configuration(remedy, of.snapshot.data["EndpointConfig"])
    made, update = deploying(configuration, of.snapshot.endpoint_name)
    reset = {name: one for name, one in update["Request"].items() if name != "RetainAllVariantProperties"}
    first = [Call(made["Operation"], made["Request"]), Call(update["Operation"], reset)]
    patched = patched_calls(remedy, call.operation, call.request)
    last = [Call(one["Operation"], dict(one["Request"])) for one in patched]
    try:
        outcomes = outcomes_of(
            [*first, *of.asked[: of.number], *last], before_calls(remedy, of.snapshot), settings, budget
        )
    except InputError:
        return Outcome.UNDECIDED
    return Outcome.worst((*outcomes[: len(first)], *outcomes[-len(last) :]))
