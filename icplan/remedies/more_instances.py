"""Remedies of the endpoint: let it have more instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.feasibility.every_step import check_forward
from icplan.fleet.fleet import Limit
from icplan.remedies.trial import RemedyCandidate
from icplan.verdict.command import QuotaRaise, Target
from icplan.verdict.verdict import Remedy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.fleet.fleet import Fleet
    from icplan.remedies.trial import RemedySearch
    from icplan.verdict.verdict import Outcome

UNSET = "ICP507"
#: What a change of the endpoint configuration can lift: MaxInstanceCount, and scaling that is off.
LIFTED_BY_CONFIGURATION = {"ICP501", "ICP504", UNSET}
RAISE_QUOTA = "raise-quota"


def more_instances(search: RemedySearch) -> Iterator[RemedyCandidate]:
    """As many instances as surely suffice; where no number does, as many as may."""
    most = _sufficient_instances(search)
    if most is None:
        return
    binding = [limit for limit in search.fleet.limits if limit.remaining < most - search.fleet.instances]
    lifted = [limit for limit in binding if limit.rule in LIFTED_BY_CONFIGURATION]
    quotas = [limit for limit in binding if limit.rule == "ICP502"]
    # What takes a person at AWS is proposed only where it is the one such thing.
    if not binding or len(quotas) > 1 or len(lifted) + len(quotas) < len(binding):
        return
    raised = _with_limits_raised(search.fleet, binding, most)
    answer = search.what_if.outcome_of(search.change, raised, search.goal, back=True)
    if search.accepts(answer):
        remedy = _remedy(search.fleet, lifted, quotas, most, answer.outcome)
        yield RemedyCandidate(attrs.evolve(remedy, rollback_outcome=answer.rollback_outcome), most)


def _sufficient_instances(search: RemedySearch) -> int | None:
    """The least instances that suffice for every step in every world, else if amounts are at their best."""
    extra = [step.extra_instances for step in search.judged.steps]
    if None in extra:
        question = search.question
        judged = check_forward(attrs.evolve(question, box=question.box.best))
        extra = [step.extra_instances for step in judged.steps]
    known = [more for more in extra if more is not None]
    return search.fleet.instances + max(known, default=0) if len(known) == len(extra) else None


def _with_limits_raised(fleet: Fleet, binding: Sequence[Limit], most: int) -> Fleet:
    """The fleet, were it to grow to that many."""
    kept = tuple(limit for limit in fleet.limits if limit not in binding)
    limits = (*kept, Limit("ICP501", most - fleet.instances, f"MaxInstanceCount is {most}"))
    return attrs.evolve(fleet, limits=limits, scaling=_settings(fleet, most))


def _remedy(
    fleet: Fleet, lifted: Sequence[Limit], quotas: Sequence[Limit], most: int, outcome: Outcome
) -> Remedy:
    """The remedy that lifts these limits, of which the former are in the endpoint configuration."""
    kind, parts, places = RAISE_QUOTA, [], []
    for quota in quotas:
        parts.append(f"raise the quota by {_missing(fleet, quota, most)} ({quota.message})")
        places.append("in Service Quotas")
    patch = []
    if lifted:
        off = any(limit.rule == "ICP504" for limit in lifted)
        turn_on = f"turn on managed instance scaling, MaxInstanceCount {most}"
        verb = "set" if any(limit.rule == UNSET for limit in lifted) else "raise"
        parts.append(turn_on if off else f"{verb} MaxInstanceCount to {most}")
        places.append(
            f"in ManagedInstanceScaling of variant {fleet.variant}: a new endpoint configuration, "
            "then update_endpoint"
        )
        path = f"/ProductionVariants/{fleet.variant_index}/ManagedInstanceScaling"
        # The whole structure: the endpoint may have one that its configuration lacks.
        patch.append({"op": "add", "path": path, "value": _settings(fleet, most)})
        if not quotas:
            kind = "enable-managed-instance-scaling" if off else "raise-max-instance-count"
    how = "; ".join(places)
    asked = [QuotaRaise(one.type, _missing(fleet, one, most), one.of_endpoint) for one in quotas]
    return Remedy(
        kind,
        " and ".join(parts),
        tuple(patch),
        outcome,
        how=how,
        target=Target.ENDPOINT_CONFIG if lifted else Target.QUOTA,
        quota=next(iter(asked), None),
    )


def _missing(fleet: Fleet, quota: Limit, most: int) -> int:
    """By how much a quota is too small for so many instances."""
    return most - fleet.instances - quota.remaining + quota.over


def _settings(fleet: Fleet, most: int) -> dict[str, Any]:
    now = dict(fleet.scaling or {"Status": "ENABLED", "MinInstanceCount": fleet.instances})
    return now | {"MaxInstanceCount": most}
