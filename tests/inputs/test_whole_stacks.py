"""What runs and is declared nowhere, fleets that change alone, endpoints that are made anew or deleted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, snapshot

from icplan.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Chat": {
            "Type": "AWS::SageMaker::InferenceComponent",
            "Properties": {
                "InferenceComponentName": "a",
                "EndpointName": "prod",
                "VariantName": "AllTraffic",
                "Specification": {
                    "ModelName": "m",
                    "ComputeResourceRequirements": {
                        "NumberOfAcceleratorDevicesRequired": 2,
                        "MinMemoryRequiredInMb": 1024,
                    },
                },
                "RuntimeConfig": {"CopyCount": 1},
            },
        }
    }
}


def ask(folder: Path, document: Any, runs: Any = None, *options: str) -> tuple[int, dict[str, Any], str]:
    (folder / "file.json").write_text(json.dumps(document))
    given = []
    if runs is not None:
        (folder / "runs.json").write_text(json.dumps(runs))
        given = ["--snapshot", str(folder / "runs.json")]
    command = ["check", str(folder / "file.json"), *given, *options, "--format", "json"]
    result = CliRunner().invoke(main, command)
    return result.exit_code, json.loads(result.stdout) if result.stdout else {}, result.stderr


def test_what_is_declared_nowhere_is_left_alone_or_deleted_last(tmp_path: Path) -> None:
    runs = snapshot(GPU4, 1, component("a", 1, 2), component("old", 1, 1), scaling=(1, 2))
    _, told, _ = ask(tmp_path, TEMPLATE, runs)
    assert [one["Operation"] for one in told["Changes"]] == ["UpdateInferenceComponent"]
    assert told["Notes"] == ["old runs on prod and no file declares that: left alone (see --complete)"]
    _, told, _ = ask(tmp_path, TEMPLATE, runs, "--complete")
    assert [(one["Operation"], one["InferenceComponentName"]) for one in told["Changes"]] == [
        ("UpdateInferenceComponent", "a"),
        ("DeleteInferenceComponent", "old"),
    ]
    assert told["Notes"] == []


def entry(kind: str, name: str, actions: list[str], before: Any, after: Any) -> dict[str, Any]:
    change = {"actions": actions, "before": before, "after": after, "after_unknown": {}}
    return {"address": f"{kind}.{name}", "type": kind, "name": name, "mode": "managed", "change": change}


def fleet(config: str, count: int, **variant: Any) -> dict[str, Any]:
    one = {"variant_name": "AllTraffic", "instance_type": GPU4, "initial_instance_count": count, **variant}
    role = "arn:aws:iam::111122223333:role/sagemaker"
    return {"name": config, "execution_role_arn": role, "production_variants": [one]}


def plan(endpoint: list[str], count: int = 1, **variant: Any) -> dict[str, Any]:
    """A plan that alters a fleet, and nothing of the components on it."""
    here, then = (
        {"name": "prod", "endpoint_config_name": "one"},
        {"name": "prod", "endpoint_config_name": "two"},
    )
    config = "aws_sagemaker_endpoint_configuration"
    made = entry(
        config, "f", ["create", "delete"], fleet("one", 2, **variant), fleet("two", count, **variant)
    )
    own = {
        "update": (here, then),
        "no-op": (here, here),
        "create": (None, then),
        "delete": (here, None),
    }
    before, after = own.get(endpoint[-1] if len(endpoint) == 1 else "update", (here, then))
    changes = [made, entry("aws_sagemaker_endpoint", "e", endpoint, before, after)]
    return {"format_version": "1.2", "resource_changes": changes}


def test_a_plan_that_changes_a_fleet_alone_wants_what_runs(tmp_path: Path) -> None:
    code, _, said = ask(tmp_path, plan(["update"]))
    assert (code, "endpoint prod is there already, and what it runs is not told" in said) == (2, True)
    assert "--snapshot FILE" in said
    runs = snapshot(GPU4, 2, component("a", 4, 2))
    code, told, _ = ask(tmp_path, plan(["update"]), runs)
    assert (code, told["Changes"][0]["Operation"], told["Outcome"]) == (1, "UpdateEndpoint", "does-not-fit")


@pytest.mark.parametrize("actions", [["no-op"], ["create"], ["delete"]])
def test_a_fleet_that_nothing_runs_on_is_nothing_to_judge(tmp_path: Path, actions: list[str]) -> None:
    assert ask(tmp_path, plan(actions))[:2][1]["Outcome"] == "nothing-to-judge"


def test_an_endpoint_of_a_model_has_no_components(tmp_path: Path) -> None:
    code, told, _ = ask(tmp_path, plan(["update"], model_name="m"))
    assert (code, told["Outcome"]) == (0, "nothing-to-judge")


def test_a_fleet_without_components_is_held_to_its_rules(tmp_path: Path) -> None:
    scaling = [{"status": "ENABLED", "min_instance_count": 3, "max_instance_count": 1}]
    code, told, _ = ask(tmp_path, plan(["create"], managed_instance_scaling=scaling))
    assert (code, told["Outcome"]) == (1, "invalid")
    assert told["Changes"][0]["Operation"] == "CreateEndpointConfig"


def test_a_plan_tells_itself_what_is_deleted(tmp_path: Path) -> None:
    code, _, said = ask(tmp_path, plan(["create"]), None, "--complete")
    assert (code, "tells itself what is deleted" in said) == (2, True)


def test_an_endpoint_made_anew_runs_nothing(tmp_path: Path) -> None:
    """Its components are created on it, whatever they were."""
    whole = plan(["delete", "create"], 1)
    after = {
        "inference_component_name": "a",
        "endpoint_name": "prod",
        "variant_name": "AllTraffic",
        "specification": {
            "model_name": "m",
            "compute_resource_requirements": {
                "number_of_accelerator_devices_required": 2,
                "min_memory_required_in_mb": 1024,
            },
        },
        "runtime_config": {"copy_count": 2},
    }
    kind = "awscc_sagemaker_inference_component"
    whole["resource_changes"].append(entry(kind, "c", ["delete", "create"], after, after))
    for runs in (None, snapshot(GPU4, 2, component("a", 4, 2))):
        code, told, said = ask(tmp_path, whole, runs)
        assert (code, told["Outcome"]) == (0, "fits"), said
        assert [one["Operation"] for one in told["Changes"]] == ["CreateInferenceComponent"]


def test_what_a_plan_marks_as_sensitive_is_told_by_no_report(tmp_path: Path) -> None:
    """A name is replaced by what the resource is called; a figure that counts is refused."""
    whole = plan(["create"])
    after = {
        "inference_component_name": "hidden-name",
        "endpoint_name": "prod",
        "variant_name": "AllTraffic",
        "specification": {
            "model_name": "m",
            "compute_resource_requirements": {
                "number_of_accelerator_devices_required": 2,
                "min_memory_required_in_mb": 1024,
            },
        },
        "runtime_config": {"copy_count": 77},
    }
    made = entry("awscc_sagemaker_inference_component", "c", ["create"], None, after)
    whole["resource_changes"].append(made)
    made["change"]["after_sensitive"] = {"inference_component_name": True}
    code, told, said = ask(tmp_path, whole)
    assert code == 1
    assert "hidden-name" not in json.dumps(told) + said
    made["change"]["after_sensitive"]["runtime_config"] = {"copy_count": True}
    code, _, said = ask(tmp_path, whole)
    assert (code, "77" in said, "CopyCount is marked as sensitive" in said) == (2, False, True)


@pytest.mark.parametrize(("copies", "accelerators"), [(3, 1), (1, 4)])
def test_ack_is_not_told_to_roll(tmp_path: Path, copies: int, accelerators: int) -> None:
    """Its kind has no DeploymentConfig; that is said whether a batch would help or not."""
    spec = {
        "inferenceComponentName": "a",
        "endpointName": "prod",
        "variantName": "AllTraffic",
        "specification": {
            "modelName": "m2",
            "computeResourceRequirements": {
                "numberOfAcceleratorDevicesRequired": accelerators,
                "minMemoryRequiredInMb": 1024,
            },
        },
        "runtimeConfig": {"copyCount": copies},
    }
    group = {"apiVersion": "sagemaker.services.k8s.aws/v1alpha1", "kind": "InferenceComponent"}
    runs = snapshot(GPU4, 1, component("a", copies, accelerators), scaling=(1, 1))
    _, told, _ = ask(tmp_path, {**group, "metadata": {"name": "a"}, "spec": spec}, runs)
    (change,) = told["Changes"]
    patched = [one["path"] for remedy in change["Remedies"] for one in remedy["Patch"]]
    assert not any(path.startswith("/DeploymentConfig") for path in patched)
    assert "ICP607" in {one["Rule"] for one in change["Findings"]}
