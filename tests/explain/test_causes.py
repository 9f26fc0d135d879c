"""The cause of a refusal is enough for it, and nothing of it can be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import assume, event, given
from support import small_fleets
from support.endpoints import GPU4, component, snapshot
from support.small_fleets import Case, one_phase_cases, rolling_cases
from support.verdicts import check

import icplan
from icplan.verdict.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.verdict.verdict import Cause, ChangeVerdict, Verdict

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
        "No instance can be added: managed instance scaling is off, so no instance is ever added."
    )
