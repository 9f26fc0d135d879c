"""Ordinary deployment code for inference components, in thirty steps, against the local SageMaker.

    python examples/emulator/thirty_steps.py

Each step does what deployment code does, and says what it found. Nothing here knows that it is not AWS but
`FakeSageMaker` itself, which lets time pass and takes capacity away.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from icplan.testing import FakeSageMaker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TYPE = "ml.g6e.4xlarge"  # one GPU, as in the rolling update that AWS published with its times
ROLE = "arn:aws:iam::123456789012:role/endpoint"
COPY = {"MinMemoryRequiredInMb": 4096, "NumberOfAcceleratorDevicesRequired": 1}
ONE_BY_ONE = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1},
        "WaitIntervalInSeconds": 60,
        "RollbackMaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1},
    }
}


class Deployment:
    """The clients that deployment code uses, and the world that they talk to."""

    def __init__(self, fake: FakeSageMaker, client: Callable[[str], Any]) -> None:
        self.fake = fake
        self.sagemaker = client("sagemaker")
        self.autoscaling = client("application-autoscaling")
        self.cloudwatch = client("cloudwatch")

    def wait(self, name: str) -> None:
        """Botocore's own waiter; time passes while it waits."""
        settled = {"endpoint_in_service": "InService", "endpoint_deleted": "gone"}[name]
        assert self.endpoint() != settled
        self.fake.run_until_settled()
        self.sagemaker.get_waiter(name).wait(EndpointName="prod", WaiterConfig={"Delay": 1, "MaxAttempts": 2})

    def endpoint(self) -> str:
        return str(self.sagemaker.describe_endpoint(EndpointName="prod")["EndpointStatus"])

    def instances(self) -> tuple[int, int]:
        """Current and desired."""
        (variant,) = self.sagemaker.describe_endpoint(EndpointName="prod")["ProductionVariants"]
        return variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]

    def chat(self) -> dict[str, Any]:
        found: dict[str, Any] = self.sagemaker.describe_inference_component(InferenceComponentName="chat")
        return found

    def configure(self, name: str, instances: int = 1, most: int = 4) -> None:
        scaling = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": most}
        variant = {"VariantName": "AllTraffic", "InstanceType": TYPE, "InitialInstanceCount": instances}
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ExecutionRoleArn=ROLE,
            ProductionVariants=[{**variant, "ManagedInstanceScaling": scaling}],
            MetricsConfig={"EnableEnhancedMetrics": True},
        )

    def scale(self, copies: int) -> None:
        self.sagemaker.update_inference_component_runtime_config(
            InferenceComponentName="chat", DesiredRuntimeConfig={"CopyCount": copies}
        )

    def roll(self, model: str) -> None:
        self.sagemaker.update_inference_component(
            InferenceComponentName="chat",
            Specification={"ModelName": model, "ComputeResourceRequirements": COPY},
            DeploymentConfig=ONE_BY_ONE,
        )


def refusal(call: Callable[[], Any]) -> str:
    """What AWS answers to a call that it refuses."""
    try:
        call()
    except ClientError as error:
        return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
    raise AssertionError("the call was not refused")


def steps(it: Deployment) -> Iterator[str]:  # noqa: PLR0915  (thirty steps, one after another)
    """The thirty steps; each yields what it has shown."""
    fake, sagemaker = it.fake, it.sagemaker
    for model in ("chat-1", "chat-2", "chat-3"):
        sagemaker.create_model(
            ModelName=model, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": f"{model}:1"}
        )
    yield "create_model"
    it.configure("prod-1")
    yield "create_endpoint_config"
    sagemaker.create_endpoint(EndpointName="prod", EndpointConfigName="prod-1")
    yield "create_endpoint"
    assert it.endpoint() == "Creating"
    yield "it is Creating"
    it.wait("endpoint_in_service")
    yield "the waiter says InService"
    made = sagemaker.create_inference_component(
        InferenceComponentName="chat",
        EndpointName="prod",
        VariantName="AllTraffic",
        Specification={"ModelName": "chat-1", "ComputeResourceRequirements": COPY},
        RuntimeConfig={"CopyCount": 2},
        Tags=[{"Key": "team", "Value": "search"}],
    )
    yield "create_inference_component"
    assert it.chat()["InferenceComponentStatus"] == "Creating"
    assert it.instances() == (1, 2)
    yield "it is Creating, and an instance is on its way"
    tags = sagemaker.list_tags(ResourceArn=made["InferenceComponentArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "search"}]
    yield "its tags"
    fake.run_until_settled()
    assert it.chat()["InferenceComponentStatus"] == "InService"
    yield "InService"
    assert it.chat()["RuntimeConfig"]["PlacementStatus"] == [{"InstanceType": TYPE, "CurrentCopyCount": 2}]
    yield "PlacementStatus tells the types"
    it.autoscaling.register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="inference-component/chat",
        ScalableDimension="sagemaker:inference-component:DesiredCopyCount",
        MinCapacity=1,
        MaxCapacity=4,
    )
    yield "register_scalable_target"
    it.roll("chat-2")
    yield "a rolling update"
    assert it.chat()["InferenceComponentStatus"] == "Updating"
    yield "it is Updating"
    second = refusal(lambda: it.scale(3))
    assert "while it is in state UPDATE_IN_PROGRESS" in second
    yield f"a second update is refused: {second}"
    fake.clock.advance("19m")
    runtime = it.chat()["RuntimeConfig"]
    assert (runtime["DesiredCopyCount"], runtime["CurrentCopyCount"]) == (2, 3)
    yield "more copies run than are desired"
    fake.run_until_settled()
    assert it.chat()["InferenceComponentStatus"] == "InService"
    assert it.chat()["Specification"]["ModelName"] == "chat-2"
    yield "InService with the new specification"
    fake.clock.advance("30m")
    fake.no_capacity(TYPE)
    it.roll("chat-3")
    fake.run_until_settled()
    assert it.chat()["InferenceComponentStatus"] == "InService"
    assert it.chat()["Specification"]["ModelName"] == "chat-2"
    assert "InsufficientInstanceCapacity" in it.chat()["FailureReason"]
    yield f"an update that cannot be placed rolls back: {it.chat()['FailureReason']}"
    fake.capacity_returns(TYPE)
    before = it.instances()
    it.scale(3)
    fake.run_until_settled()
    assert (before, it.instances()) == ((2, 2), (3, 3))
    yield "scaling up adds an instance"
    it.scale(5)
    fake.run_until_settled()
    assert "not enough hardware resources" in it.chat()["FailureReason"]
    assert it.chat()["RuntimeConfig"]["CurrentCopyCount"] == 3
    yield f"past MaxInstanceCount it fails: {it.chat()['FailureReason']}"
    fake.clock.advance("30m")
    fake.set_quota(TYPE, 3)
    quota = refusal(lambda: sagemaker.create_endpoint(EndpointName="second", EndpointConfigName="prod-1"))
    assert quota.startswith("ResourceLimitExceeded: The account-level service limit")
    fake.set_quota(TYPE, 8)
    yield f"a quota refuses an endpoint: {quota}"
    it.configure("prod-2", instances=3, most=5)
    sagemaker.update_endpoint(EndpointName="prod", EndpointConfigName="prod-2")
    assert it.endpoint() == "Updating"
    fake.run_until_settled()
    described = sagemaker.describe_endpoint(EndpointName="prod")
    assert described["EndpointConfigName"] == "prod-2"
    assert it.chat()["RuntimeConfig"]["CurrentCopyCount"] == 3
    yield "update_endpoint"
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="prod",
        DesiredWeightsAndCapacities=[
            {"VariantName": "AllTraffic", "DesiredWeight": 0.5, "DesiredInstanceCount": 4}
        ],
    )
    fake.run_until_settled()
    assert it.instances() == (4, 4)
    yield "update_endpoint_weights_and_capacities"
    attached = refusal(lambda: sagemaker.delete_endpoint(EndpointName="prod"))
    assert "attached" in attached
    yield f"delete_endpoint with components is refused: {attached}"
    fake.load("chat", 8)
    it.autoscaling.put_scaling_policy(
        PolicyName="follow",
        ServiceNamespace="sagemaker",
        ResourceId="inference-component/chat",
        ScalableDimension="sagemaker:inference-component:DesiredCopyCount",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 2.0,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
            },
        },
    )
    fake.clock.advance("2m")
    fake.run_until_settled()
    copies = it.chat()["RuntimeConfig"]["CurrentCopyCount"]
    metrics = it.cloudwatch.list_metrics(Namespace="/aws/sagemaker/InferenceComponents")["Metrics"]
    fake.load("chat", 0)
    it.autoscaling.delete_scaling_policy(
        PolicyName="follow",
        ServiceNamespace="sagemaker",
        ResourceId="inference-component/chat",
        ScalableDimension="sagemaker:inference-component:DesiredCopyCount",
    )
    sagemaker.delete_inference_component(InferenceComponentName="chat")
    yield "delete_inference_component"
    assert it.chat()["InferenceComponentStatus"] == "Deleting"
    yield "it is Deleting"
    fake.run_until_settled()
    assert "Could not find inference component" in refusal(it.chat)
    activities = it.autoscaling.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"]
    assert activities[0]["StatusCode"] == "Successful"
    assert copies == 4
    yield f"describe_scaling_activities: {activities[0]['Description']}"
    dimensions = {one["Name"] for one in metrics[0]["Dimensions"]}
    assert {"InstanceId", "ContainerId", "InferenceComponentName"} <= dimensions
    yield "list_metrics of the enhanced metrics tells which copy is where"
    sagemaker.delete_endpoint(EndpointName="prod")
    yield "delete_endpoint"
    it.wait("endpoint_deleted")
    yield "the waiter says deleted"
    sagemaker.delete_endpoint_config(EndpointConfigName="prod-1")
    sagemaker.delete_endpoint_config(EndpointConfigName="prod-2")
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    yield "delete_endpoint_config"


def main() -> None:
    """Take the steps over HTTP, and say what each has shown."""
    with FakeSageMaker(time="virtual") as fake:
        for number, shown in enumerate(steps(Deployment(fake, fake.client)), start=1):
            sys.stdout.write(f"{number:2} {shown}\n")


if __name__ == "__main__":
    main()
