"""UpdateEndpoint starts a whole fleet beside the one that runs: a quota must leave both."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from support.emulated import World, needs
from support.endpoints import GPU4, component, snapshot

import icplan
from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome

KIND = "ml.g5.2xlarge"
ALL_INSTANCES = "Number of instances across active endpoints"


def configuration(instances: int, most: int, kind: str = GPU4) -> dict[str, Any]:
    scaling = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": most}
    variant = {"VariantName": "AllTraffic", "InstanceType": kind, "InitialInstanceCount": instances}
    return {
        "EndpointConfigName": "next",
        "ExecutionRoleArn": "arn:aws:iam::111122223333:role/endpoint",
        "ProductionVariants": [variant | {"ManagedInstanceScaling": scaling}],
    }


def update(**more: Any) -> dict[str, Any]:
    return {"EndpointName": "prod", "EndpointConfigName": "next", "RetainAllVariantProperties": True, **more}


def resize(instances: int) -> dict[str, Any]:
    wanted = [{"VariantName": "AllTraffic", "DesiredInstanceCount": instances}]
    return {"EndpointName": "prod", "DesiredWeightsAndCapacities": wanted}


def of_account(quota: int, in_use: int | None = None, name: str = f"{GPU4} for endpoint usage") -> Any:
    told = {"Quotas": [{"QuotaName": name, "Value": quota}]}
    return told if in_use is None else told | {"InstancesInUse": {GPU4: in_use}}


def full(most: int = 2, **account: Any) -> dict[str, Any]:
    """Two full instances of four GPUs."""
    parts = (component("a", 2, 2), component("b", 3, 1), component("c", 1, 1))
    return snapshot(GPU4, 2, *parts, scaling=(1, most), **account)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(1, 7), st.booleans())
def test_what_the_quota_refuses_is_foretold_and_nothing_else(
    runs: int, wanted: int, elsewhere: int, quota: int, resizes: bool
) -> None:
    """Held against the local SageMaker: a whole fleet more, or as many instances as a variant gets more."""
    quota = max(quota, runs + elsewhere)
    world = World.of(KIND, runs)
    fake = world.fake
    fake.set_quota(KIND, quota)
    fake.emulator.region().quotas.elsewhere[KIND] = elsewhere
    world.configure("d", KIND, wanted)
    asked = [{"VariantName": "v", "DesiredInstanceCount": wanted}]
    calls: list[Any] = [{"EndpointName": "prod", "DesiredWeightsAndCapacities": asked}]
    if not resizes:
        told = world.client.describe_endpoint_config(EndpointConfigName="d")
        config = {
            name: told[name] for name in ("EndpointConfigName", "ExecutionRoleArn", "ProductionVariants")
        }
        calls = [config, {"EndpointName": "prod", "EndpointConfigName": "d"}]
    taken = icplan.Snapshot.read("prod", session=fake.session(), include_usage=True).to_dict()
    taken["InstancesInUse"] = {KIND: runs + elsewhere}
    verdict = icplan.check(calls, taken)
    refused = any(one.rule == "ICP502" and one.severity is Severity.ERROR for one in verdict.findings)
    assert refused == (verdict.outcome is Outcome.DOES_NOT_FIT)
    call = world.client.update_endpoint_weights_and_capacities if resizes else world.client.update_endpoint
    expected = pytest.raises(ClientError, match="ResourceLimitExceeded") if refused else nullcontext()
    with expected:
        call(**calls[-1])


def test_a_guard_does_not_send_it() -> None:
    world = World.of(KIND, 2, quotas={KIND: 3})
    world.create("chat", 2, needs(1))
    world.configure("d", KIND, 2)
    session = world.fake.session()
    guarded = icplan.guard(session.client("sagemaker"), session=session, time_limit=300)
    with pytest.raises(icplan.DoesNotFit, match="ICP502"):
        guarded.update_endpoint(EndpointName="prod", EndpointConfigName="d")
    assert world.endpoint()["EndpointConfigName"] == "c"
    world.fake.set_quota(KIND, 4)
    guarded.update_endpoint(EndpointName="prod", EndpointConfigName="d")
    world.settle()
    assert world.endpoint()["EndpointConfigName"] == "d"


def of(changes: list[Any], taken: dict[str, Any]) -> tuple[str, list[str]]:
    (*_, last) = icplan.check(changes, taken).changes
    return str(last.outcome), [str(one.severity) for one in last.findings if one.rule == "ICP502"]


@pytest.mark.parametrize("name", [f"{GPU4} for endpoint usage", ALL_INSTANCES])
def test_both_fleets_count_as_far_as_they_surely_run(name: str) -> None:
    """By a RollingUpdatePolicy the old fleet goes in batches; what is kept of the last one is not told."""
    runs = snapshot(GPU4, 2, component("a", 2, 4), scaling=(1, 3)) | of_account(3, 2, name)
    batch = {"Type": "INSTANCE_COUNT", "Value": 1}
    rolling = {"RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 60}}
    assert of([configuration(2, 3), update()], runs) == ("does-not-fit", ["error"])
    assert of([configuration(2, 3), update(DeploymentConfig=rolling)], runs) == ("may-not-fit", ["warning"])
    assert of([configuration(2, 3), update(RetainDeploymentConfig=True)], runs) == (
        "may-not-fit",
        ["warning"],
    )
    assert of([configuration(2, 3)], runs) == ("may-not-fit", ["warning"])  # by which update, is not told
    assert of([configuration(2, 3), update()], runs | of_account(4, 2, name)) == ("fits", [])


def test_more_instances_join_those_that_run() -> None:
    runs = snapshot(GPU4, 2, component("a", 2, 4), scaling=(1, 3)) | of_account(3, 2)
    assert of([resize(3)], runs) == ("fits", [])
    assert of([resize(4)], runs) == ("does-not-fit", ["error"])


def test_what_the_new_fleet_grows_by_counts_beside_the_old_one() -> None:
    """Two instances are enough for what runs only if its copies come to lie well."""
    assert of([configuration(2, 3), update()], full() | of_account(5, 2)) == ("fits-after-scale-out", [])
    assert of([configuration(2, 3), update()], full() | of_account(4, 2)) == ("may-not-fit", ["warning"])
    assert of([configuration(2, 3), update()], full() | of_account(3, 2)) == ("does-not-fit", ["error"])


@pytest.mark.parametrize(("quota", "by"), [(9, None), (5, None), (4, 1), (3, 2)])
def test_a_fix_by_a_new_configuration_begins_with_the_quota_that_it_takes(quota: int, by: int | None) -> None:
    taken = full() | of_account(quota, 2)
    rolling = {"MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1}, "WaitIntervalInSeconds": 60}
    change = {
        "InferenceComponentName": "a",
        "Specification": {"ModelName": "model-2"},
        "DeploymentConfig": {"RollingUpdatePolicy": rolling},
    }
    (first, *_) = icplan.check(change, taken).changes[0].remedies
    assert first.quota is None if by is None else first.quota is not None and first.quota.by == by
    assert [one.operation for one in first.commands if one.service == "service-quotas"] == (
        [] if by is None else ["RequestServiceQuotaIncrease"]
    )
    assert [one.operation for one in first.commands if "Config" in one.operation] == ["CreateEndpointConfig"]


@pytest.mark.parametrize(("quota", "by"), [(3, 1), (2, 2)])
def test_a_quota_that_does_not_leave_both_fleets_is_to_be_raised(quota: int, by: int) -> None:
    runs = snapshot(GPU4, 2, component("a", 2, 4), scaling=(1, 3)) | of_account(quota, 2)
    verdict = icplan.check([configuration(2, 3), update()], runs)
    (remedy,) = verdict.changes[1].remedies
    assert (remedy.kind, remedy.outcome) == ("raise-quota", Outcome.FITS)
    assert remedy.quota is not None
    assert remedy.quota.by == by
    granted = runs | of_account(quota + by, 2)
    assert icplan.check([configuration(2, 3), update()], granted).outcome is remedy.outcome


def test_a_quota_is_not_raised_for_what_does_not_fit_for_another_reason() -> None:
    """No instance of the new type holds a copy, however many there may be."""
    runs = snapshot(GPU4, 2, component("a", 2, 4), scaling=(1, 3)) | of_account(3, 2)
    runs["Quotas"].append({"QuotaName": f"{KIND} for endpoint usage", "Value": 1})
    runs["InstancesInUse"][KIND] = 0
    verdict = icplan.check([configuration(2, 3, KIND), update()], runs)
    assert verdict.outcome is Outcome.DOES_NOT_FIT
    assert verdict.remedies == ()
