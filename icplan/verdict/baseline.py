"""What is known: findings by endpoint, component, rule and amount, which pass while none gets worse."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import attrs

from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.finding import Finding
    from icplan.verdict.verdict import Verdict


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

        An entry covers one amount of one finding: a second of the same kind is new. What speaks against the
        change goes first, so that nothing else takes an entry that it needs.
        """
        against = list(speaking_against(change))
        others = [
            one for one in (*change.findings, *change.hidden) if not any(one is each for each in against)
        ]
        covering = _Covering(self.known)
        return tuple(
            finding
            for finding in (*against, *others)
            if covering.takes(tuple(_known(endpoint, change, finding)))
        )

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


class _Covering:
    """Which entry covers which amount.

    An amount is moved to another entry where that makes room for one more (augmenting paths of a matching),
    so that whether all are covered does not depend on their order.
    """

    def __init__(self, entries: Sequence[KnownFinding]) -> None:
        self._entries = entries
        self._covered: dict[int, KnownFinding] = {}
        self._hopeless: set[KnownFinding] = set()

    def takes(self, amounts: Sequence[KnownFinding]) -> bool:
        """Cover all of these amounts beside those before, or none."""
        before = dict(self._covered)
        for amount in amounts:
            if amount in self._hopeless or not self._cover(amount):
                if len(self._covered) == len(before):
                    self._hopeless.add(amount)
                self._covered = before
                return False
        return True

    def _cover(self, amount: KnownFinding) -> bool:
        # By entry: the entry that the amount to be moved to it has now.
        left: dict[int, int | None] = {}
        waiting: deque[tuple[KnownFinding, int | None]] = deque([(amount, None)])
        while waiting:
            moved, now = waiting.popleft()
            for number, entry in enumerate(self._entries):
                if number in left or not entry.covers(moved):
                    continue
                left[number] = now
                if number not in self._covered:
                    self._move(amount, number, left)
                    return True
                waiting.append((self._covered[number], number))
        return False

    def _move(self, amount: KnownFinding, free: int, left: Mapping[int, int | None]) -> None:
        """Give the free entry to the amount that reached it, that one's entry to the next, and so on."""
        while (previous := left[free]) is not None:
            self._covered[free] = self._covered[previous]
            free = previous
        self._covered[free] = amount
