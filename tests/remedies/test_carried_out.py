"""A remedy can be carried out: applied it is what it promised, and its commands are ones that AWS takes."""

from __future__ import annotations

import ast
import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import boto3
import jsonpatch
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator
from click.testing import CliRunner
from hypothesis import event, given, settings
from hypothesis import strategies as st
from support.endpoints import GPU4, component, create, scale, snapshot, update
from support.refused_changes import QUOTA, question

import icplan
from icplan.cli.main import main
from icplan.judge.apply_remedy import AppliedRemedy, apply_remedy
from icplan.judge.change_set import judge
from icplan.judge.settings import Settings
from icplan.remedies.steps_and_risks import as_request, next_name
from icplan.report.remedy_commands import call_lines, shell_lines, write_lines
from icplan.requests.call import Call
from icplan.verdict.gate import FailOn
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from icplan.verdict.remedy import Remedy
    from icplan.verdict.remedy_steps import Command
    from icplan.verdict.verdict import Verdict

GATES = ((), (FailOn.SCALE_OUT,), (FailOn.ROLLBACK,))
Asked = tuple[dict[str, Any], dict[str, Any]]


def judged(taken: dict[str, Any], calls: list[Call], fail_on: tuple[FailOn, ...]) -> Verdict:
    return judge(calls, icplan.Snapshot.from_dict(taken), Settings(fail_on=fail_on))


def call_of(envelope: Mapping[str, Any]) -> Call:
    return Call(envelope["Operation"], dict(envelope["Request"]))


def check_applied(remedy: Remedy, applied: AppliedRemedy, fail_on: tuple[FailOn, ...]) -> None:
    """The patched question comes out as the remedy says."""
    again = judge(applied.calls, applied.snapshot, Settings(fail_on=fail_on))
    assert again.outcome is remedy.outcome, remedy
    backs = [change.rollback_outcome for change in again.changes if change.rollback_outcome is not None]
    if remedy.rollback_outcome is not None:
        assert icplan.Outcome.worst(backs) is remedy.rollback_outcome, remedy


def check_document(
    remedy: Remedy, applied: AppliedRemedy, call: dict[str, Any], taken: dict[str, Any]
) -> None:
    """What is written is what a stranger's JSON Patch makes of the target."""
    written = applied.document
    if remedy.target is Target.ENDPOINT_CONFIG:
        request = jsonpatch.apply_patch(as_request(taken["EndpointConfig"]), list(remedy.patch))
        alone = not (remedy.before or remedy.after or remedy.request_patch)
        assert (written if alone else written[0]["Request"]) == request
        assert request["EndpointConfigName"] != taken["EndpointConfig"]["EndpointConfigName"]
    patch = remedy.patch if remedy.target is Target.REQUEST else remedy.request_patch
    change = jsonpatch.apply_patch(call["Request"], list(patch))
    calls = [*remedy.before, {"Operation": call["Operation"], "Request": change}, *remedy.after]
    made = [{"Operation": one.operation, "Request": one.request} for one in applied.calls]
    first = made[: len(made) - len(calls)]
    assert made == [*first, *calls]
    expected = ["CreateEndpointConfig", "UpdateEndpoint"] if remedy.target is Target.ENDPOINT_CONFIG else []
    assert [one["Operation"] for one in first] == expected
    if remedy.target is not Target.ENDPOINT_CONFIG:
        assert written == (calls if len(calls) > 1 else change)


def check_commands(remedy: Remedy) -> None:
    """Each has a method and options of botocore's model, with all that is required, and both say the same."""
    assert remedy.commands
    for command in remedy.commands:
        check_command(command)


def check_command(command: Command) -> None:
    expression = ast.parse(command.boto3, mode="eval").body
    assert isinstance(expression, ast.Call)
    assert isinstance(expression.func, ast.Attribute)
    arguments = {str(one.arg): ast.literal_eval(one.value) for one in expression.keywords}
    service: Any = command.service
    client: Any = boto3.client(service, region_name="us-east-1")
    words = shlex.split(command.cli)
    assert words[:2] == ["aws", command.service]
    model = client.meta.service_model.operation_model(command.operation)
    if expression.func.attr == "wait":
        assert "get_waiter('endpoint_in_service')" in command.boto3
        assert client.get_waiter("endpoint_in_service").config.operation == command.operation
        assert words[2:4] == ["wait", "endpoint-in-service"]
        words = words[1:]
    else:
        assert client.meta.method_to_api_mapping[expression.func.attr] == command.operation
        assert words[2] == xform_name(command.operation, "-")
    assert not ParamValidator().validate(arguments, model.input_shape).has_errors(), command
    members = {xform_name(name, "-"): name for name in model.input_shape.members}
    assert cli_arguments(words[3:], members) == arguments


def cli_arguments(words: list[str], members: Mapping[str, str]) -> dict[str, Any]:
    """What the options of the AWS CLI say; --region is for all commands."""
    found: dict[str, Any] = {}
    while words:
        option = words.pop(0).removeprefix("--")
        flag = not words or words[0].startswith("--")
        if flag:
            found[members[option.removeprefix("no-")]] = not option.startswith("no-")
            continue
        value = words.pop(0)
        if option == "region":
            continue
        try:
            found[members[option]] = json.loads(value)
        except json.JSONDecodeError:
            found[members[option]] = value
    return found


@settings(max_examples=20, deadline=None)
@given(question(), st.sampled_from(GATES))
def test_a_remedy_applied_is_what_it_promised(asked: Asked, fail_on: tuple[FailOn, ...]) -> None:
    taken, call = asked
    verdict = judged(taken, [call_of(call)], fail_on)
    assert [one.number for one in verdict.remedies] == list(range(1, len(verdict.remedies) + 1))
    for remedy in verdict.remedies:
        event(f"{remedy.target}: {remedy.kind}")
        assert remedy.number is not None
        snapshot_ = icplan.Snapshot.from_dict(taken)
        applied = apply_remedy([call_of(call)], snapshot_, verdict, remedy.number)
        check_applied(remedy, applied, fail_on)
        check_document(remedy, applied, call, taken)
        check_commands(remedy)


UPDATE = {"Operation": "UpdateInferenceComponent", "Request": update("a", 1)}
FULL = [component("a", 4, 2)]
CASES = {
    "MaxInstanceCount": (snapshot(GPU4, 2, *FULL, scaling=(1, 2)), UPDATE),
    "scaling is off": (snapshot(GPU4, 2, *FULL), UPDATE),
    "a quota": (
        snapshot(
            GPU4,
            2,
            *FULL,
            scaling=(1, 4),
            Quotas=[QUOTA | {"Value": 2}],
            InstancesInUse={GPU4: 2},
            Region="eu-west-1",
        ),
        UPDATE,
    ),
    "a quota that is passed already": (
        snapshot(GPU4, 2, *FULL, scaling=(1, 4), Quotas=[QUOTA | {"Value": 1}], InstancesInUse={GPU4: 3}),
        UPDATE,
    ),
    "all quotas by code": (
        snapshot(
            GPU4,
            2,
            *FULL,
            scaling=(1, 4),
            Quotas=[{"QuotaCode": "L-7A3DF611", "Value": 2}],
            InstancesInUse={GPU4: 2},
        ),
        UPDATE,
    ),
    "waiting": (
        snapshot(GPU4, 1, component("a", 1, 1), component("b", 2, 1, InferenceComponentStatus="Deleting")),
        {"Operation": "UpdateInferenceComponentRuntimeConfig", "Request": scale("a", 3)},
    ),
    "blocked": (
        snapshot(GPU4, 1, component("a", 1, 1, InferenceComponentStatus="Updating")),
        {"Operation": "UpdateInferenceComponentRuntimeConfig", "Request": scale("a", 3)},
    ),
    "two together": (
        snapshot(GPU4, 1, component("a", 2, 1, InferenceComponentStatus="Failed"), component("b", 2, 1)),
        {"Operation": "CreateInferenceComponent", "Request": create("c", 3, 1)},
    ),
    "too many at once": (
        snapshot(GPU4, 2, component("a", 6, 1)),
        {"Operation": "UpdateInferenceComponent", "Request": update("a")},
    ),
}


@pytest.mark.parametrize("fail_on", GATES, ids=["default", "scale-out", "rollback"])
@pytest.mark.parametrize("name", CASES)
def test_each_kind_of_remedy(name: str, fail_on: tuple[FailOn, ...]) -> None:
    """As the property has it, for situations that are met rarely."""
    taken, call = CASES[name]
    verdict = judged(taken, [call_of(call)], fail_on)
    for remedy in verdict.remedies:
        assert remedy.number is not None
        applied = apply_remedy([call_of(call)], icplan.Snapshot.from_dict(taken), verdict, remedy.number)
        check_applied(remedy, applied, fail_on)
        check_document(remedy, applied, call, taken)
        check_commands(remedy)


def test_every_target_is_met() -> None:
    """The situations above have all of them."""
    verdicts = (judged(taken, [call_of(call)], ()) for taken, call in CASES.values())
    met = {remedy.target for verdict in verdicts for remedy in verdict.remedies}
    assert met == set(Target)


def test_what_is_secret_is_in_no_command() -> None:
    """A request with environment values is read from a file."""
    taken = snapshot(GPU4, 2, *FULL, scaling=(1, 2))
    request = update("a", 1, Container={"Image": "i:2", "Environment": {"TOKEN": "hf_abcdefghijklmnopqrst"}})
    del request["Specification"]["ModelName"]
    verdict = icplan.check(request, icplan.Snapshot.from_dict(taken))
    (last,) = {one.commands[-1] for one in verdict.remedies if one.target is Target.ENDPOINT_CONFIG}
    assert "hf_abc" not in str(verdict.remedies[0].commands)
    assert last.cli.endswith("--cli-input-json file://request.json")
    assert any("request.json" in risk for risk in verdict.remedies[0].risks)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("gate", [(), ("--fail-on", "scale-out"), ("--fail-on", "rollback")])
@pytest.mark.parametrize("name", ["MaxInstanceCount", "a quota", "waiting", "two together"])
def test_the_command_line_writes_it(folder: Path, name: str, gate: tuple[str, ...]) -> None:
    """The file holds what to send, the report is of the patched question, and so is the exit code."""
    taken, call = CASES[name]
    (folder / "snapshot.json").write_text(json.dumps(taken))
    (folder / "change.json").write_text(json.dumps(call))
    asked = ("check", "change.json", "--snapshot", "snapshot.json", *gate)
    first = run(*asked, "--format", "json")
    (change,) = json.loads(first.stdout)["Changes"]
    for remedy in change["Remedies"]:
        number = str(remedy["Number"])
        done = run(*asked, "--apply-remedy", number, "--write", "out.json", "--format", "json")
        told = json.loads(done.stdout)
        assert told["Outcome"] == remedy["Outcome"]
        expected = 0 if remedy["Outcome"].startswith("fits") else 3
        assert done.exit_code == (1 if told["FailedOn"] else expected)
        assert f"remedy {number} is written to out.json" in done.stderr
        assert "the change as it was asked" not in done.stderr  # but each call in full
        back = remedy["RollbackOutcome"] or "fits"
        by = {"scale-out": remedy["Outcome"] == "fits-after-scale-out", "rollback": back[:4] != "fits"}
        assert told["FailedOn"] == [name for name, holds in by.items() if holds and name in gate]
        written = json.loads((folder / "out.json").read_text())
        if remedy["Target"] == "endpoint-config":
            assert written["EndpointConfigName"] == "prod-config-2"
        elif remedy["Target"] == "request":
            again = run("check", "out.json", "--snapshot", "snapshot.json", *gate, "--format", "json")
            assert json.loads(again.stdout)["Outcome"] == remedy["Outcome"]


def test_there_is_no_such_remedy(folder: Path) -> None:
    """Exit code 2, one message, and no file."""
    taken, call = CASES["MaxInstanceCount"]
    (folder / "snapshot.json").write_text(json.dumps(taken))
    (folder / "change.json").write_text(json.dumps(call))
    asked = ("check", "change.json", "--snapshot", "snapshot.json")
    done = run(*asked, "--apply-remedy", "99", "--write", "out.json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "there is no remedy 99 to apply" in done.stderr
    assert not (folder / "out.json").exists()
    for wrong in (("--apply-remedy", "1"), ("--write", "out.json"), ("--apply-remedy", "1", "--write", "-")):
        assert run(*asked, *wrong).exit_code == 2
    over = run(*asked, "--apply-remedy", "1", "--write", "change.json")
    assert over.exit_code == 2
    assert json.loads((folder / "change.json").read_text()) == call


def test_remedies_are_numbered_through_the_whole_report(folder: Path) -> None:
    """Over several questions, and each number is that of its own question."""
    taken, call = CASES["MaxInstanceCount"]
    (folder / "snapshot.json").write_text(json.dumps(taken))
    other = {**update("a", 1), "Specification": {"ModelName": "model-3"}}
    (folder / "a.json").write_text(json.dumps(call))
    (folder / "b.json").write_text(json.dumps(other))
    asked = ("check", "a.json", "b.json", "--each", "--snapshot", "snapshot.json")
    told = json.loads(run(*asked, "--format", "json").stdout)["Verdicts"]
    numbers = [one["Number"] for each in told for one in each["Changes"][0]["Remedies"]]
    assert numbers == list(range(1, len(numbers) + 1))
    done = run(*asked, "--apply-remedy", str(numbers[-1]), "--write", "out.json")
    assert done.exit_code == 0
    assert "model-3" in (folder / "out.json").read_text()


TEMPLATE = f"""
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/endpoint
      ProductionVariants:
        - VariantName: AllTraffic
          InstanceType: {GPU4}
          InitialInstanceCount: 1
          ManagedInstanceScaling: {{Status: ENABLED, MinInstanceCount: 1, MaxInstanceCount: 1}}
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties: {{EndpointName: prod, EndpointConfigName: !GetAtt Config.EndpointConfigName}}
  Chat:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      InferenceComponentName: chat
      EndpointName: !GetAtt Endpoint.EndpointName
      VariantName: AllTraffic
      Specification:
        ModelName: m
        ComputeResourceRequirements: {{NumberOfAcceleratorDevicesRequired: 2, MinMemoryRequiredInMb: 1024}}
      RuntimeConfig: {{CopyCount: 3}}
"""


def test_a_remedy_of_a_template(folder: Path) -> None:
    """What lines of the template make is not written to be sent: the lines are told, with exit code 2."""
    (folder / "template.yaml").write_text(TEMPLATE)
    (change,) = json.loads(run("check", "template.yaml", "--format", "json").stdout)["Changes"]
    refused = 0
    for remedy in change["Remedies"]:
        number = str(remedy["Number"])
        done = run(
            "check", "template.yaml", "--apply-remedy", number, "--write", "out.json", "--format", "json"
        )
        # A line of the template makes it; what is only sent is taken back by the next deployment.
        drifts = "the next deployment takes it back, unless the files say the same" in remedy["Risks"]
        patched = bool(remedy["Patch"] or remedy.get("RequestPatch"))
        assert drifts is (patched and "Edits" not in remedy)
        if "Edits" not in remedy:
            assert json.loads(done.stdout)["Outcome"] == remedy["Outcome"]
            continue
        refused += 1
        assert (done.exit_code, done.stdout) == (2, "")
        assert f"remedy {number} is " in done.stderr
        for edit in remedy["Edits"]:
            assert f"template.yaml:{edit['Line']}: {edit['Path'].rpartition('/')[2]} " in done.stderr
            assert f"{edit['Before']} \N{RIGHTWARDS ARROW} {edit['After']}" in done.stderr
        assert "aws " not in done.stderr
        assert not (folder / "out.json").exists()
    assert refused > 1
    whole = run("check", "template.yaml", "--verbose").stdout
    assert "--apply-remedy" not in whole
    assert {one["Target"] for one in change["Remedies"]} == {"request", "endpoint-config"}


def test_a_written_change_keeps_its_environment(folder: Path) -> None:
    """It is to be sent: a value that is taken out would be another value."""
    taken = snapshot(GPU4, 2, component("a", 6, 1))
    container = {"Image": "i:2", "Environment": {"TOKEN": "hf_abcdefghijklmnopqrst"}}
    request = update("a") | {"Specification": {"Container": container}}
    (folder / "snapshot.json").write_text(json.dumps(taken))
    (folder / "change.json").write_text(json.dumps(request))
    asked = ("check", "change.json", "--snapshot", "snapshot.json")
    remedies = json.loads(run(*asked, "--format", "json").stdout)["Changes"][0]["Remedies"]
    number = next(one["Number"] for one in remedies if one["Kind"] == "smaller-batch")
    done = run(*asked, "--apply-remedy", str(number), "--write", "out.json")
    assert json.loads((folder / "out.json").read_text())["Specification"]["Container"] == container
    assert "hf_abc" not in done.output


def test_a_configuration_of_the_set_is_patched_in_the_set() -> None:
    """Where a change of the set makes the configuration, none other is made."""
    configuration = {
        "EndpointConfigName": "new-config",
        "ExecutionRoleArn": "arn:aws:iam::111122223333:role/endpoint",
        "ProductionVariants": [
            {
                "VariantName": "AllTraffic",
                "InstanceType": GPU4,
                "InitialInstanceCount": 1,
                "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 1},
            }
        ],
    }
    calls = [
        Call("CreateEndpointConfig", configuration),
        Call("CreateEndpoint", {"EndpointName": "prod", "EndpointConfigName": "new-config"}),
        Call("CreateInferenceComponent", create("a", 3, 2)),
    ]
    verdict = judge(calls, None, Settings())
    remedy = next(one for one in verdict.remedies if one.target is Target.ENDPOINT_CONFIG)
    assert remedy.number is not None
    applied = apply_remedy(calls, None, verdict, remedy.number)
    assert judge(applied.calls, None, Settings()).outcome is remedy.outcome
    assert applied.document[0]["Request"] == jsonpatch.apply_patch(configuration, list(remedy.patch))
    assert applied.document[1:] == [
        {"Operation": call.operation, "Request": call.request} for call in calls[1:]
    ]
    check_commands(remedy)
    # The AWS CLI takes no list of calls out of the file that is written.
    printed = "\n".join(call_lines(remedy, "set.json", place=applied.place))
    assert "file://set.json" not in printed
    assert "then what the set has between" in printed


@settings(max_examples=20, deadline=None)
@given(question())
def test_what_is_printed_can_be_pasted(asked: Asked) -> None:
    """A command that is broken into lines is the same to a shell, and fits where its words do."""
    taken, call = asked
    for remedy in judged(taken, [call_of(call)], ()).remedies:
        for command in remedy.commands:
            lines = list(shell_lines(command.cli))
            whole = "\n".join(lines).replace("\\\n", "").strip()
            assert shlex.split(whole)[1:] == shlex.split(command.cli)
            assert all(len(line) <= 80 for line in lines if "'" not in line)
        # Who waits, or asks for a quota, has nothing to write.
        assert list(write_lines(remedy, "icplan check x.json")) or not remedy.patch
        assert list(call_lines(remedy))


@given(st.from_regex(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", fullmatch=True))
def test_a_new_name_is_another_that_aws_takes(name: str) -> None:
    found = next_name(name)
    assert found != name
    assert len(found) <= 63
    call = Call("CreateEndpointConfig", {"EndpointConfigName": found, "ProductionVariants": []})
    assert not [one for one in call.problems if "EndpointConfigName" in str(one.path)]


@pytest.mark.parametrize("folder_name", ["plain", "with space"])
def test_the_change_of_a_written_set_is_sent_by_a_command(folder: Path, folder_name: str) -> None:
    """The AWS CLI takes one request; of the calls in the file the command picks that of the change."""
    taken, call = CASES["too many at once"]
    (folder / "snapshot.json").write_text(json.dumps(taken))
    (folder / "change.json").write_text(json.dumps(call))
    (folder / folder_name).mkdir()
    asked = ("check", "change.json", "--snapshot", "snapshot.json")
    (change,) = json.loads(run(*asked, "--format", "json").stdout)["Changes"]
    found = [one for one in change["Remedies"] if one["Kind"] == "scale-down-first"]
    for remedy in found:
        file = f"{folder_name}/set.json"
        done = run(*asked, "--apply-remedy", str(remedy["Number"]), "--write", file)
        told = done.stderr.replace("\\\n", " ")
        (picked,) = re.findall(r"--cli-input-json \"\$\((jq -c .*?)\)\"", told)
        program, path = shlex.split(picked)[2:]
        (place,) = re.fullmatch(r"\.\[(\d+)\]\.Request", program).groups()  # type: ignore[union-attr]
        request = json.loads((folder / path).read_text())[int(place)]["Request"]
        assert "Specification" in request
    assert found


def test_a_configuration_waits_for_an_endpoint_that_is_updating() -> None:
    """UpdateEndpoint is refused meanwhile."""
    taken = snapshot(GPU4, 1, component("chat", 1, 3), scaling=(1, 1))
    taken["Endpoint"]["EndpointStatus"] = "Updating"
    (remedy,) = icplan.check(scale("chat", 2), taken).remedies
    services = [command.operation for command in remedy.commands]
    assert services == [
        "DescribeEndpoint",
        "CreateEndpointConfig",
        "UpdateEndpoint",
        "DescribeEndpoint",
        "UpdateInferenceComponentRuntimeConfig",
    ]


def test_what_is_blocked_is_mended_once_it_is_at_rest() -> None:
    """The fix was judged at rest, and begins with waiting for that; applied, it is what it promised."""
    taken = snapshot(GPU4, 2, component("chat", 2, 3, InferenceComponentStatus="Updating"), scaling=(1, 2))
    calls = [Call("UpdateInferenceComponentRuntimeConfig", scale("chat", 3))]
    verdict = judged(taken, calls, ())
    remedy = verdict.remedies[0]
    assert verdict.outcome == "blocked"
    assert remedy.once_at_rest
    assert remedy.description == "once chat is InService: raise MaxInstanceCount to 3"
    assert [one.operation for one in remedy.commands][:2] == [
        "DescribeInferenceComponent",
        "DescribeEndpoint",
    ]
    check_applied(remedy, apply_remedy(calls, icplan.Snapshot.from_dict(taken), verdict, 1), ())


def test_a_batch_of_the_fewer_copies_that_are_left_is_told_as_a_risk() -> None:
    """One of two copies is a legal batch, one of one is none."""
    taken = snapshot(GPU4, 2, component("chat", 2, 3), scaling=(1, 2))
    down = next(one for one in icplan.check(update("chat", 1), taken).remedies if one.before)
    assert any("more than the 50 percent of 1 copy" in risk for risk in down.risks)


def test_a_changed_request_of_a_set_is_named_where_it_is_written(folder: Path) -> None:
    """The change as it was asked is another one than that of the fix."""
    taken = snapshot(GPU4, 4, component("chat", 6, 2), component("embed", 2, 1), scaling=(1, 5))
    larger = {
        "ComputeResourceRequirements": {
            "NumberOfAcceleratorDevicesRequired": 3,
            "MinMemoryRequiredInMb": 1024,
        }
    }
    asked = update("chat", 2) | {"Specification": larger, "RuntimeConfig": {"CopyCount": 4}}
    (folder / "c.json").write_text(json.dumps(asked))
    (folder / "s.json").write_text(json.dumps(taken))
    done = CliRunner().invoke(main, ["check", "c.json", "--snapshot", "s.json", "--verbose"])
    text = " ".join(done.stdout.replace("\\\n", "").split())
    assert "scale it to 4" in text
    assert "as the file has it" not in text
    assert "'.[1].Request' set.json" in text
