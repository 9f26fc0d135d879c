"""The components of an endpoint as a set to plan for: requests that would make them anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.errors import InputError, InputProblem
from icplan.fleet.dimensions import counted
from icplan.snapshot.read_endpoint import read_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.variant import VariantState
    from icplan.requests.from_describe import EndpointComponent
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.fleet_plan import Plan

_MEMBERS: Final = (
    "InstanceType",
    "ModelName",
    "Container",
    "StartupParameters",
    "ComputeResourceRequirements",
    "BaseInferenceComponentName",
    "SchedulingConfig",
)
"""Members of a described specification that a request has, too."""
_CONTAINER: Final = ("Image", "ArtifactUrl")
"""Of the container: values of the environment are in no snapshot."""


def planned_components(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Each component as ``{"Request", "Copies", "DeploymentConfig"}``: the copies that are asked for.

    One that is being deleted is none. Raises InputError where there are none, or on several variants.
    """
    state = read_endpoint(snapshot)
    with state.origin.located():
        the_variant(state)
        described = snapshot.data.get("InferenceComponents") or ()
        return [
            _planned(one, state, answer)
            for one, answer in zip(state.components, described, strict=True)
            if one.status != "Deleting"
        ]


def counted_in(state: EndpointState, plan: Plan) -> Iterator[str]:
    """What a plan takes components for that are not in service."""
    planned = {one.name: one.copies for one in plan.components if one.base is None}
    for one in state.components:
        if one.status == "Deleting" and one.name not in planned:
            yield f"{one.name} is being deleted: it is left out"
        elif one.status not in (None, "InService") and one.name in planned:
            copies = counted(planned[one.name], "copy")
            is_ = "has failed" if one.status == "Failed" else f"is {one.status}"
            yield f"{one.name} {is_}: the plan has room for the {copies} that it is to have, as described now"


def the_variant(state: EndpointState) -> VariantState:
    """The one variant that components are on."""
    if not any(one.status != "Deleting" for one in state.components):
        raise InputError(InputProblem("no component runs, so there is nothing to plan for", path="$"))
    named = {one.variant for one in state.components if one.variant is not None}
    if len(named) > 1 or (not named and len(state.variants) > 1):
        told = ", ".join(sorted(named)) or "several variants"
        message = f"its components are on {told}, and a plan is made for one variant"
        raise InputError(InputProblem(message, path="$.InferenceComponents"))
    name = next(iter(named), state.variants[0].name)
    if name not in state.variant_names:
        message = f"its components are on {name}, which the endpoint configuration lacks"
        raise InputError(InputProblem(message, path="$.EndpointConfig"))
    return state.variant(name)


def _planned(component: EndpointComponent, state: EndpointState, answer: Mapping[str, Any]) -> dict[str, Any]:
    request: dict[str, Any] = {
        "InferenceComponentName": component.name,
        "EndpointName": component.endpoint or state.name,
    }
    if component.variant is not None and not component.is_adapter:
        request["VariantName"] = component.variant
    several = [_as_asked(one) for one in component.specifications.values()]
    request |= (
        {"Specification": several[0]} if None in component.specifications else {"Specifications": several}
    )
    planned: dict[str, Any] = {"Request": request}
    if not component.is_adapter:
        copies = component.desired_copies
        request["RuntimeConfig"] = {"CopyCount": copies}
        most = max(copies, state.autoscaling_max.get(component.name, 0))
        planned["Copies"] = {"Min": copies, "Max": most}
    if policy := answer.get("LastDeploymentConfig"):
        planned["DeploymentConfig"] = policy
    return planned


def _as_asked(specification: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_members(specification))


def _members(specification: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in _MEMBERS:
        value = specification.get(name)
        if name == "Container" and isinstance(value, dict):
            value = {key: value[key] for key in _CONTAINER if value.get(key)}
        if value:
            yield name, value
