"""Two independent accounts of the service against each other: the simulator and the oracle."""

from __future__ import annotations

import math
from collections import Counter

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from support import oracle
from support.small_fleets import Case, one_phase_cases, request, rolling_cases, snapshot

from icplan.testing.simulator import DeployedComponent, Machine, Policy, Refused, Simulator

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


def simulated(case: Case, amounts: oracle.Amounts, policy: Policy) -> Simulator:
    """The case as the simulator has it, copies where they are known to lie."""
    machines = [
        Machine(kind.name, *amounts[kind.name], 1 if kind.layout else kind.devices, kind.layout)
        for kind in case.types
    ]
    simulator = Simulator(machines, case.instances, max_instances=case.most, policy=policy)
    for described in snapshot(case)["InferenceComponents"]:
        several = {entry.pop("InstanceType"): entry for entry in described.get("Specifications", [])}
        now = {None: described["Specification"]} if "Specification" in described else several
        simulator.components[described["InferenceComponentName"]] = DeployedComponent({0: now})
    for component in case.components:
        for instance, copies in zip(simulator.instances, component.where, strict=True):
            instance.copies += Counter({(component.name, 0): copies})
    return simulator


@given(one_phase_cases() | rolling_cases(), st.sampled_from(list(Policy)), st.data())
def test_what_is_simulated_can_happen(case: Case, policy: Policy, data: st.DataObject) -> None:
    """In a world of the oracle's, the simulator does nothing that the oracle says can not be done."""
    case = attrs.evolve(case, located=True, quotas=())
    possible = [amounts for amounts, _ in oracle.worlds(case)]
    amounts = data.draw(st.sampled_from(possible))
    exact = attrs.evolve(
        case,
        types=tuple(
            attrs.evolve(kind, cpu=(amounts[kind.name][0],) * 2, memory=(amounts[kind.name][1],) * 2)
            for kind in case.types
        ),
    )
    truth = oracle.truth(exact)
    simulator = simulated(exact, amounts, policy)
    try:
        done = simulator.apply(request(exact))
    except Refused:
        assert truth.worst == math.inf
        event("refused")
    else:
        launched = done.peak_instances - len(case.instances)
        assert truth.best <= launched <= truth.worst
        event(f"launched {launched}")
    assert simulator.instances


def test_a_fleet_is_handed_over_as_it_is() -> None:
    """Nothing is lost on the way into the simulator."""
    case = attrs.evolve(_example(), located=True)
    simulator = simulated(case, {"ml.a": (4000, 1024)}, Policy.EVEN)
    assert simulator.snapshot(located=True)["CopyLocations"] == [
        {
            "InferenceComponentName": "x",
            "InstanceId": "i-0",
            "InstanceType": "ml.a",
            "AvailabilityZone": "us-east-1a",
            "Copies": 2,
        }
    ]
    with pytest.raises(Refused):
        simulator.apply(request(case))


def _example() -> Case:
    from support.small_fleets import Change, Component, Need, Type  # noqa: PLC0415

    kind = Type("ml.a", (4000, 4000), (1024, 1024), 2)
    return Case((kind,), ("ml.a",), (Component("x", {None: Need(128, 0, 1)}, (2,)),), Change("x", 3))
