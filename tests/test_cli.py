"""The command line: what goes where, which exit code, and one clear message for whatever cannot be used."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from endpoints import component, create, scale, snapshot, update

from icplan.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

ENDPOINT = snapshot("ml.g5.12xlarge", 2, component("ic", 2, 3), scaling=(1, 3))
SECRET = "hf_abcdefghijklmnopqrstuvwxyz"  # noqa: S105  (a made-up token that must never be shown)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "snapshot.json").write_text(json.dumps(ENDPOINT))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def check(folder: Path, change: object, *options: str, taken: object = None) -> Result:
    (folder / "change.json").write_text(change if isinstance(change, str) else json.dumps(change))
    if taken is not None:
        (folder / "snapshot.json").write_text(taken if isinstance(taken, str) else json.dumps(taken))
    return run("check", "change.json", "--snapshot", "snapshot.json", *options)


def refused(result: Result, *parts: str) -> None:
    """Exit code 2, nothing on stdout, one message on stderr with all the parts, and no traceback."""
    assert result.exit_code == 2, result.output
    assert not result.stdout
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith(("icplan: ", "Usage: "))
    for part in parts:
        assert part in result.stderr


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (scale("ic", 1), 0),
        (scale("ic", 3), 0),
        (scale("ic", 4), 1),
        (create("ic-new", 0), 1),
        (create("ic-new", 2, 1, 100_000), 3),
    ],
)
def test_exit_codes(folder: Path, change: dict[str, Any], code: int) -> None:
    """0 fits now or after scale-out, 1 fails or is invalid, 3 may not fit."""
    assert check(folder, change).exit_code == code


@pytest.mark.parametrize(
    ("change", "fail_on", "code"),
    [
        (scale("ic", 3), "scale-out", 1),
        (scale("ic", 1), "scale-out", 0),
        (create("ic-new", 2, 1, 100_000), "does-not-fit", 0),
        (update("ic", 1), "rollback", 1),
        (update("ic", 1, 1), "rollback", 0),
    ],
)
def test_fail_on(folder: Path, change: dict[str, Any], fail_on: str, code: int) -> None:
    """--fail-on makes the gate stricter, or milder, by the one thing it names."""
    assert check(folder, change, "--fail-on", fail_on).exit_code == code


def test_reports_go_where_they_are_sent(folder: Path) -> None:
    """Formats and outputs pair up in order; the one without an output is on stdout."""
    result = check(folder, scale("ic", 3), "--format", "json", "-o", "verdict.json", "--format", "text")
    assert result.stdout.startswith("FITS AFTER SCALE OUT: scale ic on prod")
    verdict = json.loads((folder / "verdict.json").read_text())
    assert verdict["Outcome"] == "fits-after-scale-out"
    assert run("verify", "verdict.json").exit_code == 0


def test_a_tampered_verdict_is_rejected(folder: Path) -> None:
    """A verdict whose evidence proves something else is not verified."""
    check(folder, scale("ic", 3), "--format", "json", "-o", "verdict.json")
    verdict = json.loads((folder / "verdict.json").read_text())
    verdict["Changes"][0]["Phases"][0]["Proof"]["Need"] += 5
    (folder / "verdict.json").write_text(json.dumps(verdict))
    assert run("verify", "verdict.json").exit_code == 1


def test_text_is_at_most_80_columns_and_plain(folder: Path) -> None:
    """A report fits a terminal and carries no colour codes where there is none."""
    for change in (scale("ic", 4), update("ic", 1), create("ic-new", 2, 1, 100_000)):
        text = check(folder, change).stdout
        assert max(map(len, text.splitlines())) <= 80
        assert "\x1b" not in text


def test_several_files_are_one_change_set(folder: Path) -> None:
    """Changes are judged in order, each after the ones before it."""
    (folder / "shrink.json").write_text(json.dumps(scale("ic", 1)))
    (folder / "add.yaml").write_text(
        "InferenceComponentName: new\nEndpointName: prod\nVariantName: AllTraffic\n"
        "RuntimeConfig: {CopyCount: 1}\nSpecification: {ModelName: m, ComputeResourceRequirements:\n"
        "  {NumberOfAcceleratorDevicesRequired: 4, MinMemoryRequiredInMb: 1024}}\n"
    )
    taken = snapshot("ml.g5.12xlarge", 2, component("ic", 2, 3))
    (folder / "snapshot.json").write_text(json.dumps(taken))
    assert run("check", "add.yaml", "--snapshot", "snapshot.json").exit_code == 1
    assert run("check", "shrink.json", "add.yaml", "--snapshot", "snapshot.json").exit_code == 0


@pytest.mark.usefixtures("folder")
def test_missing_file() -> None:
    """The missing file is named."""
    refused(run("check", "nowhere.json", "--snapshot", "snapshot.json"), "nowhere.json")


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ('{"InferenceComponentName": ', ("change.json", "1")),
        (
            '{"InferenceComponentName": "ic", "InferenceComponentName": "x"}',
            ("change.json", "InferenceComponentName"),
        ),
        ("[]", ("change.json", "$")),
        ("7", ("change.json", "an integer")),
        (scale("nobody", 1), ("change.json:1", "$.InferenceComponentName", "nobody", "It has ic")),
        (scale("icc", 1), ("Did you mean ic?",)),
        (create("new", 1) | {"EndpointName": "other"}, ("$.EndpointName", "other", "prod")),
        ({"Operation": "DropTable", "Request": {}}, ("$.Operation", "DropTable")),
    ],
)
def test_unusable_changes(folder: Path, change: object, parts: tuple[str, ...]) -> None:
    """What is wrong, and where."""
    refused(check(folder, change), *parts)


def test_an_invalid_request_is_a_verdict(folder: Path) -> None:
    """What SageMaker itself would refuse is judged invalid, with the place of each fault."""
    request = update("ic", None)
    request["Specification"]["ComputeResourceRequirements"] = {"MinMemoryRequiredInMb": 1.5}
    request["RuntimeConfig"] = {"CopyCount": -1}
    result = check(folder, json.dumps(request, indent=1), "--format", "json")
    assert result.exit_code == 1
    (change,) = json.loads(result.stdout)["Changes"]
    assert change["Outcome"] == "invalid"
    places = {finding["Path"]: finding["Line"] for finding in change["Findings"]}
    assert places["$.RuntimeConfig.CopyCount"] is not None
    assert places["$.Specification.ComputeResourceRequirements.MinMemoryRequiredInMb"] is not None


@pytest.mark.parametrize(
    ("taken", "parts"),
    [
        ("{", ("snapshot.json",)),
        ({"IcplanSnapshot": 2}, ("version 2",)),
        (scale("ic", 1), ("a change",)),
        (
            snapshot("ml.g5.11xlarge", 1, component("ic", 1, 1)),
            ("ml.g5.11xlarge", "icplan.toml", "Did you mean"),
        ),
        (
            snapshot("ml.g5.12xlarge", 1, component("ic", 3, 3)),
            ("cannot have been placed", "ic x 3", "1 x ml.g5"),
        ),
        (snapshot("ml.g5.12xlarge", -1, component("ic", 1, 1)), ("InstanceCount",)),
        (snapshot("ml.g5.12xlarge", 1, component("ic", -1, 1)), ("$.InferenceComponents[0].RuntimeConfig",)),
    ],
)
def test_unusable_snapshots(folder: Path, taken: object, parts: tuple[str, ...]) -> None:
    """A snapshot that is none, or contradicts itself, is refused with its file and what is wrong."""
    refused(check(folder, scale("ic", 9), taken=taken), "snapshot.json", *parts)


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (("--assume", "nonsense=1"), ("nonsense", "nested-members")),
        (("--assume", "batch-rounding=sideways"), ("up or down",)),
        (("--assume", "batch-rounding"), ("NAME=VALUE",)),
        (("--allocatable", "ml.g5.12xlarge.memory=lots"), ("lots",)),
        (("--allocatable", "ml.g5.12xlarge.memory=9..3"), ("out of range",)),
        (("--allocatable", "ml.g5.12xlarge.disk=9"), ("ml.g5.2xlarge.memory=24000..30000",)),
        (("--config", "missing.toml"), ("missing.toml",)),
        (("--format", "json", "-o", "no/such/folder.json"), ("no/such/folder.json",)),
        (("--format", "json", "--format", "text"), ("standard output",)),
        (("-o", "a", "-o", "b"), ("2 outputs",)),
        (("--endpoint", "prod"), ("either --snapshot FILE or --endpoint NAME",)),
    ],
)
def test_unusable_options(folder: Path, options: tuple[str, ...], parts: tuple[str, ...]) -> None:
    """An option that cannot be used says what it takes."""
    refused(check(folder, scale("ic", 1), *options), *parts)


def test_configuration_file(folder: Path) -> None:
    """icplan.toml sets what options would; options win; whatever it does not know is refused."""
    (folder / "icplan.toml").write_text(
        'allocatable = ["ml.g5.12xlarge.memory=1000"]\nfail-on = ["scale-out"]\n'
    )
    assert check(folder, scale("ic", 3)).exit_code == 2  # what runs cannot have been placed in 1000 MiB
    wide = ("--allocatable", "ml.g5.12xlarge.memory=90000")
    assert check(folder, scale("ic", 3), *wide).exit_code == 1
    (folder / "icplan.toml").write_text("asume = {}\ntime-limit = -1\n")
    refused(check(folder, scale("ic", 3)), "icplan.toml", "asume", "time-limit")


def test_a_type_of_its_own(folder: Path) -> None:
    """An instance type that the catalog lacks can be added in icplan.toml."""
    taken = snapshot("ml.new.xlarge", 1, component("ic", 1, 1))
    (folder / "icplan.toml").write_text(
        '[types."ml.new.xlarge"]\nvcpu = 8\nmemory_mib = 65536\naccelerators = 2\n'
    )
    assert check(folder, scale("ic", 2), taken=taken).exit_code == 0
    assert check(folder, scale("ic", 3), taken=taken).exit_code == 1


def test_ignored_rules_are_left_out(folder: Path) -> None:
    """A rule that the configuration ignores, with a reason, is not reported."""
    assert "ICP505" in check(folder, scale("ic", 3)).stdout
    (folder / "icplan.toml").write_text('[ignore]\nICP505 = "capacity is reserved"\n')
    assert "ICP505" not in check(folder, scale("ic", 3)).stdout


def test_secrets_are_never_shown(folder: Path) -> None:
    """Environment values appear in no report and no message."""
    held = component("ic", 2, 3)
    held["Specification"]["Container"] = {"Environment": {"HF_TOKEN": SECRET}}
    taken = snapshot("ml.g5.12xlarge", 2, held)
    request = update("ic", 1, Container={"Environment": {"HF_TOKEN": SECRET, "bad key!": SECRET}})
    for kind in ("text", "json"):
        result = check(folder, request, "--format", kind, taken=taken)
        assert result.exit_code == 1
        assert SECRET not in result.output


@pytest.mark.usefixtures("folder")
def test_explain_and_catalog() -> None:
    """Rules and facts are printed with their sources; what does not exist is refused."""
    assert "Running copies are not moved" in run("explain", "ICP305").stdout
    assert "4096 MiB refused" in run("catalog", "ml.g5.xlarge").stdout
    assert len(run("catalog").stdout.splitlines()) == 278
    refused(run("explain", "ICP999"), "ICP101")
    refused(run("catalog", "ml.g5.11xlarge"), "Did you mean")


def test_nothing_heavy_is_loaded_for_a_common_check(folder: Path) -> None:
    """A check of a small endpoint loads neither OR-Tools nor NumPy nor boto3, nor YAML for a JSON change."""
    (folder / "change.json").write_text(json.dumps(scale("ic", 3)))
    code = (
        "import sys\nfrom icplan.cli import main\n"
        "try:\n    main(['check', 'change.json', '--snapshot', 'snapshot.json'])\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "print([m for m in ('ortools', 'numpy', 'boto3', 'botocore', 'ruamel.yaml') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder
    )
    assert done.stdout.splitlines()[-1] == "[]"
