"""Changes on whole endpoints: sets of them, endpoints in motion or over-committed, limits, advice."""

from __future__ import annotations

from typing import Any

import pytest
from endpoints import component, create, scale, snapshot, update

import icplan
from icplan.errors import InputError
from icplan.verdict import Duration, Outcome, Pace, Verdict

GPU4 = "ml.g5.12xlarge"


def check(taken: dict[str, Any], *changes: dict[str, Any], **options: Any) -> Verdict:
    return icplan.check(list(changes), icplan.Snapshot.from_dict(taken), **options)


def rules(verdict: Verdict) -> set[str]:
    return {finding.rule for finding in verdict.findings}


def delete(name: str) -> dict[str, Any]:
    return {"Operation": "DeleteInferenceComponent", "Request": {"InferenceComponentName": name}}


class TestChangeSets:
    """Each change is judged on what the ones before it leave."""

    taken = snapshot(GPU4, 1, component("a", 2, 1), component("b", 2, 1))

    def test_room_freed_first_is_room_for_the_next(self) -> None:
        """Deleting, then creating in its room fits; the other way round it does not, and that is said."""
        assert check(self.taken, delete("a"), create("c", 2, 1)).outcome is Outcome.FITS
        verdict = check(self.taken, create("c", 2, 1), delete("a"))
        assert verdict.outcome is Outcome.DOES_NOT_FIT
        (finding,) = [f for f in verdict.findings if f.rule == "ICP405"]
        assert finding.message == "this order works: change 2 (delete a), then change 1 (create c)"

    def test_no_order_is_named_when_none_works(self) -> None:
        """A set that fits in no order gets no note about order."""
        verdict = check(self.taken, create("c", 3, 1), delete("a"))
        assert verdict.outcome is Outcome.DOES_NOT_FIT
        assert "ICP405" not in rules(verdict)

    def test_a_failing_change_leaves_all_as_it_was(self) -> None:
        """What follows a change that fails is judged as if it had not been asked."""
        verdict = check(self.taken, create("c", 9, 1), scale("a", 1))
        assert [change.outcome for change in verdict.changes] == [Outcome.DOES_NOT_FIT, Outcome.FITS]

    def test_what_builds_on_a_failing_creation_is_invalid(self) -> None:
        """A component that an earlier change fails to create cannot be scaled."""
        verdict = check(self.taken, create("c", 9, 1), scale("c", 10))
        assert [change.outcome for change in verdict.changes] == [Outcome.DOES_NOT_FIT, Outcome.INVALID]

    def test_a_component_created_in_the_set_can_be_changed(self) -> None:
        """Later changes see earlier ones."""
        verdict = check(self.taken, delete("a"), create("c", 1, 1), scale("c", 2), scale("c", 3))
        outcomes = [change.outcome for change in verdict.changes]
        assert outcomes == [Outcome.FITS, Outcome.FITS, Outcome.FITS, Outcome.DOES_NOT_FIT]


class TestOverCommitted:
    """An endpoint that holds more than can be placed does not fail a change that makes it no worse."""

    taken = snapshot(GPU4, 1, component("a", 3, 2))

    @pytest.mark.parametrize("change", [scale("a", 1), scale("a", 3), delete("a")])
    def test_a_change_that_places_nothing_goes_through(self, change: dict[str, Any]) -> None:
        verdict = check(self.taken, change)
        assert verdict.outcome is Outcome.FITS
        assert "ICP310" in rules(verdict)

    def test_one_that_places_more_cannot_be_judged(self) -> None:
        """The snapshot contradicts itself, so nothing can be promised or refused."""
        with pytest.raises(InputError, match="cannot have been placed"):
            check(self.taken, scale("a", 4))


class TestLimits:
    """How far the fleet may grow, and which limit is in the way."""

    @staticmethod
    def full(**more: Any) -> dict[str, Any]:
        return snapshot(GPU4, 2, component("a", 8, 1), scaling=(1, 10), **more)

    def test_the_quota_of_the_type(self) -> None:
        """A quota that is used up elsewhere keeps the fleet from growing, in AWS's own words."""
        quota = {"QuotaName": f"{GPU4} for endpoint usage", "QuotaCode": "L-65C4BD00", "Value": 16.0}
        verdict = check(self.full(Quotas=[quota], InstancesInUse={GPU4: 16}), scale("a", 9))
        assert verdict.outcome is Outcome.DOES_NOT_FIT
        (finding,) = [f for f in verdict.findings if f.rule == "ICP502"]
        assert finding.aws_error == (
            "The account-level service limit 'ml.g5.12xlarge for endpoint usage' is 16 Instances, with "
            "current utilization of 16 Instances and a request delta of 1 Instances."
        )
        more = check(self.full(Quotas=[quota], InstancesInUse={GPU4: 15}), scale("a", 9))
        assert more.outcome is Outcome.FITS_AFTER_SCALE_OUT

    def test_the_quota_of_the_account(self) -> None:
        """The account-wide quota counts the instances of every type."""
        quota = {
            "QuotaName": "Number of instances across active endpoints",
            "QuotaCode": "L-7A3DF611",
            "Value": 20.0,
        }
        used = {GPU4: 2, "ml.m5.large": 18}
        verdict = check(self.full(Quotas=[quota], InstancesInUse=used), scale("a", 9))
        assert verdict.outcome is Outcome.DOES_NOT_FIT
        assert "ICP502" in rules(verdict)

    def test_a_capacity_reservation(self) -> None:
        """Where only reserved instances may be used, those left are a hard bound."""
        taken = self.full()
        taken["Endpoint"]["ProductionVariants"][0]["CapacityReservationConfig"] = {
            "CapacityReservationPreference": "capacity-reservations-only",
            "TotalInstanceCount": 2,
            "AvailableInstanceCount": 0,
        }
        verdict = check(taken, scale("a", 9))
        assert verdict.outcome is Outcome.DOES_NOT_FIT
        assert "ICP503" in rules(verdict)

    def test_a_fleet_of_no_instance(self) -> None:
        """A fleet scaled to zero launches its first instance."""
        taken = snapshot(GPU4, 0, component("a", 0, 4), scaling=(0, 2))
        verdict = check(taken, scale("a", 1))
        assert verdict.outcome is Outcome.FITS_AFTER_SCALE_OUT
        assert verdict.changes[0].peak_instances == 1

    def test_instances_on_their_way_are_not_there_yet(self) -> None:
        """While the endpoint scales out, only what runs counts as running."""
        taken = self.full()
        taken["Endpoint"]["ProductionVariants"][0]["DesiredInstanceCount"] = 3
        assert check(taken, scale("a", 9)).changes[0].instances_now == 2


class TestPools:
    """Endpoints with several instance types."""

    @staticmethod
    def pools(first: int, second: int, copies: int, most: int = 9) -> dict[str, Any]:
        described = component("a", copies)
        specification = described.pop("Specification")
        described["Specifications"] = [
            specification
            | {
                "InstanceType": kind,
                "ComputeResourceRequirements": {
                    "NumberOfAcceleratorDevicesRequired": devices,
                    "MinMemoryRequiredInMb": 1024,
                },
            }
            for kind, devices in ((GPU4, 2), ("ml.g5.48xlarge", 2))
        ]
        described["RuntimeConfig"]["PlacementStatus"] = [{"InstanceType": GPU4, "CurrentCopyCount": copies}]
        taken = snapshot(GPU4, first + second, described, scaling=(1, most))
        variant = taken["EndpointConfig"]["ProductionVariants"][0]
        del variant["InstanceType"]
        variant["InstancePools"] = [
            {"InstanceType": GPU4, "Priority": 1},
            {"InstanceType": "ml.g5.48xlarge", "Priority": 2},
        ]
        taken["Endpoint"]["ProductionVariants"][0]["InstancePools"] = [
            {"InstanceType": GPU4, "CurrentInstanceCount": first},
            {"InstanceType": "ml.g5.48xlarge", "CurrentInstanceCount": second},
        ]
        return taken

    def test_the_least_helpful_type_decides_how_many_are_needed(self) -> None:
        """Which type is launched is not known: 4 copies more need 2 of the smaller one."""
        verdict = check(self.pools(1, 0, 2), scale("a", 6))
        assert verdict.outcome is Outcome.FITS_AFTER_SCALE_OUT
        assert verdict.changes[0].peak_instances == 3

    def test_in_doubt_the_type_that_would_do_is_named(self) -> None:
        """Within one more instance only the larger type does, and the report says so."""
        verdict = check(self.pools(1, 0, 2, most=2), scale("a", 6))
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        assert any("ml.g5.48xlarge" in f.message for f in verdict.findings if f.rule == "ICP311")

    def test_copies_per_type_are_known(self) -> None:
        """Copies that AWS counts on one type take no room on the other."""
        assert check(self.pools(1, 1, 2), scale("a", 6)).outcome is Outcome.FITS
        assert check(self.pools(1, 1, 2), scale("a", 7)).outcome is Outcome.FITS_AFTER_SCALE_OUT


class TestAdvice:
    """What is said of changes that fit."""

    def test_autoscaling_maxima_that_collide(self) -> None:
        """The first pair of components whose maxima do not fit together is named."""
        targets = [
            {
                "ResourceId": f"inference-component/{name}",
                "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
                "MinCapacity": 1,
                "MaxCapacity": most,
            }
            for name, most in (("a", 3), ("b", 2))
        ]
        taken = snapshot(GPU4, 1, component("a", 1, 1), component("b", 1, 1), ScalableTargets=targets)
        verdict = check(taken, scale("a", 2))
        assert verdict.outcome is Outcome.FITS
        (finding,) = [f for f in verdict.findings if f.rule == "ICP602"]
        assert "a (MaxCapacity 3) and b (MaxCapacity 2)" in finding.message
        targets[1]["MaxCapacity"] = 1
        assert "ICP602" not in rules(check(taken, scale("a", 2)))

    def test_the_published_formula_where_it_is_wrong(self) -> None:
        """3 of 8 accelerators a copy, 5 at a time: the formula says 2 more instances, 3 are needed."""
        taken = snapshot("ml.g5.48xlarge", 5, component("a", 10, 3), scaling=(1, 20))
        verdict = check(taken, update("a", 5, 5))
        assert verdict.changes[0].peak_instances == 8
        (finding,) = [f for f in verdict.findings if f.rule == "ICP506"]
        assert (finding.need, finding.unit) == (8, "instances")
        assert "more than the 7 of AWS's formula" in finding.message
        taken = snapshot("ml.g5.48xlarge", 5, component("a", 10, 3), scaling=(1, 7))
        assert "ICP506" in rules(check(taken, update("a", 5, 5)))

    def test_the_published_formula_where_it_asks_for_more_than_enough(self) -> None:
        """Free room that the formula does not see is no reason for a note."""
        taken = snapshot("ml.g5.48xlarge", 2, component("a", 2, 1), scaling=(1, 20))
        assert "ICP506" not in rules(check(taken, update("a", 1, 1)))

    def test_copies_on_one_instance(self) -> None:
        """Copies that would all lie on one of several instances are worth a note."""
        filled = [component("big", 1, 4), component("small", 1, 1)]
        verdict = check(snapshot(GPU4, 2, *filled), create("c", 3, 1))
        assert verdict.outcome is Outcome.FITS
        assert "ICP601" in rules(verdict)


class TestZones:
    """Zones are never a reason not to fit; what can be foreseen of them is said."""

    @staticmethod
    def zoned(*free: int) -> dict[str, Any]:
        """Two instances in each of two zones, all but so many accelerators of each taken by ``base``."""
        held = sum(4 - n for n in free)
        located = [
            {
                "InferenceComponentName": "base",
                "InstanceId": f"i-{number}",
                "InstanceType": GPU4,
                "AvailabilityZone": f"us-east-1{'ab'[number // 2]}",
                "Copies": 4 - n,
            }
            for number, n in enumerate(free)
        ]
        return snapshot(GPU4, 4, component("base", held, 1), CopyLocations=located)

    @staticmethod
    def spread(copies: int, balanced: bool) -> dict[str, Any]:
        request = create("new", copies, 1)
        config: dict[str, Any] = {"PlacementStrategy": "SPREAD"}
        if balanced:
            config["AvailabilityZoneBalance"] = {"EnforcementMode": "PERMISSIVE", "MaxImbalance": 0}
        request["Specification"]["SchedulingConfig"] = config
        return request

    def test_balance_is_kept_where_there_is_room(self) -> None:
        """Two per zone of four copies, though one zone has far more room: nothing to say."""
        verdict = check(self.zoned(3, 3, 1, 1), self.spread(4, balanced=True))
        assert verdict.outcome is Outcome.FITS
        assert not rules(verdict) & {"ICP603", "ICP604"}

    def test_balance_that_cannot_be_met_is_a_note(self) -> None:
        """With room for one copy in the second zone, 3 and 1 is the best there is, and it fits."""
        verdict = check(self.zoned(2, 2, 1, 0), self.spread(4, balanced=True))
        assert verdict.outcome is Outcome.FITS
        assert "ICP604" in rules(verdict)

    def test_copies_that_share_a_zone(self) -> None:
        """Without balance all copies go where the room is, in one zone, which is worth a note."""
        verdict = check(self.zoned(3, 3, 0, 0), self.spread(4, balanced=False))
        assert verdict.outcome is Outcome.FITS
        assert "ICP603" in rules(verdict)

    def test_binpack_fills_one_instance(self) -> None:
        """BINPACK puts copies on the fullest instance with room, SPREAD apart."""
        taken = snapshot(GPU4, 3, component("base", 1, 1))
        packed = self.spread(3, balanced=False)
        packed["Specification"]["SchedulingConfig"]["PlacementStrategy"] = "BINPACK"
        assert "ICP601" in rules(check(taken, packed))
        assert "ICP601" not in rules(check(taken, self.spread(3, balanced=False)))


def test_assumptions_that_decide_are_named_with_the_other_outcome() -> None:
    """An update that only fits one copy at a time says so of the assumption it rests on."""
    taken = snapshot(GPU4, 1, component("a", 2, 1), component("b", 1, 1))
    verdict = check(taken, update("a"))
    assert verdict.outcome is Outcome.DOES_NOT_FIT
    (use,) = [use for use in verdict.assumptions if use.name == "update-without-deployment-config"]
    assert use.relied_on
    assert use.otherwise == {"one-by-one": Outcome.FITS}
    turned = check(taken, update("a"), assume={"update-without-deployment-config": "one-by-one"})
    assert turned.outcome is Outcome.FITS


class TestDuration:
    """The batches of a rolling update and of its rollback, and the time they may take."""

    taken = snapshot(GPU4, 3, component("a", 5, 1), component("b", 1, 1))

    @staticmethod
    def rolling(batch: int, rollback: int | None = None, limit: int | None = None) -> dict[str, Any]:
        request = update("a", batch, rollback)
        request["Specification"]["StartupParameters"] = {"ModelDataDownloadTimeoutInSeconds": 600}
        if limit is not None:
            request["DeploymentConfig"]["RollingUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = limit
        return request

    def test_a_rollback_is_one_batch_unless_told_otherwise(self) -> None:
        """5 copies, 2 at a time, are 3 batches there; back, all at once or one by one."""
        (change,) = check(self.taken, self.rolling(2, limit=3600)).changes
        # What runs now has no start-up limits, so a rollback's copies have none that is told.
        assert change.duration == Duration(Pace(3, 180, 1800), Pace(1, 60, 0), 3600)
        (change,) = check(self.taken, self.rolling(2, rollback=1)).changes
        assert change.duration == Duration(Pace(3, 180, 1800), Pace(5, 300, 0), None)

    def test_the_start_up_limits_of_what_runs_are_those_of_a_rollback(self) -> None:
        """A rollback starts copies as they are described."""
        slow = component("a", 5, 1)
        slow["Specification"]["StartupParameters"] = {"ContainerStartupHealthCheckTimeoutInSeconds": 300}
        (change,) = check(snapshot(GPU4, 3, slow), self.rolling(2, rollback=2)).changes
        assert change.duration == Duration(Pace(3, 180, 2700), Pace(3, 180, 900), None)

    @pytest.mark.parametrize("change", [scale("a", 6), update("a"), create("c", 1, 1), delete("a")])
    def test_only_rolling_updates_have_one(self, change: dict[str, Any]) -> None:
        assert check(self.taken, change).changes[0].duration is None

    @pytest.mark.parametrize(
        ("limit", "said"), [(1979, {"ICP137"}), (1980, {"ICP406"}), (2039, {"ICP406"}), (2040, set())]
    )
    def test_a_rollback_that_may_outlast_the_limit(self, limit: int, said: set[str]) -> None:
        """1980 s there and 60 s back; where the update alone may take too long, only that is said."""
        verdict = check(self.taken, self.rolling(2, limit=limit))
        assert rules(verdict) & {"ICP137", "ICP406"} == said
        assert verdict.outcome is Outcome.FITS

    def test_whether_a_rollback_counts_is_an_assumption(self) -> None:
        """If it does not, only one that is too long by itself is worth a warning."""
        verdict = check(self.taken, self.rolling(2, limit=2000))
        (use,) = [use for use in verdict.assumptions if use.name == "timeout-covers-rollback"]
        assert use.relied_on
        apart = {"timeout-covers-rollback": "no"}
        assert "ICP406" not in rules(check(self.taken, self.rolling(2, limit=2000), assume=apart))
        quick = self.rolling(2, rollback=1, limit=600)
        quick["DeploymentConfig"]["RollingUpdatePolicy"]["WaitIntervalInSeconds"] = 200
        del quick["Specification"]["StartupParameters"]
        (finding,) = [f for f in check(self.taken, quick, assume=apart).findings if f.rule == "ICP406"]
        assert (finding.need, finding.have) == (1000, 600)


@pytest.mark.parametrize(
    ("break_it", "path"),
    [
        (
            lambda s: s["InferenceComponents"][0]["RuntimeConfig"].update(CurrentCopyCount=-1),
            "CurrentCopyCount",
        ),
        (
            lambda s: s["InferenceComponents"][0]["RuntimeConfig"].update(DesiredCopyCount="2"),
            "DesiredCopyCount",
        ),
        (lambda s: s["InferenceComponents"][0].update(Specification=None, Specifications=None), "$.Infer"),
        (
            lambda s: s["Endpoint"]["ProductionVariants"][0].update(CurrentInstanceCount=-2),
            "CurrentInstanceCount",
        ),
        (lambda s: s["EndpointConfig"].update(ProductionVariants=[]), "ProductionVariants"),
        (lambda s: s["EndpointConfig"]["ProductionVariants"][0].pop("InstanceType"), "ProductionVariants[0]"),
    ],
)
def test_hostile_snapshots_are_refused_with_their_place(break_it: Any, path: str) -> None:
    """Counts that cannot be, and parts that are missing, are named."""
    taken = snapshot(GPU4, 1, component("a", 1, 1))
    break_it(taken)
    with pytest.raises(InputError) as refused:
        check(taken, scale("a", 2))
    assert path in str(refused.value)


def test_environment_values_may_be_empty() -> None:
    """AWS allows an empty environment value, so a snapshot may hold one."""
    held = component("a", 1, 1)
    held["Specification"]["Container"] = {"Environment": {"HF_TOKEN": ""}}
    assert check(snapshot(GPU4, 1, held), scale("a", 2)).outcome is Outcome.FITS


def test_components_on_an_unknown_variant_take_no_room() -> None:
    """A component that says it is on another variant is not on this one."""
    taken = snapshot(GPU4, 1, component("a", 1, 1), component("b", 4, 1, VariantName="Shadow"))
    assert check(taken, scale("a", 4)).outcome is Outcome.FITS
