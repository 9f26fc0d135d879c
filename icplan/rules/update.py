"""ICP401 to ICP409: the steps of an update, its rollback, and the order of changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.rules.base import (
    API,
    BLOG,
    DOCUMENTED,
    ERROR,
    INFERRED,
    NOTE,
    WARNING,
    Rule,
)
from icplan.rules.capacity import NOT_ENOUGH_HARDWARE
from icplan.verdict.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.requests.merge import EffectiveSpec


RULES = (
    Rule(
        id="ICP401",
        title="A step of the update is short of room",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{BLOG}.",
        aws_error=NOT_ENOUGH_HARDWARE,
        why=(
            "An update starts new copies beside the old ones: a batch at a time, or all of them without "
            "a DeploymentConfig."
        ),
        fix=(
            "Use a RollingUpdatePolicy with a smaller batch, scale down first, or let the endpoint have "
            "more instances."
        ),
    ),
    Rule(
        id="ICP402",
        title="A rollback is not sure to fit",
        severity=WARNING,
        basis=DOCUMENTED,
        source=(
            f"{API}, RollbackMaximumBatchSize: when absent, the entire capacity of the old fleet at "
            f"once; {BLOG}."
        ),
        aws_error="UpdateRollbackFailed",
        why="If the update fails half-way, the old copies must come back beside the new ones.",
        fix="Set `RollbackMaximumBatchSize` to 1 copy.",
    ),
    Rule(
        id="ICP403",
        title="The request leaves out nested members that are set now",
        severity=WARNING,
        basis=INFERRED,
        source=(
            "Members left out of Specification keep their value (measured by AWS's own notebooks); for those "
            "left out of a structure inside it, nothing is stated."
        ),
        why=(
            "SageMaker may keep the value or drop it. The assumption `nested-members` says what icplan "
            "counts with."
        ),
        fix="Send the structure whole, with the values DescribeInferenceComponent shows.",
    ),
    Rule(
        id="ICP404",
        title="The update changes nothing",
        severity=NOTE,
        basis=INFERRED,
        source="Whether an equal specification replaces copies is not stated.",
        why="Everything the request gives is already so.",
        fix="Nothing, if that is what you want; else check that the new image or artefact is in the request.",
    ),
    Rule(
        id="ICP405",
        title="Another order of the changes works",
        severity=NOTE,
        basis=INFERRED,
        source="Each order was judged, every change on what the ones before it leave.",
        why="A change that frees room must come before the one that needs it.",
        fix="Apply the changes in the order the message names.",
    ),
    Rule(
        id="ICP406",
        title="A rollback may outlast the time limit",
        severity=WARNING,
        basis=INFERRED,
        source=(
            f'{API}, MaximumExecutionTimeoutInSeconds: "The time limit for the total deployment." Whether a '
            "rollback counts in it, and whether its batches wait as those of the update do, is not stated."
        ),
        aws_error="UpdateRollbackFailed",
        why=(
            "An update that fails in its last batch has used its time, and a rollback starts copies too: "
            "batches of `RollbackMaximumBatchSize`, or all at once. The waits, and the time you allow a copy "
            "to download and to start, exceed `MaximumExecutionTimeoutInSeconds` together. The assumption "
            "`timeout-covers-rollback` says whether icplan adds them up."
        ),
        fix=(
            "Raise `MaximumExecutionTimeoutInSeconds` (up to 28800), use shorter waits, or put more copies "
            "back at a time, if there is room."
        ),
    ),
    Rule(
        id="ICP407",
        title="The change before this one fails",
        severity=NOTE,
        basis=INFERRED,
        source="A change that fails leaves the endpoint as it was.",
        why="What the failing change would have left is not there for this one.",
        fix="Put the failing change right first, then check all of them again.",
    ),
    Rule(
        id="ICP408",
        title="This cannot be changed in place",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{API}: UpdateInferenceComponent has neither VariantName nor EndpointName.",
        why=(
            "CloudFormation and the awscc provider plan an update, since their schema has no create-only "
            "member; the API has no call for it, so that the deployment fails while it runs."
        ),
        fix="Give the component another name, so that a new one is made and the old one deleted.",
    ),
    Rule(
        id="ICP409",
        title="The deployment sets the number of copies back",
        severity=WARNING,
        basis=INFERRED,
        source="The declared CopyCount is another than that which runs, and autoscaling changes the latter.",
        why=(
            "Application Auto Scaling has changed the number of copies since; a deployment that sends its "
            "own CopyCount undoes that. Whether CloudFormation sends an unchanged one is not documented: the "
            "assumption `template-resends-copies`."
        ),
        fix="Leave RuntimeConfig out of what is deployed, or set it to what runs.",
    ),
)


def merge_findings(
    operation: str, request: Mapping[str, Any], path: str, spec: EffectiveSpec
) -> Iterator[Finding]:
    """Members left out, what may be taken over, and an update that changes nothing.

    ``path`` is the JSON path of the request.
    """
    compute = [at for at in spec.omitted if ".ComputeResourceRequirements" in at]
    if compute:
        names = list(dict.fromkeys(at.rpartition(".")[2] for at in compute))
        message = (
            f"leaves out {' and '.join(names)}, which the component has now; no documentation says "
            "whether SageMaker keeps the value"
        )
        yield Finding("ICP403", Severity.WARNING, message, path=compute[0].rpartition(".")[0])
    for at in spec.ambiguous:
        message = (
            "does not say all that a copy reserves, and what the component has is of another form, or for "
            "other instance types; no documentation says what SageMaker takes over. It is judged as if all "
            "were, and nothing is promised"
        )
        yield Finding("ICP317", Severity.WARNING, message, path=at)
    given = [name for name in ("Specification", "Specifications") if name in request]
    if operation == "UpdateInferenceComponent" and given and not spec.specification_changed:
        message = (
            "the specification is what the component has already; whether that replaces copies is not told"
        )
        yield Finding("ICP404", Severity.NOTE, message, path=f"{path}.{given[0]}")
