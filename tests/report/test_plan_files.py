"""The files of a plan: icplan's own readers read each back, and judge that what it makes fits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.hcl_reader import read_hcl
from support.plans import planned, sample_plan
from support.terraform_plans import terraform_plan

import icplan
from icplan.cli.main import main
from icplan.report.plan_files import plan_files
from icplan.report.plan_terraform import COMPONENT
from icplan.testing import strategies
from icplan.verdict.consolidation import Consolidation, Worth
from icplan.verdict.fleet_plan import Plan, TypeCount
from icplan.verdict.fleet_plan_codec import plan_from_dict, plan_to_dict
from icplan.verdict.plan_requests import NO_ROLE

ROLE = "arn:aws:iam::123456789012:role/serve"
NOT_HELD = "MaxCapacity of embed is 9, and the plan holds 4: --hold autoscaling holds all"


RUNS = Consolidation("prod-llm", None, "0" * 64, (), None, None, None, Worth.NOT_KNOWN)


def written(folder: Path, plan: Plan, role: str | None = ROLE) -> list[str]:
    """The notes, once all files are in the folder."""
    texts, notes = plan_files(plan, role)
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return notes


def checked(*files: Path) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["check", *map(str, files), "--format", "json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_requests_fit(tmp_path: Path) -> None:
    """In the order in which they are sent, as one set that makes its endpoint."""
    assert written(tmp_path, sample_plan()) == [NOT_HELD]
    files = [tmp_path / "endpoint-config.json", tmp_path / "endpoint.json"]
    files += sorted((tmp_path / "components").iterdir())
    verdict = checked(*files)
    assert verdict["Outcome"] == "fits"
    assert [one["InferenceComponentName"] for one in verdict["Changes"]] == [None, None, "chat", "embed"]
    assert icplan.check(sample_plan().requests(ROLE)).fits


def test_the_template_fits_and_an_update_does_later(tmp_path: Path) -> None:
    """Its component has the policy that it was planned with, and the fleet may grow to its peak."""
    written(tmp_path, sample_plan())
    done = CliRunner().invoke(main, ["check", str(tmp_path / "template.yaml"), "--fail-on", "update"])
    assert done.exit_code == 0, done.output
    verdict = checked(tmp_path / "template.yaml")
    assert verdict["Outcome"] == "fits"
    assert {one["InstancesNow"] for one in verdict["Changes"]} == {3}
    without_peak = attrs.evolve(sample_plan(), peak=None)
    written(tmp_path, without_peak)
    done = CliRunner().invoke(main, ["check", str(tmp_path / "template.yaml"), "--fail-on", "update"])
    assert done.exit_code == 1, "it cannot be updated without the peak that was planned"


def test_terraform_fits(tmp_path: Path) -> None:
    written(tmp_path, sample_plan())
    shown = terraform_plan((tmp_path / "main.tf").read_text(), "prod-llm")
    (tmp_path / "plan.json").write_text(json.dumps(shown))
    verdict = checked(tmp_path / "plan.json")
    assert verdict["Outcome"] == "fits"
    assert [one["InferenceComponentName"] for one in verdict["Changes"]] == ["chat", "embed"]


def test_components_come_one_after_another(tmp_path: Path) -> None:
    """Each waits for the one before it, in both languages."""
    written(tmp_path, sample_plan())
    blocks = {labels: members for _, labels, members in read_hcl((tmp_path / "main.tf").read_text())}
    assert "depends_on" not in blocks[COMPONENT, "chat"]
    assert blocks[COMPONENT, "embed"]["depends_on"] == [f"{COMPONENT}.chat"]
    resources = sample_plan().cloudformation()["Resources"]
    assert "DependsOn" not in resources["Component1Chat"]
    assert resources["Component2Embed"]["DependsOn"] == "Component1Chat"
    target = resources["Component2EmbedCopies"]["Properties"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (4, 9)


def test_values_of_the_environment_are_the_users_own(tmp_path: Path) -> None:
    """In files to send nothing is another value than it was."""
    written(tmp_path, sample_plan())
    request = json.loads((tmp_path / "components" / "01-chat.json").read_text())
    told = {"HF_TOKEN": "hf_" + "a" * 30, "ODD": 'a "b" ${c} %{d} $${e}\n'}
    assert request["Specification"]["Container"]["Environment"] == told
    blocks = {labels: members for _, labels, members in read_hcl((tmp_path / "main.tf").read_text())}
    assert blocks[COMPONENT, "chat"]["specification"]["container"]["environment"] == told


def test_without_a_role_the_place_for_it_is_told(tmp_path: Path) -> None:
    notes = set(written(tmp_path, sample_plan(), None))
    (note,) = notes - {NOT_HELD}
    assert NO_ROLE in note
    assert json.loads((tmp_path / "endpoint-config.json").read_text())["ExecutionRoleArn"] == NO_ROLE


def test_what_a_language_lacks_is_not_written(tmp_path: Path) -> None:
    """Each file by itself; the requests are always there."""
    balanced = {"PlacementStrategy": "SPREAD", "AvailabilityZoneBalance": {"EnforcementMode": "PERMISSIVE"}}
    spread = planned("chat", 1, 1, 1024, scheduling=balanced)
    lacks = "main.tf is not written: chat has Specification.SchedulingConfig, which the awscc provider lacks"
    assert written(tmp_path, attrs.evolve(sample_plan(), components=(spread,))) == [lacks]
    assert not (tmp_path / "main.tf").exists()
    assert (tmp_path / "template.yaml").exists()
    spread = planned("chat", 1, 1, 1024, scheduling={"PlacementStrategy": "SPREAD"})
    _, notes = plan_files(attrs.evolve(sample_plan(), components=(spread,)), ROLE)
    assert "SchedulingConfig without AvailabilityZoneBalance, which CloudFormation requires" in notes[0]


@pytest.mark.slow
def test_cfn_lint_finds_nothing(tmp_path: Path) -> None:
    """It knows AWS's schemas of the resources."""
    written(tmp_path, sample_plan())
    program = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run(
        [program, "--regions", "us-east-1", "--", tmp_path / "template.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("steady", "said"),
    [
        (None, "the plan has no fleet"),
        (
            (TypeCount("ml.g5.xlarge", 1), TypeCount("ml.g6.xlarge", 2)),
            "1 x ml.g5.xlarge and 2 x ml.g6.xlarge",
        ),
    ],
)
def test_no_request_says_it(steady: tuple[TypeCount, ...] | None, said: str) -> None:
    plan = attrs.evolve(sample_plan(), steady=steady)
    for make in (plan.requests, plan.cloudformation):
        with pytest.raises(icplan.InputError, match=said):
            make()


def test_an_endpoint_that_runs_is_updated(tmp_path: Path) -> None:
    """What is there already is not made again."""
    chat, embed = sample_plan().components
    components = (chat, attrs.evolve(embed, file="embed.json"))
    notes = written(tmp_path, attrs.evolve(sample_plan(), components=components, consolidation=RUNS))
    assert notes == ["template.yaml and main.tf are not written: the endpoint is there"]
    assert sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*.*")) == [
        *("components/01-embed.json", "endpoint-config.json", "endpoint.json")
    ]
    assert json.loads((tmp_path / "endpoint.json").read_text()) == {
        "Operation": "UpdateEndpoint",
        "Request": {"EndpointName": "prod-llm", "EndpointConfigName": "prod-llm-3x-g5-12xlarge"},
    }


FLEET = {"InstanceType", "InitialInstanceCount", "ManagedInstanceScaling", "InstancePools"}
FLEET |= {"AcceleratorPartitionLayouts"}


BESIDE = st.fixed_dictionaries(
    {},
    optional={
        "KmsKeyId": st.just("arn:aws:kms:us-east-1:111122223333:key/one"),
        "EnableNetworkIsolation": st.booleans(),
        "VpcConfig": st.just({"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}),
        "DataCaptureConfig": st.just({"EnableCapture": True, "DestinationS3Uri": "s3://bucket/captured"}),
    },
)
BESIDE_OF_A_VARIANT = st.fixed_dictionaries(
    {},
    optional={
        "RoutingConfig": st.just({"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}),
        "ContainerStartupHealthCheckTimeoutInSeconds": st.integers(60, 3600),
        "EnableSSMAccess": st.booleans(),
    },
)


@given(strategies.endpoint_configs(), BESIDE, BESIDE_OF_A_VARIANT, st.data())
def test_what_a_configuration_says_beside_the_fleet_stays(
    there: dict[str, Any], beside: dict[str, Any], of_it: dict[str, Any], data: st.DataObject
) -> None:
    """Keys, networks, routing and all: of the variant with the components only the fleet is another."""
    variants = [{**one, **of_it} for one in there["ProductionVariants"]]
    there = {**there, **beside, "ProductionVariants": [*variants, {**variants[0], "VariantName": "second"}]}
    name = data.draw(st.sampled_from([one["VariantName"] for one in there["ProductionVariants"]]))
    request = {**sample_plan().components[0].request, "VariantName": name}
    component = attrs.evolve(sample_plan().components[0], request=request)
    now = Consolidation(
        "prod-llm", None, "0" * 64, (), None, None, None, Worth.NOT_KNOWN, configuration=there
    )
    plan = attrs.evolve(sample_plan(), components=(component,), consolidation=now)
    made = plan.requests()[0]["Request"]
    own = {"EndpointConfigName", "ExecutionRoleArn", "ProductionVariants"}
    assert {k: v for k, v in made.items() if k not in own} == {k: v for k, v in there.items() if k not in own}
    assert made["ExecutionRoleArn"] == there.get("ExecutionRoleArn", NO_ROLE)
    for before, after in zip(there["ProductionVariants"], made["ProductionVariants"], strict=True):
        if before["VariantName"] != name:
            assert after == before
            continue
        assert {k: v for k, v in after.items() if k not in FLEET} == {
            k: v for k, v in before.items() if k not in FLEET
        }
        scaling = {**(before.get("ManagedInstanceScaling") or {}), **after["ManagedInstanceScaling"]}
        assert (after["InstanceType"], after["ManagedInstanceScaling"]) == ("ml.g5.12xlarge", scaling)
        assert "InstancePools" not in after
    assert plan_from_dict(plan_to_dict(plan)).requests() == plan.requests()


def test_what_may_not_suit_another_type_is_told(tmp_path: Path) -> None:
    there = {
        "EndpointConfigName": "one",
        "ExecutionRoleArn": ROLE,
        "ProductionVariants": [
            {"VariantName": "AllTraffic", "InstanceType": "ml.g4dn.xlarge", "InferenceAmiVersion": "al2"}
        ],
    }
    now = Consolidation(
        "prod-llm", None, "0" * 64, (), None, None, None, Worth.NOT_KNOWN, configuration=there
    )
    notes = written(tmp_path, attrs.evolve(sample_plan(), consolidation=now), role=None)
    assert "endpoint-config.json keeps InferenceAmiVersion: look whether ml.g5.12xlarge takes that" in notes


def test_names_stay_within_their_limits() -> None:
    long = "a" * 63
    request = {**sample_plan().components[0].request, "EndpointName": long}
    component = attrs.evolve(sample_plan().components[0], request=request)
    plan = attrs.evolve(sample_plan(), components=(component,))
    name = plan.requests()[0]["Request"]["EndpointConfigName"]
    assert len(name) == 63
    assert name.endswith("-3x-g5-12xlarge")
