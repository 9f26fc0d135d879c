"""ICP201 to ICP208: the state of a component or an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.requests.operations import CreateInferenceComponent, DeleteInferenceComponent
from icplan.rules.base import API, DOCUMENTED, ERROR, INFERRED, MEASURED, WARNING, Rule, Violation
from icplan.rules.context import specifications

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.rules.base import Check
    from icplan.rules.context import RequestContext


RULES = (
    Rule(
        id="ICP201",
        title="The component is being created or updated",
        severity=ERROR,
        basis=MEASURED,
        source=(
            "stdapi-ai/stdapi.ai issue 43 (update), hashicorp/terraform-provider-aws pull request 48894 "
            "(delete)."
        ),
        aws_error="Cannot update inference component ... while it is in state UPDATE_RC_IN_PROGRESS",
        why=(
            "Until the component settles, every further write is refused. Application Auto Scaling "
            "writes, too: "
            "the component may be Updating though no one of you touched it."
        ),
        fix="Wait until its status is InService, take a new snapshot, and check again.",
    ),
    Rule(
        id="ICP202",
        title="The component has failed",
        severity=ERROR,
        basis=INFERRED,
        source="awslabs/ml-container-creator updates only what is InService; others scale what has failed.",
        why=(
            "A failed component keeps what it reserved until it is deleted. Whether it can be updated is not "
            "documented: the assumption `failed-component-takes-update` says which, else nothing is promised."
        ),
        fix="Read its FailureReason, delete it, and create it anew.",
    ),
    Rule(
        id="ICP203",
        title="The component is being deleted",
        severity=ERROR,
        basis=MEASURED,
        source="hashicorp/terraform-provider-aws pull request 48894.",
        aws_error="DELETE_IN_PROGRESS",
        why="Nothing can be written to it any more; its room is not free before it is gone.",
        fix="Wait until it is gone, take a new snapshot, and create it anew.",
    ),
    Rule(
        id="ICP204",
        title="The endpoint's state refuses changes",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f'{API}, EndpointStatus: a SystemUpdating endpoint "cannot be updated or deleted or '
            "re-scaled until "
            'it has completed"; a Failed one can only be deleted.'
        ),
        why=(
            "The endpoint is being created, rolled back, maintained or deleted, is out of service, or "
            "has failed."
        ),
        fix=(
            "Wait until its status is InService and take a new snapshot. A failed endpoint must be "
            "created anew."
        ),
    ),
    Rule(
        id="ICP205",
        title="The component is the base of adapters",
        severity=ERROR,
        basis=MEASURED,
        source="hashicorp/terraform-provider-aws pull request 48894.",
        aws_error="is a base inference component for one or more associated",
        why="A base can be deleted only when no adapter uses it.",
        fix="Delete the adapters first.",
    ),
    Rule(
        id="ICP206",
        title="The endpoint is in motion",
        severity=WARNING,
        basis=INFERRED,
        source=(
            "While managed instance scaling adds or removes instances, the endpoint is Updating (AWS's "
            "published "
            "notebook of a rolling update). Whether a component can be written to then is not stated; AWS's "
            "Python SDK waits."
        ),
        why="The number of instances in the snapshot may be about to change, and the write may be refused.",
        fix="Wait until the endpoint is InService, take a new snapshot, and check again.",
    ),
    Rule(
        id="ICP207",
        title="icplan does not know this state",
        severity=WARNING,
        basis=INFERRED,
        source="AWS adds states between releases of icplan.",
        why="Whether the write is refused in it cannot be told.",
        fix="Look the state up in AWS's documentation, and look for a newer icplan.",
    ),
    Rule(
        id="ICP208",
        title="The base of the adapter is not in service",
        severity=WARNING,
        basis=INFERRED,
        source=f'{API}: "you must have an existing inference component that contains the foundation model".',
        why=(
            "An adapter is loaded into the copies of its base. Whether that is refused, or fails, while the "
            "base is created, updated or deleted, or has failed, is not documented, so nothing is promised."
        ),
        fix="Wait until the base is InService; one that has failed or is going must be created anew first.",
    ),
)


BASE = "BaseInferenceComponentName"
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
        verb = "delete" if isinstance(case.asked.readable, DeleteInferenceComponent) else "update"
        answer = f"Cannot {verb} inference component ... while it is in state {_IN_TRANSITION[state]}"
        yield Violation(_name_path(case), message, aws_error=answer)


def failed(case: RequestContext) -> Iterator[Violation]:
    """ICP202."""
    if _state(case) == "Failed" and not isinstance(case.asked.readable, DeleteInferenceComponent):
        why = f" ({case.described.failure})" if case.described and case.described.failure else ""
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
        yield Violation(case.asked.path, endpoint_refusal(state))


def endpoint_refusal(state: str) -> str:
    """Why a state of an endpoint takes no change, and until when; two of them never end."""
    if state == "Failed":
        return "the endpoint is Failed; it takes no change any more, and can only be deleted"
    if state == "Deleting":
        return "the endpoint is Deleting; it takes no change any more"
    return f"the endpoint is {state}; it takes no change until it is InService"


def base_of_adapters(case: RequestContext) -> Iterator[Violation]:
    """ICP205."""
    if not isinstance(case.asked.readable, DeleteInferenceComponent):
        return
    adapters = [one.name for one in case.components if one.base == case.name]
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


def base_not_in_service(case: RequestContext) -> Iterator[Violation]:
    """ICP208."""
    base = case.effective.base if case.effective is not None else None
    if base is None or isinstance(case.asked.readable, DeleteInferenceComponent):
        return
    there = case.component(base)
    if there is not None and there.status in (*_IN_TRANSITION, "Deleting", "Failed"):
        why = f" ({there.failure})" if there.status == "Failed" and there.failure else ""
        does = "has failed" if there.status == "Failed" else f"is {there.status}"
        message = f"{case.name} is loaded into the copies of {base}, which {does}{why}"
        told = (f"{at}.{BASE}" for entry, at in specifications(case.asked) if entry.has(BASE))
        path = next(told, case.asked.path)
        yield Violation(path, f"{message}; whether that is refused then is not documented")


def _state(case: RequestContext) -> str | None:
    if isinstance(case.asked.readable, CreateInferenceComponent):
        return None  # that the name is taken is another rule's matter
    return case.described.status if case.described else None


def _endpoint_state(case: RequestContext) -> str | None:
    state = case.endpoint_status
    deletes = isinstance(case.asked.readable, DeleteInferenceComponent)
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
    "ICP208": base_not_in_service,
}
