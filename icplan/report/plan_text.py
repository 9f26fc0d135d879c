"""A plan for a person: the fleet, what it holds and why that costs more, and what was passed over."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

import click

from icplan.documents.safe_text import safe_text
from icplan.fleet.dimensions import counted
from icplan.report.consolidation_text import consolidation_block
from icplan.report.plan_words import (
    counted_on,
    currency,
    fleet_in_words,
    grouped,
    month,
    per_hour,
    per_month,
    unit_of,
)
from icplan.report.style import PROSE, bullet, look, paragraph, printable
from icplan.verdict.fleet_plan import Measure, PlanOutcome, Within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.documents.safe_text import SafeText
    from icplan.verdict.fleet_plan import PassedOver, Plan

MAX_PASSED_OVER: Final = 5
"""Fleets that were passed over and are shown, unless all is told."""
MAX_LEFT_OUT: Final = 3
_GAP: Final = 2
_WIDEST_NAME: Final = 44
_OUTCOME: Final = {
    PlanOutcome.OPTIMAL: ("proven", "green"),
    PlanOutcome.WITHIN_GAP: ("within the gap", "green"),
    PlanOutcome.BEST_FOUND: ("best found", "yellow"),
    PlanOutcome.MAY_NOT_HOLD: ("may not hold", "yellow"),
    PlanOutcome.UNDECIDED: ("undecided", "yellow"),
    PlanOutcome.IMPOSSIBLE: ("impossible", "red"),
}


def render_plan(plan: Plan) -> SafeText:
    """The plan as text."""
    blocks = [list(_head(plan)), list(consolidation_block(plan))]
    if plan.impossible is not None:
        blocks.append(list(_impossible(plan)))
    if plan.tradeoff:
        blocks.append(_holds(plan))
    if plan.passed_over:
        blocks.append(_passed_over(plan))
    if plan.left_out and (look().verbose or plan.impossible is not None):
        blocks.append(list(_left_out(plan)))
    if plan.notes:
        blocks.append([line for note in plan.notes for line in bullet(note)])
    if plan.assumptions:
        told = ", ".join(f"{one.name}={one.value} ({one.basis})" for one in plan.assumptions)
        blocks.append(paragraph(f"rests on {told}", "", "  "))
    return safe_text("\n\n".join("\n".join(lines).rstrip("\n") for lines in blocks if lines) + "\n")


def _head(plan: Plan) -> Iterator[str]:
    prices = f" ({plan.prices.label})" if plan.prices else f" (by {plan.by})"
    number = sum(one.base is None for one in plan.components)
    adapters = len(plan.components) - number
    beside = f" and {counted(adapters, 'adapter')}" if adapters else ""
    told = f"{counted(number, 'component')}{beside}, {counted(plan.copies, 'copy')}"
    colour = _OUTCOME[plan.outcome][1]
    first, *rest = paragraph(f"PLAN for {told}{prices}", "", "  ")
    yield click.style("PLAN", fg=colour, bold=True) + first.removeprefix("PLAN")
    yield from rest
    yield ""
    if plan.steady is None:
        if plan.outcome is PlanOutcome.UNDECIDED:
            yield from paragraph(
                "no fleet was found, and no proof that there is none, with the effort and in the time that "
                "were given (--effort, --time-limit)"
            )
        return
    rows: list[tuple[str, ...]] = [("steady", fleet_in_words(plan.steady), *_costs(plan, plan.cost))]
    if plan.peak is not None and plan.cost is not None and plan.peak_cost is not None:
        most = "".join(f"{one.instances}" for one in plan.peak[:1])
        more = plan.peak_cost - plan.cost
        dearer = (f"+ {per_hour(plan, more)} {_while(plan)}",) if more else ()
        rows.append(("peak", f"{most} (MaxInstanceCount)", *dearer))
    yield from _columns(rows)
    yield from paragraph(_proof(plan))
    yield from _counted_on(plan)


def _while(plan: Plan) -> str:
    if plan.update_seconds is None:
        return "while an update runs"
    return f"while an update runs (at most {-(-plan.update_seconds // 60)} min each)"


def _proof(plan: Plan) -> str:
    bound = per_hour(plan, plan.bound)
    search = f"{counted(plan.search.cuts, 'cut')}, {counted(plan.search.packings, 'packing')}"
    match plan.outcome:
        case PlanOutcome.OPTIMAL:
            return f"proven cheapest (bound {bound}; {search})"
        case PlanOutcome.MAY_NOT_HOLD:
            return f"bound {bound}; what it promises may not hold (see below)"
    gap = 0.0 if not plan.bound or plan.cost is None else (plan.cost - plan.bound) * 100 / plan.bound
    return f"no allowed fleet costs less than {bound}; this one may cost up to {gap:.1f} % too much"


def _counted_on(plan: Plan) -> Iterator[str]:
    for text in counted_on(plan):
        yield from paragraph(f"counts on {text}", "  ", "    ")


def _holds(plan: Plan) -> list[str]:
    money = _header(plan)
    head = ("holds", "steady", "peak", money, "why it costs more")
    rows = [
        (
            one.holds,
            _number(one.steady),
            _number(one.peak),
            _total(plan, one.cost),
            one.because,
        )
        for one in plan.tradeoff
    ]
    return _table([head, *rows])


def _passed_over(plan: Plan) -> list[str]:
    shown = plan.passed_over if look().verbose else plan.passed_over[:MAX_PASSED_OVER]
    pairs = [one for one in plan.passed_over if len(one.fleet) > 1]
    shown = (*shown, *(one for one in pairs if one not in shown))
    head = ("passed over", "steady", _header(plan), "because")
    rows = [
        (
            _passed_name(one),
            _number(one.fleet[0].instances if len(one.fleet) == 1 and one.cost is not None else None),
            _total(plan, one.cost),
            one.because,
        )
        for one in shown
    ]
    lines = _table([head, *rows])
    if more := len(plan.passed_over) - len(shown):
        lines.append(f"and {more} more (--verbose)")
    return lines


def _passed_name(one: PassedOver) -> str:
    if len(one.fleet) == 1:
        return one.fleet[0].type
    return fleet_in_words(one.fleet)


def _left_out(plan: Plan) -> Iterator[str]:
    shown = plan.left_out if look().verbose else plan.left_out[:MAX_LEFT_OUT]
    rows = [("not compared", "because"), *((one.name, one.because) for one in shown)]
    yield from _columns(rows, indent="")
    if more := len(plan.left_out) - len(shown):
        yield f"and {more} more (--verbose)"


def _impossible(plan: Plan) -> Iterator[str]:
    why = plan.impossible
    if why is None:
        return
    conditions = " and ".join(why.conditions)
    whose = f" ({', '.join(why.components)})" if why.components else ""
    within = " within the steady fleet" if plan.within is Within.STEADY else ""
    text = f"IMPOSSIBLE: no allowed fleet holds {conditions}{whose}{within}: {why.limit}"
    first, *rest = paragraph(text, "", "  ")
    yield click.style("IMPOSSIBLE", fg="red", bold=True) + first.removeprefix("IMPOSSIBLE")
    yield from rest


# -- figures ------------------------------------------------------------------------------------------------


def _number(count: int | None) -> str:
    return "-" if count is None else str(count)


def _costs(plan: Plan, amount: int | None) -> tuple[str, ...]:
    """Of an hour and of a month; of what is no money the amount alone."""
    return () if amount is None else tuple(dict.fromkeys((per_hour(plan, amount), per_month(plan, amount))))


def _total(plan: Plan, amount: int | None) -> str:
    """A cost as tables have it: money a month, else what is counted."""
    if amount is None:
        return "-"
    return month(amount) if plan.by is Measure.COST else grouped(amount)


def _header(plan: Plan) -> str:
    return f"~{currency(plan)}/month" if plan.by is Measure.COST else unit_of(plan)


# -- tables -------------------------------------------------------------------------------------------------


def _columns(rows: Sequence[tuple[str, ...]], indent: str = "  ") -> Iterator[str]:
    """Rows whose texts begin below each other."""
    # The last text of a row goes on as far as it likes.
    widths = [
        max((len(printable(row[n])) for row in rows if len(row) > n + 1), default=0)
        for n in range(max(map(len, rows)))
    ]
    for row in rows:
        cells = [printable(cell).ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield f"{indent}{(' ' * (_GAP + 1)).join(cells)}".rstrip()


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Names, numbers below their heads at the right, and a last column of prose that goes on below itself."""
    name = max(len(printable(row[0])) for row in rows)
    name = min(name, _WIDEST_NAME)
    widths = [max(len(row[n]) for row in rows) for n in range(1, len(rows[0]) - 1)]
    lines: list[str] = []
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row[1:-1], widths, strict=True) if width]
        first = f"{printable(row[0]).ljust(name)}  {'  '.join(cells)}  "
        room = max(20, min(PROSE, look().width) - len(first))
        prose = textwrap.wrap(printable(row[-1]), room, break_long_words=False) or [""]
        lines.append(f"{first}{prose[0]}".rstrip())
        lines += [" " * len(first) + more for more in prose[1:]]
    return lines
