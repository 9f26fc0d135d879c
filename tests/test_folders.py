"""A folder as a CHANGE: what in it is a change is judged, what is none passed over, what is broken told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from click.testing import CliRunner
from support.endpoints import component, scale, snapshot

from icplan.cli.main import main
from icplan.inputs import folders

if TYPE_CHECKING:
    from click.testing import Result

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases" / "iac"
SCHEMA = json.loads((ROOT / "docs" / "verdicts.schema.json").read_text())


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(CASES / "05-cfn-two-stacks", "infra/stacks")
    Path("infra/package.json").write_text('{"name": "site"}')
    Path("infra/chart.yaml").write_text("name: {{ .Values.name }}\n")
    Path("infra/.hidden.yaml").write_text("Resources: {")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["check", *words])


def told(*words: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(*words, "--format", "json").stdout)
    return answer


def test_the_templates_of_a_folder_are_one_deployment() -> None:
    """Endpoint and components lie in two files; what is beside them is of something else."""
    result = run("infra")
    assert result.exit_code == 1
    assert "DOES NOT FIT: create stoat-checker" in result.stdout
    assert "infra: passed over" in result.stderr
    assert told("infra")["Changes"][-1]["File"] == "infra/stacks/components.yaml"


def test_an_assembly_in_a_folder_is_one_change() -> None:
    shutil.rmtree("infra/stacks")
    shutil.copytree(CASES / "06-cdk-synth", "infra/app")
    assert told("infra")["Outcome"] == "does-not-fit"


def test_a_broken_file_does_not_silence_the_others() -> None:
    Path("infra/broken.yaml").write_text("Resources:\n  A: {Type: 'AWS::SageMaker::Endpoint'\n")
    answer = told("infra")
    jsonschema.validate(answer, SCHEMA)
    assert [one["Outcome"] for one in answer["Verdicts"]] == ["does-not-fit"]
    assert [one["File"] for one in answer["Errors"]] == ["infra/broken.yaml"]
    assert run("infra").exit_code == 2


def test_requests_in_a_folder_are_questions_of_their_own() -> None:
    shutil.rmtree("infra/stacks")
    runs = snapshot("ml.g5.12xlarge", 2, component("ic", 2, 3), scaling=(1, 2))
    Path("infra/runs.json").write_text(json.dumps({"IcplanSnapshot": 1, **runs}))
    for name, copies in (("a", 1), ("b", 4)):
        Path(f"infra/{name}.json").write_text(json.dumps(scale("ic", copies)))
    answer = told("infra", "--snapshot", "infra/runs.json")
    assert [one["Outcome"] for one in answer["Verdicts"]] == ["fits", "does-not-fit"]


def test_a_folder_without_changes_is_refused() -> None:
    shutil.rmtree("infra/stacks")
    refused = run("infra")
    assert (refused.exit_code, "holds no file that declares a change" in refused.stderr) == (2, True)


def test_a_folder_is_not_walked_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_FILES", 2)
    refused = run("infra")
    assert (refused.exit_code, "holds more than 2 files" in refused.stderr) == (2, True)


def test_all_that_is_broken_is_told_at_once() -> None:
    for name in ("one.yaml", "two.yaml"):
        Path(name).write_text("Resources:\n  A: {Type: 'AWS::SageMaker::Endpoint'\n")
    refused = run("one.yaml", "two.yaml")
    assert refused.exit_code == 2
    assert "one.yaml:" in refused.stderr
    assert "two.yaml:" in refused.stderr


def test_verify_takes_the_verdicts_of_several_questions() -> None:
    Path("infra/broken.yaml").write_text("Resources:\n  A: {Type: 'AWS::SageMaker::Endpoint'\n")
    run("infra", "--format", "json", "-o", "all.json")
    checked = CliRunner().invoke(main, ["verify", "all.json"])
    assert checked.exit_code == 3, checked.output
    assert "verified: stoat-checker" in checked.stdout
    assert "without evidence: infra/broken.yaml: not judged" in checked.stdout
    assert CliRunner().invoke(main, ["verify", "all.json", "--require", "does-not-fit"]).exit_code == 1
    several = json.loads(Path("all.json").read_text())
    several["Verdicts"][0]["Outcome"] = "fits"
    Path("all.json").write_text(json.dumps({**several, "Errors": []}))
    assert CliRunner().invoke(main, ["verify", "all.json"]).exit_code == 1
    refused = CliRunner().invoke(main, ["verify", "all.json", "--change", "infra/stacks/endpoint.yaml"])
    assert refused.exit_code == 2


@pytest.mark.parametrize("further", [{"IcplanVerdicts": 2}, {"Verdicts": {}}, {"Errors": None}])
def test_verdicts_that_are_none_are_refused(further: dict[str, Any]) -> None:
    Path("all.json").write_text(json.dumps({"IcplanVerdicts": 1, "Verdicts": [], "Errors": []} | further))
    refused = CliRunner().invoke(main, ["verify", "all.json"])
    assert (refused.exit_code, "no verdicts of version 1" in refused.stderr) == (2, True)


def test_nothing_to_judge_is_not_verified_and_fails_where_it_is_strict() -> None:
    Path("t.json").write_text(json.dumps({"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}))
    assert told("t.json", "--strict")["FailedOn"] == ["strict"]
    assert told("t.json")["FailedOn"] == []
    assert "fails here: --strict" in run("t.json", "--strict").stdout
    run("t.json", "--format", "json", "-o", "v.json")
    assert CliRunner().invoke(main, ["verify", "v.json"]).exit_code == 3
    assert CliRunner().invoke(main, ["verify", "v.json", "--require", "fits"]).exit_code == 1


def test_what_needs_no_snapshot_is_told() -> None:
    Path("a.json").write_text(json.dumps(scale("ic", 1)))
    refused = run("a.json")
    assert "A set or template that makes its endpoint needs neither" in refused.stderr


MISSPELT = {
    "a member is misspelt": ("InferenceComponentNam: ic\nRuntimeConfig: {CopyCount: 9}\n", 1),
    "every member is in another case": ("inferenceComponentName: ic\nruntimeConfig: {copyCount: 9}\n", 2),
    "one of a list is misspelt": (
        json.dumps(
            [scale("ic", 1), {"InferenceComponentNme": "ic", "DesiredRuntimeConfig": {"CopyCount": 9}}]
        ),
        1,
    ),
    "it is cut off": ("foo: [", 2),
    "it is empty": ("# later\n", 2),
}


@pytest.mark.parametrize("name", MISSPELT)
def test_what_may_be_meant_for_a_change_is_none_to_pass_over(name: str) -> None:
    shutil.rmtree("infra/stacks")
    for one in ("infra/chart.yaml", "infra/.hidden.yaml"):
        Path(one).unlink()
    runs = snapshot("ml.g5.12xlarge", 2, component("ic", 2, 3), scaling=(1, 2))
    Path("runs.json").write_text(json.dumps({"IcplanSnapshot": 1, **runs}))
    Path("infra/a.json").write_text(json.dumps(scale("ic", 1)))
    given = ["infra", "--snapshot", "runs.json"]
    assert run(*given).exit_code == 0
    text, code = MISSPELT[name]
    Path("infra/b.yaml").write_text(text)
    result = run(*given)
    assert (result.exit_code, "infra/b.yaml" in result.output) == (code, True), result.output


def test_a_file_of_a_group_is_a_change_whatever_stands_in_it() -> None:
    Path("infra/odd.yaml").write_text("name: site\n")
    Path("icplan.toml").write_text('[[group]]\nname = "odd"\nfiles = ["infra/odd*.yaml"]\n')
    result = run("infra")
    assert (result.exit_code, "infra/odd.yaml" in result.output) == (2, True)


def test_every_file_that_is_passed_over_is_named() -> None:
    for number in range(12):
        Path(f"infra/x{number:02}.yaml").write_text("name: site\n")
    said = " ".join(run("infra").stderr.split())
    assert "passed over 14 files of something else: infra/package.json, infra/x00.yaml" in said
    assert said.count("infra/x") == 9
    assert "and 4 more" in said
    assert "though it may be a change: infra/chart.yaml, infra/stacks/derived.json" in said


def test_a_plan_does_not_pass_over_a_component_that_is_misspelt() -> None:
    Path("comps").mkdir()
    Path("comps/a.yaml").write_text("InferenceComponentNam: a\nSpecification: {}\n")
    assert folders.files_in("comps").all == ["comps/a.yaml"]
