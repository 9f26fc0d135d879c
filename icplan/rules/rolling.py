"""ICP136 and ICP137: the batches and time-outs of a rolling update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.requests.batches import batch_copies, startup_timeout
from icplan.requests.operations import UpdateInferenceComponent
from icplan.rules.base import API, DOCUMENTED, WARNING, Rule, Violation
from icplan.rules.context import specifications

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.requests.call import Call
    from icplan.requests.component import RollingUpdatePolicy
    from icplan.rules.base import Check
    from icplan.rules.context import RequestContext


RULES = (
    Rule(
        id="ICP136",
        title="The batch is outside 5 to 50 percent of the copies",
        severity=WARNING,
        basis=DOCUMENTED,
        source=(
            f'{API}: "The value must be between 5% to 50% of the copy count of the inference component." '
            "AWS's own published example of a rolling update breaks it, with 2 of 2 copies."
        ),
        why="How strictly the service checks it, and how it rounds, is not stated; hence a warning.",
        fix=(
            "Choose a batch within the range. A component with one copy has none: update it without a "
            "DeploymentConfig."
        ),
    ),
    Rule(
        id="ICP137",
        title="The update may run out of time",
        severity=WARNING,
        basis=DOCUMENTED,
        source=(
            f'{API}, MaximumExecutionTimeoutInSeconds: "The time limit for the total deployment. Exceeding '
            'this limit causes a timeout."'
        ),
        why=(
            "Each batch must start, then waits `WaitIntervalInSeconds`. The batches times that wait, and the "
            "time you allow a copy to download and to start, exceed `MaximumExecutionTimeoutInSeconds`. One "
            "published update of 2 copies on GPU instances, batch 1 and wait 60, took 31 minutes. Where the "
            "waits alone exceed it, the update cannot end in time, whatever room there is: the headline says "
            "so, and `--fail-on update` fails by it."
        ),
        fix="Raise `MaximumExecutionTimeoutInSeconds` (up to 28800), or use larger batches or shorter waits.",
    ),
)


MIN_PERCENT, MAX_PERCENT = 5, 50
_POLICY = "DeploymentConfig.RollingUpdatePolicy"


def percent_out_of_range(case: Call) -> Iterator[Violation]:
    """ICP136, for a percentage."""
    policy = _policy(case)
    if policy is None or policy.maximum_batch_size.type != "CAPACITY_PERCENT":
        return
    percent = policy.maximum_batch_size.value
    if not MIN_PERCENT <= percent <= MAX_PERCENT:
        message = f"{percent} percent is outside {MIN_PERCENT} to {MAX_PERCENT}"
        bound = MIN_PERCENT if percent < MIN_PERCENT else MAX_PERCENT
        yield Violation(f"{case.path}.{_POLICY}.MaximumBatchSize.Value", message, percent, bound, MAX_PERCENT)


def batch_out_of_range(case: RequestContext) -> Iterator[Violation]:
    """ICP136, for a number of copies."""
    policy, copies = _policy(case.asked), _copies(case)
    if policy is None or not copies or policy.maximum_batch_size.type != "COPY_COUNT":
        return
    batch = policy.maximum_batch_size.value
    if MIN_PERCENT * copies <= 100 * batch <= MAX_PERCENT * copies:
        return
    least, most = -(-copies * MIN_PERCENT // 100), copies * MAX_PERCENT // 100 or None
    bound = least if batch < least else most
    percent = f"{100 * batch / copies:.0f} percent"
    message = f"{batch} of {copies} copies is {percent}, outside {MIN_PERCENT} to {MAX_PERCENT}"
    yield Violation(f"{case.asked.path}.{_POLICY}.MaximumBatchSize.Value", message, batch, bound, most)


def out_of_time(case: RequestContext) -> Iterator[Violation]:
    """ICP137."""
    policy, copies = _policy(case.asked), _copies(case)
    limit = policy.maximum_execution_timeout_in_seconds if policy else None
    if policy is None or limit is None or not copies:
        return
    size = policy.maximum_batch_size
    batches = -(-copies // batch_copies(size.type, size.value, copies))
    waits = batches * policy.wait_interval_in_seconds
    asked = [entry.to_boto3() for entry, _ in specifications(case.asked)]
    starts = batches * startup_timeout(case.described, asked)
    if waits + starts <= limit:
        return
    if waits > limit:
        message = (
            f"{batches} batches wait {waits} s in all, more than the {limit} s the update may take: it "
            "cannot end in time"
        )
    else:
        message = (
            f"{batches} batches wait {waits} s and may start for {starts} s, more than the {limit} s "
            "the update may take"
        )
    at = f"{case.asked.path}.{_POLICY}.MaximumExecutionTimeoutInSeconds"
    yield Violation(at, message, waits + starts, limit)


def _policy(case: Call) -> RollingUpdatePolicy | None:
    """The policy of an update; it is used only when a specification changes."""
    request = case.readable
    if not isinstance(request, UpdateInferenceComponent) or request.deployment_config is None:
        return None
    return request.deployment_config.rolling_update_policy


def _copies(case: RequestContext) -> int:
    """The copies that run now: a batch is compared with these."""
    counts = case.described.copies if case.described else None
    return (counts.desired if counts else None) or 0


REQUEST_CHECKS: Mapping[str, Check[Call]] = {"ICP136": percent_out_of_range}
CHECKS: Mapping[str, Check[RequestContext]] = {"ICP136": batch_out_of_range, "ICP137": out_of_time}
