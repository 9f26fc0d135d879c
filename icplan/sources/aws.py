"""A live endpoint into the dict of a snapshot, with calls that only read."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, TypeVar

from icplan.errors import AwsError
from icplan.sources.aws_calls import AwsCallError, call, make_client, make_session, paginate
from icplan.sources.plain import as_json_values, iso
from icplan.sources.quotas import endpoint_quotas, instances_in_use
from icplan.spec.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_T = TypeVar("_T")
_PAGE = 100  # the most SageMaker gives at once
_TARGETS = 50  # the most resources Application Auto Scaling takes at once


def read_snapshot(
    endpoint_name: str,
    *,
    session: Any = None,
    client: Any = None,
    include_usage: bool = False,
    warn: Callable[[str], object] | None = None,
) -> dict[str, Any]:
    """What AWS answers about an endpoint, as the dict a snapshot file holds, redacted, dates as ISO text.

    With a boto3 ``client`` of SageMaker alone, only SageMaker is asked. With a boto3 ``session``, or with
    neither (then one is made from the environment), Application Auto Scaling and Service Quotas are asked as
    well. ``include_usage`` counts the instances of every endpoint in the account and Region.
    These extras, where they cannot be had, are left out; each is named in ``Notes`` and told to ``warn``.

    Raises AwsError, in one line that says what is needed, when the endpoint itself cannot be read.
    """
    if client is None:
        session = session or make_session("DescribeEndpoint")
        client = make_client(session, "sagemaker", "DescribeEndpoint")
    notes: list[str] = []
    taken_at = iso(dt.datetime.now(dt.UTC))
    data = {
        "IcplanSnapshot": 1,
        "TakenAt": taken_at,
        "Region": client.meta.region_name,
        **_endpoint(client, endpoint_name),
        "InferenceComponents": _components(client, endpoint_name, notes.append),
    }
    data |= _extras(data, session, client if include_usage else None, notes.append)
    if notes:
        data["Notes"] = notes
    for note in notes:
        (warn or _silent)(note)
    return redact(as_json_values(data))


def endpoint_of(client: Any, component_name: str) -> str:
    """The name of the endpoint an inference component is on. Raises AwsError."""
    answer = call(client, "DescribeInferenceComponent", InferenceComponentName=component_name)
    return str(answer["EndpointName"])


def _silent(_note: str) -> None:
    """Notes are in the snapshot as well."""


def _endpoint(client: Any, name: str) -> dict[str, Any]:
    try:
        endpoint = call(client, "DescribeEndpoint", EndpointName=name)
    except AwsCallError as error:
        if not error.missing:
            raise
        message = f"there is no endpoint {name} in {client.meta.region_name}"
        raise AwsError(error.operation, message) from error
    config = _config(client, name, endpoint)
    _refuse_own_model(name, config)
    return {"Endpoint": endpoint, "EndpointConfig": config}


def _config(client: Any, name: str, endpoint: Mapping[str, Any]) -> dict[str, Any]:
    operation, config_name = "DescribeEndpointConfig", endpoint.get("EndpointConfigName")
    if not config_name:
        status = endpoint.get("EndpointStatus", "unknown")
        raise AwsError(operation, f"the endpoint {name} has no endpoint configuration (its status: {status})")
    try:
        return call(client, operation, EndpointConfigName=config_name)
    except AwsCallError as error:
        if not error.missing:
            raise
        message = (
            f"the endpoint configuration {config_name} of {name} has been deleted, and only it tells the"
            " instance types: update the endpoint to a configuration that exists"
        )
        raise AwsError(operation, message) from error


def _refuse_own_model(name: str, config: Mapping[str, Any]) -> None:
    for variant in config["ProductionVariants"]:
        if "ModelName" in variant or "ServerlessConfig" in variant:
            why = "has a ModelName" if "ModelName" in variant else "is serverless"
            message = (
                f"the endpoint {name} cannot host inference components: its variant"
                f" {variant['VariantName']} {why}"
            )
            raise AwsError("DescribeEndpointConfig", message)


def _components(client: Any, name: str, note: Callable[[str], None]) -> list[dict[str, Any]]:
    listed = paginate(
        client,
        "ListInferenceComponents",
        "InferenceComponents",
        EndpointNameEquals=name,
        PaginationConfig={"PageSize": _PAGE},
    )
    described: list[dict[str, Any]] = []
    for component in sorted({summary["InferenceComponentName"] for summary in listed}):
        try:
            described.append(call(client, "DescribeInferenceComponent", InferenceComponentName=component))
        except AwsCallError as error:
            if not error.missing:
                raise
            note(f"inference component {component} was deleted while the endpoint was read")
    return described


def _extras(
    data: Mapping[str, Any], session: Any, usage_client: Any, note: Callable[[str], None]
) -> dict[str, Any]:
    parts: dict[str, Callable[[], Any]] = {}
    if session is not None:
        parts["ScalableTargets"] = lambda: _scalable_targets(session, data)
        parts["Quotas"] = lambda: endpoint_quotas(session, data["EndpointConfig"])
    if usage_client is not None:
        parts["InstancesInUse"] = lambda: instances_in_use(usage_client, note)
    read = {part: _or_note(part, reader, note) for part, reader in parts.items()}
    return {part: value for part, value in read.items() if value is not None}


def _or_note(part: str, reader: Callable[[], _T], note: Callable[[str], None]) -> _T | None:
    try:
        return reader()
    except AwsError as error:
        note(f"{part} could not be read and is left out: {error}")
        return None


def _scalable_targets(session: Any, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    operation = "DescribeScalableTargets"
    client = make_client(session, "application-autoscaling", operation)
    endpoint = data["Endpoint"]["EndpointName"]
    variants = data["EndpointConfig"]["ProductionVariants"]
    names = [f"endpoint/{endpoint}/variant/{variant['VariantName']}" for variant in variants]
    names += [f"inference-component/{part['InferenceComponentName']}" for part in data["InferenceComponents"]]
    return [
        target
        for start in range(0, len(names), _TARGETS)
        for target in paginate(
            client,
            operation,
            "ScalableTargets",
            ServiceNamespace="sagemaker",
            ResourceIds=names[start : start + _TARGETS],
        )
    ]
