"""Words that several formats share: what a change is called, and how it goes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from icplan.report.style import outcome_words
from icplan.requests.call import VERB
from icplan.verdict.gate import cannot_end_in_time
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.report.model import Report, ReportedChange, ReportedFinding
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.phase import Phase
    from icplan.verdict.remedy import Remedy
    from icplan.verdict.remedy_steps import Edit


def heading(phase: Phase, words: str) -> str:
    """Words as those of a heading; a component's name at their start stays as it is."""
    named = phase.component is not None and words.startswith(phase.component)
    return words if named else f"{words[0].upper()}{words[1:]}"


def asked(change: ReportedChange) -> str:
    """``update chat``."""
    judged = change.judged
    return f"{VERB.get(judged.operation, judged.operation)} {subject_of(judged)}"


def subject_of(change: ChangeVerdict) -> str:
    """What a change is of, after its verb."""
    if change.operation == "CreateEndpointConfig":
        return change.endpoint_config_name or "(no name)"
    return change.inference_component_name or f"endpoint {change.endpoint_name or '(no name)'}"


def answered(change: ReportedChange) -> str:
    """``does not fit``, with what else counts."""
    back = change.judged.rollback_outcome
    doubt = change.outcome.fits and back is not None and not back.fits
    words = outcome_words(change.outcome)
    if doubt and back is not None:
        words += f", but its rollback {outcome_words(back)}"
    words += out_of_time(change)
    return f"{words} (known)" if change.known else words


def out_of_time(*changes: ReportedChange) -> str:
    """That one has room, and takes longer than it may all the same; else nothing."""
    judged = [one.judged for one in changes if one.outcome.fits]
    return ", but cannot end in time" if any(cannot_end_in_time(one) for one in judged) else ""


def told(finding: ReportedFinding) -> str:
    """The rule's title and the message."""
    message = finding.finding.message
    return f"{finding.rule.title}: {message}{'' if message.endswith(('?', '.')) else '.'}"


def fix(remedy: Remedy) -> str:
    """What would work, what comes of it, and where it is set."""
    edits = "; ".join(edit_text(one) for one in remedy.edits)
    how = f" ({edits or remedy.how})" if edits or remedy.how else ""
    return f"{helped(remedy)}{how}"


def helped(remedy: Remedy) -> str:
    """What is done, and what comes of it."""
    back = remedy.rollback_outcome
    doubt = "" if back is None or back.fits else f", but its rollback {verbal(back)}"
    # What surely fails without it may go through with it.
    may = remedy.outcome is Outcome.MAY_NOT_FIT
    words = "then it may fit, or not" if may else outcome_words(remedy.outcome)
    if remedy.relaunches:
        words = "fits"
        doubt += "; an emptied instance may go and be launched again"
    return f"{remedy.description}: {words}{doubt}"


def edit_text(edit: Edit, arrow: str = "\N{RIGHTWARDS ARROW}") -> str:
    """``at template.yaml:14: MaxInstanceCount 2 → 3``."""
    *_, around, member = ("", *edit.path.split("/"))
    member = f"{around}.{member}" if member in ("Type", "Value") else member
    place = f"{edit.file}:{edit.line}" if edit.line else edit.file
    where = f"at {place}{f' ({edit.note})' if edit.note else ''}"
    if edit.after is None:
        return f"{where}: take {member} out"
    if edit.before is None:
        # What is not there yet is found by all that it belongs to, in its item of a list.
        steps = edit.path.strip("/").split("/")
        last = max((number for number, step in enumerate(steps) if step.isdigit()), default=-1)
        return f"{where}: add {'.'.join(steps[last + 1 :])}: {_value(edit.after)}"
    return f"{where}: {member} {_value(edit.before)} {arrow} {_value(edit.after)}"


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def gate(report: Report) -> str | None:
    """What makes a report pass or fail where its outcome does not."""
    if report.passed_by:
        return f"passes: the {report.passed_by} knows all that speaks against it, and none of it got worse"
    return f"fails by {', '.join(report.failed_on)}" if report.failed_on else None


def verbal(outcome: Outcome) -> str:
    """The outcome after its subject: ``does not fit``, ``is blocked``."""
    words = outcome_words(outcome)
    return words if words.split()[0] in ("fits", "does", "may") else f"is {words}"
