"""Read a live endpoint into one snapshot document: every part, and a note for each that AWS refused."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeVar

from icplan.aws.client import call, make_client, make_session
from icplan.aws.parts.components import _components
from icplan.aws.parts.endpoint import _endpoint
from icplan.aws.parts.quotas import endpoint_quotas, instances_in_use
from icplan.aws.parts.scaling import _scalable_targets
from icplan.documents.json_values import as_json_values, iso
from icplan.documents.redact import redact
from icplan.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


_T = TypeVar("_T")


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
