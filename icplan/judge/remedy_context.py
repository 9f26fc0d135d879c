"""What the remedies of a change set are carried out with: the endpoint, its configuration, its quotas."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import attrs

from icplan.aws.quota_names import (
    ALL_INSTANCES,
    ALL_INSTANCES_CODE,
    PER_ENDPOINT,
    PER_ENDPOINT_CODE,
    PER_TYPE,
)
from icplan.catalog.catalog import builtin_types
from icplan.fleet.at_rest import ENDPOINT_SETTLING, SETTLING
from icplan.fleet.variant import scaling_in_force
from icplan.remedies.steps_and_risks import Quota, QuotaOn, RemedyContext, carried_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.requests.call import Call
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.change_verdict import ChangeVerdict


def with_commands(
    verdicts: Sequence[ChangeVerdict], calls: Sequence[Call], snapshot: Snapshot | None
) -> tuple[ChangeVerdict, ...]:
    """The verdicts, each remedy with its number, the calls that carry it out, and its risks."""
    numbers = itertools.count(1)
    told = []
    for at, change in enumerate(verdicts):
        remedies = []
        for remedy in change.remedies:
            done = carried_out(remedy, remedy_context(calls, at, snapshot))
            remedies.append(attrs.evolve(done, number=next(numbers)))
        told.append(attrs.evolve(change, remedies=tuple(remedies)))
    return tuple(told)


def remedy_context(calls: Sequence[Call], at: int, snapshot: Snapshot | None) -> RemedyContext:
    """What remedies of the call at that place are carried out with."""
    made = configuring_call(calls, at)
    data: Mapping[str, Any] = {} if snapshot is None else snapshot.data
    configuration = data.get("EndpointConfig", {}) if made is None else calls[made].request
    return RemedyContext(
        endpoint=endpoint_of(calls, snapshot),
        operation=calls[at].operation,
        request=calls[at].request,
        configuration=configuration,
        configured_by_set=made is not None,
        region=None if snapshot is None else snapshot.region,
        copies=dict(_copies(data)),
        scaled=frozenset(_scaled(data)),
        under_way=dict(_under_way(data)),
        endpoint_moves=(data.get("Endpoint") or {}).get("EndpointStatus") in ENDPOINT_SETTLING,
        releases=any(_scalings(data, configuration)),
        quotas=dict(_quotas(data, configuration)),
    )


def configuring_call(calls: Sequence[Call], at: int) -> int | None:
    """The place of the call of the set that makes the configuration which is in force by then."""
    named, made = None, dict[str, int]()
    for number, call in enumerate(calls[:at]):
        name = call.request.get("EndpointConfigName")
        if call.operation == "CreateEndpointConfig" and isinstance(name, str):
            made[name] = number
            named = name if _alone(calls, name) else named
        elif call.operation in ("CreateEndpoint", "UpdateEndpoint"):
            named = name if isinstance(name, str) else named
    return made.get(named) if named is not None else None


def _alone(calls: Sequence[Call], name: str) -> bool:
    """Whether no call names a configuration, so that it is judged as the endpoint's own."""
    users = (call for call in calls if call.operation in ("CreateEndpoint", "UpdateEndpoint"))
    return all(call.request.get("EndpointConfigName") != name for call in users)


def endpoint_of(calls: Sequence[Call], snapshot: Snapshot | None) -> str:
    """The endpoint that calls are about: the snapshot's, else the one that they name."""
    if snapshot is not None and snapshot.names_endpoint:
        return snapshot.endpoint_name
    named = (call.request.get("EndpointName") for call in calls)
    found = next((name for name in named if isinstance(name, str)), None)
    return found or (snapshot.endpoint_name if snapshot is not None else "ENDPOINT")


def _copies(data: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for one in data.get("InferenceComponents") or ():
        runtime = one.get("RuntimeConfig") or {}
        yield one["InferenceComponentName"], runtime.get("DesiredCopyCount", 0)


def _scaled(data: Mapping[str, Any]) -> Iterator[str]:
    prefix = "inference-component/"
    for target in data.get("ScalableTargets") or ():
        resource = str(target.get("ResourceId", ""))
        if resource.startswith(prefix):
            yield resource.removeprefix(prefix)


def _under_way(data: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """What is not at rest, and whether it is being deleted."""
    for one in data.get("InferenceComponents") or ():
        status = one.get("InferenceComponentStatus")
        if status in (*SETTLING, "Deleting"):
            yield one["InferenceComponentName"], status == "Deleting"


def _scalings(data: Mapping[str, Any], configuration: Mapping[str, Any]) -> Iterator[bool]:
    """Whether each variant gives instances back."""
    live = {
        one.get("VariantName"): one for one in (data.get("Endpoint") or {}).get("ProductionVariants") or ()
    }
    for variant in _variants(configuration):
        told = live.get(variant.get("VariantName"), {})
        scaling = (one.get("ManagedInstanceScaling") for one in (told, variant))
        yield scaling_in_force(*scaling) is not None


def _variants(configuration: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = configuration.get("ProductionVariants")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _types(variant: Mapping[str, Any]) -> Iterator[str]:
    for named in (variant, *(variant.get("InstancePools") or ())):
        if named.get("InstanceType"):
            yield str(named["InstanceType"])


def _quotas(data: Mapping[str, Any], configuration: Mapping[str, Any]) -> Iterator[tuple[QuotaOn, Quota]]:
    """The quotas on these instances, by what they are on."""
    kinds = {kind for variant in _variants(configuration) for kind in _types(variant)}
    for one in data.get("Quotas") or ():
        for kind, of_endpoint in ((None, False), (None, True), *((kind, False) for kind in kinds)):
            if is_quota_on(one, kind, of_endpoint=of_endpoint):
                name = str(one.get("QuotaName") or (PER_ENDPOINT if of_endpoint else ALL_INSTANCES))
                code = one.get("QuotaCode") or _code(kind, of_endpoint=of_endpoint)
                yield (kind, of_endpoint), Quota(name, code, int(one["Value"]))


def _code(kind: str | None, *, of_endpoint: bool) -> str | None:
    """The code of a quota that the snapshot tells by its name alone; ``None`` where the catalog lacks it."""
    if of_endpoint or kind is None:
        return PER_ENDPOINT_CODE if of_endpoint else ALL_INSTANCES_CODE
    known = builtin_types().get(kind)
    return known.quota_code if known else None


def is_quota_on(quota: Mapping[str, Any], kind: str | None, *, of_endpoint: bool = False) -> bool:
    """Whether a quota is the one on instances of a type (``None``: of all together), or of one endpoint."""
    name = quota.get("QuotaName")
    if of_endpoint:
        return quota.get("QuotaCode") == PER_ENDPOINT_CODE
    if kind is None:
        return quota.get("QuotaCode") == ALL_INSTANCES_CODE or name == ALL_INSTANCES
    return bool(name == PER_TYPE.format(kind))
