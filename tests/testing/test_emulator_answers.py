"""What the local SageMaker refuses, in which words, and where each of them was seen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from support.emulated import ROLE, World, needs, rolling

from icplan.testing import Behaviour, FakeSageMaker
from icplan.testing.emulator import error_text, text_table
from icplan.testing.emulator.controls import CONTROLS
from icplan.testing.emulator.errors import ServiceError
from icplan.testing.emulator.service_models import operation_model
from icplan.testing.emulator.services import OPERATIONS
from icplan.testing.emulator.validation import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DOCS = Path(__file__).parents[2] / "docs" / "emulator.md"


def refused(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def refusal(fake: FakeSageMaker, operation: str, params: dict[str, Any]) -> str:
    with pytest.raises(ServiceError) as caught:
        fake.answer(operation, params)
    return str(caught.value)


def patterns(shape: Any, seen: set[str]) -> Iterator[str]:
    if shape is None or shape.name in seen:
        return
    seen.add(shape.name)
    if shape.type_name == "string" and "pattern" in shape.metadata:
        yield shape.metadata["pattern"]
    inside: list[Any] = []
    match shape.type_name:
        case "structure":
            inside = list(shape.members.values())
        case "list":
            inside = [shape.member]
        case "map":
            inside = [shape.key, shape.value]
    for one in inside:
        yield from patterns(one, seen)


def test_every_pattern_of_the_api_can_be_read() -> None:
    """Java's patterns in Python's words, and none of them is a no."""
    seen: set[str] = set()
    found = {
        pattern
        for service, operations in OPERATIONS.items()
        for operation in operations
        for model in [operation_model(service, operation)]
        if model is not None
        for pattern in patterns(model.input_shape, seen)
    }
    assert len(found) > 20
    for pattern in found:
        compiled(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "équipe 7", True),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "a,b", False),
        (r"\p{Print}+", "plain text", True),
        (r"\p{ASCII}*", "é", False),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", "x\U0001f600", True),
    ],
)
def test_java_classes_are_understood(pattern: str, text: str, fits: bool) -> None:
    """Character classes within and without brackets."""
    assert bool(compiled(pattern).fullmatch(text)) is fits


def test_a_request_is_held_against_the_model() -> None:
    """The words of AWS's own validation: enumerations, patterns, ranges, lengths, what is missing."""
    with FakeSageMaker() as fake:
        variant = {"VariantName": "v", "InstanceType": "ml.t3.medium", "InitialInstanceCount": 1}
        config = {"EndpointConfigName": "c", "ExecutionRoleArn": ROLE, "ProductionVariants": [variant]}
        text = refusal(fake, "CreateEndpointConfig", config)
        assert text.startswith(
            "ValidationException: 1 validation error detected: Value 'ml.t3.medium' at "
            "'productionVariants.1.member.instanceType' failed to satisfy constraint: "
            "Member must satisfy enum value set: ["
        )
        model = {"ModelName": "ENTER MODEL NAME", "ExecutionRoleArn": ROLE}
        assert (
            "Value 'ENTER MODEL NAME' at 'modelName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: "
        ) in refusal(fake, "CreateModel", model)
        assert (
            "Value null at 'endpointName' failed to satisfy constraint: Member must not be null"
            in refusal(fake, "DescribeEndpoint", {})
        )
        scale = {"InferenceComponentName": "a", "DesiredRuntimeConfig": {"CopyCount": -1}}
        assert "Member must have value greater than or equal to 0" in refusal(
            fake, "UpdateInferenceComponentRuntimeConfig", scale
        )
        assert "2 validation errors detected: " in refusal(fake, "CreateEndpoint", {})
        assert "Member must have length less than or equal to 63" in refusal(
            fake, "DescribeEndpoint", {"EndpointName": "x" * 64}
        )
        assert "Member must have length greater than or equal to 1" in refusal(
            fake, "CreateEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": []}
        )
        wrong = {"EndpointName": ["x"]}
        assert refusal(fake, "DescribeEndpoint", wrong).startswith("SerializationException: START_ARRAY")


def test_a_component_is_refused_as_aws_refuses_it() -> None:
    """What goes beyond the model: variants, adapters, partitions, accelerators, both forms."""
    world = World.of("ml.g5.12xlarge", 1)
    create = world.client.create_inference_component
    base = {"InferenceComponentName": "x", "EndpointName": "prod", "RuntimeConfig": {"CopyCount": 1}}
    one = {"ModelName": "m", "ComputeResourceRequirements": needs(1)}
    for request, words in (
        ({"VariantName": "v"}, "Either Specification or Specifications must be"),
        ({"Specification": one}, "VariantName must be specified"),
        ({"VariantName": "w", "Specification": one}, 'Could not find production variant "w"'),
        ({"VariantName": "v", "Specification": {"ModelName": "m"}}, "ComputeResourceRequirements must be"),
        (
            {"VariantName": "v", "Specification": {"BaseInferenceComponentName": "b"}},
            "VariantName must not be specified for an adapter",
        ),
        ({"Specification": {"BaseInferenceComponentName": "b"}}, "Could not find inference component"),
        (
            {
                "VariantName": "v",
                "Specification": {
                    "ModelName": "m",
                    "ComputeResourceRequirements": needs(1, AcceleratorPartitionType="mig-1g.5gb"),
                },
            },
            "Declared partition types: []",
        ),
    ):
        assert words in refused(create, **base, **request)
    world.create("base", 1, needs(1))
    adapter = {"BaseInferenceComponentName": "base", "ComputeResourceRequirements": needs(1)}
    assert "must not be specified for an adapter" in refused(create, **base, Specification=adapter)
    create(
        InferenceComponentName="adapter",
        EndpointName="prod",
        Specification={"BaseInferenceComponentName": "base", "Container": {"ArtifactUrl": "s3://b/a"}},
    )
    world.settle()
    shown = world.component("adapter")
    assert shown["Specification"]["ComputeResourceRequirements"]["MinMemoryRequiredInMb"] == 1024
    assert "RuntimeConfig" not in shown
    assert "is a base inference component for one or more" in refused(
        world.client.delete_inference_component, InferenceComponentName="base"
    )
    cpu = World.of("ml.c5.xlarge", 1)
    request = base | {"VariantName": "v", "Specification": one}
    assert "not supported for instance type ml.c5" in refused(
        cpu.client.create_inference_component, **request
    )


def test_a_configuration_is_refused_as_aws_refuses_it() -> None:
    """A role, a model, scaling with a model, scaling to zero where a Region has none."""
    with FakeSageMaker(behaviour=Behaviour(scale_to_zero=False)) as fake:
        create = fake.session().client("sagemaker").create_endpoint_config
        variant = {"VariantName": "v", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
        scaling = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 1}
        assert "ExecutionRoleArn" in refused(create, EndpointConfigName="c", ProductionVariants=[variant])
        zero = [variant | {"ManagedInstanceScaling": scaling}]
        assert "Min instance count needs to be greater than 0" in refused(
            create, EndpointConfigName="c", ExecutionRoleArn=ROLE, ProductionVariants=zero
        )
        named = [variant | {"ModelName": "m"}]
        assert "Could not find model" in refused(create, EndpointConfigName="c", ProductionVariants=named)
        both = [variant | {"ModelName": "m", "ManagedInstanceScaling": scaling}]
        assert "only supported for inference component endpoints" in refused(
            create, EndpointConfigName="c", ProductionVariants=both
        )


def test_what_is_in_motion_is_refused() -> None:
    """Each state in the words that were seen for it."""
    world = World.of("ml.g5.12xlarge", 1, most=2)
    world.create("a", 1, needs(1))
    scale = world.client.update_inference_component_runtime_config
    two = {"InferenceComponentName": "a", "DesiredRuntimeConfig": {"CopyCount": 2}}
    scale(**two)
    assert "while it is in state UPDATE_RC_IN_PROGRESS" in refused(scale, **two)
    delete = world.client.delete_inference_component
    assert "Cannot delete inference component" in refused(delete, InferenceComponentName="a")
    world.settle()
    world.update("a", rolling(1))
    assert "while it is in state UPDATE_IN_PROGRESS" in refused(scale, **two)
    update = {"EndpointName": "prod", "EndpointConfigName": "c"}
    assert "Cannot update in-progress endpoint" in refused(world.client.update_endpoint, **update)
    world.settle()
    delete(InferenceComponentName="a")
    assert "while it is in state DELETE_IN_PROGRESS" in refused(scale, **two)
    world.settle()
    world.client.update_endpoint(**update)
    assert "Cannot update in-progress endpoint" in refused(world.client.update_endpoint, **update)
    assert "Cannot update in-progress endpoint" in refused(world.client.delete_endpoint, EndpointName="prod")
    world.settle()
    world.fake.set_phase("prod", "SystemUpdating")
    assert world.endpoint()["EndpointStatus"] == "SystemUpdating"
    assert "in-progress" in refused(world.client.update_endpoint, **update)
    world.fake.set_phase("prod", None)
    world.client.update_endpoint(**update)


def test_every_text_tells_where_it_was_seen() -> None:
    """Each has a mark and a source, and docs/emulator.md lists them as they are."""
    for name, one in text_table.all_texts().items():
        assert one.mark in (error_text.MEASURED, error_text.DOCUMENTED, error_text.INFERRED), name
        assert len(one.source) > 10, name
    assert text_table.table() in DOCS.read_text()


def test_no_answer_has_a_text_of_its_own() -> None:
    """Errors are made of the listed texts; but for those that a test asks for."""
    folder = Path(error_text.__file__).parent
    making = {path.name for path in folder.glob("*.py") if "ServiceError(" in path.read_text()}
    assert making == {"errors.py", "error_text.py", "faults.py"}


def test_the_page_names_every_operation() -> None:
    """And its Python runs as it stands."""
    page = DOCS.read_text()
    for service, operations in OPERATIONS.items():
        assert f"| {service} | {', '.join(operations)} |" in page
    for name in CONTROLS:
        assert f"| `{name}` |" in page
    for code in re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        exec(compile(code, "emulator.md", "exec"), {})  # noqa: S102  (the page is ours)
