"""The operations that a guard stands before: what each is about, and what is judged of it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.verdict.change_verdict import ChangeVerdict
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.outcome import Outcome
from icplan.verdict.verdict import SnapshotIdentity, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Where = Callable[[str], str]
    """Tells the endpoint that a component is on."""

# A client that nobody writes with does not load what reads AWS.
# ruff: noqa: PLC0415


@attrs.frozen
class Asked:
    """What is judged of a write.

    ``endpoint`` is the one that is read, ``None`` where the request alone is judged; ``changes`` are those
    that `icplan.check` is asked about, the last of which is the write; ``whole``: quotas are read at once,
    those of ``types`` as well.
    """

    endpoint: str | None
    changes: tuple[Mapping[str, Any], ...]
    name: str
    whole: bool = False
    types: tuple[str, ...] = ()


@attrs.frozen
class GuardedOperation:
    """One of them.

    ``asks`` gives, of a SageMaker client, the parameters, and what tells a component's endpoint, what is
    judged; ``None`` where nothing is. ``refusable``: the write may be refused; else only a warning is given.
    ``places``: what cannot be judged is not sent, since it may place copies. ``by_list``: what the list of
    components tells is enough.
    """

    service: str
    name: str
    asks: Callable[[Any, Mapping[str, Any], Where], Asked | None]
    refusable: bool = True
    places: bool = True
    by_list: bool = False


def _component_write(operation: str) -> Callable[[Any, Mapping[str, Any], Where], Asked]:
    def asks(_client: Any, params: Mapping[str, Any], where: Where) -> Asked:
        name = str(params.get("InferenceComponentName"))
        endpoint = params.get("EndpointName") or where(params["InferenceComponentName"])
        return Asked(str(endpoint), (_change(operation, params),), name)

    return asks


def _configuration(_client: Any, params: Mapping[str, Any], _where: Where) -> Asked:
    name = str(params.get("EndpointConfigName"))
    return Asked(None, (_change("CreateEndpointConfig", params),), name)


def _endpoint_update(client: Any, params: Mapping[str, Any], _where: Where) -> Asked:
    """The configuration that is to run is described, so that what it holds can be judged."""
    from icplan.aws.parts.endpoint import described_configuration
    from icplan.aws.parts.quotas import instance_types

    name, wanted = str(params["EndpointName"]), str(params["EndpointConfigName"])
    config = described_configuration(client, wanted)
    types = {kind for variant in config["ProductionVariants"] for kind in instance_types(variant)}
    changes = (_change("CreateEndpointConfig", config), _change("UpdateEndpoint", params))
    return Asked(name, changes, name, whole=True, types=tuple(sorted(types)))


def _capacities(_client: Any, params: Mapping[str, Any], _where: Where) -> Asked | None:
    name = str(params["EndpointName"])
    counts = [one for one in params["DesiredWeightsAndCapacities"] if "DesiredInstanceCount" in one]
    if not counts:
        return None  # weights move no instance
    return Asked(name, (_change("UpdateEndpointWeightsAndCapacities", params),), name, whole=True)


def _endpoint_deletion(_client: Any, params: Mapping[str, Any], _where: Where) -> Asked:
    name = str(params["EndpointName"])
    return Asked(name, (), name)


def _scalable_target(_client: Any, params: Mapping[str, Any], where: Where) -> Asked | None:
    """The most that is asked for, as the write that autoscaling would send for it."""
    most = params.get("MaxCapacity")
    if params.get("ServiceNamespace") != "sagemaker" or not isinstance(most, int):
        return None
    kind, _, name = str(params.get("ResourceId")).partition("/")
    if kind == "inference-component" and most > 0:
        asked = {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": most}}
        change = _change("UpdateInferenceComponentRuntimeConfig", asked)
        return Asked(where(name), (change,), name, whole=True)
    endpoint, _, variant = name.partition("/variant/")
    if kind == "endpoint" and variant:
        wanted = [{"VariantName": variant, "DesiredInstanceCount": most}]
        change = _change(
            "UpdateEndpointWeightsAndCapacities",
            {"EndpointName": endpoint, "DesiredWeightsAndCapacities": wanted},
        )
        return Asked(endpoint, (change,), endpoint, whole=True)
    return None


def _change(operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"Operation": operation, "Request": copy.deepcopy(dict(params))}


def takes_copies_away(operation: str, params: Mapping[str, Any], component: Mapping[str, Any]) -> bool:
    """Whether a write to a described component starts no copy: it asks for no more than there are."""
    members = {
        "UpdateInferenceComponentRuntimeConfig": "DesiredRuntimeConfig",
        "UpdateInferenceComponent": "RuntimeConfig",
    }
    asked = (params.get(members.get(operation, "")) or {}).get("CopyCount")
    runtime = component.get("RuntimeConfig") or {}
    there = [runtime.get(name) for name in ("DesiredCopyCount", "CurrentCopyCount")]
    if params.get("Specification") or not isinstance(asked, int):
        return False
    return all(isinstance(one, int) and asked <= one for one in there)


def with_components(endpoint: str, components: Mapping[str, object]) -> Verdict | None:
    """The verdict on the deletion of an endpoint that components run on; ``None`` where none does."""
    if not components:
        return None
    names = ", ".join(sorted(components)[:_NAMED])
    more = f" and {len(components) - _NAMED} more" if len(components) > _NAMED else ""
    message = (
        f"{names}{more} run on {endpoint}; whether SageMaker refuses to delete it, or they stay behind, is "
        "not documented: delete them first"
    )
    found = Finding("ICP327", Severity.WARNING, message, path="$.EndpointName")
    change = ChangeVerdict(
        "DeleteEndpoint", "", Outcome.MAY_NOT_FIT, findings=(found,), endpoint_name=endpoint
    )
    return Verdict(SnapshotIdentity(None, None, endpoint), (change,))


_NAMED: Final = 5
"""Components that are named in a message."""
_SAGEMAKER: Final = "sagemaker"
ONE_WAY: Final = (
    *("CreateInferenceComponent", "UpdateInferenceComponentRuntimeConfig"),
    "DeleteInferenceComponent",
)
"""Writes that SageMaker does not roll back."""
GUARDED: Final = (
    *(
        GuardedOperation(_SAGEMAKER, name, _component_write(name))
        for name in (
            "CreateInferenceComponent",
            "UpdateInferenceComponent",
            "UpdateInferenceComponentRuntimeConfig",
        )
    ),
    GuardedOperation(
        _SAGEMAKER, "DeleteInferenceComponent", _component_write("DeleteInferenceComponent"), places=False
    ),
    GuardedOperation(_SAGEMAKER, "CreateEndpointConfig", _configuration, places=False),
    GuardedOperation(_SAGEMAKER, "UpdateEndpoint", _endpoint_update),
    GuardedOperation(_SAGEMAKER, "UpdateEndpointWeightsAndCapacities", _capacities),
    GuardedOperation(_SAGEMAKER, "DeleteEndpoint", _endpoint_deletion, by_list=True),
    GuardedOperation(
        "application-autoscaling", "RegisterScalableTarget", _scalable_target, refusable=False, places=False
    ),
)
SERVICES: Final = tuple(dict.fromkeys(one.service for one in GUARDED))
"""The services, as boto3 names them, whose clients can be guarded."""


def guarded_of(service: str) -> Iterator[GuardedOperation]:
    """The operations of a service that are guarded."""
    return (one for one in GUARDED if one.service == service)
