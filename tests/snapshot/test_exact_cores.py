"""Cores are counted exactly, to whatever digits; where no solver could, it is said and nothing is rounded."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import component, create, snapshot, update

import icplan
from icplan.errors import InputError
from icplan.fleet.cpu_unit import DECIMALS, MAX_UNITS, unit_for

CPU16 = "ml.c6i.4xlarge"
EXACT = [f"{CPU16}.cpu=16", f"{CPU16}.memory=30000"]


def cores(name: str, copies: int, each: float) -> dict[str, Any]:
    return component(
        name,
        copies,
        0,
        Specification={
            "ModelName": "m",
            "ComputeResourceRequirements": {
                "NumberOfCpuCoresRequired": each,
                "MinMemoryRequiredInMb": 1024,
            },
        },
    )


amounts = st.decimals("0.25", 8, places=DECIMALS).map(lambda amount: Fraction(amount) * 1000)


@given(st.sets(amounts, min_size=1, max_size=6), st.integers(1, 10**6))
def test_there_is_a_unit_for_as_many_decimals_as_are_told(asked: set[Fraction], most: int) -> None:
    """Every amount is a whole number of it, and so is a thousandth, unless all share a larger one."""
    unit = unit_for(asked, most)
    assert unit is not None
    assert all((amount / unit).denominator == 1 for amount in asked)
    assert most / unit <= MAX_UNITS or (1 / unit).denominator == 1


@given(st.sets(st.floats(0.25, 8), min_size=1, max_size=3))
def test_no_amount_is_rounded(asked: set[float]) -> None:
    """Of any digits: there is a unit of which each is a whole number, or there is none."""
    exact = {Fraction(str(amount)) * 1000 for amount in asked}
    unit = unit_for(exact, 192_000)
    assert unit is None or all((amount / unit).denominator == 1 for amount in exact)


@pytest.mark.parametrize(
    ("each", "copies", "outcome"),
    [
        (0.333333333333333, 48, "fits"),
        (0.333333333333334, 48, "does-not-fit"),
        (1.0000000000001, 16, "does-not-fit"),
    ],
)
def test_the_last_digit_decides(each: float, copies: int, outcome: str) -> None:
    """As many copies as the cores hold exactly, and one digit in the fifteenth place more."""
    taken = snapshot(CPU16, 1)
    change = create("new", copies, 0)
    change["Specification"]["ComputeResourceRequirements"] = {
        "NumberOfCpuCoresRequired": each,
        "MinMemoryRequiredInMb": 128,
    }
    assert icplan.check(change, taken, allocatable=EXACT).outcome == outcome


def test_what_no_solver_counts_is_refused_with_its_amounts() -> None:
    """In the snapshot and in the request, with the place and what would be right."""
    taken = snapshot(CPU16, 1, cores("a", 1, 0.333333333333333), cores("b", 1, 0.7777777777771))
    with pytest.raises(InputError, match=r"0\.333333333333333, 0\.7777777777771.*8 decimals") as error:
        icplan.check(create("new", 1, 0), taken, allocatable=EXACT)
    assert error.value.problems[0].path == "$.InferenceComponents"
    change = update("a")
    change["Specification"]["ComputeResourceRequirements"] = {
        "NumberOfCpuCoresRequired": 0.7777777777771,
        "MinMemoryRequiredInMb": 1024,
    }
    taken = snapshot(CPU16, 1, cores("a", 1, 0.333333333333333))
    with pytest.raises(InputError, match="counted together exactly") as error:
        icplan.check(change, taken, allocatable=EXACT)
    assert error.value.problems[0].path == "$.Specification"
