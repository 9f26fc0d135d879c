"""A diagnosis as data: what is under way or has ended, why, what comes next, what to do and what not."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import attrs

from icplan.values import Answer
from icplan.verdict.gate import ExitCode, exit_code_of

if TYPE_CHECKING:
    from icplan.verdict.outcome import Outcome
    from icplan.verdict.verdict import SnapshotIdentity


class State(enum.StrEnum):
    """Where a component, or its endpoint, stands."""

    AT_REST = "at-rest"
    GOING = "going"
    STUCK = "stuck"
    FAILING = "failing"
    FAILED = "failed"
    GONE = "gone"
    NOT_KNOWN = "not-known"


class Ended(enum.StrEnum):
    """What became of a write."""

    DONE = "done"
    ROLLED_BACK = "rolled-back"
    ROLLBACK_FAILED = "rollback-failed"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    DELETED = "deleted"
    NOT_KNOWN = "not-known"


class Basis(enum.StrEnum):
    """What a statement rests on."""

    DOCUMENTED = "documented"
    MEASURED = "measured"
    INFERRED = "inferred"
    NOT_DOCUMENTED = "not-documented"
    SNAPSHOT = "snapshot"
    JUDGED = "judged"


@attrs.frozen
class Raise:
    """A limit that an advice raises: which, how far as a number to compare, and how in words."""

    limit: str
    number: int
    how: str


@attrs.frozen
class Statement:
    """One sentence, and what it rests on.

    ``rule`` names the rule behind a cause; ``commands`` carry an advice out, as the AWS CLI takes them.
    ``at`` is the moment it speaks of, ``outcome`` what placing comes to then. ``raises`` is the limit that an
    advice raises, which others may want raised further.
    """

    message: str
    basis: Basis
    rule: str | None = None
    commands: tuple[str, ...] = ()
    at: str | None = None
    outcome: Outcome | None = None
    raises: Raise | None = attrs.field(default=None, eq=False, repr=False)


@attrs.frozen
class Step:
    """At which batch a rolling update is, from the first that it may be at to the last.

    ``of`` counts the batches; ``old`` and ``new`` are the fewest and the most copies of each that run.
    ``seen``: the new copies that surely ran at an earlier look, which a rollback may have taken since.
    """

    first: int
    last: int
    of: int
    old: tuple[int, int]
    new: tuple[int, int]
    basis: Basis
    seen: int = 0


@attrs.frozen
class Situation:
    """One component, or (without a name) the endpoint: how it stands.

    ``what`` says in words what is under way or was. ``elapsed_seconds`` counts since ``since``, its
    LastModifiedTime, until the snapshot was taken. ``failure_reason`` is AWS's text as it came. ``ended`` is
    ``None`` while something is under way, and where nothing tells of a write; ``ended_because`` says how it
    is known.
    """

    name: str | None
    status: str
    state: State
    what: str
    copies: tuple[int, int] | None = None
    since: str | None = None
    elapsed_seconds: int | None = None
    step: Step | None = None
    instances_arriving: int = 0
    causes: tuple[Statement, ...] = ()
    next: tuple[Statement, ...] = ()
    can: tuple[Statement, ...] = ()
    must_not: tuple[Statement, ...] = ()
    ended: Ended | None = None
    ended_because: Statement | None = None
    as_asked: bool = False
    failure_reason: str | None = None

    @property
    def exit_code(self) -> ExitCode:
        """0 at rest or done, 1 failed, rolled back or sure to, 3 still going, stuck or not known."""
        if self.ended in _FAILED or self.state in (State.FAILING, State.FAILED):
            return ExitCode.FAILS
        if self.ended is Ended.DELETED:
            return ExitCode.OK if self.as_asked else ExitCode.FAILS
        return ExitCode.OK if self.state is State.AT_REST else ExitCode.UNCERTAIN


_FAILED = (Ended.ROLLED_BACK, Ended.ROLLBACK_FAILED, Ended.FAILED, Ended.SUPERSEDED)
_ORDER = (ExitCode.FAILS, ExitCode.UNCERTAIN, ExitCode.OK)


@attrs.frozen
class Diagnosis(Answer):
    """How an endpoint's components stand, the worst first; there is always one."""

    snapshot: SnapshotIdentity
    situations: tuple[Situation, ...]

    def __repr__(self) -> str:
        of = f"{self.snapshot.endpoint_name!r}, situations={len(self.situations)}"
        return f"Diagnosis({str(self.state)!r}, {of})"

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data, as `icplan diagnose --format json` writes it."""
        from icplan.diagnosis.codec import to_dict  # noqa: PLC0415  (few want it as data)

        return to_dict(self)

    @property
    def worst(self) -> Situation:
        """The one that matters most."""
        return self.situations[0]

    @property
    def state(self) -> State:
        """Where the worst stands."""
        return self.worst.state

    @property
    def step(self) -> Step | None:
        """The step that the worst is at, if that can be told."""
        return self.worst.step

    @property
    def causes(self) -> tuple[Statement, ...]:
        """Why the worst does not go on."""
        return self.worst.causes

    @property
    def next(self) -> tuple[Statement, ...]:
        """What SageMaker will do."""
        return self.worst.next

    @property
    def can(self) -> tuple[Statement, ...]:
        """What can be done meanwhile."""
        return self.worst.can

    @property
    def must_not(self) -> tuple[Statement, ...]:
        """What must not be done."""
        return self.worst.must_not

    @property
    def ended(self) -> Ended | None:
        """How the worst ended, if it has."""
        return self.worst.ended

    @property
    def exit_code(self) -> ExitCode:
        """That of all of them: the first that holds of 1, 3, 0."""
        return exit_code_of([one.exit_code for one in self.situations])


def worst_first(situations: tuple[Situation, ...]) -> tuple[Situation, ...]:
    """Failed ones first, then what is not at rest, then the others."""
    return tuple(sorted(situations, key=lambda one: _ORDER.index(one.exit_code)))
