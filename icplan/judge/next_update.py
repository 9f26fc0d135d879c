"""Once it runs, can it be updated? Each component that is made, judged as an update of its model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.errors import InputError
from icplan.judge.change_set import outcomes_of
from icplan.requests.call import Call
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.gate import CANNOT_BE_UPDATED
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.snapshot.snapshot import Snapshot

MAX_COMPONENTS: Final = 8
"""Components of one endpoint that are looked at."""


def next_update(
    calls: Sequence[Call],
    made: Call,
    deployment: Mapping[str, Any] | None,
    snapshot: Snapshot | None,
    settings: Settings,
    budget: Budget,
) -> Finding | None:
    """What is to be said of the next update of a component, once all calls are done; None where it fits."""
    request = _changed(made.request)
    if request is None:
        return None
    if deployment is not None:
        request["DeploymentConfig"] = deployment
    try:
        update = Call("UpdateInferenceComponent", request)
        *_, outcome = outcomes_of([*calls, update], snapshot, settings, budget)
    except InputError:
        return None
    if outcome.fits or outcome is Outcome.UNDECIDED:
        return None
    how = "with the DeploymentConfig declared" if deployment else "without a DeploymentConfig"
    name = request["InferenceComponentName"]
    surely = outcome is not Outcome.MAY_NOT_FIT
    finds = "finds" if surely else "may find"
    message = (
        f"an update of {name} {finds} no room for its new copies, which are placed beside the old ones, {how}"
    )
    return Finding(CANNOT_BE_UPDATED, Severity.WARNING, message, path="$")


def _changed(request: Mapping[str, Any]) -> dict[str, Any] | None:
    """The update of a component to another model; None for an adapter."""
    told: dict[str, Any] = {"InferenceComponentName": request["InferenceComponentName"]}
    for member in ("Specification", "Specifications"):
        if member not in request:
            continue
        entries = request[member] if member == "Specifications" else [request[member]]
        if any("BaseInferenceComponentName" in entry for entry in entries):
            return None
        changed = [_with_another_model(entry) for entry in entries]
        told[member] = changed if member == "Specifications" else changed[0]
    return told


def _with_another_model(entry: Mapping[str, Any]) -> dict[str, Any]:
    if "ModelName" in entry:
        return {**entry, "ModelName": "another-model"}
    return {**entry, "Container": {**entry.get("Container", {}), "Image": "another-image"}}
