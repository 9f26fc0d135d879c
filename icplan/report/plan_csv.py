"""The tables of a plan as CSV: a row for each fleet that was compared, costs exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.documents.safe_text import safe_csv
from icplan.report.plan_table import fleet_rows
from icplan.report.plan_words import unit_of
from icplan.verdict.fleet_plan import HOURS_PER_MONTH, Measure
from icplan.verdict.fleet_plan_codec import money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.documents.safe_text import SafeText
    from icplan.verdict.fleet_plan import Plan

COLUMNS: Final = (
    "table",
    "name",
    "fleet",
    "steady",
    "peak",
    "unit",
    "cost",
    "peak_cost",
    "cost_per_month",
    "because",
)


def plan_csv(plan: Plan) -> SafeText:
    """One row a fleet; what is not known is empty."""
    return safe_csv([COLUMNS, *_rows(plan)])


def _rows(plan: Plan) -> Iterator[tuple[object, ...]]:
    paid = plan.by is Measure.COST
    unit = unit_of(plan)
    for row in fleet_rows(plan):
        month = row.cost * HOURS_PER_MONTH if paid and row.cost is not None else None
        costs = (
            None if one is None else money(one) if paid else one for one in (row.cost, row.peak_cost, month)
        )
        yield row.of, row.name.removeprefix("+ "), row.fleet, row.steady, row.peak, unit, *costs, row.because
