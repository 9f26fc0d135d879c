"""Time a check beside its size, and the command line beside a bare Python, all in one run.

    PYTHONPATH=tests python benchmarks/check.py
    PYTHONPATH=tests python benchmarks/check.py --start-up

Prints the median of several runs, and ratios: figures of one machine mean little, ratios carry over.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.endpoints import component, create, pooled, snapshot, update

import icplan

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (1, 10, 100, 500)
COMPONENTS = (100, 1_000, 5_000)
RUNS = 7
ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "fragmented"
CACHE = Path(tempfile.gettempdir()) / "icplan-compiled"


def endpoint(instances: int) -> dict[str, Any]:
    """A fleet about three quarters full of a handful of components."""
    held = [
        component("chat", instances, 1, 20_000, cpu=4),
        component("embed", instances, 0, 4_000, cpu=2),
        component("rerank", max(1, instances // 2), 1, 12_000),
        component("vision", max(1, instances // 3), 2, 30_000),
    ]
    return snapshot("ml.g5.12xlarge", instances, *held, scaling=(1, instances + max(2, instances // 10)))


def changes(instances: int) -> dict[str, dict[str, Any]]:
    batch = max(1, instances // 10)
    return {
        "create 1 copy": create("new", 1, 1, 8_000),
        "create too many": create("new", 9 * instances, 1, 8_000),
        "update all at once": update("chat"),
        "update in batches": update("chat", batch, batch),
    }


def median_ms(action: Callable[[], object], runs: int = RUNS) -> float:
    action()
    spent = []
    for _ in range(runs):
        began = time.perf_counter()
        action()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)


def checks() -> None:
    print(f"{'instances':>9}  {'change':<20}{'outcome':<22}{'ms':>9}{'vs 1 instance':>15}")
    first: dict[str, float] = {}
    for instances in SIZES:
        taken = icplan.Snapshot.from_dict(endpoint(instances))
        for name, change in changes(instances).items():
            outcome = icplan.check(change, taken).outcome
            spent = median_ms(partial(icplan.check, change, taken))
            ratio = spent / first.setdefault(name, spent)
            print(f"{instances:>9}  {name:<20}{outcome:<22}{spent:>9.1f}{ratio:>14.1f}x")


def many_components() -> None:
    """One copy of each: what is done per component shows, and what is done per pair of them stands out."""
    print(f"\n{'components':>10}  {'change':<20}{'outcome':<22}{'ms':>9}{'vs ' + str(COMPONENTS[0]):>15}")
    first: dict[str, float] = {}
    for components in COMPONENTS:
        held = [component(f"c{n:05}", 1, 1, 8_000) for n in range(components)]
        instances = components // 4 + 2
        taken = icplan.Snapshot.from_dict(
            snapshot("ml.g5.12xlarge", instances, *held, scaling=(1, instances + 2))
        )
        asked = {
            "create 1 copy": create("new", 1, 1, 8_000),
            "update all at once": update("c00001"),
            "update in batches": update("c00001", 1, 1),
            "delete": {
                "Operation": "DeleteInferenceComponent",
                "Request": {"InferenceComponentName": "c00001"},
            },
        }
        for name, change in asked.items():
            outcome = icplan.check(change, taken).outcome
            spent = median_ms(partial(icplan.check, change, taken), runs=3)
            ratio = spent / first.setdefault(name, spent)
            print(f"{components:>10}  {name:<20}{outcome:<22}{spent:>9.1f}{ratio:>14.1f}x")


def mixed_pools() -> None:
    """Few copies that lie in very many ways: an update on two types, with amounts that are not known."""
    types = ("ml.g5.48xlarge", "ml.g5.12xlarge")
    ranges = ("memory=393216..786432", "cpu=160..192"), ("memory=98304..196608", "cpu=40..48")
    known = [f"{name}.{one}" for name, pair in zip(types, ranges, strict=True) for one in pair]
    taken = icplan.Snapshot.from_dict(two_pools(*types))
    asked = {
        "InferenceComponentName": "c0",
        "Specification": {
            "ModelName": "m2",
            "ComputeResourceRequirements": {
                "MinMemoryRequiredInMb": 393_216,
                "NumberOfCpuCoresRequired": 96,
                "NumberOfAcceleratorDevicesRequired": 2,
            },
        },
        "DeploymentConfig": {
            "RollingUpdatePolicy": {
                "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 3},
                "WaitIntervalInSeconds": 60,
            }
        },
    }
    check = partial(icplan.check, asked, taken, allocatable=known)
    print(f"\n23 copies on 8 instances of two types: {check().outcome}, {median_ms(check, runs=3):.0f} ms")


def two_pools(large: str, small: str) -> dict[str, Any]:
    """Four instances of each type; some components lie on one type alone, one reserves more on the other."""
    held = [
        component("c0", 6, 1, 1_024),
        component("c1", 4, 1, 393_216, cpu=96),
        component("c2", 3, 1, 1_024, cpu=24),
        component("c3", 6, 1, 1_024),
        component("c4", 4, 1, 1_024),
    ]
    elsewhere = component("c4", 4, 3, 1_024, cpu=24)["Specification"]
    for number, name in ((1, large), (3, small), (4, large)):
        held[number]["Specifications"] = [{"InstanceType": name, **held[number].pop("Specification")}]
    held[4]["Specifications"].append({"InstanceType": small, **elsewhere})
    return pooled({large: 4, small: 4}, *held, scaling=(1, 10))


def start_up() -> None:
    """Processor time of whole commands, each the least of several, beside that of a Python that does nothing.

    The commands take turns, so that whatever else the machine does meets all of them.
    """
    with tempfile.TemporaryDirectory() as folder:
        change, taken = Path(folder) / "change.json", Path(folder) / "snapshot.json"
        change.write_text(json.dumps(create("new", 1, 1, 8_000)))
        taken.write_text(json.dumps(endpoint(1)))
        icplan_command = [sys.executable, "-P", "-m", "icplan"]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import attrs, click": [sys.executable, "-c", "import attrs, click"],
            "icplan --version": [*icplan_command, "--version"],
            "icplan check, fits": [*icplan_command, "check", str(change), "--snapshot", str(taken)],
            "icplan check, README's": [
                *(*icplan_command, "check", str(EXAMPLE / "update.yaml")),
                *("--snapshot", str(EXAMPLE / "endpoint.json")),
            ],
        }
        spent: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(RUNS + 1):
            for name, command in commands.items():
                spent[name].append(processor_ms(command, folder))
        bare = min(spent["python -c pass"])
        print(f"\n{'command':<24}{'ms':>9}{'vs python -c pass':>19}")
        for name, times in spent.items():
            print(f"{name:<24}{min(times):>9.0f}{min(times) / bare:>18.1f}x")


def processor_ms(command: list[str], folder: str) -> float:
    """Processor time of a command; what Python compiles is kept, as where icplan is installed."""
    kept = {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(CACHE)}
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | kept
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, _, used = os.wait4(process.pid, 0)
    return 1000 * (used.ru_utime + used.ru_stime)


if __name__ == "__main__":
    if sys.argv[1:] != ["--start-up"]:
        checks()
        many_components()
        mixed_pools()
    start_up()
