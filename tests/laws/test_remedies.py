"""Remedies keep their word: each, applied and judged again, gives the outcome it was said to give."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import event, given
from support.endpoints import update_endpoint
from support.small_fleets import (
    Case,
    Change,
    Component,
    Type,
    anywhere,
    asked,
    judged,
    one_phase_cases,
    request,
    rolling_cases,
    snapshot,
)

import icplan
from icplan.verdict import Severity

if TYPE_CHECKING:
    from icplan.verdict.remedy import Remedy

cases = one_phase_cases() | rolling_cases()
#: Which remedies change the endpoint's configuration; all others change the request.
OF_THE_ENDPOINT = {"raise-max-instance-count", "enable-managed-instance-scaling", "raise-quota"}


def patched(document: Any, patch: Any) -> Any:
    """A copy of the document after a patch of RFC 6902, of which those on members are known."""
    document = copy.deepcopy(document)
    for operation in patch:
        *steps, last = operation["path"].split("/")[1:]
        holder = document
        for step in steps:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]
        assert operation["op"] in {"add", "replace", "remove"}
        assert isinstance(holder, dict)
        if operation["op"] != "add":
            assert last in holder
        if operation["op"] == "remove":
            del holder[last]
        else:
            holder[last] = copy.deepcopy(operation["value"])
    return document


def again(case: Case, remedy: Remedy) -> icplan.Outcome:
    """The outcome once the patch is applied, and the calls before and after the change are made."""
    change, answers, first = request(case), snapshot(case), []
    if remedy.kind in OF_THE_ENDPOINT:
        first = update_endpoint(answers, remedy.patch) if remedy.patch else []
        for quota in answers.get("Quotas", []):
            more = re.search(r"raise the quota by (\d+) ", remedy.description)
            quota["Value"] += int(more[1]) if more else 0
    else:
        change["Request"] = patched(change["Request"], remedy.patch)
    return asked(case, [*first, *remedy.before, change, *remedy.after], answers).outcome


@given(cases)
def test_a_remedy_gives_the_outcome_it_claims(case: Case) -> None:
    """Each for itself, and each is better than what was asked: it fits, or at least is not known to fail."""
    if case.most is None:
        case = attrs.evolve(case, quotas=())  # see the example below
    verdict = judged(case)
    for remedy in verdict.remedies:
        event(f"{remedy.kind}: {remedy.outcome}")
        assert remedy.outcome.fits or not remedy.outcome.fails
        assert remedy.outcome.rank > verdict.outcome.rank
        assert again(case, remedy) is remedy.outcome, remedy


@given(cases)
def test_doubtful_remedies_are_proposed_only_where_none_is_sure(case: Case) -> None:
    """What may not fit stands beside nothing that does; where nothing helps, it is said what was tried."""
    (change,) = judged(case).changes
    assert len({remedy.outcome.fits for remedy in change.remedies if remedy.kind != "raise-quota"}) <= 1
    fails = change.outcome in (icplan.Outcome.DOES_NOT_FIT, icplan.Outcome.MAY_NOT_FIT)
    assert bool(change.remedies or change.tried) is fails
    assert not (change.remedies and change.tried)


@given(cases)
def test_what_fits_needs_no_remedy(case: Case) -> None:
    """Nothing is proposed for a change that fits, and no capacity rule complains."""
    verdict = judged(case)
    if verdict.fits:
        assert not verdict.remedies
        assert not [f for f in verdict.findings if f.severity is Severity.ERROR]
    else:
        assert [finding for finding in verdict.findings if finding.rule >= "ICP3"]


@given(cases)
def test_one_more_than_the_largest_that_works_does_not(case: Case) -> None:
    """Of the number of copies: the value named fits, and the next one does not."""
    (change,) = judged(case).changes
    remedy = next((remedy for remedy in change.remedies if remedy.kind == "fewer-copies"), None)
    if remedy is None:
        return
    (operation,) = remedy.patch
    value = operation["value"]
    copies = value if isinstance(value, int) else value["CopyCount"]
    named = {f.largest_that_works for f in change.findings if f.path and f.path.endswith("CopyCount")}
    assert named <= {copies, None}
    works, fails = (
        judged(attrs.evolve(case, change=attrs.evolve(case.change, copies=n))).outcome
        for n in (copies, copies + 1)
    )
    assert works is remedy.outcome
    assert fails.rank < works.rank or not works.fits


@given(cases)
def test_one_instance_less_than_proposed_is_too_few(case: Case) -> None:
    """MaxInstanceCount is raised no further than it must be."""
    if case.most is None:
        case = attrs.evolve(case, quotas=())  # see the example below
    (change,) = judged(case).changes
    for remedy in change.remedies:
        if remedy.kind not in OF_THE_ENDPOINT - {"raise-quota"}:
            continue
        if again(case, remedy).fits:
            (operation,) = remedy.patch
            fewer = operation["value"] | {"MaxInstanceCount": operation["value"]["MaxInstanceCount"] - 1}
            one_less = attrs.evolve(remedy, patch=({**operation, "value": fewer},))
            assert not again(case, one_less).fits


@given(cases)
def test_the_instances_that_are_named_are_enough(case: Case) -> None:
    """Where copies lie as they do the first number; what is needed is that of the fix, if one helps."""
    (change,) = judged(case).changes
    told = [one for one in change.findings if one.rule in {"ICP501", "ICP504", "ICP507"}]
    for finding in told:
        event(f"{finding.rule}: {len(change.phases)} phases")
        number = re.match(r"(\d+) instances would be enough( for )?", finding.message)
        assert number is not None
        if number[2] is None:
            enough = attrs.evolve(case, most=int(number[1]), quotas=())
            assert judged(enough).outcome.fits
        raised = [one for one in change.remedies if one.kind in OF_THE_ENDPOINT and one.patch]
        for remedy in (one for one in raised if one.outcome.fits and not one.before):
            assert finding.need == remedy.patch[0]["value"]["MaxInstanceCount"]


def test_turning_scaling_on_is_no_remedy_where_a_quota_forbids_the_instance() -> None:
    """What is proposed keeps to the quotas that are known."""
    case = attrs.evolve(_crowded(None), quotas=(("ml.a", 1),))
    for remedy in judged(case).remedies:
        assert again(case, remedy) is remedy.outcome


def test_a_remedy_is_for_the_variant_of_its_component() -> None:
    """The patch of the endpoint's configuration finds the variant, be it the second."""
    for most in (None, 1):
        case = _crowded(most)
        answers = snapshot(case)
        other = {"VariantName": "other", "InstanceType": "ml.a", "InitialInstanceCount": 1}
        answers["EndpointConfig"]["ProductionVariants"].insert(0, other)
        assert _kept(case, answers)


def test_a_remedy_of_the_endpoint_minds_what_is_described_alone() -> None:
    """Scaling that DescribeEndpoint shows and the configuration lacks can be patched into the latter."""
    case = _crowded(1)
    answers = snapshot(case)
    scaling = answers["EndpointConfig"]["ProductionVariants"][0].pop("ManagedInstanceScaling")
    answers["Endpoint"]["ProductionVariants"][0]["ManagedInstanceScaling"] = scaling
    assert _kept(case, answers)


def _crowded(most: int | None) -> Case:
    """Two devices, of which one is free where three are asked for."""
    needs = anywhere(256, 0, 1)
    kind = Type("ml.a", (4000, 4000), (1024, 1024), 2)
    return Case((kind,), ("ml.a",), (Component("x", needs, (1,)),), Change("x", 4), most)


def _kept(case: Case, answers: Any) -> bool:
    """Whether some remedy of the endpoint is proposed, and all of them are true."""
    proposed = [
        remedy for remedy in asked(case, request(case), answers).remedies if remedy.kind in OF_THE_ENDPOINT
    ]
    for remedy in proposed:
        better = patched(answers, [{**op, "path": f"/EndpointConfig{op['path']}"} for op in remedy.patch])
        for described in better["Endpoint"]["ProductionVariants"]:
            described.pop("ManagedInstanceScaling", None)
        assert asked(case, request(case), better).outcome is remedy.outcome
    return bool(proposed)
