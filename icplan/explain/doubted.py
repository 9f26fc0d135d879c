"""What is said of a change when other instances may run than those it was judged on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.verdict import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.verdict import Outcome


def doubted(findings: Sequence[Finding], outcome: Outcome) -> tuple[Finding, ...]:
    """The findings, none of capacity an error any more, and why; as they are if the change fails anyway."""
    if outcome.fails:
        return tuple(findings)
    message = (
        "which instances run after the changes before it is not certain; with others it may go otherwise"
    )
    return (*_softer(findings), Finding("ICP315", Severity.WARNING, message))


def _softer(findings: Sequence[Finding]) -> Iterator[Finding]:
    for finding in findings:
        capacity = finding.rule.startswith(("ICP3", "ICP4", "ICP5"))
        softens = capacity and finding.severity is Severity.ERROR
        yield attrs.evolve(finding, severity=Severity.WARNING) if softens else finding
