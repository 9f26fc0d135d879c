"""The public strategies keep their promises."""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from icplan.catalog.catalog import Catalog
from icplan.requests.fields import Text
from icplan.requests.from_describe import EndpointComponent, requirements_of
from icplan.requests.operations import OPERATIONS
from icplan.snapshot.snapshot import Snapshot
from icplan.testing import strategies

pytestmark = pytest.mark.slow

Json = dict[str, Any]


@given(strategies.snapshots())
def test_snapshots_are_snapshots(snapshot: Json) -> None:
    """Each is JSON, and passes the checks of a snapshot file."""
    assert json.loads(json.dumps(snapshot)) == snapshot
    assert Snapshot.from_dict(snapshot).endpoint_name == "prod"


@given(strategies.snapshots())
def test_what_a_snapshot_runs_can_really_run(snapshot: Json) -> None:
    """Where the placement is told, no instance holds more than it has, and the copies add up."""
    components = {one["InferenceComponentName"]: one for one in snapshot["InferenceComponents"]}
    standing = {name: one for name, one in components.items() if requirements_of(one)}
    partitioned = "AcceleratorPartitionLayouts" in snapshot["EndpointConfig"]["ProductionVariants"][0]
    if "CopyLocations" not in snapshot:
        return
    held: dict[tuple[str, str], Counter[str]] = {}
    copies: Counter[str] = Counter()
    for place in snapshot["CopyLocations"]:
        [needs] = requirements_of(components[place["InferenceComponentName"]]).values()
        amounts = held.setdefault((place["InstanceId"], place["InstanceType"]), Counter())
        amounts["memory"] += place["Copies"] * needs.memory_mib
        amounts["cpu"] += place["Copies"] * needs.cpu_millicores
        amounts["accelerators"] += place["Copies"] * needs.accelerators
        copies[place["InferenceComponentName"]] += place["Copies"]
        assert (needs.partition is not None) == partitioned
    for (_, name), amounts in held.items():
        kind = Catalog().lookup(name)
        assert amounts["memory"] <= kind.memory_mib
        assert amounts["cpu"] <= kind.vcpu * 1000
        assert amounts["accelerators"] <= kind.accelerators
    assert {name: copies[name] for name in standing} == {
        name: EndpointComponent.of(one).desired_copies for name, one in standing.items()
    }


@pytest.mark.parametrize("operation", OPERATIONS)
def test_requests_shrink_to_small_ones(operation: str) -> None:
    """The least example has the members it needs, and is read at a glance."""
    least = find(strategies.requests(operation), lambda _: True, settings=settings(database=None))
    assert len(json.dumps(least)) < 250


def test_snapshots_shrink_to_small_ones() -> None:
    """The least endpoint with a copy runs one copy of one component on one instance."""

    def runs(snapshot: Json) -> bool:
        return any(EndpointComponent.of(one).desired_copies for one in snapshot["InferenceComponents"])

    def is_small(snapshot: Json) -> bool:
        copies = [one["RuntimeConfig"]["DesiredCopyCount"] for one in snapshot["InferenceComponents"]]
        instances = snapshot["EndpointConfig"]["ProductionVariants"][0]["InitialInstanceCount"]
        more = snapshot.keys() & {"Quotas", "CopyLocations", "ScalableTargets"}
        return copies == [1] and instances == 1 and not more

    # Shrinking may get stuck from one start, so there are two, always the same.
    found = (
        find(strategies.snapshots(), runs, settings=settings(database=None), random=Random(seed))  # noqa: S311
        for seed in range(2)
    )
    assert any(is_small(snapshot) for snapshot in found)


@given(strategies.values(Text(min_length=2, max_length=3)))
def test_values_obey_a_rule_of_ones_own(text: str) -> None:
    """Strategies can be made from any rule, not only from those of AWS's members."""
    assert 2 <= len(text) <= 3


@given(st.data())
def test_what_is_drawn_may_be_changed(data: st.DataObject) -> None:
    """Two draws share nothing: whoever spoils one does not spoil the next."""
    for _ in range(2):
        drawn = data.draw(strategies.specifications())
        for part in drawn.values():
            assert "spoiled" not in part
            part["spoiled"] = True
