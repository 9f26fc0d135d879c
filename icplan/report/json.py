"""The verdict as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.documents.safe_text import safe_json
from icplan.report.model import NOTHING
from icplan.verdict.codec import VERSION, to_dict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.documents.safe_text import SafeText
    from icplan.errors import InputProblem
    from icplan.inputs.place import Place
    from icplan.report.model import Answer, Declared, Report, Run


def render(run: Run) -> SafeText:
    """The verdict as indented JSON text; of several questions, or endpoints, all of them."""
    verdicts = [verdict for answer in run.answers for verdict in _verdicts(answer)]
    if len(verdicts) == 1 and not run.several and not run.errors:
        return safe_json(verdicts[0])
    errors = [_error(error) for error in run.errors]
    return safe_json({"IcplanVerdicts": VERSION, "Verdicts": verdicts, "Errors": errors})


def _verdicts(answer: Answer) -> list[dict[str, Any]]:
    if answer.declared is None:
        return [_verdict(report) for report in answer.reports]
    extra = _declared(answer.declared)
    if not answer.reports:
        return [_nothing(answer.failed_on) | extra]
    return [_placed(report) | extra for report in answer.reports]


def _verdict(report: Report) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in to_dict(report.verdict, report.failed_on).items():
        told[name] = value
        if name == "FailedOn":
            told["PassedBy"] = report.passed_by
    if report.fixed is not None:
        told["Fixed"] = [
            {
                "Endpoint": one.endpoint,
                "Component": one.component,
                "Rule": one.rule,
                "Need": one.need,
                "Have": one.have,
                "Unit": one.unit,
            }
            for one in report.fixed
        ]
    return told


def _placed(report: Report) -> dict[str, Any]:
    told = _verdict(report)
    changes = zip(told["Changes"], report.changes, strict=True)
    told["Changes"] = [change | _place(reported.place) for change, reported in changes]
    return told


def _nothing(failed_on: Sequence[str]) -> dict[str, Any]:
    return {
        "IcplanVerdict": VERSION,
        "Outcome": NOTHING,
        "FailedOn": list(failed_on),
        "PassedBy": None,
        "Snapshot": None,
        "Changes": [],
        "Assumptions": [],
        "Ignored": [],
    }


def _declared(declared: Declared) -> dict[str, Any]:
    return {
        "Input": {"Kind": declared.kind},
        "Parameters": {
            name: {"Value": one.value, "From": one.origin} for name, one in declared.parameters.items()
        },
        "Notes": list(declared.notes),
    }


def _place(place: Place) -> dict[str, Any]:
    told: dict[str, Any] = {"File": place.file, "Line": place.line, "Address": place.address}
    if place.construct:
        told["Construct"] = place.construct
    if place.source:
        told["Source"] = _short(place.source)
    if place.related:
        told["Related"] = [_short(one) | {"Note": one.note} for one in place.related]
    return told


def _short(place: Place) -> dict[str, Any]:
    return {"File": place.file, "Line": place.line, "Column": place.column}


def _error(error: InputProblem) -> dict[str, Any]:
    message = f"{error.message}. {error.hint}" if error.hint else error.message
    return {
        "File": error.file,
        "Line": error.line,
        "Column": error.column,
        "Path": error.path,
        "Message": message,
    }
