"""What a guard says of a write that it holds back, or lets go with a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.documents.safe_text import safe_text
from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.finding import Finding
    from icplan.verdict.verdict import Verdict

NOTHING_SENT: Final = "nothing was sent"
SENT: Final = "it is sent all the same"
_LIMITS: Final = ("ICP501", "ICP502", "ICP503", "ICP504")
"""What keeps an endpoint from growing, where more instances would do."""
_OUTCOME_TEXT: Final = {
    Outcome.INVALID: "invalid, SageMaker would reject the request",
    Outcome.BLOCKED: "blocked, SageMaker would refuse the write now",
    Outcome.DOES_NOT_FIT: "does not fit",
    Outcome.UNDECIDED: "undecided",
    Outcome.MAY_NOT_FIT: "may not fit",
    Outcome.FITS_AFTER_SCALE_OUT: "fits only after scale-out",
    Outcome.FITS: "its rollback may not fit",
}


def message_of(name: str, verdict: Verdict, *, sent: bool) -> str:
    """The component, the outcome, what was done, and the first reason; ready to be shown."""
    change = min(verdict.changes, key=lambda change: change.outcome.rank)
    reason = _reason(change)
    said = _OUTCOME_TEXT[verdict.outcome]
    if verdict.outcome is Outcome.FITS_AFTER_SCALE_OUT and sent:
        said = _OUTCOME_TEXT[Outcome.FITS]
    done = f"{name}: {said}; {SENT if sent else NOTHING_SENT}"
    return safe_text(done + (f". {reason}" if reason else ""))


def _reason(change: ChangeVerdict) -> str:
    findings = sorted(change.findings, key=lambda finding: list(Severity).index(finding.severity))
    limits = [found for found in findings if found.rule in _LIMITS and found.aws_error]
    told = dict.fromkeys([*findings[:1], *limits[:1]])
    return " ".join("; ".join(map(_sentence, told)).split())


def _sentence(found: Finding) -> str:
    said = f" (AWS would say: {found.aws_error})" if found.aws_error else ""
    return f"{found.rule}: {found.message}{said}"
