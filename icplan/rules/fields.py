"""ICP101 to ICP112: problems of single members, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.requests.problems import FieldRule
from icplan.rules.hit import Violation, finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from icplan.requests.problems import FieldProblem
    from icplan.verdict.verdict import Finding

RULE_OF = {
    FieldRule.TYPE: "ICP101",
    FieldRule.NULL: "ICP102",
    FieldRule.REQUIRED: "ICP103",
    FieldRule.RANGE: "ICP104",
    FieldRule.LENGTH: "ICP105",
    FieldRule.PATTERN: "ICP106",
    FieldRule.CHOICE: "ICP107",
    FieldRule.SIZE: "ICP108",
    FieldRule.MISSPELT: "ICP109",
    FieldRule.UNKNOWN: "ICP110",
    FieldRule.NEW_CHOICE: "ICP111",
}
NEW_MEMBER = "ICP112"


def field_findings(problems: Iterable[FieldProblem], newer: Collection[str]) -> Iterator[Finding]:
    """One finding per problem. ``newer``: the paths of unknown members that the installed botocore knows."""
    for problem in problems:
        path = str(problem.path)
        if problem.kind is FieldRule.UNKNOWN and path in newer:
            yield finding(NEW_MEMBER, Violation(path, problem.message))
            continue
        message = f"{problem.message}. {problem.hint}" if problem.hint else problem.message
        # What the registry quotes is an example: another member's answer would mislead.
        yield attrs.evolve(
            finding(RULE_OF[problem.kind], Violation(path, message)), aws_error=problem.aws_error
        )
