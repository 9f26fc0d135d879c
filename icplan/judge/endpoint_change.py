"""A call that makes an endpoint or changes it, judged: its rules, what it leaves, and whether all fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.errors import WHAT_RUNS, InputError
from icplan.feasibility.evidence import instances_in_words
from icplan.feasibility.tighten import allocatable_box
from icplan.fleet.build_fleet import build_fleet
from icplan.judge.endpoint_facts import EndpointFacts, endpoint_verdict
from icplan.judge.new_fleet import PlacedAnew, nothing_to_place, place_anew
from icplan.judge.quota_check import NewInstances, may_go_in_batches
from icplan.rules.base import findings as hits_of
from icplan.rules.configuration import starts_beyond_maximum
from icplan.rules.endpoints import CHECKS, EndpointContext
from icplan.rules.registry import RULES, check_call
from icplan.snapshot.endpoint_changes import created, lost_components, reconfigured, recounted
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.outcome import Outcome
from icplan.verdict.phase import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.assumptions import Recorder
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Fleet
    from icplan.fleet.variant import VariantState
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.requests.call import Call
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.remedy_steps import QuotaRaise

#: That all of it is not sure to fit, or does not, on the instances that there will be.
DOES_NOT_HOLD = "ICP326"
#: That what becomes of copies is not documented.
NOT_DOCUMENTED = "ICP327"


@attrs.frozen
class EndpointResult:
    """The verdict on a change of the endpoint, and what is there after it.

    ``short`` are the quotas that are too small for it, by so much.
    """

    verdict: ChangeVerdict
    after: EndpointFacts
    short: tuple[QuotaRaise, ...] = ()


@attrs.frozen
class EndpointJudge:
    """What changes of an endpoint are judged with; evidence is given where it ``explains``."""

    settings: Settings
    assumptions: Recorder
    budget: Budget
    explains: bool = True

    def judge(self, call: Call, facts: EndpointFacts, *, used: bool) -> EndpointResult:
        """The result of one call. ``used`` tells that a later one names the configuration it makes."""
        found = check_call(call)
        if not _errors(found):
            _refuse_elsewhere(call, facts)
            found += self._against(call, facts, used=used)
        if _errors(found):
            return EndpointResult(endpoint_verdict(call, _stopped(found), found), _without(call, facts))
        match call.operation:
            case "CreateEndpointConfig":
                return self._configured(call, facts, found, used=used)
            case "CreateEndpoint":
                return self._created(call, facts, found)
            case "UpdateEndpoint":
                after = reconfigured(
                    _runs(call, facts), self._configuration(call, facts), retained=_retains(call.request)
                )
                return self._replaced(call, facts, found, after)
            case _:
                counts = {
                    one["VariantName"]: one["DesiredInstanceCount"]
                    for one in call.request["DesiredWeightsAndCapacities"]
                    if "DesiredInstanceCount" in one
                }
                return self._replaced(call, facts, found, recounted(_runs(call, facts), counts))

    def _against(self, call: Call, facts: EndpointFacts, *, used: bool) -> tuple[Finding, ...]:
        context = EndpointContext(
            call, facts.state, facts.endpoint_name, facts.configurations, facts.absent_because, used
        )
        return tuple(hits_of(RULES, CHECKS, context))

    def _configured(
        self, call: Call, facts: EndpointFacts, found: tuple[Finding, ...], *, used: bool
    ) -> EndpointResult:
        """A configuration: on its own, whether what runs would fit on it; else what names it tells that."""
        known = {**facts.configurations, call.request["EndpointConfigName"]: call.request}
        absent = {k: v for k, v in facts.absent_because.items() if k != call.request["EndpointConfigName"]}
        after = attrs.evolve(facts, configurations=known, absent_because=absent)
        if used or facts.state is None or facts.endpoint_name is None:
            rests = (Phase("nothing to place", "steady", Outcome.FITS, 0, 0),)
            outcome = Outcome.MAY_NOT_FIT if any(map(starts_beyond_maximum, found)) else Outcome.FITS
            return EndpointResult(endpoint_verdict(call, outcome, found, phases=rests), after)
        message = (
            "judged as the endpoint's new configuration: UpdateEndpoint deploys it to a new fleet of "
            "instances"
        )
        found = (*found, Finding("ICP328", Severity.NOTE, message))
        new = reconfigured(facts.state, call.request, retained=False)
        result = self._replaced(call, facts, found, new)
        if result.after is facts:
            return attrs.evolve(result, after=facts)
        return attrs.evolve(result, after=attrs.evolve(after, state=result.after.state))

    def _configuration(self, call: Call, facts: EndpointFacts) -> Mapping[str, Any]:
        """The configuration that a call names; InputError where nobody tells what is in it."""
        name = call.request["EndpointConfigName"]
        if name in facts.configurations:
            return facts.configurations[name]
        if facts.state is not None and facts.state.configuration_name == name:
            return facts.state.configuration
        message = f"what is in the configuration {name!r} is not told"
        hint = "Put the create_endpoint_config request before it"
        raise InputError(call.problem(message, f"{call.path}.EndpointConfigName", hint))

    def _created(self, call: Call, facts: EndpointFacts, found: tuple[Finding, ...]) -> EndpointResult:
        configuration = self._configuration(call, facts)
        after = created(facts.state, call.request["EndpointName"], configuration)
        fleets = list(self._fleets(after))
        exceeded = list(NewInstances.of_first_fleet(after).exceeded(after, call.path))
        quotas = tuple(finding for finding, _ in exceeded)
        found, outcome = (*found, *quotas), _by_quotas(quotas)
        if not fleets:
            message = "no variant of the configuration takes inference components"
            found += (Finding("ICP328", Severity.NOTE, message),)
        instances = sum(fleet.instances for fleet in fleets)
        rests = () if outcome.fails else tuple(map(nothing_to_place, fleets))
        verdict = endpoint_verdict(
            call, outcome, found, fleets, rests, instances_now=0, peak_instances=instances
        )
        if outcome.fails:
            return EndpointResult(verdict, _without(call, facts), tuple(short for _, short in exceeded))
        gone = {k: v for k, v in facts.absent_because.items() if k != call.request["EndpointName"]}
        return EndpointResult(verdict, attrs.evolve(facts, state=after, absent_because=gone))

    def _replaced(
        self, call: Call, facts: EndpointFacts, found: tuple[Finding, ...], after: EndpointState
    ) -> EndpointResult:
        """A change of what runs: whether everything fits on the instances that there will be."""
        before = _runs(call, facts)
        old = {fleet.variant: fleet for fleet in self._fleets(before)}
        fleets = list(self._fleets(after))
        asked = _asked(call, after, before)
        outcome = Outcome.FITS
        resized: dict[str, int] = {}
        shown: list[Phase] = []
        for fleet in fleets:
            answer = self._placed(fleet, old.get(fleet.variant))
            shown.extend(answer.phases)
            said = _said(call, answer, fleet, old.get(fleet.variant))
            found += tuple(said)
            of_this = Outcome.worst([answer.outcome, *(_DOUBT for one in said if one.rule == NOT_DOCUMENTED)])
            outcome = Outcome.worst([outcome, of_this])
            if answer.outcome is Outcome.FITS_AFTER_SCALE_OUT:
                resized[fleet.variant] = answer.instances
        exceeded = list(asked.exceeded(after, call.path)) or self._grown(call, asked, after, resized)
        quotas = tuple(finding for finding, _ in exceeded)
        found += (*self._doubts(call, before, after), *self._beyond_maximum(call, after), *quotas)
        outcome = Outcome.worst([outcome, _by_quotas(quotas)])
        if any(one.severity is Severity.WARNING and one.rule in ("ICP206", NOT_DOCUMENTED) for one in found):
            outcome = Outcome.worst([outcome, Outcome.MAY_NOT_FIT])
        if _errors(quotas) and not any(phase.outcome.fails for phase in shown):
            shown = []  # no copy comes to be placed
        now = sum(fleet.instances for fleet in old.values())
        peak = sum(resized.get(fleet.variant, fleet.instances) for fleet in fleets)
        verdict = endpoint_verdict(
            call, outcome, found, fleets, shown, instances_now=now, peak_instances=peak
        )
        short = tuple(one for _, one in exceeded)
        if outcome.fails:
            return EndpointResult(verdict, facts, short)
        if resized:
            after = recounted(after, resized)
        return EndpointResult(verdict, attrs.evolve(facts, state=after), short)

    def _placed(self, fleet: Fleet, old: Fleet | None) -> PlacedAnew:
        known = self._known(old, fleet)
        return place_anew(
            fleet, self.settings.catalog, self.assumptions, self.budget, known, shown=self.explains
        )

    def _grown(
        self, call: Call, asked: NewInstances, after: EndpointState, resized: Mapping[str, int]
    ) -> list[tuple[Finding, QuotaRaise]]:
        """The quotas that may not leave what a new fleet grows by while the old one is there.

        So many instances suffice for sure; that fewer do is not known.
        """
        if not resized or not after.quotas or asked.joins:
            return []
        return list(asked.growing_to(recounted(after, resized)).exceeded(after, call.path))

    def _fleets(self, state: EndpointState) -> Iterator[Fleet]:
        """The fleet of each variant that may host components."""
        for variant in state.variants:
            if variant.types and not variant.hosts_model:
                yield build_fleet(state, variant.name, self.settings.catalog, self.assumptions)

    def _known(self, old: Fleet | None, new: Fleet) -> AllocatableBox | None:
        """What is known of what can be allocated, where the same types run already."""
        if old is None or [p.type for p in old.pools] != [p.type for p in new.pools] or not old.mix_known:
            return None
        try:
            return allocatable_box(old, self.budget)
        except InputError:
            return None

    def _doubts(self, call: Call, before: EndpointState, after: EndpointState) -> Iterator[Finding]:
        """What the new configuration does not have that something runs on."""
        lost = lost_components(before, after.variant_names)
        if lost:
            message = (
                f"{', '.join(lost)} run on a variant that the configuration does not have; what becomes of "
                "them is not documented"
            )
            yield Finding(NOT_DOCUMENTED, Severity.WARNING, message, path=call.path)
        hosting = {fleet.variant for fleet in self._fleets(after)}
        for one in after.components:
            if one.variant not in (None, *hosting):
                message = (
                    f"{one.name} runs on {one.variant}, which hosts a model "
                    "of its own by this configuration; what becomes of it is not documented"
                )
                yield Finding(NOT_DOCUMENTED, Severity.WARNING, message, path=call.path)

    def _beyond_maximum(self, call: Call, after: EndpointState) -> Iterator[Finding]:
        """Where a variant gets more instances than managed instance scaling lets it have, and needs them."""
        fewer = {one.name: most for one in after.variants if (most := _maximum_passed(one)) is not None}
        if not fewer:
            return
        for fleet in self._fleets(recounted(after, fewer)):
            most = fewer.get(fleet.variant)
            resizes = call.operation == "UpdateEndpointWeightsAndCapacities"
            if most is None or (self._placed(fleet, None).outcome.fits and not resizes):
                continue
            message = (
                f"variant {fleet.variant} gets {after.variant(fleet.variant).instances} instances, and its "
                f"MaxInstanceCount is {most}; whether that is refused, or so many stay, is not documented"
            )
            yield Finding(NOT_DOCUMENTED, Severity.WARNING, message, path=call.path)


def _maximum_passed(variant: VariantState) -> int | None:
    """The MaxInstanceCount of a variant that is to have more instances than that."""
    most = variant.most_instances
    return most if most is not None and variant.instances > most else None


_DOUBT = Outcome.MAY_NOT_FIT
_GIVE = f"Give {WHAT_RUNS}, or put the request that makes the endpoint before it"


def _said(call: Call, answer: PlacedAnew, fleet: Fleet, old: Fleet | None) -> Sequence[Finding]:
    """What is to be said of one variant."""
    there = instances_in_words(fleet)
    said: list[Finding] = []
    runs = ", ".join(f"{one.name} x {one.copies}" for one in fleet.components if one.copies)
    at = call.path
    match answer.outcome:
        case Outcome.DOES_NOT_FIT:
            why = answer.why or f"{answer.unplaced} cannot be placed on {there}, however far it may grow"
            message = f"what runs does not fit there: {why}"
            said.append(Finding(DOES_NOT_HOLD, Severity.ERROR, message, path=at))
        case Outcome.MAY_NOT_FIT | Outcome.UNDECIDED:
            why = (
                answer.why or f"{answer.unplaced} may find no room, depending on where the others are placed"
            )
            message = f"what runs ({runs}) is placed anew on {there}: {why}"
            said.append(Finding(DOES_NOT_HOLD, Severity.WARNING, message, path=at))
        case Outcome.FITS_AFTER_SCALE_OUT:
            message = f"what runs ({runs}) starts on {there}, and takes up to {answer.instances} instances"
            said.append(Finding(DOES_NOT_HOLD, Severity.NOTE, message, path=at))
    if not runs or old is None:
        return said
    before = [pool.type.name for pool in old.pools]
    now = [pool.type.name for pool in fleet.pools]
    if before != now:
        message = (
            f"variant {fleet.variant} goes from {' and '.join(before)} to {' and '.join(now)}; what becomes "
            "of the copies on it is not documented"
        )
        said.append(Finding(NOT_DOCUMENTED, Severity.WARNING, message, path=at))
    elif call.operation == "UpdateEndpointWeightsAndCapacities" and fleet.instances < old.instances:
        message = (
            f"variant {fleet.variant} goes from {old.instances} to {fleet.instances} instances; which go, "
            "and what becomes of the copies on them, is not documented"
        )
        said.append(Finding(NOT_DOCUMENTED, Severity.WARNING, message, path=at))
    return said


def _runs(call: Call, facts: EndpointFacts) -> EndpointState:
    """What the endpoint runs."""
    if facts.state is None:
        raise InputError(call.problem("no snapshot tells what the endpoint runs", call.path, _GIVE))
    return facts.state


def _retains(request: Mapping[str, Any]) -> bool:
    """Whether an update keeps the number of instances."""
    aside = {one["VariantPropertyType"] for one in request.get("ExcludeRetainedVariantProperties") or ()}
    return bool(request.get("RetainAllVariantProperties")) and "DesiredInstanceCount" not in aside


def _refuse_elsewhere(call: Call, facts: EndpointFacts) -> None:
    """Refuse a call for another endpoint than the one that is there."""
    name = call.request.get("EndpointName")
    there = facts.endpoint_name
    if name is None or there is None or name.lower() == there.lower():
        return
    message = f"the change is for endpoint {name!r}, the snapshot of {facts.endpoint_name!r}"
    hint = "A set that creates its endpoint needs no snapshot"
    raise InputError(call.problem(message, f"{call.path}.EndpointName", hint))


def _without(call: Call, facts: EndpointFacts) -> EndpointFacts:
    """What is there after a call that fails: what it was to make is not."""
    names = {"CreateEndpointConfig": "EndpointConfigName", "CreateEndpoint": "EndpointName"}
    name = call.request.get(names.get(call.operation, ""))
    there = {facts.endpoint_name, *facts.configurations}
    if call.operation == "CreateEndpointConfig" and facts.state is not None:
        there.add(facts.state.configuration_name)
    if not isinstance(name, str) or name in there:
        return facts
    reason = "the change of this set that makes it fails"
    return attrs.evolve(facts, absent_because={**facts.absent_because, name: reason})


def _asked(call: Call, after: EndpointState, before: EndpointState) -> NewInstances:
    """The instances that a change of what runs asks for."""
    if call.operation == "UpdateEndpointWeightsAndCapacities":
        return NewInstances.of_more(after, before)
    return NewInstances.of_second_fleet(after, before, in_batches=may_go_in_batches(call))


def _by_quotas(quotas: Sequence[Finding]) -> Outcome:
    """What comes of it by what is said of quotas."""
    if _errors(quotas):
        return Outcome.DOES_NOT_FIT
    return Outcome.MAY_NOT_FIT if quotas else Outcome.FITS


def _errors(found: Sequence[Finding]) -> bool:
    return any(one.severity is Severity.ERROR for one in found)


def _stopped(found: Sequence[Finding]) -> Outcome:
    wrong = any(one.severity is Severity.ERROR and one.rule < "ICP2" for one in found)
    return Outcome.INVALID if wrong else Outcome.BLOCKED
