"""One question after the other, judged: its files read, its snapshot, its answer and its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

from icplan.cli.group import warn
from icplan.cli.options import read_snapshot, too_old
from icplan.verdict.gate import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.cli.deadline import Deadline
    from icplan.cli.questions import Question
    from icplan.inputs.deployment import Deployment
    from icplan.inputs.source import Source
    from icplan.judge.settings import Settings
    from icplan.report.model import Answer
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.gate import Gate

# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415


@attrs.define
class Asking:
    """Asks questions under the same settings and gate, and keeps what they came to."""

    settings: Settings
    gate: Gate
    running: Deadline
    answers: list[Answer] = attrs.field(factory=list)
    codes: list[ExitCode] = attrs.field(factory=list)

    def ask(self, question: Question) -> None:
        """Judge one question. InputError or AwsError where it cannot be judged; nothing is kept then."""
        from icplan.inputs.given import read_given

        self.running.now(f"reading {', '.join(question.files)}")
        given = read_given(question.files)
        if given.sources:
            self._deployment(given.sources, question.options)
        else:
            self._requests(given.requests, question.options)

    def _requests(self, requests: Sequence[tuple[bytes, str]], options: Mapping[str, Any]) -> None:
        from icplan.inputs.calls import calls_in_bytes
        from icplan.judge.change_set import judge
        from icplan.judge.in_order import make_endpoint
        from icplan.report.build import report_of
        from icplan.report.model import Answer

        wanted = [call for data, file in requests for call in calls_in_bytes(data, file)]
        if options["components"]:
            raise click.UsageError("--component goes with templates, plans and manifests")
        told = options["snapshot_file"] or options["endpoint"]
        snapshot = read_snapshot(dict(options), self.running) if told or not make_endpoint(wanted) else None
        gate = self._gate(snapshot, options)
        self.running.judge()
        verdict = judge(wanted, snapshot, self._settings(gate))
        self.answers.append(Answer((report_of(verdict, gate, wanted),)))
        self.codes.append(gate.exit_code(verdict))

    def _deployment(self, sources: Sequence[Source], options: Mapping[str, Any]) -> None:
        """Judge what templates and the like declare, each endpoint by itself."""
        from icplan.judge.deployment import judge_deployment, only_components
        from icplan.report.build import answer_of

        told = options["snapshot_file"] or options["endpoint"]
        snapshot = read_snapshot(dict(options), self.running, templates=True) if told else None
        declared = _declared(sources, options, snapshot)
        gate = self._gate(snapshot, options)
        self.running.judge()
        judged = judge_deployment(declared, snapshot, self._settings(gate))
        judged = only_components(judged, options["components"])
        self.answers.append(answer_of(judged, declared, [source.file for source in sources], gate))
        self.codes += [gate.exit_code(one.verdict) for one in judged]
        if gate.strict and not declared.all_judged:
            warn("--strict: what is not judged is not known to fit")
            self.codes.append(ExitCode.UNCERTAIN)

    def _gate(self, snapshot: Snapshot | None, options: Mapping[str, Any]) -> Gate:
        old = snapshot is not None and too_old(snapshot.taken_at, options["max_age"])
        return attrs.evolve(self.gate, too_old=old)

    def _settings(self, gate: Gate) -> Settings:
        return attrs.evolve(self.settings, time_limit=self.running.left, fail_on=frozenset(gate.fail_on))


def _declared(sources: Sequence[Source], options: Mapping[str, Any], snapshot: Snapshot | None) -> Deployment:
    from icplan.inputs import formats as inputs
    from icplan.inputs.deployment import InputOptions
    from icplan.inputs.parameters import parameter, parameter_file

    parameters = {k: v for file in options["parameter_files"] for k, v in parameter_file(file).items()}
    parameters |= dict(map(parameter, options["parameters"]))
    region = options["region"] or (snapshot.region if snapshot else None)
    runs = snapshot.data if snapshot else None
    return inputs.read(
        sources, InputOptions(parameters, options["stack_name"], region, options["source"], runs)
    )
