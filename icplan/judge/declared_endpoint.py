"""One endpoint of a deployment judged: the calls on it, in an order that works, and beside what goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from icplan.judge.any_order import as_possible, may_fit_in_another_order
from icplan.judge.at_once import Together, at_once, weakened
from icplan.judge.autoscaling_minimum import raised_by_autoscaling
from icplan.judge.before_the_update import weakened_beside_the_update
from icplan.judge.beside_new_endpoints import beside_new_endpoints, of_account, with_account, without_quota
from icplan.judge.change_set import decided_in_order, judge
from icplan.judge.changed_capacity import changed_capacity
from icplan.judge.declared_change import as_declared, declared_fleet, placed
from icplan.judge.ignoring import without_rules
from icplan.judge.next_update import MAX_COMPONENTS, next_update
from icplan.judge.unsent_members import as_sent, assumptions_of
from icplan.judge.working_order import working_order
from icplan.rules.configuration import starts_beyond_maximum
from icplan.rules.registry import check_call
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from icplan.inputs.deployment import DeclaredCall, DeclaredEndpoint
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.requests.call import Call
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.verdict import Verdict

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

    def with_changes(
        self, changes: Sequence[ChangeVerdict], calls: Sequence[DeclaredCall] | None = None
    ) -> JudgedEndpoint:
        """The same with other verdicts on its changes; ``calls`` are those behind them where these differ."""
        verdict = attrs.evolve(self.verdict, changes=tuple(changes))
        return attrs.evolve(self, verdict=verdict, calls=self.calls if calls is None else tuple(calls))


@attrs.frozen
class Judging:
    """What an endpoint of a deployment is judged with; unless it ``explains``, outcomes alone are wanted.

    Of the changes that ``only`` tells, if it tells any: what the others meet at the same time is not looked
    at then.
    """

    settings: Settings
    budget: Budget
    explains: bool = True
    only: Callable[[DeclaredCall], bool] | None = None

    def judge(self, asked: Sequence[Call], snapshot: Snapshot | None, *, only_declared: bool) -> Verdict:
        """The verdict on calls made in order, each on what the ones before it leave."""
        if self.explains:
            return judge(asked, snapshot, self.settings, self.budget, only_declared=only_declared)
        return decided_in_order(asked, snapshot, self.settings, self.budget)


def judge_endpoint(
    endpoint: DeclaredEndpoint, snapshot: Snapshot | None, judging: Judging
) -> JudgedEndpoint | None:
    """The verdict on an endpoint; None where nothing is done on it."""
    settings, budget = judging.settings, judging.budget
    if endpoint.exists and snapshot is not None:
        return _on_what_runs(endpoint, snapshot, judging)
    configuration, of_it = endpoint.configuration, endpoint.call
    found = check_call(configuration.call) if configuration else ()
    if configuration and of_it and any(finding.severity is Severity.ERROR for finding in found):
        return _in_order(endpoint, (configuration, of_it, *endpoint.calls), None, judging)
    account = of_account(snapshot) if endpoint.of_account else {}
    if configuration and of_it:
        before = without_quota((configuration.call, of_it.call), account, settings, budget)
        if before is not None:
            return _in_order(endpoint, (configuration, of_it, *endpoint.calls), before, judging)
    if not endpoint.calls:
        return None
    declared = with_account(endpoint.declared or {}, account)
    judged = _in_order(endpoint, endpoint.calls, declared, judging)
    of_fleet = tuple(placed(finding, configuration) for finding in found if configuration)
    judged = _with_findings(judged, 0, of_fleet)
    for doubt in filter(starts_beyond_maximum, of_fleet):
        changes = [_doubted(change, doubt) for change in judged.verdict.changes]
        judged = judged.with_changes(changes)
    return _without_ignored(judged, settings)


def _doubted(change: ChangeVerdict, doubt: Finding) -> ChangeVerdict:
    """The change, which is no more than possible where that is not known; said once."""
    if not change.outcome.fits:
        return change
    told = tuple(finding for finding in change.findings if finding != doubt)
    return weakened(attrs.evolve(change, findings=told), doubt)


def _on_what_runs(endpoint: DeclaredEndpoint, snapshot: Snapshot, judging: Judging) -> JudgedEndpoint | None:
    """The verdict on an endpoint that is there, whose configuration may change."""
    configuration, of_it = endpoint.configuration, endpoint.call
    changed = changed_capacity(configuration, snapshot) if configuration else []
    if configuration is None or of_it is None or not changed:
        return _in_order(endpoint, endpoint.calls, snapshot, judging) if endpoint.calls else None
    name = configuration.request["EndpointConfigName"]
    if not configuration.named:
        name = _other_name(name, snapshot)
    configuration = attrs.evolve(configuration, request={**configuration.request, "EndpointConfigName": name})
    of_it = attrs.evolve(of_it, request={**of_it.request, "EndpointConfigName": name})
    judged = _in_order(endpoint, (configuration, of_it, *endpoint.calls), snapshot, judging)
    together = Together(judged.calls, judged.asked, judged.verdict.changes, snapshot)
    judged = judged.with_changes(weakened_beside_the_update(together, judging.settings, judging.budget))
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
    return _without_ignored(judged.with_changes(changes, calls), judging.settings)


def _in_order(
    endpoint: DeclaredEndpoint, calls: Sequence[DeclaredCall], snapshot: Snapshot | None, judging: Judging
) -> JudgedEndpoint:
    """The verdict on calls made in order, each finding in its place.

    Where fewer fail in another order that they may be made in, it is the verdict on that.
    """
    settings, budget = judging.settings, judging.budget
    before = budget.spent
    question, verdict, answer = _ordered(endpoint, calls, snapshot, judging)
    calls, asked = question.declared, question.asked
    if judging.explains:
        assumptions = tuple(assumptions_of(verdict, calls, snapshot, settings, budget))
        verdict = attrs.evolve(verdict, assumptions=assumptions)
    question = attrs.evolve(question, changes=verdict.changes)
    changes = list(_doubted_beside(endpoint, question, judging))
    if judging.explains:
        changes = list(_told(endpoint, attrs.evolve(question, changes=changes), settings, budget))
    verdict = attrs.evolve(verdict, changes=tuple(changes), units=budget.spent - before)
    verdict = _with_outcome(verdict, answer.outcome)
    judged = JudgedEndpoint(endpoint, verdict, tuple(calls), tuple(asked), snapshot, answer)
    return _without_ignored(judged, settings)


def _ordered(
    endpoint: DeclaredEndpoint, calls: Sequence[DeclaredCall], snapshot: Snapshot | None, judging: Judging
) -> tuple[Together, Verdict, Verdict]:
    """The calls in the order that is judged, the verdict, and what of it was judged in that order alone."""
    settings, budget = judging.settings, judging.budget
    asked = [as_sent(call, settings.assume).call for call in calls]
    answer = verdict = judging.judge(asked, snapshot, only_declared=not endpoint.exists)
    spared = frozenset[int]()
    works = working_order(Together(calls, asked, verdict.changes, snapshot), settings, budget)
    if works.spared:
        calls, asked = [calls[n] for n in works.order], [asked[n] for n in works.order]
        spared = frozenset(works.order.index(n) for n in works.spared)
        answer = verdict = judging.judge(asked, snapshot, only_declared=not endpoint.exists)
    question = Together(calls, asked, verdict.changes, snapshot, spared)
    if not works.every:
        verdict = _in_any_order(question, verdict, settings, budget)
    return question, verdict, answer


def _doubted_beside(
    endpoint: DeclaredEndpoint, question: Together, judging: Judging
) -> Iterator[ChangeVerdict]:
    """The changes; what may not fit with all that goes on beside it is no more than possible."""
    asked, judged, snapshot = question.asked, question.changes, question.snapshot
    settings, budget, only = judging.settings, judging.budget, judging.only
    wanted = [n for n, call in enumerate(question.declared) if only is None or only(call)]
    doubts = (
        at_once(question, wanted, settings, budget),
        raised_by_autoscaling(asked, judged, endpoint.targets, snapshot, settings, budget),
        beside_new_endpoints(asked, judged, endpoint, snapshot, settings, budget),
    )
    for number, change in enumerate(judged):
        for found in doubts:
            if number in found and change.outcome.rank > Outcome.MAY_NOT_FIT.rank:
                change = weakened(change, found[number])  # noqa: PLW2901
        yield change


def _told(
    endpoint: DeclaredEndpoint, question: Together, settings: Settings, budget: Budget
) -> Iterator[ChangeVerdict]:
    """The changes with what is to be said of them as declared ones."""
    asked, snapshot = question.asked, question.snapshot
    fleet, updates = declared_fleet(endpoint, question.declared, snapshot), iter(range(MAX_COMPONENTS))
    for change, call, made in zip(question.changes, question.declared, asked, strict=True):
        new = change.operation == "CreateInferenceComponent" and change.outcome.fits
        if new and next(updates, None) is not None:
            found = next_update(asked, made, call.deployment, snapshot, settings, budget)
            if found is not None:
                change = attrs.evolve(change, findings=(*change.findings, found))  # noqa: PLW2901
        yield as_declared(change, call, endpoint, snapshot, fleet)


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


def _with_findings(judged: JudgedEndpoint, number: int, found: tuple[Finding, ...]) -> JudgedEndpoint:
    changes = list(judged.verdict.changes)
    changes[number] = attrs.evolve(changes[number], findings=(*changes[number].findings, *found))
    return judged.with_changes(changes)


def _other_name(name: str, snapshot: Snapshot) -> str:
    """A name for a configuration that replaces the one that runs, which is another by that."""
    return (
        f"{name}-next"[-_MAX_NAME_LENGTH:]
        if name == snapshot.data["EndpointConfig"].get("EndpointConfigName")
        else name
    )
