"""What is said of a change when other instances may run than those it was judged on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.verdict import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from icplan.judging.whatever_runs import FleetUncertainty


def uncertain_fleet_finding(
    findings: Sequence[Finding], doubt: FleetUncertainty, judged: Outcome, outcome: Outcome
) -> tuple[Finding, ...]:
    """The findings and the doubt; none of capacity is an error any more where it turns the outcome.

    ``judged`` is the outcome on the instances it was judged on, ``outcome`` that whichever run. Where the
    change fails anyway, or fits without a launch on any of them, there is nothing to say.
    """
    most = doubt.fleet.instances
    certain = doubt.standing.types_known and doubt.min_instances == most and outcome is judged
    if certain or outcome.fails or outcome is Outcome.FITS:
        return tuple(findings)
    message = (
        "which instances run after the changes before it is not certain; with others it may go otherwise"
    )
    if doubt.min_instances < most and doubt.standing.types_known:
        message = f"{doubt.min_instances} to {most} instances may run after the changes before it; it is judged on {most}"
    severity = Severity.NOTE if outcome.fits else Severity.WARNING
    kept = findings if outcome is judged else downgrade_capacity_errors(findings)
    return (*kept, Finding("ICP315", severity, message))


def downgrade_capacity_errors(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, none of capacity an error."""
    for finding in findings:
        capacity = finding.rule.startswith(("ICP3", "ICP4", "ICP5"))
        softens = capacity and finding.severity is Severity.ERROR
        yield attrs.evolve(finding, severity=Severity.WARNING) if softens else finding
