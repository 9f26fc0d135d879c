"""One HTML file for a browser: no request leaves it, and all of it can be read without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.report import timeline, words
from icplan.report.declared import nothing_in, with_parameters
from icplan.report.diagnosis_text import at_rest_text
from icplan.report.findings_text import figures_of, largest_of, place_of
from icplan.report.html_assets import SCRIPT, STYLE
from icplan.report.html_page import html_page, landmarks, table
from icplan.report.markup import Markup, joined, tag
from icplan.report.picture_svg import figure, legend
from icplan.report.remedy_commands import call_lines, edit_lines, place_alone, shell_lines, write_lines
from icplan.report.style import Look, looking, outcome_words
from icplan.report.summary_text import summary
from icplan.report.text import assumption_text, options, turning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.documents.safe_text import SafeText
    from icplan.report.model import Answer, Report, ReportedChange, ReportedFinding, Run
    from icplan.verdict.outcome import Outcome
    from icplan.verdict.remedy import Remedy


def render(run: Run) -> SafeText:
    """The run as one document."""
    with looking(Look(verbose=True)):
        title = _title(run)
        body = landmarks(title, _body(run), joined(_footer(run)))
    return html_page(title, body, STYLE, SCRIPT)


def _title(run: Run) -> str:
    reports = run.reports
    if len(reports) != 1:
        return f"icplan: {len(reports)} endpoints judged" if reports else "icplan: nothing judged"
    report = reports[0]
    changes = report.changes
    what = words.asked(changes[0]) if len(changes) == 1 else f"{len(changes)} changes"
    told = outcome_words(report.headline.outcome)
    if report.headline.outcome.fits and not report.headline.rollback.fits:
        told += f", but {'its' if len(changes) == 1 else 'a'} rollback "
        told += words.verbal(report.headline.rollback)
    told += words.out_of_time(*changes) if report.headline.outcome.fits else ""
    return f"icplan: {told} \N{EN DASH} {what} on {report.headline.endpoint}"


def _body(run: Run) -> Iterator[Markup]:
    for number, answer in enumerate(run.answers, 1):
        yield from _answer(answer, number)
    if run.errors:
        errors = [tag("li", str(error)) for error in run.errors]
        yield tag("section", tag("h2", "Not judged"), tag("ul", *errors))


def _answer(answer: Answer, number: int) -> Iterator[Markup]:
    declared = answer.declared
    for place, report in enumerate(answer.reports, 1):
        yield _report(report, f"r{number}-{place}")
    if declared is None:
        return
    if not answer.reports:
        yield tag("p", f"Nothing to judge: {nothing_in(declared)}")
    elif declared.parameters:
        yield tag("p", with_parameters(declared.parameters))
    if declared.notes:
        yield tag("ul", *(tag("li", note) for note in declared.notes))


def _report(report: Report, name: str) -> Markup:
    headline = report.headline
    parts = [tag("p", f"Endpoint {headline.endpoint}{headline.taken}", class_="dim")]
    if headline.new_endpoint:
        parts.append(tag("p", "No snapshot: judged as a new endpoint."))
    elif not headline.taken_at:
        parts.append(tag("p", "The snapshot does not say when it was taken (TakenAt)."))
    parts += [tag("p", f"This {text}.", class_="doubt") for text in turning(report)]
    if by := ", ".join(options(report.failed_on)):
        parts.append(tag("p", f"Fails here: {by}", class_="bad"))
    if report.passed_by:
        parts.append(tag("p", f"Passes here: --{report.passed_by} knows all of it", class_="good"))
    if len(report.changes) > 1:
        parts.append(_overview(report, name))
    parts += [_change(change, f"{name}-{change.number}", report.asked) for change in report.changes]
    parts += list(_rests_on(report))
    return tag("section", *parts, aria_label=f"Endpoint {headline.endpoint}")


def _overview(report: Report, name: str) -> Markup:
    """All changes of a set, each a link to its part."""
    rows = (
        (str(change.number), tag("a", words.asked(change), href=f"#{name}-{change.number}"), _badge(change))
        for change in report.changes
    )
    return table(("change", "what", "outcome"), rows)


def _kind(outcome: Outcome) -> str:
    return "bad" if outcome.fails else "good" if outcome.fits else "doubt"


def _badge(change: ReportedChange) -> Markup:
    back = change.judged.rollback_outcome
    doubt = change.outcome.fits and back is not None and not back.fits
    doubts = f", but its rollback {words.verbal(back)}" if doubt and back is not None else ""
    doubts += words.out_of_time(change)
    known = ", as the baseline knows" if change.known else ""
    told = f"{outcome_words(change.outcome)}{doubts}{known}"
    kind = "doubt" if doubt else _kind(change.outcome)
    return tag("span", told, class_=f"outcome {kind}")


def _change(change: ReportedChange, name: str, asked: str | None) -> Markup:
    number = f"Change {change.number} of {change.of}: " if change.of > 1 else ""
    place = ":".join(str(one) for one in (change.place.file, change.place.line) if one is not None)
    turns = change.judged.turns_on
    parts: list[Markup | None] = [
        tag("h2", f"{number}{words.asked(change)} ", _badge(change)),
        tag("p", f"At {place}", class_="dim") if place else None,
        tag("p", f"It turns on {' and '.join(turns)}.", class_="doubt") if turns else None,
        _definitions(change),
        *_cause(change),
        *_under_way(change),
        *_pictures(change, name),
        *_fixes(change, asked),
        _phases(change),
        *_findings(change),
    ]
    return tag("article", *parts, id=name)


def _under_way(change: ReportedChange) -> Iterator[Markup]:
    """Of a change that is blocked: what is under way, and what comes of it once that has ended."""
    judged = change.judged
    if judged.diagnosis:
        yield tag("h3", "Now")
        yield from (tag("p", line) for line in judged.diagnosis)
    if rest := at_rest_text(judged):
        yield tag("h3", "Then")
        yield tag("p", f"{rest[0].upper()}{rest[1:]}.", class_="cause")
    if change.main_at_rest is not None and judged.cause is not None and judged.cause.text:
        yield tag("p", judged.cause.text)


def _definitions(change: ReportedChange) -> Markup | None:
    rows = list(summary(change))
    parts = [part for key, value in rows for part in (tag("dt", key), tag("dd", value))]
    return tag("dl", *parts) if rows else None


def _cause(change: ReportedChange) -> Iterator[Markup]:
    main, cause = change.main, change.cause
    if main is None:
        return
    yield tag("h3", "Why")
    yield tag("p", cause.text if cause and cause.text else _message(main), class_="cause")
    if largest := largest_of(main.finding, change.judged):
        yield tag("p", f"{largest[0].upper()}{largest[1:]}.")
    if main.finding.aws_error:
        yield tag("p", "AWS would say: ", tag("q", main.finding.aws_error))


def _message(reported: ReportedFinding) -> str:
    message = reported.finding.message
    return f"{reported.rule.title}: {message}{'' if message.endswith(('?', '.')) else '.'}"


def _pictures(change: ReportedChange, name: str) -> Iterator[Markup]:
    """Before, at each step and after; a slider goes through them where scripts run."""
    pictures, names = change.pictures, change.judged.resources
    colours: dict[str, int] = {}
    steps: list[tuple[str, Markup]] = []
    if pictures.before is not None:
        steps.append(("before", figure(pictures.before, "Before", names, colours)))
    start = 0
    for moment in pictures.moments:
        back = moment.phase.kind == "rollback"
        when = f"{'if it rolls back: ' if back else ''}{moment.phase.name}"
        if moment is change.moment:
            start = len(steps)
        drawn = (figure(one, words.heading(moment.phase, when), names, colours) for one in moment.pictures)
        steps.append((f"{when} ({outcome_words(moment.phase.outcome)})", joined(drawn)))
    if pictures.after is not None:
        steps.append(("after", figure(pictures.after, "After", names, colours)))
    if steps:
        shown = [tag("div", drawn, class_="step", data_name=when) for when, drawn in steps]
        yield tag("h3", "Which instance holds what")
        yield tag("div", *shown, id=f"{name}-steps", data_steps=start)
        yield legend()


def _fixes(change: ReportedChange, asked: str | None) -> Iterator[Markup]:
    if change.fixes:
        yield tag("h3", "Fixes")
        yield tag("ol", *(_fix(one, asked, change) for one in change.fixes))
    elif change.fails_back:
        yield tag("h3", "Fixes")
        yield tag("p", "What would make its rollback fit is listed with --fail-on rollback.")
        if asked is not None:
            lines = shell_lines(f"{asked} --fail-on rollback", "")
            yield tag("pre", Markup("\n".join(tag("code", line) for line in lines)), tabindex=0)
    elif change.judged.tried:
        yield tag("h3", "Fixes")
        yield tag("p", f"None found; none of these helps: {', '.join(change.judged.tried)}.")


def _fix(remedy: Remedy, asked: str | None, change: ReportedChange) -> Markup:
    """A fix with its risks, and the commands to paste."""
    commands = [
        line[5:]
        for line in (
            *write_lines(remedy, asked),
            *call_lines(
                remedy,
                asked=asked,
                source=change.source,
                place=place_alone(remedy, asked) if change.of == 1 else None,
            ),
        )
    ]
    return tag(
        "li",
        words.helped(remedy),
        *(tag("p", line.strip()) for line in edit_lines(remedy)),
        tag("p", remedy.how, class_="dim") if remedy.how else None,
        tag("p", f"Risks: {'; '.join(remedy.risks)}.") if remedy.risks else None,
        tag("pre", Markup("\n".join(tag("code", line) for line in commands)), tabindex=0)
        if commands
        else None,
        value=remedy.number,
    )


def _phases(change: ReportedChange) -> Markup | None:
    if all(phase.kind == "steady" for phase in change.phases):
        return None
    rows = ((row.label, *row.cells, outcome_words(row.outcome)) for row in timeline.rows_of(change.phases))
    return joined((tag("h3", "Phases"), table(("phase", *timeline.HEADINGS, "outcome"), rows)))


def _findings(change: ReportedChange) -> Iterator[Markup]:
    found = [
        one for one in (change.main, change.main_at_rest, *change.follows, *change.others) if one is not None
    ]
    if found:
        yield tag("h3", "Findings")
        yield tag("ul", *(_finding(one) for one in found))


def _finding(reported: ReportedFinding) -> Markup:
    finding = reported.finding
    figures = figures_of(finding)
    parts = [
        tag("strong", f"{reported.severity} {reported.rule.id}"),
        f" {_message(reported)}",
        f" {figures}." if figures else "",
    ]
    if finding.aws_error:
        parts += [" AWS would say: ", tag("q", finding.aws_error)]
    if place := place_of(finding):
        parts += [" ", tag("code", place.removeprefix(" at "))]
    parts += [" ", tag("span", f"icplan explain {reported.rule.id}", class_="dim")]
    return tag("li", *parts)


def _rests_on(report: Report) -> Iterator[Markup]:
    told: list[str] = [assumption_text(use) for use in report.rests_on]
    told += [f"ignored: {rule}{f' ({reason})' if reason else ''}" for rule, reason in report.ignored.items()]
    for one in report.config.settings:
        if not one.setting.startswith("ignore.") or one.setting.removeprefix("ignore.") in report.ignored:
            loosens = ", loosens" if one.loosens else ""
            told.append(f"{one.setting} = {one.value} ({one.file or 'command line'}{loosens})")
    told += [f"{file.file}: SHA-256 {file.sha256}" for file in report.config.files]
    told += [f"fixed since the baseline: {one.rule} of {one.component}" for one in report.fixed or ()]
    if told:
        yield tag("section", tag("h2", "What this rests on"), tag("ul", *(tag("li", one) for one in told)))


def _footer(run: Run) -> Iterator[Markup]:
    for report in run.reports:
        judged = report.verdict.judged
        if judged is not None:
            yield tag("p", f"icplan {judged.icplan}; SHA-256 of the changes {judged.changes}")
        if report.verdict.units is not None:
            yield tag("p", f"work: {report.verdict.units} units (--effort)")
    yield tag("p", "Not checked: whether EC2 has an instance at the moment SageMaker asks for one.")
