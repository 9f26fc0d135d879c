"""A look at an endpoint and at the list of its components, both at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.aws.parallel import each
from icplan.aws.parts.components import listed
from icplan.aws.parts.endpoint import describe_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def looked_at(
    client: Any, name: str
) -> tuple[tuple[dict[str, Any], Mapping[str, Any]], dict[str, dict[str, Any]]]:
    """What DescribeEndpoint answers, with the headers of its answer, and what the list says of components.

    Raises AwsError.
    """
    calls: list[Callable[[], Any]] = [lambda: describe_endpoint(client, name), lambda: listed(client, name)]
    endpoint, summaries = each(lambda call: call(), calls, workers=2)
    return endpoint, summaries
