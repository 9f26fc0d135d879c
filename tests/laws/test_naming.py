"""Names and order never matter: of components, instances, variants, and of members of a document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import given
from hypothesis import strategies as st
from support.small_fleets import (
    NEW,
    Case,
    asked,
    judged,
    one_phase_cases,
    request,
    rolling_cases,
    snapshot,
)

if TYPE_CHECKING:
    import icplan

cases = one_phase_cases() | rolling_cases()


def essence(verdict: icplan.Verdict) -> list[Any]:
    """What is said of capacity, without names."""
    return [
        (
            change.outcome,
            change.instances_now,
            change.peak_instances,
            change.final_instances,
            change.rollback_outcome,
            [(phase.name, phase.kind, phase.outcome, phase.instances_needed) for phase in change.phases],
            sorted(finding.rule for finding in change.findings),
            sorted((remedy.kind, remedy.outcome) for remedy in change.remedies),
        )
        for change in verdict.changes
    ]


def renamed(value: Any, names: dict[str, str]) -> Any:
    """A document with whole texts replaced."""
    if isinstance(value, dict):
        return {member: renamed(part, names) for member, part in value.items()}
    if isinstance(value, list):
        return [renamed(part, names) for part in value]
    return names.get(value, value) if isinstance(value, str) else value


def shuffled(value: Any, draw: st.DataObject) -> Any:
    """A document with the members of its objects in another order."""
    if isinstance(value, dict):
        return {member: shuffled(value[member], draw) for member in draw.draw(st.permutations(list(value)))}
    return [shuffled(part, draw) for part in value] if isinstance(value, list) else value


@given(cases, st.permutations(["alpha", "beta", "gamma", "delta"]))
def test_names_do_not_matter(case: Case, fresh: list[str]) -> None:
    """Other names for components, endpoint, variant and models give the same verdict about them."""
    names = dict(zip((*"xyz", NEW), fresh, strict=True))
    names |= {"prod": "elsewhere", "AllTraffic": "blue", "model-1": "before", "model-2": "after"}
    names |= {"i-0": "i-0f", "i-1": "i-0a", "i-2": "i-00"}
    other = asked(case, renamed(request(case), names), renamed(snapshot(case), names))
    assert essence(other) == essence(judged(case))


@given(cases, st.data())
def test_order_does_not_matter(case: Case, data: st.DataObject) -> None:
    """Components, locations and members of objects in any order give the same verdict."""
    answers = shuffled(snapshot(case), data)
    for member in ("InferenceComponents", "CopyLocations"):
        if member in answers:
            answers[member] = data.draw(st.permutations(answers[member]))
    other = asked(case, shuffled(request(case), data), answers)
    assert essence(other) == essence(judged(case))


@given(one_phase_cases(pools=True), st.data())
def test_the_order_of_pools_does_not_matter(case: Case, data: st.DataObject) -> None:
    """Pools told in another order, their priorities as before."""
    answers = snapshot(case)
    variant = answers["EndpointConfig"]["ProductionVariants"][0]
    summary = answers["Endpoint"]["ProductionVariants"][0]
    for part in (variant, summary):
        part["InstancePools"] = data.draw(st.permutations(part["InstancePools"]))
    assert essence(asked(case, request(case), answers)) == essence(judged(case))


@given(cases, st.data())
def test_the_numbering_of_instances_does_not_matter(case: Case, data: st.DataObject) -> None:
    """Instances listed in another order, with what they hold."""
    order = data.draw(st.permutations(range(len(case.instances))))
    other = attrs.evolve(
        case,
        instances=tuple(case.instances[n] for n in order),
        components=tuple(attrs.evolve(c, where=tuple(c.where[n] for n in order)) for c in case.components),
    )
    assert essence(judged(other)) == essence(judged(case))


@given(cases)
def test_other_variants_do_not_matter(case: Case) -> None:
    """A variant of its own beside it, first or last, changes nothing."""
    plain = essence(judged(case))
    for at in (0, 1):
        answers = json.loads(json.dumps(snapshot(case)))
        other = {"VariantName": "other", "InstanceType": "ml.a", "InitialInstanceCount": 2}
        answers["EndpointConfig"]["ProductionVariants"].insert(at, other)
        counts = {"VariantName": "other", "CurrentInstanceCount": 2, "DesiredInstanceCount": 2}
        answers["Endpoint"]["ProductionVariants"].insert(at, counts)
        if not case.quotas:
            assert essence(asked(case, request(case), answers)) == plain
