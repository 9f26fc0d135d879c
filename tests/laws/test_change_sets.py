"""Change sets: several changes in order are judged as each would be on what the ones before it leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from hypothesis import event, given
from hypothesis import strategies as st
from support.small_fleets import (
    Case,
    Change,
    Component,
    Need,
    Type,
    asked,
    judged,
    needs_of,
    one_phase_cases,
    request,
)

from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from support.small_fleets import Needs

    from icplan.verdict.change_verdict import ChangeVerdict

SCALE = "UpdateInferenceComponentRuntimeConfig"


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Case, Change]:
    """A case, and a change to make after its own."""
    case = draw(one_phase_cases(pools=False))
    names = [component.name for component in case.components] + [case.change.name]
    name = draw(st.sampled_from([*names, "late"]))
    needs: Needs | None = {None: draw(needs_of(case.types))} if name == "late" else None
    return case, Change(name, draw(st.integers(1, 4)), needs)


def after(case: Case, instances: int) -> Case:
    """The fleet once the change is done, when so many instances are left."""
    change, before = case.change, case.before
    needs = change.needs or (before.needs if before else {})
    done = Component(change.name, needs, (change.copies,))
    components = (*case.without(change.name).components, done)
    return attrs.evolve(
        case,
        instances=(case.types[0].name,) * instances,
        components=tuple(attrs.evolve(c, where=(c.copies, *(0,) * (instances - 1))) for c in components),
        located=False,
    )


def said(change: ChangeVerdict) -> list[object]:
    return [
        change.outcome,
        change.instances_now,
        change.peak_instances,
        change.final_instances,
        [(phase.name, phase.outcome, phase.instances_needed) for phase in change.phases],
    ]


@given(pairs())
def test_where_the_first_of_two_can_end_in_one_way_the_second_is_judged_on_that(
    pair: tuple[Case, Change],
) -> None:
    """The same verdict as on a snapshot taken after the first, which launches nothing and empties nothing."""
    case, then = pair
    (alone,) = judged(case).changes
    takes_away = case.before is not None and (case.change.needs or case.change.copies < case.before.copies)
    if alone.outcome is not Outcome.FITS or (case.most is not None and takes_away):
        return
    left = attrs.evolve(after(case, len(case.instances)), change=then)
    event("judged")
    both = asked(case, [request(case), request(left)])
    assert said(both.changes[0]) == said(alone)
    assert said(both.changes[1]) == said(judged(left).changes[0])


@given(one_phase_cases())
def test_a_set_of_one_is_that_one(case: Case) -> None:
    """A list of one change, with or without its envelope, gives the verdict of the change."""
    change = request(case)
    alone = said(judged(case).changes[0])
    for form in ([change], change["Request"], [change["Request"]]):
        assert [said(one) for one in asked(case, form).changes] == [alone]


@given(one_phase_cases(pools=False), st.integers(1, 4))
def test_the_outcome_of_a_set_is_that_of_its_worst_change(case: Case, copies: int) -> None:
    """Never better than one of them."""
    scaled = {"InferenceComponentName": case.change.name, "DesiredRuntimeConfig": {"CopyCount": copies}}
    both = asked(case, [request(case), {"Operation": SCALE, "Request": scaled}])
    assert both.outcome is min((change.outcome for change in both.changes), key=lambda found: found.rank)


def test_what_one_change_launches_is_there_for_the_next() -> None:
    """On an endpoint with pools, too, the second change can be judged."""
    small = Need(128, 1500)
    case = Case(
        types=(Type("ml.a", (2000, 2000), (256, 256)), Type("ml.b", (2000, 2000), (256, 256))),
        instances=("ml.b", "ml.b"),
        components=(Component("y", {"ml.b": small, "ml.a": Need(128)}, (0, 1)),),
        change=Change("y", 3),
        most=3,
    )
    first, second = asked(case, [request(case), request(case, Change("y", 4))]).changes
    assert first.outcome.fits
    assert second.instances_now == 3


@given(one_phase_cases(pools=False), st.integers(0, 2))
def test_a_change_after_one_that_fails_is_judged_as_if_that_had_not_been_asked(
    case: Case, which: int
) -> None:
    """What fails leaves everything as it was."""
    failing = attrs.evolve(case.change, copies=case.change.copies + 20)
    if which >= len(case.components) or not judged(case, failing).outcome.fails:
        return
    second = Change(case.components[which].name, case.components[which].copies + 1)
    event("judged")
    both = judged(case, failing, second)
    assert said(both.changes[1]) == said(judged(case, second).changes[0])
