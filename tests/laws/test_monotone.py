"""Monotone laws: what helps never makes an outcome worse, and to know more never takes a promise back.

Where the arrangement is not known, some of them cannot be laws: a component that runs may be what forces the
others into a favourable arrangement, so that without it more can go wrong. There, what helps never turns an
answer into ``does-not-fit``; in a known arrangement it never makes any answer worse.
"""

from __future__ import annotations

import attrs
from hypothesis import assume, event, given
from hypothesis import strategies as st
from support.small_fleets import (
    Case,
    Change,
    Component,
    Need,
    Type,
    anywhere,
    judged,
    one_phase_cases,
    rolling_cases,
)

from icplan import Outcome

cases = one_phase_cases() | rolling_cases()


def outcome(case: Case) -> Outcome:
    found = judged(case).outcome
    assert found not in {Outcome.INVALID, Outcome.BLOCKED, Outcome.UNDECIDED}
    return found


def helps(before: Case, after: Case, *, worlds_grow: bool) -> None:
    """``after`` is easier; with ``worlds_grow`` more may be possible there, unless all is known."""
    first, second = outcome(before), outcome(after)
    event(f"{first} -> {second}")
    if before.located or not worlds_grow:
        assert second.rank >= first.rank
    elif first is not Outcome.DOES_NOT_FIT:
        assert second is not Outcome.DOES_NOT_FIT


@given(cases, st.integers(1, 2))
def test_a_wider_allowed_scale_out_never_hurts(case: Case, more: int) -> None:
    """MaxInstanceCount raised, or managed instance scaling turned on."""
    most = (len(case.instances) if case.most is None else case.most) + more
    helps(case, attrs.evolve(case, most=most), worlds_grow=False)


@given(one_phase_cases(pools=False) | rolling_cases(pools=False), st.integers(0, 2))
def test_a_higher_quota_never_hurts(case: Case, more: int) -> None:
    """Account quotas raised or gone. (With pools, a quota may be what rules out a type that is too small.)"""
    count = len(case.instances)
    low, high = (attrs.evolve(case, quotas=(("ml.a", count + n),)) for n in (more, more + 1))
    helps(low, high, worlds_grow=False)
    helps(high, attrs.evolve(case, quotas=()), worlds_grow=False)


@given(cases)
def test_fewer_copies_never_hurt(case: Case) -> None:
    """The same change to one copy less."""
    assume(case.change.copies > 1)
    fewer = attrs.evolve(case.change, copies=case.change.copies - 1)
    helps(case, attrs.evolve(case, change=fewer), worlds_grow=False)


@given(rolling_cases(), st.sampled_from(((2, 1), (3, 1), (4, 1), (4, 2))))
def test_dividing_batches_never_hurts(case: Case, sizes: tuple[int, int]) -> None:
    """Each batch cut into several. (One that is merely smaller may be worse: it asks at other moments.)"""
    whole, part = (attrs.evolve(case.change, batch=size, percent=False) for size in sizes)
    helps(attrs.evolve(case, change=whole), attrs.evolve(case, change=part), worlds_grow=False)


@given(rolling_cases())
def test_replacing_copies_in_batches_never_hurts(case: Case) -> None:
    """A rolling update needs no more room than one at once, where copies stay as many."""
    before = case.before
    assert before is not None
    change = attrs.evolve(case.change, copies=before.copies)
    at_once = attrs.evolve(case, change=attrs.evolve(change, batch=None))
    helps(at_once, attrs.evolve(case, change=change), worlds_grow=False)


@given(cases, st.data())
def test_smaller_copies_never_hurt(case: Case, data: st.DataObject) -> None:
    """What is asked for reserves less of something."""
    asked = case.change.needs
    assume(asked is not None)
    assert asked is not None
    key = data.draw(st.sampled_from(list(asked)))
    change = attrs.evolve(case.change, needs={**asked, key: data.draw(_less(asked[key]))})
    helps(case, attrs.evolve(case, change=change), worlds_grow=False)


def _less(need: Need) -> st.SearchStrategy[Need]:
    return st.builds(
        Need,
        st.integers(128, need.memory) if need.memory > 128 else st.just(need.memory),
        st.sampled_from([cpu for cpu in (250, 1000, 1500) if cpu <= need.cpu] or [need.cpu]),
        st.integers(min(1, need.devices), need.devices),
        st.just(need.partition),
    )


@given(cases)
def test_fewer_other_components_never_hurt(case: Case) -> None:
    """Each other component gone in turn."""
    for component in case.components:
        if component.name != case.change.name:
            helps(case, case.without(component.name), worlds_grow=True)


@given(cases)
def test_smaller_other_components_never_hurt(case: Case) -> None:
    """Every other component reserves the least there is."""
    least = anywhere(128)
    smaller = tuple(
        c if c.name == case.change.name or _partitioned(c) else attrs.evolve(c, needs=least)
        for c in case.components
    )
    helps(case, attrs.evolve(case, components=smaller), worlds_grow=True)


def _partitioned(component: Component) -> bool:
    return any(need.partition for need in component.needs.values())


@given(cases, st.data())
def test_another_running_instance_never_hurts(case: Case, data: st.DataObject) -> None:
    """An empty instance more, within the same MaxInstanceCount if that allows."""
    kind = data.draw(st.sampled_from(case.types)).name
    extra = tuple(attrs.evolve(c, where=(*c.where, 0)) for c in case.components)
    count = len(case.instances) + 1
    most = None if case.most is None else max(case.most, count)
    quotas = tuple(
        (name, max(limit, case.instances.count(name) + (name == kind))) for name, limit in case.quotas
    )
    more = attrs.evolve(case, instances=(*case.instances, kind), components=extra, most=most, quotas=quotas)
    # A pool that had room to grow may have been the only one that can take the copies.
    assume(len(case.types) == 1)
    helps(case, more, worlds_grow=True)


@given(cases, st.integers(1, 3))
def test_larger_instances_never_hurt(case: Case, devices: int) -> None:
    """Every instance has more devices, memory and cores, all of them known."""
    assume(not case.types[0].layout)
    kinds = tuple(
        attrs.evolve(
            kind,
            cpu=(kind.cpu[1], kind.cpu[1] + 1000),
            memory=(kind.memory[1], kind.memory[1] + 256),
            devices=kind.devices + devices,
        )
        for kind in case.types
    )
    helps(case, attrs.evolve(case, types=kinds), worlds_grow=True)


@given(cases, st.data())
def test_narrower_intervals_never_take_an_answer_back(case: Case, data: st.DataObject) -> None:
    """A promise stays a promise and a refusal a refusal when less is unknown of what can be allocated."""
    kinds = []
    for kind in case.types:
        low = data.draw(st.integers(*kind.memory))
        high = data.draw(st.integers(low, kind.memory[1]))
        kinds.append(attrs.evolve(kind, memory=(low, high)))
    narrow = attrs.evolve(case, types=tuple(kinds))
    assume(_possible(narrow))
    certain(case, narrow)


@given(cases)
def test_to_know_the_arrangement_never_takes_an_answer_back(case: Case) -> None:
    """The same when CopyLocations, or the counts per instance type, become known."""
    nothing = attrs.evolve(case, located=False, by_type=False)
    counts = attrs.evolve(nothing, by_type=any(c.copies for c in case.components))
    everything = attrs.evolve(nothing, located=True)
    assume(_possible(everything))
    certain(nothing, counts)
    certain(nothing, everything)
    certain(counts, everything)


def certain(before: Case, after: Case) -> None:
    """In ``after`` there are some of the worlds of ``before``, and no others."""
    first, second = outcome(before), outcome(after)
    event(f"{first} -> {second}")
    if first is Outcome.DOES_NOT_FIT:
        assert second is first
    if first.fits:
        assert second.rank >= first.rank


def _possible(case: Case) -> bool:
    """Whether the arrangement that was drawn is legal for the least the instances are known to have."""
    for place, name in enumerate(case.instances):
        kind = next(kind for kind in case.types if kind.name == name)
        held = [(c.where[place], c.needs.get(name, c.needs.get(None))) for c in case.components]
        memory = sum(n * need.memory for n, need in held if need is not None)
        cpu = sum(n * need.cpu for n, need in held if need is not None)
        if memory > kind.memory[1] or cpu > kind.cpu[1]:
            return False
    return True


def test_a_component_may_be_what_keeps_the_others_in_place() -> None:
    """Why not all laws hold where the arrangement is unknown: without ``wall`` the copies may lie apart."""
    case = _walled()
    assert outcome(case) is Outcome.FITS
    assert outcome(case.without("wall")) is Outcome.MAY_NOT_FIT


def _walled() -> Case:
    """Two copies of ``pair`` share the instance that ``wall`` leaves to them."""
    return Case(
        types=(Type("ml.a", (4000, 4000), (1000, 1000), 2),),
        instances=("ml.a", "ml.a"),
        components=(
            Component("wall", anywhere(600), (1, 0)),
            Component("pair", anywhere(500, 0, 1), (0, 2)),
        ),
        change=Change("fresh", 1, anywhere(400, 0, 2)),
    )
