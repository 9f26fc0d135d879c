"""Snapshots: what is taken, what is refused, and what is kept."""

from __future__ import annotations

import copy
import datetime as dt
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from icplan.errors import InputError
from icplan.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "zq7-s3kr1t"  # noqa: S105


def document() -> dict[str, Any]:
    return {
        "IcplanSnapshot": 1,
        "TakenAt": "2026-01-01T00:00:00Z",
        "Region": "us-east-1",
        "Endpoint": {
            "EndpointName": "prod",
            "EndpointStatus": "InService",
            "ProductionVariants": [
                {"VariantName": "v", "CurrentInstanceCount": 2, "DesiredInstanceCount": 2}
            ],
        },
        "EndpointConfig": {
            "EndpointConfigName": "prod-config",
            "ProductionVariants": [
                {
                    "VariantName": "v",
                    "InstanceType": "ml.g5.12xlarge",
                    "InitialInstanceCount": 2,
                    "ManagedInstanceScaling": {
                        "Status": "ENABLED",
                        "MinInstanceCount": 1,
                        "MaxInstanceCount": 3,
                    },
                }
            ],
        },
        "InferenceComponents": [
            {
                "InferenceComponentName": "llama",
                "EndpointName": "prod",
                "VariantName": "v",
                "InferenceComponentStatus": "InService",
                "Specification": {
                    "Container": {"Environment": {"HF_TOKEN": SECRET}},
                    "ComputeResourceRequirements": {
                        "NumberOfAcceleratorDevicesRequired": 1.0,
                        "NumberOfCpuCoresRequired": 0.25,
                        "MinMemoryRequiredInMb": 4096,
                    },
                },
                "RuntimeConfig": {"DesiredCopyCount": 2, "CurrentCopyCount": 2},
            }
        ],
        "Quotas": [{"QuotaName": "ml.g5.12xlarge for endpoint usage", "Value": 4.0}],
        "InstancesInUse": {"ml.g5.12xlarge": 2},
    }


def places(value: Any, steps: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [steps, *(place for step, part in pairs for place in places(part, (*steps, step)))]


def replaced(steps: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    data = document()
    part: Any = data
    for step in steps[:-1]:
        part = part[step]
    part[steps[-1]] = value
    return data


def faults(data: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        Snapshot.from_dict(data)
    return [str(problem) for problem in caught.value.problems]


def test_an_integer_of_many_digits_is_refused_where_it_stands() -> None:
    """As it is in a file."""
    said = faults(replaced(("Quotas", 0, "Value"), 10**400))
    assert said == ["$.Quotas[0].Value: an integer of more than 30 digits is too long"]


def test_the_parts_can_be_asked_for() -> None:
    snapshot = Snapshot.from_dict(document(), "prod.json")
    assert snapshot.to_dict() == document()
    assert (snapshot.endpoint_name, snapshot.taken_at, snapshot.region) == (
        "prod",
        "2026-01-01T00:00:00Z",
        "us-east-1",
    )
    assert (snapshot.file, snapshot.notes, snapshot.locate("$.Endpoint")) == ("prod.json", (), None)


def test_the_least_that_is_a_snapshot() -> None:
    config = {"ProductionVariants": [{"VariantName": "v"}]}
    snapshot = Snapshot.from_dict({"IcplanSnapshot": 1, "EndpointConfig": config})
    assert (snapshot.endpoint_name, snapshot.taken_at, snapshot.region) == ("unnamed", None, None)


def test_the_endpoint_is_named_by_a_component_or_by_its_configuration() -> None:
    data = document()
    del data["Endpoint"]
    assert Snapshot.from_dict(data).endpoint_name == "prod"
    del data["InferenceComponents"]
    assert Snapshot.from_dict(data).endpoint_name == "prod-config"


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    snapshot = Snapshot.from_dict(document())
    snapshot.save(tmp_path / "s.json")
    loaded = Snapshot.load(tmp_path / "s.json")
    assert loaded == snapshot
    assert hash(loaded) == hash(snapshot)
    assert loaded.to_dict() == snapshot.to_dict(redacted=True)
    assert loaded.locate("$.TakenAt") == (3, 3)
    assert loaded.file == str(tmp_path / "s.json")


@given(st.permutations(list(document())))
def test_the_fingerprint_speaks_of_content_alone(order: list[str]) -> None:
    data = document()
    shuffled = {name: data[name] for name in order}
    snapshot = Snapshot.from_dict({**shuffled, "TakenAt": "2026-02-02T00:00:00Z"})
    assert snapshot.fingerprint == Snapshot.from_dict(data).fingerprint
    assert snapshot != Snapshot.from_dict(data)


@given(st.sampled_from([place for place in places(document()) if place and place[-1] != "TakenAt"]))
def test_another_content_has_another_fingerprint(place: tuple[str | int, ...]) -> None:
    before = Snapshot.from_dict(document())
    data = replaced(place, "other")
    try:
        after = Snapshot.from_dict(data)
    except InputError:
        return
    assert (after.fingerprint == before.fingerprint) == ("Environment" in place)


def test_a_snapshot_is_no_other_thing() -> None:
    assert Snapshot.from_dict(document()) != document()


def test_the_snapshot_shares_nothing_with_its_source_nor_with_its_copies() -> None:
    source = document()
    snapshot = Snapshot.from_dict(source)
    source["InferenceComponents"].clear()
    snapshot.to_dict()["InferenceComponents"].clear()
    assert len(snapshot.data["InferenceComponents"]) == 1


def test_answers_of_boto3_are_taken_as_they_are() -> None:
    data = document()
    data["Endpoint"]["CreationTime"] = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    data["Endpoint"]["ResponseMetadata"] = {"HTTPStatusCode": 200}
    data["InferenceComponents"][0]["ResponseMetadata"] = {}
    data["ScalableTargets"] = None
    endpoint = {**document()["Endpoint"], "CreationTime": "2026-01-01T00:00:00Z"}
    assert Snapshot.from_dict(data).to_dict() == {**document(), "Endpoint": endpoint}


_NAMES = st.sampled_from(["New", "AnotherMember", "x"])


@given(st.sampled_from([p for p in places(document()) if p]), _NAMES, st.integers() | st.text(max_size=3))
def test_unknown_members_are_kept_wherever_they_are(
    place: tuple[str | int, ...], name: str, value: object
) -> None:
    data = document()
    part: Any = data
    for step in place:
        part = part[step]
    if isinstance(part, dict) and place[-1] not in ("Environment", "InstancesInUse"):
        part[name] = value
        assert Snapshot.from_dict(copy.deepcopy(data)).to_dict() == data


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        (("Endpoint",), [], "must be an object, not a list"),
        (("Endpoint", "ProductionVariants", 0, "CurrentInstanceCount"), True, "not true"),
        (("EndpointConfig", "ProductionVariants", 0, "InitialInstanceCount"), "2", "not a string"),
        (("EndpointConfig", "ProductionVariants"), [], "must not be empty"),
        (
            ("EndpointConfig", "ProductionVariants", 0, "InstancePools"),
            [{"Priority": 1}],
            "InstanceType is missing",
        ),
        (("InferenceComponents",), {}, "must be a list, not an object"),
        (("InferenceComponents", 0, "RuntimeConfig", "DesiredCopyCount"), 2.0, "not a number with a point"),
        (("InferenceComponents", 0, "RuntimeConfig", "CurrentCopyCount"), -1, "not a negative number"),
        (
            ("InferenceComponents", 0, "Specification", "ComputeResourceRequirements"),
            "x",
            "must be an object",
        ),
        (
            ("InferenceComponents", 0, "Specification", "Container", "Environment", "A"),
            1,
            "not a whole number",
        ),
        (("InferenceComponents", 0, "InferenceComponentName"), "", "not an empty string"),
        (("InferenceComponents", 0, "EndpointName"), "test", "is on another endpoint"),
        (("Quotas", 0, "Value"), "4", "must be a number"),
        (("InstancesInUse", "ml.g5.xlarge"), 1.5, "not a number with a point"),
        (("CopyLocations",), [{"InstanceId": "i", "InstanceType": "t"}], "InferenceComponentName is missing"),
        (("InstanceTypes",), [{"MemoryInfo": {}}], "InstanceType is missing"),
        (("TakenAt",), 5, "$.TakenAt: must be a time with its zone (RFC 3339), such as"),
        *(
            (("TakenAt",), text, "$.TakenAt: must be a time with its zone (RFC 3339), such as")
            for text in (
                "yesterday",
                "",
                "2026-11-20",
                "2026-11-20T02:11:08",
                "2026-13-20T02:11:08Z",
                "٢" * 20,
            )
        ),
        (("InstanceTypes",), [{"InstanceType": "t"}], "VCpuInfo is missing"),
        (
            ("InstanceTypes",),
            [{"InstanceType": "t", "MemoryInfo": {}, "VCpuInfo": {}}],
            "DefaultVCpus is missing",
        ),
        (("Quotas",), [{"InstanceType": "ml.g5.xlarge", "Value": 1}], "QuotaName is missing"),
        (("Quotas",), [{"QuotaCode": "L-65C4BD00", "Value": 1}], "QuotaName is missing"),
        (("Quotas",), [{"QuotaName": "ml.g5.xlarge for endpoint usage"}], "Value is missing"),
        (("InstancesInUse",), {"g5.xlarge": 1}, "they start with ml."),
        (("Quota",), [], "$.Quota: is no part of a snapshot. Did you mean Quotas?"),
        (("InferenceComponent",), [], "Did you mean InferenceComponents?"),
        (("zzz",), 1, "There are IcplanSnapshot, TakenAt, Region, Endpoint, EndpointConfig"),
    ],
)
def test_a_fault_is_named_with_its_path(place: tuple[str | int, ...], value: object, fault: str) -> None:
    found = faults(replaced(place, value))
    assert fault in found[0]
    assert found[0].startswith("$")


def test_the_account_wide_quota_may_go_by_its_code() -> None:
    data = replaced(("Quotas",), [{"QuotaCode": "L-7A3DF611", "Value": 20}])
    assert Snapshot.from_dict(data).to_dict() == data


def test_every_fault_is_named_at_once_with_its_line(tmp_path: Path) -> None:
    data = document()
    del data["EndpointConfig"]["ProductionVariants"][0]["VariantName"]
    data["InferenceComponents"][0]["RuntimeConfig"]["DesiredCopyCount"] = "2"
    (tmp_path / "s.json").write_text(json.dumps(data, indent=1))
    with pytest.raises(InputError) as caught:
        Snapshot.load(tmp_path / "s.json")
    lines = (tmp_path / "s.json").read_text().splitlines()
    first, second = caught.value.problems
    assert (first.message, first.path) == ("VariantName is missing", "$.EndpointConfig.ProductionVariants[0]")
    assert second.path == "$.InferenceComponents[0].RuntimeConfig.DesiredCopyCount"
    assert second.line is not None
    assert '"DesiredCopyCount"' in lines[second.line - 1]


def test_a_component_or_variant_stands_there_once() -> None:
    data = document()
    data["InferenceComponents"] *= 2
    data["EndpointConfig"]["ProductionVariants"] *= 2
    assert faults(data) == [
        "$.InferenceComponents[1].InferenceComponentName: this component is already there",
        "$.EndpointConfig.ProductionVariants[1].VariantName: this variant is already there",
    ]


def test_what_list_inference_components_answers_is_not_enough() -> None:
    data = document()
    del data["InferenceComponents"][0]["Specification"]
    assert "must have either Specification or Specifications" in faults(data)[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], "not a snapshot, but a list"),
        ("x", "not a snapshot, but a string"),
        ({}, "not a snapshot: IcplanSnapshot is missing"),
        ({"IcplanVerdict": 1}, "it seems, a verdict"),
        ({"InferenceComponentName": "a", "RuntimeConfig": {"CopyCount": 1}}, "it seems, a change"),
        ({"Operation": "UpdateInferenceComponent", "Request": {}}, "it seems, a change"),
        ({"EndpointName": "a", "EndpointArn": "arn"}, "the answer of DescribeEndpoint,"),
        ({"EndpointConfigName": "a", "EndpointConfigArn": "arn"}, "the answer of DescribeEndpointConfig,"),
        ({"InferenceComponentArn": "arn"}, "the answer of DescribeInferenceComponent,"),
        ({"InferenceComponents": []}, "the answer of ListInferenceComponents,"),
        ({"IcplanSnapshot": 2}, "a snapshot of version 2; this icplan reads version 1"),
        ({"IcplanSnapshot": True}, "must be 1, not true"),
        ({"IcplanSnapshot": "1"}, "must be 1, not a string"),
    ],
)
def test_what_is_no_snapshot_is_told_what_it_seems_to_be(value: Any, expected: str, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps(value))
    with pytest.raises(InputError) as caught:
        Snapshot.load(tmp_path / "s.json")
    assert len(caught.value.problems) == 1
    assert expected in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path}/s.json")


@given(
    st.binary(max_size=50)
    | st.sampled_from(places(document())[1:]).map(lambda p: json.dumps(replaced(p, 0)).encode())
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example writes its own file
def test_any_bytes_give_a_snapshot_or_an_input_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "s.json").write_bytes(data)
    try:
        snapshot = Snapshot.load(tmp_path / "s.json")
    except InputError as error:
        assert str(error)  # noqa: PT017  (either is fine, neither is empty)
    else:
        assert snapshot.endpoint_name


_PLACES = [
    ("Specification", "Container", "Environment"),
    ("Specifications", 0, "Container", "Environment"),
    ("Unknown", "Environment"),
    ("Unknown", 3, "Deep", "Environment"),
]


@given(st.sampled_from(_PLACES), st.sampled_from([SECRET, {"A": SECRET}, [SECRET]]), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example writes its own file
def test_a_secret_in_an_environment_is_neither_saved_nor_shown(
    tmp_path: Path, place: tuple[str | int, ...], value: Any, top: bool
) -> None:
    part: Any = {"NAME": value}
    for step in reversed(place):
        part = {step: part} if isinstance(step, str) else [{}] * step + [part]
    data = document()
    component = {"InferenceComponentName": "new", "Specification": {}, **part}
    data["InferenceComponents"].append(
        {"InferenceComponentName": "new", "Specification": {}} if top else component
    )
    data |= part if top else {}
    try:
        snapshot = Snapshot.from_dict(data)
    except InputError as error:
        assert SECRET not in str(error) + repr(error)  # noqa: PT017
        return
    snapshot.save(tmp_path / "s.json")
    assert SECRET.encode() not in (tmp_path / "s.json").read_bytes()
    assert SECRET not in repr(snapshot) + str(snapshot)


def test_signed_urls_lose_their_signature(tmp_path: Path) -> None:
    url = "https://bucket.s3.amazonaws.com/model.tar.gz?X-Amz-Signature=0123456789abcdef"
    data = replaced(("InferenceComponents", 0, "Specification", "Container", "ArtifactUrl"), url)
    Snapshot.from_dict(data).save(tmp_path / "s.json")
    assert "0123456789abcdef" not in (tmp_path / "s.json").read_text()


def test_loading_a_snapshot_loads_neither_boto3_nor_yaml(tmp_path: Path) -> None:
    Snapshot.from_dict(document()).save(tmp_path / "s.json")
    program = (
        "import sys; from icplan.snapshot import Snapshot; Snapshot.load(sys.argv[1]).fingerprint;"
        "print(sorted({'boto3', 'botocore', 'ruamel.yaml'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "s.json")]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "[]\n"
