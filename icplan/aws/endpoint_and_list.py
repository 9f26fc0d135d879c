"""A look at an endpoint and at the list of its components, both at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.aws.parallel import each
from icplan.aws.parts.components import listed
from icplan.aws.parts.endpoint import describe_endpoint

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping


def looked_at(
    client: Any,
    name: str,
    known: Iterable[Mapping[str, Any]] = (),
    *,
    since: dt.datetime | None = None,
) -> tuple[tuple[dict[str, Any], Mapping[str, Any]], dict[str, dict[str, Any]]]:
    """What DescribeEndpoint answers, with the headers of its answer, and what the list says of components.

    ``known`` and ``since`` are as `listed` has them. Raises AwsError.
    """
    calls: list[Callable[[], Any]] = [
        lambda: describe_endpoint(client, name),
        lambda: listed(client, name, known, since=since),
    ]
    endpoint, summaries = each(lambda call: call(), calls, workers=2)
    return endpoint, summaries
