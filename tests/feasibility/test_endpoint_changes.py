"""Changes of an endpoint in a set: its configuration, its creation, its update, its instances."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from support.endpoints import GPU4, GPU8, component, create, scale, snapshot

import icplan
from icplan.cli.main import main
from icplan.errors import InputError
from icplan.verdict.outcome import Outcome
from icplan.verify.one_verdict import verify
from icplan.verify.result import Result

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]
ROLE = "arn:aws:iam::111122223333:role/sagemaker"


def configuration(instances: int = 1, kind: str = GPU4, most: int | None = None, **more: Any) -> Json:
    variant: Json = {"VariantName": "AllTraffic", "InstanceType": kind, "InitialInstanceCount": instances}
    if most is not None:
        bounds = {"MinInstanceCount": 1, "MaxInstanceCount": most}
        variant["ManagedInstanceScaling"] = {"Status": "ENABLED", **bounds}
    return {"EndpointConfigName": "next", "ExecutionRoleArn": ROLE, "ProductionVariants": [variant | more]}


def endpoint(**more: Any) -> Json:
    return {"EndpointName": "prod", "EndpointConfigName": "next", **more}


def outcomes(changes: list[Json], taken: Json | None = None) -> list[str]:
    return [str(one.outcome) for one in icplan.check(changes, taken).changes]


def test_a_notebooks_set_needs_no_snapshot(tmp_path: Path) -> None:
    """A configuration, an endpoint and its components, as nearly every notebook has them."""
    changes = [configuration(1, most=2), endpoint(), create("a", 3, 2), create("b", 1, 1)]
    verdict = icplan.check(changes)
    assert [one.operation for one in verdict.changes][:2] == ["CreateEndpointConfig", "CreateEndpoint"]
    assert outcomes(changes) == ["fits", "fits", "fits-after-scale-out", "fits"]
    file = tmp_path / "set.json"
    file.write_text(json.dumps(changes[:3]))
    done = CliRunner().invoke(main, ["check", str(file), "--format", "json"])
    told = json.loads(done.stdout)
    assert (done.exit_code, told["Snapshot"]) == (0, None)
    assert [one["InferenceComponentName"] for one in told["Changes"]] == [None, None, "a"]
    assert (told["Changes"][1]["EndpointName"], told["Changes"][0]["EndpointConfigName"]) == ("prod", "next")
    assert Result.REJECTED not in {one.result for one in verify(told)}


def test_a_set_that_does_not_make_its_endpoint_needs_a_snapshot() -> None:
    with pytest.raises(InputError, match="what the endpoint runs is not told"):
        icplan.check([configuration(), create("a", 1, 1)])
    with pytest.raises(InputError, match="what is in the configuration 'next' is not told"):
        icplan.check([endpoint()])
    with pytest.raises(InputError, match="change is for endpoint 'other', the snapshot of 'prod'"):
        icplan.check([configuration(), endpoint(EndpointName="other")], snapshot(GPU4, 1))


def test_what_comes_after_a_refused_configuration_is_told_why_it_fails() -> None:
    changes = [configuration(ModelName="m", most=2), endpoint(), create("a", 1, 1)]
    verdict = icplan.check(changes)
    assert [str(one.outcome) for one in verdict.changes] == ["invalid"] * 3
    assert [one.findings[0].rule for one in verdict.changes] == ["ICP150", "ICP181", "ICP181"]
    assert "next is not there: the change of this set that makes it fails" in verdict.findings[1].message


def test_the_same_request_makes_an_endpoint_or_updates_it() -> None:
    runs = snapshot(GPU4, 1, component("a", 1, 1))
    updated = icplan.check([configuration(), endpoint()], runs)
    assert updated.changes[1].operation == "UpdateEndpoint"
    envelope = {"Operation": "CreateEndpoint", "Request": endpoint()}
    there = icplan.check([configuration(), envelope], runs)
    assert (there.outcome, there.changes[1].findings[0].rule) == (Outcome.INVALID, "ICP182")
    twice = icplan.check([configuration(), endpoint(), endpoint()])
    assert [one.operation for one in twice.changes][1:] == ["CreateEndpoint", "UpdateEndpoint"]


def test_an_update_resets_the_number_of_instances_unless_it_is_retained() -> None:
    """3 instances run what needs 3; the configuration starts with 1."""
    runs = snapshot(GPU4, 3, component("a", 3, 4))
    assert outcomes([configuration(1), endpoint()], runs)[1] == "does-not-fit"
    assert outcomes([configuration(1), endpoint(RetainAllVariantProperties=True)], runs)[1] == "fits"
    aside = [{"VariantPropertyType": "DesiredInstanceCount"}]
    kept = endpoint(RetainAllVariantProperties=True, ExcludeRetainedVariantProperties=aside)
    assert outcomes([configuration(1), kept], runs)[1] == "does-not-fit"
    grows = icplan.check([configuration(1, most=3), endpoint()], runs)
    assert str(grows.outcome) == "fits-after-scale-out"
    assert grows.changes[1].peak_instances == 3
    assert "takes up to 3 instances" in grows.changes[1].findings[0].message


def test_another_instance_type_is_never_promised() -> None:
    runs = snapshot(GPU4, 1, component("a", 1, 4))
    wider = icplan.check([configuration(1, GPU8), endpoint()], runs)
    assert str(wider.outcome) == "may-not-fit"
    assert {one.rule for one in wider.findings} == {"ICP327"}
    other = icplan.check([configuration(1, "ml.g5.2xlarge"), endpoint()], runs)
    assert str(other.outcome) == "does-not-fit"


def test_a_variant_that_goes_takes_its_components_where_nobody_knows() -> None:
    runs = snapshot(GPU4, 1, component("a", 1, 1))
    gone = icplan.check([configuration(VariantName="other"), endpoint()], runs)
    assert str(gone.outcome) == "may-not-fit"
    assert "a run on a variant that the configuration does not have" in gone.findings[0].message


def test_changes_of_components_meet_the_new_fleet() -> None:
    runs = snapshot(GPU4, 1, component("a", 1, 4), scaling=(1, 1))
    kept = endpoint(RetainAllVariantProperties=True)
    assert outcomes([scale("a", 2)], runs) == ["does-not-fit"]
    assert outcomes([configuration(1, most=2), kept, scale("a", 2)], runs)[2] == "fits-after-scale-out"
    failing = outcomes([configuration(1, "ml.g5.2xlarge"), endpoint(), scale("a", 1)], runs)
    assert failing == ["fits", "does-not-fit", "fits"]


def test_a_configuration_alone_is_judged_as_the_endpoints_next() -> None:
    runs = snapshot(GPU4, 2, component("a", 2, 4))
    assert outcomes([configuration(1)], runs) == ["does-not-fit"]
    assert outcomes([configuration(2)], runs) == ["fits"]
    assert outcomes([configuration(2, most=3), scale("a", 3)], runs)[1] == "fits-after-scale-out"


def test_fewer_instances_are_never_promised() -> None:
    runs = snapshot(GPU4, 3, component("a", 2, 4))

    def resized(count: int) -> list[str]:
        wanted = [{"VariantName": "AllTraffic", "DesiredInstanceCount": count}]
        return outcomes([{"EndpointName": "prod", "DesiredWeightsAndCapacities": wanted}], runs)

    assert [resized(count) for count in (4, 3, 2, 1)] == [
        ["fits"],
        ["fits"],
        ["may-not-fit"],
        ["does-not-fit"],
    ]


def test_the_account_must_have_the_instances_that_a_new_endpoint_starts_with() -> None:
    quota = [{"QuotaName": f"{GPU4} for endpoint usage", "Value": 4}]
    account = snapshot(GPU4, 1) | {"Quotas": quota, "InstancesInUse": {GPU4: 3}}
    del account["Endpoint"]
    assert outcomes([configuration(1), endpoint()], account)[1] == "fits"
    refused = icplan.check([configuration(2), endpoint()], account)
    assert (str(refused.outcome), refused.findings[-1].rule) == ("does-not-fit", "ICP502")


def test_a_state_that_refuses_changes_blocks_an_update() -> None:
    runs = snapshot(GPU4, 1, component("a", 1, 1))
    runs["Endpoint"]["EndpointStatus"] = "SystemUpdating"
    assert outcomes([configuration(), endpoint()], runs) == ["fits", "blocked"]
    runs["Endpoint"]["EndpointStatus"] = "Updating"
    assert outcomes([configuration(), endpoint()], runs) == ["fits", "may-not-fit"]


KINDS = {GPU4: 4, GPU8: 8}
sizes = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), min_size=1, max_size=3)


def _stuck(room: tuple[int, ...], left: tuple[tuple[int, int], ...], most: int, of: int) -> set[str]:
    """What may come of placing the rest: ``stuck`` or ``placed``, and ``grown`` where one is added."""
    if not any(copies for _, copies in left):
        return {"placed"}
    found: set[str] = set()
    for number, (size, copies) in enumerate(left):
        if not copies:
            continue
        rest = (*left[:number], (size, copies - 1), *left[number + 1 :])
        there = [place for place, free in enumerate(room) if free >= size]
        for place in there:
            found |= _stuck((*room[:place], room[place] - size, *room[place + 1 :]), rest, most, of)
        if not there and len(room) < most and size <= of:
            found |= {"grown"} | _stuck((*room, of - size), rest, most, of)
        elif not there:
            found.add("stuck")
    return found


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.integers(1, 3), st.integers(0, 2), sizes)
def test_everything_is_placed_anew_whatever_the_order(
    kind: str, instances: int, more: int, parts: list[tuple[int, int]]
) -> None:
    """Held against every order and every placement: no wrong promise, no wrong refusal."""
    total = sum(copies for _, copies in parts)
    if total > 6:
        return
    runs = snapshot(kind, 6, *(component(f"c{number}", n, size) for number, (size, n) in enumerate(parts)))
    changes = [configuration(instances, kind, most=instances + more), endpoint()]
    said = icplan.check(changes, runs).changes[1].outcome
    of, left = KINDS[kind], tuple((size, n) for size, n in parts)
    seen = _stuck((of,) * instances, left, instances + more, of)
    if said.fits:
        assert "stuck" not in seen
    if said is Outcome.FITS:
        assert "grown" not in seen
    if said is Outcome.DOES_NOT_FIT:
        assert "placed" not in seen
    if not more:
        assert said.fits or "stuck" in seen, "no needless doubt where every order works"


def test_a_configuration_may_follow_what_changes_an_endpoint_that_is_not_described() -> None:
    """Without DescribeEndpoint's answer, what a change before it launches is known all the same."""
    taken = snapshot(GPU4, 1, component("a", 2, 1), scaling=(1, 4))
    del taken["Endpoint"]
    taken["InferenceComponents"][0]["EndpointName"] = "prod"
    found = outcomes([create("b", 1, 4), configuration(3), endpoint()], taken)
    assert found == ["fits-after-scale-out", "fits", "fits"]


def test_what_is_wrong_with_a_component_names_its_place_after_a_deletion_too() -> None:
    taken = snapshot(GPU4, 1, component("gone", 1, 1), component("told", 1, 1), component("bad", 1, 1))
    del taken["InferenceComponents"][2]["RuntimeConfig"]
    other = taken["EndpointConfig"]["ProductionVariants"][0] | {"VariantName": "other"}
    taken["EndpointConfig"]["ProductionVariants"].append(other)
    for one, name in zip(taken["InferenceComponents"], ("AllTraffic", "AllTraffic", "other"), strict=True):
        one["VariantName"] = name
    on_other = create("new", 1, 1) | {"VariantName": "other"}
    deletion = {"Operation": "DeleteInferenceComponent", "Request": {"InferenceComponentName": "gone"}}
    with pytest.raises(InputError, match=r"InferenceComponents\[2\].*no RuntimeConfig"):
        outcomes([deletion, {"Operation": "CreateInferenceComponent", "Request": on_other}], taken)
