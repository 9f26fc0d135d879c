"""The thirty steps of ordinary deployment code, and the shape of every answer that they are given."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from icplan.testing import FakeSageMaker
from icplan.testing.emulator.services import OPERATIONS

EXAMPLE = Path(__file__).parents[2] / "examples" / "emulator" / "thirty_steps.py"


def take(fake: FakeSageMaker, client: Any) -> list[str]:
    example = runpy.run_path(str(EXAMPLE))
    return list(example["steps"](example["Deployment"](fake, client)))


def test_the_steps_without_a_socket(answered: set[tuple[str, str]]) -> None:
    """Every step holds, and every answer is exactly what the API defines."""
    with FakeSageMaker(time="virtual") as fake:
        assert len(take(fake, fake.session().client)) == 30
        assert fake.emulator.writes > 20
    assert ("sagemaker", "UpdateEndpointWeightsAndCapacities") in answered


def test_the_steps_over_http() -> None:
    """The example is a program of its own."""
    with FakeSageMaker(time="virtual") as fake:
        assert len(take(fake, fake.client)) == 30


def test_every_operation_answers_in_its_shape(answered: set[tuple[str, str]]) -> None:
    """What the thirty steps do not ask for is asked for here; then nothing is left."""
    with FakeSageMaker(time="virtual", quotas={"ml.g6e.4xlarge": 5}) as fake:
        take(fake, fake.session().client)
        fake.set_quota("ml.g5.xlarge", 2, default=True)
        sagemaker, scaling = (
            fake.session().client("sagemaker"),
            fake.session().client("application-autoscaling"),
        )
        _endpoint(sagemaker, fake)
        _named(sagemaker)
        _scaling(scaling)
        _others(fake)
        sagemaker.update_inference_component_runtime_config(
            InferenceComponentName="chat", DesiredRuntimeConfig={"CopyCount": 1}
        )
        runtime = fake.session().client("sagemaker-runtime")
        answer = runtime.invoke_endpoint(EndpointName="prod", InferenceComponentName="chat", Body=b"hello")
        assert answer["Body"].read() == b"hello"
    every = {(service, operation) for service, operations in OPERATIONS.items() for operation in operations}
    assert every - answered == set()


def _endpoint(sagemaker: Any, fake: FakeSageMaker) -> None:
    role = "arn:aws:iam::123456789012:role/endpoint"
    pools = [
        {"InstanceType": "ml.g6e.4xlarge", "Priority": 1},
        {"InstanceType": "ml.g5.2xlarge", "Priority": 2},
    ]
    scaling = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 3}
    variant = {
        "VariantName": "v",
        "InitialInstanceCount": 1,
        "InstancePools": pools,
        "ManagedInstanceScaling": scaling,
    }
    sagemaker.create_endpoint_config(
        EndpointConfigName="pools",
        ExecutionRoleArn=role,
        ProductionVariants=[variant],
        Tags=[{"Key": "a", "Value": "b"}],
    )
    sagemaker.create_endpoint(EndpointName="prod", EndpointConfigName="pools")
    assert sagemaker.describe_endpoint(EndpointName="prod")["PendingDeploymentSummary"]
    fake.run_until_settled()
    entries = [
        {
            "InstanceType": pool["InstanceType"],
            "ModelName": "chat-1",
            "ComputeResourceRequirements": {
                "MinMemoryRequiredInMb": 1024,
                "NumberOfAcceleratorDevicesRequired": 1,
            },
        }
        for pool in pools
    ]
    sagemaker.create_inference_component(
        InferenceComponentName="chat",
        EndpointName="prod",
        VariantName="v",
        Specifications=entries,
        RuntimeConfig={"CopyCount": 2},
    )
    fake.run_until_settled()
    sagemaker.create_inference_component(
        InferenceComponentName="adapter",
        EndpointName="prod",
        Specification={
            "BaseInferenceComponentName": "chat",
            "Container": {"ArtifactUrl": "s3://b/adapter.tar.gz"},
        },
    )
    fake.run_until_settled()
    assert sagemaker.describe_inference_component(InferenceComponentName="adapter")["VariantName"] == "v"


def _named(sagemaker: Any) -> None:
    assert len(sagemaker.list_models()["Models"]) == 3
    assert sagemaker.describe_model(ModelName="chat-1")["PrimaryContainer"] == {"Image": "chat-1:1"}
    assert sagemaker.list_endpoints()["Endpoints"][0]["EndpointStatus"] == "InService"
    listed = sagemaker.list_inference_components(EndpointNameEquals="prod")["InferenceComponents"]
    assert [one["InferenceComponentName"] for one in listed] == ["adapter", "chat"]
    config = sagemaker.describe_endpoint_config(EndpointConfigName="pools")
    assert len(config["ProductionVariants"][0]["InstancePools"]) == 2
    arn = config["EndpointConfigArn"]
    assert len(sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "c", "Value": "d"}])["Tags"]) == 2
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "c", "Value": "d"}]
    sagemaker.delete_model(ModelName="chat-3")


def _scaling(scaling: Any) -> None:
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "inference-component/chat",
        "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    found = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert [one["MaxCapacity"] for one in found if one["ResourceId"] == "inference-component/chat"] == [2]
    policy = {
        "TargetValue": 3.0,
        "CustomizedMetricSpecification": {"MetricName": "m", "Namespace": "n", "Statistic": "Sum"},
    }
    scaling.put_scaling_policy(
        **target,
        PolicyName="p",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=policy,
    )
    assert scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    scaling.put_scheduled_action(
        **target,
        ScheduledActionName="night",
        Schedule="at(2026-01-02T00:00:00)",
        ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 1},
    )
    assert scaling.describe_scheduled_actions(ServiceNamespace="sagemaker")["ScheduledActions"]
    scaling.delete_scheduled_action(**target, ScheduledActionName="night")
    scaling.delete_scaling_policy(**target, PolicyName="p")
    scaling.describe_scaling_activities(ServiceNamespace="sagemaker")
    scaling.deregister_scalable_target(**target)


def _others(fake: FakeSageMaker) -> None:
    session = fake.session()
    quotas = session.client("service-quotas")
    (applied,) = quotas.list_service_quotas(ServiceCode="sagemaker")["Quotas"]
    assert (applied["QuotaName"], applied["Value"]) == ("ml.g6e.4xlarge for endpoint usage", 8.0)
    default = quotas.list_aws_default_service_quotas(ServiceCode="sagemaker")["Quotas"][0]["QuotaCode"]
    assert quotas.get_service_quota(ServiceCode="sagemaker", QuotaCode=default)["Quota"]["Value"] == 2.0
    assert quotas.get_aws_default_service_quota(ServiceCode="sagemaker", QuotaCode=default)["Quota"]
    (kind,) = session.client("ec2").describe_instance_types(InstanceTypes=["g5.12xlarge"])["InstanceTypes"]
    assert kind["GpuInfo"]["Gpus"][0]["Count"] == 4
    assert session.client("sts").get_caller_identity()["Account"] == "123456789012"
    cloudwatch = session.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="Errors",
        Namespace="mine",
        Period=60,
        Statistic="Sum",
        Threshold=1.0,
    )
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="so it is")
    assert cloudwatch.describe_alarms(AlarmNames=["errors"])["MetricAlarms"][0]["StateValue"] == "OK"
    cloudwatch.delete_alarms(AlarmNames=["errors"])
    cloudwatch.put_metric_data(Namespace="mine", MetricData=[{"MetricName": "Errors", "Value": 3.0}])
    now = fake.clock.date
    span = {"StartTime": now.replace(minute=0), "EndTime": now.replace(year=2027)}
    points = cloudwatch.get_metric_statistics(
        Namespace="mine", MetricName="Errors", Period=60, Statistics=["Sum"], **span
    )
    assert [point["Sum"] for point in points["Datapoints"]] == [3.0]
    query = {
        "Id": "q",
        "MetricStat": {"Metric": {"Namespace": "mine", "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"},
    }
    found = cloudwatch.get_metric_data(MetricDataQueries=[query], **span)["MetricDataResults"]
    assert found[0]["Values"] == [3.0]


def test_the_example_prints_its_steps(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a program it says what each step has shown."""
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE)])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    assert capsys.readouterr().out.splitlines()[-1] == "30 delete_endpoint_config"


@pytest.mark.slow
@pytest.mark.skipif(
    "ICPLAN_AWS_CLI" not in os.environ or not all(map(shutil.which, ("aws", "curl"))),
    reason="ICPLAN_AWS_CLI=1 runs it, with the AWS CLI and curl: each step starts that program anew",
)
def test_the_steps_with_the_aws_cli() -> None:
    """The shell's version of the example."""
    script = EXAMPLE.with_suffix(".sh")
    environment = {**os.environ, "PYTHON": sys.executable}
    run = subprocess.run(
        ["/usr/bin/env", "bash", str(script)], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "30 delete-endpoint-config"
