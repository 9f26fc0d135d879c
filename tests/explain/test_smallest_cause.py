"""The cause of a refusal is enough for it, and nothing of it can be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import assume, event, given
from support import small_fleets
from support.endpoints import GPU4, component, snapshot
from support.examples import share
from support.refused_changes import question
from support.small_fleets import Case, one_phase_cases, rolling_cases
from support.verdicts import check

import icplan
from icplan.explain.smallest_cause import Away, _holds_any, _refused, cause_of, refused_without
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.explain.shortage import Case as Refusal
    from icplan.verdict.change_verdict import Cause, ChangeVerdict
    from icplan.verdict.verdict import Verdict

Told = list[tuple["Refusal", "Cause"]]

#: With other values another cause may refuse the same change.
ASSUME = {
    "update-without-deployment-config": "all-at-once",
    "update-to-fewer-copies": "replace-all",
    "batch-rounding": "up",
}

#: More of everything than any case asks for, and more instances.
MUCH, MANY = 10**6, 40


def with_plenty(case: Case, resources: set[str]) -> Case:
    """The case on instances that have plenty of these resources."""
    kinds = tuple(
        attrs.evolve(
            kind,
            memory=(MUCH, MUCH) if "memory" in resources else kind.memory,
            cpu=(MUCH, MUCH) if "cpu" in resources else kind.cpu,
            devices=99 if "accelerators" in resources else kind.devices,
        )
        for kind in case.types
    )
    return attrs.evolve(case, types=kinds)


def without_limits(case: Case, limits: set[str]) -> Case:
    """The case without these limits."""
    if ("ICP504" if case.most is None else "ICP501") in limits:
        case = attrs.evolve(case, most=len(case.instances) + MANY)
    return attrs.evolve(case, quotas=()) if "ICP502" in limits else case


def reduced(case: Case, cause: Cause) -> Case:
    """The case with nothing in it but the cause, and the component that changes."""
    gone = {one.name for one in case.components} - {*cause.components, case.change.name}
    for name in gone:
        case = case.without(name)
    case = with_plenty(case, {"memory", "cpu", "accelerators"} - set(cause.resources))
    return without_limits(case, {"ICP501", "ICP502", "ICP504"} - set(cause.limits))


def smaller(case: Case, cause: Cause) -> Iterator[Case]:
    """The reduced case without one thing more."""
    least = reduced(case, cause)
    for name in cause.components:
        if name != case.change.name:
            yield least.without(name)
    # One is always named, though there may be no instance at all.
    for resource in cause.resources if len(cause.resources) > 1 else ():
        yield with_plenty(least, {resource})
    for limit in cause.limits:
        yield without_limits(least, {limit})


def refused(case: Case) -> tuple[ChangeVerdict, Cause]:
    """The refusal of a case and its cause; other cases are passed over."""
    assume(not any(kind.layout for kind in case.types))
    (change,) = judged(case).changes
    assume(change.outcome is Outcome.DOES_NOT_FIT and change.cause is not None)
    assert change.cause is not None
    event(f"{change.cause.resources}, {len(change.cause.components)} components, {change.cause.limits}")
    return change, change.cause


def judged(case: Case) -> Verdict:
    return icplan.check(
        small_fleets.request(case),
        small_fleets.snapshot(case),
        assume=ASSUME,
        allocatable=small_fleets.settings(case),
        catalog=small_fleets.catalog(case),
    )


def outcome(case: Case) -> Outcome:
    return judged(case).outcome


@pytest.mark.slow
@given(one_phase_cases() | rolling_cases())
def test_a_cause_is_enough(case: Case) -> None:
    """With nothing else there, and plenty of all other resources, it is refused all the same."""
    _, cause = refused(case)
    assert outcome(reduced(case, cause)) is Outcome.DOES_NOT_FIT


@pytest.mark.slow
@given(one_phase_cases())
def test_nothing_of_a_cause_can_be_left_out(case: Case) -> None:
    """Without a component, a resource or a limit of it, it is refused no more."""
    change, cause = refused(case)
    assume(len([phase for phase in change.phases if phase.kind != "rollback"]) == 1)
    assert cause.minimal
    assert all(outcome(less) is not Outcome.DOES_NOT_FIT for less in smaller(case, cause))


def test_a_type_of_which_none_is_there_keeps_no_resource_in_the_cause() -> None:
    """On ml.a, of which none runs or comes, a copy takes no accelerators; on ml.b they are enough."""
    kinds = (
        small_fleets.Type("ml.a", (2000, 2000), (256, 256), 0),
        small_fleets.Type("ml.b", (2000, 2000), (256, 256), 2),
    )
    needs: dict[str | None, small_fleets.Need] = {
        "ml.a": small_fleets.Need(128),
        "ml.b": small_fleets.Need(128, 0, 2),
    }
    there = small_fleets.Component("x", needs, (0, 1))
    case = Case(kinds, ("ml.b", "ml.b"), (there,), small_fleets.Change("x", 3))
    cause = judged(case).changes[0].cause
    assert cause is not None
    assert cause.resources == ("accelerators",)
    assert cause.text.startswith("2 more copies need each 2 accelerators on one instance.")


@pytest.fixture(name="told", scope="module")
def _told() -> Iterator[Told]:
    """Every refusal that a cause was found for, and that cause."""
    found: Told = []

    def noted(refusal: Refusal) -> Cause | None:
        cause = cause_of(refusal)
        if cause is not None:
            found.append((refusal, cause))
        return cause

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("icplan.explain.smallest_cause.cause_of", noted)
        yield found


def hold(refusal: Refusal, cause: Cause) -> None:
    """What the cause leaves of the step is refused, and without one thing more it is not."""
    worst, fleet = refusal.judged.worst_step, refusal.fleet
    assert worst is not None
    step, budget = worst.step, refusal.question.budget.share(1)
    types = {pool.type.name for pool in fleet.pools if _holds_any(step, fleet, pool.type.name)}
    left = Away(
        resources=frozenset({*fleet.dimensions, "accelerators"} - set(cause.resources)),
        components=frozenset({one.component.name for one in step.existing} - set(cause.components)),
        instance_types=frozenset(types - set(cause.instance_types)),
        limits=frozenset(one for one in fleet.limits if one.rule not in cause.limits),
    )

    def is_refused(away: Away, copies: int = cause.copies) -> bool:
        less, there = refused_without(fleet, step, away)
        return _refused(less, attrs.evolve(there, copies=copies), refusal, budget)

    assert is_refused(left)
    assert cause.minimal
    assert cause.copies == 1 or not is_refused(left, cause.copies - 1)
    members = {
        "resources": cause.resources if len(cause.resources) > 1 else (),
        "components": cause.components,
        "instance_types": cause.instance_types,
    }
    for member, names in members.items():
        for name in names:
            more = attrs.evolve(left, **{member: getattr(left, member) | {name}})
            assert not is_refused(more), (cause, member, name)
    for rule in cause.limits:
        lifted = frozenset(one for one in fleet.limits if one.rule == rule)
        assert not is_refused(attrs.evolve(left, limits=left.limits | lifted)), (cause, rule)


@pytest.mark.slow
@share(2)
@given(one_phase_cases() | rolling_cases())
def test_every_cause_is_minimal_whatever_is_refused(told: Told, case: Case) -> None:
    """Steps of updates, partitions, several types, known places: enough by itself, and nothing too much."""
    told.clear()
    verdict = judged(case)
    for refusal, cause in told:
        event(f"{cause.resources}, {cause.limits}")
        hold(refusal, cause)
    assert Result.REJECTED not in {one.result for one in verify(to_dict(verdict))}


@pytest.mark.slow
@share(2)
@given(question())
def test_every_cause_is_minimal_beside_what_is_in_motion(
    told: Told, asked: tuple[dict[str, object], dict[str, object]]
) -> None:
    """Failed components, updates under way, quotas."""
    taken, call = asked
    told.clear()
    verdict = icplan.check(call, icplan.Snapshot.from_dict(taken), assume=ASSUME)
    for refusal, cause in told:
        hold(refusal, cause)
    assert Result.REJECTED not in {one.result for one in verify(to_dict(verdict))}


def test_a_cause_names_what_is_short_and_who_has_it() -> None:
    """Of two resources and three components, only what counts is named."""
    taken = snapshot(
        GPU4, 1, component("big", 1, 3, 8192), component("small", 1, 0, 1024), component("tiny", 1, 0, 128)
    )
    more = {"InferenceComponentName": "big", "DesiredRuntimeConfig": {"CopyCount": 2}}
    (change,) = check(taken, more).changes
    assert change.cause is not None
    assert (change.cause.resources, change.cause.components) == (("accelerators",), ("big",))
    assert change.cause.limits == ("ICP504",)
    assert change.cause.text == (
        "1 more copy needs 3 accelerators; the fleet has 1 accelerator left. 1 copy of big holds the rest. "
        "No instance can be added: managed instance scaling is off."
    )
