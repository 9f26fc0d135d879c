"""Find failed components that still hold room, and say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.question import demands_on
from icplan.feasibility.step import surely_fits
from icplan.fleet.dimensions import counted, format_amounts
from icplan.verdict.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.explain.shortage import Case
    from icplan.feasibility.step import StepResult
    from icplan.fleet.fleet import Component


def failed_findings(case: Case) -> Iterator[Finding]:
    """Each failed component that may hold room, with its reason, where a change is short of room."""
    if case.judged.outcome.fits:
        return
    for one in case.question.fleet.failed(besides=case.question.change.component):
        why = f" ({one.failure})" if one.failure else ""
        holds = counted(one.placed, "copy") if not one.in_flight else f"up to {counted(one.copies, 'copy')}"
        message = (
            f"{one.name} has failed{why}. It serves nobody, and holds {holds}{_each(case, one)} until it is "
            "deleted"
        )
        yield Finding("ICP322", Severity.WARNING, message)


def failed_causes(case: Case, worst: StepResult) -> bool:
    """Whether the step would surely fit, were it not for components that have failed."""
    question = case.question
    names = {one.name for one in question.fleet.failed(besides=question.change.component)}
    if not names:
        return False
    beside = tuple(entry for entry in worst.step.existing if entry.component.name not in names)
    others = tuple(one for one in question.fleet.components if one.name not in names)
    fleet = attrs.evolve(question.fleet, components=others).moved()
    without = attrs.evolve(question, fleet=fleet).about(attrs.evolve(worst.step, existing=beside))
    return surely_fits(without)


def _each(case: Case, one: Component) -> str:
    fleet = case.question.fleet
    demands = {*demands_on(fleet, one.need)} - {None}
    if len(demands) != 1:
        return ""
    (demand,) = demands
    return f" of {format_amounts(fleet.dimensions, demand or ())}"
