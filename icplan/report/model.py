"""What there is to report, as typed parts: made once, and rendered by each format in its own words."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from icplan.fleet.dimensions import unit
from icplan.report.draw_picture import pictures_of
from icplan.report.style import Look
from icplan.rules.registry import RULES
from icplan.values import frozen
from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.errors import InputProblem
    from icplan.inputs.deployment import Parameter
    from icplan.inputs.place import Place
    from icplan.report.picture import Moment, Pictures
    from icplan.rules.base import Rule
    from icplan.verdict.baseline import KnownFinding
    from icplan.verdict.change_verdict import Cause, ChangeVerdict, Difference
    from icplan.verdict.finding import Finding
    from icplan.verdict.origin import ConfigInForce
    from icplan.verdict.phase import Phase
    from icplan.verdict.remedy import Remedy
    from icplan.verdict.verdict import AssumptionUse, Verdict

#: What a cause says in one: too little room, and what keeps the fleet from growing.
_SHORTAGE = frozenset({"ICP301", "ICP302", "ICP303", "ICP304", "ICP305", "ICP306"})
_LIMITS = frozenset({"ICP501", "ICP502", "ICP503", "ICP504", "ICP507"})
_STEPS, _BACK = "ICP401", "ICP402"
#: What is noted of the snapshot beside why it is not known whether a change fits.
_ASIDE = frozenset({"ICP312", "ICP313", "ICP314", "ICP324", "ICP330"})
GUESS = "ICP321"
"""That it turns on an assumption."""

NOTHING = "nothing-to-judge"
"""The outcome of an answer without a change, as JSON has it."""


@frozen
class ReportedFinding:
    """A finding, where someone would change it, and what makes it the same finding in the next run.

    ``ignored`` is the reason where the settings leave it out; ``known`` says that a baseline has it.
    """

    finding: Finding
    place: Place
    fingerprint: str
    ignored: str | None = None
    known: bool = False

    @property
    def rule(self) -> Rule:
        """The rule that it is of."""
        return RULES[self.finding.rule]

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return self.finding.severity


def _is_aside(reported: ReportedFinding) -> bool:
    return reported.rule.id in _ASIDE | _LIMITS or reported.rule.id.startswith(("ICP1", "ICP2", "ICP6"))


@attrs.frozen(slots=False)
class ReportedChange:
    """One change: what is asked, what comes of it, what was found and what would work instead.

    ``place`` says where it is declared. ``failed_by`` names what stops a pipeline at this change: its
    outcome, or the option that makes it count; ``None`` where nothing does. ``known`` says that a baseline
    has all that speaks against it. ``source`` is the file and the JSON path of its request, if that stands in
    one.
    """

    number: int
    of: int
    judged: ChangeVerdict
    place: Place
    findings: tuple[ReportedFinding, ...] = ()
    hidden: tuple[ReportedFinding, ...] = ()
    failed_by: str | None = None
    known: bool = False
    source: tuple[str | None, str | None] = (None, None)

    @property
    def outcome(self) -> Outcome:
        """What will happen to it."""
        return self.judged.outcome

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The moments at which copies must be placed."""
        return self.judged.phases

    @property
    def fixes(self) -> tuple[Remedy, ...]:
        """What would work instead, best first."""
        return self.judged.remedies

    @property
    def causes(self) -> tuple[ReportedFinding, ...]:
        """What speaks against it: the errors, or the warnings where nothing is known to fail.

        What is only noted of the request, the state and the snapshot comes after why that is not known.
        """
        if self.outcome.fits:
            return ()
        wanted = Severity.ERROR if self.outcome.fails else Severity.WARNING
        found = [one for one in self.findings if one.severity is wanted]
        return tuple(found if self.outcome.fails else sorted(found, key=_is_aside))

    @property
    def cause(self) -> Cause | None:
        """The smallest part of what it meets that is enough to refuse it, where it is refused for that."""
        return self.judged.cause if self.outcome is Outcome.DOES_NOT_FIT else None

    @property
    def main(self) -> ReportedFinding | None:
        """The finding that says most of why it is not sure to go through."""
        if self.cause is None and self.fails_back:
            return next((one for one in self.findings if one.rule.id == _BACK), None)
        if self.cause is None:
            turns = (one for one in self.causes if one.rule.id == GUESS)
            return next(turns, None) or next(iter(self.causes), None)
        return self._short_of(self.cause)

    @property
    def main_at_rest(self) -> ReportedFinding | None:
        """Of what is blocked, and does not fit at rest either: the finding that says most of why."""
        cause = self.judged.cause if self.outcome is Outcome.BLOCKED else None
        return None if cause is None else self._short_of(cause)

    def _short_of(self, cause: Cause) -> ReportedFinding | None:
        """The finding that what the cause names is short."""
        units = {unit(resource) for resource in cause.resources}
        room = [one for one in self.causes if one.rule.id in _SHORTAGE]
        return next((one for one in room if one.finding.unit in units), next(iter(room), None))

    @property
    def follows(self) -> tuple[ReportedFinding, ...]:
        """Findings that follow from the main one, or that the cause says as well."""
        if self.outcome is Outcome.INVALID:
            return ()  # what is wrong with a request has nothing to do with room
        # Of a copy that is too large each resource is told, since each has a member of its own.
        main, cause = self.main, self.judged.cause
        guessed = main is not None and main.rule.id == GUESS
        if self.outcome is Outcome.BLOCKED:
            main = self.main_at_rest
        elif self.cause is None:
            cause = None
        shortage = _SHORTAGE if guessed or (cause and cause.components) else ()
        covered = {_STEPS, *_LIMITS, *shortage}
        return tuple(
            one for one in self.findings if main and one not in (main, self.main) and one.rule.id in covered
        )

    @property
    def others(self) -> tuple[ReportedFinding, ...]:
        """What else was found."""
        told = [self.main, self.main_at_rest, *self.follows]
        return tuple(one for one in self.findings if not any(one is other for other in told))

    @property
    def changed(self) -> tuple[Difference, ...]:
        """What it changes of the component."""
        return self.judged.changed

    @property
    def moment(self) -> Moment | None:
        """The moment to look at: the tightest, or of a rollback in doubt the worst of going back."""
        return self.pictures.worst_rollback if self.fails_back else self.pictures.tightest

    @property
    def fails_back(self) -> bool:
        """Whether it goes through, and only its way back is in doubt."""
        back = self.judged.rollback_outcome
        return self.outcome.fits and back is not None and not back.fits

    @cached_property
    def pictures(self) -> Pictures:
        """Which instance holds what: before, at each step and after, as far as the evidence tells."""
        return pictures_of(self.judged)


@frozen
class Headline:
    """The answer in one line: ``rollback`` is the worst of going back.

    ``new_endpoint`` tells that there was no snapshot, since the changes make the endpoint. ``account`` and
    ``region`` are the endpoint's, where the account is known: it was read from AWS then.
    """

    outcome: Outcome
    rollback: Outcome
    endpoint: str
    taken_at: str | None
    new_endpoint: bool = False
    account: str | None = None
    region: str | None = None

    @property
    def taken(self) -> str:
        """When and where what is judged was read, to be put behind the endpoint's name."""
        when = f", as of {self.taken_at}" if self.taken_at else ""
        if self.account is None:
            return when
        return f" (account {self.account}{f', {self.region}' if self.region else ''}){when}"


@frozen
class Report:
    """The answer to one question on one endpoint.

    ``rests_on`` are the assumptions that were relied on. ``failed_on`` is what it fails by where its outcome
    does not, ``passed_by`` what lets it pass where its outcome does not. ``fixed`` is what a baseline has and
    is no more. ``new`` tells whether a declared endpoint was judged as one that is only now made. ``asked``
    is the command line that it answers, if there was one.
    """

    headline: Headline
    changes: tuple[ReportedChange, ...]
    rests_on: tuple[AssumptionUse, ...]
    ignored: Mapping[str, str]
    config: ConfigInForce
    verdict: Verdict = attrs.field(repr=False)
    failed_on: tuple[str, ...] = ()
    passed_by: str | None = None
    fixed: tuple[KnownFinding, ...] | None = None
    new: bool | None = None
    asked: str | None = None

    @property
    def findings(self) -> Iterator[ReportedFinding]:
        """The findings of every change, in order."""
        return (finding for change in self.changes for finding in change.findings)

    @property
    def fixes(self) -> Iterator[Remedy]:
        """The fixes of every change, in order."""
        return (fix for change in self.changes for fix in change.fixes)

    @property
    def causes(self) -> Iterator[ReportedFinding]:
        """What speaks against each change, in order."""
        return (cause for change in self.changes for cause in change.causes)


@frozen
class Declared:
    """What the files of a deployment are, the parameters they were given, and what is to be noted."""

    kind: str
    files: tuple[str, ...]
    parameters: Mapping[str, Parameter] = attrs.field(factory=dict)
    notes: tuple[str, ...] = ()


@frozen
class Answer:
    """What one question came to: a report for each endpoint; none where there was nothing to judge.

    ``declared`` is set where files of a deployment were asked about, and not requests. ``failed_on`` is what
    fails an answer without a report.
    """

    reports: tuple[Report, ...]
    declared: Declared | None = None
    failed_on: tuple[str, ...] = ()


@frozen
class Run:
    """All that one run of icplan answers, and what could not be judged."""

    answers: tuple[Answer, ...]
    errors: tuple[InputProblem, ...] = ()
    #: Of which there were more questions than one, whatever came of them.
    several: bool = False
    look: Look = attrs.field(factory=Look, repr=False)

    @property
    def reports(self) -> tuple[Report, ...]:
        """The reports of every answer, in order."""
        return tuple(report for answer in self.answers for report in answer.reports)

    @property
    def findings(self) -> Iterator[tuple[Report, ReportedChange, ReportedFinding]]:
        """Every finding with what it belongs to."""
        for report in self.reports:
            for change in report.changes:
                for finding in change.findings:
                    yield report, change, finding


def outcomes(changes: Sequence[ReportedChange]) -> tuple[Outcome, Outcome]:
    """The worst outcome of several changes, and the worst of going back."""
    back = (one.judged.rollback_outcome for one in changes)
    return (
        Outcome.worst(one.outcome for one in changes),
        Outcome.worst(outcome for outcome in back if outcome is not None),
    )
