"""What would help a change of the endpoint that a quota does not leave: a larger one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.remedies.more_instances import RAISE_QUOTA
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy import Remedy
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from icplan.fleet.endpoint import EndpointState
    from icplan.judge.endpoint_change import EndpointResult


def raised_quota(
    judged: EndpointResult, state: EndpointState, judge: Callable[[EndpointState], EndpointResult]
) -> Iterator[Remedy]:
    """The remedy to raise the quota that is too small, if that is the only one, and it helps.

    ``state`` is what the change meets, ``judge`` judges it on another.
    """
    if judged.verdict.outcome.fits or len(judged.short) != 1:
        return
    (short,) = judged.short
    quotas = {(one.type, one.of_endpoint): one for one in state.quotas}
    quota = quotas.get(short.on)
    if quota is None:
        return
    raised = attrs.evolve(quota, value=quota.value + short.by)
    others = (raised if one is quota else one for one in state.quotas)
    outcome = judge(attrs.evolve(state, quotas=tuple(others))).verdict.outcome
    if outcome.rank > judged.verdict.outcome.rank and outcome is not Outcome.UNDECIDED:
        text = f"raise the quota by {short.by} (the quota {quota.name!r} is {quota.value})"
        yield Remedy(
            RAISE_QUOTA, text, (), outcome, how="in Service Quotas", target=Target.QUOTA, quota=short
        )
