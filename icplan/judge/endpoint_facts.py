"""What is there for a change of an endpoint, and the verdict on one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.feasibility.evidence import instances_in_words
from icplan.values import frozen
from icplan.verdict.change_verdict import ChangeVerdict
from icplan.verdict.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Fleet
    from icplan.requests.call import Call
    from icplan.verdict.finding import Finding
    from icplan.verdict.outcome import Outcome
    from icplan.verdict.phase import Phase


@frozen
class EndpointFacts:
    """What is there for a change of the endpoint: ``state`` is ``None`` where no endpoint is.

    ``configurations`` are those that may be named, ``absent_because`` tells why others are not there.
    """

    state: EndpointState | None
    configurations: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    absent_because: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def endpoint_name(self) -> str | None:
        """The name of the endpoint that is there."""
        if self.state is None or not self.state.names_endpoint:
            return None
        return self.state.name


def endpoint_verdict(
    call: Call,
    outcome: Outcome,
    found: Sequence[Finding],
    fleets: Sequence[Fleet] = (),
    phases: Sequence[Phase] = (),
    instances_now: int | None = None,
    peak_instances: int | None = None,
) -> ChangeVerdict:
    """The verdict on a change of an endpoint, its findings in place, the worst first."""
    shown = [f"{instances_in_words(fleet)} (variant {fleet.variant})" for fleet in fleets]
    order = list(Severity)
    return ChangeVerdict(
        operation=call.operation,
        inference_component_name="",
        endpoint_name=text_of(call, "EndpointName"),
        endpoint_config_name=text_of(call, "EndpointConfigName"),
        outcome=outcome,
        findings=tuple(sorted(map(call.located, found), key=lambda one: order.index(one.severity))),
        phases=tuple(phases),
        fleet="; ".join(shown) or None,
        file=call.file,
        path=call.path,
        instances_now=instances_now,
        peak_instances=peak_instances,
    )


def text_of(call: Call, member: str) -> str | None:
    """The member of a request, if it is a text."""
    value = call.request.get(member)
    return value if isinstance(value, str) else None
