"""ICP201 to ICP207: states that refuse the write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.requests.operations import CreateInferenceComponent, DeleteInferenceComponent
from icplan.rules.hit import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.rules.endpoint import RequestContext
    from icplan.rules.hit import Check

COMPONENT_STATES = ("InService", "Creating", "Updating", "Failed", "Deleting")
REFUSING = ("Creating", "SystemUpdating", "RollingBack", "OutOfService", "Deleting", "Failed")
REFUSING_DELETION = ("Creating", "SystemUpdating", "RollingBack", "Deleting")
ENDPOINT_TRANSITIONS = ("Updating", "UpdateRollbackFailed")
_IN_TRANSITION = {"Creating": "CREATE_IN_PROGRESS", "Updating": "UPDATE_RC_IN_PROGRESS"}
"""What AWS's refusals call these states."""


def in_transition(case: RequestContext) -> Iterator[Violation]:
    """ICP201."""
    state = _state(case)
    if state in _IN_TRANSITION:
        message = f"{case.name} is {state}; it takes no change until it is InService"
        verb = "delete" if isinstance(case.asked.request, DeleteInferenceComponent) else "update"
        answer = f"Cannot {verb} inference component ... while it is in state {_IN_TRANSITION[state]}"
        yield Violation(_name_path(case), message, aws_error=answer)


def failed(case: RequestContext) -> Iterator[Violation]:
    """ICP202."""
    if _state(case) == "Failed" and not isinstance(case.asked.request, DeleteInferenceComponent):
        reason = (case.described or {}).get("FailureReason")
        why = f" ({reason})" if reason else ""
        message = (
            f"{case.name} has failed{why}; that it can be changed, and not only deleted, is not documented"
        )
        yield Violation(_name_path(case), message)


def being_deleted(case: RequestContext) -> Iterator[Violation]:
    """ICP203."""
    if _state(case) == "Deleting":
        yield Violation(_name_path(case), f"{case.name} is being deleted")


def endpoint_refuses(case: RequestContext) -> Iterator[Violation]:
    """ICP204."""
    state = _endpoint_state(case)
    if state in REFUSING:
        yield Violation(case.asked.path, f"the endpoint is {state}; it takes no change until it is InService")


def base_of_adapters(case: RequestContext) -> Iterator[Violation]:
    """ICP205."""
    if not isinstance(case.asked.request, DeleteInferenceComponent):
        return
    adapters = [
        str(one.get("InferenceComponentName"))
        for one in case.components
        if (one.get("Specification") or {}).get("BaseInferenceComponentName") == case.name
    ]
    if adapters:
        yield Violation(_name_path(case), f"{case.name} is the base of {', '.join(sorted(adapters))}")


def endpoint_in_motion(case: RequestContext) -> Iterator[Violation]:
    """ICP206."""
    state = _endpoint_state(case)
    if state in ENDPOINT_TRANSITIONS:
        yield Violation(case.asked.path, f"the endpoint is {state}; its instances may be changing")


def unknown_state(case: RequestContext) -> Iterator[Violation]:
    """ICP207."""
    state = _state(case)
    if state is not None and state not in COMPONENT_STATES:
        yield Violation(_name_path(case), f"{case.name} is in state {state}, which icplan does not know")
    state = _endpoint_state(case)
    if state is not None and state not in (*REFUSING, *ENDPOINT_TRANSITIONS, "InService"):
        yield Violation(case.asked.path, f"the endpoint is in state {state}, which icplan does not know")


def _state(case: RequestContext) -> str | None:
    if isinstance(case.asked.request, CreateInferenceComponent):
        return None  # that the name is taken is another rule's matter
    return (case.described or {}).get("InferenceComponentStatus")


def _endpoint_state(case: RequestContext) -> str | None:
    state = (case.snapshot.get("Endpoint") or {}).get("EndpointStatus")
    deletes = isinstance(case.asked.request, DeleteInferenceComponent)
    # Of an endpoint that is failing or merely changing, what it has may still be taken down.
    return None if deletes and state not in REFUSING_DELETION else state


def _name_path(case: RequestContext) -> str:
    return f"{case.asked.path}.InferenceComponentName"


CHECKS: Mapping[str, Check[RequestContext]] = {
    "ICP201": in_transition,
    "ICP202": failed,
    "ICP203": being_deleted,
    "ICP204": endpoint_refuses,
    "ICP205": base_of_adapters,
    "ICP206": endpoint_in_motion,
    "ICP207": unknown_state,
}
