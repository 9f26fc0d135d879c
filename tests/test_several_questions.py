"""Several questions: each file by itself, groups, and what cannot be judged beside what can."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from support.endpoints import component, scale, snapshot

from icplan.cli.main import main

if TYPE_CHECKING:
    from click.testing import Result

ENDPOINT = snapshot("ml.g5.12xlarge", 2, component("ic", 2, 3), scaling=(1, 2))
TEMPLATES = Path(__file__).parent / "cases" / "iac" / "05-cfn-two-stacks"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("snapshot.json").write_text(json.dumps(ENDPOINT))
    Path("fits.json").write_text(json.dumps(scale("ic", 1)))
    Path("fails.json").write_text(json.dumps(scale("ic", 4)))
    Path("broken.json").write_text('{"InferenceComponentName": ')


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


def told(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(*arguments, "--format", "json").stdout)
    return answer


def test_each_file_is_a_question_of_its_own() -> None:
    """Together they are one change set, whose second change counts on the first."""
    together = told("fits.json", "fails.json", "--snapshot", "snapshot.json")
    assert [change["Copies"]["Before"] for change in together["Changes"]] == [2, 1]
    apart = told("--each", "fits.json", "fails.json", "--snapshot", "snapshot.json")
    assert apart["IcplanVerdicts"] == 1
    assert [one["Changes"][0]["Copies"]["Before"] for one in apart["Verdicts"]] == [2, 2]
    assert [one["Outcome"] for one in apart["Verdicts"]] == ["fits", "does-not-fit"]
    assert apart["Errors"] == []


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (["fits.json", "fails.json"], 1),
        (["fits.json", "broken.json"], 2),
        (["fails.json", "broken.json"], 2),
        (["fits.json", "fits.json"], 0),
    ],
)
def test_the_exit_code_is_that_of_the_worst_question(files: list[str], code: int) -> None:
    assert run("--each", *files, "--snapshot", "snapshot.json").exit_code == code


def test_the_last_lines_speak_for_all() -> None:
    """What it comes to, and each change that does not surely fit, with its file."""
    said = run("--each", "fits.json", "fails.json", "broken.json", "--snapshot", "snapshot.json").stdout
    assert said.rstrip().splitlines()[-2:] == [
        "IN ALL: 1 of 2 changes does not fit; 1 file is not judged",
        "  does not fit: scale ic on prod (fails.json)",
    ]
    alone = run("fits.json", "--snapshot", "snapshot.json").stdout
    assert "IN ALL" not in alone


def test_all_that_fails_is_counted() -> None:
    """Also what fails in another way than the worst."""
    Path("invalid.json").write_text(json.dumps(scale("ic", -1)))
    said = run("--each", "invalid.json", "fails.json", "--snapshot", "snapshot.json").stdout
    assert "IN ALL: 1 of 2 changes is invalid, 1 more does not fit" in said


def test_a_broken_file_does_not_silence_the_others() -> None:
    result = run("--each", "broken.json", "fits.json", "missing.json", "--snapshot", "snapshot.json")
    assert result.exit_code == 2
    assert "FITS: scale ic" in result.stdout
    assert "NOT JUDGED: broken.json:1:" in result.stdout
    assert result.stderr.count("broken.json") == 1
    answer = told("--each", "broken.json", "fits.json", "--snapshot", "snapshot.json")
    assert [one["Outcome"] for one in answer["Verdicts"]] == ["fits"]
    (error,) = answer["Errors"]
    assert list(error) == ["File", "Line", "Column", "Path", "Message"]
    assert (error["File"], error["Line"]) == ("broken.json", 1)


def test_one_question_that_cannot_be_judged_writes_no_json_but_what_pipelines_read() -> None:
    options = [word for name in ("json", "junit") for word in ("--format", name, "-o", name)]
    result = run("broken.json", "--snapshot", "snapshot.json", *options)
    assert result.exit_code == 2
    assert not Path("json").exists()
    assert '<error type="InputError"' in Path("junit").read_text()


def configure(text: str, folder: str = ".") -> str:
    Path(folder).mkdir(exist_ok=True)
    file = Path(folder) / "icplan.toml"
    file.write_text(text)
    return str(file)


GROUP = '[[group]]\nname = "prod"\nfiles = ["fi*.json", "fails.json"]\nsnapshot = "snapshot.json"\n'


@pytest.mark.parametrize("asked", [["--group", "prod"], ["fails.json"], ["fails.json", "fits.json"]])
def test_a_file_brings_its_group(asked: list[str]) -> None:
    """In the order of the group, on its snapshot, once; --each leaves it together."""
    configure(GROUP)
    for each in ([], ["--each"]):
        answer = told(*asked, *each)
        assert [change["File"] for change in answer["Changes"]] == ["fits.json", "fails.json"]


def test_what_the_command_line_says_goes_first() -> None:
    configure(GROUP.replace("snapshot.json", "nowhere.json"))
    assert run("--group", "prod").exit_code == 2
    assert run("--group", "prod", "--snapshot", "snapshot.json").exit_code == 1


def test_a_group_has_parameters_and_a_deployment_needs_no_snapshot() -> None:
    files = [os.path.relpath(TEMPLATES / name) for name in ("endpoint.yaml", "components.yaml")]
    configure(f'[[group]]\nname = "stacks"\nfiles = {json.dumps(files)}\n')
    assert told("--group", "stacks")["Input"] == {"Kind": "CloudFormation template"}
    configure(f'[[group]]\nname = "stacks"\nfiles = {json.dumps(files)}\nparameters = {{Nix = "x"}}\n')
    refused = run("--group", "stacks")
    assert refused.exit_code == 2
    assert "Nix" in refused.stderr


def test_a_configuration_from_elsewhere_names_files_of_the_checkout(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Its snapshot lies beside it, and --strict takes both."""
    trusted = tmp_path_factory.mktemp("trusted")
    (trusted / "snapshot.json").write_text(json.dumps(ENDPOINT))
    config = configure(GROUP, str(trusted))
    Path("snapshot.json").unlink()
    result = run("--strict", "--config", config, "--group", "prod")
    assert result.exit_code == 1, result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("group = 3", "must be a list of tables"),
        ('[[group]]\nname = "a"', "group[0].files"),
        ('[[group]]\nfiles = ["a"]', "group[0].name"),
        ('[[group]]\nname = "a"\nfiles = ["a"]\nnix = 1', "group[0].nix"),
        ('[[group]]\nname = "a"\nfiles = ["a"]\nsnapshot = "s"\nendpoint = "e"', "contradicts snapshot"),
        ('[[group]]\nname = "a"\nfiles = ["a"]\n' * 2, "several of the name a"),
        (GROUP, "there is no group 'nix'. There are prod"),
    ],
)
def test_a_group_that_is_none_is_refused(text: str, said: str) -> None:
    configure(text)
    refused = run("--group", "nix")
    assert refused.exit_code == 2
    assert said in refused.stderr


def test_a_pattern_without_a_file_is_refused() -> None:
    refused = run("nix*.json", "--snapshot", "snapshot.json")
    assert (refused.exit_code, "nix*.json: no file has a name like this" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("option", "said"),
    [("ICP501", "without a reason"), ("ICP501= ", "without a reason"), ("ICP51=x", "there is no rule")],
)
def test_a_rule_is_ignored_with_a_reason_alone(option: str, said: str) -> None:
    refused = run("fits.json", "--snapshot", "snapshot.json", "--ignore", option)
    assert (refused.exit_code, said in refused.stderr) == (2, True)


def test_what_the_command_line_ignores_is_in_force() -> None:
    answer = told("fails.json", "--snapshot", "snapshot.json", "--ignore", "ICP501=agreed")
    assert answer["Ignored"] == [{"Rule": "ICP501", "Reason": "agreed"}]
    assert answer["Config"]["InForce"] == [
        {"Setting": "ignore.ICP501", "Value": "agreed", "File": None, "Loosens": True}
    ]


@pytest.mark.parametrize(
    ("words", "begun", "offered"),
    [
        (["explain"], "ICP30", "ICP305"),
        (["catalog"], "ml.g5.12", "ml.g5.12xlarge"),
        (["check", "--ignore"], "icp501", "ICP501"),
        (["check", "--assume"], "nested", "nested-members=keep"),
        (["check", "--allocatable"], "ml.g5.12xlarge", "ml.g5.12xlarge.memory="),
    ],
)
def test_the_shell_completes_names(words: list[str], begun: str, offered: str) -> None:
    found = ShellComplete(main, {}, "icplan", "_ICPLAN_COMPLETE").get_completions(words, begun)
    assert offered in {one.value for one in found}


def test_nothing_to_judge_is_skipped_and_not_known_under_strict() -> None:
    Path("template.json").write_text(json.dumps({"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}))
    result = run("template.json", "--format", "junit")
    assert (result.exit_code, "<skipped " in result.stdout) == (0, True)
    assert run("template.json", "--strict").exit_code == 3
