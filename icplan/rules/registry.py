"""Every rule, by its id, and what the rules say of a request: by itself, and beside the endpoint it goes to.

Ids are never renumbered, nor used again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from icplan.requests.call import Call
from icplan.requests.from_describe import EndpointComponent
from icplan.requests.problems import FieldRule
from icplan.rules import (
    advice,
    capacity,
    configuration,
    container,
    endpoints,
    fields,
    partitions,
    references,
    rolling,
    scale_out,
    specification,
    state,
    update,
)
from icplan.rules.base import Rule, findings, ordered
from icplan.rules.context import RequestContext
from icplan.rules.fields import field_findings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.fleet.endpoint import EndpointState
    from icplan.requests.merge import EffectiveSpec
    from icplan.rules.context import Facts
    from icplan.verdict.finding import Finding


CAUSES = frozenset({f"ICP{number}" for number in (*range(301, 309), 311)})
"""Why there is no room, or may be none."""
FOLLOW_UPS = frozenset({"ICP401", "ICP501", "ICP502", "ICP503", "ICP504", "ICP507"})
"""What is said only because there is no room: which steps are short of it, and what keeps more away."""

_FAMILIES = (
    fields,
    specification,
    container,
    rolling,
    references,
    configuration,
    partitions,
    state,
    capacity,
    endpoints,
    update,
    scale_out,
    advice,
)
RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in sorted((r for family in _FAMILIES for r in family.RULES), key=lambda rule: rule.id)
}

_REQUEST = {
    **specification.CHECKS,
    **container.CHECKS,
    **configuration.CHECKS,
    **partitions.REQUEST_CHECKS,
    **rolling.REQUEST_CHECKS,
}
_AGAINST = {**references.CHECKS, **partitions.CHECKS, **rolling.CHECKS, **state.CHECKS}

BY_CONFIGURATION = frozenset({"ICP151", "ICP175", *partitions.CHECKS})
"""The rules that hold a request against the instance types and partitions of the endpoint configuration."""


def check_request(operation: str, request: object, path: str = "$") -> tuple[Finding, ...]:
    """Everything wrong with a boto3 dict that can be told without knowing the endpoint, worst first.

    Any error among the findings means that SageMaker or botocore refuses the request. Rules across members
    speak of a request with faulty members as well, as far as it can be read. ``path`` is the JSON path of
    ``request`` in its document. A member icplan does not know is an error unless the installed botocore,
    which is asked only then, knows it. Raises KeyError for an operation
    that is not in ``icplan.requests.operations.OPERATIONS``.
    """
    return check_call(_call(operation, request, path))


def check_call(call: Call) -> tuple[Finding, ...]:
    """As `check_request`, for a call, whose request is read only once."""
    across = findings(RULES, _REQUEST, call) if call.readable is not None else []
    return ordered([*field_findings(call.problems, _newer(call)), *across])


def _call(operation: str, request: object, path: str) -> Call:
    """The call of what may be no request at all."""
    return Call(operation, cast("dict[str, Any]", request), path)


def check_against(
    operation: str,
    request: object,
    effective: EffectiveSpec | None,
    snapshot: Mapping[str, Any],
    facts: Facts,
    path: str = "$",
) -> tuple[Finding, ...]:
    """Everything that keeps a request from being accepted by this endpoint, capacity apart, worst first.

    ``effective`` is the merge of the request over what is described, None for an endpoint configuration and
    where there is nothing to merge with. ``snapshot`` holds AWS's answers; ``facts`` may know a type or not.
    Members `check_request` finds fault with are passed over. An error of an ICP1xx rule means that the
    request is refused, one of an ICP2xx rule that it is refused in this state.
    """
    endpoint = snapshot.get("Endpoint") or {}
    return _against(
        _call(operation, request, path),
        effective,
        facts,
        components=tuple(
            EndpointComponent.of(one, f"$.InferenceComponents[{number}]")
            for number, one in enumerate(snapshot.get("InferenceComponents") or ())
        ),
        variants=(snapshot.get("EndpointConfig") or {}).get("ProductionVariants") or (),
        endpoint_name=endpoint.get("EndpointName"),
        endpoint_status=endpoint.get("EndpointStatus"),
    )


def check_call_against(
    call: Call, effective: EffectiveSpec | None, state: EndpointState, facts: Facts
) -> tuple[Finding, ...]:
    """As `check_against`, for a call, whose request is read only once."""
    return _against(
        call,
        effective,
        facts,
        components=state.components,
        variants=state.configuration["ProductionVariants"],
        endpoint_name=state.described_name,
        endpoint_status=state.status,
    )


def _against(asked: Call, effective: EffectiveSpec | None, facts: Facts, **there: Any) -> tuple[Finding, ...]:
    if asked.readable is None:
        return ()
    return ordered(findings(RULES, _AGAINST, RequestContext(asked, effective, facts, **there)))


def _newer(call: Call) -> frozenset[str]:
    """The paths of members that icplan does not know, but the botocore that will send the request does."""
    unknown = frozenset(str(problem.path) for problem in call.problems if problem.kind is FieldRule.UNKNOWN)
    if not unknown or not isinstance(call.request, dict):
        return frozenset()
    from icplan.aws.botocore_model import unknown_to_client  # noqa: PLC0415  (botocore is slow to load)

    return unknown.difference(unknown_to_client(call.operation, call.request, call.path))
