"""What an endpoint runs beside what a plan would, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.fleet.dimensions import counted
from icplan.report.plan_words import fleet_in_words, per_hour, per_month
from icplan.report.style import paragraph
from icplan.verdict.consolidation import Worth
from icplan.verdict.fleet_plan import Measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.verdict.consolidation import Consolidation, Moves
    from icplan.verdict.fleet_plan import Plan

_BASIS: Final = {"not-documented": "", "judged": ""}


def consolidation_rows(plan: Plan) -> Iterator[tuple[str, str]]:
    """Each line of it as a name and what is told; nothing where the plan is of no endpoint."""
    found = plan.consolidation
    if found is None:
        return
    yield "now", _costing(plan, fleet_in_words(found.now), found.cost_now)
    if found.needed is not None:
        yield "needed", _costing(plan, fleet_in_words(found.needed), found.cost_needed)
    yield "saves", _saved(plan, found)
    if found.moves is not None:
        yield "moves", _moved(found.moves)
    for one in found.by_itself:
        basis = _BASIS.get(one.basis, f" ({one.basis})")
        yield "by itself", f"{one.message}{basis}"
    for note in found.notes:
        yield "note", note


def consolidation_block(plan: Plan) -> Iterator[str]:
    """The lines of the text report."""
    if plan.consolidation is None:
        return
    yield from paragraph(headline(plan.consolidation), "", "  ")
    yield ""
    before = ""
    for name, told in consolidation_rows(plan):
        yield from paragraph(told, f"  {'' if name == before else name:<11}", " " * 13)
        before = name


def headline(found: Consolidation) -> str:
    """``CONSOLIDATION of prod-llm, as of 2026-11-20T02:11:08Z``, with what it comes to."""
    taken = f", as of {found.taken_at}" if found.taken_at else ""
    worth = f": not worth it (--min-savings {found.threshold})" if found.worth is Worth.NOT_WORTH_IT else ""
    return f"CONSOLIDATION of {found.endpoint}{taken}{worth}"


def _costing(plan: Plan, fleet: str, cost: int | None) -> str:
    return f"{fleet or 'nothing'}{'' if cost is None else f', {_amounts(plan, cost)}'}"


def _amounts(plan: Plan, cost: int) -> str:
    """Of an hour and of a month; of what is no money the amount alone."""
    return ", ".join(dict.fromkeys((per_hour(plan, cost), per_month(plan, cost))))


def _saved(plan: Plan, found: Consolidation) -> str:
    savings = found.savings
    if savings is None or found.cost_now is None:
        return "not known"
    if savings < 0:
        return f"nothing: the plan takes {_amounts(plan, -savings)} more"
    if savings == 0:
        return "nothing"
    share = savings * 100 // found.cost_now
    what = _amounts(plan, savings) if plan.by is Measure.COST else per_hour(plan, savings)
    return f"{what} ({share} %)" if share else what


def _moved(moves: Moves) -> str:
    of = f"of {counted(moves.copies, 'copy')}"
    if moves.least == moves.most:
        return f"{moves.most} {of}"
    unknown = "" if moves.known else "; which instance holds which copy is not known"
    return f"at least {moves.least} {of}, at most {moves.most}{unknown}"
