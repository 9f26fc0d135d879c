"""GitLab's code quality report: the five members it reads of each finding."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from icplan.documents.safe_text import safe_json
from icplan.report import words
from icplan.report.places import best_place, in_checkout
from icplan.verdict.finding import Severity

if TYPE_CHECKING:
    from icplan.documents.safe_text import SafeText
    from icplan.errors import InputProblem
    from icplan.report.model import Run

_SEVERITY: Final = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}
NOWHERE: Final = "icplan"
"""The path of what stands in no file: GitLab drops an entry without one."""


def render(run: Run) -> SafeText:
    """The findings as a list, and what could not be judged."""
    found = []
    for _, change, finding in run.findings:
        place = best_place(finding, change)
        text = f"{words.asked(change)}: {words.told(finding)}"
        severity = _SEVERITY[finding.severity]
        found.append(_entry(text, finding.rule.id, finding.fingerprint, severity, place.file, place.line))
    found += [_problem(error) for error in run.errors]
    counts: dict[str, int] = {}
    for entry in found:
        first = entry["fingerprint"]
        number = counts[first] = counts.get(first, 0) + 1
        if number > 1:  # GitLab shows but the first of one fingerprint
            entry["fingerprint"] = hashlib.sha256(f"{first}#{number}".encode()).hexdigest()
    return safe_json(found)


def _problem(error: InputProblem) -> dict[str, Any]:
    text = f"not judged: {error}"
    fingerprint = hashlib.sha256(
        f"{error.file} {error.path} {error.message}".encode("utf-8", "backslashreplace")
    )
    return _entry(text, "icplan", fingerprint.hexdigest(), "blocker", error.file, error.line)


def _entry(
    description: str, check_name: str, fingerprint: str, severity: str, file: str | None, line: int | None
) -> dict[str, Any]:
    return {
        "description": description,
        "check_name": check_name,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": in_checkout(file) or file or NOWHERE, "lines": {"begin": max(1, line or 1)}},
    }
