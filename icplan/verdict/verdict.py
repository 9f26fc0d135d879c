"""The verdict as data: outcomes, phases, findings, remedies, assumptions. Nothing here decides or words."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import attrs

from icplan.values import Answer, frozen
from icplan.verdict.origin import ConfigInForce
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from icplan.verdict.component_state import AtRest, ComponentState
    from icplan.verdict.courses import Courses
    from icplan.verdict.evidence import Evidence, Malformed
    from icplan.verdict.gate import ExitCode
    from icplan.verdict.origin import Judged
    from icplan.verdict.premises import Premises
    from icplan.verdict.remedy_steps import Command, Edit, QuotaRaise
    from icplan.verdict.step_number import StepNumber


class Outcome(enum.StrEnum):
    """What will happen to a change. Members stand from worst to best."""

    INVALID = "invalid"
    BLOCKED = "blocked"
    DOES_NOT_FIT = "does-not-fit"
    UNDECIDED = "undecided"
    MAY_NOT_FIT = "may-not-fit"
    FITS_AFTER_SCALE_OUT = "fits-after-scale-out"
    FITS = "fits"

    @property
    def rank(self) -> int:
        """Position from worst (0) to best."""
        return _RANKS[self]

    @property
    def fits(self) -> bool:
        """Whether every copy is placed in every world, now or after scale-out."""
        return self in (Outcome.FITS, Outcome.FITS_AFTER_SCALE_OUT)

    @property
    def fails(self) -> bool:
        """Whether the change is known to fail."""
        return self in (Outcome.INVALID, Outcome.BLOCKED, Outcome.DOES_NOT_FIT)

    @staticmethod
    def worst(outcomes: Iterable[Outcome]) -> Outcome:
        """The worst of several; ``fits`` when there is none."""
        return min(outcomes, key=_RANKS.__getitem__, default=Outcome.FITS)


_RANKS = {outcome: rank for rank, outcome in enumerate(Outcome)}


class Severity(enum.StrEnum):
    """How much a finding matters. Members stand from worst to mildest."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@frozen
class Amount:
    """What is needed and what there is of something, as far as each is known."""

    need: float | None
    have: float | None
    unit: str | None


@frozen
class Finding:
    """One thing a rule has to say of a change.

    ``need``, ``have`` and ``largest_that_works`` are the parts of a capacity message: the first two in
    ``unit``, the last in ``largest_unit``, or in the unit of the member at ``path`` where they are ``None``.
    ``aws_error`` is the text AWS is expected to answer with, where one is known. ``amounts`` are those of the
    change, for a finding without a figure.
    """

    rule: str
    severity: Severity
    message: str
    path: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    need: float | None = None
    have: float | None = None
    largest_that_works: float | None = None
    aws_error: str | None = None
    unit: str | None = None
    largest_unit: str | None = None
    amounts: tuple[Amount, ...] = attrs.field(default=(), eq=False)

    @property
    def measured(self) -> tuple[Amount, ...]:
        """Its own figures, else the amounts of the change that it is about."""
        own = Amount(self.need, self.have, self.unit)
        return (own,) if self.need is not None or not self.amounts else self.amounts


@frozen
class LeftOut:
    """A rule whose findings of one change are left out, and why: by the file there, or as a follow-up."""

    rule: str
    reason: str
    file: str | None = None
    line: int | None = None

    @property
    def shown(self) -> str:
        """The rule, and where it is ignored."""
        return f"{self.rule} at {self.file}{f':{self.line}' if self.line else ''}" if self.file else self.rule


@frozen
class Remedy:
    """A change of the request (or the endpoint configuration) that was judged and found to help.

    ``patch`` is a list of RFC 6902 operations on the document that ``target`` names, and ``how`` says where
    such a setting is made, if not in the request; ``request_patch`` are operations on the request where the
    target is another document. ``before`` and ``after`` are calls (``{"Operation", "Request"}``) to make
    before the change and after it; ``outcome`` is that of all of them, and ``rollback_outcome`` that of going
    back, if one can. ``number`` is its place in the whole report, ``commands`` carry it out, and ``risks``
    say what it costs and what may come of it; ``doubts`` are those of them that judging it found.
    ``edits`` are the lines of a deployment's files that make it. It ``relaunches`` where it fits after scale
    out, and yet no more instances run at any time than now: one that it empties may be given back, and is
    launched again then. ``once_at_rest``: it is made, and was judged, once all that is under way has ended.
    """

    kind: str
    description: str
    patch: tuple[Mapping[str, Any], ...]
    outcome: Outcome
    how: str | None = None
    rollback_outcome: Outcome | None = None
    before: tuple[Mapping[str, Any], ...] = ()
    after: tuple[Mapping[str, Any], ...] = ()
    number: int | None = None
    target: Target = Target.REQUEST
    request_patch: tuple[Mapping[str, Any], ...] = ()
    quota: QuotaRaise | None = attrs.field(default=None, eq=False)
    commands: tuple[Command, ...] = ()
    risks: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    doubts: tuple[str, ...] = ()
    relaunches: bool = False
    once_at_rest: bool = False


@frozen
class Difference:
    """A member that gets another value (``None``: it has none); ``noted`` where it is very much another."""

    what: str
    before: str | None
    after: str | None
    unit: str | None = None
    noted: str | None = None


@frozen
class Cause:
    """A part of what a change meets that is enough to refuse it, so small that nothing of it can be left out.

    At the phase ``phase`` too little of these resources is there for ``copies`` copies, as long as the copies
    of these components lie on instances of these types, and these limits (by their rules) hold. One resource
    is always named. Where it is not ``minimal``, there was no time to leave out all that can be. ``text``
    says it.
    """

    phase: str
    copies: int
    resources: tuple[str, ...]
    components: tuple[str, ...]
    instance_types: tuple[str, ...]
    limits: tuple[str, ...]
    minimal: bool
    text: str


@frozen
class Pace:
    """Batches one after another: the seconds they wait in all, and those their copies are allowed to start.

    ``start_seconds`` is 0 where no StartupParameters tell it.
    """

    batches: int
    wait_seconds: int
    start_seconds: int

    @property
    def seconds(self) -> int:
        """Both together."""
        return self.wait_seconds + self.start_seconds


@frozen
class Duration:
    """How long a rolling update may take, and a rollback when all its old copies are gone.

    ``limit_seconds`` is MaximumExecutionTimeoutInSeconds, if it is given.
    """

    update: Pace
    rollback: Pace
    limit_seconds: int | None

    @property
    def surely_too_long(self) -> bool:
        """Whether the waits alone outlast the limit: each batch waits before old copies go (documented)."""
        return self.limit_seconds is not None and self.update.wait_seconds > self.limit_seconds


@frozen
class Phase:
    """One moment of a change, at which copies must be placed (or merely run).

    ``kind`` is ``steady``, ``place`` or ``rollback``. ``placement`` lists
    ``{"InstanceType", "Instances", "Running": {component: copies}, "Placed": {component: copies}}``.
    ``proof`` carries the packing problem it is about, so that it can be checked alone, and stands on
    ``premises``. ``old`` and ``new`` count the component's copies before the phase and after it; ``step``
    tells which of the steps it is (``None``: nothing is placed). Of a change of the endpoint it is that of a
    ``component`` on a ``variant``.
    """

    name: str
    kind: str
    outcome: Outcome
    instances_now: int
    instances_needed: int | None
    placement: tuple[Mapping[str, Any], ...] | None = None
    proof: Evidence | Malformed | None = None
    old: tuple[int, int] | None = None
    new: tuple[int, int] | None = None
    step: StepNumber | None = None
    premises: Premises | None = None
    component: str | None = None
    variant: str | None = None


@frozen
class ChangeVerdict:
    """What will happen to one change.

    A change of an endpoint or of its configuration is of no component (its name is empty), but of
    ``endpoint_name`` or ``endpoint_config_name``.

    ``copies`` counts the component's that run before the change and those it asks for (``None`` for a change
    that was not placed). ``turns_on`` names the assumptions that nobody has set, and of which another value
    would give another outcome than the default, where neither is known. ``tried`` names what was tried as a
    remedy where none was found. ``fleet`` describes the instances it meets, and ``runs`` what was counted on
    them, for people. ``courses`` is what every course of it was tried on, where it was. ``hidden`` are the
    findings that are left out, and ``left_out`` says why where no setting does. ``file`` and ``path`` (a JSON
    path) say where the change was read; verdicts that differ in nothing else are equal.

    ``changed`` is what it changes of the component, ``way`` how copies are replaced, ``cause`` why it is
    refused, and ``resources`` names the places of a vector; all of these are for people.

    ``before`` is the component as the change meets it and ``expected`` as it is to be (``None``: there is
    none). Of a change that is blocked, ``at_rest`` says what would come of it once nothing is under way, and
    ``diagnosis`` what is under way and why, in a few lines.
    """

    operation: str
    inference_component_name: str
    outcome: Outcome
    phases: tuple[Phase, ...] = ()
    copies: tuple[int, int] | None = None
    instances_now: int | None = None
    peak_instances: int | None = None
    final_instances: int | None = None
    rollback_outcome: Outcome | None = None
    duration: Duration | None = None
    findings: tuple[Finding, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    tried: tuple[str, ...] = ()
    turns_on: tuple[str, ...] = ()
    fleet: str | None = None
    runs: str | None = None
    hidden: tuple[Finding, ...] = attrs.field(default=(), eq=False)
    changed: tuple[Difference, ...] = attrs.field(default=(), eq=False)
    way: str | None = attrs.field(default=None, eq=False)
    cause: Cause | None = attrs.field(default=None, eq=False)
    resources: tuple[str, ...] = attrs.field(default=(), eq=False)
    left_out: tuple[LeftOut, ...] = attrs.field(default=(), eq=False)
    endpoint_name: str | None = None
    endpoint_config_name: str | None = None
    courses: Courses | None = None
    file: str | None = attrs.field(default=None, eq=False)
    path: str | None = attrs.field(default=None, eq=False)
    before: ComponentState | None = None
    expected: ComponentState | None = None
    at_rest: AtRest | None = None
    diagnosis: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The name of what it changes: a component, else a configuration or an endpoint."""
        if self.operation == "CreateEndpointConfig":
            return f"configuration {self.endpoint_config_name or '(no name)'}"
        return self.inference_component_name or self.endpoint_name or "(no name)"


@frozen
class AssumptionUse:
    """The value an assumption had, what it rests on, and whether the verdict relied on it.

    ``otherwise`` gives the outcome under each other value with which it would be another. ``threshold`` says
    how far an amount that was relied on may be off.
    """

    name: str
    value: str
    basis: str
    relied_on: bool
    otherwise: Mapping[str, Outcome] = attrs.field(factory=dict)
    threshold: str | None = None


@frozen
class SnapshotIdentity:
    """Which snapshot a verdict speaks of, if any. ``fingerprint`` is a SHA-256 over its content.

    ``account_id``, ``region`` and ``index`` (a SHA-256 over what bears on capacity) as the snapshot tells.
    """

    fingerprint: str | None
    taken_at: str | None
    endpoint_name: str
    account_id: str | None = None
    region: str | None = None
    index: str | None = None


@frozen
class Verdict(Answer):
    """The answer to a change, or to several in order: that of the worst one.

    ``ignored`` has the rules whose findings were left out because the settings say so, with the reasons.
    ``config`` tells which settings were in force, ``judged`` has hashes of all that was judged, and ``units``
    counts the work that it took, the same on every machine; verdicts that differ in nothing else are equal.
    """

    snapshot: SnapshotIdentity
    changes: tuple[ChangeVerdict, ...]
    assumptions: tuple[AssumptionUse, ...] = ()
    ignored: Mapping[str, str] = attrs.field(factory=dict)
    config: ConfigInForce = attrs.field(factory=ConfigInForce, eq=False)
    judged: Judged | None = attrs.field(default=None, eq=False)
    units: int | None = attrs.field(default=None, eq=False)

    def __repr__(self) -> str:
        counts = f"changes={len(self.changes)}, findings={len(self.findings)}, remedies={len(self.remedies)}"
        return f"Verdict({str(self.outcome)!r}, {self.snapshot.endpoint_name!r}, {counts})"

    @property
    def outcome(self) -> Outcome:
        """The outcome of the worst change."""
        return Outcome.worst(change.outcome for change in self.changes)

    @property
    def fits(self) -> bool:
        """Whether every change fits, now or after scale-out."""
        return self.outcome.fits

    @property
    def exit_code(self) -> ExitCode:
        """What `icplan check` exits with, where no option asks for more: 0 fits, 1 fails, 3 is not sure.

        What the settings in force fail on counts.
        """
        from icplan.verdict.gate import exit_code, fail_on_of  # noqa: PLC0415  (it is about verdicts)

        return exit_code(self, fail_on_of(self))

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data, as `icplan check --format json` writes it, with its evidence."""
        from icplan.verdict.codec import to_dict  # noqa: PLC0415  (few want it as data)
        from icplan.verdict.gate import fail_on_of, failed_on  # noqa: PLC0415

        return to_dict(self, failed_on(self, fail_on_of(self)))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of every change, in order."""
        return tuple(finding for change in self.changes for finding in change.findings)

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """The remedies of every change, in order."""
        return tuple(remedy for change in self.changes for remedy in change.remedies)
