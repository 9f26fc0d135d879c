"""The answer as data, with its proofs: outcomes, findings, phases, and what a pipeline makes of them."""

from icplan.verdict.verdict import (
    AssumptionUse,
    ChangeVerdict,
    Duration,
    Finding,
    Outcome,
    Pace,
    Phase,
    Remedy,
    Severity,
    Verdict,
)

__all__ = [
    "AssumptionUse",
    "ChangeVerdict",
    "Duration",
    "Finding",
    "Outcome",
    "Pace",
    "Phase",
    "Remedy",
    "Severity",
    "Verdict",
]
