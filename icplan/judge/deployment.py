"""A deployment judged: each of its endpoints is a question of its own."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.assumptions import BY_NAME
from icplan.errors import InputError, InputProblem
from icplan.judge.any_order import as_possible, may_fit_in_another_order
from icplan.judge.at_once import Together, at_once, weakened
from icplan.judge.autoscaling_minimum import raised_by_autoscaling, raises
from icplan.judge.before_the_update import weakened_beside_the_update
from icplan.judge.beside_new_endpoints import (
    beside_new_endpoints,
    launched,
    of_account,
    with_account,
    without_quota,
)
from icplan.judge.change_set import judge, outcomes_of
from icplan.judge.changed_capacity import changed_capacity
from icplan.judge.declared_change import as_declared, declared_fleet, placed
from icplan.judge.deployed_remedy import Deployed, as_deployed
from icplan.judge.ignoring import without_rules
from icplan.judge.next_update import MAX_COMPONENTS, next_update
from icplan.judge.working_order import working_order
from icplan.rules.configuration import starts_beyond_maximum
from icplan.rules.registry import check_call
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from icplan.documents.paths import JsonPath
    from icplan.inputs.deployment import DeclaredCall, DeclaredEndpoint, Deployment
    from icplan.inputs.place import Place
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.requests.call import Call
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.verdict import AssumptionUse, Verdict

_OF_THE_NEW_FLEET: Final = frozenset({"ICP326", "ICP327", "ICP502"})
"""Findings that speak of the configuration that an endpoint is updated to."""

_MAX_NAME_LENGTH: Final = 63


@attrs.frozen
class JudgedEndpoint:
    """The verdict on one endpoint, and the call behind each of its changes.

    ``asked`` are the calls and ``snapshot`` the endpoint that were judged, and ``answer`` is what was said of
    them.
    """

    endpoint: DeclaredEndpoint
    verdict: Verdict
    calls: tuple[DeclaredCall, ...]
    asked: tuple[Call, ...] = ()
    snapshot: Snapshot | None = None
    answer: Verdict | None = None

    @property
    def new(self) -> bool:
        """Whether it was judged as an endpoint that is only now made."""
        return not self.endpoint.exists


def judge_deployment(
    deployment: Deployment, snapshot: Snapshot | None, settings: Settings, budget: Budget | None = None
) -> list[JudgedEndpoint]:
    """The verdict on each endpoint of a deployment that anything is done on; all have one budget."""
    whole = budget or settings.budget()
    judged = [_judged(one, snapshot, settings, whole) for one in deployment.endpoints]
    if of_account(snapshot) and len(judged) > 1:
        taken = [_taken(one, settings, whole) for one in judged]
        for number, endpoint in enumerate(deployment.endpoints):
            others = sum((one for n, one in enumerate(taken) if n != number), Counter[str]())
            if others and endpoint.of_account:
                beside = attrs.evolve(endpoint, started=Counter[str](endpoint.started) + others)
                judged[number] = _judged(beside, snapshot, settings, whole)
    return [one for one in judged if one is not None]


def _taken(judged: JudgedEndpoint | None, settings: Settings, budget: Budget) -> Counter[str]:
    """The instances that an endpoint comes to take beyond its first, autoscaling's among them."""
    if judged is None or not judged.endpoint.of_account or judged.answer is None:
        return Counter()
    calls = raises(judged.verdict.changes, judged.endpoint.targets, judged.snapshot)
    answer = judged.answer
    if calls:
        with contextlib.suppress(InputError):  # it is told of where they are judged
            answer = judge([*judged.asked, *calls], judged.snapshot, settings, budget)
    return Counter(launched(answer, judged.snapshot))


def only_components(judged: Sequence[JudgedEndpoint], names: Collection[str]) -> list[JudgedEndpoint]:
    """What is said of these components, by name or by what the file calls them; changes of endpoints stay.

    All were judged together. InputError for a name that nothing has.
    """
    if not names:
        return list(judged)
    found, left = set[str](), []
    for one in judged:
        pairs = []
        for change, call in zip(one.verdict.changes, one.calls, strict=True):
            place = call.place("$")
            called = {change.inference_component_name, call.label, place.address, place.construct} & {*names}
            found |= {one for one in called if one is not None}
            if called or not change.inference_component_name:
                pairs.append((change, call))
        if any(change.inference_component_name for change, _ in pairs):
            left.append(_with_changes(one, [change for change, _ in pairs], [call for _, call in pairs]))
    if missing := sorted(set(names) - found):
        known = sorted({c.inference_component_name for one in judged for c in one.verdict.changes} - {""})
        hint = f"There are {', '.join(known)}" if known else None
        raise InputError(InputProblem(f"no component {missing[0]!r} is changed", hint=hint))
    return left


def _judged(
    endpoint: DeclaredEndpoint, snapshot: Snapshot | None, settings: Settings, budget: Budget
) -> JudgedEndpoint | None:
    """The verdict on an endpoint; None where nothing is done on it."""
    if endpoint.exists and snapshot is not None:
        return _on_what_runs(endpoint, snapshot, settings, budget)
    configuration, of_it = endpoint.configuration, endpoint.call
    found = check_call(configuration.call) if configuration else ()
    if configuration and of_it and any(finding.severity is Severity.ERROR for finding in found):
        return _in_order(endpoint, (configuration, of_it, *endpoint.calls), None, settings, budget)
    account = of_account(snapshot) if endpoint.of_account else {}
    if configuration and of_it:
        before = without_quota((configuration.call, of_it.call), account, settings, budget)
        if before is not None:
            return _in_order(endpoint, (configuration, of_it, *endpoint.calls), before, settings, budget)
    if not endpoint.calls:
        return None
    declared = with_account(endpoint.declared or {}, account)
    judged = _in_order(endpoint, endpoint.calls, declared, settings, budget)
    of_fleet = tuple(placed(finding, configuration) for finding in found if configuration)
    judged = _with_findings(judged, 0, of_fleet)
    for doubt in filter(starts_beyond_maximum, of_fleet):
        changes = [_doubted(change, doubt) for change in judged.verdict.changes]
        judged = _with_changes(judged, changes, judged.calls)
    return _without_ignored(judged, settings)


def _doubted(change: ChangeVerdict, doubt: Finding) -> ChangeVerdict:
    """The change, which is no more than possible where that is not known; said once."""
    if not change.outcome.fits:
        return change
    told = tuple(finding for finding in change.findings if finding != doubt)
    return weakened(attrs.evolve(change, findings=told), doubt)


def _on_what_runs(
    endpoint: DeclaredEndpoint, snapshot: Snapshot, settings: Settings, budget: Budget
) -> JudgedEndpoint | None:
    """The verdict on an endpoint that is there, whose configuration may change."""
    configuration, of_it = endpoint.configuration, endpoint.call
    changed = changed_capacity(configuration, snapshot) if configuration else []
    if configuration is None or of_it is None or not changed:
        return _in_order(endpoint, endpoint.calls, snapshot, settings, budget) if endpoint.calls else None
    name = configuration.request["EndpointConfigName"]
    if not configuration.named:
        name = _other_name(name, snapshot)
    configuration = attrs.evolve(configuration, request={**configuration.request, "EndpointConfigName": name})
    of_it = attrs.evolve(of_it, request={**of_it.request, "EndpointConfigName": name})
    judged = _in_order(endpoint, (configuration, of_it, *endpoint.calls), snapshot, settings, budget)
    together = Together(judged.calls, judged.asked, judged.verdict.changes, snapshot)
    judged = _with_changes(judged, weakened_beside_the_update(together, settings, budget), judged.calls)
    first, update, *_ = judged.verdict.changes
    at = configuration.place(changed[0][0])
    said = tuple(
        attrs.evolve(finding, file=at.file, line=at.line, column=at.column)
        if finding.rule in _OF_THE_NEW_FLEET
        else finding
        for finding in update.findings
    )
    why = "; ".join(f"{what} is {now} here and {there} in the snapshot" for _, what, now, there in changed)
    note = Finding(
        "ICP328", Severity.NOTE, f"the endpoint is updated, since {why}", changed[0][0], at.file, at.line
    )
    update = attrs.evolve(update, findings=(*said, note))
    if first.outcome.fails:
        changes, calls = (first, update, *judged.verdict.changes[2:]), judged.calls
    else:
        update = attrs.evolve(update, findings=(*update.findings, *first.findings))
        changes, calls = (update, *judged.verdict.changes[2:]), judged.calls[1:]
    return _without_ignored(_with_changes(judged, changes, calls), settings)


def _in_order(
    endpoint: DeclaredEndpoint,
    calls: Sequence[DeclaredCall],
    snapshot: Snapshot | None,
    settings: Settings,
    budget: Budget,
) -> JudgedEndpoint:
    """The verdict on calls made in order, each finding in its place.

    Where fewer fail in another order that they may be made in, it is the verdict on that.
    """
    before = budget.spent
    asked = [_sent(call, settings.assume).call for call in calls]
    answer = verdict = judge(asked, snapshot, settings, budget, only_declared=not endpoint.exists)
    spared = frozenset[int]()
    works = working_order(Together(calls, asked, verdict.changes, snapshot), settings, budget)
    if works.spared:
        calls, asked = [calls[n] for n in works.order], [asked[n] for n in works.order]
        spared = frozenset(works.order.index(n) for n in works.spared)
        answer = verdict = judge(asked, snapshot, settings, budget, only_declared=not endpoint.exists)
    if not works.every:
        verdict = _in_any_order(Together(calls, asked, verdict.changes, snapshot), verdict, settings, budget)
    assumptions = tuple(_assumptions(verdict, calls, snapshot, settings, budget))
    verdict = attrs.evolve(verdict, assumptions=assumptions)
    doubts = at_once(Together(calls, asked, verdict.changes, snapshot, spared), settings, budget)
    raised = raised_by_autoscaling(asked, verdict.changes, endpoint.targets, snapshot, settings, budget)
    taken = beside_new_endpoints(asked, verdict.changes, endpoint.started, snapshot, settings, budget)
    fleet, updates, changes = declared_fleet(endpoint, calls, snapshot), iter(range(MAX_COMPONENTS)), []
    for number, (change, call, made) in enumerate(zip(verdict.changes, calls, asked, strict=True)):
        new = change.operation == "CreateInferenceComponent" and change.outcome.fits
        if new and next(updates, None) is not None:
            found = next_update(asked, made, call.deployment, snapshot, settings, budget)
            if found is not None:
                change = attrs.evolve(change, findings=(*change.findings, found))  # noqa: PLW2901
        for doubt in (doubts.get(number), raised.get(number), taken.get(number)):
            if doubt is not None and change.outcome.rank > Outcome.MAY_NOT_FIT.rank:
                change = weakened(change, doubt)  # noqa: PLW2901
        change = as_declared(change, call, endpoint, snapshot, fleet)  # noqa: PLW2901
        changes.append(as_deployed(change, Deployed(asked, number, snapshot, fleet), settings, budget))
    verdict = attrs.evolve(verdict, changes=tuple(changes), units=budget.spent - before)
    verdict = _with_outcome(verdict, answer.outcome)
    judged = JudgedEndpoint(endpoint, verdict, tuple(calls), tuple(asked), snapshot, answer)
    return _without_ignored(judged, settings)


def _in_any_order(question: Together, verdict: Verdict, settings: Settings, budget: Budget) -> Verdict:
    """The verdict with nothing refused that may fit in an order that was not tried."""
    open_ = may_fit_in_another_order(question, settings, budget)
    return attrs.evolve(verdict, changes=tuple(as_possible(verdict.changes, open_)))


def _with_outcome(verdict: Verdict, before: Outcome) -> Verdict:
    """The verdict; where it is another than was judged, no assumption is said to lead to what it is."""
    if verdict.outcome is before:
        return verdict
    kept = (
        attrs.evolve(one, otherwise={v: to for v, to in one.otherwise.items() if to is not verdict.outcome})
        for one in verdict.assumptions
    )
    return attrs.evolve(verdict, assumptions=tuple(kept))


def _without_ignored(judged: JudgedEndpoint, settings: Settings) -> JudgedEndpoint:
    """The verdict without the findings that the settings leave out, which it names."""
    verdict = judged.verdict
    changes = tuple(without_rules(change, settings.ignore) for change in verdict.changes)
    met = {one.rule for change in changes for one in change.hidden if one.rule in settings.ignore}
    ignored = {**verdict.ignored, **{rule: settings.ignore[rule] for rule in sorted(met)}}
    return attrs.evolve(judged, verdict=attrs.evolve(verdict, changes=changes, ignored=ignored))


def _sent(call: DeclaredCall, assume: Mapping[str, str]) -> DeclaredCall:
    """The call as it is sent under the values of assumptions."""
    request = call.request
    for name, paths in call.unsent.items():
        if assume.get(name, BY_NAME[name].choices[0]) != BY_NAME[name].choices[0]:
            for path in paths:
                request = _without(request, path)
    return call if request is call.request else attrs.evolve(call, request=request)


def _without(value: Any, path: JsonPath) -> Any:
    """A copy of the value without what the path leads to."""
    step, *rest = path
    if isinstance(value, dict) and step in value:
        kept = {name: one for name, one in value.items() if name != step}
        return {**value, step: _without(value[step], tuple(rest))} if rest else kept
    if isinstance(value, list) and isinstance(step, int) and rest and step < len(value):
        return [*value[:step], _without(value[step], tuple(rest)), *value[step + 1 :]]
    return value


def _assumptions(
    verdict: Verdict,
    calls: Sequence[DeclaredCall],
    snapshot: Snapshot | None,
    settings: Settings,
    budget: Budget,
) -> Iterator[AssumptionUse]:
    """The assumptions, those of what is sent with the outcome that another value would give."""
    relied = {name for call in calls for name in call.unsent}
    for one in verdict.assumptions:
        if one.name not in relied:
            yield one
            continue
        (other,) = (value for value in BY_NAME[one.name].choices if value != one.value)
        assume = {**settings.assume, one.name: other}
        asked = [_sent(call, assume).call for call in calls]
        try:
            other_settings = attrs.evolve(settings, assume=assume)
            outcome = Outcome.worst(outcomes_of(asked, snapshot, other_settings, budget))
        except InputError:
            yield attrs.evolve(one, relied_on=True)
            continue
        otherwise = {} if outcome is verdict.outcome else {other: outcome}
        yield attrs.evolve(one, relied_on=True, otherwise=otherwise)


def _with_findings(judged: JudgedEndpoint, number: int, found: tuple[Finding, ...]) -> JudgedEndpoint:
    changes = list(judged.verdict.changes)
    changes[number] = attrs.evolve(changes[number], findings=(*changes[number].findings, *found))
    return _with_changes(judged, changes, judged.calls)


def _with_changes(
    judged: JudgedEndpoint, changes: Sequence[ChangeVerdict], calls: Sequence[DeclaredCall]
) -> JudgedEndpoint:
    verdict = attrs.evolve(judged.verdict, changes=tuple(changes))
    return attrs.evolve(judged, verdict=verdict, calls=tuple(calls))


def _other_name(name: str, snapshot: Snapshot) -> str:
    """A name for a configuration that replaces the one that runs, which is another by that."""
    return (
        f"{name}-next"[-_MAX_NAME_LENGTH:]
        if name == snapshot.data["EndpointConfig"].get("EndpointConfigName")
        else name
    )


def place_of(judged: JudgedEndpoint, number: int) -> Place:
    """Where the change of that number is declared."""
    return judged.calls[number].place("$")
