"""A plan as data: what it writes it reads, by the published schema; what is none is refused by its place."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icplan.verdict.codec import NotAVerdict
from icplan.verdict.fleet_plan import (
    ConditionKind,
    HeldCondition,
    Impossible,
    Level,
    Measure,
    PassedOver,
    Plan,
    PlannedComponent,
    PlannedType,
    PlanOutcome,
    PriceSource,
    Promise,
    TradeoffRow,
    TypeCount,
    TypeLeftOut,
    Within,
)
from icplan.verdict.fleet_plan_codec import money, plan_from_dict, plan_schema, plan_to_dict

SCHEMA = Path(__file__).parents[2] / "docs" / "plan.schema.json"

_amounts = st.integers(0, 10**12)
_counts = st.integers(0, 10**6)
_names = st.text("abc-", min_size=1, max_size=5)
_fleets = st.tuples(st.builds(TypeCount, _names, _counts))
_components = st.builds(
    PlannedComponent,
    name=_names,
    copies=_counts,
    most=_counts,
    batch=_counts,
    again=_counts,
    batch_of_most=_counts,
    rolls=st.booleans(),
    base=st.none() | _names,
    request=st.just({"EndpointName": "e"}),
    deployment=st.none() | st.just({"RollingUpdatePolicy": {}}),
    file=st.none() | _names,
)
_promises = st.builds(
    Promise, st.sampled_from(ConditionKind), st.sampled_from(Level), st.none() | st.integers(1, 6)
)
_plans = st.builds(
    Plan,
    outcome=st.sampled_from(PlanOutcome),
    components=st.lists(_components, max_size=2).map(tuple),
    promises=st.lists(_promises, max_size=2).map(tuple),
    within=st.sampled_from(Within),
    by=st.sampled_from(Measure),
    prices=st.none()
    | st.builds(
        PriceSource,
        *[_names] * 5,
        discounts=st.dictionaries(_names, st.integers(0, 10**6).map(lambda n: Fraction(n, 10**4))),
    ),
    gap=st.none() | st.just(Fraction(5, 2)),
    types=st.lists(st.builds(PlannedType, _names, _amounts, st.just((1, 2)), st.none() | _counts)).map(tuple),
    left_out=st.lists(st.builds(TypeLeftOut, _names, _names), max_size=1).map(tuple),
    steady=st.none() | _fleets,
    peak=st.none() | _fleets,
    cost=st.none() | _amounts,
    bound=_amounts,
    tradeoff=st.lists(
        st.builds(TradeoffRow, _names, st.none() | _counts, _counts, st.none() | _amounts, _names), max_size=1
    ).map(tuple),
    passed_over=st.lists(
        st.builds(PassedOver, _fleets, st.none() | _amounts, _amounts, _names), max_size=1
    ).map(tuple),
    impossible=st.none() | st.just(Impossible(("rest",), ("a",), "accelerators")),
    held=st.lists(st.builds(HeldCondition, _names, st.none() | _names, st.none() | _counts), max_size=1).map(
        tuple
    ),
)


def test_the_published_schema_is_the_codecs() -> None:
    """Write it anew with: python -m icplan.verdict.schema docs"""
    assert json.loads(SCHEMA.read_text()) == plan_schema()
    jsonschema.Draft202012Validator.check_schema(plan_schema())


@given(_plans)
def test_a_plan_comes_back_as_it_was_written(plan: Plan) -> None:
    """With every amount exact, and by the schema."""
    written = json.loads(json.dumps(plan_to_dict(plan)))
    jsonschema.Draft202012Validator(plan_schema()).validate(written)
    read = plan_from_dict(written)
    assert read == plan
    assert read.held == plan.held


@given(st.integers(0, 10**15))
def test_money_is_exact(amount: int) -> None:
    """A decimal number of the currency, to the millionth."""
    assert Fraction(money(amount)) == Fraction(amount, 10**6)


@pytest.mark.parametrize(
    ("member", "wrong"), [("Cost", "1.40"), ("Cost", "-1"), ("Cost", 1.4), ("Bound", None), ("By", "weight")]
)
def test_what_is_no_plan_is_told_by_its_place(member: str, wrong: Any) -> None:
    """Amounts that are no amounts above all."""
    plan = Plan(PlanOutcome.OPTIMAL, (), (), cost=1_400_000)
    with pytest.raises(NotAVerdict) as error:
        plan_from_dict({**plan_to_dict(plan), member: wrong})
    assert error.value.path == f"$.{member}"


def test_a_plan_is_worth_an_exit_code() -> None:
    """0 for what is proven, 1 for what cannot be, 2 for no answer, 3 for what is not sure."""
    plan = Plan(PlanOutcome.OPTIMAL, (), (), cost=69_024_000)
    codes = {one: int(attrs.evolve(plan, outcome=one).exit_code) for one in PlanOutcome}
    assert codes == {
        PlanOutcome.OPTIMAL: 0,
        PlanOutcome.WITHIN_GAP: 0,
        PlanOutcome.BEST_FOUND: 3,
        PlanOutcome.MAY_NOT_HOLD: 3,
        PlanOutcome.UNDECIDED: 2,
        PlanOutcome.IMPOSSIBLE: 1,
    }
    assert money(plan.monthly_cost or 0) == "50387.52"
