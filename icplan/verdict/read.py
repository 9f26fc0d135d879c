"""A verdict out of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from icplan.packing.reader import Node, Unreadable
from icplan.verdict.evidence import Malformed
from icplan.verdict.evidence_codec import read_choice, read_evidence, read_premises, read_step
from icplan.verdict.verdict import (
    AssumptionUse,
    ChangeVerdict,
    Duration,
    Finding,
    LeftOut,
    Outcome,
    Pace,
    Phase,
    Remedy,
    Severity,
    SnapshotIdentity,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.verdict.evidence import Evidence

_T = TypeVar("_T")


class NotAVerdict(Exception):  # noqa: N818 - an answer, not an error
    """The data is no complete verdict: ``path`` is the first place at which something is amiss."""

    def __init__(self, path: str) -> None:
        super().__init__(f"not a complete verdict: {path}")
        self.path = path


@attrs.frozen
class WrittenVerdict:
    """A verdict as it was written: with its outcome as it says it, and what it fails by.

    ``told`` has, by change and phase, what a proof says of its premises.
    """

    verdict: Verdict
    outcome: Outcome
    failed_on: tuple[str, ...]
    told: tuple[tuple[Any, ...], ...]


def from_dict(data: Any) -> WrittenVerdict:
    """The verdict; raises :class:`NotAVerdict`. Evidence that is none is told as such."""
    root = Node(data)
    try:
        named = root.get("FailedOn")
        changes = root["Changes"].items()
        return WrittenVerdict(
            verdict=Verdict(
                snapshot=_may(root, "Snapshot", _snapshot) or SnapshotIdentity(None, None, ""),
                changes=tuple(map(_change, changes)),
                assumptions=tuple(map(_assumption, root["Assumptions"].items())),
                ignored={one["Rule"].text(): one["Reason"].text() for one in (root["Ignored"].items())},
            ),
            outcome=_outcome(root["Outcome"]),
            failed_on=() if named is None else tuple(one.text() for one in named.items()),
            told=tuple(tuple(phase.value["Proof"] for phase in one["Phases"].items()) for one in changes),
        )
    except Unreadable as error:
        raise NotAVerdict(error.path) from None


def _snapshot(data: Node) -> SnapshotIdentity:
    taken = _may(data, "TakenAt", Node.text)
    return SnapshotIdentity(data["Fingerprint"].text(), taken, data["EndpointName"].text())


def _may(data: Node, name: str, read: Callable[[Node], _T]) -> _T | None:
    """A member that must be there, and may be null."""
    found = data.may(name)
    return None if found is None else read(found)


def _text(data: Node, name: str) -> str | None:
    """A text that need not be there."""
    found = data.get(name)
    return None if found is None else found.text()


def _outcome(data: Node) -> Outcome:
    return read_choice(data, Outcome)


def _change(data: Node) -> ChangeVerdict:
    return ChangeVerdict(
        operation=data["Operation"].text(),
        inference_component_name=_may(data, "InferenceComponentName", Node.text) or "",
        outcome=_outcome(data["Outcome"]),
        phases=tuple(map(_phase, data["Phases"].items())),
        copies=_may(data, "Copies", _before_and_after),
        instances_now=_may(data, "InstancesNow", Node.count),
        peak_instances=_may(data, "PeakInstances", Node.count),
        final_instances=_may(data, "FinalInstances", Node.count),
        rollback_outcome=_may(data, "RollbackOutcome", _outcome),
        duration=_may(data, "Duration", _duration),
        findings=tuple(map(_finding, data["Findings"].items())),
        remedies=tuple(map(_remedy, data["Remedies"].items())),
        tried=tuple(one.text() for one in data["Tried"].items()),
        turns_on=tuple(one.text() for one in data["TurnsOn"].items()),
        endpoint_name=_text(data, "EndpointName"),
        endpoint_config_name=_text(data, "EndpointConfigName"),
        file=_may(data, "File", Node.text),
        path=_may(data, "Path", Node.text),
        left_out=tuple(map(_left_out, left.items())) if (left := data.get("Ignored")) is not None else (),
    )


def _left_out(data: Node) -> LeftOut:
    return LeftOut(
        data["Rule"].text(),
        data["Reason"].text(),
        _may(data, "File", Node.text),
        _may(data, "Line", Node.count),
    )


def _before_and_after(data: Node) -> tuple[int, int]:
    return data["Before"].count(), data["After"].count()


def _phase(data: Node) -> Phase:
    placement = _may(data, "Placement", Node.items)
    step, premises = data.get("Step"), data.get("Premises")
    return Phase(
        name=data["Name"].text(),
        kind=data["Kind"].text(),
        outcome=_outcome(data["Outcome"]),
        instances_now=data["InstancesNow"].count(),
        instances_needed=_may(data, "InstancesNeeded", Node.count),
        placement=None if placement is None else tuple(row.data() for row in placement),
        proof=_may(data, "Proof", _evidence),
        old=_may(data, "OldCopies", _before_and_after),
        new=_may(data, "NewCopies", _before_and_after),
        step=None if step is None else read_step(step),
        premises=None if premises is None else read_premises(premises),
    )


def _evidence(data: Node) -> Evidence | Malformed:
    data.data()
    try:
        return read_evidence(data)
    except (Unreadable, RecursionError) as error:
        return Malformed(error.path if isinstance(error, Unreadable) else data.path)


def _duration(data: Node) -> Duration:
    limit = _may(data, "LimitSeconds", Node.count)
    return Duration(_pace(data["Update"]), _pace(data["Rollback"]), limit)


def _pace(data: Node) -> Pace:
    return Pace(data["Batches"].count(), data["WaitSeconds"].count(), data["StartLimitSeconds"].count())


def _finding(data: Node) -> Finding:
    return Finding(
        rule=data["Rule"].text(),
        severity=read_choice(data["Severity"], Severity),
        message=data["Message"].text(),
        path=_may(data, "Path", Node.text),
        file=_may(data, "File", Node.text),
        line=_may(data, "Line", Node.integer),
        column=_may(data, "Column", Node.integer),
        need=_may(data, "Need", Node.number),
        have=_may(data, "Have", Node.number),
        largest_that_works=_may(data, "LargestThatWorks", Node.number),
        aws_error=_may(data, "AwsError", Node.text),
        unit=_may(data, "Unit", Node.text),
        largest_unit=_may(data, "LargestThatWorksUnit", Node.text),
    )


def _remedy(data: Node) -> Remedy:
    return Remedy(
        kind=data["Kind"].text(),
        description=data["Description"].text(),
        patch=tuple(map(_operation, data["Patch"].items())),
        outcome=_outcome(data["Outcome"]),
        how=_may(data, "How", Node.text),
        rollback_outcome=_may(data, "RollbackOutcome", _outcome),
        before=tuple(map(_call, data["Before"].items())),
        after=tuple(map(_call, data["After"].items())),
    )


def _operation(data: Node) -> dict[str, Any]:
    data["op"].text(), data["path"].text()
    return data.data()


def _call(data: Node) -> dict[str, Any]:
    data["Operation"].text(), data["Request"].data()
    return data.data()


def _assumption(data: Node) -> AssumptionUse:
    return AssumptionUse(
        name=data["Name"].text(),
        value=data["Value"].text(),
        basis=data["Basis"].text(),
        relied_on=data["ReliedOn"].flag(),
        otherwise={choice: _outcome(one) for choice, one in data["Otherwise"].members()},
        threshold=_may(data, "Threshold", Node.text),
    )
