"""What comes of a change that is refused for what is under way, once all of that has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.judge.what_if import wait_remedy
from icplan.verdict.component_state import AtRest
from icplan.verdict.evidence import EveryCourse
from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from icplan.judge.state import ChangeResult
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.finding import Finding
    from icplan.verdict.gate import FailOn
    from icplan.verdict.remedy import Remedy

#: That a change before it fails, and that it is judged without that one: at rest it is judged with all.
_AFTER_FAILURE = "ICP407"


def as_if_at_rest(
    now: ChangeResult, then: ChangeResult, awaited: Sequence[str], fail_on: Collection[FailOn]
) -> ChangeResult:
    """A change that is blocked, with its steps, figures and findings as they are at rest.

    What it meets now is told beside them, and that it is refused. ``awaited`` is what to wait for, in words.
    """
    met, judged = now.verdict, then.verdict
    rest = AtRest(judged.outcome, judged.rollback_outcome)
    if judged.outcome is Outcome.INVALID or not met.inference_component_name:
        # Nothing would be placed then either, or it is the endpoint's that is told by its outcome alone.
        return attrs.evolve(now, verdict=attrs.evolve(met, at_rest=rest))
    judged = _told_alone(judged)
    wait = wait_remedy(awaited, judged.outcome, judged.rollback_outcome, fail_on)
    helps = _after_waiting(judged.remedies, awaited) if wait is None else (wait.remedy,)
    verdict = attrs.evolve(
        judged,
        outcome=met.outcome,
        at_rest=rest,
        findings=tuple(_findings(met.findings, judged.findings)),
        hidden=tuple(_findings(met.hidden, judged.hidden)),
        remedies=helps,
        tried=(),
        turns_on=(),
        **{name: getattr(met, name) for name in _AS_MET},
    )
    return attrs.evolve(
        now,
        verdict=verdict,
        relied_on=now.relied_on | then.relied_on,
        amounts=then.amounts,
        ignored=now.ignored | then.ignored,
    )


#: What is told of the endpoint as the change meets it now.
_AS_MET = ("fleet", "runs", "before", "expected", "changed")


def _after_waiting(remedies: Sequence[Remedy], awaited: Sequence[str]) -> tuple[Remedy, ...]:
    """What makes it fit at rest, as it can be done from now on: first what is under way has to end."""
    once = f"once {' and '.join(awaited)}"
    return tuple(
        attrs.evolve(one, description=f"{once}: {one.description}", once_at_rest=True) for one in remedies
    )


def _told_alone(judged: ChangeVerdict) -> ChangeVerdict:
    """The verdict without evidence that goes on from the change before it in the set."""
    if judged.courses is None or judged.courses.start is not None:
        return judged
    phases = (
        attrs.evolve(phase, proof=None, premises=None) if isinstance(phase.proof, EveryCourse) else phase
        for phase in judged.phases
    )
    return attrs.evolve(judged, phases=tuple(phases), courses=None)


def _findings(now: Sequence[Finding], then: Sequence[Finding]) -> Iterator[Finding]:
    """Why it is refused now, then what is found at rest."""
    refusing = [one for one in now if one.rule.startswith("ICP2") and one.severity is Severity.ERROR]
    yield from refusing
    told = {(one.rule, one.path) for one in refusing}
    yield from (one for one in then if one.rule != _AFTER_FAILURE and (one.rule, one.path) not in told)
