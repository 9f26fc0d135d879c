"""Look at one component and its endpoint, as they are followed to the end of a write: two calls a look."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs

from icplan.aws.call_error import AwsCallError
from icplan.aws.client import call
from icplan.aws.identity import answered_at
from icplan.aws.parts.endpoint import describe_endpoint
from icplan.documents.json_values import as_json_values
from icplan.documents.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class Look:
    """What AWS describes at one moment, redacted; no component where there is none (any more).

    ``at`` is that moment by AWS's clock, which is that of a local SageMaker where one is asked.
    """

    endpoint: Mapping[str, Any]
    component: Mapping[str, Any] | None
    at: dt.datetime


def look(client: Any, endpoint: str, component: str) -> Look:
    """The component and its endpoint as they are now. Raises AwsError."""
    try:
        found = call(client, "DescribeInferenceComponent", InferenceComponentName=component)
    except AwsCallError as error:
        if not error.missing:
            raise
        found = None
    described, headers = describe_endpoint(client, endpoint)
    shown = None if found is None else redact(as_json_values(found))
    return Look(redact(as_json_values(described)), shown, answered_at(headers) or dt.datetime.now(dt.UTC))
