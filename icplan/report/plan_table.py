"""The fleets that a plan compares, one row each: what its conditions take, and what was passed over."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from icplan.report.plan_words import fleet_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.verdict.fleet_plan import PassedOver, Plan


class RowOf(enum.StrEnum):
    """Which table a row is of."""

    PLAN = "plan"
    HOLDS = "holds"
    PASSED_OVER = "passed over"


@attrs.frozen
class FleetRow:
    """A fleet: what it holds or is, its instances, and what it costs steadily and at its peak."""

    of: RowOf
    name: str
    fleet: str
    steady: int | None
    peak: int | None
    cost: int | None
    peak_cost: int | None
    because: str
    chosen: bool = False


def fleet_rows(plan: Plan) -> Iterator[FleetRow]:
    """All rows, in the order of the report."""
    yield FleetRow(
        RowOf.PLAN,
        "plan",
        fleet_in_words(plan.steady or ()),
        _sum(plan.steady),
        _sum(plan.peak),
        plan.cost,
        plan.peak_cost,
        str(plan.outcome),
    )
    yield from _tradeoff_rows(plan)
    yield from map(_passed_over_row, plan.passed_over)


def _tradeoff_rows(plan: Plan) -> Iterator[FleetRow]:
    own = plan.steady[0].type if plan.steady and len(plan.steady) == 1 else None
    each = next((one.cost for one in plan.types if one.name == own), None)
    for number, row in enumerate(plan.tradeoff, 1):
        yield FleetRow(
            RowOf.HOLDS,
            row.holds.strip(),
            f"{row.steady} x {own}" if own and row.steady is not None else "",
            row.steady,
            row.peak,
            row.cost,
            None if row.peak is None or each is None else row.peak * each,
            row.because,
            number == len(plan.promises),
        )


def _passed_over_row(passed: PassedOver) -> FleetRow:
    known = [one for one in passed.fleet if one.instances]
    return FleetRow(
        RowOf.PASSED_OVER,
        " + ".join(one.type for one in passed.fleet),
        fleet_in_words(known),
        _sum(known) if known else None,
        None,
        passed.cost,
        None,
        passed.because,
    )


def _sum(fleet: object) -> int | None:
    return None if not isinstance(fleet, tuple | list) else sum(one.instances for one in fleet)
