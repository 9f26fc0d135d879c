"""What Python is given is held to the same as the command line, and what it raises shows no more."""

from __future__ import annotations

import copy
import datetime as dt
import json
import signal
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hostile import CHANGE, ENDPOINT, GPU4, run, write
from support.endpoints import component, scale

import icplan
from icplan.cli import observe as observing
from icplan.inputs.calls import calls_in_bytes
from icplan.testing import FakeSageMaker

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "sk-" + "proj-" + "a1B2c3D4" * 5  # a valid name of a component, too
TOMORROW = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, change=CHANGE, snapshot=ENDPOINT, tomorrow=ENDPOINT | {"TakenAt": TOMORROW})


@pytest.mark.parametrize("how", ["dict", "file", "Snapshot"])
def test_a_time_to_come_is_refused(how: str) -> None:
    """As on the command line, with the place where it is known."""
    data = ENDPOINT | {"TakenAt": TOMORROW}
    given: Any = {"dict": data, "file": "tomorrow.json", "Snapshot": icplan.Snapshot.from_dict(data)}[how]
    with pytest.raises(icplan.InputError, match=r"\$\.TakenAt: is in the future") as refused:
        icplan.check(CHANGE, given)
    assert (refused.value.problems[0].line is not None) == (how == "file")


def test_the_time_limit_covers_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left for judging where reading took it all."""
    read = calls_in_bytes

    def slowly(data: bytes, file: str) -> Any:
        time.sleep(0.3)
        return read(data, file)

    monkeypatch.setattr("icplan.api.check.calls_in_bytes", slowly)
    assert icplan.check("change.json", "snapshot.json", time_limit=0.2).outcome == "undecided"


def odd_snapshot() -> dict[str, Any]:
    data = copy.deepcopy(ENDPOINT)
    data["InferenceComponents"][0][SECRET] = {SECRET: 1}
    data["InferenceComponents"][0]["Specification"] = SECRET
    return data


WAYS: dict[str, Callable[[], object]] = {
    "a change": lambda: icplan.check({SECRET: 1}, ENDPOINT),
    "a file": lambda: icplan.check(f"{SECRET}.json", ENDPOINT),
    "an operation": lambda: icplan.check({"Operation": SECRET, "Request": {}}, ENDPOINT),
    "a component": lambda: icplan.check(scale(SECRET, 1), ENDPOINT),
    "a setting": lambda: icplan.check(CHANGE, ENDPOINT, allocatable=[SECRET]),
    "an assumption": lambda: icplan.check(CHANGE, ENDPOINT, assume={SECRET: "x"}),
    "a rule": lambda: icplan.check(CHANGE, ENDPOINT, ignore={SECRET: "x"}),
    "a reason": lambda: icplan.check(CHANGE, ENDPOINT, ignore={"ICP305": [SECRET]}),
    "texts": lambda: icplan.check(CHANGE, ENDPOINT, allocatable=SECRET),
    "a snapshot's member": lambda: icplan.Snapshot.from_dict(ENDPOINT | {SECRET: 1}),
    "a snapshot's part": lambda: icplan.Snapshot.from_dict(odd_snapshot()),
    "a snapshot's file": lambda: icplan.Snapshot.load(f"{SECRET}/x"),
    "a file's name to save": lambda: icplan.Snapshot.from_dict(ENDPOINT).save(f"{SECRET}/x"),
    "broken JSON": lambda: icplan.Snapshot.load("broken.json"),
    "broken YAML": lambda: icplan.check("broken.yaml", ENDPOINT),
    "AWS's refusal": lambda: live(SECRET),
}


def live(name: str) -> object:
    with FakeSageMaker(ENDPOINT) as sagemaker:
        return icplan.Snapshot.read(name, client=sagemaker.client())


@pytest.mark.parametrize("way", WAYS)
def test_what_is_raised_shows_no_secret(way: str) -> None:
    """Neither its message, nor its problems, nor the traceback with all it came from."""
    Path("broken.json").write_text(f'{{"{SECRET}": ')
    Path("broken.yaml").write_text(f"{SECRET}: !{SECRET} *{SECRET}\n")
    with pytest.raises(icplan.IcplanError) as raised:
        WAYS[way]()
    error = raised.value
    said = [str(error), repr(error), repr(getattr(error, "problems", ""))]
    said += [line for line in traceback.format_exception(error) if not line.startswith("  File")]
    assert SECRET not in "\n".join(said)


def test_what_the_guard_raises_shows_no_secret() -> None:
    """A component may be called like one."""
    data = copy.deepcopy(ENDPOINT)
    data["InferenceComponents"].append(component(SECRET, 0, 3))
    with FakeSageMaker(data) as sagemaker:
        client = icplan.guard(sagemaker.client(), snapshot_reader=lambda _: icplan.Snapshot.from_dict(data))
        with pytest.raises(icplan.DoesNotFit) as raised:
            client.update_inference_component_runtime_config(
                InferenceComponentName=SECRET, DesiredRuntimeConfig={"CopyCount": 9}
            )
    assert SECRET not in str(raised.value)


def test_snapshot_and_observe_end_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the alarm that check has; it is said what was being done."""

    ended = []

    def hangs(*_: object, **__: object) -> None:
        armed = signal.getitimer(signal.ITIMER_REAL)[0]
        assert 0 < armed < 700
        signal.raise_signal(signal.SIGALRM)
        ended.append("by itself")

    monkeypatch.setattr("icplan.snapshot.snapshot.Snapshot.read", hangs)
    monkeypatch.setattr("icplan.catalog.observations.append", hangs)
    assert observing.observe.name == "observe"
    for arguments, doing in (
        (("snapshot", "prod"), "reading endpoint prod"),
        (("observe", GPU4, "--placed", "--memory", "9"), "noting it in observations.json"),
    ):
        result = run(*arguments, "--time-limit", "600")
        assert result.exit_code == 2
        assert f"out of time while {doing}" in result.stderr
        assert not ended
    assert json.loads(Path("snapshot.json").read_text()) == ENDPOINT
