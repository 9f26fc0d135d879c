"""A diagnosis as plain data (docs/diagnosis.schema.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from icplan.diagnosis.diagnosis import Diagnosis, Situation, Statement, Step
    from icplan.diagnosis.following import Ending

VERSION = 1


def to_dict(diagnosis: Diagnosis) -> dict[str, Any]:
    """The worst situation, with the others beside it."""
    identity = diagnosis.snapshot
    worst, *others = diagnosis.situations
    return {
        "IcplanDiagnosis": VERSION,
        "Snapshot": {
            "Fingerprint": identity.fingerprint,
            "TakenAt": identity.taken_at,
            "EndpointName": identity.endpoint_name,
        },
        **_situation(worst),
        "Others": [_situation(one) for one in others],
    }


def ending_to_dict(ending: Ending) -> dict[str, Any]:
    """How a followed write ended, with the last situation."""
    return {
        "IcplanEnding": VERSION,
        "InferenceComponentName": ending.component,
        "End": str(ending.end),
        "Because": ending.because,
        "Seconds": round(ending.seconds, 1),
        "AsAsked": ending.situation.as_asked,
        "Situation": _situation(ending.situation),
    }


def _situation(one: Situation) -> dict[str, Any]:
    copies = one.copies
    return {
        "InferenceComponentName": one.name,
        "Status": one.status,
        "State": str(one.state),
        "What": one.what,
        "Copies": None if copies is None else {"Current": copies[0], "Desired": copies[1]},
        "InstancesArriving": one.instances_arriving,
        "Since": one.since,
        "ElapsedSeconds": one.elapsed_seconds,
        "Step": None if one.step is None else _step(one.step),
        "Causes": [_statement(cause) for cause in one.causes],
        "Next": [_statement(following) for following in one.next],
        "Can": [_statement(advice) for advice in one.can],
        "MustNot": [_statement(warning) for warning in one.must_not],
        "Ended": None if one.ended is None else str(one.ended),
        "EndedBecause": None if one.ended_because is None else _statement(one.ended_because),
        "FailureReason": one.failure_reason,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "First": step.first,
        "Last": step.last,
        "Of": step.of,
        "OldCopies": list(step.old),
        "NewCopies": list(step.new),
        "Basis": str(step.basis),
    }


def _statement(one: Statement) -> dict[str, Any]:
    return {
        "Message": one.message,
        "Basis": str(one.basis),
        "Rule": one.rule,
        "Commands": list(one.commands),
        "At": one.at,
        "Outcome": None if one.outcome is None else str(one.outcome),
    }
