"""Remedies of the endpoint: let it have more instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.feasibility.every_step import check_forward
from icplan.fleet.fleet import Limit
from icplan.remedies.steps_and_risks import deploying, new_configuration
from icplan.remedies.trial import RemedyCandidate
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy import Remedy
from icplan.verdict.remedy_steps import QuotaRaise, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.fleet.fleet import Fleet
    from icplan.remedies.trial import RemedySearch, SetAnswer

UNSET = "ICP507"
#: What a change of the endpoint configuration can lift: MaxInstanceCount, and scaling that is off.
LIFTED_BY_CONFIGURATION = {"ICP501", "ICP504", UNSET}
RAISE_QUOTA = "raise-quota"


def more_instances(search: RemedySearch) -> Iterator[RemedyCandidate]:
    """As many instances as surely suffice; where no number does, as many as may."""
    # What only fits with instances launched is not what is looked for.
    most = None if search.goal is Outcome.FITS else _sufficient_instances(search)
    raising = None if most is None else _raising(search.fleet, most)
    if raising is None:
        return
    if raising.lifted and search.configuration is not None:
        yield from _on_a_new_fleet(search, raising)
        return
    raised = _with_limits_raised(search.fleet, raising)
    answer = search.what_if.outcome_of(search.change, raised, search.goal, back=True)
    if search.accepts(answer):
        remedy = _remedy(search.fleet, raising, answer.outcome)
        yield RemedyCandidate(attrs.evolve(remedy, rollback_outcome=answer.rollback_outcome), raising.most)


@attrs.frozen
class _SmallQuota:
    """A quota, and by how much it is too small."""

    limit: Limit
    by: int


@attrs.frozen
class _Raising:
    """What is raised so that ``most`` instances may run: limits of the configuration, and quotas."""

    most: int
    lifted: tuple[Limit, ...]
    quotas: tuple[_SmallQuota, ...]

    def with_second_fleet(self, fleet: Fleet, short: Sequence[QuotaRaise]) -> _Raising | None:
        """The same with the quotas that are too ``short`` for a second fleet; None where they are several."""
        by = {(one.limit.type, one.limit.of_endpoint): one.by for one in self.quotas}
        for one in short:
            by[one.on] = by.get(one.on, 0) + one.by
        told = {(one.type, one.of_endpoint): one for one in fleet.limits if one.rule == "ICP502"}
        if len(by) > 1 or not by.keys() <= told.keys():
            return None
        quotas = tuple(_SmallQuota(told[on], more) for on, more in by.items())
        return attrs.evolve(self, quotas=quotas)


def _raising(fleet: Fleet, most: int) -> _Raising | None:
    """What has to be raised for so many instances; None where nothing has to be, or not all can be."""
    binding = [limit for limit in fleet.limits if limit.remaining < most - fleet.instances]
    lifted = tuple(limit for limit in binding if limit.rule in LIFTED_BY_CONFIGURATION)
    quotas = [limit for limit in binding if limit.rule == "ICP502"]
    # What takes a person at AWS is proposed only where it is the one such thing.
    if not binding or len(quotas) > 1 or len(lifted) + len(quotas) < len(binding):
        return None
    return _Raising(most, lifted, tuple(_SmallQuota(one, _missing(fleet, one, most)) for one in quotas))


def _on_a_new_fleet(search: RemedySearch, least: _Raising) -> Iterator[RemedyCandidate]:
    """The least instances with which it works as it is carried out.

    A configuration is never changed: the endpoint is updated to a new one, which places every copy anew, so
    that more instances may be needed than where each copy lies as it does now.
    """
    found = _redeployed(search, least)
    fleet = search.fleet
    low = least.most
    high = fleet.instances + sum(one.copies for one in fleet.components) + search.change.copies
    best = None if found or not search.goal.fits else _tried(search, high)
    while best is not None and low + 1 < high:
        middle = (low + high) // 2
        fewer = _tried(search, middle)
        low, high, best = (middle, high, best) if fewer is None else (low, middle, fewer)
    yield from (one for one in (found or best,) if one is not None)


def _tried(search: RemedySearch, most: int) -> RemedyCandidate | None:
    raising = None if search.question.budget.exhausted else _raising(search.fleet, most)
    return None if raising is None else _redeployed(search, raising)


def _redeployed(search: RemedySearch, raising: _Raising) -> RemedyCandidate | None:
    """The remedy, if it helps with the calls that give the endpoint its new configuration.

    Its new fleet starts, and grows, while the old one runs, so that a quota may have to be raised for both.
    """
    remedy, answer = _deployed(search, raising)
    for_both: _Raising | None = raising
    while for_both is not None and answer.short and not search.accepts(answer):
        for_both = for_both.with_second_fleet(search.fleet, answer.short)
        if for_both is not None:
            remedy, answer = _deployed(search, for_both)
    if not search.accepts(answer):
        return None
    remedy = attrs.evolve(
        remedy,
        outcome=answer.outcome,
        rollback_outcome=answer.rollback_outcome,
        doubts=answer.doubts,
    )
    return RemedyCandidate(remedy, raising.most)


def _deployed(search: RemedySearch, raising: _Raising) -> tuple[Remedy, SetAnswer]:
    """The remedy, and what comes of it with the calls that carry it out."""
    remedy = _remedy(search.fleet, raising, search.goal)
    what_if = search.what_if if remedy.quota is None else search.what_if.with_quota(remedy.quota)
    first = deploying(new_configuration(remedy, search.configuration or {}), search.endpoint)
    return remedy, what_if.outcome([search.patched()], search.goal, first)


def _sufficient_instances(search: RemedySearch) -> int | None:
    """The least instances that suffice for every step in every world, else if amounts are at their best."""
    extra = [step.extra_instances for step in search.judged.steps]
    if None in extra:
        question = search.question
        judged = check_forward(attrs.evolve(question, box=question.box.best))
        extra = [step.extra_instances for step in judged.steps]
    known = [more for more in extra if more is not None]
    return search.fleet.instances + max(known, default=0) if len(known) == len(extra) else None


def _with_limits_raised(fleet: Fleet, raising: _Raising) -> Fleet:
    """The fleet, were it to grow to that many."""
    most, binding = raising.most, (*raising.lifted, *(one.limit for one in raising.quotas))
    kept = tuple(limit for limit in fleet.limits if limit not in binding)
    limits = (*kept, Limit("ICP501", most - fleet.instances, f"MaxInstanceCount is {most}"))
    return attrs.evolve(fleet, limits=limits, scaling=_settings(fleet, most))


def _remedy(fleet: Fleet, raising: _Raising, outcome: Outcome) -> Remedy:
    """The remedy that raises what has to be."""
    most, lifted, quotas = raising.most, raising.lifted, raising.quotas
    kind, parts, places = RAISE_QUOTA, [], []
    for quota in quotas:
        parts.append(f"raise the quota by {quota.by} ({quota.limit.message})")
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
    asked = [QuotaRaise(one.limit.type, one.by, one.limit.of_endpoint) for one in quotas]
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
