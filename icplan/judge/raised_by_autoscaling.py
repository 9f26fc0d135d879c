"""Components that autoscaling raises once they are there: their MinCapacity is more than is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.errors import InputError
from icplan.judge.change_set import outcomes_of
from icplan.requests.call import Call, copies_asked
from icplan.verdict.gate import RAISED
from icplan.verdict.verdict import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.snapshot.snapshot import Snapshot

_PREFIX: Final = "inference-component/"
_MAKES: Final = ("CreateInferenceComponent", "UpdateInferenceComponent")


def raised_by_autoscaling(
    asked: Sequence[Call],
    targets: Sequence[Mapping[str, Any]],
    snapshot: Snapshot | None,
    settings: Settings,
    budget: Budget,
) -> dict[int, Finding]:
    """What is to be said of components that are raised to more copies than surely have room, all together."""
    least = {str(one.get("ResourceId", "")).removeprefix(_PREFIX): one.get("MinCapacity") for one in targets}
    raised: dict[int, int] = {}
    for number, call in enumerate(asked):
        copies, wanted = copies_asked(call.request), least.get(call.request.get("InferenceComponentName", ""))
        if call.operation in _MAKES and copies is not None and isinstance(wanted, int) and wanted > copies:
            raised[number] = wanted
    calls = [_raise(asked[number], wanted) for number, wanted in raised.items()]
    if not calls:
        return {}
    try:
        outcomes = outcomes_of([*asked, *calls], snapshot, settings, budget)[len(asked) :]
    except InputError:
        return {}
    pairs = zip(raised.items(), outcomes, strict=True)
    return {
        number: _finding(asked[number], wanted) for (number, wanted), outcome in pairs if not outcome.fits
    }


def _raise(call: Call, copies: int) -> Call:
    name = call.request["InferenceComponentName"]
    request = {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": copies}}
    return Call("UpdateInferenceComponentRuntimeConfig", request)


def _finding(call: Call, wanted: int) -> Finding:
    copies = copies_asked(call.request)
    message = (
        f"autoscaling raises it from {copies} to MinCapacity {wanted} once it is there, and there may be no "
        "room for these"
    )
    return Finding(RAISED, Severity.WARNING, message, path="$.RuntimeConfig.CopyCount")
