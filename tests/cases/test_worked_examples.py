"""The worked examples of AWS's documents and samples, through the command line.

Each says where it comes from, and whether the expectation is AWS's own or inferred.
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, create, pooled, scale, snapshot, update

from icplan.cli.main import main
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.smoke

FITS, AFTER, NOT = "fits", "fits-after-scale-out", "does-not-fit"
#: Notes on copies that share an instance or a zone, or are not balanced.
UNEVEN = frozenset({"ICP601", "ICP603", "ICP604"})
ZONES = "AWS blog on multi-AZ placement, 2026-08-28"
BLOG = "AWS blog on rolling updates of inference components, 2025-03-25"
G5 = "ml.g5.2xlarge"
POOLS = ("ml.g5.48xlarge", "ml.p4d.24xlarge", "ml.g6.48xlarge", "ml.g5.12xlarge", "ml.g6.12xlarge")
DEVICES = {
    "ml.g5.48xlarge": 8,
    "ml.p4d.24xlarge": 8,
    "ml.g6.48xlarge": 8,
    "ml.g5.12xlarge": 4,
    "ml.g6.12xlarge": 4,
}


@attrs.frozen
class Row:
    """A phase: its name, the component's old and new copies before and after it, and what it needs."""

    name: str
    old: tuple[int, int]
    new: tuple[int, int]
    instances: int
    outcome: str
    kind: str = "place"


@attrs.frozen
class Example:
    """An endpoint, a change and what is to come of it: every phase in order, those of a rollback last.

    ``peak`` and ``final`` are the instances at most and in the end, ``rollback`` the outcome of a rollback.
    ``silent`` names the findings that must not be there.
    """

    id: str
    source: str
    snapshot: dict[str, Any]
    change: dict[str, Any]
    outcome: str
    peak: int
    final: int | None
    rows: tuple[Row, ...]
    rollback: str | None = None
    silent: frozenset[str] = frozenset()


def copies(number: int, what: str = "") -> str:
    return f"{number}{what} {'copy' if number == 1 else 'copies'}"


def batches(old: int, size: int, instances: int, outcome: str) -> tuple[Row, ...]:
    """Every batch of an update that replaces ``old`` copies, where each needs as many instances."""
    starts = range(0, old, size)
    name = "step {} of {}: {} beside {} old"
    return tuple(
        Row(
            name.format(number, len(starts), copies(min(size, old - done), " new"), old - done),
            (old - done, max(0, old - done - size)),
            (done, min(old, done + size)),
            instances,
            outcome,
        )
        for number, done in enumerate(starts, start=1)
    )


def placed(before: int, more: int, instances: int, outcome: str) -> tuple[Row, ...]:
    """The one phase of a creation or a scaling."""
    return (Row(f"place {copies(more)}", (before, before), (0, more), instances, outcome),)


def back(size: int, new: int, instances: int, outcome: str) -> Row:
    """The batch of a rollback that begins when no old copy is left."""
    name = f"put {copies(size, ' old')} back beside {new} new"
    return Row(name, (0, size), (new, new - size), instances, outcome, kind="rollback")


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
    running = dict.fromkeys(POOLS, 0) | {POOLS[0]: 3, POOLS[3]: max(4, copies) - 3}
    return pooled(running, *([described] if copies else []), scaling=(1, most))


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


ZONED: dict[str, Any] = {
    "PlacementStrategy": "SPREAD",
    "AvailabilityZoneBalance": {"EnforcementMode": "PERMISSIVE", "MaxImbalance": 1},
}


def zoned(each: int) -> dict[str, Any]:
    """Example L's endpoint: two instances in each of two zones, on each of them so many copies of ic."""
    located = [
        {
            "InferenceComponentName": "ic",
            "InstanceId": f"i-{number}",
            "InstanceType": "ml.g5.4xlarge",
            "AvailabilityZone": f"us-east-1{'ab'[number // 2]}",
            "Copies": each,
        }
        for number in range(4)
    ]
    held = component("ic", 4 * each)
    held["Specification"]["SchedulingConfig"] = ZONED
    if not each:
        return snapshot("ml.g5.4xlarge", 4)
    return snapshot("ml.g5.4xlarge", 4, held, CopyLocations=located)


def spread(name: str, copies: int, imbalance: int = 1) -> dict[str, Any]:
    request = create(name, copies, memory=1024)
    balance = ZONED["AvailabilityZoneBalance"] | {"MaxImbalance": imbalance}
    request["Specification"]["SchedulingConfig"] = ZONED | {"AvailabilityZoneBalance": balance}
    return request


def last_of_e(outcome: str) -> Row:
    """The last of example E's eight batches has 2 copies left."""
    return Row("step 8 of 8: 2 new copies beside 2 old", (2, 0), (28, 30), 32, outcome)


FULL_B = (component("ic", 3, 1),)
FULL_D = (component("ic-1", 2, 1), component("ic-2", 2, 1))
FULL_F1, FULL_F2 = component("ic", 32, 1), component("ic", 8, 4)

EXAMPLES = [
    Example(
        "A", f"{BLOG}: 5 additional ml.p4d.24xlarge (4 GPUs a copy: inferred)",
        snapshot("ml.p4d.24xlarge", 5, component("ic", 10, 4), scaling=(1, 10)), update("ic"),
        AFTER, peak=10, final=5, rollback=FITS,
        rows=(Row("place 10 new copies beside 10 old", (10, 0), (0, 10), 10, AFTER),),
    ),
    Example(
        "B", f"{BLOG}, scenario 1 (MaxInstanceCount: inferred)",
        snapshot(G5, 3, *FULL_B, scaling=(1, 4)), update("ic", 1, 1),
        AFTER, peak=4, final=3, rollback=AFTER,
        rows=(*batches(3, 1, 4, AFTER), back(1, 3, 4, AFTER)),
    ),
    Example(
        "B all back at once", f"{BLOG}, scenario 1, with the documented default of the rollback batch",
        snapshot(G5, 3, *FULL_B, scaling=(1, 4)), update("ic", 1),
        AFTER, peak=4, final=3, rollback=NOT,
        rows=(*batches(3, 1, 4, AFTER), back(3, 3, 6, NOT)),
    ),
    Example(
        "B all back at once, with room", f"{BLOG}, scenario 1, with the documented default and room for it",
        snapshot(G5, 3, *FULL_B, scaling=(1, 6)), update("ic", 1),
        AFTER, peak=4, final=3, rollback=AFTER,
        rows=(*batches(3, 1, 4, AFTER), back(3, 3, 6, AFTER)),
    ),
    Example(
        "B' at its maximum", "inferred", snapshot(G5, 3, *FULL_B, scaling=(1, 3)), update("ic", 1, 1),
        NOT, peak=4, final=None, rollback=FITS, rows=batches(3, 1, 4, NOT),
    ),
    Example(
        "B' without scaling", "inferred", snapshot(G5, 3, *FULL_B), update("ic", 1, 1),
        NOT, peak=4, final=None, rollback=FITS, rows=batches(3, 1, 4, NOT),
    ),
    Example(
        "C", f"{BLOG}, scenario 3: no new instance",
        snapshot(GPU4, 2, component("ic-1", 4, 1), component("ic-2", 2, 1)), update("ic-1", 2, 2),
        FITS, peak=2, final=2, rollback=FITS, rows=(*batches(4, 2, 2, FITS), back(2, 4, 2, FITS)),
    ),
    Example(
        "D", f"{BLOG}, scenario 4 (its batch of 100 % breaks the documented 50 %)",
        snapshot(GPU4, 1, *FULL_D, scaling=(1, 2)), update("ic-1", 2, 2),
        AFTER, peak=2, final=2, rollback=AFTER, rows=(*batches(2, 2, 2, AFTER), back(2, 2, 2, AFTER)),
    ),
    Example(
        "D without scaling", f"{BLOG}, scenario 4: without managed scaling the update fails",
        snapshot(GPU4, 1, *FULL_D), update("ic-1", 2, 2),
        NOT, peak=2, final=None, rollback=FITS, rows=batches(2, 2, 2, NOT),
    ),
    Example(
        "D' one at a time", "inferred", snapshot(GPU4, 1, *FULL_D, scaling=(1, 2)), update("ic-1", 1, 1),
        AFTER, peak=2, final=2, rollback=AFTER, rows=(*batches(2, 1, 2, AFTER), back(1, 2, 2, AFTER)),
    ),
    Example(
        "E", f"{BLOG}, scenario 5: quota 34 (1 GPU a copy: inferred)",
        snapshot("ml.g6e.16xlarge", 30, component("ic", 30, 1), scaling=(1, 40)), update("ic", 4, 4),
        AFTER, peak=34, final=30, rollback=AFTER,
        # The last batch has 2 copies left to replace.
        rows=(*batches(30, 4, 34, AFTER)[:-1], last_of_e(AFTER), back(4, 30, 34, AFTER)),
    ),
    Example(
        "E out of capacity", f"{BLOG}, scenario 5: no room for a batch of 4; the last, of 2, would have some",
        snapshot("ml.g6e.16xlarge", 30, component("ic", 30, 1), scaling=(1, 33)), update("ic", 4, 4),
        NOT, peak=34, final=None, rollback=FITS, rows=(*batches(30, 4, 34, NOT)[:-1], last_of_e(AFTER)),
    ),
    Example(
        "F1", f"{BLOG}: quota 9 for Z=2, Y=1, X=4, N=8 (that copies end up on all 9: inferred)",
        snapshot(GPU4, 8, FULL_F1, scaling=(1, 9)), update("ic", 2, 2),
        AFTER, peak=9, final=9, rollback=AFTER, rows=(*batches(32, 2, 9, AFTER), back(2, 32, 9, AFTER)),
    ),
    Example(
        "F2", f"{BLOG}: quota 10 for Z=2, Y=4, X=4, N=8",
        snapshot(GPU4, 8, FULL_F2, scaling=(1, 10)), update("ic", 2, 2),
        AFTER, peak=10, final=8, rollback=AFTER, rows=(*batches(8, 2, 10, AFTER), back(2, 8, 10, AFTER)),
    ),
    Example(
        "G", "measured: aws-samples ic_rolling_deployment.ipynb, 1 to 2 instances",
        snapshot("ml.g6e.4xlarge", 1, scaling=(1, 4)), create("ic", 2, 1, 4096),
        AFTER, peak=2, final=2, rows=placed(0, 2, 2, AFTER),
    ),
    Example(
        "H", "measured: aws-samples ic_rolling_deployment.ipynb, 3 instances during the update, 2 afterwards",
        snapshot("ml.g6e.4xlarge", 2, component("ic", 2, 1, 4096), scaling=(1, 4)), update("ic", 1, 1),
        AFTER, peak=3, final=2, rollback=AFTER, rows=(*batches(2, 1, 3, AFTER), back(1, 2, 3, AFTER)),
    ),
    Example(
        "I", "aws-samples enhance-deployment-guardrails notebook (peak: inferred)",
        snapshot(G5, 2, component("ic", 2, 1), scaling=(1, 4)), update("ic", 1, 1),
        AFTER, peak=3, final=2, rollback=AFTER, rows=(*batches(2, 1, 3, AFTER), back(1, 2, 3, AFTER)),
    ),
    Example(
        "J create", "measured: aws-samples capacity-aware-instance-pool, 3 copies on 4 instances",
        pools(0), pooled_create(3), FITS, peak=4, final=4, rows=placed(0, 3, 4, FITS),
    ),
    Example(
        "J scale out", "measured: CopyCount 5, DesiredInstanceCount 5", pools(3), scale("ic", 5),
        AFTER, peak=5, final=5, rows=placed(3, 2, 5, AFTER),
    ),
    Example(
        "J scale in", "measured: CopyCount 1, 1 instance about 5 minutes later", pools(5), scale("ic", 1),
        FITS, peak=5, final=1, rows=(),
    ),
    Example(
        "J' six copies", "inferred", pools(3), scale("ic", 6),
        NOT, peak=6, final=None, rows=placed(3, 3, 6, NOT),
    ),
    Example(
        "K", "measured: hashicorp/terraform-provider-aws#48894, 3 copies on one instance",
        snapshot("ml.c5.xlarge", 1, scaling=(1, 1)), create("ic", 3, 0, 1024, cpu=1),
        FITS, peak=1, final=1, rows=placed(0, 3, 1, FITS),
    ),
    Example(
        "L", f"{ZONES}: one copy per instance, two per zone",
        zoned(0), spread("ic", 4), FITS, peak=4, final=4, rows=placed(0, 4, 4, FITS), silent=UNEVEN,
    ),
    Example(
        "L eight copies", f"{ZONES}: four per zone",
        zoned(1), scale("ic", 8), FITS, peak=4, final=4, rows=placed(4, 4, 4, FITS), silent=UNEVEN,
    ),
    Example(
        "L another component", f"{ZONES}: MaxImbalance 0, one copy per zone",
        zoned(2), spread("other", 2, imbalance=0), FITS, peak=4, final=4, rows=placed(0, 2, 4, FITS),
        silent=UNEVEN,
    ),
    Example(
        "M fits", "developer guide: partitions = count in the layout x accelerators x instances",
        partitioned(40), create("new", 8, 1, partition="mig-2g.10gb"),
        FITS, peak=2, final=2, rows=placed(0, 8, 2, FITS),
    ),
    Example(
        "M one too many", "developer guide: partitions = count in the layout x accelerators x instances",
        partitioned(40), create("new", 9, 1, partition="mig-2g.10gb"),
        NOT, peak=3, final=None, rows=placed(0, 9, 3, NOT),
    ),
    Example(
        "N", "aws-samples multiple_models_on_endpoint.ipynb: all on one instance, 4 of 4 GPUs",
        snapshot(
            "ml.g6e.12xlarge", 1, component("a", 1, 1, 4096), component("b", 1, 2, 4096), scaling=(1, 2)
        ),
        create("c", 1, 1, 4096), FITS, peak=1, final=1, rows=placed(0, 1, 1, FITS),
    ),
]  # fmt: skip

CODES = {FITS: 0, AFTER: 0, NOT: 1}
AT_REST = Row("nothing to place", (0, 0), (0, 0), 0, FITS, kind="steady")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_worked_example(example: Example, tmp_path: Path) -> None:
    """The command line gives the expected outcome, instances and every phase, and proofs that hold."""
    (tmp_path / "change.json").write_text(json.dumps(example.change))
    (tmp_path / "snapshot.json").write_text(json.dumps(example.snapshot))
    arguments = ["check", str(tmp_path / "change.json"), "--snapshot", str(tmp_path / "snapshot.json")]
    run = CliRunner().invoke(main, [*arguments, "--format", "json"])
    assert run.exit_code == CODES[example.outcome], run.output
    verdict = json.loads(run.stdout)
    (change,) = verdict["Changes"]
    assert change["Outcome"] == example.outcome
    assert (change["PeakInstances"], change["FinalInstances"]) == (example.peak, example.final)
    assert change["RollbackOutcome"] == example.rollback
    assert tuple(map(row_of, change["Phases"])) == (example.rows or (AT_REST,))
    assert not {finding["Rule"] for finding in change["Findings"]} & example.silent
    assert {checked.result for checked in verify(verdict)} == {Result.VERIFIED}


def row_of(phase: dict[str, Any]) -> Row:
    if phase["Kind"] == "steady":
        assert phase["InstancesNeeded"] == phase["InstancesNow"]
        return AT_REST
    old, new = ((phase[side]["Before"], phase[side]["After"]) for side in ("OldCopies", "NewCopies"))
    return Row(phase["Name"], old, new, phase["InstancesNeeded"], phase["Outcome"], phase["Kind"])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_each_step_leaves_what_the_next_one_finds(example: Example) -> None:
    """Old copies make way one for one, and every phase begins where the one before it ends."""
    steps = [row for row in example.rows if row.kind == "place"]
    for before, after in itertools.pairwise(steps):
        assert (before.old[1], before.new[1]) == (after.old[0], after.new[0])
    for row in (row for row in example.rows if row.kind == "rollback"):
        assert (row.old[0], row.new[0]) == (steps[-1].old[1], steps[-1].new[1])
