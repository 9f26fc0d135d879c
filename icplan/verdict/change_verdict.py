"""The verdict on one change: its phases, findings and remedies, why it is refused and what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.values import frozen

if TYPE_CHECKING:
    from icplan.verdict.component_state import AtRest, ComponentState
    from icplan.verdict.courses import Courses
    from icplan.verdict.finding import Finding, LeftOut
    from icplan.verdict.outcome import Outcome
    from icplan.verdict.phase import Duration, Phase
    from icplan.verdict.remedy import Remedy


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
