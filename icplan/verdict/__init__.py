"""The answer as data, with its proofs: outcomes, findings, phases, and what a pipeline makes of them."""

from icplan.verdict.change_verdict import ChangeVerdict
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.outcome import Outcome
from icplan.verdict.phase import Duration, Pace, Phase
from icplan.verdict.remedy import Remedy
from icplan.verdict.verdict import AssumptionUse, Verdict

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
