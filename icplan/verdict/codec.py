"""A verdict to JSON and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.verdict.evidence import Malformed
from icplan.verdict.evidence_codec import evidence_to_json, premises_to_json, step_to_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from icplan.verdict.origin import ConfigInForce, Judged
    from icplan.verdict.verdict import (
        ChangeVerdict,
        Duration,
        Finding,
        Pace,
        Phase,
        Remedy,
        SnapshotIdentity,
        Verdict,
    )


VERSION = 1


def to_dict(verdict: Verdict, failed_on: Iterable[str] = ()) -> dict[str, Any]:
    """The verdict as plain data, with what it fails by where its outcome does not."""
    return {
        "IcplanVerdict": VERSION,
        "Outcome": str(verdict.outcome),
        "FailedOn": [str(choice) for choice in failed_on],
        "Snapshot": _snapshot(verdict.snapshot),
        "Judged": None if verdict.judged is None else _judged(verdict.judged),
        "Config": _config(verdict.config),
        "Changes": [_change(change) for change in verdict.changes],
        "Assumptions": [
            {
                "Name": a.name,
                "Value": a.value,
                "Basis": a.basis,
                "ReliedOn": a.relied_on,
                "Otherwise": {choice: str(outcome) for choice, outcome in a.otherwise.items()},
                "Threshold": a.threshold,
            }
            for a in verdict.assumptions
        ],
        "Ignored": [{"Rule": rule, "Reason": reason} for rule, reason in verdict.ignored.items()],
    }


def _snapshot(identity: SnapshotIdentity) -> dict[str, Any] | None:
    if identity.fingerprint is None:
        return None
    return {
        "Fingerprint": identity.fingerprint,
        "TakenAt": identity.taken_at,
        "EndpointName": identity.endpoint_name,
    }


def _judged(judged: Judged) -> dict[str, Any]:
    return {
        "Icplan": judged.icplan,
        "Changes": judged.changes,
        "Snapshot": judged.snapshot,
        "Catalog": judged.catalog,
        "Config": judged.config,
    }


def _config(config: ConfigInForce) -> dict[str, Any]:
    return {
        "Files": [{"File": one.file, "Sha256": one.sha256} for one in config.files],
        "InForce": [
            {"Setting": one.setting, "Value": one.value, "File": one.file, "Loosens": one.loosens}
            for one in config.settings
        ],
    }


def _change(change: ChangeVerdict) -> dict[str, Any]:
    return {
        "Operation": change.operation,
        **_subject(change),
        "File": change.file,
        "Path": change.path,
        "Outcome": str(change.outcome),
        "Phases": [_phase(phase) for phase in change.phases],
        "Copies": _before_and_after(change.copies),
        "InstancesNow": change.instances_now,
        "PeakInstances": change.peak_instances,
        "FinalInstances": change.final_instances,
        "RollbackOutcome": None if change.rollback_outcome is None else str(change.rollback_outcome),
        "Duration": None if change.duration is None else _duration(change.duration),
        "Findings": [_finding(finding) for finding in change.findings],
        "Remedies": [_remedy(remedy) for remedy in change.remedies],
        "Tried": list(change.tried),
        "TurnsOn": list(change.turns_on),
        "Ignored": [
            {"Rule": one.rule, "Reason": one.reason, "File": one.file, "Line": one.line}
            for one in change.left_out
        ],
    }


def _subject(change: ChangeVerdict) -> dict[str, Any]:
    """What it changes: a component, or the endpoint or a configuration."""
    names = {"EndpointName": change.endpoint_name, "EndpointConfigName": change.endpoint_config_name}
    return {
        "InferenceComponentName": change.inference_component_name or None,
        **{member: name for member, name in names.items() if name is not None},
    }


def _duration(duration: Duration) -> dict[str, Any]:
    return {
        "Update": _pace(duration.update),
        "Rollback": _pace(duration.rollback),
        "LimitSeconds": duration.limit_seconds,
    }


def _pace(pace: Pace) -> dict[str, int]:
    return {
        "Batches": pace.batches,
        "WaitSeconds": pace.wait_seconds,
        "StartLimitSeconds": pace.start_seconds,
    }


def _phase(phase: Phase) -> dict[str, Any]:
    return {
        "Name": phase.name,
        "Kind": phase.kind,
        "Step": None if phase.step is None else step_to_json(phase.step),
        "Outcome": str(phase.outcome),
        "InstancesNow": phase.instances_now,
        "InstancesNeeded": phase.instances_needed,
        "OldCopies": _before_and_after(phase.old),
        "NewCopies": _before_and_after(phase.new),
        "Placement": None if phase.placement is None else list(phase.placement),
        **_evidence(phase),
    }


def _evidence(phase: Phase) -> dict[str, Any]:
    """A proof and what it stands on: neither is told without the other."""
    if phase.proof is None or phase.premises is None or isinstance(phase.proof, Malformed):
        return {"Proof": None, "Premises": None}
    return {
        "Proof": evidence_to_json(phase.proof, phase.premises),
        "Premises": premises_to_json(phase.premises),
    }


def _before_and_after(copies: tuple[int, int] | None) -> dict[str, int] | None:
    return None if copies is None else {"Before": copies[0], "After": copies[1]}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "Rule": finding.rule,
        "Severity": str(finding.severity),
        "Message": finding.message,
        "Path": finding.path,
        "File": finding.file,
        "Line": finding.line,
        "Column": finding.column,
        "Need": finding.need,
        "Have": finding.have,
        "Unit": finding.unit,
        "LargestThatWorks": finding.largest_that_works,
        "LargestThatWorksUnit": finding.largest_unit,
        "AwsError": finding.aws_error,
    }


def _remedy(remedy: Remedy) -> dict[str, Any]:
    return {
        "Kind": remedy.kind,
        "Description": remedy.description,
        "How": remedy.how,
        "Patch": [dict(operation) for operation in remedy.patch],
        "Before": [dict(call) for call in remedy.before],
        "After": [dict(call) for call in remedy.after],
        "Outcome": str(remedy.outcome),
        "RollbackOutcome": None if remedy.rollback_outcome is None else str(remedy.rollback_outcome),
    }
