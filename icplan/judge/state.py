"""What changes are judged with, what one meets, and what comes of it: the values that a fold goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.effects.fleet_history import FleetHistory
from icplan.effects.forecast import forecast
from icplan.fleet.endpoint import Alteration
from icplan.judge.fleet_cache import Fleets
from icplan.judge.ignoring import without_rules
from icplan.requests.from_describe import DescribedCopies, EndpointComponent
from icplan.values import frozen
from icplan.verdict.change_verdict import ChangeVerdict
from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from icplan.assumptions import Assumptions
    from icplan.effects.forecast import Forecast
    from icplan.effects.instance_bounds import ChangeEffect
    from icplan.fleet.endpoint import EndpointState
    from icplan.judge.settings import Settings
    from icplan.judge.weaken_result import Lowering
    from icplan.packing.budget import Budget
    from icplan.requests.call import Call
    from icplan.requests.merge import EffectiveSpec
    from icplan.verdict.finding import Finding
    from icplan.verdict.remedy_steps import QuotaRaise
    from icplan.verdict.verdict import AssumptionUse

#: An amount that may be allocated, by instance type and dimension.
Amount = tuple[str, str]


@frozen
class Run:
    """What all changes of a set are judged with.

    Where it does not ``explain``, a judgement stops before that, and gives outcomes alone. Assumptions before
    the one of the number ``guesses_from`` are not tried with other values.
    """

    settings: Settings
    assumptions: Assumptions
    budget: Budget
    explains: bool = True
    guesses_from: int = 0

    def outcomes_only(self) -> Run:
        """The same for what is only tried."""
        return attrs.evolve(self, explains=False, guesses_from=0)


@frozen
class SetState:
    """What a change of a set meets: the endpoint as the changes before it leave it, as far as that is known.

    ``history`` tells what is known of its instances, ``absent_because`` why components are not there,
    ``unknown_demand_of`` of which component it is not known what a copy reserves, and ``failed_before`` the
    number of the change just before, if that fails. ``done`` counts the changes before, ``goes_on`` tells
    that another comes after this one, and ``fleets`` holds those that were made of the endpoint.
    ``configured_by_set`` tells that the configuration in force is one that a change before makes, or the
    files of a deployment for an endpoint that is not there yet.
    """

    endpoint: EndpointState
    history: FleetHistory = attrs.field(factory=FleetHistory)
    absent_because: Mapping[str, str] = attrs.field(factory=dict)
    fleet_uncertain: bool = False
    unknown_demand_of: str | None = None
    failed_before: int | None = None
    done: int = 0
    goes_on: bool = False
    configured_by_set: bool = False
    fleets: Fleets = attrs.field(factory=Fleets, eq=False, repr=False)

    def start(self) -> SetState:
        """The same for a set of changes that is only tried here."""
        return SetState(self.endpoint, self.history, fleets=self.fleets)

    def seen_as(self, endpoint: EndpointState) -> SetState:
        """The same with the endpoint in another state."""
        return attrs.evolve(self, endpoint=endpoint, fleets=Fleets())


@frozen
class ChangeResult:
    """A change's verdict and what it leaves: the component (unless it is invalid), and the instances.

    ``effect`` tells how it goes (without it the instances stay), ``lowering`` what it asked of capacity and
    what may make less of the answer.
    ``relied_on`` names the assumptions, ``amounts`` the amounts that may be allocated that it relies on, and
    ``ignored`` the rules of findings that were left out. ``only_decided`` tells that neither the likely end
    nor a rollback was looked at. ``short`` are the quotas that are too small for a change of the endpoint.
    """

    verdict: ChangeVerdict
    spec: EffectiveSpec | None = None
    effect: ChangeEffect | None = None
    lowering: Lowering | None = None
    relied_on: frozenset[str] = frozenset()
    amounts: Mapping[Amount, AssumptionUse] = attrs.field(factory=dict)
    ignored: frozenset[str] = frozenset()
    only_decided: bool = False
    short: tuple[QuotaRaise, ...] = ()


def concluded(
    run: Run,
    call: Call,
    outcome: Outcome,
    findings: Sequence[Finding],
    figures: Mapping[str, Any] | None = None,
    spec: EffectiveSpec | None = None,
) -> ChangeResult:
    """The result of a call: its verdict without the findings that are ignored, the worst first."""
    verdict = ChangeVerdict(
        operation=call.operation,
        inference_component_name=spec.name if spec else name_in(call),
        file=call.file,
        path=call.path,
        outcome=outcome,
        findings=tuple(map(call.located, findings)),
        **(figures or {}),
    )
    return without_ignored(ChangeResult(verdict, spec), run.settings.ignore)


def without_ignored(result: ChangeResult, ignore: Collection[str]) -> ChangeResult:
    """The result without the findings that are to be ignored, the worst first.

    A remedy that was better than a refusal is left out where the outcome has become as good by now.
    """
    order = list(Severity)
    ignored = frozenset(finding.rule for finding in result.verdict.findings if finding.rule in ignore)
    left = without_rules(result.verdict, ignored)
    kept = sorted(left.findings, key=lambda finding: order.index(finding.severity))
    outcome = result.verdict.outcome
    better = (one for one in result.verdict.remedies if outcome.fits or one.outcome.rank > outcome.rank)
    verdict = attrs.evolve(left, findings=tuple(kept), remedies=tuple(better))
    return attrs.evolve(result, verdict=verdict, ignored=result.ignored | ignored)


def name_in(call: Call) -> str:
    """The component's name, as far as the request has one."""
    return str(call.request.get("InferenceComponentName", "(no name)"))


def forecast_of(state: SetState, effect: ChangeEffect, budget: Budget) -> Forecast:
    """How a change is likely to go on the instances that are likely to run."""
    fleet = state.history.forecast_fleet(effect.fleet)
    return forecast(fleet, effect.move, effect.steps, effect.box, budget)


def with_likely_end(effect: ChangeEffect, likely: Forecast) -> ChangeEffect:
    """The effect with the instances at its likely end, if one is known."""
    return attrs.evolve(effect, likely=likely.ending.pools if likely.ending else None)


def state_after(
    run: Run, state: SetState, call: Call, result: ChangeResult, likely: Forecast | None = None
) -> SetState:
    """What the next change meets: a change that fails leaves all as it is.

    ``likely`` is how it is likely to go, if that was looked at and the result does not tell.
    """
    number, outcome, spec = state.done + 1, result.verdict.outcome, result.spec
    after = attrs.evolve(
        state,
        done=number,
        absent_because=_absent_because(state, call, result.verdict.inference_component_name, outcome),
        failed_before=number if outcome.fails else None,
    )
    if spec is None or outcome.fails:
        return after
    history, resized, effect = state.history, None, result.effect
    if effect is not None:
        if result.only_decided:
            effect = with_likely_end(effect, likely or forecast_of(state, effect, run.budget))
        lowering = result.lowering
        uncertainty, courses = (lowering.uncertainty, lowering.courses) if lowering else (None, None)
        history, resized = history.record(effect, uncertainty, run.budget)
        history = attrs.evolve(history, worlds=courses.after if courses else None)
    done = Alteration(spec.name, component_after(call, state.endpoint, spec), resized)
    return attrs.evolve(
        after.seen_as(state.endpoint.apply(done)),
        history=history,
        fleet_uncertain=state.fleet_uncertain or outcome is not Outcome.FITS,
        unknown_demand_of=spec.name if spec.ambiguous else state.unknown_demand_of,
    )


def component_after(call: Call, endpoint: EndpointState, spec: EffectiveSpec) -> EndpointComponent | None:
    """The component as a change leaves it; ``None`` if that deletes it."""
    if call.operation == "DeleteInferenceComponent":
        return None
    there = endpoint.component(spec.name) or EndpointComponent(
        name=spec.name,
        specifications={},
        variant=call.request.get("VariantName", endpoint.variant_names[0]),
        endpoint=call.request.get("EndpointName"),
    )
    given = {"Specification", "Specifications"} & call.request.keys()
    told = spec.copies or there.copies is not None
    return attrs.evolve(
        there,
        specifications=spec.specifications if given else there.specifications,
        copies=DescribedCopies(spec.copies, spec.copies) if told else None,
        status="InService",
        modified=None,
    )


def _absent_because(state: SetState, call: Call, name: str, outcome: Outcome) -> Mapping[str, str]:
    """Why components are not there for the changes that come next."""
    reasons = dict(state.absent_because)
    if call.operation == "CreateInferenceComponent":
        reasons.pop(name, None)
        if outcome.fails:
            reasons[name] = "the change of this set that creates the component fails"
    elif call.operation == "DeleteInferenceComponent" and not outcome.fails:
        reasons[name] = f"change {state.done + 1} of this set deletes {name}"
    return reasons
