"""The fleets and the costs of a plan in words: exact by the hour, about so much by the month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.fleet.dimensions import counted, in_words
from icplan.fleet.fleet import CPU
from icplan.verdict.fleet_plan import HOURS_PER_MONTH, MONEY_UNITS, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.verdict.fleet_plan import Plan, TypeCount

_DECIMALS = len(str(MONEY_UNITS)) - 1


def fleet_in_words(fleet: Sequence[TypeCount]) -> str:
    """``12 x ml.g6.12xlarge``, several types joined by ``+``."""
    return " + ".join(f"{one.instances} x {one.type}" for one in fleet)


def counted_on(plan: Plan) -> Iterator[str]:
    """What the promises count on of each instance: ``4 accelerators for copies on each ml.g6.12xlarge``."""
    names = [one.type for one in plan.steady or ()]
    for one in plan.types:
        if one.name in names:
            told = [
                in_words(dimension, round(amount * plan.cpu_unit) if dimension == CPU else amount)
                for dimension, amount in zip(plan.dimensions, one.capacity, strict=True)
                if amount
            ]
            yield f"{', '.join(told)} for copies on each {one.name}"


def currency(plan: Plan) -> str:
    """``$``, or the code of another currency."""
    code = plan.prices.currency if plan.prices else "USD"
    return "$" if code == "USD" else code


def per_hour(plan: Plan, cost: int) -> str:
    """``69.024 $/h``; of what is no money the amount, ``48 accelerators``."""
    return f"{in_full(cost)} {currency(plan)}/h" if plan.by is Measure.COST else _other(plan.by, cost)


def per_month(plan: Plan, cost: int) -> str:
    """``about 50 388 $/month``; of what is no money the amount."""
    if plan.by is not Measure.COST:
        return _other(plan.by, cost)
    about = "about " if cost * HOURS_PER_MONTH % MONEY_UNITS else ""
    return f"{about}{month(cost)} {currency(plan)}/month"


def month(cost: int) -> str:
    """What millionths an hour come to in a month, to the nearest unit of the currency: ``50 388``."""
    return grouped((2 * cost * HOURS_PER_MONTH + MONEY_UNITS) // (2 * MONEY_UNITS))


def in_full(cost: int) -> str:
    """Millionths with all their decimals, at least two: ``69.024``, ``7.10``."""
    whole, part = divmod(cost, MONEY_UNITS)
    decimals = f"{part:0{_DECIMALS}}".rstrip("0")
    return f"{grouped(whole)}.{decimals.ljust(2, '0')}"


def grouped(number: int) -> str:
    """``50 388``."""
    return f"{number:,}".replace(",", " ")


def unit_of(plan: Plan) -> str:
    """What a cost of the plan is in, as a table's column has it."""
    if plan.by is Measure.COST:
        return f"{plan.prices.currency if plan.prices else 'USD'}/h"
    return {Measure.MEMORY: "MiB"}.get(plan.by, str(plan.by))


def _other(by: Measure, cost: int) -> str:
    if by is Measure.MEMORY:
        return f"{grouped(cost)} MiB"
    return counted(cost, "accelerator" if by is Measure.ACCELERATORS else "instance")
