"""A partial update over what is described."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icplan.assumptions import Assumptions
from icplan.errors import InputError
from icplan.requests.from_describe import EndpointComponent, Requirements, requirements_of
from icplan.requests.merge import EffectiveSpec
from icplan.requests.merge import merge as merge_component
from icplan.requests.parse import parse

if TYPE_CHECKING:
    from decimal import Decimal

COMPUTE: dict[str, Any] = {
    "NumberOfCpuCoresRequired": 2.5,
    "NumberOfAcceleratorDevicesRequired": 1.0,
    "MinMemoryRequiredInMb": 1024,
}
DESCRIBED: dict[str, Any] = {
    "InferenceComponentName": "llama",
    "Specification": {
        "Container": {
            "DeployedImage": {"SpecifiedImage": "llm:1", "ResolvedImage": "llm@sha256:0"},
            "ArtifactUrl": "s3://models/a.tar.gz",
            "Environment": {"A": "REDACTED"},
        },
        "ComputeResourceRequirements": COMPUTE,
    },
    "RuntimeConfig": {"DesiredCopyCount": 4, "CurrentCopyCount": 3},
}
PER_TYPE: dict[str, Any] = {
    "InferenceComponentName": "llama",
    "Specifications": [
        {"InstanceType": "ml.g5.xlarge", "ModelName": "a", "ComputeResourceRequirements": COMPUTE},
        {
            "InstanceType": "ml.g6.xlarge",
            "ModelName": "b",
            "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 512},
        },
    ],
    "RuntimeConfig": {"DesiredCopyCount": 2},
}


def merge(described: dict[str, Any] | None, request: Any, *rest: Any, **more: Any) -> EffectiveSpec:
    """The request over a component as it is described."""
    there = (
        None if described is None else EndpointComponent.of({"InferenceComponentName": "llama"} | described)
    )
    return merge_component(there, request, *rest, **more)


def copies_of(described: dict[str, Any]) -> int:
    return EndpointComponent.of({"InferenceComponentName": "llama"} | described).desired_copies


def update(**members: Any) -> Any:
    request, problems = parse("UpdateInferenceComponent", {"InferenceComponentName": "llama", **members})
    assert request is not None, problems
    return request


def test_what_is_left_out_keeps_its_value() -> None:
    """Scaling changes the copies alone; the requirements are those described."""
    merged = merge(DESCRIBED, update(RuntimeConfig={"CopyCount": 9}))
    assert merged.requirements == requirements_of(DESCRIBED) == {None: Requirements(1024, 2500, 1)}
    assert (merged.copies, merged.compute_changed, merged.changed, merged.omitted) == (9, False, (), ())
    assert not merged.specification_changed


def test_another_image_changes_the_specification_but_not_the_requirements() -> None:
    """The image is compared with the one that was asked for, and the copies stay as desired."""
    merged = merge(DESCRIBED, update(Specification={"Container": {"Image": "llm:2"}}))
    assert merged.changed == ("$.Specification.Container",)
    assert merged.specification_changed
    assert not merged.compute_changed
    assert merged.copies == 4
    assert set(merged.omitted) == {
        "$.Specification.Container.ArtifactUrl",
        "$.Specification.Container.Environment",
    }


def test_the_same_specification_again_changes_nothing() -> None:
    """Members equal to the described ones, in another form of number too, are no change."""
    same = {"ComputeResourceRequirements": COMPUTE | {"NumberOfAcceleratorDevicesRequired": 1}}
    merged = merge(DESCRIBED, update(Specification=same))
    assert (merged.changed, merged.omitted, merged.compute_changed) == ((), (), False)


def test_a_redacted_environment_counts_as_changed() -> None:
    """Nobody can tell whether a value is the same once it is redacted; the safe answer is that it is not."""
    container = {"Image": "llm:1", "ArtifactUrl": "s3://models/a.tar.gz", "Environment": {"A": "1"}}
    assert merge(DESCRIBED, update(Specification={"Container": container})).specification_changed


@pytest.mark.parametrize(("value", "cpu", "devices"), [("keep", 2500, 1), ("replace", 0, 0)])
def test_nested_members_left_out(value: str, cpu: int, devices: int) -> None:
    """The assumption decides what becomes of them, is noted as relied on, and each is reported."""
    recorder = Assumptions({"nested-members": value}).recorder()
    request = update(Specification={"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 2048}})
    merged = merge(DESCRIBED, request, recorder)
    assert merged.requirements == {None: Requirements(2048, cpu, devices)}
    assert merged.compute_changed
    assert merged.omitted == tuple(
        f"$.Specification.ComputeResourceRequirements.{name}"
        for name in ("NumberOfCpuCoresRequired", "NumberOfAcceleratorDevicesRequired")
    )
    assert recorder.relied_on == {"nested-members"}


def test_no_assumption_is_relied_on_when_nothing_is_left_out() -> None:
    """A complete structure, or an omission that holds no capacity, does not rest on the assumption."""
    recorder = Assumptions().recorder()
    merge(DESCRIBED, update(Specification={"ComputeResourceRequirements": COMPUTE}), recorder)
    merge(DESCRIBED, update(Specification={"Container": {"Image": "llm:2"}}), recorder)
    assert not recorder.relied_on


def test_requirements_per_instance_type() -> None:
    """Each entry of Specifications speaks for its type; a type without an entry holds no copy."""
    merged = merge(PER_TYPE, update(RuntimeConfig={"CopyCount": 0}))
    assert merged.on("ml.g5.xlarge") == Requirements(1024, 2500, 1)
    assert merged.on("ml.g6.xlarge") == Requirements(512)
    assert merged.on("ml.g7.xlarge") is None
    assert merge(DESCRIBED, update()).on("ml.g7.xlarge") == Requirements(1024, 2500, 1)


def test_entries_are_replaced_by_type() -> None:
    """A list of entries replaces the list; an entry for a described type still keeps what it leaves out."""
    request = update(Specifications=[{"InstanceType": "ml.g5.xlarge", "ModelName": "c"}])
    merged = merge(PER_TYPE, request)
    assert merged.requirements == {"ml.g5.xlarge": Requirements(1024, 2500, 1)}
    assert merged.changed == ("$.Specifications[0].ModelName",)
    dropped = update(Specifications=[{"InstanceType": "ml.g5.xlarge", "ModelName": "a"}])
    assert merge(PER_TYPE, dropped).changed == ("$.Specifications",)


ONE_TYPE = {"InstanceType": "ml.g5.xlarge"}
WHOLE = {"ComputeResourceRequirements": COMPUTE | {"MinMemoryRequiredInMb": 2048}}
PARTLY = {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 2048}}


@pytest.mark.parametrize(
    ("described", "asked", "requirements"),
    [
        (PER_TYPE, {"Specification": {"ModelName": "a"}}, {None: Requirements(1024, 2500, 1)}),
        (PER_TYPE, {"Specification": PARTLY}, {None: Requirements(2048, 2500, 1)}),
        (
            DESCRIBED,
            {"Specifications": [ONE_TYPE | {"ModelName": "a"}]},
            {"ml.g5.xlarge": Requirements(1024, 2500, 1)},
        ),
        (DESCRIBED, {"Specifications": [ONE_TYPE | PARTLY]}, {"ml.g5.xlarge": Requirements(2048, 2500, 1)}),
        (
            PER_TYPE,
            {"Specifications": [{"InstanceType": "ml.p4d.24xlarge", "ModelName": "a"}]},
            {"ml.p4d.24xlarge": Requirements(1024, 2500, 1)},
        ),
    ],
)
def test_what_another_form_or_type_may_hand_down_is_not_settled(
    described: dict[str, Any], asked: dict[str, Any], requirements: dict[str | None, Requirements]
) -> None:
    """The entry is merged as if it took over what a copy reserves, and said to be open."""
    merged = merge(described, update(**asked))
    assert merged.requirements == requirements
    assert merged.ambiguous == tuple(
        "$.Specification" if name == "Specification" else "$.Specifications[0]" for name in asked
    )
    assert merged.specification_changed


@pytest.mark.parametrize(
    ("described", "asked"),
    [
        (DESCRIBED, {"Specifications": [ONE_TYPE | WHOLE]}),
        (PER_TYPE, {"Specification": WHOLE}),
        (PER_TYPE, {"Specifications": [ONE_TYPE | PARTLY, {"InstanceType": "ml.p4d.24xlarge"} | PARTLY]}),
        (PER_TYPE, {"Specifications": [ONE_TYPE | {"ModelName": "b"}]}),
        (DESCRIBED, {"Specification": {"ModelName": "b"}}),
    ],
)
def test_what_says_all_that_a_copy_reserves_is_settled(
    described: dict[str, Any], asked: dict[str, Any]
) -> None:
    """So is what an entry leaves out that the described one of the same type has."""
    assert merge(described, update(**asked)).ambiguous == ()


def test_another_form_with_a_partial_structure_is_settled_by_the_assumption() -> None:
    """Where structures are replaced nothing is taken over into one."""
    assumptions = Assumptions({"nested-members": "replace"})
    merged = merge(DESCRIBED, update(Specifications=[ONE_TYPE | PARTLY]), assumptions)
    assert (merged.requirements, merged.ambiguous) == ({"ml.g5.xlarge": Requirements(2048)}, ())


def test_an_adapter_reserves_nothing() -> None:
    """Describe echoes the base's requirements on an adapter; they must not be counted twice."""
    described = {
        "Specification": {"BaseInferenceComponentName": "llama", "ComputeResourceRequirements": COMPUTE}
    }
    assert requirements_of(described) == {}
    assert copies_of(described) == 0
    merged = merge(described, update(Specification={"Container": {"ArtifactUrl": "s3://models/b.tar.gz"}}))
    assert (merged.base, merged.requirements, merged.copies) == ("llama", {}, 0)


def test_a_new_component() -> None:
    """Everything comes from the request; one copy when it does not say how many, none for an adapter."""
    request, _ = parse(
        "CreateInferenceComponent",
        {
            "InferenceComponentName": "new",
            "EndpointName": "e",
            "Specification": {"ComputeResourceRequirements": COMPUTE},
        },
        "$[2].Request",
    )
    assert request is not None
    merged = merge(None, request, path="$[2].Request")
    assert (merged.name, merged.copies, merged.compute_changed) == ("new", 1, True)
    assert merged.changed == ("$[2].Request.Specification.ComputeResourceRequirements",)


def test_deleting_leaves_no_copy() -> None:
    """The requirements stay known, since the copies hold them until they are gone."""
    request, _ = parse("DeleteInferenceComponent", {"InferenceComponentName": "llama"})
    merged = merge(DESCRIBED, request)
    assert (merged.copies, merged.requirements) == (0, requirements_of(DESCRIBED))


@given(st.decimals(0, 1000, places=4, allow_nan=False))
def test_cores_are_rounded_up_as_their_decimal_text_says(cores: Decimal) -> None:
    """0.1 core is 100 milli-cores, not the 101 that the binary fraction would round up to."""
    described = {
        "Specification": {
            "ComputeResourceRequirements": {
                "MinMemoryRequiredInMb": 128,
                "NumberOfCpuCoresRequired": float(cores),
            }
        }
    }
    [required] = requirements_of(described).values()
    assert required.cpu_millicores - 1 < Fraction(cores) * 1000 <= required.cpu_millicores


def test_a_partition_is_no_whole_accelerator() -> None:
    """A copy on a partition takes one partition; the device count AWS asks for is not reserved too."""
    compute = COMPUTE | {"AcceleratorPartitionType": "mig-1g.10gb"}
    described = {"Specification": {"ComputeResourceRequirements": compute}}
    assert requirements_of(described) == {None: Requirements(1024, 2500, 0, "mig-1g.10gb")}


@pytest.mark.parametrize(
    "described",
    [
        {"Specification": 3},
        {"Specifications": "x"},
        {"Specifications": [None]},
        {"Specifications": [{"InstanceType": ["ml.g5.xlarge"]}]},
        {"Specification": {"ComputeResourceRequirements": []}},
        {"Specification": {"ComputeResourceRequirements": {}}},
        {"Specification": {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": "1024"}}},
        {"Specification": {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": -1}}},
        {"Specification": {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 2**31}}},
        {"Specification": {"ComputeResourceRequirements": COMPUTE | {"NumberOfCpuCoresRequired": 1e300}}},
    ],
)
def test_a_malformed_answer_is_refused_with_its_path(described: dict[str, Any]) -> None:
    """Wrong types and absurd numbers end in InputError, with the path prefix of the answer."""
    with pytest.raises(InputError) as caught:
        requirements_of(described, "$.InferenceComponents[3]")
    assert all(
        str(problem.path).startswith("$.InferenceComponents[3].Specification")
        for problem in caught.value.problems
    )


@pytest.mark.parametrize("count", [None, -1, 1.0, True, "2", 2**31])
def test_a_component_whose_copies_are_not_known_is_refused(count: Any) -> None:
    """What runs must be known before anything can be said of room."""
    with pytest.raises(InputError):
        copies_of({"Specification": {}, "RuntimeConfig": {"DesiredCopyCount": count}})


def test_what_describe_may_show_outside_the_request_rules_is_read() -> None:
    """A described component with less than the request's minimum is taken as it is."""
    described = {
        "Specification": {
            "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 0, "NumberOfCpuCoresRequired": 0}
        }
    }
    assert requirements_of(described) == {None: Requirements(0)}
