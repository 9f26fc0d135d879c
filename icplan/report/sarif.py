"""SARIF 2.1.0 (OASIS), as far as code scanning of GitHub and others takes it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

from icplan.documents.safe_text import safe_json
from icplan.report import words
from icplan.report.places import as_uri, best_place
from icplan.rules.pages import help_uri, page
from icplan.verdict.outcome import Outcome
from icplan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.documents.safe_text import SafeText
    from icplan.errors import InputProblem
    from icplan.inputs.place import Place
    from icplan.report.model import Report, ReportedChange, ReportedFinding, Run
    from icplan.rules.base import Rule

_PAGES: Final = "ICPLAN_RULE_PAGES"
"""The variable that says where the folder docs/rules of icplan can be read."""
_ADDRESS: Final = re.compile(r"https://[A-Za-z0-9.-]{1,100}(?:/[A-Za-z0-9._~%+@-]{1,100}){1,9}/?")
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT: Final = "icplan/v1"
#: The one that GitHub goes by; without it, it reckons one from the text around the line.
GITHUB_FINGERPRINT: Final = "primaryLocationLineHash"
MAX_RESULTS: Final = 5000
"""GitHub shows no more of one run, and refuses 25,000."""


def render(run: Run) -> SafeText:
    """The run as one SARIF log: a result for each finding, those left out as suppressed."""
    found = [one for report in run.reports for one in _found(report)]
    found.sort(key=lambda one: one[2].ignored is not None)  # what is left out goes last, and over the edge
    found = found[:MAX_RESULTS]
    rules = list({one.rule.id: one.rule for _, _, one in found}.values())
    index = {rule.id: number for number, rule in enumerate(rules)}
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "icplan",
                        "semanticVersion": __version__,
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(run)],
                "results": [_result(*one, index) for one in found],
                "properties": {"outcome": _outcome(run)},
            }
        ],
    }
    return safe_json(log)


def _found(report: Report) -> Iterator[tuple[Report, ReportedChange, ReportedFinding]]:
    for change in report.changes:
        for finding in (*change.findings, *change.hidden):
            yield report, change, finding


def _outcome(run: Run) -> str | None:
    if not run.reports:
        return None
    return str(Outcome.worst(report.headline.outcome for report in run.reports))


def _rule(rule: Rule) -> dict[str, Any]:
    text = page(rule)
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": text, "markdown": text},
        "helpUri": _help_uri(rule),
        "defaultConfiguration": {"level": str(rule.severity)},
        "properties": {"basis": rule.basis, "tags": ["sagemaker", rule.family]},
    }


def _invocation(run: Run) -> dict[str, Any]:
    told: dict[str, Any] = {"executionSuccessful": not run.errors}
    if run.errors:
        told["toolExecutionNotifications"] = [_notification(error) for error in run.errors]
    return told


def _notification(error: InputProblem) -> dict[str, Any]:
    text = error.message if error.path is None else f"{error.path}: {error.message}"
    told: dict[str, Any] = {
        "level": "error",
        "message": {"text": f"{text}. {error.hint}" if error.hint else text},
    }
    if error.file is not None and not error.file.startswith("<"):
        told["locations"] = [_location(error.file, error.line, error.column)]
    return told


def _result(
    report: Report, change: ReportedChange, finding: ReportedFinding, index: dict[str, int]
) -> dict[str, Any]:
    place = best_place(finding, change)
    told: dict[str, Any] = {
        "ruleId": finding.rule.id,
        "ruleIndex": index[finding.rule.id],
        "level": str(finding.severity),
        "message": {"text": "\n".join(_message(change, finding))},
        "locations": [_located(place, finding, change)],
        "partialFingerprints": {
            FINGERPRINT: finding.fingerprint,
            GITHUB_FINGERPRINT: f"{finding.fingerprint[:16]}:1",
        },
        "properties": {
            "outcome": str(change.outcome),
            "endpoint": report.headline.endpoint,
            "component": change.judged.inference_component_name,
        },
    }
    related = [_related(one, number) for number, one in enumerate(_around(place, finding), start=1)]
    if related:
        told["relatedLocations"] = related
    if finding.ignored is not None:
        told["suppressions"] = [{"kind": "external", "justification": finding.ignored}]
    if report.fixed is not None:
        told["baselineState"] = "unchanged" if finding.known else "new"
    return told


def _message(change: ReportedChange, finding: ReportedFinding) -> Iterator[str]:
    yield words.told(finding)
    if finding is next(iter(change.causes), None):
        yield from (f"What would work: {words.fix(one)}." for one in change.fixes)


def _around(place: Place, finding: ReportedFinding) -> Iterator[tuple[Place, str]]:
    if place is not finding.place and finding.place.file is not None:
        yield finding.place, "in the file that was judged"
    for one in finding.place.related:
        if one.file is not None:
            yield one, one.note or "related"


def _related(around: tuple[Place, str], number: int) -> dict[str, Any]:
    place, note = around
    return _location(str(place.file), place.line, place.column) | {"id": number, "message": {"text": note}}


def _located(place: Place, finding: ReportedFinding, change: ReportedChange) -> dict[str, Any]:
    written = place.file is not None and not place.file.startswith("<")
    told = _location(str(place.file), place.line, place.column) if written else {}
    name = finding.place.construct or finding.place.address or change.judged.inference_component_name
    return told | {"logicalLocations": [{"fullyQualifiedName": name, "kind": "resource"}]}


def _location(file: str, line: int | None, column: int | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": as_uri(file)}}
    if line is not None:
        physical["region"] = {"startLine": line} | ({} if column is None else {"startColumn": column})
    return {"physicalLocation": physical}


def _help_uri(rule: Rule) -> str:
    """The rule's own page where it is known where the pages are, else AWS's of what it is about."""
    pages = os.environ.get(_PAGES, "")
    return f"{pages.rstrip('/')}/{rule.id}.md" if _ADDRESS.fullmatch(pages) else help_uri(rule)
