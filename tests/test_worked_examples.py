"""The worked examples of AWS's documents and samples, through the command line.

Each says where it comes from, and whether the expectation is AWS's own or inferred.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from click.testing import CliRunner
from endpoints import component, create, scale, snapshot, update

from icplan.cli import main
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from pathlib import Path

BLOG = "AWS blog on rolling updates of inference components, 2025-03-25"
G5, GPU4 = "ml.g5.2xlarge", "ml.g5.12xlarge"
POOLS = ("ml.g5.48xlarge", "ml.p4d.24xlarge", "ml.g6.48xlarge", "ml.g5.12xlarge", "ml.g6.12xlarge")
DEVICES = {
    "ml.g5.48xlarge": 8,
    "ml.p4d.24xlarge": 8,
    "ml.g6.48xlarge": 8,
    "ml.g5.12xlarge": 4,
    "ml.g6.12xlarge": 4,
}


@attrs.frozen
class Example:
    """An endpoint, a change and what is to come of it; ``steps`` are the instances each step needs."""

    id: str
    source: str
    snapshot: dict[str, Any]
    change: dict[str, Any]
    outcome: str
    peak: int | None = None
    final: int | None = None
    steps: tuple[int, ...] | None = None
    options: tuple[str, ...] = ()


def pools(copies: int, most: int = 5) -> dict[str, Any]:
    """Example J's endpoint: four instances of five pools, each copy taking all devices of its instance."""
    described = component("ic", copies)
    del described["Specification"]
    described["Specifications"] = entries()
    if copies:
        described["RuntimeConfig"]["PlacementStatus"] = [
            {"InstanceType": POOLS[0], "CurrentCopyCount": min(copies, 3)},
            *([{"InstanceType": POOLS[3], "CurrentCopyCount": copies - 3}] if copies > 3 else []),
        ]
    taken = snapshot(POOLS[0], max(4, copies), *([described] if copies else []), scaling=(1, most))
    variant = taken["EndpointConfig"]["ProductionVariants"][0]
    del variant["InstanceType"]
    variant["InstancePools"] = [{"InstanceType": kind, "Priority": n + 1} for n, kind in enumerate(POOLS)]
    taken["Endpoint"]["ProductionVariants"][0]["InstancePools"] = [
        {"InstanceType": POOLS[0], "CurrentInstanceCount": 3},
        {"InstanceType": POOLS[3], "CurrentInstanceCount": max(4, copies) - 3},
    ]
    return taken


def entries() -> list[dict[str, Any]]:
    """A specification per pool that takes all its devices."""
    return [
        {
            "InstanceType": kind,
            "ModelName": "model-1",
            "ComputeResourceRequirements": {
                "NumberOfAcceleratorDevicesRequired": DEVICES[kind],
                "MinMemoryRequiredInMb": 4096,
            },
        }
        for kind in POOLS
    ]


def pooled_create(copies: int) -> dict[str, Any]:
    request = create("ic", copies)
    del request["Specification"]
    return request | {"Specifications": entries()}


def partitioned(used: int) -> dict[str, Any]:
    """Example M's endpoint: 2 instances x 8 accelerators, each cut into 3 of one partition type."""
    held = [component("old", used, 1, partition="mig-2g.10gb")] if used else []
    taken = snapshot("ml.p4d.24xlarge", 2, *held)
    layout = [{"AcceleratorPartitionTypes": ["mig-2g.10gb"] * 3}]
    taken["EndpointConfig"]["ProductionVariants"][0]["AcceleratorPartitionLayouts"] = layout
    return taken


ZONED = {
    "PlacementStrategy": "SPREAD",
    "AvailabilityZoneBalance": {"EnforcementMode": "PERMISSIVE", "MaxImbalance": 1},
}


def spread(name: str, copies: int) -> dict[str, Any]:
    request = create(name, copies, memory=1024)
    request["Specification"]["SchedulingConfig"] = ZONED
    return request


FULL_B = (component("ic", 3, 1),)
FULL_D = (component("ic-1", 2, 1), component("ic-2", 2, 1))
FULL_F1, FULL_F2 = component("ic", 32, 1), component("ic", 8, 4)

EXAMPLES = [
    Example(
        "A", f"{BLOG}: 5 additional ml.p4d.24xlarge (4 GPUs a copy: inferred)",
        snapshot("ml.p4d.24xlarge", 5, component("ic", 10, 4), scaling=(1, 10)), update("ic"),
        "fits-after-scale-out", peak=10, final=5, steps=(10,),
    ),
    Example(
        "B", f"{BLOG}, scenario 1 (MaxInstanceCount: inferred)",
        snapshot(G5, 3, *FULL_B, scaling=(1, 4)), update("ic", 1, 1),
        "fits-after-scale-out", peak=4, final=3, steps=(4, 4, 4, 4),
    ),
    Example(
        "B' at its maximum", "inferred", snapshot(G5, 3, *FULL_B, scaling=(1, 3)), update("ic", 1, 1),
        "does-not-fit", peak=4,
    ),
    Example(
        "B' without scaling", "inferred", snapshot(G5, 3, *FULL_B), update("ic", 1, 1), "does-not-fit", peak=4
    ),
    Example(
        "C", f"{BLOG}, scenario 3: no new instance",
        snapshot(GPU4, 2, component("ic-1", 4, 1), component("ic-2", 2, 1)), update("ic-1", 2, 2),
        "fits", peak=2, final=2, steps=(2, 2, 2),
    ),
    Example(
        "D", f"{BLOG}, scenario 4 (its batch of 100 % breaks the documented 50 %)",
        snapshot(GPU4, 1, *FULL_D, scaling=(1, 2)), update("ic-1", 2, 2),
        "fits-after-scale-out", peak=2, final=2, steps=(2, 2),
    ),
    Example(
        "D without scaling", f"{BLOG}, scenario 4: without managed scaling the update fails",
        snapshot(GPU4, 1, *FULL_D), update("ic-1", 2, 2), "does-not-fit", peak=2,
    ),
    Example(
        "D' one at a time", "inferred", snapshot(GPU4, 1, *FULL_D, scaling=(1, 2)), update("ic-1", 1, 1),
        "fits-after-scale-out", peak=2, steps=(2, 2, 2),
    ),
    Example(
        "E", f"{BLOG}, scenario 5: quota 34 (1 GPU a copy: inferred)",
        snapshot("ml.g6e.16xlarge", 30, component("ic", 30, 1), scaling=(1, 40)), update("ic", 4, 4),
        "fits-after-scale-out", peak=34, final=30,
    ),
    Example(
        "E out of capacity", f"{BLOG}, scenario 5: no more than the 30 there are",
        snapshot("ml.g6e.16xlarge", 30, component("ic", 30, 1), scaling=(1, 33)), update("ic", 4, 4),
        "does-not-fit", peak=34,
    ),
    Example(
        "F1", f"{BLOG}: quota 9 for Z=2, Y=1, X=4, N=8",
        snapshot(GPU4, 8, FULL_F1, scaling=(1, 9)), update("ic", 2, 2), "fits-after-scale-out", peak=9,
    ),
    Example(
        "F2", f"{BLOG}: quota 10 for Z=2, Y=4, X=4, N=8",
        snapshot(GPU4, 8, FULL_F2, scaling=(1, 10)), update("ic", 2, 2),
        "fits-after-scale-out", peak=10, final=8,
    ),
    Example(
        "G", "measured: aws-samples ic_rolling_deployment.ipynb, 1 to 2 instances",
        snapshot("ml.g6e.4xlarge", 1, scaling=(1, 4)), create("ic", 2, 1, 4096),
        "fits-after-scale-out", peak=2, final=2, steps=(2,),
    ),
    Example(
        "H", "measured: aws-samples ic_rolling_deployment.ipynb, 3 instances during the update, 2 afterwards",
        snapshot("ml.g6e.4xlarge", 2, component("ic", 2, 1, 4096), scaling=(1, 4)), update("ic", 1, 1),
        "fits-after-scale-out", peak=3, final=2, steps=(3, 3, 3),
    ),
    Example(
        "I", "aws-samples enhance-deployment-guardrails notebook (peak: inferred)",
        snapshot(G5, 2, component("ic", 2, 1), scaling=(1, 4)), update("ic", 1, 1),
        "fits-after-scale-out", peak=3,
    ),
    Example(
        "J create", "measured: aws-samples capacity-aware-instance-pool, 3 copies on 4 instances",
        pools(0), pooled_create(3), "fits", peak=4,
    ),
    Example("J scale out", "measured: CopyCount 5, DesiredInstanceCount 5", pools(3), scale("ic", 5),
            "fits-after-scale-out", peak=5),
    Example("J scale in", "measured: CopyCount 1, 1 instance about 5 minutes later", pools(5), scale("ic", 1),
            "fits", final=1),
    Example("J' six copies", "inferred", pools(3), scale("ic", 6), "does-not-fit", peak=6),
    Example(
        "K", "measured: hashicorp/terraform-provider-aws#48894, 3 copies on one instance",
        snapshot("ml.c5.xlarge", 1, scaling=(1, 1)), create("ic", 3, 0, 1024, cpu=1), "fits", peak=1, final=1,
    ),
    Example(
        "L", "AWS blog on multi-AZ placement, 2026-08-28: balance is never a reason not to fit",
        snapshot("ml.g5.4xlarge", 4), spread("ic", 4), "fits", peak=4,
    ),
    Example(
        "M fits", "developer guide: partitions = count in the layout x accelerators x instances",
        partitioned(40), create("new", 8, 1, partition="mig-2g.10gb"), "fits",
    ),
    Example(
        "M one too many", "developer guide: partitions = count in the layout x accelerators x instances",
        partitioned(40), create("new", 9, 1, partition="mig-2g.10gb"), "does-not-fit",
    ),
    Example(
        "N", "aws-samples multiple_models_on_endpoint.ipynb: all on one instance, 4 of 4 GPUs",
        snapshot(
            "ml.g6e.12xlarge", 1, component("a", 1, 1, 4096), component("b", 1, 2, 4096), scaling=(1, 2)
        ),
        create("c", 1, 1, 4096), "fits", peak=1, final=1,
    ),
]  # fmt: skip

CODES = {"fits": 0, "fits-after-scale-out": 0, "does-not-fit": 1}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_worked_example(example: Example, tmp_path: Path) -> None:
    """The command line gives the expected outcome, exit code and instance counts, and evidence that holds."""
    (tmp_path / "change.json").write_text(json.dumps(example.change))
    (tmp_path / "snapshot.json").write_text(json.dumps(example.snapshot))
    arguments = ["check", str(tmp_path / "change.json"), "--snapshot", str(tmp_path / "snapshot.json")]
    run = CliRunner().invoke(main, [*arguments, "--format", "json", *example.options])
    assert run.exit_code == CODES[example.outcome], run.output
    verdict = json.loads(run.stdout)
    (change,) = verdict["Changes"]
    assert change["Outcome"] == example.outcome
    assert example.peak in (None, change["PeakInstances"])
    assert example.final in (None, change["FinalInstances"])
    if example.steps is not None:
        assert tuple(phase["InstancesNeeded"] for phase in change["Phases"]) == example.steps
    assert {checked.result for checked in verify(verdict)} == {Result.VERIFIED}
