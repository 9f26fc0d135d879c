"""ICP181, ICP182 and ICP204, ICP206 of requests that make an endpoint or change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.rules.hit import Violation
from icplan.rules.state import ENDPOINT_TRANSITIONS, REFUSING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.requests.call import Call
    from icplan.rules.hit import Check


@attrs.frozen
class EndpointContext:
    """A request against what is there: the endpoint (``None``: there is none yet), and configurations.

    ``absent_because`` tells why a configuration or an endpoint that a change of the set was to make is not
    there, by its name.
    """

    asked: Call
    snapshot: Mapping[str, Any] | None
    endpoint_name: str | None
    configurations: Mapping[str, Mapping[str, Any]]
    absent_because: Mapping[str, str]

    @property
    def updates(self) -> bool:
        """Whether the endpoint must be there."""
        return self.asked.operation in ("UpdateEndpoint", "UpdateEndpointWeightsAndCapacities")


def not_there(case: EndpointContext) -> Iterator[Violation]:
    """ICP181."""
    wanted = str(case.asked.request.get("EndpointConfigName"))
    if case.asked.operation in ("CreateEndpoint", "UpdateEndpoint") and wanted in case.absent_because:
        yield Violation(
            f"{case.asked.path}.EndpointConfigName",
            f"the configuration {wanted} is not there: {case.absent_because[wanted]}",
            aws_error="Could not find endpoint configuration",
        )
    name = str(case.asked.request.get("EndpointName"))
    if case.updates and case.snapshot is None and name in case.absent_because:
        at = f"{case.asked.path}.EndpointName"
        yield Violation(at, f"the endpoint {name} is not there: {case.absent_because[name]}")
    described = case.snapshot["EndpointConfig"]["ProductionVariants"] if case.snapshot else ()
    variants = {one["VariantName"] for one in described}
    for number, one in enumerate(case.asked.request.get("DesiredWeightsAndCapacities") or ()):
        if variants and one.get("VariantName") not in variants:
            yield Violation(
                f"{case.asked.path}.DesiredWeightsAndCapacities[{number}].VariantName",
                f"the endpoint has no variant {one.get('VariantName')}; it has {', '.join(sorted(variants))}",
            )


def there_already(case: EndpointContext) -> Iterator[Violation]:
    """ICP182."""
    name = str(case.asked.request.get("EndpointName"))
    there = case.endpoint_name
    if case.asked.operation == "CreateEndpoint" and there is not None and name.lower() == there.lower():
        yield Violation(f"{case.asked.path}.EndpointName", f"the endpoint {name} is there already")


def endpoint_refuses(case: EndpointContext) -> Iterator[Violation]:
    """ICP204."""
    state = _state(case)
    if case.updates and state in REFUSING:
        yield Violation(case.asked.path, f"the endpoint is {state}; it takes no change until it is InService")


def endpoint_in_motion(case: EndpointContext) -> Iterator[Violation]:
    """ICP206."""
    state = _state(case)
    if case.updates and state in ENDPOINT_TRANSITIONS:
        yield Violation(case.asked.path, f"the endpoint is {state}; its instances may be changing")


def _state(case: EndpointContext) -> str | None:
    return ((case.snapshot or {}).get("Endpoint") or {}).get("EndpointStatus")


CHECKS: Mapping[str, Check[EndpointContext]] = {
    "ICP181": not_there,
    "ICP182": there_already,
    "ICP204": endpoint_refuses,
    "ICP206": endpoint_in_motion,
}
