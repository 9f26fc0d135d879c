"""The pictures say nothing that the evidence does not: sums, capacities, and why a copy has no room."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs
import click
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, create, snapshot
from support.small_fleets import (
    Case,
    Change,
    Component,
    Need,
    Type,
    judged,
    one_phase_cases,
    rolling_cases,
)
from support.verdicts import check

from icplan.report.draw_picture import pictures_of
from icplan.report.formats import render
from icplan.report.picture import ACCELERATORS, MEMORY, Picture, Resource, Role, Shows
from icplan.report.picture_text import measure
from icplan.report.style import Look
from icplan.verdict.evidence import EveryCourse, NoWorld, SomeWorlds
from icplan.verdict.premises import Premises, Where

if TYPE_CHECKING:
    from icplan.verdict.change_verdict import ChangeVerdict

cases = one_phase_cases() | rolling_cases()
looks = st.builds(Look, st.sampled_from((60, 80, 120, 200)), st.booleans(), st.booleans())


def sound(picture: Picture) -> None:
    """Every amount adds up and is within what an instance has."""
    for row in picture.rows:
        assert row.count > 0
        for resource in row.resources:
            taken = sum(one.number * one.takes[resource.place] for one in row.holds)
            # CPU is told in whole thousandths of a core, so that sums may be off by as many as are summed.
            slack = sum(one.number for one in row.holds) + 1 if resource.place == 0 else 0
            assert taken == resource.taken
            assert resource.taken <= resource.here + slack
            assert resource.low <= resource.high
            assert resource.here <= resource.high
        if picture.waiting and row.usable:
            assert row.lacks
            assert all(lack.need > lack.free == row.resources[lack.place].free for lack in row.lacks)


def as_premised(picture: Picture, premises: Premises, component: str) -> None:
    """No copy is lost, none is drawn twice, and the running instances are those that run."""
    running = Counter[str]()
    for row in picture.rows:
        if not row.launched:
            running[row.type] += row.count
    assert running == Counter({pool.type: pool.count for pool in premises.pools if pool.count})
    there, placed = Counter[str](), 0
    for row in picture.rows:
        for one in row.holds:
            if one.role is picture.waits and one.component == component:
                placed += row.count * one.number
            else:
                there[one.component] += row.count * one.number
    known, perhaps = Counter[str](), Counter[str]()
    for entry in premises.existing:
        (perhaps if entry.where is Where.PERHAPS else known)[entry.component] += entry.copies - entry.leave
    if not any(entry.component == component for entry in premises.existing) or picture.waits is Role.NEW:
        assert placed + picture.waiting == premises.target.copies
        for name in known | there:
            assert known[name] <= there[name] <= known[name] + perhaps[name]
    else:
        # Going back, old copies are there, and old ones are placed.
        assert placed + there[component] + picture.waiting == premises.target.copies + known[component]


def all_pictures(change: ChangeVerdict) -> list[Picture]:
    found = pictures_of(change)
    ends = [one for one in (found.before, found.after) if one is not None]
    return [*ends, *(picture for moment in found.moments for picture in moment.pictures)]


@pytest.mark.slow
@given(cases)
def test_a_picture_never_contradicts_the_evidence_that_it_draws(case: Case) -> None:
    """Copies, instances and amounts are those of the premises, and what has no room has none."""
    (change,) = judged(case).changes
    for picture in all_pictures(change):
        event(f"{picture.shows}, {'some wait' if picture.waiting else 'all placed'}")
        sound(picture)
    for moment in pictures_of(change).moments:
        assert moment.phase.premises is not None
        for picture in moment.pictures:
            as_premised(picture, moment.phase.premises, change.inference_component_name)
            assert (picture.waiting == 0) is (moment.phase.outcome.fits or picture.shows is Shows.WORKS)


@pytest.mark.slow
@given(cases)
def test_what_is_known_to_fit_or_not_has_a_picture(case: Case) -> None:
    """A phase whose proof has a layout, or a world, is drawn, and before a change lies what runs."""
    (change,) = judged(case).changes
    drawn = {moment.phase.name for moment in pictures_of(change).moments}
    assert drawn == {
        phase.name
        for phase in change.phases
        if phase.placement is not None or isinstance(phase.proof, NoWorld | SomeWorlds)
    }
    before = pictures_of(change).before
    if before is not None:
        copies = Counter({one.name: sum(one.where) for one in case.components if any(one.where)})
        lying = Counter[str]()
        for row in before.rows:
            for one in row.holds:
                lying[one.component] += row.count * one.number
        assert lying == copies
        assert before.instances == len(case.instances)


def test_a_step_that_fits_in_every_course_has_a_picture() -> None:
    """Its evidence is that every course was tried, with one layout as an example."""
    case = Case(
        types=(Type("ml.a", cpu=(2000, 2000), memory=(256, 384), devices=0, layout=()),),
        instances=("ml.a",) * 3,
        components=(Component("x", {None: Need(128, 0, 0, None)}, where=(0, 0, 2)),),
        change=Change("x", 2, {None: Need(300, 0, 0, None)}, batch=1, percent=False, rollback=None),
    )
    (change,) = judged(case).changes
    tried = [phase for phase in change.phases if isinstance(phase.proof, EveryCourse)]
    shown = [phase.name for phase in tried if phase.placement]
    assert shown
    assert {moment.phase.name for moment in pictures_of(change).moments} >= set(shown)


@pytest.mark.slow
@given(cases, looks)
def test_a_text_is_as_wide_as_it_may_be(case: Case, look: Look) -> None:
    """No line is wider than asked for, and in ASCII there is no other character."""
    text = click.unstyle(render(judged(case), "text", look=look))
    # A path or a command is left whole, so that it can be copied.
    long = [line.strip() for line in text.splitlines() if len(line) > look.width]
    assert not [line for line in long if " " in line and not line.startswith(("$ ", "--"))]
    assert look.unicode or text.isascii()


def test_the_fragmented_fleet_looks_as_somebody_drew_it() -> None:
    """Three GPUs a copy leave one free on each of three instances."""
    taken = snapshot(GPU4, 3, component("chat", 3, 3, 8192), scaling=(1, 3))
    update = {
        "InferenceComponentName": "chat",
        "Specification": {"ModelName": "model-2"},
        "DeploymentConfig": {
            "RollingUpdatePolicy": {
                "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1},
                "WaitIntervalInSeconds": 0,
            }
        },
    }
    text = click.unstyle(render(check(taken, update), "text", look=Look(unicode=False)))
    assert "    3 x ml.g5.12xlarge  GPU [chat chat chat] -  1 GPU free, 3 needed\n" in text
    assert "    to place            GPU [new new new]  no room\n" in text
    assert "3 accelerators are free in all, but no instance has as many free" in " ".join(text.split())


@pytest.mark.parametrize("instances", [1, 40])
def test_many_alike_instances_are_one_row(instances: int) -> None:
    """What is alike is counted."""
    taken = snapshot(GPU4, instances, component("chat", instances, 4, 8192), scaling=(1, instances))
    more = {"InferenceComponentName": "chat", "DesiredRuntimeConfig": {"CopyCount": instances + 1}}
    (change,) = check(taken, more).changes
    (moment,) = pictures_of(change).moments
    (picture,) = moment.pictures
    (row,) = picture.rows
    assert (row.count, row.resources[ACCELERATORS].free, picture.waiting) == (instances, 0, 1)
    assert attrs.evolve(row, lacks=()).holds == row.holds


@given(st.integers(0, 400_000), st.integers(0, 400_000), st.integers(0, 400_000))
def test_no_more_seems_to_be_taken_than_there_is(taken: int, low: int, more: int) -> None:
    """What is taken is rounded up and what there is down, but never past each other."""
    _, told = measure(Resource(MEMORY, taken, low, low + more, low + more), ())
    first, _, rest = told.removesuffix("iB").rpartition(" ")[0].partition(" of ")
    for shown, end in zip(rest.split(" to "), sorted({low, low + more}), strict=False):
        assert float(first) <= float(shown) or taken > end


def test_a_change_that_was_not_judged_counts_no_instances() -> None:
    taken = snapshot(GPU4, 2, component("chat", 2, 1, InferenceComponentStatus="Deleting"))
    scaled = {"InferenceComponentName": "chat", "DesiredRuntimeConfig": {"CopyCount": 3}}
    assert "None" not in click.unstyle(render(check(taken, scaled), "text"))


def test_what_earlier_changes_launch_is_not_told_as_described() -> None:
    taken = snapshot(GPU4, 1, component("chat", 1, 3), scaling=(1, 3))
    scaled = [{"InferenceComponentName": "chat", "DesiredRuntimeConfig": {"CopyCount": n}} for n in (2, 2)]
    first, second = check(taken, *scaled).changes
    assert first.runs == "chat 1; 1 instance by CurrentInstanceCount"
    assert second.runs == "chat 2; 2 instances by what the changes before it leave"


def test_the_account_stands_apart_from_the_endpoint() -> None:
    taken = {**snapshot(GPU4, 1, component("chat", 1, 3)), "AccountId": "111122223333"}
    scaled = {"InferenceComponentName": "chat", "DesiredRuntimeConfig": {"CopyCount": 0}}
    assert "`prod` (account 111122223333)" in render(check(taken, scaled), "markdown")


@pytest.mark.parametrize(("devices", "hidden"), [(3, False), (5, True)])
def test_one_group_stands_for_all_only_where_none_holds_a_copy(devices: int, hidden: bool) -> None:
    """What is too large for every instance is so for each alike; else each shows what has found room."""
    taken = snapshot(GPU4, 1, scaling=(1, 2))
    text = click.unstyle(render(check(taken, create("new", 3, devices, 8192)), "text"))
    assert ("1 more group of instances" in text) is hidden
    assert ("1 x ml.g5.12xlarge (launched)" in text) is not hidden


def test_devices_that_are_lacking_are_told_first() -> None:
    taken = snapshot(GPU4, 1, component("chat", 1, 2, 90_000), scaling=(1, 1))
    text = click.unstyle(render(check(taken, create("new", 1, 3, 190_000)), "text"))
    assert text.index("2 GPUs free, 3 needed") < text.index("MiB of memory free, 190000 needed")


def test_what_fails_is_shown_at_the_step_of_which_it_is_said() -> None:
    """Later steps lack more, but the first is where it ends."""
    taken = snapshot(GPU4, 4, component("chat", 6, 2), component("embed", 2, 1), scaling=(1, 5))
    larger = {
        "ComputeResourceRequirements": {
            "NumberOfAcceleratorDevicesRequired": 3,
            "MinMemoryRequiredInMb": 1024,
        }
    }
    batch = {"MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 2}, "WaitIntervalInSeconds": 0}
    request = {
        "InferenceComponentName": "chat",
        "Specification": larger,
        "DeploymentConfig": {"RollingUpdatePolicy": batch},
    }
    text = " ".join(click.unstyle(render(check(taken, request), "text")).split())
    assert "At step 1 of 3, 2 new copies" in text
    assert "Step 1 of 3: 2 new copies beside 6 old, for example" in text
