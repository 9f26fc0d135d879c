"""Which call a change document asks for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icplan.errors import InputError
from icplan.inputs.boto3_request import read_calls
from icplan.requests.call import Call
from icplan.requests.fields import members
from icplan.requests.operations import OPERATIONS, request_type

BARE: dict[str, dict[str, Any]] = {
    "UpdateInferenceComponent": {"InferenceComponentName": "llama", "RuntimeConfig": {"CopyCount": 3}},
    "CreateInferenceComponent": {"InferenceComponentName": "llama", "EndpointName": "prod"},
    "UpdateInferenceComponentRuntimeConfig": {
        "InferenceComponentName": "llama",
        "DesiredRuntimeConfig": {"CopyCount": 3},
    },
    "CreateEndpointConfig": {"EndpointConfigName": "prod", "ProductionVariants": []},
    "UpdateEndpoint": {
        "EndpointName": "llm",
        "EndpointConfigName": "prod",
        "RetainAllVariantProperties": True,
    },
    "UpdateEndpointWeightsAndCapacities": {"EndpointName": "llm", "DesiredWeightsAndCapacities": []},
}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Operation", "Request", "EndpointName", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("operation", BARE)
def test_a_bare_request_tells_its_call_by_its_members(operation: str) -> None:
    """Every operation but Delete is inferred, alone and in a list."""
    request = BARE[operation]
    assert read_calls(request) == [Call(operation, request, "$")]
    assert read_calls([request, request]) == [
        Call(operation, request, "$[0]"),
        Call(operation, request, "$[1]"),
    ]


def test_an_endpoint_and_a_configuration_may_be_either_call() -> None:
    """Whether such a request makes the endpoint or changes it tells that it is there, which judging knows."""
    request = {"EndpointName": "llm", "EndpointConfigName": "prod"}
    assert read_calls(request) == [Call("CreateEndpoint", request, "$", either=True)]


@given(st.sampled_from(sorted(OPERATIONS)), st.dictionaries(st.text(max_size=5), st.integers(), max_size=2))
def test_an_envelope_is_believed(operation: str, request: dict[str, Any]) -> None:
    """The operation named wins over what the members suggest; the path leads to the request."""
    envelope = {"Operation": operation, "Request": request}
    assert read_calls(envelope) == [Call(operation, request, "$.Request")]
    assert read_calls([envelope])[0].path == "$[0].Request"


@given(st.sampled_from(sorted(OPERATIONS)).flatmap(lambda name: st.sampled_from(members(request_type(name)))))
def test_one_known_member_is_enough(member: Any) -> None:
    """Any member of a component's request lets the call be told, even when the rest is missing."""
    component = [name for name in OPERATIONS if name != "CreateEndpointConfig"]
    known = {one.name for name in component for one in members(request_type(name))}
    if member.name in known - {"VariantName", "Tags"}:
        assert len(read_calls({member.name: 1})) == 1


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        ([], ["$"]),
        ({}, ["$"]),
        (None, ["$"]),
        ("update", ["$"]),
        ({"Resources": {}}, ["$"]),
        ([[]], ["$[0]"]),
        ([{}, BARE["UpdateInferenceComponent"], 3], ["$[0]", "$[2]"]),
        ({"Operation": "DeleteEndpoint", "Request": {}}, ["$.Operation"]),
        ({"Operation": ["UpdateInferenceComponent"], "Request": {}}, ["$.Operation"]),
        ({"Operation": "DeleteInferenceComponent"}, ["$"]),
        ({"Request": {}}, ["$"]),
        ({"Operation": None, "Request": None, "Note": 1}, ["$.Note", "$.Operation", "$.Request"]),
    ],
)
def test_what_cannot_be_told_is_said_with_its_path(document: Any, paths: list[str]) -> None:
    """Every entry that is no change is named, not only the first."""
    with pytest.raises(InputError) as caught:
        read_calls(document)
    assert [problem.path for problem in caught.value.problems] == paths


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            {"IcplanSnapshot": 1, "EndpointConfig": {}},
            "is an icplan snapshot, not a change. Pass it with --snapshot",
        ),
        (
            {"InferenceComponentName": "a", "InferenceComponentArn": "arn", "EndpointName": "e"},
            "is what DescribeInferenceComponent answered, not a change. A snapshot file holds such answers",
        ),
        (
            {"EndpointName": "e", "EndpointArn": "arn", "EndpointConfigName": "c"},
            "is what DescribeEndpoint answered, not a change. A snapshot file holds such answers",
        ),
        (
            {"EndpointConfigName": "c", "EndpointConfigArn": "arn", "ProductionVariants": []},
            "is what DescribeEndpointConfig answered, not a change. A snapshot file holds such answers",
        ),
    ],
)
def test_what_belongs_to_the_snapshot_is_recognised(document: dict[str, Any], said: str) -> None:
    """Swapped arguments, and an answer of AWS's given as a change, are told as such, alone or in a list."""
    for given_, path in ((document, "$"), ([BARE["UpdateInferenceComponent"], document], "$[1]")):
        with pytest.raises(InputError) as caught:
            read_calls(given_)
        assert [problem.path for problem in caught.value.problems] == [path]
        assert f"{path}: {said}" in str(caught.value)


def test_members_of_answers_are_in_no_request() -> None:
    """So that no change is taken for an answer."""
    known = {one.name for name in OPERATIONS for one in members(request_type(name))}
    assert not known & {"IcplanSnapshot", "InferenceComponentArn", "EndpointArn", "EndpointConfigArn"}


def test_a_long_list_of_nothing_is_told_briefly() -> None:
    """Each of a thousand is named; a longer list is refused as such."""
    with pytest.raises(InputError) as caught:
        read_calls([0] * 1001)
    assert [str(one) for one in caught.value.problems] == ["$: a list of more than 1000 changes"]
    with pytest.raises(InputError) as caught:
        read_calls([0] * 1000)
    assert [one.path for one in caught.value.problems] == [f"$[{n}]" for n in range(1000)]


@given(anything)
def test_nothing_makes_it_crash(document: Any) -> None:
    """Any document is either told or refused with InputError; requests come back untouched."""
    try:
        changes = read_calls(document)
    except InputError as error:
        assert error.problems  # noqa: PT017  (either answer is right)
    else:
        assert all(change.operation in OPERATIONS for change in changes)
