"""What a rule is, what its check yields, and how that becomes a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.values import frozen
from icplan.verdict.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable


from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import NamedTuple, TypeAlias, TypeVar

from icplan.documents.redact import redact_text
from icplan.requests.problems import MAX_PER_KIND
from icplan.verdict.finding import Finding

#: Sources that several rules rest on.
API = "API reference, botocore 1.44.5"
BLOG = "AWS blog on rolling updates of inference components, 2025-03-25"
TERRAFORM_TESTS = (
    "hashicorp/terraform-provider-aws pull request 48894, whose acceptance tests ran against AWS"
)
STDAPI_ISSUE = "stdapi-ai/stdapi.ai issue 43, measured against AWS"

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
DOCUMENTED, MEASURED, INFERRED = "documented", "measured", "inferred"

FAMILIES = {
    "1": "the request",
    "2": "state",
    "3": "capacity",
    "4": "update and rollback",
    "5": "scale-out, quota and reservation",
    "6": "advice",
}


@frozen(kw_only=True)
class Rule:
    """A rule as data.

    ``basis`` is documented, measured or inferred, and ``source`` says where. ``why`` and ``fix`` are Markdown
    paragraphs. ``aws_error`` is the text AWS answers with, an example of it, or the part that
    does not vary.
    """

    id: str
    title: str
    severity: Severity
    basis: str
    source: str
    why: str
    fix: str
    aws_error: str | None = None

    @property
    def family(self) -> str:
        """What the hundreds of the id stand for."""
        return FAMILIES[self.id[len("ICP")]]


class Violation(NamedTuple):
    """One place where a rule is broken. The figures are in the unit the message names.

    ``aws_error`` is given where what the registry quotes would not be what AWS says here.
    """

    path: str
    message: str
    need: float | None = None
    have: float | None = None
    largest_that_works: float | None = None
    aws_error: str | None = None


_Case = TypeVar("_Case")
Check: TypeAlias = Callable[[_Case], Iterable[Violation]]


def findings(rules: Mapping[str, Rule], checks: Mapping[str, Check[_Case]], case: _Case) -> list[Finding]:
    """What the checks, by rule id, have to say of a case."""
    found = ((rule, list(islice(check(case), MAX_PER_KIND + 1))) for rule, check in checks.items())
    return [
        finding(rules[rule], hit)
        for rule, hits in found
        for hit in (hits if len(hits) <= MAX_PER_KIND else _capped(hits))
    ]


def _capped(some: list[Violation]) -> list[Violation]:
    """The hits of one rule, but no more of them than anybody reads; the last says that there are more."""
    last = some[MAX_PER_KIND - 1]
    return [*some[: MAX_PER_KIND - 1], last._replace(message=f"{last.message}; more like it are not listed")]


def finding(rule: Rule, hit: Violation) -> Finding:
    """A hit of a rule as a finding, with what is known of the rule, and without credentials."""
    return Finding(
        rule.id,
        rule.severity,
        redact_text(hit.message),
        path=hit.path,
        need=hit.need,
        have=hit.have,
        largest_that_works=hit.largest_that_works,
        aws_error=hit.aws_error or rule.aws_error,
    )


def ordered(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings from worst to mildest, otherwise as they came."""
    return tuple(sorted(found, key=lambda one: list(Severity).index(one.severity)))
