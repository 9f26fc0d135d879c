"""What is another between two snapshots of one endpoint, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SHOWN: Final = 10
"""Differences that are named."""


def what_differs(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """What is another in the second of two snapshots' documents of one endpoint, in words."""
    found = [*_of_endpoint(before, now), *_of_components(before, now)]
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return (*found[:_SHOWN], *more)


def _of_endpoint(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    was, there = before.get("Endpoint") or {}, now.get("Endpoint") or {}
    for member in ("EndpointStatus", "EndpointConfigName"):
        if was.get(member) != there.get(member):
            yield f"{member} is {there.get(member)} instead of {was.get(member)}"
    counts = {one["VariantName"]: _instances(one) for one in was.get("ProductionVariants") or ()}
    for variant in there.get("ProductionVariants") or ():
        name = variant["VariantName"]
        if name in counts and counts[name] != _instances(variant):
            yield f"variant {name} has {_instances(variant)} instances instead of {counts[name]}"


def _instances(variant: Mapping[str, Any]) -> str:
    return f"{variant.get('CurrentInstanceCount')} of {variant.get('DesiredInstanceCount')}"


def _of_components(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    was, there = _by_name(before), _by_name(now)
    for name in sorted(was.keys() | there.keys()):
        if name not in there:
            yield f"{name} is not there any more"
        elif name not in was:
            yield f"{name} is new"
        else:
            for member in ("InferenceComponentStatus", "RuntimeConfig", "Specification", "Specifications"):
                if was[name].get(member) != there[name].get(member):
                    yield f"{member} of {name} is another"


def _by_name(data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {one["InferenceComponentName"]: one for one in data.get("InferenceComponents") or ()}
