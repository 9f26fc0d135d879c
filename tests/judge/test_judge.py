"""Changes on whole endpoints: sets of them, endpoints in motion or over-committed, limits, advice."""

from __future__ import annotations

from typing import Any

import pytest
from support.endpoints import GPU4, component, create, delete, scale, snapshot, update
from support.verdicts import check, rules

from icplan.errors import InputError
from icplan.verdict.outcome import Outcome

PER_TYPE_QUOTA = {"QuotaName": f"{GPU4} for endpoint usage"}


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

    def test_of_many_changes_those_that_free_room_are_tried_first(self) -> None:
        """Too many for every order: deletions, then fewer copies, then the rest as it was given."""
        idle = [create(f"cpu-{number}", 1) for number in range(5)]
        verdict = check(self.taken, create("c", 3, 1), *idle, scale("b", 1), delete("a"))
        assert verdict.outcome is Outcome.DOES_NOT_FIT
        (finding,) = [f for f in verdict.findings if f.rule == "ICP405"]
        assert "change 8 (delete a), then change 7 (scale b), then change 1 (create c)" in finding.message

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

    def test_one_that_places_more_may_not_fit(self) -> None:
        """The snapshot contradicts itself, so nothing can be promised, and refused only what never fits."""
        verdict = check(self.taken, scale("a", 4))
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        assert "ICP310" in rules(verdict)
        assert check(self.taken, scale("a", 40)).outcome is Outcome.MAY_NOT_FIT


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
        (finding,) = [f for f in verdict.findings if f.rule == "ICP502"]
        assert finding.aws_error == (
            "The account-level service limit 'Number of instances across active endpoints' is 20 Instances, "
            "with current utilization of 20 Instances and a request delta of 1 Instances."
        )

    @pytest.mark.parametrize(
        ("quota", "fits"), [(PER_TYPE_QUOTA | {"Value": 3}, False), (PER_TYPE_QUOTA | {"Value": 4}, True)]
    )
    @pytest.mark.parametrize("elsewhere", [{}, {"InstancesInUse": {GPU4: 1}}, {"InstancesInUse": {}}])
    @pytest.mark.parametrize("pooled_variant", [False, True])
    def test_a_quota_counts_every_variant_of_the_endpoint(
        self, quota: dict[str, Any], elsewhere: dict[str, Any], *, fits: bool, pooled_variant: bool
    ) -> None:
        """What the endpoint itself uses is in use, whatever was counted over all endpoints."""
        taken = snapshot(GPU4, 1, component("a", 1, 4), scaling=(1, 5), Quotas=[quota], **elsewhere)
        another: dict[str, Any] = {"VariantName": "v2", "InitialInstanceCount": 1, "InstanceType": GPU4}
        summary = {"VariantName": "v2", "CurrentInstanceCount": 1, "DesiredInstanceCount": 2}
        if pooled_variant:
            del another["InstanceType"]
            another["InstancePools"] = [{"InstanceType": GPU4, "Priority": 1}]
            summary["InstancePools"] = [{"InstanceType": GPU4, "CurrentInstanceCount": 1}]
        taken["EndpointConfig"]["ProductionVariants"].append(another)
        taken["Endpoint"]["ProductionVariants"].append(summary)
        verdict = check(taken, scale("a", 2))
        assert verdict.outcome is (Outcome.FITS_AFTER_SCALE_OUT if fits else Outcome.DOES_NOT_FIT)
        taken["Quotas"] = [
            {"QuotaName": "Number of instances across active endpoints", "Value": quota["Value"]}
        ]
        assert check(taken, scale("a", 2)).outcome is verdict.outcome

    def test_an_instance_on_its_way_has_its_place_in_the_quota(self) -> None:
        """It is counted once: what the quota has granted can still arrive."""
        taken = snapshot(
            GPU4, 1, component("a", 1, 4), scaling=(1, 5), Quotas=[PER_TYPE_QUOTA | {"Value": 2}]
        )
        taken["Endpoint"]["ProductionVariants"][0]["DesiredInstanceCount"] = 2
        assert check(taken, scale("a", 2)).outcome is Outcome.FITS_AFTER_SCALE_OUT
        assert check(taken, scale("a", 3)).outcome is Outcome.DOES_NOT_FIT

    @pytest.mark.parametrize(
        ("quota", "last"), [(5, Outcome.DOES_NOT_FIT), (6, Outcome.FITS_AFTER_SCALE_OUT)]
    )
    def test_what_a_change_launches_counts_for_the_next(self, quota: int, last: Outcome) -> None:
        """With two instances elsewhere, the third and fourth of this endpoint are the fifth and sixth."""
        used = {"Quotas": [PER_TYPE_QUOTA | {"Value": quota}], "InstancesInUse": {GPU4: 3}}
        taken = snapshot(GPU4, 1, component("a", 1, 4), scaling=(1, 9), **used)
        verdict = check(taken, create("b", 2, 4), create("c", 1, 4))
        assert [change.outcome for change in verdict.changes] == [Outcome.FITS_AFTER_SCALE_OUT, last]

    def test_use_by_other_endpoints_that_is_not_known_is_named(self) -> None:
        """Neither the report nor AWS's words give a number for it."""
        taken = snapshot(
            GPU4, 1, component("a", 1, 4), scaling=(1, 5), Quotas=[PER_TYPE_QUOTA | {"Value": 1}]
        )
        (finding,) = [f for f in check(taken, scale("a", 2)).findings if f.rule == "ICP502"]
        assert finding.message.endswith(
            "is 1, of which at least 1 is in use on this endpoint; what other endpoints use is not known"
        )
        assert (
            finding.aws_error == f"The account-level service limit '{GPU4} for endpoint usage' is 1 Instances"
        )

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


def test_assumptions_that_decide_are_named_with_the_other_outcome() -> None:
    """An update that only fits one copy at a time says so of the assumption it rests on."""
    taken = snapshot(GPU4, 1, component("a", 2, 1), component("b", 1, 1))
    verdict = check(taken, update("a"))
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    (use,) = [use for use in verdict.assumptions if use.name == "update-without-deployment-config"]
    assert use.relied_on
    assert use.otherwise == {"one-by-one": Outcome.FITS}
    turned = check(taken, update("a"), assume={"update-without-deployment-config": "one-by-one"})
    assert turned.outcome is Outcome.FITS


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


def test_components_on_a_shadow_variant_take_no_room() -> None:
    """A component that says it is on another variant is not on this one."""
    taken = snapshot(GPU4, 1, component("a", 1, 1), component("b", 4, 1, VariantName="Shadow"))
    taken["EndpointConfig"]["ShadowProductionVariants"] = [{"VariantName": "Shadow", "InstanceType": GPU4}]
    assert check(taken, scale("a", 4)).outcome is Outcome.FITS


def test_a_component_on_no_variant_there_is_refused() -> None:
    """Whether it takes room cannot be known: nothing is left out without a word."""
    taken = snapshot(GPU4, 1, component("a", 1, 1), component("b", 4, 1, VariantName="Blue"))
    with pytest.raises(InputError, match=r"b is on variant 'Blue', which .* has AllTraffic"):
        check(taken, scale("a", 4))
    two = snapshot(GPU4, 1, component("a", 1, 1), component("b", 4, 1))
    two["EndpointConfig"]["ProductionVariants"].append({"VariantName": "Other", "InstanceType": GPU4})
    del two["InferenceComponents"][1]["VariantName"]
    with pytest.raises(InputError, match="which variant b is on is not said"):
        check(two, scale("a", 4))
