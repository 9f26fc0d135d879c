"""Types of resources of a template: what is judged, and what may make what is."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from icplan.documents.nearest import nearest
from icplan.inputs.parts import structures_of
from icplan.inputs.resource import Kind
from icplan.inputs.template import CUSTOM, SAGEMAKER, intrinsic

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES: Final = {
    f"{SAGEMAKER}EndpointConfig": Kind.CONFIGURATION,
    f"{SAGEMAKER}Endpoint": Kind.ENDPOINT,
    f"{SAGEMAKER}InferenceComponent": Kind.COMPONENT,
    "AWS::ApplicationAutoScaling::ScalableTarget": Kind.TARGET,
}
TEMPLATES: Final = {
    "AWS::CloudFormation::Stack": "a nested stack",
    "AWS::CloudFormation::StackSet": "a set of stacks",
    "AWS::Serverless::Application": "a nested application",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct": "a product of Service Catalog",
}
"""What makes resources of a template that is not in the file."""
CALLERS: Final = frozenset(
    {
        "AWS::AutoScaling::LaunchConfiguration",
        "AWS::EC2::Instance",
        "AWS::EC2::LaunchTemplate",
        "AWS::Scheduler::Schedule",
        "AWS::SSM::Association",
    }
)
"""Types of AWS's own that make calls, or run programs, of which their properties tell."""
EXPERIMENT: Final = f"{SAGEMAKER}InferenceExperiment"
"""What launches instances of an endpoint by itself, for models that are compared."""
_JUDGED: Final = {one.casefold(): one for one in TYPES}
_NEAR: Final = 0.88
"""How alike a type must be to one that is judged, to be meant for it; no other that exists is as near."""


def is_foreign(kind: str) -> bool:
    """Whether a type of resource is none of AWS's own, or makes calls: what it does is open."""
    return not kind.startswith("AWS::") or kind in CALLERS


def may_make_ours(kind: str) -> bool:
    """Whether a resource of a type is judged, or may make one that is: a stack, a program, an open type."""
    if kind in TYPES or kind in TEMPLATES or meant_type(kind) is not None:
        return True
    return kind.startswith(CUSTOM) or kind.endswith("::MODULE") or "${" in kind or kind == EXPERIMENT


@cache
def meant_type(kind: str) -> str | None:
    """The type that is judged, of one that is none and spelt much like it."""
    if kind in TYPES:
        return None
    near = nearest(kind.casefold(), _JUDGED, alike=_NEAR)
    return _JUDGED[near] if near else None


def types_in(value: Any) -> Iterator[str]:
    """Every resource type that stands in a value; an expression counts as one of ours."""
    for part in structures_of(value):
        kind = part.get("Type")
        if isinstance(kind, str) and ("::" in kind or "${" in kind):
            yield kind
        elif kind is not None and intrinsic(kind) is not None:
            yield f"{SAGEMAKER}InferenceComponent"
