"""Hypothesis strategies for requests, endpoints and snapshots: for icplan's tests, and for yours.

All of them draw plain dicts, as boto3 takes and returns them. What `requests` draws is accepted by every rule
of a request; what `snapshots` draws can really run: a placement of its copies is drawn first. Examples shrink
to one small component on one small instance.

    >>> from hypothesis import given
    >>> from icplan.testing import strategies
    >>> @given(strategies.snapshots(), strategies.requests("UpdateInferenceComponent"))
    ... def test_my_gate(snapshot, change): ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from icplan.testing.strategies.fields import almost_valid_requests, field_valid_requests, structures, values
from icplan.testing.strategies.requests import (
    ENDPOINT,
    ROLE,
    VARIANT,
    Json,
    adapter_specifications,
    batches,
    component_names,
    compute_requirements,
    containers,
    copies,
    deployment_configs,
    instance_types,
    per_type,
    production_variants,
    specifications,
)
from icplan.testing.strategies.snapshots import snapshots

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = [
    "adapter_specifications",
    "almost_valid_requests",
    "batches",
    "component_names",
    "compute_requirements",
    "containers",
    "copies",
    "deployment_configs",
    "endpoint_configs",
    "field_valid_requests",
    "instance_types",
    "per_type",
    "production_variants",
    "requests",
    "snapshots",
    "specifications",
    "structures",
    "values",
]


def requests(operation: str, names: SearchStrategy[str] | None = None) -> SearchStrategy[Json]:
    """Requests of an operation that no rule of a request refuses or warns of.

    ``names`` draws the name of the component (or endpoint, or configuration). Raises KeyError for an
    operation icplan does not judge.
    """
    return _REQUESTS[operation](component_names() if names is None else names)


def _updates(names: SearchStrategy[str]) -> SearchStrategy[Json]:
    scaling = st.fixed_dictionaries({"InferenceComponentName": names, "RuntimeConfig": copies(0)})
    changing = st.fixed_dictionaries(
        {"InferenceComponentName": names, "Specification": specifications()},
        optional={"RuntimeConfig": copies(0), "DeploymentConfig": deployment_configs()},
    )
    one_per_type = st.fixed_dictionaries({"InferenceComponentName": names, "Specifications": per_type()})
    return scaling | changing | one_per_type


def _creates(names: SearchStrategy[str]) -> SearchStrategy[Json]:
    whole = {"InferenceComponentName": names, "EndpointName": st.just(ENDPOINT)}
    standing = whole | {"VariantName": st.just(VARIANT), "RuntimeConfig": copies(1)}
    return (
        st.fixed_dictionaries(standing | {"Specification": specifications()})
        | st.fixed_dictionaries(standing | {"Specifications": per_type()})
        | st.fixed_dictionaries(whole | {"Specification": adapter_specifications()})
    )


def _scalings(names: SearchStrategy[str]) -> SearchStrategy[Json]:
    return st.fixed_dictionaries({"InferenceComponentName": names, "DesiredRuntimeConfig": copies(0)})


def _deletions(names: SearchStrategy[str]) -> SearchStrategy[Json]:
    return st.fixed_dictionaries({"InferenceComponentName": names})


def endpoint_configs(names: SearchStrategy[str] | None = None) -> SearchStrategy[Json]:
    """Requests of CreateEndpointConfig for an endpoint with inference components."""
    return st.fixed_dictionaries(
        {
            "EndpointConfigName": component_names() if names is None else names,
            "ExecutionRoleArn": st.just(ROLE),
            "ProductionVariants": st.lists(production_variants(), min_size=1, max_size=1),
        }
    )


def _endpoints(names: SearchStrategy[str]) -> SearchStrategy[Json]:
    return st.fixed_dictionaries({"EndpointName": names, "EndpointConfigName": component_names()})


def _endpoint_updates(names: SearchStrategy[str]) -> SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {"EndpointName": names, "EndpointConfigName": component_names()},
        optional={"RetainAllVariantProperties": st.booleans()},
    )


def _resizings(names: SearchStrategy[str]) -> SearchStrategy[Json]:
    counted = st.fixed_dictionaries(
        {"VariantName": st.just(VARIANT), "DesiredInstanceCount": st.integers(0, 9)}
    )
    return st.fixed_dictionaries(
        {"EndpointName": names, "DesiredWeightsAndCapacities": st.lists(counted, min_size=1, max_size=1)}
    )


_REQUESTS = {
    "UpdateInferenceComponent": _updates,
    "CreateInferenceComponent": _creates,
    "UpdateInferenceComponentRuntimeConfig": _scalings,
    "DeleteInferenceComponent": _deletions,
    "CreateEndpointConfig": endpoint_configs,
    "CreateEndpoint": _endpoints,
    "UpdateEndpoint": _endpoint_updates,
    "UpdateEndpointWeightsAndCapacities": _resizings,
}
