"""What each rule says, to the letter: `said.txt` holds a line per finding of these examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.against_cases import BROKEN, CONFIGURE, CREATE, UPDATE
from support.rule_cases import COMPUTE, FIELDS, metrics, rolling, scaled
from test_rules_against import check

from icplan.rules import check_request

if TYPE_CHECKING:
    from icplan.verdict.finding import Finding

SAID = Path(__file__).with_name("said.txt")
NAME: dict[str, Any] = {"InferenceComponentName": "a"}
NEW: dict[str, Any] = {**NAME, "EndpointName": "e", "VariantName": "v", "RuntimeConfig": {"CopyCount": 1}}
NEEDS: dict[str, Any] = {COMPUTE: {"MinMemoryRequiredInMb": 128}}
G5, G6 = {"InstanceType": "ml.g5.xlarge"}, {"InstanceType": "ml.g6.xlarge"}
ADAPTER = {"BaseInferenceComponentName": "b"}
HALF: dict[str, Any] = {"AcceleratorPartitionTypes": ["mig-3g.20gb"]}


def compute(**more: Any) -> dict[str, Any]:
    return {**NAME, "Specification": {COMPUTE: {"MinMemoryRequiredInMb": 128, **more}}}


def contained(**container: Any) -> dict[str, Any]:
    return {**NAME, "Specification": {"Container": container}}


def variant(**members: Any) -> dict[str, Any]:
    one = {"VariantName": "v", "InstanceType": "ml.p4d.24xlarge", **members}
    given = {name: value for name, value in one.items() if value is not None}
    return {"EndpointConfigName": "c", "ExecutionRoleArn": ROLE, "ProductionVariants": [given]}


ROLE = "arn:aws:iam::123456789012:role/sagemaker"
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    (UPDATE, {**NAME, "Specification": {"ModelName": "m"}, "Specifications": [{"ModelName": "m"}]}),
    (CREATE, NEW),
    (UPDATE, NAME),
    (UPDATE, {**NAME, "DeploymentConfig": rolling("COPY_COUNT", 1)}),
    (UPDATE, {**NAME, "Specifications": [G5, {"ModelName": "m"}]}),
    (UPDATE, {**NAME, "Specifications": [G5, G6, G5, {**G6, "ModelName": "m"}]}),
    (UPDATE, {**NAME, "Specifications": [{"ModelName": "m"}, G5, G5]}),
    (UPDATE, {**NAME, "Specifications": [G5, {**G6, COMPUTE: {"MinMemoryRequiredInMb": 2**30}}]}),
    (UPDATE, {**NAME, "Specification": G5}),
    (UPDATE, compute(MinMemoryRequiredInMb=129, MaxMemoryRequiredInMb=128)),
    (UPDATE, compute(NumberOfAcceleratorDevicesRequired=1.5)),
    (UPDATE, {**NAME, "Specification": {**ADAPTER, **NEEDS}}),
    (CREATE, {**NAME, "EndpointName": "e", "VariantName": "v", "Specification": ADAPTER}),
    (CREATE, {**NAME, "EndpointName": "e", "Specification": NEEDS}),
    (UPDATE, {**NAME, "Specifications": [ADAPTER]}),
    (CREATE, {**NEW, "Specification": NEEDS, "RuntimeConfig": {"CopyCount": 0}}),
    (CREATE, {**NEW, "Specification": {"ModelName": "m"}}),
    (UPDATE, {**NAME, "Specification": NEEDS, "DeploymentConfig": rolling("CAPACITY_PERCENT", 51)}),
    (UPDATE, {**NAME, "Specification": NEEDS, "DeploymentConfig": rolling("CAPACITY_PERCENT", 4)}),
    (UPDATE, contained(Environment={f"A{n}": "1" for n in range(17)})),
    (UPDATE, contained(ArtifactUrl="s3://m/a.zip")),
    (UPDATE, contained(ArtifactUrl="https://[m/a.zip")),
    (UPDATE, contained(ContainerMetricsConfig=metrics(20))),
    (UPDATE, compute(MinMemoryRequiredInMb=2**30)),
    (UPDATE, compute(MinMemoryRequiredInMb=127, MaxMemoryRequiredInMb=2**26 + 1)),
    (UPDATE, compute(AcceleratorPartitionType="mig-1g.5gb", NumberOfAcceleratorDevicesRequired=2)),
    (CONFIGURE, variant(ModelName="m", ManagedInstanceScaling={})),
    (CONFIGURE, {**variant(), "Novelty": 1}),
    (UPDATE, {**NAME, "RuntimeConfig": {"CopyCounts": 1}}),
    (
        UPDATE,
        {**NAME, "RuntimeConfig": None, "Specification": {"SchedulingConfig": {"PlacementStrategy": "X"}}},
    ),
    (CONFIGURE, {name: value for name, value in variant().items() if name != "ExecutionRoleArn"}),
    (CONFIGURE, variant(ManagedInstanceScaling=scaled(3, 2))),
    (CONFIGURE, variant(InitialInstanceCount=3, ManagedInstanceScaling=scaled(1, 2))),
    (CONFIGURE, variant(InitialInstanceCount=1, ManagedInstanceScaling=scaled(2, 2))),
    (CONFIGURE, variant(InitialInstanceCount=1, ManagedInstanceScaling=scaled(0, 2))),
    (CONFIGURE, variant(InstanceType=None, InstancePools=[{**G5, "Priority": n} for n in (1, 1, 2)])),
    (CONFIGURE, variant(InstancePools=[{**G5, "Priority": 1}])),
    (CONFIGURE, variant(InstanceType=None)),
    (CONFIGURE, variant(AcceleratorPartitionLayouts=[HALF, HALF, {}])),
    (CONFIGURE, variant(AcceleratorPartitionLayouts=[{"AcceleratorPartitionTypes": []}])),
]


def line(one: Finding) -> str:
    """Rule, path, message, figures, and the answer that is foreseen to a faulty member."""
    figures = (one.need, one.have, one.largest_that_works)
    shown = [
        f"{name} {value:g}"
        for name, value in zip(("need", "have", "most"), figures, strict=True)
        if value is not None
    ]
    answer = [f"answer: {one.aws_error}"] if one.rule in FIELDS and one.aws_error else []
    return " | ".join([one.rule, str(one.path), one.message, *shown, *answer])


def said() -> list[str]:
    """A line for every finding of every example."""
    lines = [line(one) for operation, request in REQUESTS for one in check_request(operation, request)]
    for _, operation, request, snapshot, _ in BROKEN:
        lines += [line(one) for one in check(operation, request, snapshot)]
    return lines


def test_findings_are_worded_as_written() -> None:
    """Messages, paths and figures are what a reader of said.txt has found right."""
    assert said() == SAID.read_text(encoding="utf-8").splitlines()
