"""Whether the account's quotas leave the instances that a change of an endpoint asks for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from icplan.fleet.dimensions import counted
from icplan.requests.operations import ENDPOINT_OPERATIONS
from icplan.values import frozen
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy_steps import QuotaRaise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from icplan.fleet.endpoint import EndpointState, Quota
    from icplan.fleet.variant import VariantState
    from icplan.requests.call import Call
    from icplan.verdict.verdict import Verdict

#: Instances per type; ``None`` is of some type that is not known.
Counts = Counter[str | None]


def may_take_instances(verdict: Verdict) -> bool:
    """Whether a change, or its way back, may take new instances, so that quotas bear on it."""
    unsure = (Outcome.FITS_AFTER_SCALE_OUT, Outcome.MAY_NOT_FIT)
    return any(
        change.operation in ENDPOINT_OPERATIONS
        or change.outcome in unsure
        or (not change.outcome.fails and change.rollback_outcome in unsure)
        for change in verdict.changes
    )


@frozen
class NewInstances:
    """The instances that a change asks for, and those that the endpoint has run, by type.

    ``asked`` and ``own`` are as many as may be, ``surely_asked`` and ``surely_there`` those of them that are
    asked for, and run beside them, in any case. ``how`` tells of what runs beside, where something does, and
    ``joins`` that the new ones come to the fleet that is there.
    """

    asked: Counter[str]
    surely_asked: Counts
    own: Counter[str] = attrs.field(factory=Counter)
    surely_there: Counts = attrs.field(factory=Counter)
    how: str = ""
    joins: bool = False

    @classmethod
    def of_first_fleet(cls, after: EndpointState) -> NewInstances:
        """Those of an endpoint that is made."""
        return cls(_started(after), _surely_started(after))

    @classmethod
    def of_second_fleet(
        cls, after: EndpointState, before: EndpointState, *, in_batches: bool
    ) -> NewInstances:
        """Those of UpdateEndpoint: a whole new fleet, which the old one runs beside.

        Where the old one may go ``in_batches``, by a RollingUpdatePolicy, none of it is there for sure.
        """
        how = "; the new fleet starts while the old one runs"
        there = _running(before)
        if in_batches:
            how = (
                "; how much of the old fleet runs beside the new one depends on the RollingUpdatePolicy of "
                "UpdateEndpoint"
            )
            there = Counter()
        return cls(_started(after), _surely_started(after), before.used, there, how)

    @classmethod
    def of_more(cls, after: EndpointState, before: EndpointState) -> NewInstances:
        """Those of UpdateEndpointWeightsAndCapacities: as many as variants have more than before."""
        counted = {one.name: one.used.total() for one in before.variants}
        asked, surely = Counter[str](), Counter[str | None]()
        for one in after.variants:
            more = max(0, one.used.total() - counted.get(one.name, 0))
            asked.update(dict.fromkeys(one.preferred_types[:1], more))
            surely[_only_type(one)] += more
        return cls(asked, surely, before.used, _running(before), joins=True)

    def growing_to(self, grown: EndpointState) -> NewInstances:
        """The same where the new fleet may come to have as many instances as ``grown`` has."""
        return attrs.evolve(self, asked=_started(grown))

    def _used(self, after: EndpointState) -> Counter[str]:
        return Counter[str](after.in_use or {}) | self.own

    def exceeded(self, after: EndpointState, path: str) -> Iterator[tuple[Finding, QuotaRaise]]:
        """The quotas that are not enough, and by how much they are to be raised."""
        for quota in after.quotas:
            asked, surely = _of(quota, self.asked), _of(quota, self.surely_asked)
            taken, going = self._taken(quota, after)
            if not asked or asked + taken <= quota.value:
                continue
            severity = Severity.ERROR if surely + taken - going > quota.value else Severity.WARNING
            message = (
                f"{_asked_for(asked, surely)}, the quota {quota.name!r} is {quota.value}, of which {taken} "
                f"{'is' if taken == 1 else 'are'} in use{self.how}"
            )
            need, have = asked, max(0, quota.value - taken)
            yield (
                Finding("ICP502", severity, message, path=path, need=need, have=have),
                QuotaRaise(quota.type, asked + taken - quota.value, quota.of_endpoint),
            )

    def _taken(self, quota: Quota, after: EndpointState) -> tuple[int, int]:
        """How many instances count against a quota beside those asked for, and how many of them may go.

        Whether both fleets count against a quota on one endpoint's instances is not known, so the old one is
        left out there.
        """
        going = _of(quota, self.own) - _of(quota, self.surely_there)
        if not quota.of_endpoint:
            return _of(quota, self._used(after)), going
        return (self.own.total(), going) if self.joins else (0, 0)


def _asked_for(most: int, least: int) -> str:
    """How many instances, in words."""
    if most == least:
        return f"{most} new {'instance is' if most == 1 else 'instances are'} asked for"
    return f"up to {counted(most, 'new instance')} may be asked for"


def may_go_in_batches(call: Call) -> bool:
    """Whether an endpoint's fleet is replaced in batches, or may be, by what is kept or not told."""
    if call.operation == "CreateEndpointConfig":
        return True  # UpdateEndpoint, which says it, is yet to come
    request = call.request
    deployment = request.get("DeploymentConfig") or {}
    return "RollingUpdatePolicy" in deployment or bool(request.get("RetainDeploymentConfig"))


def _of(quota: Quota, counts: Mapping[Any, int]) -> int:
    """How many of these instances a quota is on."""
    return sum(counts.values()) if quota.type is None else counts.get(quota.type, 0)


def _only_type(variant: VariantState) -> str | None:
    """The instance type of a variant; ``None`` where it may have several, or has none that is known."""
    return next(iter(variant.types)) if len(variant.types) == 1 else None


def _of_new_fleet(state: EndpointState) -> Iterator[VariantState]:
    """The variants that a new fleet has: those of the configuration."""
    yield from state.variants
    yield from (one for one in state.shadows if one.declared)


def _started(state: EndpointState) -> Counter[str]:
    """The instances that a new fleet starts with, as far as is told."""
    return sum((one.used for one in _of_new_fleet(state)), Counter[str]())


def _surely_started(state: EndpointState) -> Counts:
    """The instances that a new fleet starts with for sure; of several types any may be launched."""
    found = Counter[str | None]()
    for one in _of_new_fleet(state):
        found[_only_type(one)] += one.instances
    return found


def _running(state: EndpointState) -> Counts:
    """The instances that run and stay."""
    found = Counter[str | None]()
    every: Iterable[VariantState] = (*state.variants, *state.undeclared, *state.shadows)
    for one in every:
        pools = one.told.pools or {}
        if len(one.types) != 1 and sum(pools.values()) == one.instances:
            found.update(pools)
        else:
            found[_only_type(one)] += one.instances
    return found
