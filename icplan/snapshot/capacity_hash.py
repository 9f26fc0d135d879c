"""The index of an endpoint: a hash over what bears on its capacity, and on nothing else.

Two reads of an endpoint that nobody changed have the same index: moments, notes and parts that were read or
not do not enter it. Whoever judged a change on one index can refuse to send it on another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.verdict.origin import canonical_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENDPOINT: Final = (
    *("EndpointName", "EndpointConfigName", "EndpointStatus"),
    *("ProductionVariants", "ShadowProductionVariants", "PendingDeploymentSummary"),
)
_CONFIG: Final = ("EndpointConfigName", "ProductionVariants", "ShadowProductionVariants")
_COMPONENT: Final = (
    *("InferenceComponentName", "VariantName", "InferenceComponentStatus"),
    *("Specification", "Specifications", "RuntimeConfig"),
)
_MOMENTS: Final = ("StartTime", "CreationTime", "LastModifiedTime")


def index_of(data: Mapping[str, Any]) -> str:
    """The index of a snapshot's document: SHA-256 of canonical JSON, as hexadecimal digits."""
    components = data.get("InferenceComponents") or ()
    return canonical_sha256(
        {
            "Endpoint": _picked(data.get("Endpoint") or {}, _ENDPOINT),
            "EndpointConfig": _picked(data.get("EndpointConfig") or {}, _CONFIG),
            "InferenceComponents": sorted(
                (_picked(one, _COMPONENT) for one in components),
                key=lambda one: str(one.get("InferenceComponentName")),
            ),
        }
    )


def _picked(answer: Mapping[str, Any], members: tuple[str, ...]) -> dict[str, Any]:
    return {name: _without_moments(answer[name]) for name in members if name in answer}


def _without_moments(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_moments(inner) for name, inner in value.items() if name not in _MOMENTS}
    return [_without_moments(item) for item in value] if isinstance(value, list) else value
