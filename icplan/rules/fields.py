"""ICP101 to ICP112: problems of single members, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.rules.hit import Hit, finding
from icplan.spec.problems import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from icplan.spec.problems import FieldProblem
    from icplan.verdict import Finding

RULE_OF = {
    Kind.TYPE: "ICP101",
    Kind.NULL: "ICP102",
    Kind.REQUIRED: "ICP103",
    Kind.RANGE: "ICP104",
    Kind.LENGTH: "ICP105",
    Kind.PATTERN: "ICP106",
    Kind.CHOICE: "ICP107",
    Kind.SIZE: "ICP108",
    Kind.MISSPELT: "ICP109",
    Kind.UNKNOWN: "ICP110",
    Kind.NEW_CHOICE: "ICP111",
}
NEW_MEMBER = "ICP112"


def field_findings(problems: Iterable[FieldProblem], newer: Collection[str]) -> Iterator[Finding]:
    """One finding per problem. ``newer``: the paths of unknown members that the installed botocore knows."""
    for problem in problems:
        path = str(problem.path)
        if problem.kind is Kind.UNKNOWN and path in newer:
            yield finding(NEW_MEMBER, Hit(path, problem.message))
            continue
        message = f"{problem.message}. {problem.hint}" if problem.hint else problem.message
        # What the registry quotes is an example: another member's answer would mislead.
        yield attrs.evolve(finding(RULE_OF[problem.kind], Hit(path, message)), aws_error=problem.aws_error)
