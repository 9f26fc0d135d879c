"""A plan's trade-off as a plot: what each fleet costs steadily, and at its peak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.documents.safe_text import safe_html
from icplan.report.html_assets import COLOURS, PLOT_STYLE
from icplan.report.markup import Markup, tag
from icplan.report.plan_table import RowOf, fleet_rows
from icplan.report.plan_words import currency, fleet_in_words, grouped, in_full, per_month, unit_of
from icplan.verdict.fleet_plan import MONEY_UNITS, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.documents.safe_text import SafeText
    from icplan.report.plan_table import FleetRow
    from icplan.verdict.fleet_plan import Plan

#: Pixels: a drawing's width and margin, the names left of the bars, the figures right of them, a row, a bar.
_WIDTH, _MARGIN, _LEFT, _RIGHT, _ROW, _BAR = 880, 14, 320, 160, 30, 16
_SPAN = _WIDTH - _LEFT - _RIGHT
#: Characters of a name, fleets passed over that are drawn, lines across.
_NAME, _PASSED, _TICKS = 36, 8, 5
_HEADINGS = {RowOf.HOLDS: "What it holds", RowOf.PASSED_OVER: "Passed over"}


def plan_svg(plan: Plan) -> SafeText:
    """The plot as a file of its own, light or dark as its reader is."""
    style = Markup(f"<style>{COLOURS}{PLOT_STYLE}</style>")
    return safe_html(f"{tradeoff_plot(plan, style)}\n")


def tradeoff_plot(plan: Plan, style: Markup | None = None) -> Markup:
    """The plot: a bar for each fleet, what its peak costs beyond the steady one in outline."""
    rows = list(_drawn(plan))
    most = max((row.peak_cost or row.cost or 0 for row in rows), default=0)
    step = _step(most)
    top = step * -(-most // step)
    parts: list[Markup] = []
    y = 72
    for kind, heading in _HEADINGS.items():
        own = [row for row in rows if row.of is kind]
        if own:
            parts.append(tag("text", heading, x=_MARGIN, y=y + 16, class_="head"))
            y += 26
        for row in own:
            parts.append(_row(plan, row, y, top))
            y += _ROW
    height = y + 16
    words = _in_words(plan, rows)
    return tag(
        "svg",
        tag("title", words),
        style,
        tag("rect", x=0, y=0, width=_WIDTH, height=height, class_="ground"),
        tag("text", _title(plan), x=_MARGIN, y=22, class_="head"),
        *_legend(plan),
        *_axis(plan, top, step, height),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_WIDTH} {height}",
        role="img",
        aria_label=words,
        class_="plot",
    )


def _drawn(plan: Plan) -> Iterator[FleetRow]:
    rows = [row for row in fleet_rows(plan) if row.cost is not None]
    yield from (row for row in rows if row.of is RowOf.HOLDS)
    yield from [row for row in rows if row.of is RowOf.PASSED_OVER][:_PASSED]


def _title(plan: Plan) -> str:
    fleet = fleet_in_words(plan.steady or ()) or "no fleet"
    return f"{fleet}{f'; {plan.prices.label}' if plan.prices else ''}"


def _step(most: int) -> int:
    """A round number of which some fit below the most: 1, 2 or 5 of a power of ten."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if step * factor * _TICKS >= most:
                return step * factor
        step *= 10


def _at(cost: int, top: int) -> int:
    return _LEFT + (_SPAN * cost // top if top else 0)


def _axis(plan: Plan, top: int, step: int, height: int) -> Iterator[Markup]:
    for cost in range(0, top + 1, step):
        x = _at(cost, top)
        yield tag("line", x1=x, y1=66, x2=x, y2=height - 10)
        last = f" {currency(plan)}/h" if plan.by is Measure.COST else f" {unit_of(plan)}"
        label = _tick(plan, cost) + (last if cost + step > top else "")
        yield tag("text", label, x=x + 3, y=60, class_="dim")


def _tick(plan: Plan, cost: int) -> str:
    if plan.by is not Measure.COST:
        return grouped(cost)
    return grouped(cost // MONEY_UNITS) if cost % MONEY_UNITS == 0 else in_full(cost)


def _legend(plan: Plan) -> Iterator[Markup]:
    del plan
    for x, kind, words in ((_LEFT, "steady", "steady"), (_LEFT + 80, "peak", "more at the peak")):
        yield tag("rect", x=x, y=32, width=14, height=12, class_=kind)
        yield tag("text", words, x=x + 20, y=42, class_="dim")


def _row(plan: Plan, row: FleetRow, y: int, top: int) -> Markup:
    cost, peak = row.cost or 0, row.peak_cost
    start, end = _at(0, top), _at(cost, top)
    furthest = max(end, _at(peak or 0, top))
    parts = [
        tag("title", f"{row.name}: {_figures(plan, row)}{f'; {row.because}' if row.because else ''}"),
        tag("text", _short(row.name if row.of is RowOf.HOLDS else row.fleet), x=_MARGIN, y=y + 13),
        tag("text", _instances(row), x=_LEFT - 8, y=y + 13, class_="dim count"),
        tag("rect", x=start, y=y, width=max(1, end - start), height=_BAR, class_="steady"),
    ]
    if furthest > end:
        parts.append(tag("rect", x=end, y=y, width=furthest - end, height=_BAR, class_="peak"))
    parts.append(tag("text", _figures(plan, row), x=furthest + 6, y=y + 13))
    return tag("g", *parts, class_="chosen" if row.chosen else None)


def _instances(row: FleetRow) -> str:
    """``11 to 14``: steady, and at the peak."""
    counts = [str(one) for one in dict.fromkeys((row.steady, row.peak)) if one is not None]
    return " to ".join(counts)


def _figures(plan: Plan, row: FleetRow) -> str:
    """``69.024, peak 80.528``."""
    said = [_amount(plan, row.cost or 0)]
    if row.peak_cost is not None and row.peak_cost != row.cost:
        said.append(f"peak {_amount(plan, row.peak_cost)}")
    return ", ".join(said)


def _amount(plan: Plan, cost: int) -> str:
    return in_full(cost) if plan.by is Measure.COST else grouped(cost)


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}\N{HORIZONTAL ELLIPSIS}"


def _in_words(plan: Plan, rows: Sequence[FleetRow]) -> str:
    """The whole plot for who does not see it."""
    told = [f"{row.name}: {per_month(plan, row.cost or 0)}" for row in rows]
    if plan.by is Measure.COST and plan.cost is not None:
        told.insert(0, f"the plan costs {per_month(plan, plan.cost)}")
    return "; ".join((_title(plan), *told))
