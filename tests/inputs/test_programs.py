"""Programs that a deployment runs: told where they may change what an endpoint runs, and else as not read."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from icplan.cli.main import main

NEEDS = {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 1024}
VARIANT = {"VariantName": "main", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 2}
RESOURCES: dict[str, Any] = {
    "Fleet": {
        "Type": "AWS::SageMaker::EndpointConfig",
        "Properties": {
            "ExecutionRoleArn": "arn:aws:iam::111122223333:role/serve",
            "ProductionVariants": [VARIANT],
        },
    },
    "Shore": {
        "Type": "AWS::SageMaker::Endpoint",
        "Properties": {
            "EndpointName": "shore",
            "EndpointConfigName": {"Fn::GetAtt": ["Fleet", "EndpointConfigName"]},
        },
    },
    "Dune": {
        "Type": "AWS::SageMaker::InferenceComponent",
        "Properties": {
            "InferenceComponentName": "dune",
            "EndpointName": {"Fn::GetAtt": "Shore.EndpointName"},
            "VariantName": "main",
            "Specification": {"ModelName": "m", "ComputeResourceRequirements": NEEDS},
            "RuntimeConfig": {"CopyCount": 1},
        },
    },
}
NOT_READ = "not read; judged as if no endpoint were changed by it"
MAY_CHANGE = "may change what"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def strict(value: Any) -> tuple[int, str]:
    Path("t.json").write_text(json.dumps(value))
    result = CliRunner().invoke(main, ["check", "--strict", "--no-config", "t.json"])
    return result.exit_code, " ".join(result.output.split())


def template(program: dict[str, Any], **beside: Any) -> dict[str, Any]:
    return {"Resources": {**RESOURCES, "Seed": {"Type": "Custom::Seed", **program}, **beside}}


def att(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def program(code: Any, **given: Any) -> dict[str, Any]:
    return {"Properties": {"ServiceToken": code, **given}}


ELSEWHERE = "arn:aws:lambda:us-east-1:111122223333:function:x"


def function(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Bucket": "b"}, **properties}}


def role(*actions: str, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": [statement]}}]
    return {"Type": "AWS::IAM::Role", "Properties": {"Policies": policies, **more}}


def attached(*actions: str) -> dict[str, Any]:
    properties = role(*actions)["Properties"]["Policies"][0]
    return {"Type": "AWS::IAM::Policy", "Properties": {**properties, "Roles": [{"Ref": "Role"}]}}


MAKER = function(Role=att("Role"))
MAY = {
    "it is given the endpoint": template(program(ELSEWHERE, On={"Fn::Sub": "x/${Shore.EndpointName}"})),
    "it speaks of SageMaker": template(program(ELSEWHERE, Call="SageMaker.updateEndpoint")),
    "it waits for the component": template({**program(ELSEWHERE), "DependsOn": "Dune"}),
    "its code does": template(
        program(att("Maker")), Maker=function(Code={"ZipFile": "boto3.client('sagemaker')"})
    ),
    "its role may": template(
        program(att("Maker")), Maker=MAKER, Role=role("s3:Get*", "sagemaker:Describe*", "sagemaker:Update*")
    ),
    "a policy of its role allows it": template(
        program(att("Maker")), Maker=MAKER, Role=role("s3:GetObject"), Rule=attached("sagemaker:*")
    ),
    "its role may do anything": template(program(att("Maker")), Maker=MAKER, Role=role("*")),
    "its role is an administrator": template(
        program(att("Maker")),
        Maker=MAKER,
        Role=role("s3:Get*", ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]),
    ),
    "what it calls may": template(
        program(att("Frame")),
        Frame=function(Environment={"Variables": {"CALLS": att("Maker")}}),
        Maker=MAKER,
        Role=role("sagemaker:CreateEndpointConfig"),
    ),
}


@pytest.mark.parametrize("name", MAY)
def test_a_program_that_may_change_an_endpoint(name: str) -> None:
    code, said = strict(MAY[name])
    assert (code, f"Seed: its program {MAY_CHANGE} an endpoint runs; not judged" in said) == (3, True), said


def test_a_program_that_is_elsewhere_is_told() -> None:
    code, said = strict(template(program(ELSEWHERE, Bucket="b"), More={"Type": "Custom::X", **program("y")}))
    assert (code, f"Seed, More run programs that are {NOT_READ}" in said) == (0, True), said


HARMLESS = {
    "it does something else": template(
        program(att("Maker"), Of={"Ref": "Bucket"}),
        Maker=MAKER,
        Role=role("s3:DeleteObject"),
        Bucket={"Type": "AWS::S3::Bucket"},
    ),
    "it only calls endpoints": template(
        program(att("Maker")), Maker=MAKER, Role=role("sagemaker:InvokeEndpoint", "sagemaker:Describe*")
    ),
    "a policy of another role allows it": template(
        program(att("Maker")),
        Maker=MAKER,
        Role=role("s3:GetObject"),
        Other={"Type": "AWS::IAM::Role"},
        Rule={
            "Type": "AWS::IAM::Policy",
            "Properties": {**attached("sagemaker:*")["Properties"], "Roles": [{"Ref": "Other"}]},
        },
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_program_that_is_read_and_does_something_else(name: str) -> None:
    code, said = strict(HARMLESS[name])
    assert (code, "program" in said) == (0, False), said


def test_nothing_is_said_of_programs_where_nothing_is_judged() -> None:
    Path("t.json").write_text(
        json.dumps({"Resources": {"Seed": {"Type": "Custom::X", **program(ELSEWHERE)}}})
    )
    assert "program" not in CliRunner().invoke(main, ["check", "t.json"]).output


# --- what types of AWS's own run ----------------------------------------------------------------------------

COMMAND = "aws sagemaker update-inference-component-runtime-config --inference-component-name dune"
ENCODED = base64.b64encode(f"#!/bin/sh\n{COMMAND}\n".encode()).decode()
STEP = json.dumps({"Resource": "arn:aws:states:::aws-sdk:sagemaker:updateInferenceComponentRuntimeConfig"})
INLINE = {"Code": {"ZipFile": "boto3.client('sagemaker').update_inference_component(**given)"}}
MAY_CALL = {"Statement": [{"Effect": "Allow", "Action": "sagemaker:UpdateInferenceComponent"}]}


def of_aws(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def rule(name: str) -> dict[str, Any]:
    return of_aws("Events::Rule", ScheduleExpression="rate(1 day)", Targets=[{"Id": "x", "Arn": att(name)}])


RUNS: dict[str, dict[str, Any]] = {
    "user data of what is launched": {
        "Run": of_aws("EC2::LaunchTemplate", LaunchTemplateData={"UserData": ENCODED})
    },
    "user data put together": {
        "Run": of_aws("Lightsail::Instance", UserData={"Fn::Join": ["", [COMMAND[:24], COMMAND[24:]]]})
    },
    "what cfn-init runs": {
        "Run": of_aws("EC2::Instance")
        | {"Metadata": {"AWS::CloudFormation::Init": {"config": {"commands": {"a": {"command": COMMAND}}}}}}
    },
    "a notebook that starts": {
        "Run": of_aws("SageMaker::NotebookInstanceLifecycleConfig", OnStart=[{"Content": ENCODED}])
    },
    "a step of a cluster": {"Run": of_aws("EMR::Step", HadoopJarStep={"Args": ["bash", "-c", COMMAND]})},
    "a pipeline": {"Run": of_aws("CodePipeline::Pipeline", Stages=[{"Actions": [{"Commands": [COMMAND]}]}])},
    "a rule": {"Run": of_aws("Events::Rule", Targets=[{"Input": json.dumps({"commands": [COMMAND]})}])},
    "a state machine that a rule calls": {
        "Run": of_aws("StepFunctions::StateMachine", DefinitionString=STEP),
        "When": rule("Run"),
    },
    "a function that a rule calls": {"Run": of_aws("Lambda::Function", **INLINE), "When": rule("Run")},
    "a function that calls itself": {
        "Run": of_aws("Serverless::Function", InlineCode=INLINE["Code"]["ZipFile"], Events={"A": {}})
    },
    "a task that a service runs": {
        "Run": of_aws("ECS::TaskDefinition", ContainerDefinitions=[{"Command": COMMAND.split()}]),
        "When": of_aws("ECS::Service", TaskDefinition={"Ref": "Run"}),
    },
}
RUNS_NOTHING: dict[str, dict[str, Any]] = {
    "a function that nothing calls": {
        "Run": of_aws("Lambda::Function", **INLINE),
        "May": of_aws("Lambda::Permission", FunctionName={"Ref": "Run"}),
    },
    "a rule about calls": {
        "Run": of_aws("Events::Rule", EventPattern={"detail": {"eventName": ["UpdateInferenceComponent"]}})
    },
    "an alarm": {"Run": of_aws("CloudWatch::Alarm", AlarmDescription="UpdateInferenceComponent failed")},
    "a role": {"Run": of_aws("IAM::ManagedPolicy", PolicyDocument=MAY_CALL)},
    "what is allowed from a network": {
        "Run": of_aws("EC2::VPCEndpoint", PolicyDocument=json.dumps(MAY_CALL))
    },
    "a program that does something else": {
        "Run": of_aws("EC2::LaunchTemplate", UserData="ZWNobyBoZWxsbyB3b3JsZCEhISE=")
    },
}


@pytest.mark.parametrize("name", [*RUNS, *RUNS_NOTHING])
def test_what_runs_and_calls_sagemaker_is_told(name: str) -> None:
    code, said = strict({"Resources": {**RESOURCES, **(RUNS | RUNS_NOTHING)[name]}})
    assert (code, "Run: what AWS::" in said) == ((3, True) if name in RUNS else (0, False)), said


CODE = "boto3.client('sagemaker').update_inference_component(**given)"
OTHER_CODE = "boto3.client('s3').delete_object(**given)"
BESIDE = {
    "code that calls": ("fn/index.py", CODE, 3),
    "code in a folder of it": ("fn/inner/calls.py", CODE, 3),
    "code that does something else": ("fn/index.py", OTHER_CODE, 0),
    "a library": ("fn/node_modules/sdk/index.js", CODE, 0),
    "another folder": ("other/index.py", CODE, 0),
}


@pytest.mark.parametrize("name", BESIDE)
def test_code_that_lies_beside_the_template_is_read(name: str) -> None:
    """Of a function that a rule calls, or that makes a custom resource; as SAM packs it, and CDK."""
    file, code, expected = BESIDE[name]
    for folder in ("", "cdk.out/"):
        Path(folder + file).parent.mkdir(parents=True)
        Path(folder + file).write_text(code)
    sam = of_aws("Serverless::Function", CodeUri="./fn", Role=ELSEWHERE)
    for beside in (
        {"Run": sam, "When": rule("Run")},
        {"Run": sam, "Seed": {"Type": "Custom::S", **program(att("Run"))}},
    ):
        assert strict({"Resources": {**RESOURCES, **beside}})[0] == expected
    asset = {**function(Role=ELSEWHERE), "Metadata": {"aws:asset:path": "fn", "aws:asset:property": "Code"}}
    made = {"Resources": {**RESOURCES, "Run": asset, "Seed": {"Type": "Custom::S", **program(att("Run"))}}}
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}}
    Path("cdk.out/t.json").write_text(json.dumps(made))
    Path("cdk.out/manifest.json").write_text(json.dumps({"version": "38.0.0", "artifacts": {"S": stack}}))
    result = CliRunner().invoke(main, ["check", "--strict", "--no-config", "cdk.out"])
    assert result.exit_code == expected, result.output


# --- plans -------------------------------------------------------------------------------------------------


def planned(kind: str, after: Any, name: str = "x", *actions: str) -> dict[str, Any]:
    change = {"actions": list(actions or ("create",)), "before": None, "after": after, "after_unknown": {}}
    return {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "change": change}


FLEET = planned(
    "aws_sagemaker_endpoint_configuration",
    {
        "name": "fleet",
        "execution_role_arn": "arn:aws:iam::111122223333:role/serve",
        "production_variants": [
            {"variant_name": "main", "instance_type": "ml.g5.xlarge", "initial_instance_count": 2}
        ],
    },
)
SHORE = planned("aws_sagemaker_endpoint", {"name": "shore", "endpoint_config_name": "fleet"})
DUNE = planned(
    "awscc_sagemaker_inference_component",
    {
        "inference_component_name": "dune",
        "endpoint_name": "shore",
        "variant_name": "main",
        "specification": {
            "model_name": "m",
            "compute_resource_requirements": {
                "number_of_accelerator_devices_required": 1,
                "min_memory_required_in_mb": 1024,
            },
        },
        "runtime_config": {"copy_count": 1},
    },
)
REFERS = {
    "address": "awscc_sagemaker_inference_component.x",
    "expressions": {"endpoint_name": {"references": ["aws_sagemaker_endpoint.x.name"]}},
}
IN_TURN = {
    "address": "aws_sagemaker_endpoint.x",
    "expressions": {"endpoint_config_name": {"references": ["aws_sagemaker_endpoint_configuration.x.name"]}},
}


def plan(entry: dict[str, Any], of_it: dict[str, Any], **more: Any) -> dict[str, Any]:
    configured = {"address": entry["address"], "type": entry["type"], **of_it}
    root = {"resources": [IN_TURN, REFERS, configured]}
    changes = [FLEET, SHORE, DUNE, entry]
    return {
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": {"root_module": root},
    } | more


def local(**command: Any) -> dict[str, Any]:
    return {"provisioners": [{"type": "local-exec", "expressions": {"command": command}}]}


NULL = planned("null_resource", {"triggers": None})
CALL = planned("aws_lambda_invocation", {"function_name": "f", "input": "{}"})
ENDPOINT = {"references": ["aws_sagemaker_endpoint.x.name", "aws_sagemaker_endpoint.x"]}
PLANS_THAT_MAY = {
    "a command speaks of SageMaker": plan(NULL, local(constant_value="aws sagemaker update-endpoint")),
    "a command is given the endpoint": plan(NULL, local(**ENDPOINT)),
    "a command waits for the endpoint": plan(
        NULL, {**local(constant_value="./go"), "depends_on": ["aws_sagemaker_endpoint.x"]}
    ),
    "a data of Terraform's": plan(
        planned("terraform_data", {"input": "shore"}), {**local(), "expressions": {"input": ENDPOINT}}
    ),
    "an invocation is given the endpoint": plan(CALL, {"expressions": {"input": ENDPOINT}}),
    "an invocation speaks of SageMaker": plan(
        planned("aws_lambda_invocation", {"input": '{"call": "sagemaker:UpdateEndpoint"}'}), {}
    ),
}


@pytest.mark.parametrize("name", PLANS_THAT_MAY)
def test_a_program_of_a_plan_that_may_change_an_endpoint(name: str) -> None:
    code, said = strict(PLANS_THAT_MAY[name])
    assert (code, f"{MAY_CHANGE} an endpoint runs; not judged" in said) == (3, True), said


@pytest.mark.parametrize(
    ("entry", "of_it"),
    [(NULL, local(constant_value="./go")), (NULL, local(references=["var.x"])), (CALL, {})],
)
def test_a_program_of_a_plan_that_is_not_read(entry: dict[str, Any], of_it: dict[str, Any]) -> None:
    code, said = strict(plan(entry, of_it))
    assert (code, f"{entry['address']} runs a program that is {NOT_READ}" in said) == (0, True), said


def test_what_runs_nothing_is_not_told() -> None:
    kept = planned("null_resource", {}, "x", "no-op")
    for entry, of_it in ((NULL, {}), (kept, local(constant_value="./go"))):
        code, said = strict(plan(entry, of_it))
        assert (code, "program" in said) == (0, False), said


def test_an_action_of_a_plan() -> None:
    told = plan(NULL, {}, action_invocations=[{"address": "action.aws_lambda_invoke.y"}])
    assert f"action.aws_lambda_invoke.y runs a program that is {NOT_READ}" in strict(told)[1]
    asks = {"address": "action.aws_lambda_invoke.y", "config_values": {"payload": "sagemaker updateEndpoint"}}
    assert strict(plan(NULL, {}, action_invocations=[asks]))[0] == 3


OF_PLANS = {
    "user data of an instance": ("aws_instance", {"user_data": COMMAND}, 3),
    "user data of what is launched": ("aws_launch_template", {"user_data": ENCODED}, 3),
    "a state machine": ("aws_sfn_state_machine", {"definition": STEP}, 3),
    "a notebook that starts": (
        "aws_sagemaker_notebook_instance_lifecycle_configuration",
        {"on_start": ENCODED},
        3,
    ),
    "a policy": ("aws_iam_policy", {"policy": json.dumps(MAY_CALL)}, 0),
    "a rule about calls": ("aws_cloudwatch_event_rule", {"event_pattern": '"UpdateInferenceComponent"'}, 0),
    "user data that does something else": ("aws_instance", {"user_data": "echo hello"}, 0),
}


@pytest.mark.parametrize("name", OF_PLANS)
def test_a_resource_of_a_plan_that_calls_sagemaker(name: str) -> None:
    kind, after, expected = OF_PLANS[name]
    entry = planned(kind, after)
    code, said = strict(plan(entry, {}))
    assert (code, f"{entry['address']} may" in said) == (expected, expected == 3), said


@pytest.mark.parametrize("mode", ["data", "ephemeral"])
@pytest.mark.parametrize("kind", ["aws_lambda_invocation", "http", "aws_ssm_parameter"])
def test_data_that_a_program_reads_out(mode: str, kind: str) -> None:
    asks = {"x": {"constant_value": '{"InferenceComponentName": "dune", "DesiredRuntimeConfig": {}}'}}
    told = plan(NULL, {})
    read = {"address": f"{kind}.y", "mode": mode, "type": kind, "expressions": asks}
    told["configuration"]["root_module"]["resources"].append(read)
    code, said = strict(told)
    assert code == (0 if kind == "aws_ssm_parameter" else 3), said


def test_what_the_configuration_of_a_plan_lacks_runs_all_the_same() -> None:
    """Its members tell that it calls SageMaker, too."""
    read = planned("external", {"program": ["sh", "-c", COMMAND]}, "y", "read") | {"mode": "data"}
    for entry in (read, planned("aws_lambda_invocation", {"input": COMMAND})):
        told = plan(entry, {})
        told["configuration"]["root_module"]["resources"].pop()
        assert strict(told)[0] == 3
