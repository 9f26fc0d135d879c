"""Configurations that are declared and never reach what runs: they bring no room."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, snapshot

from icplan.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

HERE, THERE, ACCOUNT = "us-east-1", "us-west-2", "111122223333"
RUNS = snapshot(
    GPU4,
    2,
    component("chat", 2, 3),
    component("embed", 1, 1),
    scaling=(1, 2),
    Region=HERE,
    AccountId=ACCOUNT,
)
ROLE = "arn:aws:iam::111122223333:role/endpoint"


def check(folder: Path, file: str, *more: str) -> tuple[int, str]:
    """Three copies of chat, of which the two instances hold two: there is room only on a third."""
    (folder / "runs.json").write_text(json.dumps(RUNS))
    given = ["--snapshot", str(folder / "runs.json"), "--assume", "equal-specification-replaces-copies=no"]
    result = CliRunner().invoke(main, ["check", str(folder / file), "--no-config", *given, *more])
    return result.exit_code, " ".join(result.output.split())


# --- templates ---------------------------------------------------------------------------------------------

TEMPLATE = """\
Conditions: {Never: !Equals [a, b]}
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: CONFIG
      ExecutionRoleArn: arn:aws:iam::111122223333:role/endpoint
      ProductionVariants:
        - VariantName: AllTraffic
          InstanceType: ml.g5.12xlarge
          InitialInstanceCount: 2
          ManagedInstanceScaling: {Status: ENABLED, MinInstanceCount: 1, MaxInstanceCount: 4}
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: prod, EndpointConfigName: !GetAtt Config.EndpointConfigName}
  Between:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !GetAtt Endpoint.EndpointName}
  Chat:
    Type: AWS::SageMaker::InferenceComponent
    WAITS
    Properties:
      InferenceComponentName: chat
      EndpointName: ENDPOINT
      VariantName: AllTraffic
      Specification:
        ModelName: model-1
        ComputeResourceRequirements: {NumberOfAcceleratorDevicesRequired: 3, MinMemoryRequiredInMb: 1024}
      RuntimeConfig: {CopyCount: 3}
"""


def template(config: str = "prod-config-2", endpoint: str = "prod", waits: str = "") -> str:
    return TEMPLATE.replace("CONFIG", config).replace("ENDPOINT", endpoint).replace("WAITS", waits)


@pytest.mark.parametrize(
    ("config", "code"), [("prod-config", 1), ("prod-config-2", 0), ("!Ref AWS::NoValue", 0)]
)
def test_a_configuration_cannot_be_changed_under_its_name(tmp_path: Path, config: str, code: int) -> None:
    (tmp_path / "t.yaml").write_text(template(config, "!GetAtt Endpoint.EndpointName"))
    found, said = check(tmp_path, "t.yaml")
    assert (found, "ICP183" in said) == (code, code == 1), said


WAITS = {
    "!GetAtt Endpoint.EndpointName": "",
    '!Sub "${Endpoint.EndpointName}"': "",
    "prod": "DependsOn: Endpoint",
    " prod": "DependsOn: [Between]",
    '!Select [0, ["prod", !Ref Endpoint]]': "",
    '!If [Never, "prod", !GetAtt Endpoint.EndpointName]': "",
}
WAITS_NOT = {
    "prod": "",
    " prod": "DependsOn: Config",
    '!If [Never, !GetAtt Endpoint.EndpointName, "prod"]': "",
}


@pytest.mark.parametrize("endpoint", WAITS)
def test_what_waits_for_the_endpoint_has_its_room(tmp_path: Path, endpoint: str) -> None:
    (tmp_path / "t.yaml").write_text(template(endpoint=endpoint, waits=WAITS[endpoint]))
    code, said = check(tmp_path, "t.yaml", "--strict")
    assert (code, "ICP331" in said) == (0, False), said


@pytest.mark.parametrize("endpoint", WAITS_NOT)
def test_what_does_not_wait_for_the_endpoint_may_come_first(tmp_path: Path, endpoint: str) -> None:
    (tmp_path / "t.yaml").write_text(template(endpoint=endpoint, waits=WAITS_NOT[endpoint]))
    code, said = check(tmp_path, "t.yaml")
    assert (code, "this does not wait for it; there may be no room before that" in said) == (3, True), said


def test_a_nested_stack_waits_as_a_whole(tmp_path: Path) -> None:
    parts = template(endpoint="!Ref Name").partition("  Chat:\n")
    (tmp_path / "inner.yaml").write_text(
        "Parameters: {Name: {Type: String}}\nResources:\n  Chat:\n" + parts[2]
    )
    nests = "  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: inner.yaml, "
    for name, code in (("!GetAtt Endpoint.EndpointName", 0), ("prod", 3)):
        (tmp_path / "t.yaml").write_text(f"{parts[0]}{nests}Parameters: {{Name: {name}}}}}\n")
        found, said = check(tmp_path, "t.yaml")
        assert found == code, said


# --- plans -------------------------------------------------------------------------------------------------


def planned(kind: str, before: Any, after: Any, *actions: str) -> dict[str, Any]:
    change = {"actions": list(actions), "before": before, "after": after, "after_unknown": {}}
    return {"address": f"{kind}.x", "mode": "managed", "type": kind, "name": "x", "change": change}


def chat(copies: int) -> dict[str, Any]:
    return {
        "inference_component_name": "chat",
        "endpoint_name": "prod",
        "variant_name": "AllTraffic",
        "specification": {
            "model_name": "model-1",
            "compute_resource_requirements": {
                "number_of_accelerator_devices_required": 3,
                "min_memory_required_in_mb": 1024,
            },
        },
        "runtime_config": {"copy_count": copies},
    }


CONFIG = "aws_sagemaker_endpoint_configuration"
ENDPOINT = "aws_sagemaker_endpoint"
CHAT = "awscc_sagemaker_inference_component"
SCALING = {"status": "ENABLED", "min_instance_count": 1, "max_instance_count": 4}
FLEET = {
    "name": "prod-config-2",
    "execution_role_arn": ROLE,
    "production_variants": [
        {
            "variant_name": "AllTraffic",
            "instance_type": GPU4,
            "initial_instance_count": 2,
            "managed_instance_scaling": [SCALING],
        }
    ],
}
WAS = {"name": "prod", "endpoint_config_name": "prod-config"}
WILL_BE = {"name": "prod", "endpoint_config_name": "prod-config-2"}
UPDATED = planned(ENDPOINT, WAS, WILL_BE, "update")
REFERENCE = {"references": [f"{ENDPOINT}.x.name", f"{ENDPOINT}.x"]}


def plan(*changes: dict[str, Any], endpoint: Any = None, provider: Any = None, **more: Any) -> dict[str, Any]:
    expressions = {"endpoint_name": endpoint or {"constant_value": "prod"}}
    of_chat = {"address": f"{CHAT}.x", "expressions": expressions, "provider_config_key": "awscc"}
    others = [
        {"address": f"{kind}.x", "provider_config_key": provider or "aws"} for kind in (CONFIG, ENDPOINT)
    ]
    configuration = {"root_module": {"resources": [of_chat, *others]}, **more.pop("configuration", {})}
    changed = planned(CHAT, chat(2), chat(3), "update")
    return {
        "format_version": "1.2",
        "resource_changes": [*changes, changed],
        "configuration": configuration,
    } | more


MADE = planned(CONFIG, None, FLEET, "create")


def in_region(entry: dict[str, Any], region: str) -> dict[str, Any]:
    change = entry["change"]
    return entry | {"change": change | {"after": change["after"] | {"region": region}}}


def provided(**expressions: Any) -> dict[str, Any]:
    own = {
        "aws": {"expressions": {"region": {"constant_value": HERE}}},
        "aws.west": {"expressions": expressions},
    }
    return {"provider_config": own}


WEST = {"constant_value": THERE}
ELSEWHERE = {"constant_value": "arn:aws:iam::999999999999:role/deploy"}
PLANS = {
    "it waits": (plan(MADE, UPDATED, endpoint=REFERENCE), 0),
    "it does not wait": (plan(MADE, UPDATED), 3),
    "the endpoint is not updated": (
        plan(planned(CONFIG, FLEET, FLEET, "delete", "create"), planned(ENDPOINT, WAS, WAS, "no-op")),
        1,
    ),
    "the endpoint is there already": (plan(MADE, planned(ENDPOINT, None, WILL_BE, "create")), 2),
    "it is replaced under its name": (plan(MADE, planned(ENDPOINT, WAS, WILL_BE, "create", "delete")), 2),
    "it is made anew, and embed stays on it": (
        plan(MADE, planned(ENDPOINT, WAS, WILL_BE, "delete", "create")),
        2,
    ),
    "the endpoint is in another Region": (plan(in_region(MADE, THERE), in_region(UPDATED, THERE)), 2),
    "all is in this Region": (plan(in_region(MADE, HERE), in_region(UPDATED, HERE), endpoint=REFERENCE), 0),
    "its provider is of another Region": (
        plan(MADE, UPDATED, provider="aws.west", configuration=provided(region=WEST)),
        2,
    ),
    "its provider's Region is a variable": (
        plan(
            MADE,
            UPDATED,
            provider="aws.west",
            configuration=provided(region={"references": ["var.r"]}),
            variables={"r": {"value": THERE}},
        ),
        2,
    ),
    "its provider is of another account": (
        plan(
            MADE, UPDATED, provider="aws.west", configuration=provided(assume_role=[{"role_arn": ELSEWHERE}])
        ),
        2,
    ),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan(tmp_path: Path, name: str) -> None:
    value, code = PLANS[name]
    (tmp_path / "plan.json").write_text(json.dumps(value))
    found, said = check(tmp_path, "plan.json")
    assert found == code, said


# --- manifests ---------------------------------------------------------------------------------------------

MANIFESTS = """\
apiVersion: sagemaker.services.k8s.aws/v1alpha1
kind: EndpointConfig
metadata: {name: c, annotations: {CONFIG_NOTE}}
spec:
  endpointConfigName: CONFIG
  executionRoleARN: arn:aws:iam::111122223333:role/endpoint
  productionVariants:
    - variantName: AllTraffic
      instanceType: ml.g5.12xlarge
      initialInstanceCount: 2
      managedInstanceScaling: {status: ENABLED, minInstanceCount: 1, maxInstanceCount: 4}
---
apiVersion: sagemaker.services.k8s.aws/v1alpha1
kind: Endpoint
metadata: {name: e, annotations: {NOTE}}
spec: {endpointName: prod, endpointConfigName: CONFIG}
---
apiVersion: sagemaker.services.k8s.aws/v1alpha1
kind: InferenceComponent
metadata: {name: chat}
spec:
  inferenceComponentName: chat
  endpointName: prod
  variantName: AllTraffic
  specification:
    modelName: model-1
    computeResourceRequirements: {numberOfAcceleratorDevicesRequired: 3, minMemoryRequiredInMb: 1024}
  runtimeConfig: {copyCount: 3}
"""
WEST_NOTE = f"services.k8s.aws/region: {THERE}"


@pytest.mark.parametrize(
    ("config", "notes", "code"),
    [
        ("prod-config-2", "", 3),
        ("prod-config", "", 1),
        ("prod-config-2", WEST_NOTE, 2),
        ("prod-config-2", 'services.k8s.aws/read-only: "true"', 1),
        ("prod-config-2", "services.k8s.aws/adoption-policy: adopt", 1),
    ],
)
def test_manifests(tmp_path: Path, config: str, notes: str, code: int) -> None:
    text = MANIFESTS.replace("CONFIG_NOTE", notes if "region" in notes else "")
    (tmp_path / "m.yaml").write_text(text.replace("NOTE", notes).replace("CONFIG", config))
    found, said = check(tmp_path, "m.yaml")
    assert found == code, said


# --- assemblies --------------------------------------------------------------------------------------------

BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-{HERE}"


def small() -> str:
    """The template with two copies, which are there."""
    return (
        template("prod-config", "!GetAtt Endpoint.EndpointName")
        .replace("MaxInstanceCount: 4", "MaxInstanceCount: 2")
        .replace("CopyCount: 3", "CopyCount: 2")
    )


def assembly(folder: Path, *, url: str | None = None, source: Any = None, environment: str = "") -> None:
    folder.mkdir()
    text = small()
    (folder / "Prod.template.yaml").write_text(text)
    key = f"{hashlib.sha256(text.encode()).hexdigest()}.json"
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": environment or f"aws://{ACCOUNT}/{HERE}",
        "properties": {
            "templateFile": "Prod.template.yaml",
            "stackTemplateAssetObjectUrl": url or f"s3://{BUCKET}/{key}",
        },
    }
    assets = {"type": "cdk:asset-manifest", "properties": {"file": "Prod.assets.json"}}
    manifest = {"version": "38.0.1", "artifacts": {"Prod": stack, "Prod.assets": assets}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    given = source or {"path": "Prod.template.yaml", "packaging": "file"}
    files = {"a": {"source": given, "destinations": {"d": {"bucketName": BUCKET, "objectKey": key}}}}
    (folder / "Prod.assets.json").write_text(json.dumps({"version": "38.0.1", "files": files}))


ASSEMBLIES: dict[str, tuple[dict[str, Any], int]] = {
    "as CDK writes it": ({}, 0),
    "the asset is another file": ({"source": {"path": "../evil.json", "packaging": "file"}}, 3),
    "a program makes the asset": ({"source": {"executable": ["sh"], "path": "Prod.template.yaml"}}, 3),
    "the asset is an archive": ({"source": {"path": "Prod.template.yaml", "packaging": "zip"}}, 3),
    "the object is another": ({"url": f"s3://{BUCKET}/{'0' * 64}.json"}, 3),
    "the bucket is somebody's": ({"url": "https://evil.s3.amazonaws.com/evil.json"}, 3),
    "the bucket is called like one": ({"url": "s3://cdk-x-assets-evil/evil.json"}, 3),
}


@pytest.mark.parametrize("name", ASSEMBLIES)
@pytest.mark.parametrize("given", ["cdk.out", "cdk.out/Prod.template.yaml"])
def test_a_template_that_is_not_what_is_deployed(tmp_path: Path, name: str, given: str) -> None:
    more, code = ASSEMBLIES[name]
    assembly(tmp_path / "cdk.out", **more)
    found, said = check(tmp_path, given, "--strict")
    assert (found, "what is deployed is" in said) == (code, code == 3), said


@pytest.mark.parametrize("environment", [f"aws://{ACCOUNT}/{THERE}", f"aws://999999999999/{HERE}"])
def test_a_stack_of_another_environment_is_not_what_runs(tmp_path: Path, environment: str) -> None:
    assembly(tmp_path / "cdk.out", environment=environment)
    code, said = check(tmp_path, "cdk.out")
    assert (code, "the snapshot is of endpoint prod" in said) == (2, True), said


UNKNOWN, KNOWN = "aws://unknown-account/unknown-region", f"aws://{ACCOUNT}/{HERE}"
ENVIRONMENTS = {
    # of the stack of the endpoint, of the component's; a role that the former is deployed by
    "both told": ((KNOWN, KNOWN, None), 0),
    "neither told": ((UNKNOWN, UNKNOWN, None), 0),
    "one told": ((UNKNOWN, KNOWN, None), 2),
    "one of another account": ((UNKNOWN, UNKNOWN, "arn:aws:iam::999999999999:role/deploys"), 2),
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_stacks_that_may_be_elsewhere_bring_no_room(tmp_path: Path, name: str) -> None:
    (first, second, role), code = ENVIRONMENTS[name]
    parts = template(endpoint="prod").partition("  Chat:\n")
    (tmp_path / "West.template.yaml").write_text(parts[0])
    (tmp_path / "East.template.yaml").write_text("Resources:\n" + parts[1] + parts[2])
    stacks: dict[str, dict[str, Any]] = {
        stack: {
            "type": "aws:cloudformation:stack",
            "environment": environment,
            "dependencies": after,
            "properties": {"templateFile": f"{stack}.template.yaml", **more},
        }
        for stack, environment, after, more in (
            ("West", first, [], {"assumeRoleArn": role}),
            ("East", second, ["West"], {"assumeRoleArn": None}),
        )
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "38.0.1", "artifacts": stacks}))
    found, said = check(tmp_path, "")
    assert found == code, said


BY_NAME: dict[str, Any] = {"region": {"constant_value": HERE}}
PROVIDERS: dict[str, tuple[dict[str, Any], int]] = {
    # how the provider of the endpoint is configured, beside the one of the component: exit code
    "the Region": (BY_NAME, 0),
    "the Region by a variable": ({"region": {"references": ["var.region"]}}, 0),
    "another Region": ({"region": {"constant_value": THERE}}, 2),
    "the Region put together": ({"region": {"references": ["local.region"]}}, 2),
    "nothing": ({}, 2),
    "a profile": ({**BY_NAME, "profile": {"constant_value": "x"}}, 2),
    "keys": ({**BY_NAME, "access_key": {"references": ["var.key"]}}, 2),
    "a role of the account": ({**BY_NAME, "assume_role": [{"role_arn": {"constant_value": ROLE}}]}, 0),
    "a role of another account": (
        {**BY_NAME, "assume_role": [{"role_arn": {"constant_value": ROLE.replace(ACCOUNT, "9" * 12)}}]},
        2,
    ),
    "an address of its own": ({**BY_NAME, "endpoints": [{"sagemaker": {"constant_value": "http://x"}}]}, 2),
}


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("both", [False, True])
def test_a_provider_that_may_be_elsewhere_brings_no_room(tmp_path: Path, name: str, *, both: bool) -> None:
    """Where both are made by one provider, they are in one place, wherever that is."""
    expressions, code = PROVIDERS[name]
    there = {"name": "prod", "endpoint_config_name": "prod-config"}
    fleet = {
        "variant_name": "AllTraffic",
        "instance_type": GPU4,
        "initial_instance_count": 2,
        "managed_instance_scaling": [{"status": "ENABLED", "min_instance_count": 1, "max_instance_count": 4}],
    }
    made = {"name": "prod-config-2", "execution_role_arn": ROLE, "production_variants": [fleet]}
    endpoint, config = "aws_sagemaker_endpoint", "aws_sagemaker_endpoint_configuration"
    part = "awscc_sagemaker_inference_component"
    changes = [
        planned(config, None, made, "create"),
        planned(endpoint, there, {**there, "endpoint_config_name": "prod-config-2"}, "update"),
        planned(part, chat(2), chat(3), "update"),
    ]
    own = "aws.west" if both else "awscc"

    def configured(kind: str, key: str, member: str = "", refers: str = "") -> dict[str, Any]:
        said = {member: {"references": [f"{refers}.x.name", f"{refers}.x"]}} if member else {}
        at = {"address": f"{kind}.x", "mode": "managed", "type": kind, "name": "x"}
        return {**at, "provider_config_key": key, "expressions": said}

    resources = [
        configured(config, "aws.west"),
        configured(endpoint, "aws.west", "endpoint_config_name", config),
        configured(part, own, "endpoint_name", endpoint),
    ]
    providers = {
        "aws.west": {"name": "aws", "alias": "west", "expressions": expressions},
        "awscc": {"name": "awscc", "expressions": {"region": {"constant_value": HERE}}},
    }
    whole = {
        "format_version": "1.2",
        "resource_changes": changes,
        "variables": {"region": {"value": HERE}},
        "configuration": {"provider_config": providers, "root_module": {"resources": resources}},
    }
    (tmp_path / "plan.json").write_text(json.dumps(whole))
    found, said = check(tmp_path, "plan.json")
    elsewhere = name in ("another Region", "a role of another account")
    assert found == (code if elsewhere or not both else 0), said


# --- other endpoints ---------------------------------------------------------------------------------------

OTHER = """\
  OtherConfig:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/endpoint
      MEMBER: [{VariantName: AllTraffic, InstanceType: TYPE, InitialInstanceCount: 1, MORE}]
  Other:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: other, EndpointConfigName: !GetAtt OtherConfig.EndpointConfigName}
"""
OTHERS = {
    "one for components": (("ProductionVariants", GPU4, ""), 3),
    "one of a model": (("ProductionVariants", GPU4, "ModelName: m"), 3),
    "a shadow": (("ShadowProductionVariants", GPU4, "ModelName: m"), 3),
    "another type": (("ProductionVariants", "ml.g5.xlarge", "ModelName: m"), 0),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_endpoint_takes_of_the_quota(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A third instance may be launched, and the other endpoint of the template launches one, too."""
    quota = {"QuotaName": f"{GPU4} for endpoint usage", "QuotaCode": "L-65C4BD00", "Value": 3.0}
    runs = snapshot(
        GPU4, 2, component("chat", 2, 3), component("embed", 1, 1), scaling=(1, 4), Quotas=[quota]
    )
    monkeypatch.setitem(globals(), "RUNS", runs | {"InstancesInUse": {GPU4: 2}})
    (member, kind, more), code = OTHERS[name]
    other = OTHER.replace("MEMBER", member).replace("TYPE", kind).replace("MORE", more).replace(", }", "}")
    (tmp_path / "t.yaml").write_text(
        template(endpoint="prod").replace("prod-config-2", "prod-config") + other
    )
    found, said = check(tmp_path, "t.yaml")
    assert (found, "other endpoints that the files declare may start 1" in said) == (code, code == 3), said


NEW = """\
Resources:
  New:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      InferenceComponentName: new
      EndpointName: prod
      VariantName: AllTraffic
      Specification:
        ModelName: model-1
        ComputeResourceRequirements: {NumberOfAcceleratorDevicesRequired: GPUS, MinMemoryRequiredInMb: 1024}
      RuntimeConfig: {CopyCount: 1}
"""
BIG = """\
  Big:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      InferenceComponentName: big
      EndpointName: !GetAtt Other.EndpointName
      VariantName: AllTraffic
      Specification:
        ModelName: model-1
        ComputeResourceRequirements: {NumberOfAcceleratorDevicesRequired: 4, MinMemoryRequiredInMb: 1024}
      RuntimeConfig: {CopyCount: COPIES}
"""
LEAST = """\
  Least:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      MinCapacity: 3
      MaxCapacity: 3
      ResourceId: inference-component/big
      ScalableDimension: sagemaker:inference-component:DesiredCopyCount
      ServiceNamespace: sagemaker
"""
GROWS = "ManagedInstanceScaling: {Status: ENABLED, MinInstanceCount: 1, MaxInstanceCount: 4}"
OF_ITS_OWN = {
    # what the other endpoint has, its first instances, the quotas (type, all), GPUs of `new`: exit code
    "grows to three, and one more is there": (BIG.replace("COPIES", "3"), 1, 6, 9, 4, 0),
    "grows to three, and one is missing": (BIG.replace("COPIES", "3"), 1, 5, 9, 4, 3),
    "grows to three, all of them there": (BIG.replace("COPIES", "3"), 1, 5, 9, 1, 0),
    "cannot grow to three": (BIG.replace("COPIES", "3"), 1, 4, 9, 1, 1),
    "is raised to three, and one is missing": (BIG.replace("COPIES", "1") + LEAST, 1, 5, 9, 4, 3),
    "is raised to three, and one more is there": (BIG.replace("COPIES", "1") + LEAST, 1, 6, 9, 4, 0),
    "cannot start": (BIG.replace("COPIES", "1"), 4, 5, 9, 1, 1),
    "cannot start, though nothing is on it": ("", 4, 5, 9, 1, 1),
    "starts": (BIG.replace("COPIES", "1"), 4, 6, 9, 1, 0),
    "is beyond the quota of all": (BIG.replace("COPIES", "1"), 4, 9, 5, 1, 1),
}


@pytest.mark.parametrize("name", OF_ITS_OWN)
def test_the_quota_is_that_of_all_endpoints_of_the_files(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new endpoint is held to it, and what its components make it grow by is counted."""
    more, starts, of_type, of_all, gpus, code = OF_ITS_OWN[name]
    quotas = [
        {"QuotaName": f"{GPU4} for endpoint usage", "QuotaCode": "L-65C4BD00", "Value": float(of_type)},
        {"QuotaName": "Number of instances across active endpoints", "Value": float(of_all)},
    ]
    runs = snapshot(GPU4, 2, component("chat", 2, 3), component("embed", 1, 1), scaling=(1, 4), Quotas=quotas)
    monkeypatch.setitem(globals(), "RUNS", runs | {"InstancesInUse": {GPU4: 2}})
    other = OTHER.replace("MEMBER", "ProductionVariants").replace("TYPE", GPU4).replace("MORE", GROWS)
    (tmp_path / "t.yaml").write_text(
        NEW.replace("GPUS", str(gpus)) + other.replace("Count: 1, Man", f"Count: {starts}, Man") + more
    )
    found, said = check(tmp_path, "t.yaml")
    assert found == code, said


def test_another_type_counts_against_the_quota_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota = {"QuotaName": "Number of instances across active endpoints", "Value": 3.0}
    runs = snapshot(
        GPU4, 2, component("chat", 2, 3), component("embed", 1, 1), scaling=(1, 4), Quotas=[quota]
    )
    monkeypatch.setitem(globals(), "RUNS", runs | {"InstancesInUse": {GPU4: 2}})
    for kind, code in (("ml.g6.xlarge", 3), (None, 0)):
        other = OTHER.replace("MEMBER", "ProductionVariants").replace("MORE", "ModelName: m")
        more = other.replace("TYPE", kind) if kind else ""
        (tmp_path / "t.yaml").write_text(NEW.replace("GPUS", "4") + more)
        found, said = check(tmp_path, "t.yaml")
        assert found == code, said


NAMED = {
    "prod": 0,
    "!Ref Told": 0,
    "!Ref Untold": 3,
    "!ImportValue elsewhere": 3,
    "'{{resolve:ssm:/endpoint}}'": 3,
    "!Sub 'p${Untold}'": 3,
}


@pytest.mark.parametrize("endpoint", NAMED)
def test_what_may_be_for_another_endpoint_is_told(tmp_path: Path, endpoint: str) -> None:
    """It is judged on the one that is given, and not known to be for it."""
    parameters = "Parameters: {Told: {Type: String, Default: prod}, Untold: {Type: String}}\n"
    text = NEW.replace("GPUS", "1").replace("EndpointName: prod", f"EndpointName: {endpoint}")
    (tmp_path / "t.yaml").write_text(parameters + text)
    code, said = check(tmp_path, "t.yaml", "--strict")
    assert (code, "new is judged on prod, though its EndpointName" in said.replace("New", "new")) == (
        NAMED[endpoint],
        NAMED[endpoint] == 3,
    ), said
    assert check(tmp_path, "t.yaml")[0] == 0


def test_what_a_plan_does_not_tell_the_endpoint_of(tmp_path: Path) -> None:
    kind = "awscc_sagemaker_inference_component"
    made = planned(kind, None, {**chat(1), "inference_component_name": "new"}, "create")
    change = made["change"]
    change["after"]["specification"]["compute_resource_requirements"][
        "number_of_accelerator_devices_required"
    ] = 1
    del change["after"]["endpoint_name"]
    change["after_unknown"] = {"endpoint_name": True}
    (tmp_path / "plan.json").write_text(json.dumps({"format_version": "1.2", "resource_changes": [made]}))
    assert check(tmp_path, "plan.json", "--strict")[0] == 3
    assert check(tmp_path, "plan.json")[0] == 0
