"""`icplan observe --from-metrics`: what CloudWatch shows to lie on instances is noted for all to share."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from support.endpoints import GPU4, component, pooled, snapshot
from support.reserved_metrics import with_metrics

from icplan.catalog.observations import read
from icplan.cli.main import main
from icplan.testing import FakeSageMaker

if TYPE_CHECKING:
    from pathlib import Path

WHERE = [{"a": 2}, {"a": 1}]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["observe", *arguments])


def loaded(share: float = 1.0, **more: Any) -> dict[str, Any]:
    """Three copies, two of them on one instance."""
    taken = snapshot(GPU4, 2, component("a", 3, 1, 30_000, cpu=4))
    return with_metrics(taken, WHERE, [GPU4, GPU4], memory_share=share, **more)


def test_types_and_amounts_are_those_of_the_metrics(folder: Path) -> None:
    """The most loaded instance holds two copies; any has the memory of one beside its cores."""
    (folder / "now.json").write_text(json.dumps(loaded()))
    found = run("--from-metrics", "--snapshot", "now.json", "-o", "seen.json")
    assert found.exit_code == 0, found.output
    assert f"{GPU4}: 60000 MiB placed; MemoryReservation of 02:05Z of prod/AllTraffic" in found.stderr
    seen = read("seen.json")
    assert [(one.instance_type, one.placed_mib) for one in seen] == [(GPU4, 60_000), (GPU4, 30_000)]
    assert 7.9 < (seen[1].placed_cpu or 0) <= 8
    before = (folder / "seen.json").read_text()
    assert (
        "seen.json has it already"
        in run("--from-metrics", "--snapshot", "now.json", "-o", "seen.json").stderr
    )
    assert (folder / "seen.json").read_text() == before


def test_what_memory_is_divided_by_is_told(folder: Path) -> None:
    """The sum of the reservations over the average, where it is less than the whole instance."""
    (folder / "now.json").write_text(json.dumps(loaded(0.75)))
    run("--from-metrics", "--snapshot", "now.json")
    first, _ = read("observations.json")
    assert first.source.startswith("divided by 147455 to 147457 of 196608 MiB: MemoryReservation of 02:05Z")


def test_a_live_endpoint_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over HTTP, with the metrics that the local SageMaker publishes of what it has placed."""
    places = [
        {"InferenceComponentName": "a", "InstanceId": f"i-{n}", "InstanceType": GPU4, "Copies": held["a"]}
        for n, held in enumerate(WHERE)
    ]
    taken = snapshot(GPU4, 2, component("a", 3, 1, 30_000)) | {"CopyLocations": places}
    with FakeSageMaker(taken, time="virtual") as fake:
        fake.clock.run_to(time.time())
        for name, value in fake.environment().items():
            monkeypatch.setenv(name, value)
        found = run("--from-metrics", "--endpoint", "prod")
    assert found.exit_code == 0, found.output
    assert [one.placed_mib for one in read(str(folder / "observations.json"))] == [60_000]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((GPU4, "--from-metrics", "--snapshot", "x.json"), "tells type and amounts itself"),
        (("--from-metrics", "--memory", "9", "--snapshot", "x.json"), "tells type and amounts itself"),
        (("--from-metrics",), "give either --snapshot FILE or --endpoint NAME"),
        (("--from-metrics", "--snapshot", "x.json", "--region", "us-east-1"), "goes with --endpoint"),
        ((GPU4, "--placed", "--memory", "9", "--endpoint", "prod"), "--endpoint goes with --from-metrics"),
        ((GPU4, "--placed"), "say which TYPE and how much --memory"),
        (("--placed", "--memory", "9"), "say which TYPE and how much --memory"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments: tuple[str, ...], why: str) -> None:
    found = run(*arguments)
    assert found.exit_code == 2
    assert why in found.stderr


def test_where_nothing_is_seen_it_is_said_why(folder: Path) -> None:
    """A snapshot without metrics, of several types, or of an endpoint that has just changed."""
    two = with_metrics(
        pooled({GPU4: 1, "ml.g5.48xlarge": 1}, component("a", 2, 1)), WHERE[::-1], [GPU4, "ml.g5.48xlarge"]
    )
    moved = loaded()
    moved["Endpoint"]["LastModifiedTime"] = "2026-11-20T02:10:00Z"
    devices = loaded()
    devices["Reservations"] = [
        one for one in devices["Reservations"] if one["MetricName"] == "GPUReservation"
    ]
    for taken, why in (
        (devices, "MemoryReservation and CPUReservation of AllTraffic are not in the snapshot"),
        (snapshot(GPU4, 2, component("a", 3, 1)), "the snapshot has no Reservations"),
        (two, "has several instance types"),
        (moved, "after the last change"),
    ):
        (folder / "now.json").write_text(json.dumps(taken))
        found = run("--from-metrics", "--snapshot", "now.json")
        assert found.exit_code == 2
        assert why in found.stderr
        assert "Traceback" not in found.stderr
        assert not (folder / "observations.json").exists()
