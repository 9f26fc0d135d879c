"""icplan's field rules against botocore's model: member by member, and request by request.

A botocore that adds or changes a member fails `test_every_member_is_declared_as_the_model_has_it`, whose
message says which member and what to do.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from typing import Any

import attrs
import botocore
import botocore.loaders
import botocore.model
import botocore.serialize
import botocore.validate
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from support.spec_model import PINNED, faults, input_shape, shape, unknown

from icplan.requests.fields import (
    API_MODEL,
    Boolean,
    Integer,
    ListOf,
    MapOf,
    Number,
    Rule,
    Shape,
    Struct,
    Text,
    compiled,
    members,
)
from icplan.requests.operations import OPERATIONS, request_type
from icplan.requests.parse import parse, parse_partially
from icplan.requests.problems import FieldRule
from icplan.rules import check_request
from icplan.testing.strategies import almost_valid_requests, field_valid_requests
from icplan.verdict.finding import Severity

Steps = tuple[str | int, ...]

# Where icplan differs from the model on purpose.
SOFT_ENUMS = {"ProductionVariantInstanceType"}
"""A type outside the list is noted, not refused: AWS adds types between releases of icplan."""
SENSITIVE_HERE = {"EnvironmentKey", "EnvironmentValue", "ClarifyShapBaseline"}
"""Treated as secret, though the model does not mark them so."""

VALID = st.sampled_from(OPERATIONS).flatmap(lambda name: st.tuples(st.just(name), field_valid_requests(name)))
slow_to_make = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])


def described(name: str) -> Any:
    """What the model says of a shape, in the words of `declared`."""
    kind = shape(name)
    bounds = (kind.get("min"), kind.get("max"))
    match kind["type"]:
        case "structure":
            return name
        case "string":
            choices = tuple(kind.get("enum", ()))
            closed = name not in SOFT_ENUMS
            secret = bool(kind.get("sensitive")) or name in SENSITIVE_HERE
            return (
                "string",
                bounds[0] or 0,
                bounds[1],
                kind.get("pattern"),
                frozenset(choices),
                closed or not choices,
                secret,
            )
        case "list":
            return ("list", bounds[0] or 0, bounds[1], described(kind["member"]["shape"]))
        case "map":
            parts = described(kind["key"]["shape"]), described(kind["value"]["shape"])
            return ("map", bounds[0] or 0, bounds[1], *parts)
        case simple:
            return (simple, *bounds) if simple != "boolean" else "boolean"


def declared(rule: Rule, name: str) -> Any:
    """What icplan declares of the member whose shape is called ``name``."""
    match rule:
        case Struct():
            return name if shape(name)["type"] == "structure" else "structure"
        case Text():
            choices = frozenset(rule.choices)
            closed = not rule.open_choices
            return ("string", rule.min_length, rule.max_length, rule.pattern, choices, closed, rule.sensitive)
        case ListOf():
            item = declared(rule.item, shape(name).get("member", {}).get("shape", name))
            return ("list", rule.min_size, rule.max_size, item)
        case MapOf():
            kind = shape(name)
            return (
                "map",
                rule.min_size,
                rule.max_size,
                declared(rule.key, kind["key"]["shape"]),
                declared(rule.value, kind["value"]["shape"]),
            )
        case Integer():
            return ("integer", rule.minimum, rule.maximum)
        case Number():
            return ("float", rule.minimum, rule.maximum)
        case Boolean():
            return "boolean"


def differences(ours: type[Shape], name: str, seen: set[str]) -> list[str]:
    """Every point in which a declared shape and the model's shape differ, structures below included."""
    if name in seen:
        return []
    seen.add(name)
    kind = shape(name)
    known = {one.name: one for one in members(ours)}
    found = [f"{name}.{key} is new in the model" for key in kind["members"].keys() - known.keys()]
    found += [f"{name}.{key} is gone from the model" for key in known.keys() - kind["members"].keys()]
    for key in kind["members"].keys() & known.keys():
        one, theirs = known[key], kind["members"][key]["shape"]
        if one.required != (key in kind.get("required", ())):
            found.append(f"{name}.{key}: required or not has changed")
        if declared(one.rule, theirs) != described(theirs):
            found.append(f"{name}.{key}: declared {declared(one.rule, theirs)}, model {described(theirs)}")
        found += _below(one.rule, theirs, seen)
    return found


def _below(rule: Rule, name: str, seen: set[str]) -> list[str]:
    if isinstance(rule, ListOf):
        return _below(rule.item, shape(name)["member"]["shape"], seen)
    return differences(rule.shape, name, seen) if isinstance(rule, Struct) else []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_member_is_declared_as_the_model_has_it(operation: str) -> None:
    """Names, types, required members, bounds, patterns and values are those of the installed botocore."""
    found = differences(request_type(operation), input_shape(operation), set())
    assert not found, (
        f"botocore {botocore.__version__} and icplan's declarations (written against {PINNED}) differ. "
        f"Bring icplan/spec up to date:\n" + "\n".join(sorted(found))
    )


def test_the_release_that_messages_name_is_the_one_compared_with() -> None:
    """What a message says of the API model is what the declarations were last compared with."""
    assert f"botocore {PINNED}" == API_MODEL


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_difference_would_be_seen(operation: str) -> None:
    """The comparison is not blind: any change of a declared rule differs from the model."""
    for one in members(request_type(operation)):
        name = shape(input_shape(operation))["members"][one.name]["shape"]
        for changed in _changed(one.rule):
            assert declared(changed, name) != described(name)


def _changed(rule: Rule) -> list[Rule]:
    match rule:
        case Text():
            patterns = [attrs.evolve(rule, pattern="x"), attrs.evolve(rule, sensitive=not rule.sensitive)]
            return [
                *patterns,
                attrs.evolve(rule, max_length=1),
                attrs.evolve(rule, choices=("x",)),
                Boolean(),
            ]
        case Integer() | Number():
            return [attrs.evolve(rule, minimum=-7), attrs.evolve(rule, maximum=7), Boolean()]
        case ListOf() | MapOf():
            return [attrs.evolve(rule, min_size=7), attrs.evolve(rule, max_size=7), Boolean()]
        case Struct() | Boolean():
            return [Integer()]


def test_members_that_come_and_go_would_be_seen() -> None:
    """Another structure's members are told as new, gone, or no longer required."""
    found = differences(request_type("DeleteInferenceComponent"), "ProductionVariant", set())
    assert "ProductionVariant.VariantName is new in the model" in found
    assert "ProductionVariant.InferenceComponentName is gone from the model" in found
    found = differences(request_type("UpdateInferenceComponent"), "DescribeInferenceComponentOutput", set())
    assert "InferenceComponentRuntimeConfigSummary.CopyCount is gone from the model" in found


def cut(at: Steps) -> Steps:
    """Steps as a problem's path shows them: very long names are cut."""
    return tuple(f"{one[:80]}..." if isinstance(one, str) and len(one) > 80 else one for one in at)


def steps(path: str) -> Steps:
    """A JSON path or botocore's name of a parameter, as steps."""
    found = re.findall(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['((?:[^\\']|\\.)*)'\]", path)
    return tuple(
        int(index) if index else name or re.sub(r"\\(.)", r"\1", quoted) for name, index, quoted in found
    )


@slow_to_make
@given(almost_valid_requests())
def test_the_walk_agrees_with_an_interpreter_of_the_model(drawn: tuple[str, dict[str, Any]]) -> None:
    """Accepted or refused, and at which paths, is the same as an independent reading of the model says."""
    operation, request = drawn
    _, problems = parse_partially(operation, request)
    name = input_shape(operation)
    expected = {cut(one) for one in faults(name, request) if not _soft(request, one)}
    ours = {steps(one.path or "") for one in problems if one.fatal and one.kind is not FieldRule.MISSPELT}
    assert ours == expected
    notes = {steps(one.path or "") for one in problems if one.kind in (FieldRule.UNKNOWN, FieldRule.MISSPELT)}
    assert notes == {cut(one) for one in unknown(name, request)}
    event("refused" if expected else "accepted")


def _soft(request: Any, at: Steps) -> bool:
    """Whether the fault is an instance type the model does not list, which icplan only notes."""
    for step in at:
        request = request[step] if not isinstance(request, dict) else request.get(step)
    return bool(at) and at[-1] == "InstanceType" and isinstance(request, str)


@pytest.fixture(scope="module")
def service() -> botocore.model.ServiceModel:
    loaded = botocore.loaders.Loader().load_service_model("sagemaker", "service-2")
    return botocore.model.ServiceModel(loaded, "sagemaker")


@slow_to_make
@given(almost_valid_requests())
def test_whatever_botocore_refuses_is_refused(
    service: botocore.model.ServiceModel, drawn: tuple[str, dict[str, Any]]
) -> None:
    """Each error of ParamValidator has an error of ours at its path."""
    operation, request = drawn
    found = check_request(operation, request)
    ours = {steps(one.path or "") for one in found if one.severity is Severity.ERROR}
    shape_of_input = service.operation_model(operation).input_shape
    assert shape_of_input is not None
    report = botocore.validate.ParamValidator().validate(request, shape_of_input)
    for kind, name, details in report._errors:
        if kind == "unknown field":
            assert (*steps(name), details["unknown_param"]) in ours
        else:
            # botocore does not quote the names of variables, which may be anything
            inside, variable = re.sub(r"(Environment).*", r"\1", name), "Environment" in name
            at = steps(inside)
            assert any(one[: len(at)] == at for one in ours) if variable else at in ours


@slow_to_make
@given(VALID)
def test_what_is_accepted_can_be_sent(
    service: botocore.model.ServiceModel, drawn: tuple[str, dict[str, Any]]
) -> None:
    """An accepted request passes ParamValidator, serialises, and comes back from its shape unchanged."""
    operation, request = drawn
    read, problems = parse(operation, request)
    assert read is not None, problems
    assert not problems
    assert read.to_boto3() == request
    operation_model = service.operation_model(operation)
    assert operation_model.input_shape is not None
    report = botocore.validate.ParamValidator().validate(read.to_boto3(), operation_model.input_shape)
    assert not report.has_errors(), report.generate_report()
    serializer = botocore.serialize.create_serializer("json", include_validation=False)
    sent = serializer.serialize_to_request(read.to_boto3(), operation_model)
    assert json.loads(sent["body"]) == request


@slow_to_make
@given(almost_valid_requests())
def test_whatever_is_accepted_is_serialised(
    service: botocore.model.ServiceModel, drawn: tuple[str, dict[str, Any]]
) -> None:
    """A request without an error, whatever was done to it, is one that botocore sends as it stands."""
    operation, request = drawn
    if any(
        one.severity is Severity.ERROR and one.rule <= "ICP112" for one in check_request(operation, request)
    ):
        return
    serializer = botocore.serialize.create_serializer("json", include_validation=True)
    sent = serializer.serialize_to_request(request, service.operation_model(operation))
    assert json.loads(sent["body"]) == request


@slow_to_make
@given(almost_valid_requests())
def test_reading_is_lossless(drawn: tuple[str, dict[str, Any]]) -> None:
    """Whatever is accepted comes back unchanged, members icplan does not know included."""
    operation, request = drawn
    read, _ = parse(operation, request)
    if read is not None:
        assert read.to_boto3() == request
        again, _ = parse(operation, read.to_boto3())
        assert again == read


def test_unicode_classes_of_patterns() -> None:
    r"""Python's ``\w`` stands for ``\p{L}\p{N}_`` on every code point there is."""
    pattern = compiled(r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)")
    wrong = [
        code
        for code in range(sys.maxunicode + 1)
        if (pattern.fullmatch(chr(code)) is not None)
        != (unicodedata.category(chr(code))[0] in "LZN" or chr(code) in "_.:/=+-@")
    ]
    assert not wrong
