"""icplan as rules of cfn-lint: ``cfn-lint -a icplan.cfnlint template.yaml``.

cfn-lint imports this module; nothing of icplan does. It looks at one template at a time, and so does this
(templates that it nests as files are read, too).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch

from icplan.documents.safe_text import safe_text
from icplan.errors import InputError
from icplan.inputs.command_line_files import read_given
from icplan.inputs.deployment import Deployed, InputOptions
from icplan.inputs.ignore_comments import ignores_in
from icplan.inputs.per_parameter_value import read_all
from icplan.judge.every_value import judge_readings
from icplan.judge.ignoring import endpoint_without_places, refuse_unknown_rules
from icplan.judge.settings import Settings
from icplan.report.build import answer_of
from icplan.report.words import told
from icplan.snapshot.snapshot import Snapshot
from icplan.verdict.finding import Severity
from icplan.verdict.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cfnlint.template import Template

    from icplan.errors import InputProblem
    from icplan.report.model import Answer, ReportedFinding

SECONDS = 30.0
"""For one template."""
_SITE = "https://pypi.org/project/icplan"


class InferenceComponentMayNotFit(CloudFormationLintRule):  # type: ignore[misc]  # cfn-lint has no types
    """What is not sure; found by the rule below, so that one of them asks."""

    id = "W9310"
    shortdesc = "An inference component may not fit its endpoint"
    description = "Whether the copies of SageMaker inference components find room, as far as it is known"
    source_url = _SITE
    tags = ("resources", "sagemaker")


class InferenceComponentDoesNotFit(CloudFormationLintRule):  # type: ignore[misc]
    """What will fail, and what may."""

    id = "E9310"
    shortdesc = "An inference component does not fit its endpoint"
    description = "Whether the copies of SageMaker inference components find room on their instances"
    source_url = _SITE
    tags = ("resources", "sagemaker")

    def __init__(self) -> None:
        """Take a snapshot of what runs: ``-x E9310:snapshot=prod.json``."""
        super().__init__()
        self.config_definition = {"snapshot": {"default": "", "type": "string"}}
        self.configure()
        self.warning = InferenceComponentMayNotFit()

    def match(self, cfn: Template) -> list[RuleMatch]:
        """The findings of icplan, at their lines."""
        if cfn.filename is None or "AWS::SageMaker::InferenceComponent" not in str(cfn.template):
            return []
        found = []
        for parameters in _parameter_sets(cfn):
            try:
                answer = _answer(cfn.filename, parameters, self.config["snapshot"])
            except InputError as error:
                found += [self._problem(problem, cfn.filename) for problem in error.problems]
            else:
                found += list(self._matches(answer, cfn.filename))
        return found

    def _matches(self, answer: Answer, file: str) -> Iterator[RuleMatch]:
        for report in answer.reports:
            for finding in report.findings:
                if finding.severity is not Severity.NOTE:
                    yield self._found(finding, file)

    def _found(self, finding: ReportedFinding, file: str) -> RuleMatch:
        place = finding.place
        where = _location(place.line, place.column) if place.file == file else {}
        rule = self if finding.severity is Severity.ERROR else self.warning
        message = f"{finding.rule.id} {told(finding)}"
        path = ["Resources", *([place.address] if place.address and place.file == file else [])]
        return RuleMatch(path, safe_text(message), rule=rule, **where)

    def _problem(self, problem: InputProblem, file: str) -> RuleMatch:
        """What cannot be judged with this template alone is no error of it."""
        where = _location(problem.line, problem.column) if problem.file == file else {}
        hint = f". {problem.hint}" if problem.hint else ""
        message = safe_text(f"icplan cannot judge it: {problem.message}{hint}")
        return RuleMatch(["Resources"], message, rule=self.warning, **where)


def _parameter_sets(cfn: Template) -> list[dict[str, Deployed]]:
    """The values that cfn-lint was given, one set after the other; else the template's defaults."""
    sets = getattr(cfn, "parameter_sets", None) or ()
    given = [one.parameters for one in sets if getattr(one, "parameters", None)]
    return [{name: Deployed(value) for name, value in one.items()} for one in given] or [{}]


def _answer(file: str, parameters: Mapping[str, str], snapshot_file: str) -> Answer:
    sources = read_given([file]).sources
    snapshot = Snapshot.load(snapshot_file) if snapshot_file else None
    ignores = [one for source in sources for one in ignores_in(source)]
    refuse_unknown_rules(ignores)
    region = snapshot.region if snapshot else None
    options = InputOptions(parameters, region=region, snapshot=snapshot.data if snapshot else None)
    files = judge_readings(read_all(sources, options), snapshot, Settings(time_limit=SECONDS))
    judged = [endpoint_without_places(one, ignores) for one in files.endpoints]
    return answer_of(judged, files.deployment, [source.file for source in sources], Gate())


def _location(line: int | None, column: int | None) -> dict[str, Any]:
    """A place as cfn-lint counts: from 0, with an end."""
    if line is None:
        return {}
    at = (line - 1, (column or 1) - 1)
    return {"location": (*at, *at)}
