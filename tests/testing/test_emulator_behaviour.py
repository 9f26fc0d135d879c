"""Endpoints that fail, updates that go back, autoscaling that interferes, metrics that tell of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from support.emulated import QUICK, ROLE, World, needs, rolling

from icplan.testing import Behaviour, FakeSageMaker, Timing

TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/chat",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}


def test_an_endpoint_without_capacity_fails() -> None:
    """Creating until SageMaker gives up; then it is Failed, holds nothing, and can only be deleted."""
    with FakeSageMaker(time="virtual", timing=QUICK, capacity={"ml.g5.xlarge": 1}) as fake:
        client = fake.session().client("sagemaker")
        variant = {"VariantName": "v", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 2}
        client.create_endpoint_config(
            EndpointConfigName="c", ExecutionRoleArn=ROLE, ProductionVariants=[variant]
        )
        client.create_endpoint(EndpointName="prod", EndpointConfigName="c")
        assert "ProductionVariants" not in client.describe_endpoint(EndpointName="prod")
        fake.run_until_settled()
        described = client.describe_endpoint(EndpointName="prod")
        assert described["EndpointStatus"] == "Failed"
        assert "InsufficientInstanceCapacity" in described["FailureReason"]
        with pytest.raises(ClientError, match="while it is in state Failed"):
            client.update_endpoint(EndpointName="prod", EndpointConfigName="c")
        client.delete_endpoint(EndpointName="prod")
        fake.run_until_settled()
        assert client.list_endpoints()["Endpoints"] == []


def test_an_endpoint_waits_for_capacity_that_comes() -> None:
    """It is there as soon as EC2 has an instance again."""
    with FakeSageMaker(time="virtual", timing=QUICK, capacity={"ml.g5.xlarge": 0}) as fake:
        client = fake.session().client("sagemaker")
        variant = {"VariantName": "v", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
        client.create_endpoint_config(
            EndpointConfigName="c", ExecutionRoleArn=ROLE, ProductionVariants=[variant]
        )
        client.create_endpoint(EndpointName="prod", EndpointConfigName="c")
        fake.clock.advance("10m")
        fake.capacity_returns("ml.g5.xlarge")
        fake.run_until_settled()
        assert client.describe_endpoint(EndpointName="prod")["EndpointStatus"] == "InService"


def test_an_endpoint_update_that_does_not_fit_goes_back() -> None:
    """The new fleet would not hold the copies: RollingBack, then the old configuration with a reason."""
    world = World.of("ml.g5.12xlarge", 1)
    world.create("chat", 4, needs(1))
    world.configure("small", "ml.g5.2xlarge", 1)
    world.client.update_endpoint(EndpointName="prod", EndpointConfigName="small")
    assert world.endpoint()["PendingDeploymentSummary"]["EndpointConfigName"] == "small"
    seen = {world.endpoint()["EndpointStatus"]}
    while world.fake.clock.step():
        seen.add(world.endpoint()["EndpointStatus"])
    assert {"Updating", "RollingBack"} <= seen
    described = world.endpoint()
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "c")
    assert "not enough hardware" in described["FailureReason"]
    assert world.copies("chat") == (4, 4)


def test_retained_properties_keep_the_instances() -> None:
    """UpdateEndpoint resets the count unless it is told to keep it."""
    for keep, expected in ((False, 1), (True, 3)):
        world = World.of("ml.g5.2xlarge", 1, most=4, least=1, timing=Timing(idle_release=10**9))
        world.create("chat", 3, needs(1))
        world.scale("chat", 1)
        world.settle()
        world.configure("same", "ml.g5.2xlarge", 1, 4)
        world.client.update_endpoint(
            EndpointName="prod", EndpointConfigName="same", RetainAllVariantProperties=keep
        )
        world.settle()
        assert world.instances() == (expected, expected)


def test_the_quota_counts_both_fleets_of_an_update() -> None:
    """Two and two are four: with a quota of three the update is refused at once."""
    world = World.of("ml.g5.2xlarge", 2, quotas={"ml.g5.2xlarge": 3})
    with pytest.raises(ClientError, match="current utilization of 2 Instances and a request delta of 2"):
        world.client.update_endpoint(EndpointName="prod", EndpointConfigName="c")
    wanted = [{"VariantName": "v", "DesiredInstanceCount": 4}]
    call = world.client.update_endpoint_weights_and_capacities
    with pytest.raises(ClientError, match="ResourceLimitExceeded"):
        call(EndpointName="prod", DesiredWeightsAndCapacities=wanted)
    with pytest.raises(ClientError, match="production variant"):
        call(EndpointName="prod", DesiredWeightsAndCapacities=[{"VariantName": "w", "DesiredWeight": 1.0}])


def test_fewer_instances_move_copies_or_lose_them() -> None:
    """Copies whose instance goes are brought up elsewhere, if there is room."""
    world = World.of("ml.g5.12xlarge", 2)
    world.create("chat", 4, needs(1))
    wanted = [{"VariantName": "v", "DesiredInstanceCount": 1}]
    world.client.update_endpoint_weights_and_capacities(
        EndpointName="prod", DesiredWeightsAndCapacities=wanted
    )
    world.settle()
    assert (world.instances(), world.copies("chat")) == ((1, 1), (4, 4))


def test_a_container_that_never_starts_fails_its_component() -> None:
    """Creating until the health check's time is up; it keeps its place until it is deleted."""
    world = World.of("ml.g5.12xlarge", 1)
    world.fake.container_fails("m-1")
    begin = world.fake.clock.now
    world.create("chat", 4, needs(1), StartupParameters={"ContainerStartupHealthCheckTimeoutInSeconds": 900})
    assert world.fake.clock.now - begin == 900
    assert world.component("chat")["InferenceComponentStatus"] == "Failed"
    world.create("more", 1, needs(1))
    assert world.component("more")["InferenceComponentStatus"] == "Failed"
    world.client.delete_inference_component(InferenceComponentName="chat")
    world.client.delete_inference_component(InferenceComponentName="more")
    world.settle()
    world.fake.container_works("m-1")
    world.create("more", 4, needs(1))
    assert world.copies("more") == (4, 4)


def test_a_failed_component_can_be_scaled_to_life() -> None:
    """What did not start is started again with the next write."""
    world = World.of("ml.g5.12xlarge", 1)
    world.fake.container_fails("m-1")
    world.create("chat", 2, needs(1))
    world.fake.container_works("m-1")
    world.scale("chat", 2)
    world.settle()
    assert world.component("chat")["InferenceComponentStatus"] == "InService"
    assert world.copies("chat") == (2, 2)


def test_what_finds_no_room_may_hang() -> None:
    """The other behaviour that was seen: the component never leaves Creating."""
    world = World.of("ml.g5.2xlarge", 1, behaviour=Behaviour(no_room="hangs"))
    world.create("chat", 2, needs(1))
    world.fake.clock.advance("2d")
    assert world.component("chat")["InferenceComponentStatus"] == "Creating"


def test_components_may_outlive_their_endpoint() -> None:
    """As was once measured: they stay behind, hold nothing, and can be deleted."""
    behaviour = Behaviour(delete_endpoint_with_components="orphans")
    world = World.of("ml.g5.2xlarge", 1, behaviour=behaviour)
    world.create("chat", 1, needs(1))
    world.client.delete_endpoint(EndpointName="prod")
    world.settle()
    assert world.copies("chat") == (1, 0)
    world.client.delete_inference_component(InferenceComponentName="chat")
    world.settle()
    assert world.client.list_inference_components()["InferenceComponents"] == []


def test_an_update_that_takes_too_long_is_taken_back() -> None:
    """MaximumExecutionTimeoutInSeconds."""
    world = World.of("ml.g5.12xlarge", 1, timing=Timing(container_start=400, copy_stop=0))
    world.create("chat", 2, needs(1))
    deployment = rolling(1)
    deployment["RollingUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 600
    world.update("chat", deployment)
    world.settle()
    component = world.component("chat")
    assert "MaximumExecutionTimeoutInSeconds" in component["FailureReason"]
    assert component["Specification"]["ModelName"] == "m-1"
    assert component["LastDeploymentConfig"] == deployment


def after_a_failed_rollback() -> World:
    """Three copies on four devices: one of the old specification, two of the new one."""
    world = World.of("ml.g5.12xlarge", 1)
    world.create("chat", 3, needs(1))
    world.update("chat", rolling(1, wait=60, alarm="errors"))
    while world.events("chat").count("batch done") < 2:
        world.fake.clock.step()
    world.fake.set_alarm("errors")
    world.settle()
    return world


@pytest.mark.parametrize("deployment", [None, rolling(1)])
def test_an_update_replaces_what_a_failed_rollback_left(deployment: dict[str, Any] | None) -> None:
    """Whatever revision a copy is of, it is a copy of the component, and leaves for one of the new one."""
    world = after_a_failed_rollback()
    world.fake.set_alarm("errors", "OK")
    world.fleet.start_some(1)
    world.settle()
    world.update("chat", deployment, "m-3")
    world.settle()
    assert world.component("chat").get("FailureReason") is None
    assert world.copies("chat") == (3, 3)
    component = world.fake.emulator.region().components["chat"]
    assert {one.revision for one in component.copies} == {component.revision}


@settings(max_examples=5, deadline=None)
@given(copies=st.integers(0, 4))
def test_what_a_failed_rollback_left_counts_as_copies(copies: int) -> None:
    """Another number of copies is reached from all that are there, of either specification."""
    world = after_a_failed_rollback()
    world.scale("chat", copies)
    world.settle()
    assert world.component("chat").get("FailureReason") is None
    assert world.copies("chat") == (copies, copies)


def test_consequences_of_a_failed_rollback() -> None:
    """Old and new copies side by side, the endpoint UpdateRollbackFailed, until a later update works."""
    world = after_a_failed_rollback()
    assert world.endpoint()["EndpointStatus"] == "UpdateRollbackFailed"
    assert "The rollback failed" in world.component("chat")["FailureReason"]
    assert world.copies("chat") == (3, 3)
    world.fake.set_alarm("errors", "OK")
    world.configure("larger", "ml.g5.12xlarge", 2)
    world.client.update_endpoint(EndpointName="prod", EndpointConfigName="larger")
    world.settle()
    assert world.endpoint()["EndpointStatus"] == "InService"


def scaling(world: World) -> Any:
    client = world.fake.session().client("application-autoscaling")
    client.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=3)
    return client


def test_autoscaling_interferes() -> None:
    """It writes copies like anyone: a component in motion refuses it, which the activity tells."""
    world = World.of("ml.g5.12xlarge", 1)
    world.create("chat", 1, needs(1))
    client = scaling(world)
    metric = {"PredefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy"}
    client.put_scaling_policy(
        **TARGET,
        PolicyName="p",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 10.0,
            "PredefinedMetricSpecification": metric,
            "ScaleOutCooldown": 0,
            "ScaleInCooldown": 0,
        },
    )
    world.fake.load("chat", 99)
    world.fake.clock.advance("5m")
    assert world.copies("chat") == (3, 3)
    world.update("chat", rolling(1, wait=3600))
    world.fake.load("chat", 1)
    world.fake.clock.advance("2m")
    activities = client.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
    assert [one["StatusCode"] for one in activities][-1] == "Successful"
    assert activities[0]["StatusCode"] == "Failed"
    assert "while it is in state UPDATE_IN_PROGRESS" in activities[0]["StatusMessage"]
    client.register_scalable_target(
        **TARGET,
        SuspendedState={"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": True},
    )
    world.settle()
    assert world.copies("chat") == (3, 3)


def test_a_scheduled_action_sets_bounds() -> None:
    """At its time the copies are brought within the new bounds."""
    world = World.of("ml.g5.12xlarge", 1)
    world.create("chat", 3, needs(1))
    client = scaling(world)
    client.put_scheduled_action(
        **TARGET,
        ScheduledActionName="night",
        Schedule="at(2026-01-01T03:00:00)",
        ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0},
    )
    world.fake.clock.advance("4h")
    assert world.copies("chat") == (0, 0)
    runtime = world.fake.session().client("sagemaker-runtime")
    with pytest.raises(ClientError, match="has no capacity to process this request"):
        runtime.invoke_endpoint(EndpointName="prod", InferenceComponentName="chat", Body=b"")
    with pytest.raises(ClientError, match="header is required"):
        runtime.invoke_endpoint(EndpointName="prod", Body=b"")
    with pytest.raises(ClientError, match="Endpoint other of account 123456789012 not found"):
        runtime.invoke_endpoint(EndpointName="other", Body=b"")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (("register_scalable_target", {}), "MinCapacity and MaxCapacity are required"),
        (("register_scalable_target", {"MinCapacity": 2, "MaxCapacity": 1}), "cannot be less than"),
        (("deregister_scalable_target", {}), "No scalable target found"),
        (("delete_scaling_policy", {"PolicyName": "p"}), "No scaling policy found"),
        (("delete_scheduled_action", {"ScheduledActionName": "p"}), "No scheduled action found"),
    ],
)
def test_autoscaling_refuses_what_is_not_there(call: tuple[str, dict[str, Any]], words: str) -> None:
    """In the words of its own."""
    world = World.of("ml.g5.12xlarge", 1)
    client = world.fake.session().client("application-autoscaling")
    with pytest.raises(ClientError, match="inference component not found"):
        client.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=3)
    world.create("chat", 1, needs(1))
    with pytest.raises(ClientError, match=words):
        getattr(client, call[0])(**TARGET, **call[1])


def test_the_reservation_metrics_tell_what_instances_hold() -> None:
    """Shares of CPU, memory and devices over the instances, as AWS publishes them by default."""
    world = World.of("ml.g5.12xlarge", 2)
    world.create("chat", 3, needs(1, 49152, 12))
    world.fake.clock.advance("5m")
    cloudwatch = world.fake.session().client("cloudwatch")
    dimensions = [{"Name": "EndpointName", "Value": "prod"}, {"Name": "VariantName", "Value": "v"}]
    listed = cloudwatch.list_metrics(Namespace="/aws/sagemaker/Endpoints")["Metrics"]
    assert [one["MetricName"] for one in listed] == ["CPUReservation", "GPUReservation", "MemoryReservation"]
    now = world.fake.clock.now
    wanted = ["Minimum", "Maximum", "Average", "SampleCount"]
    found = {
        name: cloudwatch.get_metric_statistics(
            Namespace="/aws/sagemaker/Endpoints",
            MetricName=name,
            Dimensions=dimensions,
            StartTime=now - 60,
            EndTime=now,
            Period=60,
            Statistics=wanted,
            ExtendedStatistics=["p50"],
        )["Datapoints"][0]
        for name in ("GPUReservation", "MemoryReservation", "CPUReservation")
    }
    assert [found["GPUReservation"][one] for one in wanted] == [25.0, 50.0, 37.5, 2.0]
    assert [found["MemoryReservation"][one] for one in wanted] == [25.0, 50.0, 37.5, 2.0]
    assert [found["CPUReservation"][one] for one in wanted] == [25.0, 50.0, 37.5, 2.0]
    assert found["GPUReservation"]["ExtendedStatistics"] == {"p50": 25.0}
    assert cloudwatch.list_metrics(Namespace="/aws/sagemaker/InferenceComponents")["Metrics"] == []
    query = {"Id": "q", "Expression": "SUM(METRICS())"}
    with pytest.raises(ClientError, match="no metric expressions"):
        cloudwatch.get_metric_data(MetricDataQueries=[query], StartTime=now - 60, EndTime=now)


def test_enhanced_metrics_tell_where_copies_are() -> None:
    """One series per copy, with the instance that it is really on."""
    world = World.of("ml.g5.12xlarge", 2, config={"MetricsConfig": {"EnableEnhancedMetrics": True}})
    world.create("chat", 3, needs(1))
    cloudwatch = world.fake.session().client("cloudwatch")
    metrics = cloudwatch.list_metrics(
        Namespace="/aws/sagemaker/InferenceComponents",
        MetricName="GPUUtilizationNormalized",
        Dimensions=[{"Name": "InferenceComponentName", "Value": "chat"}, {"Name": "ContainerId"}],
        RecentlyActive="PT3H",
    )["Metrics"]
    told = [{one["Name"]: one["Value"] for one in metric["Dimensions"]} for metric in metrics]
    counts = Counter(one["InstanceId"] for one in told)
    there = world.fake.placement("prod")["v"]
    assert counts == {instance: held["chat"] for instance, held in there.items()}


def test_partitions_are_metered_as_parts() -> None:
    """A partition of one of sixteen is a sixteenth of the accelerators."""
    layout = [{"AcceleratorPartitionTypes": ["mig-3g.20gb", "mig-3g.20gb"]}]
    world = World.of("ml.p4d.24xlarge", 1, variant={"AcceleratorPartitionLayouts": layout})
    world.create("chat", 4, needs(1, AcceleratorPartitionType="mig-3g.20gb"))
    values = world.fake.emulator.region().metrics
    (key,) = [key for key in values._in_force if key[1] == "GPUReservation"]
    series = values._in_force[key]
    assert series[-1][1] == (25.0,)
    with pytest.raises(ClientError, match="cannot be changed"):
        world.client.update_inference_component(
            InferenceComponentName="chat",
            Specification={"ComputeResourceRequirements": needs(1, AcceleratorPartitionType="mig-1g.5gb")},
        )


def test_quotas_and_types_that_are_not_there() -> None:
    """In the words of Service Quotas and EC2; a code is made up where AWS's is not known, always the same."""
    with FakeSageMaker(quotas={"ml.g5.xlarge": 1, "Number of instances across active endpoints": 2}) as fake:
        session = fake.session()
        quotas = session.client("service-quotas")
        codes = {q["QuotaCode"] for q in quotas.list_service_quotas(ServiceCode="sagemaker")["Quotas"]}
        assert codes == {"L-1928E07B", "L-7A3DF611"}
        assert quotas.list_service_quotas(ServiceCode="ec2")["Quotas"] == []
        with pytest.raises(ClientError, match="does not exist"):
            quotas.get_service_quota(ServiceCode="sagemaker", QuotaCode="L-0")
        with pytest.raises(ClientError, match="do not exist"):
            session.client("ec2").describe_instance_types(InstanceTypes=["x9.huge"])
        pages = session.client("ec2").get_paginator("describe_instance_types").paginate()
        kinds = {one["InstanceType"]: one for page in pages for one in page["InstanceTypes"]}
        assert len(kinds) > 250
        assert kinds["inf2.48xlarge"]["NeuronInfo"]["NeuronDevices"][0]["Count"] == 12
        with pytest.raises(ClientError, match="does not exist"):
            session.client("cloudwatch").set_alarm_state(AlarmName="a", StateValue="OK", StateReason="r")


@pytest.mark.parametrize("allocatable", ["low", "high", "drawn"])
def test_what_can_be_allocated_may_be_chosen(allocatable: Any) -> None:
    """Either end of what is known of a type, or something between."""
    world = World.of("ml.g5.12xlarge", 1, behaviour=Behaviour(allocatable=allocatable))
    memory = world.fleet.instances[0].machine.memory_mib
    ends = [World.of("ml.g5.12xlarge", 1, behaviour=Behaviour(allocatable=end)) for end in ("low", "high")]
    low, high = (one.fleet.instances[0].machine.memory_mib for one in ends)
    assert low <= memory <= high
    given = World.of("ml.g5.12xlarge", 1, allocatable={"ml.g5.12xlarge": {"memory": 5, "cpu": 1.5}})
    machine = given.fleet.instances[0].machine
    assert (machine.memory_mib, machine.cpu_millicores) == (5, 1500)
