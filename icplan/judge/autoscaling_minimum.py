"""Components that autoscaling raises once they are there: their MinCapacity is more than is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.errors import InputError
from icplan.judge.change_set import outcomes_of
from icplan.requests.call import Call
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.gate import RAISED
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.change_verdict import ChangeVerdict

_PREFIX: Final = "inference-component/"
_SCALE: Final = "UpdateInferenceComponentRuntimeConfig"
_DELETE: Final = "DeleteInferenceComponent"


def raised_by_autoscaling(
    asked: Sequence[Call],
    changes: Sequence[ChangeVerdict],
    targets: Sequence[Mapping[str, Any]],
    snapshot: Snapshot | None,
    settings: Settings,
    budget: Budget,
) -> dict[int, Finding]:
    """What is to be said of components that are raised to more copies than surely have room, all together.

    ``changes`` are the verdicts on what is asked, ``targets`` those declared: they hold over those that are
    there already.
    """
    raised = _raised(changes, targets, snapshot)
    calls = _raises(changes, raised)
    if not calls:
        return {}
    try:
        outcomes = outcomes_of([*asked, *calls], snapshot, settings, budget)[len(asked) :]
    except InputError:
        outcomes = [Outcome.UNDECIDED] * len(calls)
    pairs = zip(raised.items(), outcomes, strict=True)
    return {
        number: _finding(asked[number], copies, wanted)
        for (number, (copies, wanted)), outcome in pairs
        if not outcome.fits
    }


def raises(
    changes: Sequence[ChangeVerdict], targets: Sequence[Mapping[str, Any]], snapshot: Snapshot | None
) -> list[Call]:
    """The calls that autoscaling makes once all changes are made."""
    return _raises(changes, _raised(changes, targets, snapshot))


def _raised(
    changes: Sequence[ChangeVerdict], targets: Sequence[Mapping[str, Any]], snapshot: Snapshot | None
) -> dict[int, tuple[int, int]]:
    """The copies that components are left with and raised to, by the number of their last change."""
    there = (snapshot.data if snapshot else {}).get("ScalableTargets") or ()
    least = _least([*there, *targets])
    return {
        number: (copies, least[name])
        for name, number, copies in _left(changes)
        if least.get(name, 0) > copies
    }


def _raises(changes: Sequence[ChangeVerdict], raised: Mapping[int, tuple[int, int]]) -> list[Call]:
    return [_raise(changes[n].inference_component_name, wanted) for n, (_, wanted) in raised.items()]


def _least(targets: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The MinCapacity of each component; of several the last."""
    return {
        str(one.get("ResourceId", "")).removeprefix(_PREFIX): one["MinCapacity"]
        for one in targets
        if "MinCapacity" in one
    }


def _left(changes: Sequence[ChangeVerdict]) -> Iterator[tuple[str, int, int]]:
    """Each component that changes leave, the last change of it that is made, and its copies then."""
    last = {
        change.inference_component_name: (number, change)
        for number, change in enumerate(changes)
        if change.inference_component_name and change.copies is not None and not change.outcome.fails
    }
    for name, (number, change) in last.items():
        if change.operation != _DELETE and change.copies is not None:
            yield name, number, change.copies[1]


def _raise(name: str, copies: int) -> Call:
    request = {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": copies}}
    return Call(_SCALE, request)


def _finding(call: Call, copies: int, wanted: int) -> Finding:
    message = (
        f"autoscaling raises it from {copies} to MinCapacity {wanted} once it is there, and there may be no "
        "room for these"
    )
    member = "DesiredRuntimeConfig" if call.operation == _SCALE else "RuntimeConfig"
    return Finding(RAISED, Severity.WARNING, message, path=f"{call.path}.{member}.CopyCount")
