"""The findings of a judged change, in order: shortage, doubt, limits, scale-out, rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from icplan.explain.failed_components import failed_causes, failed_findings
from icplan.explain.shortage import Case, shortages
from icplan.feasibility.every_step import outcome_of_going_back
from icplan.feasibility.question import demands_on
from icplan.fleet.dimensions import counted, in_unit, unit
from icplan.fleet.growth_limits import SCALING
from icplan.rollout.steps import Batch
from icplan.rules.capacity_reasons import allow_more
from icplan.verdict.finding import Amount, Finding, Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.feasibility.step import StepResult
    from icplan.fleet.fleet import Fleet
    from icplan.rules.capacity_reasons import CapacityReason

_NO_INSTANCE: Final = "InsufficientInstanceCapacity"
_MOST_NAMED: Final = 3


def explain(case: Case) -> tuple[Finding, ...]:
    """The findings of a change that was judged."""
    found = (*_of_the_steps(case), *failed_findings(case), *_scale_out(case), *_rollback(case))
    amounts = tuple(_amounts(case))
    return tuple(one if one.need is not None else attrs.evolve(one, amounts=amounts) for one in found)


def _amounts(case: Case) -> Iterator[Amount]:
    """What a change comes to, for findings without a figure: it tells later whether more is asked for."""
    fleet, change = case.question.fleet, case.question.change
    yield Amount(change.copies, None, "copies")
    yield Amount(None, fleet.instances, "instances")
    told = [fleet.told(demand) for demand in demands_on(fleet, change.need) if demand is not None]
    for dimension, amounts in zip(fleet.dimensions, zip(*told, strict=True), strict=False):
        if most := max(amounts):
            yield Amount(in_unit(dimension, most), None, f"{unit(dimension)} per copy")


def _of_the_steps(case: Case) -> Iterator[Finding]:
    worst = case.judged.worst_step
    if worst is None or worst.outcome.fits:
        return
    if worst.outcome is Outcome.UNDECIDED:
        from icplan.explain.uncertainty import not_decided  # noqa: PLC0415  (mostly it is known)

        yield not_decided(worst, case.question.budget.ended).finding
        return
    yield from (reason.finding for reason in reasons(case, worst))
    if len(case.judged.steps) > 1:
        steps = sum(1 for step in case.judged.steps if step.outcome is worst.outcome)
        verb = "find no room" if worst.outcome is Outcome.DOES_NOT_FIT else "may find no room"
        first = worst.step.name.partition(":")[0]
        message = f"{steps} of {len(case.judged.steps)} steps {verb}; the first is {first}"
        yield Finding("ICP401", _severity(worst), message)
    yield from _limits(case, worst)


def reasons(case: Case, worst: StepResult) -> Iterator[CapacityReason]:
    """Why the worst step does not fit, or may not: beside components that have failed, if these are why."""
    if worst.outcome is Outcome.DOES_NOT_FIT:
        yield from shortages(case, worst)
    elif not failed_causes(case, worst):
        from icplan.explain.uncertainty import uncertainties  # noqa: PLC0415  (mostly it is known)

        yield from uncertainties(case.question, worst)


def _severity(worst: StepResult) -> Severity:
    return Severity.ERROR if worst.outcome is Outcome.DOES_NOT_FIT else Severity.WARNING


def _limits(case: Case, worst: StepResult) -> Iterator[Finding]:
    """Which limit keeps the fleet from growing as far as it would help."""
    if worst.extra_instances is None:
        return
    fleet = case.question.fleet
    known = [step.extra_instances for step in case.judged.steps if step.extra_instances is not None]
    whole = len(known) == len(case.judged.steps)
    extra = max(known) if whole else worst.extra_instances
    for limit in fleet.limits:
        if limit.remaining < extra:
            needed = fleet.instances + extra
            step = "" if whole else f" for {worst.step.name.partition(':')[0]}"
            there = "run now" if case.runs_now else "by then"
            enough = f"{needed} instances would be enough{step} ({fleet.instances} {there})"
            if whole and limit.rule in SCALING:
                enough, needed = _by_configuration(case, enough, needed)
            aws = limit.aws_error.format(delta=worst.extra_instances) if limit.aws_error else None
            yield Finding(
                limit.rule,
                _severity(worst),
                f"{enough}, but {limit.message}",
                need=needed,
                have=fleet.instances + limit.remaining,
                unit="instances",
                aws_error=aws,
            )


def _by_configuration(case: Case, enough: str, needed: int) -> tuple[str, int]:
    """What is enough, and how many instances that takes, where only another configuration allows more.

    It places every copy anew, so that more may be needed than where each lies as it does.
    """
    if case.enough_anew == needed:
        return enough, needed
    lying = f"{enough} with copies where they lie"
    if case.enough_anew is None:
        return lying, needed
    return f"{lying}, {case.enough_anew} once a new configuration has placed them anew", case.enough_anew


def _scale_out(case: Case) -> Iterator[Finding]:
    if case.judged.outcome is Outcome.FITS_AFTER_SCALE_OUT:
        more = max(step.extra_instances or 0 for step in case.judged.steps)
        if not more:
            return  # as many as are counted now come back, or are on their way
        fleet = case.question.fleet
        types = [
            pool.type.name
            for pool, demand in zip(fleet.pools, demands_on(fleet, case.question.change.need), strict=True)
            if demand is not None and fleet.scale_out_allowance(pool.type.name)
        ]
        quota = any(limit.rule == "ICP502" for limit in fleet.limits)
        message = (
            f"up to {counted(more, 'instance')} of {' or '.join(types)} will be launched; "
            + ("" if quota else "the snapshot has no quota for them, and ")
            + "no API tells whether EC2 has that many at that moment"
            + _had_none(fleet)
        )
        yield Finding("ICP505", Severity.NOTE, message)


def _had_none(fleet: Fleet) -> str:
    """That EC2 had no instance when components were last refused, as their FailureReasons say."""
    names = [one.name for one in fleet.components if one.failure and _NO_INSTANCE in one.failure]
    if not names:
        return ""
    of = f"{', '.join(names[:_MOST_NAMED])}{' and others' if len(names) > _MOST_NAMED else ''}"
    return (
        f"; a write to {of} has failed with {_NO_INSTANCE}, by the FailureReason that is still there: where "
        "EC2 has none again, try later or another type, or use a capacity reservation or instance pools"
    )


def _rollback(case: Case) -> Iterator[Finding]:
    worst = case.judged.worst_rollback
    if worst is None or worst.outcome.fits:
        return
    if worst.outcome is Outcome.UNDECIDED:
        message = f"whether going back fits, if the update fails half-way, was not decided: {worst.step.name}"
        yield Finding("ICP402", Severity.WARNING, f"{message}; {allow_more(case.question.budget.ended)}")
        return
    verb = "does not fit" if worst.outcome is Outcome.DOES_NOT_FIT else "may not fit"
    message = f"if the update fails half-way, going back {verb}: {worst.step.name}"
    if worst.extra_instances is not None:
        message += f" takes {case.question.fleet.instances + worst.extra_instances} instances"
    path = f"{case.path}.DeploymentConfig.RollingUpdatePolicy"
    yield Finding(
        "ICP402",
        Severity.WARNING,
        f"{message}; {_smaller_rollback_note(case)}",
        path=path if "DeploymentConfig" in case.request else None,
    )


def _smaller_rollback_note(case: Case) -> str:
    """Whether going back one copy at a time would fit."""
    question = case.question
    if question.budget.exhausted:
        return f"whether smaller batches would fit was not looked at; {allow_more(question.budget.ended)}"
    single = attrs.evolve(question.change, rollback_batch=Batch("COPY_COUNT", 1))
    back = outcome_of_going_back(attrs.evolve(question, change=single))
    if back is not None and back.fits:
        return "with RollbackMaximumBatchSize COPY_COUNT 1 it would fit"
    if back is Outcome.UNDECIDED:
        more = allow_more(question.budget.ended)
        return f"whether it would with RollbackMaximumBatchSize COPY_COUNT 1 was not decided; {more}"
    return "not even RollbackMaximumBatchSize COPY_COUNT 1 makes it fit, so let the fleet grow further"
