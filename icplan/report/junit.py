"""JUnit XML: a suite for each endpoint, a case for each change."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from icplan.documents.safe_text import safe_xml
from icplan.report import words
from icplan.report.declared import nothing_in
from icplan.verdict.gate import STRICT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.documents.safe_text import SafeText
    from icplan.errors import InputProblem
    from icplan.report.model import Declared, Report, ReportedChange, Run

CHECK = "icplan"


def render(run: Run) -> SafeText:
    """The run as test results: what stops the pipeline is a failure, what could not be judged an error."""
    root = ET.Element("testsuites", name=CHECK)
    for answer in run.answers:
        for report in answer.reports:
            _suite(root, report.headline.endpoint, list(_cases(report)))
        if not answer.reports and answer.declared is not None:
            _suite(root, CHECK, [_nothing(answer.declared)])
    if run.errors:
        _suite(root, CHECK, [_error(error) for error in run.errors])
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    return safe_xml(root)


def _suite(root: ET.Element, name: str, cases: list[ET.Element]) -> None:
    counts = {
        count: str(sum(1 for case in cases if case.find(tag) is not None))
        for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    }
    suite = ET.SubElement(root, "testsuite", {"name": name, "tests": str(len(cases)), **counts, "time": "0"})
    suite.extend(cases)


def _cases(report: Report) -> Iterator[ET.Element]:
    for change in report.changes:
        yield _case(change)
    if any(by in report.failed_on for by in ("max-age",)):
        case = ET.Element("testcase", classname=CHECK, name="age of the snapshot", time="0")
        taken = report.headline.taken_at or "an unknown time"
        ET.SubElement(case, "failure", type="max-age", message=f"the snapshot is as of {taken}")
        yield case
    if STRICT in report.failed_on and report.headline.outcome.fits:
        case = ET.Element("testcase", classname=CHECK, name="what is not judged", time="0")
        ET.SubElement(case, "failure", type=STRICT, message="what is not judged is not known to fit")
        yield case


def _case(change: ReportedChange) -> ET.Element:
    case = ET.Element("testcase", classname=change.place.file or CHECK, name=words.asked(change), time="0")
    text = "\n".join(_lines(change))
    if change.failed_by is not None:
        cause = next(iter(change.causes), None)
        kind = cause.rule.id if cause is not None else change.failed_by
        told = words.answered(change)
        message = told if cause is None else f"{told}: {cause.rule.title}"
        ET.SubElement(case, "failure", type=kind, message=message).text = text
    elif text:
        ET.SubElement(case, "system-out").text = text
    return case


def _lines(change: ReportedChange) -> Iterator[str]:
    if change.known:
        yield "known by the baseline, and no worse"
    for finding in change.findings:
        place = finding.place.shown
        yield f"{finding.severity} {finding.rule.id} {words.told(finding)}{f' ({place})' if place else ''}"
    yield from (f"what would work: {words.fix(one)}" for one in change.fixes)


def _nothing(declared: Declared) -> ET.Element:
    case = ET.Element("testcase", classname=", ".join(declared.files), name="nothing to judge", time="0")
    ET.SubElement(case, "skipped", message=nothing_in(declared))
    return case


def _error(error: InputProblem) -> ET.Element:
    case = ET.Element("testcase", classname=error.file or CHECK, name="is judged", time="0")
    ET.SubElement(case, "error", type="InputError", message=error.message).text = str(error)
    return case
