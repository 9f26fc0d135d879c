"""`python -m icplan.testing`: what cannot be served is told in one message, with exit code 2."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, snapshot

import icplan
from icplan.testing import FakeSageMaker
from icplan.testing.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

RUNS = snapshot(GPU4, 2, component("chat", 2, 1))
FILES: dict[str, Any] = {
    "seed.json": RUNS,
    "empty.json": {},
    "list.json": [],
    "half.json": {"IcplanEmulator": 1},
    "world.json": {"IcplanEmulator": 1, "Settings": {}, "Seeds": [], "Journal": [], "Now": 0},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, value in FILES.items():
        (tmp_path / name).write_text(json.dumps(value))
    (tmp_path / "change.yaml").write_text("InferenceComponentName: chat\nRuntimeConfig: {CopyCount: 2}\n")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe{")
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--seed", "change.yaml"), "change.yaml"),
        (("--seed", "empty.json"), "empty.json"),
        (("--seed", "list.json"), "list.json"),
        (("--seed", "bytes.json"), "bytes.json"),
        (("--seed", "missing.json"), "missing.json"),
        (("--seed", "seed.json", "--seed", "empty.json"), "empty.json"),
        (("--world", "seed.json"), "this is no saved emulator"),
        (("--world", "half.json"), "this is no whole saved emulator"),
        (("--world", "world.json"), "this is no whole saved emulator"),
        (("--world", "list.json"), "is no world"),
        (("--world", "bytes.json"), "bytes.json"),
        (("--world", "missing.json"), "missing.json"),
        (("--port", "99999"), "99999"),
        (("--port", "-1"), "-1"),
        (("--quota", "ml.zz=1"), "there is no instance type 'ml.zz'"),
        (("--quota", "ml.g5.xlargee=1"), "Did you mean ml.g5.xlarge?"),
        (("--quota", "L-00000000=1"), "there is no instance type"),
        (("--quota", "ml.g5.xlarge"), "write TYPE=N"),
        (("--quota", f"ml.g5.xlarge={'9' * 30}"), "write TYPE=N"),
        (("--time", "inf"), "write at-once"),
        (("--time", "nan"), "write at-once"),
    ],
)
def test_what_cannot_be_served(words: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(main, list(words))
    assert (done.exit_code, done.stdout) == (2, ""), done.stderr
    assert said in done.stderr
    assert isinstance(done.exception, SystemExit)


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = CliRunner().invoke(main, ["--port", str(taken.getsockname()[1])])
    assert done.exit_code == 2
    assert "cannot listen at port" in done.stderr


def test_python_says_what_a_snapshot_lacks() -> None:
    lacking: list[dict[str, Any]] = [
        {},
        {"EndpointConfig": {}},
        {"EndpointConfig": {"ProductionVariants": []}},
    ]
    for given in lacking:
        with pytest.raises(ValueError, match="needs EndpointConfig"):
            FakeSageMaker(given)


def test_where_copies_are_is_told_as_it_is_documented() -> None:
    with FakeSageMaker(RUNS) as fake:
        ((variant, instances),) = fake.placement("prod").items()
        assert variant == "AllTraffic"
        assert sum(one.get("chat", 0) for one in instances.values()) == 2
        assert len(instances) == 2


def test_what_is_read_under_virtual_time_is_of_that_time() -> None:
    with FakeSageMaker(RUNS, time="virtual") as fake:
        client = fake.client()
        fake.clock.advance("90m")
        read = icplan.Snapshot.read("prod", client=client)
        assert read.taken_at == fake.snapshot("prod")["TakenAt"]
        assert icplan.diagnose(read, "chat").worst.elapsed_seconds == 5400
