"""A fleet is read once, and again only where what reading it relied on is otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.endpoints import GPU4, component, snapshot

import icplan
from icplan.assumptions import Assumptions
from icplan.catalog.catalog import Catalog
from icplan.fleet.build_fleet import build_fleet
from icplan.judge.fleet_cache import Fleets
from icplan.snapshot.read_endpoint import read_endpoint

if TYPE_CHECKING:
    from icplan.fleet.fleet import Fleet

FAILED = component("chat", 2, 1, InferenceComponentStatus="Failed")
TAKEN = read_endpoint(icplan.Snapshot.from_dict(snapshot(GPU4, 2, FAILED)))


class Reader:
    """Reads the endpoint, and counts how often."""

    def __init__(self) -> None:
        self.read = 0

    def __call__(self, assumptions: Assumptions) -> Fleet:
        self.read += 1
        return build_fleet(TAKEN, "AllTraffic", Catalog(), assumptions)


def test_a_fleet_is_read_once_and_what_it_relies_on_is_noted_each_time() -> None:
    fleets, reader = Fleets(), Reader()
    found = []
    for _ in range(3):
        recorder = Assumptions().recorder()
        found.append(fleets.of("AllTraffic", recorder, reader))
        assert recorder.relied_on == {"failed-component-holds"}
    assert reader.read == 1
    assert found[0] is found[1] is found[2]


def test_what_it_does_not_rest_on_is_no_reason_to_read_it_again() -> None:
    fleets, reader = Fleets(), Reader()
    for assume in ({}, {"batch-rounding": "down"}, {"neuron-device": "core"}):
        fleets.of("AllTraffic", Assumptions(assume), reader)
    assert reader.read == 1


def test_another_value_of_what_it_rests_on_gives_another_fleet() -> None:
    fleets, reader = Fleets(), Reader()
    values: tuple[dict[str, str], ...] = (
        {},
        {"failed-component-holds": "no"},
        {"allocatable-memory": "50%"},
        {"allocatable-cpu": "50%"},
    )
    seen = [fleets.of("AllTraffic", Assumptions(value), reader) for value in values]
    assert reader.read == len(values)
    assert len({repr(fleet) for fleet in seen}) == len(values)
    assert [fleets.of("AllTraffic", Assumptions(value), reader) for value in values] == seen
    assert reader.read == len(values)


def test_each_variant_is_another_fleet() -> None:
    fleets, reader = Fleets(), Reader()
    fleets.of("AllTraffic", Assumptions(), reader)
    fleets.of("other", Assumptions(), reader)
    assert reader.read == 2
