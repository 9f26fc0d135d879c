"""What a deployment hides beside a change that fits: with --strict it never exits with 0.

Each case has the change that fits alone, and beside it something that raises copies, swaps the fleet, or
makes components where icplan does not read.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from hostile import GPU4, run
from support.endpoints import component, snapshot

from icplan.documents.json_values import iso

if TYPE_CHECKING:
    from pathlib import Path

COPIES = "sagemaker:inference-component:DesiredCopyCount"
ACK = "sagemaker.services.k8s.aws/v1alpha1"
AWSCC = "awscc_sagemaker_inference_component"
NO_VALUE = {"Ref": "AWS::NoValue"}


def made(name: str = "chat", copies: Any = 2, **more: Any) -> dict[str, Any]:
    needs = {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 1024}
    return {
        "InferenceComponentName": name,
        "EndpointName": "prod",
        "VariantName": "AllTraffic",
        "Specification": {"ModelName": "model-1", "ComputeResourceRequirements": needs},
        "RuntimeConfig": {"CopyCount": copies},
    } | more


def resource(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def template(chat: dict[str, Any] | None = None, **beside: Any) -> dict[str, Any]:
    parameters = beside.pop("Parameters", {})
    own = resource("AWS::SageMaker::InferenceComponent", chat or made())
    return {"Parameters": parameters, "Resources": {"Chat": own, **beside}}


def target(of: Any = "inference-component/chat", least: int = 50, **more: Any) -> dict[str, Any]:
    properties = {"ServiceNamespace": "sagemaker", "ScalableDimension": COPIES, "ResourceId": of}
    return resource(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        properties | {"MinCapacity": least, "MaxCapacity": 60} | more,
    )


def at_some_time(least: int) -> dict[str, Any]:
    return {"ScheduledActionName": "s", "ScalableTargetAction": {"MinCapacity": least, "MaxCapacity": least}}


def endpoint(configuration: Any) -> dict[str, Any]:
    return resource("AWS::SageMaker::Endpoint", {"EndpointName": "prod", "EndpointConfigName": configuration})


TEXT = {"P": {"Type": "String"}}
TEMPLATES = {
    "a target of a component that no file declares": template(T=target("inference-component/b")),
    "a target of a component that is not known": template(Parameters=TEXT, T=target({"Ref": "P"})),
    "a target whose dimension is not known": template(
        Parameters=TEXT, T=target(ScalableDimension={"Ref": "P"})
    ),
    "a schedule": template(T=target(least=1, ScheduledActions=[at_some_time(2), at_some_time(50)])),
    "a fleet that no file declares": template(E=endpoint("tiny")),
    "a fleet that is not known": template(Parameters=TEXT, E=endpoint({"Ref": "P"})),
    "an item after one that is left out": template(
        made(copies={"Fn::Select": [0, [NO_VALUE, 2, 60]]}),
    ),
    "an item of a list with one that is left out": template(
        made(copies={"Fn::Select": ["1", {"Fn::If": ["No", [1], [NO_VALUE, 60, 2]]}]}),
    )
    | {"Conditions": {"No": {"Fn::Equals": ["a", "b"]}}},
    "a type of a third party": template(X=resource("Acme::Ml::Call", {"Of": "createInferenceComponent"})),
    "a call at some time": template(
        X=resource("AWS::Scheduler::Schedule", {"Target": {"Arn": "aws-sdk:updateInferenceComponent"}})
    ),
}


def planned(kind: str, after: dict[str, Any] | None, *actions: str, **more: Any) -> dict[str, Any]:
    change = {"actions": list(actions or ("create",)), "before": None, "after": after, "after_unknown": {}}
    return {"address": f"{kind}.x", "mode": "managed", "type": kind, "name": "x", "change": change} | more


def as_planned(copies: int) -> dict[str, Any]:
    needs = {"number_of_accelerator_devices_required": 1, "min_memory_required_in_mb": 1024}
    return {
        "inference_component_name": "chat",
        "endpoint_name": "prod",
        "variant_name": "AllTraffic",
        "specification": {"model_name": "model-1", "compute_resource_requirements": needs},
        "runtime_config": {"copy_count": copies},
    }


def plan(*beside: dict[str, Any], **more: Any) -> dict[str, Any]:
    change = planned(AWSCC, as_planned(2), "update")
    change["change"]["before"] = as_planned(1)
    return {"format_version": "1.2", "resource_changes": [change, *beside], "configuration": {}} | more


def scaled(kind: str, of: str, **more: Any) -> dict[str, Any]:
    after = {"resource_id": of, "scalable_dimension": COPIES, "service_namespace": "sagemaker"}
    return planned(kind, after | more)


def provisioner(command: str) -> dict[str, Any]:
    said = [{"type": "local-exec", "expressions": {"command": {"constant_value": command}}}]
    inner = {"resources": [{"address": "null_resource.x", "provisioners": said}]}
    return {"root_module": {"module_calls": {"m": {"module": inner}}}}


def stack(body: str) -> dict[str, Any]:
    return planned("aws_cloudformation_stack", {"template_body": body})


SPELT = '{"Resources": {"X": {"Type": "AWS::SageMaker::Inference\\u0043omponent"}}}'
NESTED = '{"Resources": {"X": {"Type": "AWS::CloudFormation::Stack", "Properties": {}}}}'
PLANS = {
    "a target of a component that no file declares": plan(
        scaled("aws_appautoscaling_target", "inference-component/b", min_capacity=50)
    ),
    "a schedule": plan(
        scaled(
            "aws_appautoscaling_scheduled_action",
            "inference-component/chat",
            scalable_target_action=[{"min_capacity": 50, "max_capacity": 50}],
        )
    ),
    "a schedule of a target": plan(
        scaled(
            "awscc_applicationautoscaling_scalable_target",
            "inference-component/chat",
            scheduled_actions=[{"scalable_target_action": {"min_capacity": 50}}],
        )
    ),
    "a fleet that no file declares": plan(
        planned("aws_sagemaker_endpoint", {"name": "prod", "endpoint_config_name": "tiny"}, "update")
    ),
    "a provisioner": plan(
        planned("null_resource", {}, address="module.m[0].null_resource.x"),
        configuration=provisioner("aws sagemaker update-inference-component --runtime-config CopyCount=60"),
    ),
    "an action": plan(action_invocations=[{"config_values": {"payload": "createInferenceComponent"}}]),
    "a program": plan(planned("aws_lambda_invocation", {"input": "updateInferenceComponent"})),
    "a stack whose words are spelt with escapes": plan(stack(SPELT)),
    "a stack that nests another": plan(stack(NESTED)),
    "a stack that cannot be read": plan(stack("Resources: [")),
    "an application of Argo CD": plan(planned("argocd_application", {"repo": "x"})),
}


def manifest(kind: str, spec: dict[str, Any], of: str = ACK) -> dict[str, Any]:
    return {"apiVersion": of, "kind": kind, "metadata": {"name": "x"}, "spec": spec}


def as_manifest(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: as_manifest(child) for name, child in value.items()}
    return value


MANIFESTS = {
    "a fleet that no file declares": manifest(
        "Endpoint", {"endpointName": "prod", "endpointConfigName": "tiny"}
    ),
    "a chart": manifest("HelmRelease", {"chart": "x"}, "helm.toolkit.fluxcd.io/v2"),
    "an application": manifest("Application", {"source": "x"}, "argoproj.io/v1alpha1"),
    "a kustomization": manifest("Kustomization", {}, "kustomize.config.k8s.io/v1beta1"),
}


def entry(kind: str, action: str, **properties: Any) -> dict[str, Any]:
    after = json.dumps({"Properties": properties})
    told = {"Action": action, "LogicalResourceId": "X", "ResourceType": kind, "AfterContext": after}
    return {"Type": "Resource", "ResourceChange": told}


TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
ENTRIES = {
    "a target of a component that no file declares": entry(
        TARGET, "Add", **target("inference-component/b")["Properties"]
    ),
    "a schedule": entry(TARGET, "Add", **target(least=1, ScheduledActions=[at_some_time(50)])["Properties"]),
    "a fleet that no file declares": entry(
        "AWS::SageMaker::Endpoint", "Modify", **endpoint("tiny")["Properties"]
    ),
    "a type of a third party": entry("Acme::Ml::InferenceComponent", "Add", Of="x"),
}


def change_set(*beside: dict[str, Any]) -> dict[str, Any]:
    own = entry("AWS::SageMaker::InferenceComponent", "Modify", **made())
    return {"ChangeSetName": "c", "StackName": "s", "Changes": [own, *beside]}


def strict(folder: Path, *documents: dict[str, Any]) -> tuple[int, str]:
    """The exit code and output of a strict check of a file, on three instances that run two copies."""
    tree = folder / "tree"
    (tree / ".git").mkdir(parents=True)
    now = iso(dt.datetime.now(dt.UTC))
    runs = [component("chat", 1, 1), component("b", 1, 1)]
    taken = snapshot(GPU4, 3, *runs, scaling=(1, 3), TakenAt=now)
    (folder / "taken.json").write_text(json.dumps(taken))
    file = tree / "change.yaml"
    file.write_text("\n---\n".join(map(json.dumps, documents)))
    done = run(
        *("check", str(file), "--snapshot", str(folder / "taken.json")),
        *("--no-config", "--strict", "--max-age", "1h"),
    )
    return done.exit_code, done.output


@pytest.mark.parametrize(
    "documents",
    [(template(),), (plan(),), (manifest("InferenceComponent", as_manifest(made())),), (change_set(),)],
    ids=["template", "plan", "manifest", "change set"],
)
def test_the_change_alone_passes(tmp_path: Path, documents: tuple[dict[str, Any], ...]) -> None:
    code, said = strict(tmp_path, *documents)
    assert code == 0, said


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_hides_nothing(tmp_path: Path, name: str) -> None:
    code, said = strict(tmp_path, TEMPLATES[name])
    assert code != 0, said


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_hides_nothing(tmp_path: Path, name: str) -> None:
    code, said = strict(tmp_path, PLANS[name])
    assert code != 0, said


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifests_hide_nothing(tmp_path: Path, name: str) -> None:
    code, said = strict(tmp_path, manifest("InferenceComponent", as_manifest(made())), MANIFESTS[name])
    assert code != 0, said


@pytest.mark.parametrize("name", ENTRIES)
def test_a_change_set_hides_nothing(tmp_path: Path, name: str) -> None:
    code, said = strict(tmp_path, change_set(ENTRIES[name]))
    assert code != 0, said


def test_what_a_provider_reads_back_is_no_member_to_be_judged(tmp_path: Path) -> None:
    """A plan of something that runs has its ARN, and whatever else AWS tells of it."""
    told = plan()
    change = told["resource_changes"][0]["change"]
    for side in ("before", "after"):
        change[side] |= {"inference_component_arn": "arn:aws:x", "inference_component_status": "InService"}
        change[side] |= {"creation_time": "2026-01-01", "last_modified_time": "2026-01-01"}
    code, said = strict(tmp_path, told)
    assert (code, "is not a member" in said) == (0, False), said


def test_a_target_that_raises_nothing_passes(tmp_path: Path) -> None:
    """Neither of a component that is declared, nor of another that runs so many copies already."""
    beside = {"T": target(least=2), "U": target("inference-component/b", least=1)}
    code, said = strict(tmp_path, template(**beside))
    assert code == 0, said


def test_a_schedule_is_told_as_the_capacity_that_it_sets(tmp_path: Path) -> None:
    code, said = strict(tmp_path, TEMPLATES["a schedule"])
    assert code == 1
    assert "MinCapacity 50" in said


def test_a_target_of_another_component_is_judged(tmp_path: Path) -> None:
    """By itself, or by what it says that it schedules; one whose component is nowhere is named."""
    schedule = target("inference-component/b", least=1, ScheduledActions=[at_some_time(50)])
    for number, one in enumerate((target("inference-component/b"), schedule)):
        code, said = strict(tmp_path / str(number), template(T=one))
        assert code == 1
        assert "autoscaling raises b from 1 to MinCapacity 50" in " ".join(said.split())
    code, said = strict(tmp_path / "nowhere", template(T=target("inference-component/c")))
    assert code == 3
    assert "may raise c, which nothing here changes, to 50 copies; not judged" in " ".join(said.split())


def test_the_fleet_that_runs_may_be_named(tmp_path: Path) -> None:
    """By the name of the configuration that runs; another one is refused at its line."""
    assert strict(tmp_path / "same", template(E=endpoint("prod-config")))[0] == 0
    code, said = strict(tmp_path / "other", template(E=endpoint("tiny")))
    assert code == 2
    assert "EndpointConfigName is tiny, which no file given declares, and prod-config runs" in said


def test_a_maximum_that_is_left_out_is_another_fleet(tmp_path: Path) -> None:
    """It is not what was there before: the endpoint is updated."""
    variant = {
        "VariantName": "AllTraffic",
        "InstanceType": GPU4,
        "InitialInstanceCount": 3,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 1},
    }
    fleet = resource(
        "AWS::SageMaker::EndpointConfig",
        {"ExecutionRoleArn": "arn:aws:iam::111122223333:role/endpoint", "ProductionVariants": [variant]},
    )
    configuration = {"Fn::GetAtt": ["F", "EndpointConfigName"]}
    _, said = strict(tmp_path, template(F=fleet, E=endpoint(configuration)))
    assert "ICP328" in said


@pytest.mark.parametrize(("copies", "code"), [("2", 0), ("60", 1)])
def test_what_an_assembly_deploys_a_stack_with_counts(tmp_path: Path, copies: str, code: int) -> None:
    """Not the parameter's Default."""
    folder = tmp_path / "cdk.out"
    folder.mkdir()
    properties = {"templateFile": "s.json", "parameters": {"Copies": copies}}
    artifact = {"type": "aws:cloudformation:stack", "properties": properties}
    (folder / "manifest.json").write_text(json.dumps({"version": "38.0.0", "artifacts": {"S": artifact}}))
    parameters = {"Copies": {"Type": "Number", "Default": 3}}
    written = template(made(copies={"Ref": "Copies"}), Parameters=parameters)
    (folder / "s.json").write_text(json.dumps(written))
    taken = snapshot(GPU4, 3, component("chat", 1, 1), scaling=(1, 3))
    (tmp_path / "taken.json").write_text(json.dumps(taken))
    done = run("check", str(folder), "--snapshot", str(tmp_path / "taken.json"), "--no-config")
    assert done.exit_code == code, done.output
