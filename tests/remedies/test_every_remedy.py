"""Every remedy works: made as it says, the change set comes out as it promises, its rollback too."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.endpoints import GPU4, component, create, scale, snapshot, update, update_endpoint
from support.refused_changes import question

import icplan
from icplan.judge.change_set import judge
from icplan.judge.settings import Settings
from icplan.requests.call import Call
from icplan.verdict.codec import to_dict
from icplan.verdict.gate import FailOn
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy_steps import Target
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.remedy import Remedy
    from icplan.verdict.verdict import Verdict


def check(taken: dict[str, Any], *calls: Mapping[str, Any], fail_on: tuple[FailOn, ...] = ()) -> Verdict:
    asked = [Call(call["Operation"], dict(call["Request"])) for call in calls]
    return judge(asked, icplan.Snapshot.from_dict(taken), Settings(fail_on=fail_on))


def patched(document: dict[str, Any], patch: Any) -> dict[str, Any]:
    """A document after the operations of RFC 6902 that remedies use."""
    done = copy.deepcopy(document)
    for one in patch:
        *steps, last = one["path"].split("/")[1:]
        holder: Any = done
        for step in steps:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]
        if one["op"] == "remove":
            del holder[last]
        else:
            holder[last] = one["value"]
    return done


def made(remedy: Remedy, call: dict[str, Any], taken: dict[str, Any]) -> tuple[Outcome, list[Outcome]]:
    """What comes of a remedy, made by hand."""
    there = remedy.patch if remedy.target is Target.ENDPOINT_CONFIG else ()
    request = patched(call["Request"], remedy.request_patch if there else remedy.patch)
    grown = dict(taken)
    if remedy.quota is not None:
        grown["Quotas"] = [one | {"Value": one["Value"] + remedy.quota.by} for one in taken["Quotas"]]
    first = update_endpoint(taken, there) if there else []
    verdict = check(grown, *first, *remedy.before, call | {"Request": request}, *remedy.after)
    backs = [change.rollback_outcome for change in verdict.changes if change.rollback_outcome is not None]
    return verdict.outcome, backs


def without_growth(taken: dict[str, Any]) -> dict[str, Any]:
    """The same endpoint, which may have no more instances than it has."""
    capped = copy.deepcopy(taken)
    for variant in capped["EndpointConfig"]["ProductionVariants"]:
        if "ManagedInstanceScaling" in variant:
            there = capped["Endpoint"]["ProductionVariants"][0]["CurrentInstanceCount"]
            variant["ManagedInstanceScaling"]["MaxInstanceCount"] = there
    return capped


def idles(remedy: Remedy, taken: dict[str, Any]) -> bool:
    """Whether a component that serves is left without a copy by what is done first."""
    failed = {
        one["InferenceComponentName"]
        for one in taken["InferenceComponents"]
        if one["InferenceComponentStatus"] == "Failed"
    }
    calls = [call["Request"] for call in remedy.before if "DesiredRuntimeConfig" in call["Request"]]
    return any(
        not one["DesiredRuntimeConfig"]["CopyCount"] and one["InferenceComponentName"] not in failed
        for one in calls
    )


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(question(), st.sampled_from([(), (FailOn.SCALE_OUT,), (FailOn.ROLLBACK,)]))
def test_every_remedy_works(
    asked: tuple[dict[str, Any], dict[str, Any]], fail_on: tuple[FailOn, ...]
) -> None:
    taken, call = asked
    change: ChangeVerdict = check(taken, call, fail_on=fail_on).changes[0]
    order = [(not one.outcome.fits, idles(one, taken)) for one in change.remedies if one.kind != "wait"]
    assert order == sorted(order)
    assert all(one.kind != "wait" for one in change.remedies[1:])
    for remedy in change.remedies:
        if remedy.outcome.fits:
            assert FailOn.SCALE_OUT not in fail_on or remedy.outcome is Outcome.FITS
            back = remedy.rollback_outcome
            assert FailOn.ROLLBACK not in fail_on or back is None or back.fits
        assert "nothing serves it" in remedy.description or not idles(remedy, taken)
        if remedy.kind != "wait":
            outcome, backs = made(remedy, call, taken)
            assert outcome is remedy.outcome, remedy.description
            if remedy.target is Target.REQUEST and outcome is Outcome.FITS_AFTER_SCALE_OUT:
                again = made(remedy, call, without_growth(taken))[0].fits
                assert remedy.relaunches == again, remedy.description
            if remedy.rollback_outcome is not None:
                assert remedy.rollback_outcome is Outcome.worst(backs), remedy.description
    best = max((one.outcome.rank for one in change.remedies if one.kind != "wait"), default=None)
    for finding in change.findings:
        if finding.largest_that_works is not None and best is not None:
            fewer = [one.outcome for one in change.remedies if one.kind.startswith(("fewer", "less"))]
            assert any(outcome.fits and outcome.rank == best for outcome in fewer)


def test_room_made_on_instances_that_run_needs_no_more_of_them() -> None:
    """An instance that is emptied may be given back, which takes another one then, and never a fourth."""
    taken = snapshot(GPU4, 3, component("chat", 3, 3), scaling=(1, 3))
    call = {"Operation": "UpdateInferenceComponent", "Request": update("chat", 1)}
    (change,) = check(taken, call).changes
    (down,) = (one for one in change.remedies if one.kind == "scale-down-first")
    assert (down.outcome, down.relaunches) == (Outcome.FITS_AFTER_SCALE_OUT, True)
    assert not any("another instance" in risk for risk in down.risks)
    assert "an emptied instance may be released, and EC2 may not give it back" in down.risks


def test_two_together_where_none_works_alone() -> None:
    """Three of four devices are held: one by what has failed, and too few are left for any one remedy."""
    taken = snapshot(
        GPU4,
        1,
        component("a", 2, 1, InferenceComponentStatus="Failed"),
        component("b", 2, 1),
    )
    call = {"Operation": "CreateInferenceComponent", "Request": create("c", 3, 1)}
    change = check(taken, call, fail_on=(FailOn.SCALE_OUT,)).changes[0]
    assert change.outcome is Outcome.DOES_NOT_FIT
    assert change.remedies
    for remedy in change.remedies:
        assert made(remedy, call, taken)[0] is remedy.outcome


def test_waiting_comes_first_where_it_is_enough() -> None:
    taken = snapshot(GPU4, 1, component("a", 1, 1), component("b", 2, 1, InferenceComponentStatus="Deleting"))
    call = {"Operation": "UpdateInferenceComponentRuntimeConfig", "Request": scale("a", 3)}
    first = check(taken, call).remedies[0]
    assert (first.kind, first.outcome) == ("wait", Outcome.FITS)
    taken["InferenceComponents"][0]["InferenceComponentStatus"] = "Updating"
    blocked = check(taken, call)
    assert blocked.outcome is Outcome.BLOCKED
    assert [one.kind for one in blocked.remedies] == ["wait"]


def _crowded(**more: Any) -> dict[str, Any]:
    """Two full instances: a copy of three devices and one of a single one; and four of these."""
    large, small = component("large", 1, 3), component("small", 5, 1)
    where = [("large", 1, "i-1"), ("small", 1, "i-1"), ("small", 4, "i-2")]
    lying = [
        {
            "InferenceComponentName": name,
            "InstanceId": instance,
            "InstanceType": GPU4,
            "AvailabilityZone": "us-east-1a",
            "Copies": copies,
        }
        for name, copies, instance in where
    ]
    return snapshot(GPU4, 2, large, small, scaling=(1, 2), CopyLocations=lying, **more)


def test_a_raised_maximum_is_judged_with_the_update_of_the_endpoint() -> None:
    """One instance more takes the new copy; placed anew, the others may need one more for themselves."""
    taken = _crowded()
    call = {"Operation": "CreateInferenceComponent", "Request": create("new", 1, 4)}
    verdict = check(taken, call)
    (raised,) = (one for one in verdict.remedies if one.target is Target.ENDPOINT_CONFIG)
    assert not [one for one in verify(to_dict(verdict)) if one.result is Result.REJECTED]
    assert raised.description == "raise MaxInstanceCount to 4"
    assert made(raised, call, taken)[0] is raised.outcome is Outcome.FITS_AFTER_SCALE_OUT
    assert any("all copies start anew" in risk for risk in raised.risks)


def test_what_a_second_fleet_needs_of_a_quota_comes_first() -> None:
    """Both fleets run for a while, and the quota may leave less than both take."""
    call = {"Operation": "CreateInferenceComponent", "Request": create("new", 1, 4)}
    for value, told in ((4.0, ""), (3.0, "raise the quota by 1 (")):
        quota = {"QuotaName": f"{GPU4} for endpoint usage", "Value": value}
        more: dict[str, Any] = {"Quotas": [quota], "InstancesInUse": {GPU4: 2}}
        taken = snapshot(GPU4, 2, component("a", 2, 4), scaling=(1, 2), **more)
        (raised,) = (one for one in check(taken, call).remedies if one.target is Target.ENDPOINT_CONFIG)
        assert raised.description.startswith(told)
        assert raised.description.endswith("raise MaxInstanceCount to 3")
        assert (raised.quota is not None) == bool(told)
