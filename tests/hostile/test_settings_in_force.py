"""No file of the checkout opens the gate in silence: each setting is in the report, or refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from hostile import CASES, CHANGE, ENDPOINT, GPU4, check, run, write

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "verdict.schema.json").read_text())
PLACED = {"InstanceType": GPU4, "Outcome": "placed", "MemoryMib": 196_608}
LOOSENING = {
    "fail-on": 'fail-on = ["does-not-fit"]',
    "time-limit": "time-limit = 1",
    f'types."{GPU4}"': f'[types."{GPU4}"]\nvcpu = 48\nmemory_mib = 196608\naccelerators = 64',
    'types."ml.new.xlarge"': '[types."ml.new.xlarge"]\nvcpu = 48\nmemory_mib = 196608',
    f"allocatable.{GPU4}.memory": f'allocatable = ["{GPU4}.memory=196608"]',
    "assume.update-without-deployment-config": '[assume]\nupdate-without-deployment-config = "one-by-one"',
    "observations": 'observations = ["seen.json"]',
    "ignore.ICP305": '[ignore]\nICP305 = "never mind"',
}
TIGHTENING = {"fail-on": 'fail-on = ["rollback"]', "time-limit": "time-limit = 90"}


@pytest.fixture(autouse=True)
def _checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tree" / ".git").mkdir(parents=True)
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "tree")
    write(tmp_path / "tree", change=CHANGE, seen={"IcplanObservations": 1, "Observations": [PLACED]})
    write(tmp_path / "away", snapshot=ENDPOINT, seen={"IcplanObservations": 1, "Observations": [PLACED]})


AWAY = "../away/snapshot.json"


@pytest.mark.parametrize("setting", LOOSENING)
def test_what_loosens_is_in_every_report_with_its_file_and_hash(setting: str) -> None:
    """In text and in JSON, whatever the outcome."""
    Path("icplan.toml").write_text(LOOSENING[setting])
    text, data = check(taken=AWAY), check("--format", "json", taken=AWAY)
    verdict = json.loads(data.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(verdict)
    digest = hashlib.sha256(Path("icplan.toml").read_bytes()).hexdigest()
    assert {"File": "icplan.toml", "Sha256": digest} in verdict["Config"]["Files"]
    assert any(one["Setting"] == setting and one["Loosens"] for one in verdict["Config"]["InForce"])
    assert len(verdict["Judged"]["Config"]) == 64
    assert setting in text.stdout
    assert digest in text.stdout


@pytest.mark.parametrize("setting", LOOSENING)
def test_strict_takes_no_settings_of_the_checkout(setting: str) -> None:
    """They are refused with their file; with --no-config the answer is as if they were not there."""
    before = check("--strict", taken=AWAY)
    Path("icplan.toml").write_text(LOOSENING[setting])
    refused, without = check("--strict", taken=AWAY), check("--strict", "--no-config", taken=AWAY)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "icplan.toml" in refused.stderr
    assert setting in refused.stderr
    # How a fix is carried out repeats the command line, which is another.
    said, as_before = (one.stdout.partition("Fixes")[0] for one in (without, before))
    assert (without.exit_code, said) == (before.exit_code, as_before) == (1, said)


@pytest.mark.parametrize("setting", LOOSENING)
def test_strict_reports_what_a_configuration_from_elsewhere_loosens(setting: str) -> None:
    """It is trusted, and said."""
    Path("../away/icplan.toml").write_text(LOOSENING[setting])
    result = check("--strict", "--config", "../away/icplan.toml", taken=AWAY)
    assert result.exit_code in (0, 1)
    assert "loosens" in result.stdout


def test_strict_refuses_a_file_of_the_checkout_that_a_configuration_from_elsewhere_names() -> None:
    """The observations lie in the working tree, and so may be a stranger's."""
    Path("../away/icplan.toml").write_text('observations = ["../tree/seen.json"]')
    result = check("--strict", "--config", "../away/icplan.toml", taken=AWAY)
    assert result.exit_code == 2
    assert "tree/seen.json" in result.stderr


@pytest.mark.parametrize("setting", TIGHTENING)
def test_what_does_not_loosen_is_not_said_to(setting: str) -> None:
    """It is said to be in force all the same."""
    Path("icplan.toml").write_text(TIGHTENING[setting])
    (one,) = json.loads(check("--format", "json", taken=AWAY).stdout)["Config"]["InForce"]
    assert (one["Setting"], one["File"], one["Loosens"]) == (setting, "icplan.toml", False)


@pytest.mark.parametrize("link", [False, True])
def test_strict_takes_no_snapshot_of_the_checkout(*, link: bool) -> None:
    """Neither one that lies there, nor a link there to one elsewhere, nor one elsewhere to one there."""
    shutil.copy(AWAY, "real.json")
    Path("link.json").symlink_to(Path(AWAY).resolve())
    Path("../away/link.json").symlink_to(Path("real.json").resolve())
    for taken in ("link.json", "../away/link.json") if link else ("real.json", "../tree/real.json"):
        result = check("--strict", taken=taken)
        assert (result.exit_code, "working tree" in result.stderr) == (2, True)


def test_strict_fails_what_is_not_known_to_fit() -> None:
    """Whatever --fail-on says; the report says why."""
    Path("doubt.json").write_text(
        json.dumps(
            {
                "InferenceComponentName": "new",
                "EndpointName": "prod",
                "VariantName": "AllTraffic",
                "RuntimeConfig": {"CopyCount": 1},
                "Specification": {
                    "ModelName": "m",
                    "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 150_000},
                },
            }
        )
    )
    codes = [
        check(*options, change="doubt.json", taken=AWAY).exit_code
        for options in ((), ("--strict",), ("--strict", "--fail-on", "does-not-fit"))
    ]
    assert codes == [3, 1, 1]
    assert "fails here: --strict" in check("--strict", change="doubt.json", taken=AWAY).stdout


@pytest.mark.parametrize("case", ["gate_types", "gate_undecided", "gate_shadow"])
def test_the_known_ways_are_closed(case: str) -> None:
    """Each turned exit 1 into 0 with nothing in the report."""
    shutil.copytree(CASES / "gate" / case, ".", dirs_exist_ok=True)
    taken = "snapshot.json" if case == "gate_shadow" else AWAY
    loose = check(taken=taken)
    assert loose.exit_code == 2 or "icplan.toml" in loose.stdout
    assert check("--strict", taken=taken).exit_code == 2


def test_an_empty_file_does_not_hide_the_settings_beside_it() -> None:
    """Two configurations, here or in a folder above, are refused, and both are named."""
    Path("pyproject.toml").write_text('[tool.icplan]\nfail-on = ["scale-out"]\n')
    Path("icplan.toml").write_text("")
    result = check(taken=AWAY)
    assert result.exit_code == 2
    assert all(name in result.stderr for name in ("icplan.toml", "pyproject.toml", "--config"))


def test_settings_are_found_from_a_folder_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the folder of the checkout, not above it; a file below does not hide one above."""
    Path("icplan.toml").write_text('[ignore]\nICP305 = "never mind"')
    Path("../icplan.toml").write_text("no setting = 1")
    Path("below/further").mkdir(parents=True)
    monkeypatch.chdir("below/further")
    arguments = ("--snapshot", "../../../away/snapshot.json")
    found = run("check", "../../change.json", *arguments)
    assert "ICP305 = never mind (../../icplan.toml, loosens)" in " ".join(found.stdout.split())
    Path("icplan.toml").write_text("")
    assert run("check", "../../change.json", *arguments).exit_code == 2


def test_the_command_line_is_in_the_report_too() -> None:
    """What it loosens is said to come from no file."""
    result = check("--fail-on", "does-not-fit", "--time-limit", "5", "--format", "json", taken=AWAY)
    in_force = json.loads(result.stdout)["Config"]["InForce"]
    assert [(one["Setting"], one["File"], one["Loosens"]) for one in in_force] == [
        ("fail-on", None, True),
        ("time-limit", None, True),
    ]


def test_no_config_and_a_config_contradict_each_other() -> None:
    """It is a slip, and refused."""
    assert check("--no-config", "--config", "x.toml", taken=AWAY).exit_code == 2


@pytest.mark.parametrize("member", ["MemoryMib", "CpuCores"])
def test_an_observation_beyond_the_instance_is_refused(member: str) -> None:
    """With its file and its place."""
    write(Path(), seen={"IcplanObservations": 1, "Observations": [PLACED | {member: 9_999_999 // 1000}]})
    if member == "MemoryMib":
        write(Path(), seen={"IcplanObservations": 1, "Observations": [PLACED | {member: 196_609}]})
    Path("icplan.toml").write_text('observations = ["seen.json"]')
    result = check(taken=AWAY)
    assert result.exit_code == 2
    assert "seen.json:1:" in result.stderr
    assert f"$.Observations[0].{member}" in result.stderr


def test_facts_over_the_packaged_ones_are_a_warning_with_both_figures() -> None:
    """Of the snapshot and of the configuration."""
    gpus = {"Gpus": [{"Count": 64}]}
    kind = {"InstanceType": "g5.12xlarge", "VCpuInfo": {"DefaultVCpus": 48}, "GpuInfo": gpus}
    told = ENDPOINT | {"InstanceTypes": [kind | {"MemoryInfo": {"SizeInMiB": 196_608}}]}
    write(Path("../away"), told=told)
    by_snapshot = check(taken="../away/told.json").stdout
    Path("icplan.toml").write_text(LOOSENING[f'types."{GPU4}"'])
    for text in (by_snapshot, check(taken=AWAY).stdout):
        assert "warning ICP330" in text
        assert "64 accelerators (packaged: 4)" in " ".join(text.split())
