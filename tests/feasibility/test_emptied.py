"""Instances that an update empties: kept, or given back so that another type may come in their place."""

from __future__ import annotations

from typing import Any

import pytest

import icplan
from icplan.testing import Machine, Refused, Simulator
from icplan.verdict.outcome import Outcome

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

SMALL = Machine("ml.g5.12xlarge", 48_000, 196_608, accelerators=4)
LARGE = Machine("ml.g5.48xlarge", 192_000, 786_432, accelerators=8)
RELEASED = {"emptied-instances": "released"}
KEPT = {"emptied-instances": "kept"}


def endpoint(*machines: Machine, devices: int = 4, most: int | None = 3, copies: int = 2) -> Simulator:
    """The last of the machines with two copies, on an endpoint that launches the first."""
    simulator = Simulator(machines, [machines[-1].name], max_instances=most)
    compute = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": devices}
    request = {
        "InferenceComponentName": "a",
        "EndpointName": "simulated",
        "VariantName": "AllTraffic",
        "Specification": {"ModelName": "m-1", "ComputeResourceRequirements": compute},
        "RuntimeConfig": {"CopyCount": copies},
    }
    simulator.apply({"Operation": "CreateInferenceComponent", "Request": request})
    return simulator


def update(copies: int, batch: int = 2) -> dict[str, Any]:
    """A new model in batches, and a number of copies."""
    size = {"Type": "COPY_COUNT", "Value": batch}
    policy = {"MaximumBatchSize": size, "RollbackMaximumBatchSize": size, "WaitIntervalInSeconds": 0}
    request = {
        "InferenceComponentName": "a",
        "Specification": {"ModelName": "m-2"},
        "RuntimeConfig": {"CopyCount": copies},
        "DeploymentConfig": {"RollingUpdatePolicy": policy},
    }
    return {"Operation": "UpdateInferenceComponent", "Request": request}


def judged(simulator: Simulator, change: dict[str, Any], **options: Any) -> icplan.Verdict:
    return icplan.check(change, icplan.Snapshot.from_dict(simulator.snapshot()), **options)


def relied_on(verdict: icplan.Verdict) -> dict[str, dict[str, Outcome]]:
    return {use.name: dict(use.otherwise) for use in verdict.assumptions if use.relied_on}


def test_where_another_type_may_come_back_the_assumption_decides() -> None:
    """Two copies move to two small instances, then two more are to take the place of the old ones."""
    simulator = endpoint(SMALL, LARGE)
    verdict = judged(simulator, update(4))
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    assert verdict.changes[0].turns_on == ("emptied-instances",)
    kept = judged(simulator, update(4), assume=KEPT)
    assert kept.outcome is Outcome.FITS_AFTER_SCALE_OUT
    assert kept.changes[0].peak_instances == 3
    assert relied_on(kept)["emptied-instances"] == {"released": Outcome.MAY_NOT_FIT}
    assert simulator.fork().apply(update(4)).peak_instances == 3
    assert judged(simulator, update(4), assume=RELEASED).outcome is Outcome.MAY_NOT_FIT
    with pytest.raises(Refused):
        simulator.fork().apply(update(4), release=True)


def test_what_fits_whatever_becomes_of_them_is_promised() -> None:
    """With enough to launch, what comes in place of an emptied instance does not matter."""
    simulator = endpoint(SMALL, LARGE, most=8)
    for assume in ({}, KEPT, RELEASED):
        assert judged(simulator, update(4), assume=assume).outcome is Outcome.FITS_AFTER_SCALE_OUT
    assert simulator.fork().apply(update(4), release=True).peak_instances <= 8


@pytest.mark.parametrize("machines", [(SMALL, LARGE), (LARGE, SMALL)])
@pytest.mark.parametrize(("most", "copies"), [(2, 1), (3, 2), (4, 2), (6, 2), (8, 2)])
def test_no_rollback_is_promised_or_refused_by_the_default(
    machines: tuple[Machine, ...], most: int, copies: int
) -> None:
    """Going back is judged whatever becomes of emptied instances, unless somebody has set that."""
    simulator = endpoint(*machines, most=most, copies=copies)
    change = update(copies + 1, batch=1)
    kept, released, unset = (
        judged(simulator, change, assume=assume).changes[0].rollback_outcome
        for assume in (KEPT, RELEASED, {})
    )
    assert kept is not None
    assert released is not None
    assert unset is not None
    assert not unset.fits or (kept.fits and released.fits)
    assert not unset.fails or (kept.fails and released.fails)


def test_no_refusal_rests_on_it_unless_it_is_set() -> None:
    """A large instance in place of an emptied small one has room for what the small one has none for."""
    simulator = endpoint(LARGE, SMALL, most=2, copies=1)
    verdict = judged(simulator, update(4))
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    assert "emptied-instances" in relied_on(verdict)
    kept = judged(simulator, update(4), assume=KEPT)
    assert kept.outcome is Outcome.DOES_NOT_FIT
    with pytest.raises(Refused):
        simulator.fork().apply(update(4))
    assert judged(simulator, update(4), assume=RELEASED).outcome is Outcome.MAY_NOT_FIT
    assert simulator.fork().apply(update(4), release=True).peak_instances == 2


def test_what_fits_on_no_type_is_refused_all_the_same() -> None:
    """Copies larger than any empty instance find no room whatever comes back."""
    change = update(2, batch=1)
    compute = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": 9}
    change["Request"]["Specification"]["ComputeResourceRequirements"] = compute
    assert judged(endpoint(SMALL, LARGE), change, assume=RELEASED).outcome.fails


@pytest.mark.parametrize("assume", [{}, RELEASED])
def test_with_one_type_it_does_not_matter(assume: dict[str, str]) -> None:
    """What is launched in place of an emptied instance has the same room."""
    simulator = endpoint(LARGE)
    verdict = judged(simulator, update(4), assume=assume)
    assert verdict.outcome is Outcome.FITS_AFTER_SCALE_OUT
    assert "emptied-instances" not in relied_on(verdict)
    assert simulator.apply(update(4), release=True).peak_instances == verdict.changes[0].peak_instances


def test_without_managed_scaling_nothing_is_released() -> None:
    """Instances then neither come nor go."""
    simulator = endpoint(SMALL, LARGE, devices=2, most=None)
    verdict = judged(simulator, update(4), assume=RELEASED)
    assert verdict.outcome is Outcome.FITS
    assert "emptied-instances" not in relied_on(verdict)
    assert simulator.apply(update(4), release=True).peak_instances == 1
