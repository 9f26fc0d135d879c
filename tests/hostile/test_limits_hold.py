"""Nothing in the input holds icplan past its time limit, or takes its memory."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hostile import CASES, CHANGE, ENDPOINT, GPU4, check, run, write
from processor_time import BEYOND, STARTING, timed

from icplan.catalog.catalog import Catalog
from icplan.cli.deadline import deadline
from icplan.errors import InputError
from icplan.packing.budget import OutOfTime

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 2


def components(count: int, model: Any, **more: Any) -> str:
    """A template on one line, of so many components; ``more`` is in the specification of each."""
    needs = {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 1024}
    made = {"ModelName": model, "ComputeResourceRequirements": needs, **more}
    members = {"EndpointName": "prod", "VariantName": "AllTraffic", "Specification": made}
    counts = {"RuntimeConfig": {"CopyCount": 1}}
    resources = {
        f"C{n}": {
            "Type": "AWS::SageMaker::InferenceComponent",
            "Properties": {"InferenceComponentName": f"c{n}", **members, **counts},
        }
        for n in range(count)
    }
    long = {"Type": "String", "Default": "x" * 4_000}
    return json.dumps({"Parameters": {"Long": long}, "Resources": resources})


LONG = {"Fn::Sub": "${Long}" * 16}
GROWN: dict[str, tuple[str, str]] = {
    "exponent": ("toml", f'allocatable = ["{GPU4}.memory=1e99999999"]\n'),
    "dotted": ("toml", "a" + ".a" * 30_000 + " = 1\n"),
    "many dotted": ("toml", "".join(f"a{n}.b.c.d.e.f.g.h = 1\n" for n in range(9000))),
    "YAML": ("yaml", "InferenceComponentName: chat\nTags:\n" + "- {Key: a, Value: b}\n" * 45_000),
    "YAML list": ("yaml", "a: [" + "x," * 500_000 + "x]\n"),
    "members": ("change", json.dumps(CHANGE | {"Specification": {f"m{n}": 1 for n in range(300_000)}})),
    "faults": ("change", json.dumps(CHANGE | {"Tags": [{"Key": 1}] * 100_000})),
    "changes": ("change", json.dumps([CHANGE] * 20_000)),
    "texts that are made": (
        "change",
        components(1, "m", Container={"Environment": {f"E{n}": LONG for n in range(20_000)}}),
    ),
    "names that are made": ("change", components(4_000, LONG)),
    "a text that is referred to": ("change", components(4_900, {"Ref": "Long"})),
    "components": ("change", components(4_900, "m")),
    "faults of a snapshot": (
        "snapshot",
        json.dumps(ENDPOINT | {"InferenceComponents": [{"InferenceComponentName": ""}] * 100_000}),
    ),
}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, change=CHANGE, snapshot=ENDPOINT)


@pytest.mark.parametrize("name", GROWN)
def test_no_file_holds_it(name: str, record_property: Callable[[str, object], None]) -> None:
    """Within the limit and half a second, and in 500 MB: judged, undecided, or refused as it is read."""
    kind, text = GROWN[name]
    change = "change.yaml" if kind == "yaml" else "change.json"
    file = {"toml": "icplan.toml", "yaml": change}.get(kind, f"{kind}.json")
    Path(file).write_text(text)
    ran = timed("check", change, "--snapshot", "snapshot.json", "--time-limit", str(LIMIT))
    counts = f"{name}: exit {ran.code} after {ran.seconds:.2f} s of {LIMIT}, {ran.memory >> 10} MiB"
    record_property("counts", counts)
    assert ran.code in (0, 1, 2, 3), ran.stderr
    assert ran.seconds <= LIMIT + BEYOND + STARTING
    assert ran.memory <= 500 << 10
    assert ran.code != 2 or len(ran.stderr) < 20_000


@pytest.mark.parametrize("case", ["hang", "rolling_1e6"])
def test_no_number_of_copies_holds_it(case: str) -> None:
    """Of a million copies, and of as many steps."""
    files = (f"{CASES}/dos/{case}_change.json", "--snapshot", f"{CASES}/dos/{case}_snap.json")
    ran = timed("check", *files, "--time-limit", str(LIMIT))
    assert ran.code in (0, 1, 3), ran.stderr
    assert ran.seconds <= LIMIT + BEYOND + STARTING


def test_no_alarm_breaks_off_the_handling_of_another() -> None:
    """What is left behind may take longer to clear up than from one alarm to the next."""
    with deadline(0.001) as running:
        try:
            while True:
                pass
        except OutOfTime as alarm:
            cleared_up = time.monotonic() + running.interval * 2
            while time.monotonic() < cleared_up:
                pass
            alarm.caught()


def test_what_comes_after_an_alarm_is_limited_too() -> None:
    """Who catches one has what is allowed beyond the limit, and no more."""

    def goes_on() -> None:
        ends = time.monotonic() + 60
        try:
            while True:
                pass
        except OutOfTime as alarm:
            alarm.caught()
        while time.monotonic() < ends:
            pass

    with deadline(0.001), pytest.raises(OutOfTime):
        goes_on()


def test_an_alarm_that_a_finaliser_swallows_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """The next one is not swallowed; what else a finaliser raises is told as before."""

    class Slow:
        def __del__(self) -> None:
            while True:
                pass

    class Wrong:
        def __del__(self) -> None:
            raise ValueError("told")

    told: list[object] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "unraisablehook", lambda raised: told.append(raised.exc_type))
        hook = sys.unraisablehook
        with deadline(0.001):
            try:
                Wrong()
                Slow()
                while True:
                    pass
            except OutOfTime as alarm:
                alarm.caught()
        assert sys.unraisablehook is hook
    assert told == [ValueError]
    assert capsys.readouterr().err == ""


def test_many_observations_are_read_once() -> None:
    """Not once for each type of them."""
    rows = [{"InstanceType": f"ml.t{n}.xlarge", "Outcome": "placed", "MemoryMib": 1} for n in range(20_000)]
    write(Path(), seen={"IcplanObservations": 1, "Observations": rows})
    Path("icplan.toml").write_text('observations = ["seen.json"]\n')
    ran = timed("check", "change.json", "--snapshot", "snapshot.json", "--time-limit", "9")
    assert ran.code == 1, ran.stderr
    assert ran.seconds <= 9 + 0.9


@pytest.mark.parametrize(
    "amount", ["1e9", "1E+3", "1e99999999", "\u0661\u0662", "1_000", " ", "9" * 13, "1.1234567", "nan", "inf"]
)
def test_an_amount_has_digits_alone(amount: str) -> None:
    """No exponent, and ASCII only; at once, on the command line, too."""
    with pytest.raises(InputError):
        Catalog().with_settings([f"{GPU4}.memory={amount}"])
    assert check("--allocatable", f"{GPU4}.cpu={amount}").exit_code == 2


def test_of_many_problems_the_first_are_shown() -> None:
    """And how many more there are."""
    write(Path(), snapshot=ENDPOINT | {"InferenceComponents": [{"InferenceComponentName": ""}] * 500})
    lines = check().stderr.splitlines()
    assert len(lines) <= 101
    assert lines[-1].endswith("more")


def absurd(**kind: Any) -> dict[str, Any]:
    entry = {"InstanceType": "g5.12xlarge", "VCpuInfo": {"DefaultVCpus": 48}, "MemoryInfo": {"SizeInMiB": 9}}
    return ENDPOINT | {"InstanceTypes": [entry | kind]}


def scaled(most: int) -> dict[str, Any]:
    variant = ENDPOINT["EndpointConfig"]["ProductionVariants"][0]
    scaling = {"Status": "ENABLED", "MaxInstanceCount": most}
    return ENDPOINT | {
        "EndpointConfig": {"ProductionVariants": [variant | {"ManagedInstanceScaling": scaling}]}
    }


@pytest.mark.parametrize(
    ("taken", "place"),
    [
        (absurd(VCpuInfo={"DefaultVCpus": 2**31 - 1}), "DefaultVCpus"),
        (absurd(VCpuInfo={"DefaultVCpus": 0}), "DefaultVCpus"),
        (absurd(MemoryInfo={"SizeInMiB": 0}), "SizeInMiB"),
        (absurd(GpuInfo={"Gpus": [{"Count": 10**9}]}), "Gpus[0].Count"),
        (scaled(10**9), "MaxInstanceCount"),
    ],
)
def test_absurd_snapshots_are_refused_where_they_are(taken: dict[str, Any], place: str) -> None:
    """With line and column, and by no internal error."""
    write(Path(), snapshot=taken)
    result = check()
    assert result.exit_code == 2
    assert result.stderr.startswith("icplan: snapshot.json:1:")
    assert f"{place}: " in result.stderr


def test_a_wrong_end_is_said_with_its_place_when_debugging() -> None:
    """The traceback comes without what is secret."""
    write(Path(), change='{"ghp_' + "a" * 36 + '": ')
    plain, debug = check(), check("--debug")
    assert (plain.exit_code, debug.exit_code) == (2, 2)
    assert "Traceback" not in plain.stderr
    assert "Traceback" in debug.stderr
    assert "ghp_a" not in debug.stderr
    assert run("explain", "nothing", "--debug").exit_code == 2
