"""One question after the other, judged: its files read, its snapshot, its answer and its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import click

from icplan.cli.command_group import warn
from icplan.cli.options import given_parameters, too_old
from icplan.cli.snapshot_source import read_snapshot
from icplan.values import frozen
from icplan.verdict.gate import STRICT, ExitCode
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from icplan.cli.deadline import Deadline
    from icplan.cli.file_selection import Question
    from icplan.errors import InputError
    from icplan.inputs.ignore_comments import PlaceIgnore
    from icplan.inputs.per_parameter_value import Readings
    from icplan.inputs.source import Source
    from icplan.judge.apply_remedy import AppliedRemedy
    from icplan.judge.declared_endpoint import JudgedEndpoint
    from icplan.judge.every_value import JudgedFiles
    from icplan.judge.settings import Settings
    from icplan.report.model import Answer, Report
    from icplan.requests.call import Call
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.gate import Gate
    from icplan.verdict.remedy import Remedy
    from icplan.verdict.verdict import Verdict

# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415

_Judged = TypeVar("_Judged")


@frozen
class ProposedRemedy:
    """A remedy of a report: the question it was proposed for, what was answered, and its number there.

    ``shown`` is the remedy as the report has it, with the lines of files that make it.
    """

    shown: Remedy

    calls: Sequence[Call]
    snapshot: Snapshot | None
    verdict: Verdict
    number: int
    gate: Gate


@attrs.define
class Asking:
    """Asks questions under the same settings and gate, and keeps what they came to."""

    settings: Settings
    gate: Gate
    running: Deadline
    answers: list[Answer] = attrs.field(factory=list)
    codes: list[ExitCode] = attrs.field(factory=list)
    remedies: dict[int, ProposedRemedy] = attrs.field(factory=dict)
    secrets: set[str] = attrs.field(factory=set)
    """Parameters with ``NoEcho``, which no command line to be pasted tells."""
    parts: list[tuple[tuple[str, ...], tuple[Call, ...], Snapshot]] = attrs.field(factory=list)
    """Files, calls and endpoint of questions on what runs that may be carried out together."""
    defaults: dict[str, str] = attrs.field(factory=dict)
    """Parameters of the last deployment whose defaults were taken."""

    def ask(self, question: Question) -> None:
        """Judge one question. InputError or AwsError where it cannot be judged; nothing is kept then."""
        from icplan.inputs.command_line_files import read_given

        self.running.now(f"reading {', '.join(question.files)}")
        given = read_given(question.files)
        if given.sources:
            asked = self._deployment(given.sources, question.options)
            self._tell_parameters(question.others)
        else:
            asked = self._requests(given.requests, question.options)
        if question.beside:
            self.parts += ((question.files, *one) for one in asked)
        self._tell_passed_over((*question.passed_over, *given.passed_over))

    def _tell_parameters(self, files: Sequence[str]) -> None:
        """Name files beside what was judged that tell other values than the defaults that were taken."""
        if not files:
            return
        from icplan.inputs.folders import named
        from icplan.inputs.parameter_files import told_otherwise

        told = told_otherwise(files, self.defaults)
        for file, names in told.items():
            what = "its default" if len(names) == 1 else "their defaults"
            warn(
                f"{named([file])} tells {named(names)} otherwise than {what}, with which it was judged; "
                "give what it is deployed with (--parameter-file, --parameter)"
            )
        if told and self.gate.strict:
            self._fail_unjudged()

    def hold_together(self) -> None:
        """Tell of questions that fit each by itself, and may not fit one after another."""
        if not self.parts[1:] or any(code is not ExitCode.OK for code in self.codes):
            return
        from icplan.cli.one_after_another import apart_only

        names = apart_only(self.parts, self._settings(self.gate))
        if not names:
            return
        from icplan.inputs.folders import named

        warn(
            f"{named(names)} fit each by themselves, and may not fit one after another; where they are not "
            "carried out together, say --each"
        )
        if self.gate.strict:
            self._fail_unjudged()

    def _tell_passed_over(self, names: Sequence[str]) -> None:
        """Name what may be a change and is not judged."""
        if not names:
            return
        from icplan.inputs.folders import named

        warn(f"passed over, though it may be a change: {named(names)}")
        if self.gate.strict:
            self._fail_unjudged()

    def _fail_unjudged(self) -> None:
        """Let the last answer not pass, since not all that was asked is judged; every format tells it."""
        warn("--strict: what is not judged is not known to fit")
        self.codes.append(ExitCode.UNCERTAIN)
        answer = self.answers[-1]
        reports = tuple(
            one
            if one.headline.outcome.fails or STRICT in one.failed_on
            else attrs.evolve(one, failed_on=(*one.failed_on, STRICT))
            for one in answer.reports
        )
        self.answers[-1] = attrs.evolve(answer, reports=reports, failed_on=answer.failed_on or (STRICT,))

    def _requests(
        self, requests: Sequence[tuple[bytes, str]], options: Mapping[str, Any]
    ) -> Iterable[tuple[tuple[Call, ...], Snapshot]]:
        """Judge requests in order; what was judged, on what."""
        from icplan.inputs.calls import calls_in_bytes
        from icplan.inputs.ignore_comments import ignores_in_request
        from icplan.judge.ignoring import around_request, without_places
        from icplan.judge.request_set import judge_requests
        from icplan.report.build import report_of
        from icplan.report.model import Answer

        wanted = [call for data, file in requests for call in calls_in_bytes(data, file)]
        if options["components"]:
            raise click.UsageError("--component goes with templates, plans and manifests")
        snapshot = self._snapshot_for(wanted, requests[0][1], options)
        gate = self._gate(snapshot, options)
        self.running.judge()
        ignores = self._ignores(one for data, file in requests for one in ignores_in_request(data, file))

        def judge(on: Snapshot | None, settings: Settings) -> Verdict:
            return judge_requests(wanted, on, settings, settings.budget())

        judged, snapshot, settings = self._judged(judge, lambda one: [one], snapshot, gate, options)
        if ignores:
            judged = without_places(judged, ignores, list(map(around_request, wanted)))
            _tell_unmet(ignores, [judged])
        verdict = self._numbered(judged, wanted, snapshot, judged, gate)
        verdict = self._diagnosed(verdict, snapshot, settings)
        self.answers.append(Answer((report_of(verdict, gate, wanted),)))
        self.codes.append(gate.exit_code(verdict))
        return [] if snapshot is None else [(tuple(wanted), snapshot)]

    def _deployment(
        self, sources: Sequence[Source], options: Mapping[str, Any]
    ) -> Iterable[tuple[tuple[Call, ...], Snapshot]]:
        """Judge what templates and the like declare, each endpoint by itself; what was judged, on what."""
        from icplan.inputs.ignore_comments import ignores_in
        from icplan.inputs.parameters import secret_names
        from icplan.judge.deployment import only_components
        from icplan.judge.every_value import judge_readings
        from icplan.judge.ignoring import endpoint_without_places
        from icplan.report.build import answer_of

        self.secrets |= set(secret_names(sources))
        told = options["snapshot_file"] or options["endpoint"]
        snapshot = read_snapshot(dict(options), self.running, templates=True, lazy=True) if told else None
        readings = _read(sources, options, snapshot)
        gate = self._gate(snapshot, options)
        self.running.judge()
        ignores = self._ignores(one for source in sources for one in ignores_in(source))
        beside = self._ignores(readings.all[0].deployment.ignores)

        def judge(on: Snapshot | None, settings: Settings) -> JudgedFiles:
            return judge_readings(readings, on, settings, settings.budget())

        def verdicts(found: JudgedFiles) -> list[Verdict]:
            return [one.verdict for one in found.endpoints]

        files, _, settings = self._judged(judge, verdicts, snapshot, gate, options)
        judged = files.endpoints
        if ignores or beside:
            judged = [endpoint_without_places(one, [*ignores, *beside]) for one in judged]
            # Of files that are only looked into, what a comment is about may not be changed at all.
            _tell_unmet(ignores, [one.verdict for one in judged])
        chosen = only_components(judged, options["components"])
        judged = [self._shown(one, gate, settings) for one in chosen]
        self.answers.append(answer_of(judged, files.deployment, [source.file for source in sources], gate))
        self.codes += [gate.exit_code(one.verdict) for one in judged]
        if gate.strict and not files.all_judged:
            self._fail_unjudged()
        used = files.deployment.parameters.items()
        self.defaults = {name: one.value for name, one in used if one.origin == "default"}
        return [(one.asked, one.snapshot) for one in judged if one.endpoint.exists and one.snapshot]

    def _snapshot_for(self, wanted: Sequence[Call], file: str, options: Mapping[str, Any]) -> Snapshot | None:
        """What requests are judged on; None where they make their endpoint, and no other is told."""
        from icplan.errors import InputError, InputProblem
        from icplan.judge.in_order import make_endpoint

        if options["snapshot_file"] or options["endpoint"]:
            return read_snapshot(dict(options), self.running, lazy=True)
        if make_endpoint(wanted):
            return None
        message = "nothing tells what the endpoint runs: give either --snapshot FILE or --endpoint NAME"
        hint = "A set or template that makes its endpoint needs neither"
        raise InputError(InputProblem(message, file=file, hint=hint))

    def _judged(
        self,
        judge: Callable[[Snapshot | None, Settings], _Judged],
        verdicts: Callable[[_Judged], Sequence[Verdict]],
        snapshot: Snapshot | None,
        gate: Gate,
        options: Mapping[str, Any],
    ) -> tuple[_Judged, Snapshot | None, Settings]:
        """What was judged, on what, and under which settings; anew once more of a live endpoint is read."""
        settings = self._settings(gate)
        judged = judge(snapshot, settings)
        whole = self._with_more(verdicts(judged), snapshot, options)
        if whole is None:
            return judged, snapshot, settings
        settings = self._settings(gate)
        return judge(whole, settings), whole, settings

    def _with_more(
        self, verdicts: Sequence[Verdict], snapshot: Snapshot | None, options: Mapping[str, Any]
    ) -> Snapshot | None:
        """The live endpoint with what all endpoints use and metrics tell, where a verdict may hang on it."""
        from icplan.cli.snapshot_source import with_more
        from icplan.judge.quota_check import may_take_instances

        undecided = any(one.outcome is Outcome.UNDECIDED for one in verdicts)
        if snapshot is None or not (undecided or any(map(may_take_instances, verdicts))):
            return None
        whole = with_more(snapshot, options, self.running)
        self.running.judge()
        return whole

    def _shown(self, one: JudgedEndpoint, gate: Gate, settings: Settings) -> JudgedEndpoint:
        """The endpoint's verdict as it is shown."""
        # No request of theirs stands in the files as it is sent.
        asked = [attrs.evolve(call, file=None) for call in one.asked]
        verdict = self._numbered(one.verdict, asked, one.snapshot, one.answer or one.verdict, gate)
        diagnosed = self._diagnosed(verdict, one.snapshot, settings)
        return attrs.evolve(one, verdict=diagnosed)

    def _diagnosed(self, verdict: Verdict, snapshot: Snapshot | None, settings: Settings) -> Verdict:
        """The verdict; where a change is blocked, with what is under way."""
        if all(change.outcome is not Outcome.BLOCKED for change in verdict.changes):
            return verdict
        from icplan.diagnosis.blocked import with_diagnosis

        return with_diagnosis(verdict, snapshot, settings)

    def _numbered(
        self, shown: Verdict, calls: Sequence[Call], snapshot: Snapshot | None, judged: Verdict, gate: Gate
    ) -> Verdict:
        """The verdict as it is shown, its remedies numbered on from those before; all are noted."""
        from icplan.verdict.remedy_numbers import renumbered

        verdict, numbers = renumbered(shown, len(self.remedies))
        for one in verdict.remedies:
            if one.number is not None:
                own = numbers[one.number]
                self.remedies[one.number] = ProposedRemedy(one, calls, snapshot, judged, own, gate)
        return verdict

    def apply(self, number: int) -> tuple[AppliedRemedy, Report, ExitCode]:
        """The remedy of that number made, and what its question comes to.

        InputError where there is none, or where lines of the files make it: nothing is sent beside those.
        """
        from icplan.judge.apply_remedy import apply_remedy, no_such_remedy
        from icplan.judge.change_set import judge
        from icplan.report.build import report_of

        proposed = self.remedies.get(number)
        if proposed is None:
            raise no_such_remedy(number, len(self.remedies))
        if proposed.shown.edits:
            raise _made_in_files(proposed.shown)
        question = proposed.calls, proposed.snapshot, proposed.verdict
        applied = apply_remedy(*question, proposed.number)
        self.running.now(f"judging remedy {number}")
        verdict = judge(applied.calls, applied.snapshot, self._settings(proposed.gate))
        report = report_of(verdict, proposed.gate, applied.calls)
        return applied, report, proposed.gate.exit_code(verdict)

    def _ignores(self, found: Iterable[PlaceIgnore]) -> list[PlaceIgnore]:
        """What the files themselves leave out; under --strict it is told, and not obeyed."""
        from icplan.judge.ignoring import refuse_unknown_rules

        ignores = list(found)
        refuse_unknown_rules(ignores)
        if not self.gate.strict:
            return ignores
        for one in ignores:
            warn(f"{one.shown}: --strict does not obey: ignore {one.rule} ({one.reason})")
        return []

    def _gate(self, snapshot: Snapshot | None, options: Mapping[str, Any]) -> Gate:
        old = snapshot is not None and too_old(snapshot.taken_at, options["max_age"])
        return attrs.evolve(self.gate, too_old=old)

    def _settings(self, gate: Gate) -> Settings:
        return attrs.evolve(self.settings, time_limit=self.running.left, fail_on=frozenset(gate.fail_on))


def asked_by(answers: Sequence[Answer], asked: str) -> tuple[Answer, ...]:
    """The answers, with the command line that asked for them."""
    return tuple(
        attrs.evolve(answer, reports=tuple(attrs.evolve(one, asked=asked) for one in answer.reports))
        for answer in answers
    )


def _tell_unmet(ignores: Sequence[PlaceIgnore], verdicts: Sequence[Verdict]) -> None:
    from icplan.judge.ignoring import unmet

    for one in unmet(ignores, verdicts):
        warn(f"{one.shown}: nothing of {one.rule} is found there to ignore")


def _read(sources: Sequence[Source], options: Mapping[str, Any], snapshot: Snapshot | None) -> Readings:
    from icplan.inputs.deployment import InputOptions
    from icplan.inputs.per_parameter_value import read_all

    _refuse_other_stack(sources, options)
    region = options["region"] or (snapshot.region if snapshot else None)
    runs = snapshot.data if snapshot else None
    given = InputOptions(
        given_parameters(options),
        options["stack_name"],
        region,
        options["source"],
        runs,
        complete=options["complete"],
    )
    return read_all(sources, given, every_value=options["all_parameters"])


def _refuse_other_stack(sources: Sequence[Source], options: Mapping[str, Any]) -> None:
    """Refuse a stack's name or Region that is not what the manifest of an assembly tells of it."""
    from icplan.errors import InputError, InputProblem

    for source in sources:
        stack = source.stack
        for option, told in (("region", stack.region), ("stack_name", stack.name)) if stack else ():
            if None not in (told, options[option]) and told != options[option]:
                word = "--" + option.replace("_", "-")
                message = f"{word} is {options[option]}, but the manifest beside the template says {told}"
                raise InputError(InputProblem(message, file=source.file, hint=f"Leave {word} out"))


def _made_in_files(remedy: Remedy) -> InputError:
    """That a remedy is made where its lines are written, with each line."""
    from icplan.errors import InputError, InputProblem
    from icplan.report.style import glyphs
    from icplan.report.words import edit_text

    lines = "; ".join(edit_text(one, glyphs().arrow) for one in remedy.edits)
    what = "a line to change in the files" if len(remedy.edits) == 1 else "lines to change in the files"
    message = f"remedy {remedy.number} is {what}, so nothing is written: {lines}"
    return InputError(InputProblem(message, hint="Change it there, and check again"))
