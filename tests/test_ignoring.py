"""What is left out: by rule, at a place, and with it what only follows. Outcome and exit code stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from support.endpoints import component, snapshot

import icplan
from icplan.cli.main import main
from icplan.errors import InputError
from icplan.verify.one_verdict import verify
from icplan.verify.result import Result

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "docs" / "verdict.schema.json").read_text())
UPDATE = """\
InferenceComponentName: ic
Specification:
  ModelName: other
  ComputeResourceRequirements:
    MinMemoryRequiredInMb: 1024
    NumberOfAcceleratorDevicesRequired: 3
DeploymentConfig:
  RollingUpdatePolicy: {MaximumBatchSize: {Type: COPY_COUNT, Value: 1}, WaitIntervalInSeconds: 60}
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runs = snapshot("ml.g5.12xlarge", 2, component("ic", 2, 3), scaling=(1, 2))
    Path("snapshot.json").write_text(json.dumps(runs))


def ask(text: str, *options: str, file: str = "update.yaml") -> tuple[int, dict[str, Any], str]:
    Path(file).write_text(text)
    given = ["--snapshot", "snapshot.json"] if file == "update.yaml" else []
    result = CliRunner().invoke(main, ["check", file, *given, "--format", "json", *options])
    told = json.loads(result.stdout) if result.stdout else {}
    if told:
        jsonschema.validate(told, SCHEMA)
        assert Result.REJECTED not in {one.result for one in verify(told)}
    return result.exit_code, told, result.stderr


def rules_of(told: dict[str, Any]) -> list[str]:
    return [one["Rule"] for one in told["Changes"][0]["Findings"]]


def test_with_a_cause_goes_what_follows_from_it() -> None:
    code, told, _ = ask(UPDATE)
    assert {"ICP301", "ICP401", "ICP501"} <= set(rules_of(told))
    again, left, _ = ask(UPDATE, "--ignore", "ICP301=known to us")
    assert (again, left["Outcome"]) == (code, told["Outcome"])
    assert not {"ICP301", "ICP401", "ICP501"} & set(rules_of(left))
    assert left["Ignored"] == [{"Rule": "ICP301", "Reason": "known to us"}]
    follows = {one["Rule"]: one["Reason"] for one in left["Changes"][0]["Ignored"]}
    assert follows == dict.fromkeys(("ICP401", "ICP501"), "follows ICP301, which is ignored")
    shown = CliRunner().invoke(
        main, ["check", "update.yaml", "--snapshot", "snapshot.json", "--ignore", "ICP301=known to us"]
    )
    assert "ignored: ICP401 of ic (follows ICP301, which is ignored)" in " ".join(shown.stdout.split())


def test_what_follows_stays_while_another_cause_does() -> None:
    _, told, _ = ask(UPDATE, "--ignore", "ICP302=elsewhere")
    assert {"ICP301", "ICP401"} <= set(rules_of(told))


@pytest.mark.parametrize(
    ("above", "member"),
    [
        (False, "Specification:"),
        (True, "Specification:"),
        (True, "InferenceComponentName: ic"),
    ],
)
def test_a_comment_is_about_its_member_and_all_in_it(above: bool, member: str) -> None:
    comment = "# icplan: ignore ICP301=known to us"
    line = f"{comment}\n\n# another\n{member}" if above else f"{member}  {comment}"
    _, told, said = ask(UPDATE.replace(member, line))
    assert ("ICP301" in rules_of(told), "nothing of ICP301" in said) == (False, False)
    assert told["Changes"][0]["Ignored"][0]["File"] == "update.yaml"


def test_a_comment_elsewhere_leaves_nothing_out_and_is_told_of() -> None:
    base = rules_of(ask(UPDATE)[1])
    text = UPDATE.replace("DeploymentConfig:", "DeploymentConfig:  # icplan: ignore ICP301=known")
    _, told, said = ask(text)
    assert rules_of(told) == base
    assert "update.yaml:7: nothing of ICP301 is found there to ignore" in said


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("# icplan: ignore ICP301", "update.yaml:2:1: is no rule to ignore and a reason"),
        ("# icplan: ignore everything=x", "is no rule to ignore"),
        ("# icplan: ignore ICP999=x", "there is no rule 'ICP999'"),
    ],
)
def test_a_comment_needs_a_rule_and_a_reason(comment: str, said: str) -> None:
    code, _, stderr = ask(UPDATE.replace("Specification:", f"Specification: {comment}"))
    assert (code, said in stderr) == (2, True)


def test_strict_tells_of_it_and_does_not_obey(tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("trusted") / "snapshot.json"
    elsewhere.write_text(Path("snapshot.json").read_text())
    Path("update.yaml").write_text(
        UPDATE.replace("Specification:", "Specification: # icplan: ignore ICP301=known")
    )
    words = ["check", "update.yaml", "--snapshot", str(elsewhere), "--strict", "--format", "json"]
    result = CliRunner().invoke(main, words)
    assert "update.yaml:2: --strict does not obey: ignore ICP301 (known)" in result.stderr
    assert "ICP301" in rules_of(json.loads(result.stdout))


def template(metadata: dict[str, Any] | None = None, whole: dict[str, Any] | None = None) -> str:
    chat = {
        "Type": "AWS::SageMaker::InferenceComponent",
        **({"Metadata": metadata} if metadata else {}),
        "Properties": {
            "InferenceComponentName": "chat",
            "EndpointName": "prod",
            "VariantName": "AllTraffic",
            "Specification": {
                "ModelName": "m",
                "ComputeResourceRequirements": {
                    "NumberOfAcceleratorDevicesRequired": 4,
                    "MinMemoryRequiredInMb": 1024,
                },
            },
            "RuntimeConfig": {"CopyCount": 3},
        },
    }
    variant = {"VariantName": "AllTraffic", "InstanceType": "ml.g5.12xlarge", "InitialInstanceCount": 1}
    resources = {
        "Fleet": {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {
                "ExecutionRoleArn": "arn:aws:iam::111122223333:role/r",
                "ProductionVariants": [variant],
            },
        },
        "Shelf": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {
                "EndpointName": "prod",
                "EndpointConfigName": {"Fn::GetAtt": "Fleet.EndpointConfigName"},
            },
        },
        "Chat": chat,
    }
    return json.dumps({**({"Metadata": whole} if whole else {}), "Resources": resources}, indent=1)


IGNORE = {"icplan": {"ignore": {"ICP301": "agreed"}}}


@pytest.mark.parametrize("where", [{"metadata": IGNORE}, {"whole": IGNORE}])
def test_metadata_is_about_the_resource_or_the_template(where: dict[str, Any]) -> None:
    code, told, _ = ask(template(), file="t.json")
    assert "ICP301" in rules_of(told)
    again, left, _ = ask(template(**where), file="t.json")
    assert (again, "ICP301" in rules_of(left), "ICP504" in rules_of(left)) == (code, False, False)
    assert "ICP301" not in {one.rule for one in icplan.check("t.json").findings}


@pytest.mark.parametrize("own", [{}, {"ignore": ["ICP301"]}, {"ignore": {"ICP301": " "}}, {"ignoring": {}}])
def test_metadata_that_are_not_understood_are_refused(own: Any) -> None:
    code, _, said = ask(template({"icplan": own}), file="t.json")
    assert (code, "is not what icplan reads" in said) == (2, True)
    with pytest.raises(InputError):
        icplan.check("t.json")


def test_what_is_ignored_is_suppressed_in_sarif() -> None:
    Path("t.json").write_text(template(IGNORE))
    log = json.loads(CliRunner().invoke(main, ["check", "t.json", "--format", "sarif"]).stdout)
    told = {one["ruleId"]: one.get("suppressions") for one in log["runs"][0]["results"]}
    assert told["ICP301"][0]["justification"] == "agreed"
    assert told["ICP504"][0]["justification"] == "follows ICP301, which is ignored"


def test_what_a_gate_stops_it_stops_ignored_or_not() -> None:
    """One instance that the first copy fills: once it runs, it cannot be updated."""
    text = template().replace('"CopyCount": 3', '"CopyCount": 1')
    assert ask(text, "--fail-on", "update", file="t.json")[0] == 1
    code, told, _ = ask(text, "--fail-on", "update", "--ignore", "ICP606=later", file="t.json")
    assert (code, told["FailedOn"], "ICP606" in rules_of(told)) == (1, ["update"], False)
    assert told["Ignored"] == [{"Rule": "ICP606", "Reason": "later"}]


KIND = "awscc_sagemaker_inference_component"
MAIN = """\
module "serving" {
  source = "./serving"
}
resource "KIND" "new" {
  endpoint_name = "prod"
  runtime_config = {
ABOVE
    copy_count = 1 BESIDE
  }
}
""".replace("KIND", KIND)
COMMENT = "icplan: ignore ICP301=more is on its way"


def plan(address: str) -> str:
    """A plan that creates a component which finds no room."""
    after = {
        "inference_component_name": "new",
        "endpoint_name": "prod",
        "variant_name": "AllTraffic",
        "specification": {
            "model_name": "m",
            "compute_resource_requirements": {
                "number_of_accelerator_devices_required": 3,
                "min_memory_required_in_mb": 1024,
            },
        },
        "runtime_config": {"copy_count": 1},
    }
    change = {"actions": ["create"], "before": None, "after": after, "after_unknown": {}}
    one = {"address": address, "mode": "managed", "type": KIND, "name": "new", "change": change}
    calls = {"serving": {"source": "./serving", "module": {}}}
    configuration = {"root_module": {"module_calls": calls}}
    return json.dumps({"format_version": "1.2", "resource_changes": [one], "configuration": configuration})


def judged_plan(*options: str, address: str = f"{KIND}.new") -> tuple[int, dict[str, Any], str]:
    return ask(plan(address), "--snapshot", "snapshot.json", *options, file="plan.json")


@pytest.mark.parametrize("sign", ["#", "//"])
@pytest.mark.parametrize("folder", [None, "tf"])
def test_a_comment_in_the_source_of_a_plan_leaves_out_what_stands_there(
    sign: str, folder: str | None
) -> None:
    """At the member, or above it; in the folder that --source names, else in the current one."""
    where = Path(folder or ".")
    where.mkdir(exist_ok=True)
    source = () if folder is None else ("--source", folder)
    code, told, _ = judged_plan()
    assert "ICP301" in rules_of(told)
    for above, beside in (("", f"{sign} {COMMENT}"), (f"  {sign} {COMMENT}", "")):
        (where / "main.tf").write_text(MAIN.replace("ABOVE", above).replace("BESIDE", beside))
        again, left, _ = judged_plan(*source)
        assert (again, left["Outcome"]) == (code, told["Outcome"])
        assert "ICP301" not in rules_of(left)
        (gone, *_) = left["Changes"][0]["Ignored"]
        assert gone["Reason"] == "more is on its way"
        assert gone["File"].endswith("main.tf")


def test_a_comment_in_a_module_is_about_the_member_set_there() -> None:
    Path("main.tf").write_text(MAIN.replace("ABOVE", "").replace("BESIDE", "").split("resource")[0])
    Path("serving").mkdir()
    inner = "resource" + MAIN.split("resource", 1)[1].replace("ABOVE", "").replace("BESIDE", f"# {COMMENT}")
    Path("serving/main.tf").write_text(inner)
    _, left, _ = judged_plan(address=f"module.serving.{KIND}.new")
    assert "ICP301" not in rules_of(left)
    Path("serving/main.tf").write_text(inner.replace("ICP301=", "ICP301 "))
    assert judged_plan(address=f"module.serving.{KIND}.new")[0] == 2
