"""What the installed botocore would refuse for its name."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from icplan.aws.botocore_model import unknown_to_client
from icplan.requests.operations import OPERATIONS
from icplan.requests.problems import member_path

UPDATE = "UpdateInferenceComponent"
SERVICE = ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")


@pytest.mark.parametrize(
    ("request_", "paths"),
    [
        ({"InferenceComponentName": "a", "RuntimeConfig": {"CopyCount": 1}}, set()),
        ({"Novelty": 1}, {".Novelty"}),
        ({"odd name": 1}, {"['odd name']"}),
        ({"RuntimeConfig": {"copies": 1, "Copies": 1}}, {".RuntimeConfig.copies", ".RuntimeConfig.Copies"}),
        ({"Specifications": [{}, {"Container": {"A": 1}}]}, {".Specifications[1].Container.A"}),
        ({"RuntimeConfig": [{"Novelty": 1}]}, set()),
        ({"Specification": {"Container": {"Environment": {"ANY": "thing"}}}}, set()),
    ],
)
@pytest.mark.parametrize("root", ["$", "$[2].Request"])
def test_members_botocore_lacks(request_: dict[str, Any], paths: set[str], root: str) -> None:
    """Each with its JSON path; other faults are not its matter."""
    assert set(unknown_to_client(UPDATE, request_, root)) == {f"{root}{path}" for path in paths}


def test_members_botocore_lacks_are_told_one_by_one() -> None:
    """A hostile request has hundreds of thousands, of which a thousand are of interest."""
    told = unknown_to_client(UPDATE, {f"k{number}": 1 for number in range(1000)})
    assert next(iter(told)) == "$.k0"
    assert sum(1 for _ in told) == 999


def values(shape: Any, depth: int = 4) -> st.SearchStrategy[Any]:
    """What may stand there, more or less: some members that it has, some that it has not."""
    other = st.none() | st.integers() | st.just({"Novelty": 1}) | st.just([{"Novelty": 1}])
    if not depth:
        return other
    if shape.type_name == "structure":
        members = {name: values(member, depth - 1) for name, member in shape.members.items()}
        known = st.fixed_dictionaries({}, optional=members | {"Novelty": other, "odd name": other})
        return known | other
    if shape.type_name == "list":
        return st.lists(values(shape.member, depth - 1), max_size=2) | other
    if shape.type_name == "map":
        return st.dictionaries(st.sampled_from("ab"), values(shape.value, depth - 1), max_size=2) | other
    return other


@given(st.sampled_from(OPERATIONS), st.data())
def test_they_are_those_that_its_validator_tells(operation: str, data: st.DataObject) -> None:
    shape: Any = SERVICE.operation_model(operation).input_shape
    request = data.draw(values(shape).filter(lambda value: isinstance(value, dict)))
    report = ParamValidator().validate(request, shape)
    wanted = {
        member_path(f"${place}", details["unknown_param"])
        for kind, place, details in report._errors
        if kind == "unknown field"
    }
    assert set(unknown_to_client(operation, request)) == wanted
