"""Findings of capacity for a judged change: what is short, need, have, the largest value that works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.explain.doubt import doubts
from icplan.explain.remedies import Workshop, remedies
from icplan.explain.room import free_in, in_words, larger_than_empty, short_by_totals
from icplan.explain.words import amount, amounts, count, unit
from icplan.fleet.model import ACCELERATORS, CPU, MEMORY
from icplan.judging.worlds import Fails, surely
from icplan.verdict import Finding, Outcome, Remedy, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.assumptions import Assumptions
    from icplan.explain.remedies import Found
    from icplan.explain.room import Short
    from icplan.fleet.model import Fleet
    from icplan.judging.box import Box
    from icplan.judging.move import JudgedMove
    from icplan.judging.step import Judged
    from icplan.packing import Budget

RULE = {ACCELERATORS: "ICP301", MEMORY: "ICP302", CPU: "ICP303"}
PARTITION_RULE = "ICP304"
#: Groups of instances whose room a message lists.
MOST_LISTED = 4
AWS_HARDWARE = (
    "There is not enough hardware resources on the instances for this endpoint to create a copy of the "
    "inference component."
)


@attrs.frozen
class Case:
    """Everything a finding may speak of."""

    fleet: Fleet
    judged: JudgedMove
    box: Box
    budget: Budget
    path: str
    request: Mapping[str, Any]
    found: Mapping[str, Found]

    def value(self, kind: str) -> int | None:
        """The best value of a knob, where turning it helps."""
        return self.found[kind].value if kind in self.found else None


def explain(
    fleet: Fleet,
    judged: JudgedMove,
    box: Box,
    assumptions: Assumptions,
    budget: Budget,
    request: Mapping[str, Any],
    path: str,
) -> tuple[tuple[Finding, ...], tuple[Remedy, ...]]:
    """The findings and remedies of a change. ``path`` is the JSON path of ``request`` in its document."""
    found: dict[str, Found] = {}
    if not judged.outcome.fits and not budget.spent:
        found = remedies(Workshop(fleet, judged, box, assumptions, budget, request))
    case = Case(fleet, judged, box, budget, path, request, found)
    findings = [*_forward(case), *_scale_out(case), *_rollback(case)]
    return tuple(findings), tuple(entry.remedy for entry in found.values())


def _forward(case: Case) -> Iterator[Finding]:
    worst = case.judged.worst_step
    if worst is None or worst.outcome.fits:
        return
    if worst.outcome is Outcome.UNDECIDED:
        yield Finding("ICP309", Severity.WARNING, f"{worst.step.name}: not decided in the time allowed")
        return
    if len(case.judged.steps) > 1:
        steps = sum(1 for step in case.judged.steps if step.outcome is worst.outcome)
        verb = "find no room" if worst.outcome is Outcome.DOES_NOT_FIT else "may find no room"
        message = f"{steps} of {len(case.judged.steps)} steps {verb}, the first is {worst.step.name}"
        yield Finding("ICP401", _severity(worst), message)
    if worst.outcome is Outcome.DOES_NOT_FIT:
        yield from _impossible(case, worst)
    else:
        yield from doubts(case.fleet, worst, case.box, case.budget)
    yield from _limits(case, worst)


def _severity(worst: Judged) -> Severity:
    return Severity.ERROR if worst.outcome is Outcome.DOES_NOT_FIT else Severity.WARNING


def _impossible(case: Case, worst: Judged) -> Iterator[Finding]:
    if worst.example is None:
        return
    if all(demand is None for demand in worst.example.problem.kinds[-1].demands):
        types = ", ".join(pool.type.name for pool in case.fleet.pools)
        message = f"no specification is for an instance type of this endpoint, which has {types}"
        yield Finding("ICP306", Severity.ERROR, message, path=_where(case, memory=False))
        return
    if over := larger_than_empty(worst.example):
        for one in over:
            yield _too_large(case, one)
        return
    short = short_by_totals(worst.example)
    for one in short:
        message = (
            f"{worst.step.name}: needs {amount(one.dimension, one.need)}, "
            f"of which the fleet has {amount(one.dimension, one.have)} left"
        )
        yield _capacity(case, RULE.get(one.dimension, PARTITION_RULE), message, one)
    if not short:
        yield _fragmented(case, worst)


def _too_large(case: Case, short: Short) -> Finding:
    types = ", ".join(pool.type.name for pool in case.fleet.pools)
    message = (
        f"one copy needs {amount(short.dimension, short.need)}; "
        f"an empty {types} offers at most {amount(short.dimension, short.have)}"
    )
    finding = _capacity(case, "ICP306", message, short)
    return attrs.evolve(finding, largest_that_works=unit(short.dimension, short.have))


def _fragmented(case: Case, worst: Judged) -> Finding:
    step, dimensions = worst.step, case.fleet.dimensions
    demand = next(d for pool in case.fleet.pools if (d := case.fleet.demand(step.need, pool.type.name)))
    message = (
        f"{step.name}: the fleet has room in total, but in pieces: "
        f"a copy needs {amounts(dimensions, demand)} on one instance"
    )
    world = surely(case.fleet, step, case.box, case.fleet.room(), case.budget)
    if isinstance(world, Fails):
        groups = free_in(world)[:MOST_LISTED]
        message += "; for instance " + ", ".join(in_words(groups, dimensions, [bool(d) for d in demand]))
    return _capacity(case, "ICP305", message, None)


def _capacity(case: Case, rule: str, message: str, short: Short | None) -> Finding:
    memory = short is not None and short.dimension == MEMORY
    works = case.value("less-memory") if memory else case.value("fewer-copies")
    return Finding(
        rule,
        Severity.ERROR,
        message,
        path=_where(case, memory=memory),
        need=None if short is None else unit(short.dimension, short.need),
        have=None if short is None else unit(short.dimension, short.have),
        largest_that_works=works,
        aws_error=AWS_HARDWARE,
    )


def _where(case: Case, *, memory: bool) -> str:
    """The member of the request that asks for too much."""
    specification = case.request.get("Specification", {})
    if memory and "ComputeResourceRequirements" in specification:
        return f"{case.path}.Specification.ComputeResourceRequirements.MinMemoryRequiredInMb"
    for member in ("DesiredRuntimeConfig", "RuntimeConfig"):
        if member in case.request:
            return f"{case.path}.{member}.CopyCount"
    return f"{case.path}.Specification" if specification else case.path


def _limits(case: Case, worst: Judged) -> Iterator[Finding]:
    """Which limit keeps the fleet from growing as far as it would help."""
    if worst.extra is None:
        return
    fleet = case.fleet
    needed = fleet.instances + worst.extra
    for limit in fleet.limits:
        if limit.extra < worst.extra:
            message = f"{needed} instances would surely do ({fleet.instances} run), but {limit.message}"
            aws = limit.aws_error.format(delta=worst.extra) if limit.aws_error else None
            have = fleet.instances + limit.extra
            yield Finding(limit.rule, _severity(worst), message, need=needed, have=have, aws_error=aws)


def _scale_out(case: Case) -> Iterator[Finding]:
    if case.judged.outcome is Outcome.FITS_AFTER_SCALE_OUT:
        more = max(step.extra or 0 for step in case.judged.steps)
        types = " or ".join(pool.type.name for pool in case.fleet.pools)
        yield Finding(
            "ICP505",
            Severity.NOTE,
            f"launches up to {count(more, 'instance')} of {types}; whether EC2 has them at that moment "
            "is not checked, nor can it be",
        )


def _rollback(case: Case) -> Iterator[Finding]:
    worst = case.judged.worst_rollback
    if worst is None or worst.outcome.fits:
        return
    verb = "does not fit" if worst.outcome is Outcome.DOES_NOT_FIT else "may not fit"
    hint = (
        "set RollbackMaximumBatchSize, so that not all old copies come back at once"
        if case.judged.move.rollback_batch is None
        else "make RollbackMaximumBatchSize smaller, or let the fleet grow"
    )
    message = f"a rollback {verb}: {worst.step.name}; {hint}"
    path = f"{case.path}.DeploymentConfig.RollingUpdatePolicy"
    yield Finding(
        "ICP402", Severity.WARNING, message, path=path if "DeploymentConfig" in case.request else None
    )
