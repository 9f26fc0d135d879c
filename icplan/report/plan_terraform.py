"""What a plan proposes as Terraform: the fleet by the aws provider, the components by awscc."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from icplan.documents.hcl_write import Block, Reference
from icplan.errors import InputError, InputProblem
from icplan.verdict.plan_cloudformation import COPIES_DIMENSION, found_members
from icplan.verdict.plan_requests import component_request, endpoint_name, variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.verdict.fleet_plan import Plan, PlannedComponent

CONFIGURATION: Final = "aws_sagemaker_endpoint_configuration"
ENDPOINT: Final = "aws_sagemaker_endpoint"
COMPONENT: Final = "awscc_sagemaker_inference_component"
TARGET: Final = "aws_appautoscaling_target"
_FLEET: Final = "fleet"
_LACKS: Final = (
    "AcceleratorPartitionType",
    "Specifications",
    "SchedulingConfig",
    "DataCacheConfig",
    "ContainerMetricsConfig",
)
"""Members of a component's request that awscc has not (docs/inputs.md tells what is read of it)."""


def terraform(plan: Plan) -> tuple[Block, ...]:
    """The blocks of ``main.tf``. Raises InputError for what the providers cannot say."""
    if plan.layout:
        raise InputError(InputProblem("the aws provider lacks accelerator_partition_layouts"))
    return (
        Block("terraform", (), {"required_providers": Block("required_providers", (), _PROVIDERS)}),
        Block("variable", ("execution_role_arn",), {"type": Reference("string")}),
        _configuration(plan),
        Block(
            "resource",
            (ENDPOINT, _FLEET),
            {
                "name": endpoint_name(plan),
                "endpoint_config_name": Reference(f"{CONFIGURATION}.{_FLEET}.name"),
            },
        ),
        *_components(plan),
    )


_PROVIDERS: Final = {
    "aws": {"source": "hashicorp/aws"},
    "awscc": {"source": "hashicorp/awscc"},
}


def _configuration(plan: Plan) -> Block:
    return Block(
        "resource",
        (CONFIGURATION, _FLEET),
        {
            "execution_role_arn": Reference("var.execution_role_arn"),
            "production_variants": _blocks("production_variants", variant(plan)),
            # No configuration changes: another takes its place before the endpoint lets it go.
            "lifecycle": Block("lifecycle", (), {"create_before_destroy": True}),
        },
    )


def _blocks(kind: str, value: Mapping[str, Any]) -> Block:
    """A structure as the aws provider has it: the structures in it are blocks, too."""
    return Block(
        kind,
        (),
        {
            snake(name): _blocks(snake(name), member) if isinstance(member, dict) else member
            for name, member in value.items()
        },
    )


def _components(plan: Plan) -> Iterator[Block]:
    labels: set[str] = set()
    before: str | None = None
    for one in plan.components:
        label = _label(one.name, labels)
        yield Block("resource", (COMPONENT, label), _component(one, plan, before))
        # One after another: in this order all are known to find room.
        before = f"{COMPONENT}.{label}"
        if one.scaled_between is not None:
            least, most = one.scaled_between
            members = {
                "service_namespace": "sagemaker",
                "scalable_dimension": COPIES_DIMENSION,
                "resource_id": f"inference-component/{one.name}",
                "min_capacity": least,
                "max_capacity": most,
                "depends_on": [Reference(f"{COMPONENT}.{label}")],
            }
            yield Block("resource", (TARGET, label), members)


def _component(one: PlannedComponent, plan: Plan, before: str | None) -> dict[str, Any]:
    request = component_request(one, plan)
    missing = list(found_members(request, _LACKS))
    if "InstanceType" in (request.get("Specification") or {}):
        missing.append("Specification.InstanceType")
    if missing:
        message = f"{one.name} has {missing[0]}, which the awscc provider lacks"
        raise InputError(InputProblem(message, file=one.file))
    members: dict[str, Any] = _snaked(request)
    members["endpoint_name"] = Reference(f"{ENDPOINT}.{_FLEET}.name")
    if one.deployment is not None:
        members["deployment_config"] = _snaked(dict(one.deployment))
    return members if before is None else members | {"depends_on": [Reference(before)]}


def _snaked(value: Any) -> Any:
    if isinstance(value, dict):
        # The names of environment variables are the user's.
        return {
            snake(name): member if name == "Environment" else _snaked(member)
            for name, member in value.items()
        }
    return [_snaked(one) for one in value] if isinstance(value, list) else value


def snake(name: str) -> str:
    """A member's name as Terraform has it: ``number_of_cpu_cores_required``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _label(name: str, taken: set[str]) -> str:
    """A label of its own for each component."""
    label = re.sub("[^a-z0-9_]", "_", name.lower())
    label = label if label[:1].isalpha() else f"c_{label}"
    while label in taken:
        label += "_"
    taken.add(label)
    return label
