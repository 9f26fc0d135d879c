"""ICP301 to ICP605: capacity, updates, scale-out and advice, found by the judge. Here is what they mean."""

from __future__ import annotations

from icplan.rules.rule import DOCUMENTED, ERROR, INFERRED, MEASURED, NOTE, WARNING, Rule

_HARDWARE = (
    "There is not enough hardware resources on the instances for this endpoint to create a copy of the "
    "inference component."
)
_LIMIT = "ResourceLimitExceeded: The account-level service limit 'ml.g5.12xlarge for endpoint usage' is"
_SKILL = "huggingface/skills, hf-cloud-sagemaker-production-defaults, measured in July 2026"
_METRICS = "SageMaker developer guide, CloudWatch metrics: CPU, memory and GPU reservation"
_ROLLING = "AWS blog on rolling updates of inference components, 2025-03-25"
_API = "API reference, botocore 1.44.5"
_KNOBS = (
    "Ask for fewer copies or for less per copy, free room by scaling another component down, or let the "
    "endpoint have more instances (MaxInstanceCount). The message names the largest value that works."
)

CAPACITY_RULES = (
    Rule(
        id="ICP301",
        title="Too few free accelerators",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_METRICS}; error text: {_SKILL}.",
        aws_error=_HARDWARE,
        why="A copy reserves whole accelerators of one instance, and those of running copies are not shared.",
        fix=_KNOBS,
    ),
    Rule(
        id="ICP302",
        title="Too little free memory",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_METRICS}; error text: {_SKILL}.",
        aws_error=_HARDWARE,
        why="A copy reserves `MinMemoryRequiredInMb` of the host memory SageMaker leaves on one instance.",
        fix=_KNOBS,
    ),
    Rule(
        id="ICP303",
        title="Too few free CPU cores",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_METRICS}; error text: {_SKILL}.",
        aws_error=_HARDWARE,
        why=(
            "A copy reserves `NumberOfCpuCoresRequired` of one instance. A copy that names none reserves "
            "none."
        ),
        fix=_KNOBS,
    ),
    Rule(
        id="ICP304",
        title="Too few free partitions",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            "SageMaker developer guide, accelerator partitioning: each copy uses one partition of its type."
        ),
        aws_error=_HARDWARE,
        why="Partitions of a type: those the layout declares, times accelerators, times instances.",
        fix="Ask for fewer copies, or add instances. A layout cannot change on a running endpoint.",
    ),
    Rule(
        id="ICP305",
        title="The room is there in total, but fragmented",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_ROLLING}: running copies stay where they are.",
        aws_error=_HARDWARE,
        why=(
            "A copy lies on one instance and needs all its resources there. Running copies are not moved to "
            "make room, so free accelerators, memory and cores spread over instances do not add up."
        ),
        fix=(
            "Use copies that divide an instance evenly, scale a component down and up again to move it, or "
            "turn on the CONSOLIDATION scale-in strategy."
        ),
    ),
    Rule(
        id="ICP306",
        title="A copy is larger than an empty instance",
        severity=ERROR,
        basis=MEASURED,
        source="Integration tests of aws/sagemaker-python-sdk: the component never leaves Creating.",
        aws_error=_HARDWARE,
        why="No number of instances of this type helps: not even an empty one holds a copy.",
        fix="Ask for less per copy, or use a larger instance type.",
    ),
    Rule(
        id="ICP307",
        title="It depends on what of the instance can be allocated",
        severity=WARNING,
        basis=INFERRED,
        source="AWS does not publish how much of an instance's memory and CPU SageMaker keeps for itself.",
        aws_error=_HARDWARE,
        why="With the least that is sure the copies do not fit, with the most that is possible they do.",
        fix="If you know the figure, pass `--allocatable TYPE.memory=MIB`; else ask for less per copy.",
    ),
    Rule(
        id="ICP308",
        title="It depends on which instance holds which copy",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f"{_API}, PlacementStatus: copies are told per instance type only.",
        aws_error=_HARDWARE,
        why="In some arrangements of the running copies the new ones fit, in some they do not.",
        fix="Give the snapshot `CopyLocations` (enhanced metrics tell them), or make more room.",
    ),
    Rule(
        id="ICP309",
        title="Not decided in the time allowed",
        severity=WARNING,
        basis=INFERRED,
        source="icplan never guesses.",
        why="The search for a placement, or for a proof that there is none, ran out of time.",
        fix="Raise `--time-limit`.",
    ),
    Rule(
        id="ICP310",
        title="The endpoint already holds more than can be placed",
        severity=WARNING,
        basis=INFERRED,
        source="The snapshot itself: what runs exceeds what its instances have.",
        why=(
            "What the snapshot shows cannot lie on the instances it shows: counts were read while something "
            "moved, or the figures of the instance type are wrong. The change places nothing, so it goes "
            "through all the same."
        ),
        fix="Take the snapshot again when the endpoint is at rest, or correct the figures (`--allocatable`).",
    ),
    Rule(
        id="ICP311",
        title="It depends on which instance type is launched",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f"{_API}, InstancePools: types are tried by priority, the next where EC2 has none of one.",
        aws_error=_HARDWARE,
        why="With some of the pools' types the copies fit, with others they do not.",
        fix="Raise `MaxInstanceCount`, or make the pool that fits the first by priority.",
    ),
    Rule(
        id="ICP312",
        title="The snapshot contradicts itself, or lacks a figure",
        severity=WARNING,
        basis=INFERRED,
        source="The snapshot: two of its figures cannot both be right, or one is not there.",
        why=(
            "Its parts were read at different moments, edited, or left out. The message says which figure "
            "icplan goes by; the outcome is only as good as that."
        ),
        fix="Take the snapshot anew, all of it at once: `icplan snapshot ENDPOINT`.",
    ),
    Rule(
        id="ICP313",
        title="Another component is changing",
        severity=WARNING,
        basis=INFERRED,
        source=(
            f"{_ROLLING}: new copies run beside old ones while an update is under way. How far one is, no "
            "API tells."
        ),
        why=(
            "An update under way may bring as many new copies as the component has before old ones leave; a "
            "creation or a deletion may be half done. What may be there keeps a change from surely fitting; "
            "it never makes one fail."
        ),
        fix="Wait until every component is InService, take a new snapshot, and check again.",
    ),
    Rule(
        id="ICP314",
        title="CopyLocations do not tell the arrangement",
        severity=NOTE,
        basis=DOCUMENTED,
        source=f"{_API}, ScaleInPolicy: CONSOLIDATION moves copies to fewer instances in the background.",
        why=(
            "Where every copy lies makes the outcome sharper. Here it is not relied on: copies are missing in"
            " `CopyLocations`, or on their way, or are moved at times. Every arrangement is considered."
        ),
        fix="Take the locations and the snapshot at the same moment, with every component at rest.",
    ),
    Rule(
        id="ICP315",
        title="It depends on which instances an earlier change leaves",
        severity=WARNING,
        basis=INFERRED,
        source=f"{_API}, InstancePools: types are tried by priority, the next where EC2 has none of one.",
        why=(
            "A change before this one launches instances of a type that is not known beforehand, or empties "
            "some that may be released. This one is judged on those that are likely to run then, so nothing "
            "is promised."
        ),
        fix="Make the change before this one, take a new snapshot, and check this one again.",
    ),
    Rule(
        id="ICP401",
        title="A step of the update is short of room",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_ROLLING}.",
        aws_error=_HARDWARE,
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
            f"{_API}, RollbackMaximumBatchSize: when absent, the entire capacity of the old fleet at "
            f"once; {_ROLLING}."
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
            f'{_API}, MaximumExecutionTimeoutInSeconds: "The time limit for the total deployment." Whether a '
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
        id="ICP501",
        title="MaxInstanceCount is reached",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_API}, ManagedInstanceScaling.",
        aws_error=_HARDWARE,
        why="More instances would help, but managed instance scaling may not add them.",
        fix="Raise `MaxInstanceCount` to the number the message names.",
    ),
    Rule(
        id="ICP502",
        title="The account's quota is reached",
        severity=ERROR,
        basis=MEASURED,
        source="Error texts published with aws-samples notebooks.",
        aws_error=_LIMIT,
        why=(
            "The quota for the type, or for instances over all endpoints, leaves no room for the "
            "instances needed."
        ),
        fix=(
            "Ask for a higher quota, or free instances elsewhere. The whole request is refused, not a "
            "part of it."
        ),
    ),
    Rule(
        id="ICP503",
        title="The capacity reservation is used up",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f"{_API}, CapacityReservationPreference: without capacity in the reservation, instances fail "
            "to launch."
        ),
        why="The variant may use reserved instances only, and none is left.",
        fix="Enlarge the reservation, or free instances of it.",
    ),
    Rule(
        id="ICP504",
        title="Managed instance scaling is off",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_ROLLING}: with it, an instance is launched instead of failing the update.",
        aws_error=_HARDWARE,
        why="More instances would help, but none is ever added.",
        fix="Turn ManagedInstanceScaling on, or add instances with UpdateEndpointWeightsAndCapacities.",
    ),
    Rule(
        id="ICP505",
        title="Whether EC2 has the instances is not checked",
        severity=NOTE,
        basis=DOCUMENTED,
        source="AWS re:Post, failures of endpoint creation.",
        aws_error=(
            "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error"
        ),
        why=(
            "The change needs instances to be launched; whether the Availability Zones have any left, no "
            "API tells."
        ),
        fix="Use a capacity reservation, or instance pools with several types.",
    ),
    Rule(
        id="ICP506",
        title="AWS's sizing formula asks for too few instances",
        severity=NOTE,
        basis=DOCUMENTED,
        source=(
            f"{_ROLLING}: quota >= ROUNDUP(Z x Y / X) + N, for Z copies a batch, Y accelerators a copy, "
            "X an instance, N instances."
        ),
        why=(
            "The formula counts accelerators only, and as if copies could be cut: it ignores free room, "
            "memory, cores, and that a copy lies on one instance."
        ),
        fix="Size MaxInstanceCount and the quota by the number that icplan names.",
    ),
    Rule(
        id="ICP601",
        title="All copies on one instance",
        severity=NOTE,
        basis=DOCUMENTED,
        source=f"{_API}, SchedulingConfig.",
        why="If that instance fails, no copy is left to answer.",
        fix="Use the SPREAD placement strategy and at least two instances.",
    ),
    Rule(
        id="ICP602",
        title="The autoscaling maximum cannot fit",
        severity=WARNING,
        basis=MEASURED,
        source="Saved outputs of AWS's notebooks: targets beyond what fits are accepted at registration.",
        aws_error=_HARDWARE,
        why=(
            "Application Auto Scaling may ask for as many copies as MaxCapacity, and then fails when "
            "traffic is highest."
        ),
        fix="Lower MaxCapacity to what fits, or raise MaxInstanceCount.",
    ),
    Rule(
        id="ICP603",
        title="All copies share one Availability Zone",
        severity=NOTE,
        basis=INFERRED,
        source=f"{_API}, SchedulingConfig; a prediction of where new copies go, from the located copies.",
        why="If that zone fails, no copy is left to answer.",
        fix="Ask for AvailabilityZoneBalance in SchedulingConfig, and have room in every zone.",
    ),
    Rule(
        id="ICP604",
        title="The zone balance asked for cannot be met",
        severity=NOTE,
        basis=DOCUMENTED,
        source=f"{_API}: PERMISSIVE, the only mode, goes on even if balance cannot be achieved.",
        why="The zones with fewer copies have no room for more, so copies go where there is room.",
        fix="Make room in the zones that lack copies, or accept the imbalance: it is no reason to fail.",
    ),
    Rule(
        id="ICP605",
        title="An adapter takes no room of its own",
        severity=NOTE,
        basis=DOCUMENTED,
        source=(
            f'{_API}: an adapter inference component "uses the compute resources of the base inference '
            'component".'
        ),
        why="An adapter is loaded into the copies of its base, so there is nothing to place.",
        fix="Nothing. Whether the copies of the base have memory left for it, icplan cannot see.",
    ),
)
