"""Reading a request: what the problems say, where they point, and what is kept."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icplan.requests.component import Container, Specification
from icplan.requests.fields import API_MODEL as MODEL
from icplan.requests.parse import parse, parse_partially, parse_shape
from icplan.requests.problems import FieldRule, display, member_path

UPDATE = "UpdateInferenceComponent"
COMPUTE = "ComputeResourceRequirements"
CHOICE = "choice: PlacementStrategy 'spread' is not one of SPREAD, BINPACK"
ODD_NAME = "type: Specification.Container.Environment['D...'] has a lone surrogate, which is no UTF-8"
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
    ),
    max_leaves=10,
)


def problems_of(request: Any, operation: str = UPDATE) -> dict[str | None, str]:
    _, problems = parse_partially(operation, request)
    return {
        one.path: f"{one.kind}: {one.message}" + (f". {one.hint}" if one.hint else "") for one in problems
    }


def test_every_problem_is_told_at_once() -> None:
    """One reading of a thoroughly wrong request names each fault, in the order of the document."""
    request = {
        "Specification": {
            "InstanceType": "ml.zz.xlarge",
            "Container": {"Image": None, "Environment": {"A B": "x", "C": 7, "D'E": "\ud800"}},
            COMPUTE: {
                "NumberOfCpuCoresRequired": True,
                "MinMemoryRequiredInMb": 12.0,
                "minmemoryrequiredinmb": 1,
                "NumberOfCpuRequired": 1,
            },
            "SchedulingConfig": {"PlacementStrategy": "spread"},
        },
        "RuntimeConfig": {"CopyCount": -1},
        "DeploymentConfig": {},
        "Novelty": {"Deep": [1]},
    }
    compute, container = f"$.Specification.{COMPUTE}", "$.Specification.Container"
    fraction = "type: MinMemoryRequiredInMb must be an integer, is a floating-point number. Write 12"
    cores = "NumberOfCpuCoresRequired"
    pattern = f"{container[2:]}.Environment['A...'] does not match the pattern [a-zA-Z_][a-zA-Z0-9_]*"
    write = "Write MinMemoryRequiredInMb"
    misspelt = f"misspelt: minmemoryrequiredinmb is no member of Specification.{COMPUTE}. {write}"
    nearly = "Did you mean NumberOfCpuCoresRequired?"
    unknown = (
        f"unknown: NumberOfCpuRequired is no member of Specification.{COMPUTE} in the API model of {MODEL}"
    )
    novel = "new-choice: InstanceType 'ml.zz.xlarge' is not in the API model icplan was written against"
    assert problems_of(request) == {
        "$": "required: UpdateInferenceComponent lacks the required member InferenceComponentName",
        "$.Specification.InstanceType": novel,
        f"{container}.Image": "null: Image is null, which botocore refuses. Leave the member out instead",
        f"{container}.Environment['A...']": f"pattern: {pattern}",
        f"{container}.Environment.C": "type: C must be a string, is an integer",
        f"{container}.Environment['D...']": ODD_NAME,
        f"{compute}.{cores}": f"type: {cores} must be a number, is a boolean",
        f"{compute}.MinMemoryRequiredInMb": fraction,
        f"{compute}.minmemoryrequiredinmb": misspelt,
        f"{compute}.NumberOfCpuRequired": f"{unknown}. {nearly}",
        "$.Specification.SchedulingConfig.PlacementStrategy": CHOICE,
        "$.RuntimeConfig.CopyCount": "range: CopyCount is -1, which is too small: at least 0",
        "$.DeploymentConfig": "required: DeploymentConfig lacks the required member RollingUpdatePolicy",
        "$.Novelty": f"unknown: Novelty is no member of UpdateInferenceComponent in the API model of {MODEL}",
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("3", "type: CopyCount must be an integer, is the string '3'. Write 3"),
        ([3], "type: CopyCount must be an integer, is a list"),
        ({}, "type: CopyCount must be an integer, is an object"),
        (3.5, "type: CopyCount must be an integer, is a floating-point number"),
        (1e300, "type: CopyCount must be an integer, is a floating-point number"),
        (math.nan, "type: CopyCount must be an integer, is not a finite number"),
        (b"3", "type: CopyCount must be an integer, is a bytes"),
        (2**31, "range: CopyCount is 2147483648, which is too large: at most 2147483647"),
        (10**400, "range: CopyCount is a number of about 401 digits, which is too large: at most 2147483647"),
        (-(10**400), "range: CopyCount is a number of about 401 digits, which is too small: at least 0"),
    ],
)
def test_what_is_said_of_a_number(value: Any, message: str) -> None:
    """The message names what is there, never a value that could be secret, nor one of any length."""
    request = {"InferenceComponentName": "a", "RuntimeConfig": {"CopyCount": value}}
    assert problems_of(request) == {"$.RuntimeConfig.CopyCount": message}


@pytest.mark.parametrize(
    ("cores", "kind"),
    [(0.25, None), (0.24, FieldRule.RANGE), (4, None), (1e39, FieldRule.RANGE), (math.inf, FieldRule.TYPE)],
)
def test_numbers_with_fractions(cores: float, kind: FieldRule | None) -> None:
    """Whole numbers are numbers; what single precision cannot hold is refused."""
    compute = {"MinMemoryRequiredInMb": 128, "NumberOfCpuCoresRequired": cores}
    _, problems = parse_partially(
        UPDATE, {"InferenceComponentName": "a", "Specification": {COMPUTE: compute}}
    )
    assert [one.kind for one in problems] == ([kind] if kind else [])


def test_sizes_and_lengths() -> None:
    """Lists, maps and strings name their size and the limit; the value of a variable is not shown."""
    request = {
        "InferenceComponentName": "a" * 64,
        "Specification": {
            "Container": {"Environment": dict.fromkeys((f"A{n}" for n in range(101)), "v" * 1025)}
        },
        "Specifications": [],
    }
    told = problems_of(request)
    assert told["$.InferenceComponentName"].endswith("is too long: 64 characters, at most 63")
    assert (
        told["$.Specification.Container.Environment"]
        == "size: Environment has 101 entries, may have at most 100"
    )
    assert (
        told["$.Specification.Container.Environment.A0"]
        == "length: A0 is too long: 1025 characters, at most 1024"
    )
    listed = {"InferenceComponentName": "a", "Specification": {"Container": {"Environment": [1]}}}
    assert problems_of(listed) == {
        "$.Specification.Container.Environment": "type: Environment must be an object, is a list"
    }
    assert told["$.Specifications"] == "size: Specifications has 0 entries, needs at least 1"
    tags = problems_of(
        {"InferenceComponentName": "a", "EndpointName": "e", "Tags": [{"Key": "", "Value": ""}]},
        "CreateInferenceComponent",
    )
    assert tags == {"$.Tags[0].Key": "length: Key '' is too short: 0 characters, at least 1"}


@given(anything, st.sampled_from(["$", "$[2].Request"]))
def test_anything_is_read_or_refused(document: Any, path: str) -> None:
    """No document makes the walk crash, and every problem's path begins with that of the request."""
    read, problems = parse(UPDATE, document, path)
    assert (read is None) == any(one.fatal for one in problems)
    assert all(str(one.path).startswith(path) for one in problems)


def test_a_partial_reading_keeps_what_can_be_read() -> None:
    """A value beyond a bound stays; one of a wrong type, or too long a number, is known to be missing."""
    whole = {"ModelName": "no_good", "Container": 3, COMPUTE: {}, "DataCacheConfig": {"EnableCaching": 1}}
    read, _ = parse_shape(Specification, whole)
    assert read is not None
    assert (read.model_name, read.container, read.compute_resource_requirements) == ("no_good", None, None)
    assert read.unreadable == {"Container", COMPUTE, "DataCacheConfig"}
    assert read.has("Container")
    assert read.has("ModelName")
    assert not read.has("StartupParameters")
    listed, _ = parse_partially(UPDATE, {"InferenceComponentName": "a", "Specifications": [{}, 3]})
    assert listed is not None
    assert listed.unreadable == {"Specifications"}
    for count, kept in ((2**63, True), (2**63 + 1, False), (-(2**63), True), (-(2**63) - 1, False)):
        counted, _ = parse_partially(
            UPDATE, {"InferenceComponentName": "a", "RuntimeConfig": {"CopyCount": count}}
        )
        assert counted is not None
        assert counted.has("RuntimeConfig")
        assert ("RuntimeConfig" not in counted.unreadable) == kept
    assert parse_partially(UPDATE, {"RuntimeConfig": {"CopyCount": 1}})[0] is None
    assert parse_partially(UPDATE, {"InferenceComponentName": 1})[0] is None


def test_no_more_problems_of_a_kind_than_anybody_reads() -> None:
    """The thousandth says how many more there are; those of another kind are told all the same."""
    runtime = {**{f"x{n}": 1 for n in range(5000)}, "CopyCount": -1}
    read, problems = parse_partially(UPDATE, {"InferenceComponentName": "a", "RuntimeConfig": runtime})
    assert read is not None
    assert read.to_boto3()["RuntimeConfig"] == runtime
    assert [one.kind for one in problems] == [FieldRule.RANGE, *[FieldRule.UNKNOWN] * 1000]
    assert problems[-1].path == "$.RuntimeConfig.x999"
    assert problems[-1].message.endswith("; 4000 more like it are not listed")
    assert "more like it" not in "".join(one.message for one in problems[:-1])
    assert parse(UPDATE, {"InferenceComponentName": "a", "RuntimeConfig": runtime})[0] is None
    del runtime["CopyCount"]
    runtime["copycount"] = 1
    del runtime["x0"]
    _, problems = parse_partially(
        UPDATE, {"InferenceComponentName": "a", "RuntimeConfig": dict(list(runtime.items())[-1000:])}
    )
    assert "more like it" not in "".join(one.message for one in problems)


def test_unknown_members_are_kept_at_any_depth() -> None:
    """What AWS may have added comes back as it was, and is noted where it stands."""
    container = {"Image": "i", "Novelty": {"Deep": [None, 1.5]}}
    request = {"InferenceComponentName": "a", "Specification": {"Container": container, "Other": None}}
    read, problems = parse(UPDATE, request)
    assert read is not None
    assert read.to_boto3() == request
    assert [(one.kind, one.path) for one in problems] == [
        (FieldRule.UNKNOWN, "$.Specification.Container.Novelty"),
        (FieldRule.UNKNOWN, "$.Specification.Other"),
    ]
    inside, _ = parse_shape(Container, container)
    assert inside is not None
    assert inside.has("Novelty")


def test_tuples_become_lists() -> None:
    """boto3 takes tuples as lists; what comes back has lists."""
    read, problems = parse(UPDATE, {"InferenceComponentName": "a", "Specifications": ({"ModelName": "m"},)})
    assert read is not None, problems
    assert read.to_boto3()["Specifications"] == [{"ModelName": "m"}]


@given(st.text(max_size=200))
def test_paths_and_values_are_printable(text: str) -> None:
    """No control code reaches a terminal through a name or a value, and nothing is very long."""
    for said in (member_path("$", text), display(text)):
        assert said.isprintable() or "\ud800" <= max(said) <= "\udfff"
        assert len(said) < 80 * 10 + 10


@pytest.mark.parametrize("module", ["icplan.requests.parse", "icplan.rules"])
def test_importing_stays_light(module: str) -> None:
    """Neither boto3 nor OR-Tools nor hypothesis is loaded, nor the shapes of endpoint configurations."""
    code = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    heavy = {"boto3", "botocore", "ortools", "hypothesis", "numpy", "icplan.requests.production_variant"}
    assert not heavy & set(json.loads(done.stdout))


@pytest.mark.parametrize("written", ["InferenceComponentNam", "inferenceComponentName"])
def test_how_a_required_member_is_misspelt_is_said_before_it_is_missing(written: str) -> None:
    """The cause first; a member that no other was meant to be is missing first, as before."""
    request = {written: "chat", "RuntimeConfig": {"CopyCount": 2}, "Other": 1}
    _, problems = parse_partially(UPDATE, request)
    kinds = [one.kind for one in problems]
    assert written in problems[0].message
    assert kinds.index(FieldRule.REQUIRED) > 0
    _, apart = parse_partially(UPDATE, {"Other": 1})
    assert apart[0].kind is FieldRule.REQUIRED
