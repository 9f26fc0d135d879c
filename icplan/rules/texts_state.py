"""ICP201 to ICP207: states of the component or of the endpoint that refuse a write."""

from __future__ import annotations

from icplan.rules.rule import DOCUMENTED, ERROR, INFERRED, MEASURED, WARNING, Rule

_API = "API reference, botocore 1.44.5"

STATE_RULES = (
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
            f'{_API}, EndpointStatus: a SystemUpdating endpoint "cannot be updated or deleted or '
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
)
