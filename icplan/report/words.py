"""Outcomes and severities as a person reads them: their words and colours."""

from __future__ import annotations

from icplan.verdict import Outcome, Severity

COLOUR = {
    Outcome.INVALID: "red",
    Outcome.BLOCKED: "red",
    Outcome.DOES_NOT_FIT: "red",
    Outcome.UNDECIDED: "yellow",
    Outcome.MAY_NOT_FIT: "yellow",
    Outcome.FITS_AFTER_SCALE_OUT: "green",
    Outcome.FITS: "green",
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.NOTE: "cyan",
}


def outcome_words(outcome: Outcome) -> str:
    """``fits after scale out``."""
    return str(outcome).replace("-", " ")
