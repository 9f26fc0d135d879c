"""icplan's field rules against CloudFormation's own schema of AWS::SageMaker::InferenceComponent.

CloudFormation describes the same resource by hand; where the two speak of the same member they should agree.
The known differences are data below. icplan follows the API model, since that is what a request meets.
"""

from __future__ import annotations

from typing import Any

import pytest

from icplan.requests.component import DeploymentConfig
from icplan.requests.fields import Boolean, Integer, ListOf, MapOf, Number, Rule, Shape, Struct, Text, members
from icplan.requests.operations import CreateInferenceComponent

manager = pytest.importorskip("cfnlint.schema.manager")

Json = dict[str, Any]

ONLY_IN_THE_API = {
    "Specification.InstanceType",
    "Specification.ComputeResourceRequirements.AcceleratorPartitionType",
    "Specifications[].BaseInferenceComponentName",
    "Specifications[].ComputeResourceRequirements.AcceleratorPartitionType",
}
ALPHANUMERIC = "[a-zA-Z0-9](-*[a-zA-Z0-9])*"
SAME_PATTERN = {
    # Other spellings of one language, within the length both allow.
    r"[a-zA-Z0-9]([\-a-zA-Z0-9]*[a-zA-Z0-9])?": ALPHANUMERIC,
    "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}": ALPHANUMERIC,
}
KNOWN = {
    "(root)": {"required: API EndpointName, InferenceComponentName; CloudFormation EndpointName"},
    "DeploymentConfig": {"required: API RollingUpdatePolicy; CloudFormation none"},
    "DeploymentConfig.AutoRollbackConfiguration": {"required: API none; CloudFormation Alarms"},
    "DeploymentConfig.AutoRollbackConfiguration.Alarms[]": {"required: API none; CloudFormation AlarmName"},
    "DeploymentConfig.RollingUpdatePolicy": {
        "required: API MaximumBatchSize, WaitIntervalInSeconds; CloudFormation none"
    },
    "RuntimeConfig": {"required: API CopyCount; CloudFormation none"},
    "Specifications": {"sizes: API 1..5; CloudFormation 2..5"},
    "Specifications[]": {"required: API none; CloudFormation InstanceType"},
    "Specifications[].InstanceType": {"lengths: API 0..; CloudFormation 0..64"},
    "*.ComputeResourceRequirements": {"required: API MinMemoryRequiredInMb; CloudFormation none"},
    "*.Container.ContainerMetricsConfig": {"required: API none; CloudFormation MetricsEndpoints"},
    "*.Container.ContainerMetricsConfig.MetricsEndpoints": {"sizes: API 0..1; CloudFormation 1..1"},
    "*.Container.ContainerMetricsConfig.MetricsEndpoints[].MetricPublishFrequencyInSeconds": {
        "bounds: API ..; CloudFormation 10..300"
    },
    "*.Container.Environment": {"sizes: API 0..100; CloudFormation 0..16"},
    "Tags[].Value": {"lengths: API 0..256; CloudFormation 1..256"},
    "*.SchedulingConfig": {
        "required: API PlacementStrategy; CloudFormation AvailabilityZoneBalance, PlacementStrategy"
    },
}


def compare(rule: Rule, theirs: Json, schema: Json, path: str) -> dict[str, set[str]]:
    """Every difference at and below a member, by path."""
    while "$ref" in theirs:
        theirs = schema["definitions"][theirs["$ref"].rsplit("/", 1)[1]]
    match rule:
        case Struct():
            return compare_members(rule.shape, theirs, schema, path)
        case ListOf():
            ours = rule.min_size, rule.max_size
            here = {path: _bounds("sizes", ours, (theirs.get("minItems", 0), theirs.get("maxItems")))}
            return here | compare(rule.item, theirs["items"], schema, f"{path}[]")
        case MapOf():
            ours = rule.min_size, rule.max_size
            return {
                path: _bounds("sizes", ours, (theirs.get("minProperties", 0), theirs.get("maxProperties")))
            }
        case Text():
            return {path: _texts(rule, theirs)}
        case Integer() | Number():
            return {
                path: _bounds(
                    "bounds", (rule.minimum, rule.maximum), (theirs.get("minimum"), theirs.get("maximum"))
                )
            }
        case Boolean():
            return {path: set() if theirs["type"] == "boolean" else {"type"}}


def compare_members(shape: type[Shape], theirs: Json, schema: Json, path: str) -> dict[str, set[str]]:
    required = sorted(one.name for one in members(shape) if one.required)
    found = {
        path or "(root)": _pair(
            "required", ", ".join(required), ", ".join(sorted(theirs.get("required", ())))
        )
    }
    for one in members(shape):
        below = f"{path}.{one.name}".lstrip(".")
        if one.name in theirs["properties"]:
            found |= compare(one.rule, theirs["properties"][one.name], schema, below)
        else:
            found[below] = {"missing"}
    return found


def _texts(rule: Text, theirs: Json) -> set[str]:
    found = _bounds(
        "lengths", (rule.min_length, rule.max_length), (theirs.get("minLength", 0), theirs.get("maxLength"))
    )
    pattern = str(theirs.get("pattern")).removeprefix("^").removesuffix("$")
    if rule.pattern and "pattern" in theirs and pattern not in (rule.pattern, SAME_PATTERN.get(rule.pattern)):
        found |= {f"pattern: API {rule.pattern}; CloudFormation {pattern}"}
    if "enum" in theirs:
        found |= _pair("values", ", ".join(rule.choices), ", ".join(theirs["enum"]))
    return found


def _bounds(what: str, ours: tuple[Any, Any], theirs: tuple[Any, Any]) -> set[str]:
    """Bounds that CloudFormation leaves open are no difference: it checks less."""
    stated = tuple(their if their is not None else our for our, their in zip(ours, theirs, strict=True))
    return _pair(
        what, *("..".join("" if end is None else f"{end:g}" for end in pair) for pair in (ours, stated))
    )


def _pair(what: str, ours: str, theirs: str) -> set[str]:
    return set() if ours == theirs else {f"{what}: API {ours or 'none'}; CloudFormation {theirs or 'none'}"}


@pytest.fixture(scope="module")
def schema() -> Json:
    found: Json = manager.PROVIDER_SCHEMA_MANAGER.get_resource_schema(
        "us-east-1", "AWS::SageMaker::InferenceComponent"
    ).schema
    return found


def test_the_two_agree_but_for_known_differences(schema: Json) -> None:
    """A newer schema that differs in another point makes this say which."""
    found = compare_members(CreateInferenceComponent, schema, schema, "")
    config = schema["properties"]["DeploymentConfig"]
    found |= compare(Struct(DeploymentConfig), config, schema, "DeploymentConfig")
    assert {path for path, said in found.items() if said == {"missing"}} == ONLY_IN_THE_API
    said = {
        path: differences
        for path, differences in found.items()
        if differences and path not in ONLY_IN_THE_API
    }
    assert said == {path: KNOWN.get(path) or KNOWN.get(_anywhere(path)) for path in said}
    assert len(found) > 60


def _anywhere(path: str) -> str:
    return "*." + path.split(".", 1)[-1]
