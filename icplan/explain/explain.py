"""Findings of capacity for a judged change: what is short, need, have, the largest value that works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.explain.doubt import doubts
from icplan.explain.larger import larger_type
from icplan.explain.remedies import remedies, tried
from icplan.explain.request_knobs import KIND, MEMBER
from icplan.explain.room import free_in, in_words, larger_than_empty, short_by_totals
from icplan.explain.words import count
from icplan.fleet.amounts import amount, amounts, figure, plain, unit
from icplan.fleet.model import ACCELERATORS, CPU, MEMORY
from icplan.judging.move import judge_move
from icplan.judging.worlds import Fails, surely
from icplan.rollout import Batch
from icplan.verdict import Finding, Outcome, Remedy, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.catalog.types import InstanceType
    from icplan.explain.room import Short
    from icplan.explain.workshop import Found, Workshop
    from icplan.fleet.model import Fleet
    from icplan.judging.move import JudgedMove
    from icplan.judging.step import Judged

RULE = {ACCELERATORS: "ICP301", MEMORY: "ICP302", CPU: "ICP303"}
PARTITION_RULE = "ICP304"
#: Groups of instances whose room a message lists.
MOST_LISTED = 4
AWS_HARDWARE = (
    "There is not enough hardware resources on the instances for this endpoint to create a copy of the "
    "inference component."
)


@attrs.frozen
class Explained:
    """What is to be said of a change: findings, remedies, and what was tried where there are none."""

    findings: tuple[Finding, ...]
    remedies: tuple[Remedy, ...]
    tried: tuple[str, ...]


@attrs.frozen
class Case:
    """Everything a finding may speak of. ``path`` is the JSON path of the request in its document."""

    shop: Workshop
    path: str
    found: Sequence[Found]

    @property
    def fleet(self) -> Fleet:
        """The fleet the change meets."""
        return self.shop.fleet

    @property
    def judged(self) -> JudgedMove:
        """The judgement that is explained."""
        return self.shop.judged

    def value(self, kind: str) -> int | None:
        """The best value of a knob, where turning it helps."""
        return next((one.value for one in self.found if one.remedy.kind == kind), None)


def explain(shop: Workshop, path: str) -> Explained:
    """The findings and remedies of a change. ``path`` is the JSON path of its request in its document."""
    looks = not shop.judged.outcome.fits and shop.judged.outcome is not Outcome.UNDECIDED
    found = remedies(shop) if looks else []
    case = Case(shop, path, found)
    findings = (*_forward(case), *_scale_out(case), *_rollback(case))
    nothing = looks and not found and not shop.budget.spent
    return Explained(findings, tuple(one.remedy for one in found), tried(shop) if nothing else ())


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
        first = worst.step.name.partition(":")[0]
        message = f"{steps} of {len(case.judged.steps)} steps {verb}; the first is {first}"
        yield Finding("ICP401", _severity(worst), message)
    if worst.outcome is Outcome.DOES_NOT_FIT:
        yield from _impossible(case, worst)
    else:
        yield from doubts(case.fleet, worst, case.shop.box, case.shop.budget)
    yield from _limits(case, worst)


def _severity(worst: Judged) -> Severity:
    return Severity.ERROR if worst.outcome is Outcome.DOES_NOT_FIT else Severity.WARNING


def _impossible(case: Case, worst: Judged) -> Iterator[Finding]:
    if worst.example is None:
        return
    if all(demand is None for demand in worst.example.problem.kinds[-1].demands):
        types = ", ".join(pool.type.name for pool in case.fleet.pools)
        message = f"no specification is for an instance type of this endpoint, which has {types}"
        yield Finding("ICP306", Severity.ERROR, message, path=_knob(case))
        return
    if over := larger_than_empty(worst.example):
        larger = larger_type(case.fleet.pools[0].type, case.judged.move.need)
        for one in over:
            yield _too_large(case, one, larger)
            larger = None  # once is enough
        return
    short = short_by_totals(worst.example)
    for one in short:
        most = "at most " if one.dimension in (CPU, MEMORY) else ""
        message = (
            f"{worst.step.name}: needs {amount(one.dimension, one.need)}; "
            f"the fleet has {most}{plain(one.dimension, one.have)} {unit(one.dimension)} left"
        )
        yield _short(case, RULE.get(one.dimension, PARTITION_RULE), message, one)
    if not short:
        yield _fragmented(case, worst)


def _too_large(case: Case, short: Short, larger: InstanceType | None) -> Finding:
    types = ", ".join(pool.type.name for pool in case.fleet.pools)
    message = (
        f"one copy needs {amount(short.dimension, short.need)}; "
        f"an empty {types} offers at most {amount(short.dimension, short.have)}"
    )
    if larger is not None:
        message += f"; the smallest type of that family that surely holds one is {larger.name}"
    return attrs.evolve(
        _capacity(case, "ICP306", message, short),
        path=_member(case, short.dimension) or _knob(case),
        **_largest_per_copy(case, short.dimension),
    )


def _short(case: Case, rule: str, message: str, short: Short) -> Finding:
    """Of memory the request may ask for less; of anything else for fewer copies."""
    finding = _capacity(case, rule, message, short)
    member = _member(case, MEMORY) if short.dimension == MEMORY else None
    per_copy = _largest_per_copy(case, MEMORY) if member else {}
    return attrs.evolve(finding, path=member, **per_copy) if per_copy else finding


def _fragmented(case: Case, worst: Judged) -> Finding:
    step, dimensions = worst.step, case.fleet.dimensions
    demand = next(d for pool in case.fleet.pools if (d := case.fleet.demand(step.need, pool.type.name)))
    message = f"{step.name}: a copy needs {amounts(dimensions, demand)} on one instance"
    world = surely(case.fleet, step, case.shop.box, case.fleet.room(), case.shop.budget)
    if isinstance(world, Fails):
        groups = free_in(world)[:MOST_LISTED]
        message += (
            f"; free, for example: {'; '.join(in_words(groups, dimensions, [bool(d) for d in demand]))}"
        )
    return _capacity(case, "ICP305", message, None)


def _capacity(case: Case, rule: str, message: str, short: Short | None) -> Finding:
    copies = case.value("fewer-copies")
    return Finding(
        rule,
        Severity.ERROR,
        message,
        path=_knob(case),
        need=None if short is None else figure(short.dimension, short.need),
        have=None if short is None else figure(short.dimension, short.have),
        unit=None if short is None else unit(short.dimension),
        largest_that_works=copies,
        largest_unit=None if copies is None else "copies",
        aws_error=AWS_HARDWARE,
    )


def _largest_per_copy(case: Case, dimension: str) -> dict[str, Any]:
    """The most of a resource that a copy may ask for, where asking for less of it alone helps."""
    value = case.value(KIND[dimension]) if dimension in KIND else None
    if value is None:
        return {}
    return {
        "largest_that_works": figure(dimension, value),
        "largest_unit": f"{unit(dimension)} per copy",
    }


def _member(case: Case, dimension: str) -> str | None:
    """The member of the request that asks for so much of a resource, if it asks for the same on all types."""
    asked = case.shop.request.get("Specification", {}).get("ComputeResourceRequirements", {})
    name = MEMBER.get(dimension)
    return f"{case.path}.Specification.ComputeResourceRequirements.{name}" if name in asked else None


def _knob(case: Case) -> str:
    """The member of the request that asks for the copies."""
    for member in ("DesiredRuntimeConfig", "RuntimeConfig"):
        if member in case.shop.request:
            return f"{case.path}.{member}.CopyCount"
    return f"{case.path}.Specification" if "Specification" in case.shop.request else case.path


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
            yield Finding(
                limit.rule, _severity(worst), message, need=needed, have=have, unit="instances", aws_error=aws
            )


def _scale_out(case: Case) -> Iterator[Finding]:
    if case.judged.outcome is Outcome.FITS_AFTER_SCALE_OUT:
        more = max(step.extra or 0 for step in case.judged.steps)
        need = case.judged.move.need
        types = [
            pool.type.name
            for pool in case.fleet.pools
            if case.fleet.demand(need, pool.type.name) is not None and case.fleet.room(pool.type.name)
        ]
        message = (
            f"up to {count(more, 'instance')} of {' or '.join(types)} will be launched; "
            "no API tells whether EC2 has that many at that moment"
        )
        yield Finding("ICP505", Severity.NOTE, message)


def _rollback(case: Case) -> Iterator[Finding]:
    worst = case.judged.worst_rollback
    if worst is None or worst.outcome.fits:
        return
    verb = "does not fit" if worst.outcome is Outcome.DOES_NOT_FIT else "may not fit"
    message = f"if the update fails half-way, going back {verb}: {worst.step.name}"
    if worst.extra is not None:
        message += f" takes {case.fleet.instances + worst.extra} instances"
    path = f"{case.path}.DeploymentConfig.RollingUpdatePolicy"
    yield Finding(
        "ICP402",
        Severity.WARNING,
        f"{message}; {_way_back(case)}",
        path=path if "DeploymentConfig" in case.shop.request else None,
    )


def _way_back(case: Case) -> str:
    """Whether going back one copy at a time would fit."""
    single = attrs.evolve(case.judged.move, rollback_batch=Batch("COPY_COUNT", 1))
    trial = attrs.evolve(case.shop.assumptions, used=set())
    judged = judge_move(case.fleet, single, case.shop.box, trial, case.shop.budget, known=0)
    if judged.rollback_outcome is not None and judged.rollback_outcome.fits:
        return "with RollbackMaximumBatchSize COPY_COUNT 1 it would fit"
    return "not even RollbackMaximumBatchSize COPY_COUNT 1 makes it fit, so let the fleet grow further"
