"""How a remedy is carried out: its calls in order, and what it costs and risks."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from icplan.fleet.dimensions import LESS_OF, counted
from icplan.remedies.commands import (
    REQUEST_FILE,
    SAGEMAKER,
    SERVICE_QUOTAS,
    command,
    look_at_component,
    wait_for_endpoint,
)
from icplan.remedies.json_patch import apply_patch
from icplan.values import frozen
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from icplan.remedies.trial import Envelope
    from icplan.verdict.remedy import Remedy
    from icplan.verdict.remedy_steps import Command


_OF_LAUNCHING: Final = "EC2 may not have another instance at that moment, and each is paid for"
_READ_ONLY: Final = frozenset({"EndpointConfigArn", "CreationTime", "LastModifiedTime", "ResponseMetadata"})
"""Members of DescribeEndpointConfig's answer that CreateEndpointConfig does not take."""
MAX_NAME_LENGTH: Final = 63
"""Characters of the name of an endpoint configuration."""


SECOND_FLEET: Final = (
    "all copies start anew, on a second fleet beside this one",
    "quotas and EC2 must allow both fleets at once",
)
OF_A_CONFIGURATION: Final = (
    *SECOND_FLEET,
    "without RetainAllVariantProperties (it is sent here) instance counts are reset",
    "tags of the configuration are not copied",
)
"""What comes of a new configuration that an endpoint is updated to by these calls."""


#: What a quota is on: instances of a type (``None``: of all together), or whether of one endpoint.
QuotaOn: TypeAlias = tuple[str | None, bool]


@frozen
class Quota:
    """A quota as Service Quotas has it; ``code`` and ``value`` as far as they are known."""

    name: str
    code: str | None
    value: int | None


@frozen
class RemedyContext:
    """What the calls of a remedy are made of.

    ``configuration`` is the endpoint's, in the form of a request. ``configured_by_set`` tells that a change
    of the same set makes it, so that it is that request which is to be patched. ``copies`` are those that
    each component has, ``scaled`` names the components that Application Auto Scaling scales, and
    ``under_way`` those that are not at rest, with whether they are being deleted. ``endpoint_moves`` tells
    whether the endpoint itself is not InService yet, ``releases`` whether instances without copies are given
    back. ``quotas`` are by what they are on.
    """

    endpoint: str
    operation: str
    request: Mapping[str, Any]
    configuration: Mapping[str, Any]
    configured_by_set: bool = False
    region: str | None = None
    copies: Mapping[str, int] = attrs.field(factory=dict)
    scaled: Collection[str] = ()
    under_way: Mapping[str, bool] = attrs.field(factory=dict)
    endpoint_moves: bool = False
    releases: bool = False
    quotas: Mapping[QuotaOn, Quota] = attrs.field(factory=dict)


def carried_out(remedy: Remedy, context: RemedyContext) -> Remedy:
    """The remedy with the calls that carry it out, and its risks."""
    return attrs.evolve(
        remedy, commands=tuple(_commands(remedy, context)), risks=tuple(_risks(remedy, context))
    )


def patched_calls(remedy: Remedy, operation: str, request: Mapping[str, Any]) -> list[Envelope]:
    """The calls that a change comes to: what is done before, the change itself, and what is done after."""
    patch = remedy.patch if remedy.target is Target.REQUEST else remedy.request_patch
    change = {"Operation": operation, "Request": apply_patch(dict(request), patch)}
    return [*remedy.before, change, *remedy.after]


def new_configuration(remedy: Remedy, configuration: Mapping[str, Any]) -> dict[str, Any]:
    """The request of CreateEndpointConfig that the remedy comes to, under a name of its own."""
    request: dict[str, Any] = apply_patch(as_request(configuration), remedy.patch)
    return request


def as_request(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Describe's answer as the request of a new configuration that says the same, under another name."""
    kept = {name: value for name, value in configuration.items() if name not in _READ_ONLY}
    return {"EndpointConfigName": next_name(str(kept.get("EndpointConfigName", "config")))} | {
        name: value for name, value in kept.items() if name != "EndpointConfigName"
    }


def deploying(request: Mapping[str, Any], endpoint: str) -> list[Envelope]:
    """The calls that make a configuration and give it to an endpoint, the instance counts of which stay."""
    update = {
        "EndpointName": endpoint,
        "EndpointConfigName": request["EndpointConfigName"],
        "RetainAllVariantProperties": True,
    }
    return [
        {"Operation": "CreateEndpointConfig", "Request": dict(request)},
        {"Operation": "UpdateEndpoint", "Request": update},
    ]


def next_name(name: str) -> str:
    """``prod-2`` after ``prod``, ``prod-3`` after ``prod-2``."""
    stem, dash, number = name.rpartition("-")
    if not dash or not number.isdigit() or not number.isascii() or number.startswith("0"):
        stem, number = name, "1"
    ending = f"-{int(number) + 1}"
    return stem[: MAX_NAME_LENGTH - len(ending)].rstrip("-") + ending


def _commands(remedy: Remedy, context: RemedyContext) -> Iterator[Command]:
    region, waits = context.region, remedy.target is Target.WAIT or remedy.once_at_rest
    if waits:
        for name, going in context.under_way.items():
            yield look_at_component(name, region, until=_gone(name) if going else _settled(name))
        yield wait_for_endpoint(context.endpoint, region)
    if remedy.quota is not None:
        yield _quota_command(remedy, context)
    if remedy.target is Target.ENDPOINT_CONFIG:
        if context.endpoint_moves and not waits:
            yield wait_for_endpoint(context.endpoint, region)  # UpdateEndpoint is refused meanwhile
        yield from _configuration_commands(remedy, context)
    calls = patched_calls(remedy, context.operation, context.request)
    for number, call in enumerate(calls, start=1):
        yield command(SAGEMAKER, call["Operation"], call["Request"], region=region)
        if number < len(calls):
            yield _until_done(call, region)


def _configuration_commands(remedy: Remedy, context: RemedyContext) -> Iterator[Command]:
    """A configuration is never changed: a new one is made, and the endpoint updated to it."""
    region, name = context.region, context.endpoint
    if context.configured_by_set:
        request = apply_patch(dict(context.configuration), remedy.patch)
        yield command(SAGEMAKER, "CreateEndpointConfig", request, region=region)
        return
    for call in deploying(new_configuration(remedy, context.configuration), name):
        yield command(SAGEMAKER, call["Operation"], call["Request"], region=region)
    yield wait_for_endpoint(name, region)


def _quota_command(remedy: Remedy, context: RemedyContext) -> Command:
    """Ask for the quota, or first look its code up where nobody tells it."""
    quota, region = remedy.quota, context.region
    known = context.quotas.get((quota.type, quota.of_endpoint)) if quota else None
    if quota is None or known is None or known.code is None or known.value is None:
        listing = command(SERVICE_QUOTAS, "ListServiceQuotas", {"ServiceCode": SAGEMAKER}, region=region)
        return listing if quota is None or known is None else _of_quota(listing, known, quota.by)
    request = {
        "ServiceCode": SAGEMAKER,
        "QuotaCode": known.code,
        "DesiredValue": float(known.value + quota.by),
    }
    then = f"the quota {known.name!r} is {known.value + quota.by}"
    return command(SERVICE_QUOTAS, "RequestServiceQuotaIncrease", request, region=region, then=then)


def _of_quota(listing: Command, quota: Quota, by: int) -> Command:
    """The listing with the code of this quota alone, and what to do with it."""
    query = shlex.quote(f"Quotas[?QuotaName=='{quota.name}'].QuotaCode")
    wanted = "more" if quota.value is None else f"{quota.value + by}"
    then = f"the quota {quota.name!r} is {wanted}, asked for by that code with request-service-quota-increase"
    return attrs.evolve(listing, cli=f"{listing.cli} --query {query}", then=then)


def _until_done(call: Envelope, region: str | None) -> Command:
    name = call["Request"]["InferenceComponentName"]
    gone = call["Operation"] == "DeleteInferenceComponent"
    return look_at_component(name, region, until=_gone(name) if gone else _settled(name))


def _gone(name: str) -> str:
    return f"{name} is gone: AWS answers that it could not be found"


def _settled(name: str) -> str:
    return f"{name} is InService"


def _risks(remedy: Remedy, context: RemedyContext) -> Iterator[str]:
    if remedy.once_at_rest:
        yield "how long what is under way takes is not known"
    if remedy.quota is not None:
        yield "AWS decides on a quota; that takes from minutes to days, and may be refused"
    yield from remedy.doubts
    if remedy.target is Target.ENDPOINT_CONFIG:
        yield from _configuration_risks(remedy, context)
    if remedy.target is Target.WAIT:
        yield "how long that takes is not known"
    for call in remedy.before:
        yield from _first_risks(call, remedy, context)
    yield from _batch_of_fewer(remedy, context)
    if (kind := _KINDS.get(remedy.kind)) is not None:
        yield kind
    if any(one["path"].startswith("/DeploymentConfig") and "MaximumBatch" in str(one) for one in _of(remedy)):
        yield "more batches take longer: each waits, and MaximumExecutionTimeoutInSeconds holds for all"
    if _launches(remedy):
        yield _OF_LAUNCHING
    if any(REQUEST_FILE in one.cli for one in _commands(remedy, context)):
        yield (
            f"{REQUEST_FILE} stands for the request as --write writes it: what is secret in it, such as "
            "environment values, is not shown"
        )


def with_outcome(remedy: Remedy, outcome: Outcome) -> Remedy:
    """The remedy with another outcome, and the risk of launching where that launches."""
    done = attrs.evolve(remedy, outcome=outcome)
    kept = tuple(one for one in remedy.risks if one != _OF_LAUNCHING)
    if not _launches(done):
        return attrs.evolve(done, risks=kept)
    return done if _OF_LAUNCHING in done.risks else attrs.evolve(done, risks=(*kept, _OF_LAUNCHING))


def _launches(remedy: Remedy) -> bool:
    return remedy.outcome is Outcome.FITS_AFTER_SCALE_OUT and not remedy.relaunches


def _batch_of_fewer(remedy: Remedy, context: RemedyContext) -> Iterator[str]:
    """That a legal batch of the copies that run is none of the fewer that are left by then (ICP136)."""
    name = context.request.get("InferenceComponentName")
    left = [
        one["Request"]["DesiredRuntimeConfig"]["CopyCount"]
        for one in remedy.before
        if one["Request"]["InferenceComponentName"] == name and "DesiredRuntimeConfig" in one["Request"]
    ]
    if not left or context.operation != "UpdateInferenceComponent":
        return
    change = patched_calls(remedy, context.operation, context.request)[len(remedy.before)]["Request"]
    rolling = (change.get("DeploymentConfig") or {}).get("RollingUpdatePolicy") or {}
    size = rolling.get("MaximumBatchSize") or {}
    if size.get("Type") != "COPY_COUNT":
        return
    batch, now, then = int(size["Value"]), context.copies.get(str(name), 0), left[-1]
    if 2 * batch <= now and 2 * batch > then > 0:
        yield f"a batch of {batch} is more than the 50 percent of {counted(then, 'copy')} that AWS documents"


def _of(remedy: Remedy) -> tuple[Mapping[str, Any], ...]:
    """The operations on the request."""
    return remedy.patch if remedy.target is Target.REQUEST else remedy.request_patch


def _configuration_risks(remedy: Remedy, context: RemedyContext) -> Iterator[str]:
    if not context.configured_by_set:
        if context.under_way and not remedy.once_at_rest:
            names = " and ".join(context.under_way)
            yield f"that UpdateEndpoint is taken while {names} is still changing is not documented"
        yield from OF_A_CONFIGURATION
    if "ExecutionRoleArn" not in context.configuration:
        yield (
            "the configuration that is known names no ExecutionRoleArn; SageMaker refuses one without it for "
            "inference components"
        )


def _first_risks(call: Envelope, remedy: Remedy, context: RemedyContext) -> Iterator[str]:
    """What comes of a call that is made first."""
    request = call["Request"]
    name = request["InferenceComponentName"]
    if call["Operation"] == "DeleteInferenceComponent":
        yield f"{name} is gone for good; it must be created anew if it is wanted again"
        return
    copies = request["DesiredRuntimeConfig"]["CopyCount"]
    fewer = context.copies.get(name, copies) - copies
    again = any(one["Request"]["InferenceComponentName"] == name for one in remedy.after)
    until = "meanwhile" if again else "from then on; nothing scales it up again"
    if not copies:
        yield f"no copy of {name} serves {until}"
    elif fewer > 0:
        yield f"{counted(fewer, 'copy')} of {name} less {'serves' if fewer == 1 else 'serve'} {until}"
    if name in context.scaled:
        yield f"Application Auto Scaling may scale {name} up again at any time; suspend it first"
    if context.releases:
        yield "an emptied instance may be released, and EC2 may not give it back"


_KINDS: Final = {
    "fewer-copies": "fewer copies serve than were asked for",
    "smaller-rollback-batch": "a rollback takes longer, one copy at a time",
    "only-types": "copies lie on these types alone, whatever else has room",
    **dict.fromkeys(LESS_OF.values(), "the model may not run, or run slower, on less"),
}
"""What comes of a kind of remedy, whatever else it does."""
