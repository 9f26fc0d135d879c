"""What is short, and what is not known (ICP301 on). Found where capacity is judged."""

from __future__ import annotations

from icplan.rules.base import (
    API,
    BLOG,
    DOCUMENTED,
    ERROR,
    INFERRED,
    MEASURED,
    NOTE,
    WARNING,
    Rule,
)

NOT_ENOUGH_HARDWARE = (
    "There is not enough hardware resources on the instances for this endpoint to create a copy of the "
    "inference component."
)
_SKILL = "huggingface/skills, hf-cloud-sagemaker-production-defaults, measured in July 2026"
_METRICS = "SageMaker developer guide, CloudWatch metrics: CPU, memory and GPU reservation"
_KNOBS = (
    "Ask for fewer copies or for less per copy, free room by scaling another component down, or let the "
    "endpoint have more instances (MaxInstanceCount). The message names the largest value that works."
)

RULES = (
    Rule(
        id="ICP301",
        title="Too few free accelerators",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_METRICS}; error text: {_SKILL}.",
        aws_error=NOT_ENOUGH_HARDWARE,
        why="A copy reserves whole accelerators of one instance, and those of running copies are not shared.",
        fix=_KNOBS,
    ),
    Rule(
        id="ICP302",
        title="Too little free memory",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_METRICS}; error text: {_SKILL}.",
        aws_error=NOT_ENOUGH_HARDWARE,
        why="A copy reserves `MinMemoryRequiredInMb` of the host memory SageMaker leaves on one instance.",
        fix=_KNOBS,
    ),
    Rule(
        id="ICP303",
        title="Too few free CPU cores",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_METRICS}; error text: {_SKILL}.",
        aws_error=NOT_ENOUGH_HARDWARE,
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
        aws_error=NOT_ENOUGH_HARDWARE,
        why="Partitions of a type: those the layout declares, times accelerators, times instances.",
        fix="Ask for fewer copies, or add instances. A layout cannot change on a running endpoint.",
    ),
    Rule(
        id="ICP305",
        title="The room is there in total, but fragmented",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{BLOG}: running copies stay where they are.",
        aws_error=NOT_ENOUGH_HARDWARE,
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
        aws_error=NOT_ENOUGH_HARDWARE,
        why="No number of instances of this type helps: not even an empty one holds a copy.",
        fix="Ask for less per copy, or use a larger instance type.",
    ),
    Rule(
        id="ICP307",
        title="It depends on what of the instance can be allocated",
        severity=WARNING,
        basis=INFERRED,
        source="AWS does not publish how much of an instance's memory and CPU SageMaker keeps for itself.",
        aws_error=NOT_ENOUGH_HARDWARE,
        why="With the least that is sure the copies do not fit, with the most that is possible they do.",
        fix=(
            "If you know the figure, pass `--allocatable TYPE.memory=MIB` (or `TYPE.cpu=CORES`). If you saw "
            "a reservation placed or refused, note it with `icplan observe`. Else ask for less per copy."
        ),
    ),
    Rule(
        id="ICP308",
        title="It depends on which instance holds which copy",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f"{API}, PlacementStatus: copies are told per instance type only.",
        aws_error=NOT_ENOUGH_HARDWARE,
        why="In some arrangements of the running copies the new ones fit, in some they do not.",
        fix=(
            "Give the snapshot `CopyLocations` (enhanced metrics tell them) or, if it has none that are "
            "used, `Reservations` (`icplan snapshot` reads them); or make more room."
        ),
    ),
    Rule(
        id="ICP309",
        title="Not decided with the effort or the time allowed",
        severity=WARNING,
        basis=INFERRED,
        source="icplan never guesses.",
        why="The search for a placement, or for a proof that there is none, used up the units of work or the "
        "time allowed, or there were none left to begin it.",
        fix="Raise `--effort` or `--time-limit`, whichever the message names.",
    ),
    Rule(
        id="ICP310",
        title="The endpoint already holds more than can be placed",
        severity=WARNING,
        basis=INFERRED,
        source="The snapshot itself: what runs exceeds what its instances have.",
        why=(
            "What the snapshot shows cannot lie on the instances it shows: counts were read while something "
            "moved, or the figures of the instance type are wrong, be they the snapshot's or a user's. How "
            "much is free is then not known: a change that places nothing goes through all the same, one "
            "that places copies may not fit, and only a copy that no empty instance takes is refused."
        ),
        fix="Take the snapshot again when the endpoint is at rest, or correct the figures (`--allocatable`).",
    ),
    Rule(
        id="ICP311",
        title="It depends on which instance type is launched",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f"{API}, InstancePools: types are tried by priority, the next where EC2 has none of one.",
        aws_error=NOT_ENOUGH_HARDWARE,
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
            "Its parts were read at different moments, edited, or left out; or an observation (`icplan "
            "observe`) says that less was refused than runs there. The message says which figure icplan goes "
            "by; the outcome is only as good as that."
        ),
        fix="Take the snapshot anew, all of it at once: `icplan snapshot ENDPOINT`.",
    ),
    Rule(
        id="ICP313",
        title="Another component is changing",
        severity=WARNING,
        basis=INFERRED,
        source=(
            f"{BLOG}: new copies run beside old ones while an update is under way. How far one is, no "
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
        source=f"{API}, ScaleInPolicy: CONSOLIDATION moves copies to fewer instances in the background.",
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
        source=f"{API}, InstancePools: types are tried by priority, the next where EC2 has none of one.",
        why=(
            "A change before this one may end with more instances or fewer, as its copies come to lie, or "
            "empties some that may be released. This one is judged on the most that may run: with fewer, as "
            "many are launched again, where the limits allow it. Where the limits do not, where another "
            "variant may free quota, or where even the instance types are not known beforehand, nothing is "
            "promised."
        ),
        fix="Make the change before this one, take a new snapshot, and check this one again.",
    ),
    Rule(
        id="ICP316",
        title="How many instances are of which type is not told",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f"{API}, DescribeEndpoint: InstancePools count the running instances of each type.",
        why=(
            "The variant has several instance types, the snapshot lacks the count of each, and what lies on "
            "the instances does not settle it. Any of them may have been launched, so nothing that has to be "
            "placed is promised; what no split of the instances over the types takes still does not fit. "
            "So it is while idle instances are taken away, where it is not known which are idle; of a small "
            "fleet every choice is tried then. Of instances that the changes themselves start, nothing tells "
            "their types before."
        ),
        fix=(
            "Take the snapshot with a recent boto3, or paste what `aws sagemaker describe-endpoint` of a "
            "recent AWS CLI answers: `InstancePools` in `Endpoint.ProductionVariants`. Where changes start "
            "the instances, check those of the components again once the endpoint runs."
        ),
    ),
    Rule(
        id="ICP317",
        title="What a copy will reserve is not known",
        severity=WARNING,
        basis=INFERRED,
        source=(
            "Nothing states what becomes of a component that has `Specification` when an update sends "
            "`Specifications`, the other way round, or what an entry for another instance type begins with."
        ),
        why=(
            "The update sends a specification of another form, or for another instance type, and does not "
            "say all that a copy reserves. SageMaker may take over what the component has, may take nothing "
            "over, or may refuse the call. icplan judges it as if it took it over, and promises nothing, "
            "nor does it of the changes after it."
        ),
        fix=(
            "Send `ComputeResourceRequirements` whole with every entry, with the values that "
            "DescribeInferenceComponent shows."
        ),
    ),
    Rule(
        id="ICP318",
        title="It depends on copies that may be there or not",
        severity=WARNING,
        basis=INFERRED,
        source="A component that is Creating, Updating or Deleting may have copies to place or take away.",
        why=(
            "There is room, unless copies of a component in motion are placed first, or have not left yet. "
            "Where copies lie now does not tell that."
        ),
        fix="Wait until it is at rest, then check again: `icplan wait COMPONENT --endpoint NAME`.",
    ),
    Rule(
        id="ICP319",
        title="It depends on instances that may not be there",
        severity=WARNING,
        basis=INFERRED,
        source=f"{API}, CapacityReservationConfig; quotas are those of the account and Region.",
        aws_error=NOT_ENOUGH_HARDWARE,
        why=(
            "It takes an instance to be launched, and a limit may not leave one: components in motion on "
            "another variant may launch it first, instances being taken away may count still, or what a "
            "capacity reservation has left is not told, or told in figures that contradict each other."
        ),
        fix=(
            "The message names the limit. Wait until nothing is in motion, or take the snapshot anew with "
            "what it lacks."
        ),
    ),
    Rule(
        id="ICP320",
        title="What runs may differ from what is described",
        severity=WARNING,
        basis=MEASURED,
        source=(
            "hashicorp/terraform-provider-aws issues 39099 and 39100: an update of an endpoint that fails "
            "ends InService with the old configuration, its FailureReason perhaps empty."
        ),
        why=(
            "`EndpointConfig` is another configuration than the endpoint runs, or names other instance types "
            "than what lies there. What only it tells (instance types, MaxInstanceCount, a reservation, the "
            "initial number of instances) may be otherwise, so nothing is promised or refused by it. "
            "Likewise where the endpoint is UpdateRollbackFailed: copies of two specifications run, and one "
            "is told."
        ),
        fix=(
            "Put the answer of `aws sagemaker describe-endpoint-config` for the configuration into the "
            "snapshot that DescribeEndpoint names, or take it anew: `icplan snapshot ENDPOINT`."
        ),
    ),
    Rule(
        id="ICP321",
        title="It turns on what no one documents",
        severity=WARNING,
        basis=INFERRED,
        source="docs/assumptions.md: what each assumption rests on, and whether its default may decide.",
        why=(
            "Another value of an assumption gives another outcome, nothing shows which is right, and nobody "
            "has said so. Then a change is neither promised nor refused."
        ),
        fix="Say what you know with `--assume NAME=VALUE`, or under `[assume]` in `icplan.toml`.",
    ),
    Rule(
        id="ICP322",
        title="A failed component holds room",
        severity=WARNING,
        basis=DOCUMENTED,
        source="Hugging Face documentation: a failed component keeps its reservation until it is deleted.",
        why="It serves nobody, and what it reserved is not there for others.",
        fix="Read its FailureReason, delete it, and create it anew once the cause is gone.",
    ),
    Rule(
        id="ICP323",
        title="Something is named that is not there",
        severity=WARNING,
        basis=INFERRED,
        source="The snapshot, or the request: it names a component or an instance type that is not there.",
        why=(
            "What is named and not described takes room that nobody can count, or its place is taken by "
            "something else. Nothing is promised where it may lie."
        ),
        fix="Take the snapshot anew, all of it at once, or correct the name.",
    ),
    Rule(
        id="ICP324",
        title="A reservation metric is not used",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f"{_METRICS}; that they tell of the arrangement only while nothing moves is inferred.",
        why=(
            "`Reservations` hold the metrics of another moment, of an endpoint in motion, or values that no "
            "arrangement of what runs explains. Nothing is taken from them: the metrics contradict the "
            "snapshot, and either may be wrong."
        ),
        fix=(
            "The snapshot has the metrics; they count once three periods after the last change "
            "agree. Take it again then, all of it at once, or give it `CopyLocations`; where it was edited, "
            "correct what does not go with them."
        ),
    ),
    Rule(
        id="ICP325",
        title="Reservation metrics settled it",
        severity=NOTE,
        basis=DOCUMENTED,
        source=f"{_METRICS}.",
        why=(
            "Which instance holds which copy is not told, but how much instances hold is. In every "
            "arrangement that the metrics named in the message allow, the outcome is the same; without them "
            "it is not."
        ),
        fix="Nothing to do. The outcome holds as long as nothing moves.",
    ),
    Rule(
        id="ICP329",
        title="It turns on a parameter without a value",
        severity=WARNING,
        basis=DOCUMENTED,
        source="CloudFormation user guide: Parameters (AllowedValues, MinValue), Mappings, Conditions.",
        why=(
            "A parameter that decides has no value here, and only certain ones are possible. All are judged, "
            "and not all come to the same. What else is found holds with the value that it is told with."
        ),
        fix=(
            "Say which it is with `--parameter NAME=VALUE`, or narrow what the template allows to what fits."
        ),
    ),
    Rule(
        id="ICP330",
        title="Facts of an instance type are not the packaged ones",
        severity=WARNING,
        basis=DOCUMENTED,
        source="EC2 DescribeInstanceTypes, as packaged with icplan.",
        why=(
            "`InstanceTypes` of the snapshot, or `[types]` of the configuration, say of a type what the "
            "packaged facts do not, and win. Where who wrote them is not trusted, more room may have "
            "been claimed than there is."
        ),
        fix="Take out what is wrong. If the packaged figure is wrong, please report it.",
    ),
    Rule(
        id="ICP331",
        title="Others change at the same time",
        severity=WARNING,
        basis=DOCUMENTED,
        source=(
            "CloudFormation user guide, DependsOn: resources that do not depend on each other are made in "
            "parallel; Terraform CLI, apply: -parallelism, 10 at once by default."
        ),
        why=(
            "The changes of a deployment are judged one after another. Those that do not wait for each other "
            "may be under way together, each with the copies that it needs meanwhile, and place their copies "
            "in any order. With all others half-way this one is not sure to find room."
        ),
        fix="Let one wait for the other (`DependsOn`, `depends_on`), or leave room for both.",
    ),
    Rule(
        id="ICP332",
        title="Autoscaling raises it to more copies",
        severity=WARNING,
        basis=INFERRED,
        source="Application Auto Scaling, RegisterScalableTarget: MinCapacity, the least it scales in to.",
        why=(
            "A scalable target with a MinCapacity above the copies declared raises the component to it. That "
            "the copies declared fit says nothing of those."
        ),
        fix="Declare as many copies as MinCapacity, lower that, or leave room for them.",
    ),
)
