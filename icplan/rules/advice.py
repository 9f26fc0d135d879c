"""ICP601 to ICP607: advice. Found by the judge."""

from __future__ import annotations

from icplan.rules.base import API, DOCUMENTED, INFERRED, MEASURED, NOTE, WARNING, Rule
from icplan.rules.capacity import NOT_ENOUGH_HARDWARE

RULES = (
    Rule(
        id="ICP601",
        title="All copies on one instance",
        severity=NOTE,
        basis=DOCUMENTED,
        source=f"{API}, SchedulingConfig.",
        why="If that instance fails, no copy is left to answer.",
        fix="Use the SPREAD placement strategy and at least two instances.",
    ),
    Rule(
        id="ICP602",
        title="The autoscaling maximum cannot fit",
        severity=WARNING,
        basis=MEASURED,
        source="Saved outputs of AWS's notebooks: targets beyond what fits are accepted at registration.",
        aws_error=NOT_ENOUGH_HARDWARE,
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
        source=f"{API}, SchedulingConfig; a prediction of where new copies go, from the located copies.",
        why="If that zone fails, no copy is left to answer.",
        fix="Ask for AvailabilityZoneBalance in SchedulingConfig, and have room in every zone.",
    ),
    Rule(
        id="ICP604",
        title="The zone balance asked for cannot be met",
        severity=NOTE,
        basis=DOCUMENTED,
        source=f"{API}: PERMISSIVE, the only mode, goes on even if balance cannot be achieved.",
        why="The zones with fewer copies have no room for more, so copies go where there is room.",
        fix="Make room in the zones that lack copies, or accept the imbalance: it is no reason to fail.",
    ),
    Rule(
        id="ICP605",
        title="An adapter takes no room of its own",
        severity=NOTE,
        basis=DOCUMENTED,
        source=(
            f'{API}: an adapter inference component "uses the compute resources of the base inference '
            'component".'
        ),
        why="An adapter is loaded into the copies of its base, so there is nothing to place.",
        fix="Nothing. Whether the copies of the base have memory left for it, icplan cannot see.",
    ),
    Rule(
        id="ICP606",
        title="Once it runs, an update may find no room",
        severity=WARNING,
        basis=INFERRED,
        source="The same steps as of any update, on the fleet as it is when all of this is done.",
        why=(
            "An update that replaces copies places new ones before the old ones leave. On the fleet as it is "
            "declared there is no room for that, so that the first new model will not come up. `--fail-on "
            "update` makes that fail."
        ),
        fix=(
            "Raise MaxInstanceCount, leave room, or declare a DeploymentConfig with a smaller "
            "MaximumBatchSize."
        ),
    ),
    Rule(
        id="ICP607",
        title="What makes this update sends no rolling policy",
        severity=NOTE,
        basis=DOCUMENTED,
        source="aws-controllers-k8s/sagemaker-controller, apis/v1alpha1: the kind has no DeploymentConfig.",
        why=(
            "ACK's InferenceComponent has no DeploymentConfig, so every update of it places all new copies "
            "beside the old ones, where smaller batches might need less room."
        ),
        fix="Make this update with the API and a RollingUpdatePolicy, or leave room for a second set.",
    ),
)
