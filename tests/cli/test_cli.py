"""The command line: what goes where, which exit code, and one clear message for whatever cannot be used."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support.endpoints import component, create, scale, snapshot, update

from icplan.cli.main import COMMANDS, main

if TYPE_CHECKING:
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
    assert result.stderr.startswith("icplan: ")
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
        # A command is left whole, so that it can be pasted.
        assert not [line for line in text.splitlines() if len(line) > 80 and not line.startswith("     $ ")]
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
        (snapshot("ml.g5.12xlarge", -1, component("ic", 1, 1)), ("InstanceCount",)),
        (snapshot("ml.g5.12xlarge", 1, component("ic", -1, 1)), ("$.InferenceComponents[0].RuntimeConfig",)),
    ],
)
def test_unusable_snapshots(folder: Path, taken: object, parts: tuple[str, ...]) -> None:
    """A snapshot that is none, or contradicts itself, is refused with its file and what is wrong."""
    refused(check(folder, scale("ic", 9), taken=taken), "snapshot.json", *parts)


@pytest.mark.parametrize(
    ("taken", "parts"),
    [
        (
            snapshot("ml.g5.12xlarge", 1, component("ic", 3, 3)),
            ("cannot have been placed", "ic x 3", "1 x ml.g5", "9 accelerators reserved, at most 4 there"),
        ),
        (
            snapshot("ml.g5.12xlarge", 3, component("ic", 3, 3), component("odd", 1, 2)),
            ("enough in all, but not for each copy in one piece",),
        ),
    ],
)
def test_more_than_can_be_placed(folder: Path, taken: object, parts: tuple[str, ...]) -> None:
    """What cannot lie where the snapshot says it does promises nothing, and the report says why."""
    result = check(folder, scale("ic", 4), taken=taken)
    assert result.exit_code == 3
    assert all(part in " ".join(result.output.split()) for part in ("ICP310", *parts))


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
        (("--format", "text", "-o", "x", "--format", "json", "-o", "./x"), ("two reports", "x")),
        (("--endpoint", "prod"), ("either --snapshot FILE or --endpoint NAME",)),
        (("--region", "eu-west-1"), ("--region goes with --endpoint",)),
        (("--profile", "me"), ("--profile goes with --endpoint",)),
        (("--colour",), ("No such option", "check --help")),
        (("--time-limit", "soon"), ("--time-limit", "check --help")),
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
    # What runs cannot have been placed in 1000 MiB.
    assert "ICP310" in check(folder, scale("ic", 3)).output
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
    """A rule that the configuration ignores is not reported, but that it was left out is, with the reason."""
    assert "note ICP505" in check(folder, scale("ic", 3)).stdout
    (folder / "icplan.toml").write_text('[ignore]\nICP505 = "capacity is reserved"\nICP104 = "never met"\n')
    text = check(folder, scale("ic", 3)).stdout
    assert "note ICP505" not in text
    assert "ignored: ICP505 (capacity is reserved)" in text
    assert "ICP104" not in text
    verdict = json.loads(check(folder, scale("ic", 3), "--format", "json").stdout)
    assert verdict["Ignored"] == [{"Rule": "ICP505", "Reason": "capacity is reserved"}]


def test_a_rule_that_is_none_cannot_be_ignored(folder: Path) -> None:
    """A slip of the pen is refused, with the rule that was meant."""
    (folder / "icplan.toml").write_text('[ignore]\nICP55 = "reserved"\nicp501 = "small letters"\n')
    refused(check(folder, scale("ic", 3)), "ignore.ICP55", "ignore.icp501", "Did you mean ICP501?")


@pytest.mark.parametrize("name", ["icplan.toml", "pyproject.toml"])
def test_a_configuration_that_cannot_be_read_is_not_passed_over(folder: Path, name: str) -> None:
    """A folder, or a link to nowhere, in the place of the settings."""
    (folder / name).mkdir()
    refused(check(folder, scale("ic", 3)), name, "is a directory")
    (folder / name).rmdir()
    (folder / name).symlink_to("nowhere.toml")
    refused(check(folder, scale("ic", 3)), name, "no such file")


def test_secrets_are_never_shown(folder: Path) -> None:
    """Environment values appear in no report and no message."""
    held = component("ic", 2, 3)
    held["Specification"]["Container"] = {"Environment": {"HF_TOKEN": SECRET}}
    taken = snapshot("ml.g5.12xlarge", 2, held)
    names = ("HF_TOKEN", "bad key!")
    mistaken = (f"HF_TOKEN={SECRET}", f"export HF_TOKEN {SECRET}", f"{SECRET} ")
    environment = dict.fromkeys(names, SECRET) | dict.fromkeys(mistaken, "x")
    request = update("ic", 1, Container={"Environment": environment})
    for kind in ("text", "json"):
        result = check(folder, request, "--format", kind, taken=taken)
        assert result.exit_code == 1
        assert SECRET not in result.output


@pytest.mark.usefixtures("folder")
def test_a_request_without_a_name_is_said_to_have_none(folder: Path) -> None:
    """It is not called None."""
    request = create("new", 1, 1)
    del request["InferenceComponentName"]
    assert check(folder, request).stdout.startswith("INVALID: create (no name) on prod")


def test_the_catalog_tells_what_a_user_has_seen(folder: Path) -> None:
    """With where it was seen, beside what is packaged."""
    seen = ("--placed", "--memory", "12000", "--cpu", "3.5", "--source", "a load test in May")
    assert run("observe", "ml.g5.xlarge", *seen).exit_code == 0
    (folder / "icplan.toml").write_text('observations = ["observations.json"]')
    text = run("catalog", "ml.g5.xlarge").stdout
    assert "12000 MiB and 3.5 cores placed: a load test in May" in text
    assert "4096 MiB refused" in text


def test_explain_and_catalog() -> None:
    """Rules and facts are printed with their sources; what does not exist is refused."""
    assert "Running copies are not moved" in run("explain", "ICP305").stdout
    assert run("explain", "305").stdout == run("explain", "icp305").stdout
    assert "4096 MiB refused" in run("catalog", "ml.g5.xlarge").stdout
    assert len(run("catalog").stdout.splitlines()) == 278
    refused(run("explain", "ICP999"), "ICP101")
    refused(run("catalog", "ml.g5.11xlarge"), "Did you mean")


@pytest.mark.usefixtures("folder")
def test_without_a_command_help_is_shown_and_nothing_is_taken_for_done() -> None:
    """The commands are listed on standard error, and the exit code says that nothing was judged."""
    result = run()
    assert (result.exit_code, result.stdout) == (2, "")
    listed = {line.split()[0] for line in result.stderr.splitlines() if line.startswith("  ")}
    assert listed >= set(COMMANDS)
    refused(run("chekc"), "No such command 'chekc'", "icplan --help")


def test_of_several_reports_none_is_written_when_one_cannot_be(folder: Path) -> None:
    """A pipeline finds all of its files, or an error and none."""
    outputs = ("--format", "text", "-o", "a.txt", "--format", "json", "-o", "no/such/b.json")
    refused(check(folder, scale("ic", 1), *outputs), "no/such/b.json")
    assert not (folder / "a.txt").exists()


def test_standard_input_is_read_once() -> None:
    """It cannot be two changes, nor a change and the snapshot."""
    refused(run("check", "-", "-", "--snapshot", "s.json"), "standard input")
    refused(run("check", "-", "--snapshot", "-"), "standard input")


@pytest.mark.parametrize("command", [["-m", "icplan"], ["-c", "from icplan.cli.main import main; main()"]])
def test_a_reader_that_has_left_is_no_error(folder: Path, command: list[str]) -> None:
    """With a closed pipe the exit code is the verdict's, and nothing is said on standard error."""
    (folder / "change.json").write_text(json.dumps(scale("ic", 4)))
    arguments = [sys.executable, *command, "check", "change.json", "--snapshot", "snapshot.json"]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(arguments, stdout=writing, stderr=subprocess.PIPE, check=False, cwd=folder)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_terminals_that_want_it(
    folder: Path, variables: dict[str, str], coloured: bool
) -> None:
    """NO_COLOR turns it off."""
    (folder / "change.json").write_text(json.dumps(scale("ic", 1)))
    arguments = [sys.executable, "-m", "icplan", "check", "change.json", "--snapshot", "snapshot.json"]
    clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    reading, terminal = os.openpty()
    try:
        subprocess.run(arguments, stdout=terminal, check=True, cwd=folder, env=clean | variables)
        shown = os.read(reading, 10_000)
    finally:
        os.close(reading)
        os.close(terminal)
    assert b"FITS" in shown
    assert (b"\x1b[" in shown) is coloured


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_report_that_cannot_be_written_is_said_to_be(folder: Path, unbuffered: str) -> None:
    """Standard output without room for it, whether Python buffers that or not."""
    (folder / "change.json").write_text(json.dumps(scale("ic", 1)))
    arguments = [sys.executable, "-m", "icplan", "check", "change.json", "--snapshot", "snapshot.json"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            arguments,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            cwd=folder,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        )
    assert done.returncode == 2
    assert done.stderr == "icplan: cannot write: No space left on device\n"


@pytest.mark.parametrize(("days", "said"), [(0, False), (3, True)])
def test_the_age_of_a_snapshot_is_said_beside_the_report(folder: Path, days: int, said: bool) -> None:
    """On standard error, so that the report of the same input stays the same."""
    taken = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    result = check(folder, scale("ic", 1), taken=ENDPOINT | {"TakenAt": taken.isoformat()})
    assert ("snapshot.json is 3 days old" in result.stderr) is said
    assert f"as of {taken.isoformat()}" in " ".join(result.stdout.split())


def test_what_could_not_be_read_when_the_snapshot_was_taken_is_said_again(folder: Path) -> None:
    """The notes of a snapshot file, on standard error."""
    note = "quotas: AccessDenied; without them no quota is checked"
    assert f"icplan: {note}" in check(folder, scale("ic", 1), taken=ENDPOINT | {"Notes": [note]}).stderr


class TestObserve:
    """Notes of what was seen, in a file that stays true."""

    def observe(self, *options: str, memory: int = 2000) -> Result:
        return run("observe", "ml.g5.xlarge", "--memory", str(memory), *options)

    @pytest.mark.usefixtures("folder")
    def test_one_outcome_is_said(self) -> None:
        """Neither none nor both."""
        refused(self.observe(), "either --placed or --refused")
        refused(self.observe("--placed", "--refused"), "either --placed or --refused")

    def test_what_contradicts_the_file_is_not_added(self, folder: Path) -> None:
        """The file is named, and left as it was."""
        assert self.observe("--refused").exit_code == 0
        before = (folder / "observations.json").read_text()
        refused(
            self.observe("--placed", memory=3000), "observations.json", "3000 MiB", "2000 MiB to be refused"
        )
        assert (folder / "observations.json").read_text() == before

    def test_a_file_that_contradicts_itself_is_named(self, folder: Path) -> None:
        """Such a file may have been put together by hand."""
        rows = [
            {"InstanceType": "ml.g5.xlarge", "Outcome": outcome, "MemoryMib": 2000}
            for outcome in ("placed", "refused")
        ]
        (folder / "seen.json").write_text(json.dumps({"IcplanObservations": 1, "Observations": rows}))
        (folder / "icplan.toml").write_text('observations = ["seen.json"]\n')
        refused(check(folder, scale("ic", 1)), "seen.json", "ml.g5.xlarge")
