"""Endpoints in motion, and snapshots whose figures do not agree."""

from __future__ import annotations

from typing import Any

import pytest
from support.endpoints import GPU4, GPU8, component, create, pooled, scale, snapshot, update
from support.verdicts import check, said

from icplan.errors import InputError
from icplan.verdict.outcome import Outcome


def counts(taken: dict[str, Any], current: int, desired: int) -> dict[str, Any]:
    taken["Endpoint"]["ProductionVariants"][0] |= {
        "CurrentInstanceCount": current,
        "DesiredInstanceCount": desired,
    }
    return taken


def copies(name: str, current: int, desired: int, status: str = "InService") -> dict[str, Any]:
    runtime = {"CurrentCopyCount": current, "DesiredCopyCount": desired}
    return component(name, 0, 1, RuntimeConfig=runtime, InferenceComponentStatus=status)


class TestInstances:
    """Counts of instances that are about to change."""

    def test_instances_that_are_being_taken_away_are_gone(self) -> None:
        """Of two instances one will stay, so one is all that can be counted on."""
        taken = counts(snapshot(GPU4, 2, component("a", 3, 1)), 2, 1)
        assert check(taken, scale("a", 4)).outcome is Outcome.FITS
        assert check(taken, scale("a", 5)).outcome is Outcome.DOES_NOT_FIT
        assert check(counts(taken, 2, 2), scale("a", 5)).outcome is Outcome.FITS

    def test_instances_that_are_on_their_way_must_still_be_launched(self) -> None:
        """They count among those that the limit allows."""
        taken = counts(snapshot(GPU4, 1, component("a", 4, 1), scaling=(1, 2)), 1, 2)
        verdict = check(taken, scale("a", 5))
        assert verdict.outcome is Outcome.FITS_AFTER_SCALE_OUT
        assert (verdict.changes[0].instances_now, verdict.changes[0].peak_instances) == (1, 2)

    def test_of_several_pools_the_lowest_priority_leaves_first(self) -> None:
        """The large instance goes if it is idle, so only the room of the two small ones is sure."""
        held = component("a", 4, 1)
        taken = counts(pooled({GPU4: 2, GPU8: 1}, held), 3, 2)
        assert check(taken, scale("a", 9)).outcome is Outcome.MAY_NOT_FIT
        held["RuntimeConfig"]["PlacementStatus"] = [{"InstanceType": GPU4, "CurrentCopyCount": 4}]
        taken = counts(pooled({GPU4: 2, GPU8: 1}, held), 3, 2)
        assert check(taken, scale("a", 8)).outcome is Outcome.FITS
        assert check(taken, scale("a", 9)).outcome is Outcome.DOES_NOT_FIT
        assert check(counts(taken, 3, 3), scale("a", 16)).outcome is Outcome.FITS

    def test_more_held_than_will_stay_promises_nothing(self) -> None:
        """Copies on an instance that is going contradict it; a change that places nothing goes through."""
        taken = counts(snapshot(GPU4, 2, component("a", 6, 1)), 2, 1)
        assert check(taken, scale("a", 7)).outcome is Outcome.MAY_NOT_FIT
        assert check(taken, scale("a", 2)).outcome is Outcome.FITS


class TestCopies:
    """Counts of copies that are about to change."""

    def test_copies_on_their_way_may_take_the_room(self) -> None:
        """Two of four copies run: the other two may lie anywhere, or nowhere yet."""
        taken = snapshot(GPU4, 2, copies("a", 2, 4), component("b", 2, 1))
        assert check(taken, scale("b", 4)).outcome is Outcome.FITS
        assert check(taken, scale("b", 5)).outcome is Outcome.MAY_NOT_FIT
        assert check(taken, scale("b", 7)).outcome is Outcome.DOES_NOT_FIT

    def test_copies_that_are_leaving_may_still_be_there(self) -> None:
        """Four copies become one: three of them may hold their room a while longer."""
        taken = snapshot(GPU4, 2, copies("a", 4, 1), component("b", 2, 1))
        assert check(taken, scale("b", 4)).outcome is Outcome.FITS
        assert check(taken, scale("b", 5)).outcome is Outcome.MAY_NOT_FIT
        assert check(taken, scale("b", 8)).outcome is Outcome.DOES_NOT_FIT

    def test_an_update_under_way_may_bring_as_many_copies_again(self) -> None:
        """What an update of another component needs on its way is not promised to anyone else."""
        taken = snapshot(GPU4, 2, copies("a", 2, 2, "Updating"), component("b", 1, 1))
        assert check(taken, scale("b", 4)).outcome is Outcome.FITS
        verdict = check(taken, scale("b", 5))
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        assert said(verdict, "ICP313") == ["a is Updating and may hold 2 to 4 copies meanwhile"]
        assert check(taken, scale("b", 7)).outcome is Outcome.DOES_NOT_FIT

    @pytest.mark.parametrize(("most", "told"), [(2, False), (3, True)])
    def test_that_it_may_launch_instances_is_told_where_it_may(self, most: int, told: bool) -> None:
        """The peak is that of the change asked for alone."""
        taken = snapshot(GPU4, 2, copies("a", 2, 2, "Updating"), component("b", 1, 1), scaling=(1, most))
        (message,) = said(check(taken, scale("b", 4)), "ICP313")
        assert message.endswith("instances that it launches are not in the peak") is told

    @pytest.mark.parametrize(("status", "certain"), [("Creating", 6), ("Deleting", 6)])
    def test_a_creation_or_deletion_is_half_done(self, status: str, certain: int) -> None:
        """Two copies of eight devices may be there or not."""
        current, desired = (0, 2) if status == "Creating" else (2, 2)
        taken = snapshot(GPU4, 2, copies("a", current, desired, status), component("b", 1, 1))
        assert check(taken, scale("b", certain)).outcome is Outcome.FITS
        verdict = check(taken, scale("b", certain + 1))
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        assert said(verdict, "ICP313")

    @pytest.mark.parametrize(("value", "outcome"), [("yes", Outcome.DOES_NOT_FIT), ("no", Outcome.FITS)])
    def test_a_failed_component_holds_what_it_has(self, value: str, outcome: Outcome) -> None:
        """Unless it is assumed not to."""
        taken = snapshot(GPU4, 2, copies("a", 2, 2, "Failed"), component("b", 1, 1))
        assert check(taken, scale("b", 7), assume={"failed-component-holds": value}).outcome is outcome

    @pytest.mark.parametrize("change", [update("a", 1), update("a"), scale("a", 3)])
    def test_a_failed_component_takes_no_change(self, change: dict[str, Any]) -> None:
        """It is blocked if so assumed, and what would be needed is shown all the same; else it is a doubt."""
        taken = snapshot(GPU4, 2, copies("a", 2, 2, "Failed"))
        assert check(taken, change).outcome is Outcome.MAY_NOT_FIT
        assert check(taken, change).changes[0].turns_on == ("failed-component-takes-update",)
        verdict = check(taken, change, assume={"failed-component-takes-update": "no"})
        assert verdict.outcome is Outcome.BLOCKED
        assert verdict.changes[0].phases
        assert not verdict.remedies


class TestContradictions:
    """Figures that cannot both be right are named, and which one is gone by."""

    def test_copies_by_type_that_do_not_add_up(self) -> None:
        """Either figure may be right, so what needs the lesser is not promised."""
        held = component("a", 2, 1)
        held["RuntimeConfig"]["PlacementStatus"] = [{"InstanceType": GPU4, "CurrentCopyCount": 5}]
        verdict = check(snapshot(GPU4, 2, held), scale("a", 8))
        assert verdict.outcome is Outcome.FITS
        (message,) = said(verdict, "ICP312")
        assert message == (
            "PlacementStatus of a counts 5 copies, CurrentCopyCount is 2; either may be right, on instances "
            "of any type"
        )
        assert check(snapshot(GPU4, 2, held), create("b", 3, 1)).outcome is Outcome.FITS
        assert check(snapshot(GPU4, 2, held), create("b", 4, 1)).outcome is Outcome.MAY_NOT_FIT

    def test_copies_on_a_type_that_is_not_there(self) -> None:
        held = component("a", 2, 1)
        held["RuntimeConfig"]["PlacementStatus"] = [{"InstanceType": GPU8, "CurrentCopyCount": 2}]
        for taken in (snapshot(GPU4, 2, held), snapshot("ml.c5.xlarge", 2, held)):
            verdict = check(taken, scale("a", 8))
            assert verdict.outcome is Outcome.MAY_NOT_FIT
            assert said(verdict, "ICP320") == [
                (
                    f"instances of {GPU8} run, which EndpointConfig does not name for AllTraffic; nothing "
                    "rests on the types that it names"
                )
            ]

    def test_pools_that_do_not_add_up(self) -> None:
        """The pools are believed."""
        taken = pooled({GPU4: 1, GPU8: 1}, component("a", 1, 1))
        taken["Endpoint"]["ProductionVariants"][0]["CurrentInstanceCount"] = 3
        verdict = check(taken, scale("a", 12))
        assert (verdict.outcome, verdict.changes[0].instances_now) == (Outcome.FITS, 2)
        assert said(verdict, "ICP312") == [
            "InstancePools count 2 instances, CurrentInstanceCount is 3; icplan goes by InstancePools"
        ]

    def test_instances_of_a_type_the_configuration_lacks(self) -> None:
        """They are left out, and nothing is promised."""
        taken = counts(pooled({GPU4: 1, GPU8: 0}, component("a", 1, 1)), 2, 2)
        there = {"InstanceType": "ml.p4d.24xlarge", "CurrentInstanceCount": 1}
        taken["Endpoint"]["ProductionVariants"][0]["InstancePools"][1] = there
        verdict = check(taken, scale("a", 4))
        assert verdict.changes[0].instances_now == 1
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        (message,) = said(verdict, "ICP320")
        assert message.startswith("instances of ml.p4d.24xlarge run, which EndpointConfig does not")

    def test_another_configuration(self) -> None:
        """The instance types may be those of a configuration that is no longer in force."""
        taken = snapshot(GPU4, 2, component("a", 2, 1))
        taken["Endpoint"]["EndpointConfigName"] = "newer"
        verdict = check(taken, scale("a", 3))
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        assert said(verdict, "ICP320") == [
            (
                "the endpoint runs the configuration newer, EndpointConfig is prod-config; the instance "
                "types that run may be others than prod-config names"
            )
        ]

    def test_another_configuration_of_the_same_type(self) -> None:
        """Where copies tell the type, what fits on it is promised; how far it may grow is not known."""
        held = component("a", 2, 1)
        held["RuntimeConfig"]["PlacementStatus"] = [{"InstanceType": GPU4, "CurrentCopyCount": 2}]
        for scaling in (None, (1, 9)):
            taken = snapshot(GPU4, 2, held, scaling=scaling)
            taken["Endpoint"]["EndpointConfigName"] = "newer"
            assert check(taken, scale("a", 8)).outcome is Outcome.FITS
            assert check(taken, scale("a", 9)).outcome is Outcome.MAY_NOT_FIT
            assert check(taken, create("b", 1, 5)).outcome is Outcome.DOES_NOT_FIT

    def test_a_variant_the_endpoint_does_not_describe(self) -> None:
        """What the configuration begins with is counted."""
        taken = snapshot(GPU4, 2, component("a", 2, 1))
        taken["Endpoint"]["ProductionVariants"][0]["VariantName"] = "Other"
        assert said(check(taken, scale("a", 3)), "ICP312") == [
            "Endpoint does not describe variant AllTraffic; icplan goes by InitialInstanceCount"
        ]

    @pytest.mark.parametrize("lacking", ["Endpoint", "ProductionVariants"])
    def test_an_endpoint_that_is_not_described(self, lacking: str) -> None:
        """The same holds where nothing at all is described."""
        taken = snapshot(GPU4, 2, component("a", 2, 1))
        del (taken if lacking == "Endpoint" else taken["Endpoint"])[lacking]
        assert said(check(taken, scale("a", 3)), "ICP312") == [
            "Endpoint does not describe variant AllTraffic; icplan goes by InitialInstanceCount"
        ]

    def test_a_variant_whose_instances_are_not_counted(self) -> None:
        """The figure that is gone by instead is named."""
        taken = snapshot(GPU4, 2, component("a", 2, 1))
        (summary,) = taken["Endpoint"]["ProductionVariants"]
        for lacking, instead in (
            ("CurrentInstanceCount", "DesiredInstanceCount"),
            ("DesiredInstanceCount", "InitialInstanceCount"),
        ):
            del summary[lacking]
            assert said(check(taken, scale("a", 3)), "ICP312") == [
                f"Endpoint tells no CurrentInstanceCount of variant AllTraffic; icplan goes by {instead}"
            ]

    def test_nothing_is_said_of_what_agrees(self) -> None:
        held = component("a", 2, 1)
        held["RuntimeConfig"]["PlacementStatus"] = [{"InstanceType": GPU4, "CurrentCopyCount": 2}]
        taken = pooled({GPU4: 1, GPU8: 1}, held)
        taken["Endpoint"]["EndpointConfigName"] = "prod-config"
        verdict = check(taken, scale("a", 3), create("b", 1, 1))
        assert not said(verdict, "ICP312")
        assert not said(verdict, "ICP313")

    def test_a_component_on_a_variant_that_is_not_there(self) -> None:
        """It is the snapshot that says so, and the place is named there."""
        taken = snapshot(GPU4, 1, component("a", 1, 1), component("b", 1, 1, VariantName="Shadow"))
        with pytest.raises(InputError) as refused:
            check(taken, scale("b", 2))
        assert "$.InferenceComponents[1].VariantName: b is on variant 'Shadow'" in str(refused.value)
        refusal = check(taken, create("c", 1, 1) | {"VariantName": "Shadow"})
        assert refusal.outcome is Outcome.INVALID
