"""ICP101 to ICP111: problems of single members, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.rules.hit import Hit, finding
from icplan.spec.problems import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


def field_findings(problems: Iterable[FieldProblem]) -> Iterator[Finding]:
    """One finding per problem."""
    for problem in problems:
        message = f"{problem.message}. {problem.hint}" if problem.hint else problem.message
        yield finding(RULE_OF[problem.kind], Hit(problem.path or "$", message))
