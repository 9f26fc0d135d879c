"""What is known: findings by endpoint, component, rule and amount, which pass while none gets worse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.verdict.verdict import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from icplan.verdict.verdict import ChangeVerdict, Finding, Verdict


@attrs.frozen
class KnownFinding:
    """A finding that is known, with the amounts it had."""

    endpoint: str
    component: str
    rule: str
    need: float | None = None
    have: float | None = None
    unit: str | None = None

    def covers(self, other: KnownFinding) -> bool:
        """Whether the other is this one, and no worse: it needs no more, and has no less."""
        alike = (self.endpoint, self.component, self.rule, self.unit) == (
            other.endpoint,
            other.component,
            other.rule,
            other.unit,
        )
        return alike and _no_more(other.need, self.need) and _no_more(self.have, other.have)

    @property
    def concerns(self) -> tuple[str, str, str]:
        """What it is about, whatever the amounts."""
        return self.endpoint, self.component, self.rule


def _no_more(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else one <= other


@attrs.frozen
class Baseline:
    """What is known of any number of endpoints."""

    known: tuple[KnownFinding, ...] = ()

    def matched(self, change: ChangeVerdict, endpoint: str) -> tuple[Finding, ...]:
        """The findings of a change that are known, those left out included.

        An entry covers one finding: a second of the same kind is new.
        """
        left = sorted(self.known, key=_tightness)
        found = []
        for finding in sorted((*change.findings, *change.hidden), key=_size, reverse=True):
            rest = list(left)
            for amount in _known(endpoint, change, finding):
                cover = next((entry for entry in rest if entry.covers(amount)), None)
                if cover is None:
                    break
                rest.remove(cover)
            else:
                left = rest
                found.append(finding)
        return tuple(found)

    def knows(self, change: ChangeVerdict, endpoint: str) -> bool:
        """Whether all that speaks against a change is known. Of what is undecided nothing can be."""
        against = tuple(speaking_against(change))
        if not against or change.outcome is Outcome.UNDECIDED:
            return False
        matched = list(self.matched(change, endpoint))
        return all(any(finding is one for one in matched) for finding in against)

    def fixed(self, verdict: Verdict) -> tuple[KnownFinding, ...]:
        """What is known of the components that were judged, and is no more."""
        endpoint = verdict.snapshot.endpoint_name
        judged = {change.inference_component_name for change in verdict.changes}
        there = {
            (endpoint, change.inference_component_name, finding.rule)
            for change in verdict.changes
            for finding in (*change.findings, *change.hidden)
        }
        return tuple(
            one
            for one in self.known
            if one.endpoint == endpoint and one.component in judged and one.concerns not in there
        )


def speaking_against(change: ChangeVerdict) -> Iterator[Finding]:
    """What keeps a change from fitting, left out or not: errors; warnings too where nothing surely fails."""
    if change.outcome.fits:
        return
    counted = {Severity.ERROR} if change.outcome.fails else {Severity.ERROR, Severity.WARNING}
    yield from (one for one in (*change.findings, *change.hidden) if one.severity in counted)


def known_of(verdicts: Iterable[Verdict]) -> Iterator[KnownFinding]:
    """All that a baseline made now would know."""
    for verdict in verdicts:
        for change in verdict.changes:
            if change.outcome is not Outcome.UNDECIDED:
                for finding in speaking_against(change):
                    yield from _known(verdict.snapshot.endpoint_name, change, finding)


def _known(endpoint: str, change: ChangeVerdict, finding: Finding) -> Iterator[KnownFinding]:
    """An entry for each amount of a finding."""
    for amount in finding.measured:
        yield KnownFinding(
            endpoint,
            change.inference_component_name,
            finding.rule,
            amount.need,
            amount.have,
            amount.unit,
        )


def _tightness(known: KnownFinding) -> tuple[float, float]:
    """The entries that cover least come first, so that none is spent on what another would cover."""
    return known.need or 0, -(known.have or 0)


def _size(finding: Finding) -> tuple[float, float]:
    return finding.need or 0, -(finding.have or 0)
