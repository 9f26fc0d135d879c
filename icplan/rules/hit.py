"""What a rule's check yields, and how it becomes a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import NamedTuple, TypeAlias, TypeVar

from icplan.documents.redact import redact_text
from icplan.requests.problems import MAX_PER_KIND
from icplan.rules.registry import RULES
from icplan.verdict.verdict import Finding, Severity


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


def findings(checks: Mapping[str, Check[_Case]], case: _Case) -> list[Finding]:
    """What the checks, by rule id, have to say of a case."""
    return [finding(rule, hit) for rule, check in checks.items() for hit in _capped(check(case))]


def _capped(hits: Iterable[Violation]) -> list[Violation]:
    """The hits of one rule, but no more of them than anybody reads; the last says if there are more."""
    some = list(islice(hits, MAX_PER_KIND + 1))
    if len(some) <= MAX_PER_KIND:
        return some
    last = some[MAX_PER_KIND - 1]
    return [*some[: MAX_PER_KIND - 1], last._replace(message=f"{last.message}; more like it are not listed")]


def finding(rule: str, hit: Violation) -> Finding:
    """A hit of a rule as a finding, with what the registry knows, and without credentials."""
    known = RULES[rule]
    return Finding(
        rule,
        known.severity,
        redact_text(hit.message),
        path=hit.path,
        need=hit.need,
        have=hit.have,
        largest_that_works=hit.largest_that_works,
        aws_error=hit.aws_error or known.aws_error,
    )


def ordered(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings from worst to mildest, otherwise as they came."""
    return tuple(sorted(found, key=lambda one: list(Severity).index(one.severity)))
