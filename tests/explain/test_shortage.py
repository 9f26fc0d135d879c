"""What is short is what is said: the dimension, how much of it there is, and which type would hold a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, GPU8, component, create, pooled, snapshot
from support.examples import share
from support.verdicts import check, rules, said

from icplan.catalog.allocatable import Observation
from icplan.catalog.catalog import Catalog, builtin_types
from icplan.explain.shortage import larger_type
from icplan.fleet.fleet import Demand
from icplan.requests.from_describe import Requirements

if TYPE_CHECKING:
    from icplan.verdict.finding import Finding

SHORTAGES = {"ICP301", "ICP302", "ICP303", "ICP305", "ICP306"}
OTHER4 = "ml.g6e.12xlarge"
BIG = builtin_types()["ml.g5.48xlarge"]
TYPES = sorted(name for name, kind in builtin_types().items() if kind.vcpu)


def finding(taken: dict[str, Any], change: dict[str, Any], rule: str, **options: Any) -> Finding:
    """The one finding on a shortage."""
    verdict = check(taken, change, **options)
    assert rules(verdict) & SHORTAGES == {rule}
    return next(one for one in verdict.findings if one.rule == rule)


@share(3)
@given(st.integers(1, 4), st.integers(0, 3), st.integers(1, 4))
def test_accelerators_that_are_short_are_counted(instances: int, held: int, each: int) -> None:
    """One copy more than the fleet has devices for, were they not spread."""
    taken = (
        snapshot(GPU4, instances, component("old", instances, held)) if held else snapshot(GPU4, instances)
    )
    free = instances * (4 - held)
    copies = free // each + 1
    found = finding(taken, create("new", copies, each), "ICP301")
    assert (found.need, found.have) == (copies * each, free)


@share(4)
@given(st.integers(1, 4), st.integers(1, 64))
def test_memory_and_cpu_that_are_short_are_counted(instances: int, copies: int) -> None:
    """Amounts that are told leave no doubt of how much there is."""
    options = {"allocatable": ("ml.g5.12xlarge.memory=10000", "ml.g5.12xlarge.cpu=10")}
    per_instance = 10_000 // 3000
    memory = check(snapshot(GPU4, instances), create("new", copies, 0, 3000), **options)
    assert bool(rules(memory) & SHORTAGES) == (copies > instances * per_instance)
    cores = finding(
        snapshot(GPU4, instances), create("new", 10 * instances + 1, 0, 128, cpu=1), "ICP303", **options
    )
    assert (cores.need, cores.have) == (10 * instances + 1, 10 * instances)


def test_room_in_pieces_is_told_as_such() -> None:
    fragmented = snapshot(GPU4, 2, component("old", 2, 3))
    found = finding(fragmented, create("new", 1, 2), "ICP305")
    assert (found.need, found.have) == (None, None)
    assert "1 accelerator on each of 2 x ml.g5.12xlarge" in found.message


def test_a_copy_larger_than_an_instance_is_told_with_a_type_that_holds_it() -> None:
    found = finding(snapshot(GPU4, 3), create("new", 1, 8), "ICP306")
    assert (found.need, found.have) == (8, 4)
    assert "the smallest type of that family that surely holds one is ml.g5.48xlarge" in found.message


@pytest.mark.parametrize(
    "options",
    [
        {"allocatable": ["ml.g5.48xlarge.memory=100000..200000"]},
        {"assume": {"allocatable-memory": "10%"}},
        {"catalog": Catalog().with_types({"ml.g5.48xlarge": attrs.evolve(BIG, memory_mib=200_000)})},
    ],
)
def test_no_type_is_said_to_hold_what_the_user_says_it_may_not(options: dict[str, Any]) -> None:
    found = finding(snapshot(GPU4, 1), create("new", 1, 1, 300_000), "ICP306")
    assert "surely holds one is ml.g5.48xlarge" in found.message
    found = finding(snapshot(GPU4, 1), create("new", 1, 1, 300_000), "ICP306", **options)
    assert "surely holds" not in found.message


def test_what_a_user_saw_refused_is_told_where_it_depends_on_the_amount() -> None:
    """The packaged observations have no refusal there."""
    asked = snapshot(GPU4, 1), create("new", 1, 1, 140_000)
    assert "seen refused" not in said(check(*asked), "ICP307")[0]
    seen = Observation(GPU4, "seen by the user", refused_mib=150_000)
    told = check(*asked, catalog=Catalog().with_observations([seen]))
    assert "150000 MiB was seen refused there" in said(told, "ICP307")[0]


@pytest.mark.parametrize("name", ["ml.g5.2xlarge", "ml.g5.12xlarge", "ml.p4d.24xlarge"])
def test_nothing_is_short_where_it_fits(name: str) -> None:
    verdict = check(snapshot(name, 1), create("new", 1, 1, 1024))
    assert not rules(verdict) & SHORTAGES
    assert not said(verdict, "ICP301")


@given(st.sampled_from(TYPES), st.integers(1, 400_000), st.integers(0, 8), st.integers(0, 96_000))
def test_the_larger_type_is_the_smallest_that_surely_holds_one(
    name: str, memory: int, devices: int, cpu: int
) -> None:
    catalog = Catalog()
    found = larger_type(catalog.lookup(name), Demand({None: Requirements(memory, cpu, devices)}), catalog)
    family = name.rpartition(".")[0]
    enough = []
    for other in TYPES:
        kind = catalog.lookup(other)
        sure = catalog.allocatable(kind)
        holds = kind.accelerators >= devices and sure.memory.low >= memory and sure.cpu.low >= cpu
        if holds and other.rpartition(".")[0] == family:
            enough.append(kind)
    assert (found is None) == (not enough)
    if found is not None:
        assert found in enough
        assert found.vcpu == min(kind.vcpu for kind in enough)


@given(st.integers(9, 20), st.sampled_from([(GPU4, GPU8), (GPU8, GPU4)]))
def test_of_several_types_the_largest_is_told(each: int, types: tuple[str, str]) -> None:
    """What no type takes is told beside the most that any of them has, not beside the first one's."""
    taken = pooled(dict.fromkeys(types, 1), component("old", 1, 1))
    found = finding(taken, create("new", 1, each), "ICP306")
    assert (found.need, found.have) == (each, 8)
    assert all(kind in found.message for kind in types)


def test_each_type_is_told_with_what_it_lacks() -> None:
    """Where no one resource is short on all types, none is said to be."""
    entries = [component("new", 1, 5), component("new", 1, 1, memory=500_000)]
    asked = create("new", 1, 1)
    del asked["Specification"]
    asked["Specifications"] = [
        {"InstanceType": kind, **one["Specification"]}
        for kind, one in zip((GPU4, OTHER4), entries, strict=True)
    ]
    verdict = check(pooled({GPU4: 1, OTHER4: 1}), asked)
    over = [one.message for one in verdict.findings if one.rule == "ICP306"]
    assert len(over) == 2
    assert "5 accelerators; an empty ml.g5.12xlarge offers at most 4" in over[0]
    assert "500000 MiB of memory; an empty ml.g6e.12xlarge offers" in over[1]
    cause = verdict.changes[0].cause
    assert cause is not None
    assert all(kind in cause.text for kind in (GPU4, OTHER4))
