"""The one facade: changes and a snapshot in, a verdict out. Every door (CLI, API, guard) goes through it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.assumptions import ASSUMPTIONS, Assumptions
from icplan.catalog.catalog import from_ec2
from icplan.errors import InputError
from icplan.judge.component_states import with_states
from icplan.judge.hashes import judged_of
from icplan.judge.in_order import judged_in_order, told, undecided
from icplan.judge.settings import Settings
from icplan.judge.state import Run, SetState
from icplan.packing.budget import OutOfTime
from icplan.requests.call import VERB, Call
from icplan.requests.operations import ENDPOINT_OPERATIONS
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.values import frozen
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.outcome import Outcome
from icplan.verdict.verdict import AssumptionUse, SnapshotIdentity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from icplan.judge.state import Amount, ChangeResult
    from icplan.packing.budget import Budget
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.change_verdict import ChangeVerdict

__all__ = ["Call", "Settings", "judge"]

#: Changes past which not every order is tried: there are too many.
MAX_REORDERED = 5
#: How much of the effort that is left one trial may take: of another order, or another assumption.
TRIAL = 0.2


def judge(
    changes: Sequence[Call],
    snapshot: Snapshot | None,
    settings: Settings | None = None,
    budget: Budget | None = None,
    *,
    only_declared: bool = False,
) -> Verdict:
    """Judge changes in order, each on what the ones before it leave.

    Changes that make their endpoint need no ``snapshot``. A ``budget`` is that of a question that this is
    part of; without it there is all that the settings allow. ``only_declared`` tells that the snapshot is of
    an endpoint that files declare and that nobody has made yet, so that it can still be made otherwise.
    Raises :class:`~icplan.errors.InputError` when the question makes no sense: an unknown component, endpoint
    or instance type, or a snapshot that contradicts itself.
    """
    settings = settings or Settings()
    # What can be allocated is held against the types as the snapshot has them.
    types = snapshot.data.get("InstanceTypes") if snapshot else None
    settings.catalog.with_types(from_ec2(types or [])).checked()
    config = settings.config
    judged = judged_of(changes, snapshot, settings.catalog, config)
    changes = told(changes, snapshot)
    question = _ChangeSet(changes, snapshot, settings, _part_of(budget, settings), only_declared)
    results = question.with_those_at_rest(question.answered())
    shown = _without_unused(tuple(result.verdict for result in results))
    verdicts = _with_commands(shown, changes, snapshot)
    outcome = Outcome.worst(verdict.outcome for verdict in verdicts)
    identity = _identity(changes, snapshot)
    amounts = _amounts(results)
    if len(changes) > 1:
        # What turns one change says nothing of the others.
        amounts = [attrs.evolve(amount, threshold=None) for amount in amounts]
    relied_on = frozenset().union(*(result.relied_on for result in results))
    assumptions = (*question.assumptions_in_time(relied_on, outcome), *amounts)
    ignored = frozenset().union(*(result.ignored for result in results))
    reasons = {rule: settings.ignore[rule] for rule in sorted(ignored)}
    return Verdict(identity, verdicts, assumptions, reasons, config, judged, question.budget.spent)


def _without_unused(changes: tuple[ChangeVerdict, ...]) -> tuple[ChangeVerdict, ...]:
    if all(change.courses is None for change in changes):
        return changes
    from icplan.verdict.courses import without_unused  # noqa: PLC0415  (few changes are shown by courses)

    return without_unused(changes)


def _with_commands(
    changes: tuple[ChangeVerdict, ...], calls: Sequence[Call], snapshot: Snapshot | None
) -> tuple[ChangeVerdict, ...]:
    if not any(change.remedies for change in changes):
        return changes
    from icplan.judge.remedy_context import with_commands  # noqa: PLC0415  (only where something helps)

    return with_commands(changes, calls, snapshot)


def _part_of(budget: Budget | None, settings: Settings) -> Budget:
    """A budget that counts by itself what is taken of the whole, and keeps answers of its own."""
    return settings.budget() if budget is None else budget.share(1)


def outcomes_of(
    changes: Sequence[Call],
    snapshot: Snapshot | None,
    settings: Settings,
    budget: Budget | None = None,
    *,
    same_answers: bool = False,
) -> list[Outcome]:
    """The outcome of each change alone, in order; nothing is explained.

    ``same_answers``: what the budget has proven already need not be proven again.
    """
    results = results_of(changes, snapshot, settings, budget, same_answers=same_answers)
    return [result.verdict.outcome for result in results]


def results_of(
    changes: Sequence[Call],
    snapshot: Snapshot | None,
    settings: Settings,
    budget: Budget | None = None,
    *,
    same_answers: bool = False,
) -> list[ChangeResult]:
    """What comes of each change, in order, as far as it is judged before it is explained."""
    part = budget.share(1, same_answers=True) if budget and same_answers else _part_of(budget, settings)
    run = Run(settings, Assumptions(settings.assume), part, explains=False)
    state = None if snapshot is None else SetState(read_endpoint(snapshot))
    return list(judged_in_order(run, told(changes, snapshot), state))


def decided(call: Call, snapshot: Snapshot, settings: Settings, budget: Budget | None = None) -> Verdict:
    """The verdict on one change as far as it is judged before it is explained: for those whom nobody reads.

    It has the outcome, and what a component was and is to be; evidence, how it would go back, causes,
    remedies and assumptions are not looked for.
    """
    run = Run(settings, Assumptions(settings.assume), _part_of(budget, settings), explains=False)
    state = SetState(read_endpoint(snapshot))
    (found,) = judged_in_order(run, told([call], snapshot), state)
    verdict = with_states(found.verdict, state.endpoint, found.spec)
    identity = _identity([call], snapshot, hashed=False)
    return Verdict(identity, (verdict,), config=settings.config, units=run.budget.spent)


def decided_in_order(
    changes: Sequence[Call], snapshot: Snapshot | None, settings: Settings, budget: Budget
) -> Verdict:
    """The verdict on changes in order as far as they are judged before they are explained.

    It has the outcome of each, and its copies.
    """
    results = results_of(changes, snapshot, settings, budget, same_answers=True)
    identity = _identity(changes, snapshot, hashed=False)
    return Verdict(identity, tuple(result.verdict for result in results), config=settings.config)


def _amounts(results: Sequence[ChangeResult]) -> list[AssumptionUse]:
    """The amounts that changes rely on, each once: as the last has it that outcomes hang on."""
    found: dict[Amount, AssumptionUse] = {}
    for result in results:
        found |= {key: use for key, use in result.amounts.items() if use.relied_on or key not in found}
    return list(found.values())


def _identity(changes: Sequence[Call], snapshot: Snapshot | None, *, hashed: bool = True) -> SnapshotIdentity:
    """The snapshot, and the endpoint spoken of: where it names none, the one that a change goes to."""
    named = (change.request.get("EndpointName") for change in changes)
    first = next((name for name in named if isinstance(name, str)), None)
    if snapshot is None:
        return SnapshotIdentity(None, None, first or "(no endpoint)")
    endpoint = snapshot.endpoint_name if snapshot.names_endpoint or first is None else first
    told = (snapshot.data.get(name) for name in ("AccountId", "Region", "Index"))
    fingerprint = snapshot.fingerprint if hashed else None
    return SnapshotIdentity(fingerprint, snapshot.taken_at, endpoint, *told)


@frozen
class _ChangeSet:
    changes: Sequence[Call]
    snapshot: Snapshot | None
    settings: Settings
    budget: Budget
    only_declared: bool = False
    start: SetState | None = attrs.field(init=False)

    @start.default
    def _start(self) -> SetState | None:
        if self.snapshot is None:
            return None
        state = read_endpoint(self.snapshot)
        return SetState(
            state.started() if self.only_declared else state, configured_by_set=self.only_declared
        )

    def answered(self) -> tuple[ChangeResult, ...]:
        """The result of each change; those that an alarm left without one are undecided."""
        run = Run(self.settings, Assumptions(self.settings.assume), self.budget)
        found: list[ChangeResult] = []
        try:
            found.extend(judged_in_order(run, self.changes, self.start))
            return self.note_working_order(self.with_what_comes_after(tuple(found)))
        except OutOfTime as alarm:
            alarm.caught()
            self.budget.end()
            return (*found, *(undecided(run, call) for call in self.changes[len(found) :]))

    def with_those_at_rest(self, results: tuple[ChangeResult, ...]) -> tuple[ChangeResult, ...]:
        """The results; a change that is refused for what is under way with what comes of it at rest.

        The whole set is judged at rest, so that no change fails there for one that is only refused now.
        """
        if self.snapshot is None or all(one.verdict.outcome is not Outcome.BLOCKED for one in results):
            return results
        from icplan.judge.once_at_rest import as_if_at_rest  # noqa: PLC0415  (most changes are not blocked)
        from icplan.snapshot.at_rest import at_rest  # noqa: PLC0415

        then = at_rest(self.snapshot)
        if then is None:
            return results
        document = self.snapshot.from_dict(then.data, self.snapshot.file)
        try:
            rested = attrs.evolve(self, snapshot=document).answered()
        except InputError:
            return results  # what a change is about is not there any more then
        return tuple(
            as_if_at_rest(now, rest, then.awaited, self.settings.fail_on)
            if now.verdict.outcome is Outcome.BLOCKED
            else now
            for now, rest in zip(results, rested, strict=True)
        )

    def _outcomes(
        self, changes: Sequence[Call], turned: Mapping[str, str] | None = None
    ) -> Iterator[Outcome]:
        """The outcomes of what is only tried: nothing is explained, and it takes but a part of the effort.

        What was proven before need not be again: most of it holds for other orders and assumptions as well.
        """
        assumptions = Assumptions({**self.settings.assume, **(turned or {})})
        budget = self.budget.share(TRIAL, same_answers=True)
        run = Run(self.settings, assumptions, budget, explains=False)
        return (result.verdict.outcome for result in judged_in_order(run, changes, self.start))

    def with_what_comes_after(self, results: tuple[ChangeResult, ...]) -> tuple[ChangeResult, ...]:
        """The results, with what each remedy makes of the changes after its own."""
        helped = any(result.verdict.remedies for result in results[:-1])
        if not helped or self.budget.exhausted:
            return results
        from icplan.judge.later_changes import with_what_comes_after  # noqa: PLC0415  (few sets need it)

        return with_what_comes_after(results, self.changes, self._outcomes, self._label)

    def note_working_order(self, results: tuple[ChangeResult, ...]) -> tuple[ChangeResult, ...]:
        """The results, with a note on the first that does not fit if another order of them all works."""
        first = next((n for n, result in enumerate(results) if not result.verdict.outcome.fits), None)
        if first is None or len(results) < 2 or self.budget.exhausted:  # noqa: PLR2004  (one has no order)
            return results
        for order in self._orders():
            if self._ends_alike(order) and self._all_fit(order):
                message = f"this order works: {', then '.join(map(self._label, order))}"
                finding = Finding("ICP405", Severity.NOTE, message)
                verdict = results[first].verdict
                noted = attrs.evolve(verdict, findings=(*verdict.findings, finding))
                found = attrs.evolve(results[first], verdict=noted)
                return (*results[:first], found, *results[first + 1 :])
        return results

    def _orders(self) -> Iterator[tuple[int, ...]]:
        """Other orders: what frees room first, else as given; then all, unless they are too many."""
        given = tuple(range(len(self.changes)))
        freeing = tuple(sorted(given, key=lambda number: self._rank(self.changes[number])))
        if freeing != given:
            yield freeing
        if len(given) <= MAX_REORDERED:
            yield from (order for order in itertools.permutations(given) if order not in (given, freeing))

    def _rank(self, asked: Call) -> int:
        """Deletions come first, then what asks for fewer copies than there are."""
        if asked.operation == "DeleteInferenceComponent":
            return 0
        name = asked.request.get("InferenceComponentName")
        components = (self.snapshot.data.get("InferenceComponents") if self.snapshot else None) or []
        found: Mapping[str, Any] = next(
            (one for one in components if one["InferenceComponentName"] == name), {}
        )
        wanted = [asked.request.get(member) for member in ("DesiredRuntimeConfig", "RuntimeConfig")]
        counts = [runtime.get("CopyCount") for runtime in wanted if isinstance(runtime, dict)]
        now = (found.get("RuntimeConfig") or {}).get("DesiredCopyCount", 0)
        return 1 if any(isinstance(count, int) and count < now for count in counts) else 2

    def _ends_alike(self, order: Sequence[int]) -> bool:
        """Whether each component's changes come in the order given, so that it ends as it was asked for.

        Changes of the endpoint stay where they are.
        """
        if any(self.changes[n].operation in ENDPOINT_OPERATIONS for k, n in enumerate(order) if k != n):
            return False
        names = [self.changes[number].request.get("InferenceComponentName") for number in order]
        asked = [change.request.get("InferenceComponentName") for change in self.changes]
        return all(
            [number for number, name in zip(order, names, strict=True) if name == one]
            == [number for number, name in enumerate(asked) if name == one]
            for one in {name for name in asked if isinstance(name, str)}
        )

    def _all_fit(self, order: Sequence[int]) -> bool:
        """Whether every change fits in that order; one that comes before what it builds on makes no sense."""
        outcomes = self._outcomes([self.changes[n] for n in order])
        try:
            return all(outcome.fits for outcome in outcomes)
        except InputError:
            return False

    def _label(self, number: int) -> str:
        """A change by its number, counted from 1, and what it does: a component may occur in several."""
        change = self.changes[number]
        verb = VERB.get(change.operation, change.operation)
        name = change.request.get("InferenceComponentName", change.request.get("EndpointName"))
        several = len({other.file for other in self.changes}) > 1
        return f"change {number + 1} ({verb} {name}{f', {change.file}' if several and change.file else ''})"

    def assumptions_in_time(self, relied_on: frozenset[str], outcome: Outcome) -> tuple[AssumptionUse, ...]:
        """As `assumptions`; what an alarm leaves no time for is left out."""
        try:
            return tuple(self.assumptions(relied_on, outcome))
        except OutOfTime as alarm:
            alarm.caught()
            self.budget.end()
            return tuple(self.assumptions(relied_on, outcome))

    def assumptions(self, relied_on: frozenset[str], outcome: Outcome) -> Iterator[AssumptionUse]:
        """Every assumption with its value, and what the outcome would be with another, where that differs."""
        values = Assumptions(self.settings.assume)
        for assumption in ASSUMPTIONS:
            if assumption.share:
                continue
            value = values.value(assumption.name)
            relied = assumption.name in relied_on
            others = [choice for choice in assumption.choices if relied and choice != value]
            others = [] if self.budget.exhausted else others
            turned = ((choice, self._under(assumption.name, choice)) for choice in others)
            differs = {choice: other for choice, other in turned if other not in (None, outcome)}
            yield AssumptionUse(assumption.name, value, assumption.basis, relied, differs)

    def _under(self, name: str, choice: str) -> Outcome | None:
        """The outcome with another value of an assumption; ``None`` where that makes no sense."""
        try:
            return Outcome.worst(self._outcomes(self.changes, {name: choice}))
        except InputError:
            return None
