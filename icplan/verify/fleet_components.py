"""That a plan's components are those of the requests in it: copies, batches, bases and what a copy takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.assumptions import BY_NAME
from icplan.errors import InputError
from icplan.requests.batches import UpdateBatches
from icplan.requests.component import DeploymentConfig
from icplan.requests.from_describe import requirements_of
from icplan.requests.parse import parse_shape
from icplan.verify.result import Rejected, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.packing.problem import Vector
    from icplan.requests.component import RollingUpdatePolicy
    from icplan.requests.from_describe import Requirements
    from icplan.verdict.fleet_plan import Plan, PlannedComponent


def require_as_asked(plan: Plan) -> None:
    """Raise `Rejected` unless each component has the copies and the batches that its requests come to.

    At rest there are as many copies as it asks for, or as scaling goes down to, where that is more.
    """
    told = {one.name: one.value for one in plan.assumptions if one.relied_on}

    def use(name: str) -> str:
        require(name in told and BY_NAME[name].allows(told[name]), f"{name} is relied on, and is not told")
        return told[name]

    names = [one.name for one in plan.components]
    require(len(names) == len(set(names)), "a component is there twice")
    for one in plan.components:
        require(one.request.get("InferenceComponentName") == one.name, f"{one.name} is requested as another")
        require(one.base == _base(one.request), f"{one.name} is of another base than its request tells")
        asked = _member(one.request, "RuntimeConfig").get("CopyCount", 0)
        require(type(asked) is int, "a request cannot be read")
        more = one.base is not None and asked <= one.copies  # of adapters, which take no room, it is not told
        rest = more or max(asked, one.least or 0) == one.copies
        require(rest, f"{one.name} is requested with another number of copies")
        require(one.base is not None or _needs(one), f"{one.name} is requested without what a copy reserves")
        policy, taking = _policy(one), one.base is None
        batches = UpdateBatches.of(
            one.copies if taking else 0,
            one.most if taking else 0,
            None if policy is None else policy.maximum_batch_size,
            None if policy is None else policy.rollback_maximum_batch_size,
            use,
        )
        planned = UpdateBatches(one.batch, one.again, one.batch_of_most, one.rolls)
        require(planned == batches, f"{one.name} is updated in other batches than its DeploymentConfig tells")


def demands_asked(plan: Plan, component: PlannedComponent) -> tuple[Vector | None, ...]:
    """What a copy takes on each of the types, by its request."""
    needs = _needs(component)
    found = (needs.get(kind.name, needs.get(None)) for kind in plan.types)
    return tuple(None if one is None else one.amounts(plan.cpu_unit, plan.dimensions[3:]) for one in found)


def _needs(component: PlannedComponent) -> dict[str | None, Requirements]:
    try:
        return requirements_of(component.request)
    except InputError:
        raise Rejected(f"what a copy of {component.name} reserves cannot be read") from None


def _base(request: Mapping[str, Any]) -> str | None:
    several = request.get("Specifications") or ()
    require(isinstance(several, list | tuple), "a request cannot be read")
    entries = [_member(request, "Specification"), *several]
    require(all(isinstance(one, dict) for one in entries), "a request cannot be read")
    bases = (one.get("BaseInferenceComponentName") for one in entries)
    return next((base for base in bases if base), None)


def _member(request: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = request.get(name) or {}
    require(isinstance(value, dict), "a request cannot be read")
    return value


def _policy(component: PlannedComponent) -> RollingUpdatePolicy | None:
    if component.deployment is None:
        return None
    read, problems = parse_shape(DeploymentConfig, component.deployment)
    wrong = any(one.fatal for one in problems)
    if read is None or wrong:
        raise Rejected(f"the DeploymentConfig of {component.name} cannot be read")
    return read.rolling_update_policy
