"""The answers foreseen for a faulty member: botocore's to the letter, SageMaker's as published."""

from __future__ import annotations

import math
from typing import Any

import boto3
import botocore.exceptions
import pytest
from hypothesis import HealthCheck, given, settings
from support.differential import SERVICE, botocore_report

from icplan.requests.parse import parse_partially
from icplan.rules import check_request
from icplan.testing.strategies import almost_valid_requests

UPDATE, CREATE = "UpdateInferenceComponent", "CreateInferenceComponent"
SECRET = "s3cr3txyzzy"  # noqa: S105


def answers(operation: str, request: Any, path: str = "$") -> list[str | None]:
    _, problems = parse_partially(operation, request, path)
    return [one.aws_error for one in problems]


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(almost_valid_requests())
def test_what_botocore_is_to_say_it_says(drawn: tuple[str, dict[str, Any]]) -> None:
    """Every line we foresee is in its report, and none of its plainest lines is missing."""
    lines = botocore_report(*drawn).generate_report().split("\n")
    ours = {one for one in answers(*drawn) if one and SERVICE not in one}
    assert ours <= set(lines)
    plainest = ("Missing required", "Unknown parameter", "Invalid length")
    assert {line for line in lines if line.startswith(plainest)} <= ours
    assert ours <= {one.aws_error for one in check_request(*drawn)}


@pytest.mark.parametrize("path", ["$", "$[2].Request"])
@pytest.mark.parametrize(
    ("operation", "members"),
    [
        (UPDATE, {"RuntimeConfig": {}}),
        (UPDATE, {"RuntimeConfig": {"CopyCount": 1, "CopyCounts": 1}}),
        (UPDATE, {"RuntimeConfig": {"CopyCount": -1}}),
        (UPDATE, {"RuntimeConfig": {"CopyCount": "3"}}),
        (UPDATE, {"RuntimeConfig": {"CopyCount": 3.0}}),
        (UPDATE, {"RuntimeConfig": None}),
        (UPDATE, {"Specifications": [{"DataCacheConfig": {"EnableCaching": "yes"}}]}),
        (UPDATE, {"Specifications": []}),
        (CREATE, {"EndpointName": "e", "Tags": [{"Key": "", "Value": ""}]}),
        (CREATE, {}),
        (CREATE, {"EndpointName": "e", "novelty": 1}),
    ],
)
def test_answers_are_those_of_botocore(operation: str, members: dict[str, Any], path: str) -> None:
    """Line by line, wherever the request stands in its file."""
    request = {"InferenceComponentName": "a", **members}
    assert "\n".join(str(one) for one in answers(operation, request, path)) == (
        botocore_report(operation, request).generate_report()
    )


def test_a_client_raises_what_is_foreseen() -> None:
    """Not the validator's report alone: what a user sees who makes the call."""
    request = {"InferenceComponentName": "a", "RuntimeConfig": {"Copies": 1}}
    client: Any = boto3.client("sagemaker", region_name="us-east-1")
    with pytest.raises(botocore.exceptions.ParamValidationError) as raised:
        client.update_inference_component(**request)
    assert all(str(one) in str(raised.value) for one in answers(UPDATE, request))


NAME = "InferenceComponentName"
VARIANT = {"VariantName": "v", "InstanceType": "ml.t3.medium"}
DEEP = {"StartupParameters": {"ModelDataDownloadTimeoutInSeconds": 7200}}
CONFIGURATION = {"EndpointConfigName": "c", "ProductionVariants": [VARIANT]}
TIMEOUT = "specifications.2.member.startupParameters.modelDataDownloadTimeoutInSeconds"
LENGTH = "have length less than or equal to"


@pytest.mark.parametrize(
    ("operation", "request_", "value", "at", "constraint"),
    [
        (
            "CreateEndpointConfig",
            CONFIGURATION,
            "Value 'ml.t3.medium' ",
            "productionVariants.1.member.instanceType",
            "satisfy enum value set",
        ),
        (
            UPDATE,
            {NAME: "a_b"},
            "Value 'a_b' ",
            "inferenceComponentName",
            "satisfy regular expression pattern",
        ),
        (UPDATE, {NAME: "a" * 64}, f"Value '{'a' * 64}' ", "inferenceComponentName", f"{LENGTH} 63"),
        (
            UPDATE,
            {NAME: "a", "Specifications": [{}, DEEP]},
            "Value '7200' ",
            TIMEOUT,
            "have value less than or equal to 3600",
        ),
        (UPDATE, {NAME: "a", "Specifications": [{}] * 6}, "", "specifications", f"{LENGTH} 5"),
        (
            UPDATE,
            {NAME: "a", "Specification": {"ModelName": "b" * 81}},
            "",
            "specification.modelName",
            f"{LENGTH} 63",
        ),
    ],
)
def test_answers_of_the_service(
    operation: str, request_: dict[str, Any], value: str, at: str, constraint: str
) -> None:
    """In the form SageMaker has published: names in lower camel case, items counted from 1."""
    said = f"{value}at '{at}' failed to satisfy constraint: Member must {constraint}"
    assert answers(operation, request_) == [said]


@pytest.mark.parametrize(
    "members",
    [
        {"RuntimeConfig": {"CopyCount": True}},  # botocore takes it for a number
        {"RuntimeConfig": {"CopyCount": 2**31}},  # no 32-bit integer: refused before any constraint
        {"RuntimeConfig": {"CopyCount": -(10**400)}},  # no one repeats 400 digits
        {"RuntimeConfig": {"CopyCount": [1]}},
        {"Specification": {"ModelName": "\ud800"}},
        {"Specification": {"ModelName": {}}},
        {"Specification": {"ComputeResourceRequirements": SECRET}},
        {"Specification": {"Container": {"Environment": {"A": 7}}}},
        {"Specification": {"Container": {"Environment": {"A B": "x"}}}},
        {"Specification": {"Container": {"Environment": {"A": SECRET * 200}}}},
        {"Specification": {"Container": {"Environment": SECRET}}},
        {"Specification": {"Container": {"Environment": 7}}},
        {"Specification": SECRET},
        {"Specifications": SECRET},
        {7: 1},
        {"x\n": 1},
        {"x" * 81: 1},
        {f"hf_{'a' * 20}": 1},
    ],
)
def test_what_cannot_be_foreseen_is_not_made_up(members: dict[Any, Any]) -> None:
    """No answer where it is not known, or would repeat a long value or what may be a secret."""
    assert answers(UPDATE, {"InferenceComponentName": "a", **members}) == [None]


def test_what_looks_like_a_credential_is_not_repeated() -> None:
    """The constraint is quoted without the value."""
    url = f"https://h/a.tar.gz?X-Amz-Signature={SECRET}{'a' * 1000}"
    container = {"ArtifactUrl": url, "Image": f"a {SECRET}?token={SECRET}"}
    request = {"InferenceComponentName": "a", "Specification": {"Container": container}}
    said = answers(UPDATE, request)
    assert len(said) == 2
    assert SECRET not in str(said)
    assert all(str(one).startswith("at 'specification.container.") for one in said)


def test_numbers_are_bounded_as_botocore_bounds_them() -> None:
    """Least values by botocore, what is no number at all by no one."""
    compute = {"MinMemoryRequiredInMb": 127, "NumberOfCpuCoresRequired": 0.1}
    request = {"InferenceComponentName": "a", "Specification": {"ComputeResourceRequirements": compute}}
    report = botocore_report(UPDATE, request).generate_report().split("\n")
    assert sorted(map(str, answers(UPDATE, request))) == sorted(report)
    compute["NumberOfCpuCoresRequired"] = math.nan
    compute["MinMemoryRequiredInMb"] = 128
    assert answers(UPDATE, request) == [None]
