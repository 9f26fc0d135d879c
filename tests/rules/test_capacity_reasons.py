"""A reason is told under a rule that there is, with its own figures and the place it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icplan.fleet.fleet import ACCELERATORS, CPU, MEMORY
from icplan.rules import capacity_doubts as doubts
from icplan.rules import capacity_reasons as reasons
from icplan.rules.registry import RULES
from icplan.verdict.finding import Severity

if TYPE_CHECKING:
    from icplan.rules.capacity_reasons import CapacityReason

A, B = "ml.a.xlarge", "ml.b.xlarge"
FREE = reasons.FreeCapacity(A, 2, (1000, 512, 1), 0)
SHORT = reasons.TotalShortage(
    MEMORY, 3000, 1000, "place 3 copies", reasons.Places([A]), True, False, "$.path", None
)
LARGE = reasons.LargerThanEmpty(ACCELERATORS, 8, 4, [A], B, "$.path", None)
PIECES = reasons.Fragmented(
    "place 1 copy",
    (CPU, MEMORY, ACCELERATORS),
    {A: (0, 256, 2)},
    (FREE,),
    reasons.Places([A]),
    "$.path",
    reasons.Largest(2, "copies"),
)
AMOUNT = doubts.UnknownAmount(MEMORY, 3000, 1000, 4000, "place 1 copy", A, 256)
ARRANGED = doubts.UnknownArrangement(
    3, 1, "place 3 copies", (CPU, MEMORY, ACCELERATORS), {A: (0, 0, 2)}, (FREE,), "CopyLocations do"
)
EVERY: list[CapacityReason] = [
    SHORT,
    LARGE,
    PIECES,
    AMOUNT,
    ARRANGED,
    reasons.NoSpecification([A], "$.path"),
    doubts.SeveralUnknown("place 1 copy"),
    doubts.NotDecided("place 1 copy"),
    doubts.Overcommitted("what runs cannot have been placed", "Take it again.", ["$.InferenceComponents[0]"]),
    doubts.UnknownLaunch("place 1 copy", [A]),
    doubts.UnknownLaunch("place 1 copy", [A], arrives=True),
    doubts.UnknownMotion("place 1 copy", [("embed", "Creating", 0, 1)]),
    doubts.UnknownGrowth("place 1 copy", [("MaxInstanceCount is 3", "one may be taken"), ("a quota", "")]),
    doubts.UnknownInstances(2, 3, fits=False),
    doubts.UnknownDemand("chat"),
]


@pytest.mark.parametrize("reason", EVERY, ids=lambda reason: type(reason).__name__)
def test_each_is_told_under_a_rule_that_there_is(reason: CapacityReason) -> None:
    found = reason.finding
    assert found.severity is RULES[found.rule].severity
    assert not found.message.endswith(".")
    assert isinstance(reason.__doc__, str)
    assert found.rule in reason.__doc__ or "ICP301 to ICP304" in reason.__doc__


@given(
    st.sampled_from([CPU, MEMORY, ACCELERATORS, "mig-1g.10gb"]), st.integers(1, 9999), st.integers(0, 9999)
)
def test_what_is_short_is_told_in_its_unit(dimension: str, need: int, have: int) -> None:
    short = attrs.evolve(SHORT, dimension=dimension, need=need, have=have)
    found, scale = short.finding, 1000 if dimension == CPU else 1
    assert (found.need, found.have) == (need / scale, have / scale)
    assert found.rule == reasons.SHORT.get(dimension, "ICP304")
    assert found.unit is not None
    assert found.path == "$.path"
    assert found.aws_error is not None


@given(st.booleans(), st.booleans())
def test_bounds_are_told_as_such(at_most: bool, at_least: bool) -> None:
    message = attrs.evolve(SHORT, at_most=at_most, at_least=at_least).finding.message
    assert ("at most 1000 MiB" in message) == at_most
    assert ("at least 3000 MiB" in message) == at_least


def test_room_that_does_not_count_is_told() -> None:
    places = reasons.Places([A], barred=[B], idle=[B])
    message = attrs.evolve(SHORT, places=places).finding.message
    assert f"the instances of {A} have" in message
    assert f"what is free on {B} does not count" in message


def test_the_largest_that_works_is_told_with_its_unit() -> None:
    found = PIECES.finding
    assert (found.largest_that_works, found.largest_unit) == (2, "copies")
    assert "a copy needs 256 MiB of memory, 2 accelerators on one instance" in found.message
    assert "free, for example: 512 MiB of memory, 1 accelerator on each of 2 x ml.a.xlarge" in found.message
    assert SHORT.finding.largest_that_works is None


def test_what_was_refused_is_told_where_it_is_known() -> None:
    assert "seen refused" not in AMOUNT.finding.message
    assert "3500 MiB was seen refused there" in attrs.evolve(AMOUNT, refused=(3500,)).finding.message
    both = attrs.evolve(AMOUNT, refused=(3500, 2000)).finding.message
    assert "2000 and 3500 MiB were seen refused there" in both


def test_a_change_that_still_fits_is_noted() -> None:
    assert doubts.UnknownInstances(None, 3, fits=True).finding.severity is Severity.NOTE
    assert "2 to 3 instances" in doubts.UnknownInstances(2, 3, fits=True).finding.message
    assert "2 to" not in doubts.UnknownInstances(None, 3, fits=True).finding.message


@pytest.mark.parametrize(
    ("more", "left"),
    [
        ({}, "the fleet has at most 1000 MiB of memory left"),
        ({"launched": 2}, "with 2 more instances the fleet has at most 1000 MiB of memory left"),
        ({"have": 0}, "the fleet has 0 MiB of memory left"),
        ({"have": 0, "nowhere": True}, "no instance runs on which they may lie"),
    ],
)
def test_what_is_left_is_told_of_the_instances_that_count(more: dict[str, Any], left: str) -> None:
    """Room of instances that are yet to be launched is not told as if it were there."""
    message = attrs.evolve(SHORT, **more).finding.message
    assert message == f"place 3 copies: needs 3000 MiB of memory; {left}"
