"""Reservation metrics settle what hangs on the arrangement, and never wrongly."""

from __future__ import annotations

import copy
import datetime as dt
import json
import random
from typing import Any

import pytest
from support.endpoints import GPU4, GPU8, component, create, pooled, scale, snapshot, update
from support.reserved_agreement import Fleet, drawn, drawn_past_ten, question, tried, truths
from support.reserved_metrics import METRICS, at_rest, metric, with_metrics
from support.verdicts import rules

import icplan
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

Json = dict[str, Any]
EVERYTHING = "those, and the ends of the others"
WHOLE = create("new", 1, 4)
#: What nobody documents, set, so that no outcome is weakened for it.
CERTAIN = {
    "spec-change-replaces-copies": "always",
    "update-without-deployment-config": "all-at-once",
    "rollback-without-batch": "all-at-once",
    "emptied-instances": "kept",
    "nested-members": "keep",
}


def both_on_one(**more: Any) -> Json:
    """Two instances with 4 GPUs; two copies that take 2 lie on one of them."""
    return with_metrics(snapshot(GPU4, 2, component("a", 2, 2)), [{"a": 2}, {}], [GPU4, GPU4], **more)


def checked(taken: Json, asked: Json = WHOLE, **options: Any) -> icplan.Verdict:
    """The verdict, whose evidence holds."""
    verdict = icplan.check(asked, icplan.Snapshot.from_dict(copy.deepcopy(taken)), **options)
    for one in verify(json.loads(json.dumps(to_dict(verdict)))):
        assert one.result is Result.VERIFIED, one
    return verdict


def said(verdict: icplan.Verdict, rule: str) -> str:
    return "; ".join(one.message for one in verdict.findings if one.rule == rule)


@pytest.mark.smoke
def test_the_ends_and_the_values_settle_it() -> None:
    """Both copies on one instance leave the other empty; one on each leave no whole one."""
    taken = snapshot(GPU4, 2, component("a", 2, 2))
    assert checked(taken).outcome is Outcome.MAY_NOT_FIT
    assert checked(both_on_one()).outcome is Outcome.FITS
    assert said(checked(both_on_one()), "ICP325") == "settled by GPUReservation of 02:05Z"
    apart = with_metrics(taken, [{"a": 1}, {"a": 1}], [GPU4, GPU4], all_values=())
    assert checked(apart).outcome is Outcome.DOES_NOT_FIT


@pytest.mark.slow
def test_no_verdict_is_wrong_and_nearly_all_are_settled() -> None:
    """As many as the arrangements that agree allow (tests/support/reserved_agreement.py tries any number)."""
    counts = tried(12, 5, ("ends", EVERYTHING), verified=True)
    assert not counts.wrong, counts.wrong[0]
    assert set(counts.proofs) == {"verified"}
    for known, floor in (("ends", 60), (EVERYTHING, 95)):
        doubt, settled, could = counts.rate(known, range(2, 7))
        assert settled == could
        assert 100 * settled >= floor * doubt


def test_what_no_arrangement_explains_is_told_and_not_used() -> None:
    """The other metrics stand."""
    taken = both_on_one()
    gpus = taken["Reservations"][METRICS.index("GPUReservation")]
    for point in gpus["Datapoints"]:
        point["Maximum"] = 75.0
        del point["ExtendedStatistics"]
    verdict = checked(taken)
    assert said(verdict, "ICP324").startswith("GPUReservation of 02:05Z contradicts the snapshot")
    assert said(verdict, "ICP325") == "settled by MemoryReservation of 02:05Z"
    alone = taken | {"Reservations": [gpus]}
    assert checked(alone).outcome is Outcome.MAY_NOT_FIT
    assert "Reservations of the snapshot are not used" in said(checked(alone), "ICP308")


NEWER = "2026-11-20T02:04:30Z"


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("Endpoint", "EndpointStatus"), "Updating", "the endpoint is Updating"),
        (("Endpoint", "LastModifiedTime"), NEWER, "1 of its 3 periods begin after the last change"),
        (("InferenceComponents", 0, "LastModifiedTime"), NEWER, "1 of its 3 periods"),
        (("InferenceComponents", 0, "InferenceComponentStatus"), "Failed", "a is in motion, or has failed"),
        (("Reservations", 0, "Datapoints", 1, "Maximum"), 50.0, "do not agree"),
        (("Reservations", 0, "Datapoints", 1, "SampleCount"), 1.0, "do not agree"),
        (("Reservations", 0, "Period"), 30, "SampleCount is 2 in 30 s"),
        (("Reservations", 0, "Period"), 120, "2 of its 2 periods begin after"),
        (("TakenAt",), "2026-11-20T05:11:08Z", "is not of the snapshot's time"),
        (("TakenAt",), "2026-11-20T01:55:08Z", "is not of the snapshot's time"),
        (("Consistent",), False, "which instances run is not sure"),
    ],
)
def test_what_may_be_of_another_moment_is_not_used(path: tuple[Any, ...], value: Any, why: str) -> None:
    """The outcome is that without metrics, and it is said why."""
    taken = both_on_one(names=["GPUReservation"])
    place: Any = taken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    verdict = checked(taken)
    assert why in said(verdict, "ICP324")
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    # What the snapshot has already is not advised to be read.
    for change in verdict.changes:
        for one in change.findings:
            assert one.rule != "ICP308" or "reads CloudWatch's Reservations" not in one.message


def test_a_period_that_is_told_several_times_is_one() -> None:
    """Neither are points that begin within one period several of them."""
    moments = ["02:05:00", "02:05:01", "02:05:59"]
    for times in (moments[:1] * 3, moments, ["02:04:00", *moments]):
        taken = both_on_one(names=["GPUReservation"])
        point = taken["Reservations"][0]["Datapoints"][0]
        told = [point | {"Timestamp": f"2026-11-20T{at}Z"} for at in times]
        taken["Reservations"][0]["Datapoints"] = told
        verdict = checked(taken)
        assert f"{len(told) - 2} of its {len(told) - 2} periods begin after" in said(verdict, "ICP324")
        assert verdict.outcome is Outcome.MAY_NOT_FIT


def test_points_of_one_period_must_agree() -> None:
    """Listed twice it counts once; told otherwise, in either order, it is a contradiction."""
    taken = both_on_one(names=["GPUReservation"])
    points = taken["Reservations"][0]["Datapoints"]
    for number in range(3):
        taken["Reservations"][0]["Datapoints"] = [*points, points[number]]
        assert checked(taken).outcome is Outcome.FITS
        other = points[number] | {"Minimum": 50.0, "Maximum": 50.0}
        for told in ([*points, other], [other, *points]):
            taken["Reservations"][0]["Datapoints"] = told
            verdict = checked(taken)
            assert "twice, and not the same" in said(verdict, "ICP324")
            assert verdict.outcome is Outcome.MAY_NOT_FIT


def test_moments_that_are_not_told_are_no_evidence() -> None:
    """A snapshot by hand that lacks one says so."""
    taken = both_on_one()
    del taken["Endpoint"]["LastModifiedTime"]
    assert "LastModifiedTime, is missing" in said(checked(taken), "ICP324")
    moved = both_on_one()
    variant = moved["EndpointConfig"]["ProductionVariants"][0]
    variant["ManagedInstanceScaling"] = {
        "Status": "ENABLED",
        "MinInstanceCount": 1,
        "MaxInstanceCount": 2,
        "ScaleInPolicy": {"Strategy": "CONSOLIDATION"},
    }
    assert "CONSOLIDATION" in said(checked(moved), "ICP324")


@pytest.mark.slow
def test_tampered_values_never_make_a_wrong_verdict() -> None:
    """Whatever one value is turned into: unless the others bear it out, it is told and left alone."""
    rng, tampered = random.Random(8), 0  # noqa: S311
    while tampered < 12:
        fleet = drawn(rng)
        if truths(fleet, ())[""] is not Outcome.MAY_NOT_FIT:
            continue
        tampered += 1
        taken, asked, allocatable = question(fleet, EVERYTHING)
        one = rng.choice(taken["Reservations"])
        name = rng.choice(["Minimum", "Maximum", "Average", "SampleCount"])
        value = rng.choice([0.0, 3.7, 25.0, 50.0, 61.3, 100.0])
        for point in one["Datapoints"]:
            point[name] = value
        verdict = icplan.check(asked, icplan.Snapshot.from_dict(taken), allocatable=allocatable)
        _not_wrong(fleet, verdict)


def _not_wrong(fleet: Fleet, verdict: icplan.Verdict) -> None:
    """What is said holds where the copies truly lie; what was tampered with is told where it matters."""
    fits = sum(map(fleet.room, fleet.where)) >= fleet.copies
    assert not (verdict.outcome is Outcome.FITS and not fits)
    assert not (verdict.outcome is Outcome.DOES_NOT_FIT and fits)


def test_a_later_change_of_a_set_rests_on_what_the_first_leaves() -> None:
    """Metrics are of the moment before the first."""
    taken = both_on_one()
    changes = [scale("a", 3), create("new", 1, 4)]
    verdict = icplan.check(changes, icplan.Snapshot.from_dict(taken))
    # The third copy goes to the empty instance for sure, as the other is full.
    assert [one.outcome for one in verdict.changes] == [Outcome.FITS, Outcome.DOES_NOT_FIT]


def test_a_rolling_update_begins_with_the_arrangement_that_metrics_tell() -> None:
    """One instance is empty: a new copy has room there, then old ones leave."""
    taken = snapshot(GPU4, 2, component("a", 1, 2), component("b", 2, 2))
    needs = {"NumberOfAcceleratorDevicesRequired": 4, "MinMemoryRequiredInMb": 1024}
    asked = update("a", 1, ComputeResourceRequirements=needs)
    told = with_metrics(taken, [{"b": 2}, {"a": 1}], [GPU4, GPU4])
    assert checked(told, asked).outcome is Outcome.DOES_NOT_FIT
    told = with_metrics(
        snapshot(GPU4, 3, component("a", 1, 2), component("b", 2, 2)),
        [{"b": 2}, {"a": 1}, {}],
        [GPU4] * 3,
    )
    assert checked(told, asked).outcome is Outcome.FITS


def test_several_instance_types_are_told_apart_by_what_they_can_hold() -> None:
    """100 % of a type is not that of another."""
    taken = pooled({GPU4: 1, GPU8: 1}, component("a", 2, 2))
    asked = create("new", 1, 8)
    assert checked(taken, asked).outcome is Outcome.MAY_NOT_FIT
    one = with_metrics(taken, [{"a": 2}, {}], [GPU4, GPU8], names=["GPUReservation"])
    assert checked(one, asked).outcome is Outcome.FITS
    other = with_metrics(taken, [{}, {"a": 2}], [GPU4, GPU8], names=["GPUReservation"])
    assert checked(other, asked).outcome is Outcome.DOES_NOT_FIT


@pytest.mark.parametrize(
    ("assumed", "outcome"),
    [
        ({"memory-reservation-denominator": "allocatable"}, Outcome.DOES_NOT_FIT),
        ({"memory-reservation-denominator": "instance"}, Outcome.MAY_NOT_FIT),
        ({}, Outcome.MAY_NOT_FIT),
    ],
)
def test_what_memory_is_divided_by_is_what_can_be_allocated_if_it_is_assumed(
    assumed: dict[str, str], outcome: Outcome
) -> None:
    """A copy that needs more than that is refused by the assumption alone."""
    taken = snapshot(GPU4, 2, component("a", 2, 1, 20_000))
    told = with_metrics(taken, [{"a": 1}, {"a": 1}], [GPU4, GPU4], memory_share=0.8)
    verdict = icplan.check(create("new", 1, 1, 150_000), icplan.Snapshot.from_dict(told), assume=assumed)
    assert verdict.outcome is outcome
    assert bool(assumed) is not ("ICP321" in rules(verdict))
    whole = with_metrics(taken, [{"a": 1}, {"a": 1}], [GPU4, GPU4])
    assert "ICP321" not in rules(checked(whole, create("new", 1, 1, 150_000)))


def test_percentiles_that_are_no_values_of_instances_are_left_out() -> None:
    """Such as those between two values: all together they do not make the average."""
    taken = both_on_one(names=["GPUReservation"])
    for point in taken["Reservations"][0]["Datapoints"]:
        point["ExtendedStatistics"] = {"p25": 50.0, "p75": 100.0}
    verdict = checked(taken)
    assert verdict.outcome is Outcome.FITS
    assert "ICP324" not in rules(verdict)


def test_a_metric_is_matched_within_its_last_place() -> None:
    """Two thirds, shown in several ways, and in one that is not so."""
    taken = snapshot(GPU4, 2, component("a", 2, 2, 65536))
    for most, average in ((66.7, 33.3), (67, 33), (66.66666666666667, 33.333333333333336), (66.6, 33.3)):
        one = metric("MemoryReservation", [0.0, most])
        for point in one["Datapoints"]:
            point["Average"] = average
        verdict = checked(at_rest(taken) | {"Reservations": [one]})
        assert (verdict.outcome is Outcome.FITS) is (most != 66.6), most


def test_the_moment_of_a_point_may_have_any_zone() -> None:
    """It is told in UTC."""
    taken = both_on_one()
    zone = dt.timezone(dt.timedelta(hours=2))
    for one in taken["Reservations"]:
        for point in one["Datapoints"]:
            at = dt.datetime.fromisoformat(point["Timestamp"]).astimezone(zone)
            point["Timestamp"] = at.isoformat()
    assert said(checked(taken), "ICP325") == "settled by GPUReservation of 02:05Z"


def _asked(rng: random.Random, fleet: Fleet) -> Json:
    """Any kind of change: more copies, a rolling update to other needs, or a new component."""
    cpu, memory, devices = fleet.wanted
    kind = rng.choice(["scale", "roll", "roll", "create"])
    there = sum(held[0] for held in fleet.where)
    if kind == "create" or not there:
        return create("new", fleet.copies, devices, memory, **({"cpu": cpu / 1000} if cpu else {}))
    if kind == "scale":
        return scale("c0", there + fleet.copies)
    needs: Json = {"MinMemoryRequiredInMb": memory, "NumberOfAcceleratorDevicesRequired": devices}
    needs |= {"NumberOfCpuCoresRequired": cpu / 1000} if cpu else {}
    given = {name: amount for name, amount in needs.items() if amount}
    batch = rng.choice([1, 2])
    return update("c0", min(batch, there), rollback=1, ComputeResourceRequirements=given)


def _located(fleet: Fleet) -> list[Json]:
    return [
        {
            "InferenceComponentName": f"c{n}",
            "InstanceId": f"i-{at}",
            "InstanceType": fleet.kind,
            "Copies": copies,
        }
        for at, held in enumerate(fleet.where)
        for n, copies in enumerate(held)
        if copies
    ]


@pytest.mark.slow
def test_metrics_say_nothing_that_the_arrangement_itself_contradicts() -> None:
    """Of updates, rollbacks and launches, too: what is promised or refused holds where copies truly lie."""
    rng, settled = random.Random(21), 0  # noqa: S311
    for _ in range(16):
        fleet = drawn(rng, rng.randint(2, 4))
        if sum(map(sum, fleet.where)) > 10:
            continue
        asked = _asked(rng, fleet)
        taken, _, allocatable = question(fleet, EVERYTHING)
        most = rng.choice([None, len(fleet.where) + 1])
        if most is not None:
            (variant,) = taken["EndpointConfig"]["ProductionVariants"]
            variant["ManagedInstanceScaling"] = {
                "Status": "ENABLED",
                "MinInstanceCount": 1,
                "MaxInstanceCount": most,
            }
        blind = {name: part for name, part in taken.items() if name != "Reservations"}
        exact = blind | {"CopyLocations": _located(fleet)}
        by_metrics, known, unknown = (
            icplan.check(asked, icplan.Snapshot.from_dict(one), allocatable=allocatable, assume=CERTAIN)
            for one in (taken, exact, blind)
        )
        _agrees(by_metrics.outcome, known.outcome)
        rollbacks = [one.changes[0].rollback_outcome for one in (by_metrics, known)]
        if None not in rollbacks:
            _agrees(*rollbacks)
        settled += unknown.outcome is Outcome.MAY_NOT_FIT is not by_metrics.outcome
        for one in verify(json.loads(json.dumps(to_dict(by_metrics)))):
            assert one.result is not Result.REJECTED, one
    assert settled


def _agrees(by_metrics: Outcome | None, known: Outcome | None) -> None:
    """What is sure with less known is so with more."""
    assert by_metrics is not None
    assert known is not None
    assert not by_metrics.fits or known.fits
    assert by_metrics is not Outcome.FITS or known is Outcome.FITS
    assert by_metrics is not Outcome.DOES_NOT_FIT or known is Outcome.DOES_NOT_FIT


@pytest.mark.slow
def test_past_ten_instances_metrics_refuse_and_promise_what_is_true() -> None:
    """There are too many courses to try, so bounds decide; what was reserved on each is then enough."""
    counts = tried(3, 7, [EVERYTHING], drawn_past_ten, verified=True)
    assert counts.wrong == []
    doubt, settled, could = counts.rate(EVERYTHING, (11, 12, 13))
    assert (doubt, settled) == (3, could)
    assert set(counts.proofs) == {str(Result.VERIFIED)}


def test_a_large_fleet_is_refused_by_what_each_instance_holds() -> None:
    """Two of four devices are free on each of forty: 80 in all, and no three on one."""
    taken = snapshot(GPU4, 40, component("a", 40, 1), component("b", 40, 1))
    assert icplan.check(create("new", 1, 3), taken).outcome is Outcome.MAY_NOT_FIT
    where = [{"a": 1, "b": 1}] * 40
    told = with_metrics(taken, where, [GPU4] * 40, names=METRICS[2:], all_values=())
    verdict = icplan.check(create("new", 1, 3), told)
    assert verdict.outcome is Outcome.DOES_NOT_FIT
    assert rules(verdict) >= {"ICP305", "ICP325"}
    assert "no room" in str(verdict)
    assert icplan.check(create("new", 40, 2), told).outcome is Outcome.FITS
