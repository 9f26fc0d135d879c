"""What is known of where copies lie, and what adapters, few copies and autoscaling make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from support.endpoints import GPU4, component, create, scale, snapshot, update
from support.verdicts import check, said

from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.verdict.verdict import Verdict


def phases(verdict: Verdict) -> list[tuple[str, tuple[int, int] | None, tuple[int, int] | None, str]]:
    (change,) = verdict.changes
    return [(phase.kind, phase.old, phase.new, str(phase.outcome)) for phase in change.phases]


class TestScaleInStrategies:
    """IDLE_RELEASE leaves copies where they lie, CONSOLIDATION does not."""

    @staticmethod
    def located(strategy: str | None, *, on: tuple[int, int] = (2, 0)) -> dict[str, Any]:
        """Two instances, two copies of two devices; ``on`` says how many are located on each."""
        taken = snapshot(GPU4, 2, component("a", 2, 2), scaling=(1, 2))
        taken["CopyLocations"] = [
            {"InferenceComponentName": "a", "InstanceId": f"i-{n}", "InstanceType": GPU4, "Copies": copies}
            for n, copies in enumerate(on)
            if copies
        ]
        if strategy is not None:
            policy = {"Strategy": strategy}
            scaling = taken["EndpointConfig"]["ProductionVariants"][0]["ManagedInstanceScaling"]
            scaling["ScaleInPolicy"] = policy
        return taken

    @pytest.mark.parametrize("strategy", [None, "IDLE_RELEASE"])
    def test_located_copies_stay_where_they_are(self, strategy: str | None) -> None:
        """Both on one instance leave the other empty; one on each leaves no room for four devices."""
        verdict = check(self.located(strategy), create("new", 1, 4))
        assert verdict.outcome is Outcome.FITS
        assert not said(verdict, "ICP314")
        assert check(self.located(strategy, on=(1, 1)), create("new", 1, 4)).outcome is Outcome.DOES_NOT_FIT

    @pytest.mark.parametrize("on", [(2, 0), (1, 1)])
    def test_consolidation_may_have_moved_them(self, on: tuple[int, int]) -> None:
        """Neither a promise nor a refusal rests on where they lay, and that is said."""
        verdict = check(self.located("CONSOLIDATION", on=on), create("new", 1, 4))
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        assert said(verdict, "ICP314") == [
            "CONSOLIDATION moves copies at times, so where they lay tells nothing for sure"
        ]

    def test_locations_that_lack_copies_tell_nothing(self) -> None:
        """One of two copies is located: the other may be anywhere."""
        verdict = check(self.located(None, on=(1, 0)), create("new", 1, 4))
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        assert said(verdict, "ICP314") == [
            "CopyLocations tell of 1 of 2 of a, so the arrangement counts as not known"
        ]

    def test_locations_of_another_variant_do_not_matter(self) -> None:
        """Each variant has instances of its own."""
        taken = self.located(None)
        other = {"VariantName": "Other", "InstanceType": "ml.g5.2xlarge", "InitialInstanceCount": 1}
        taken["EndpointConfig"]["ProductionVariants"].append(other)
        taken["InferenceComponents"].append(component("b", 1, 1, VariantName="Other"))
        taken["CopyLocations"].append(
            {
                "InferenceComponentName": "b",
                "InstanceId": "i-9",
                "InstanceType": "ml.g5.2xlarge",
                "Copies": 1,
            }
        )
        assert check(taken, create("new", 1, 4)).outcome is Outcome.FITS
        assert check(taken, scale("b", 2)).outcome is Outcome.DOES_NOT_FIT

    @pytest.mark.parametrize("least", [0, 1, 2])
    def test_instances_left_idle_are_released(self, least: int) -> None:
        """Down to MinInstanceCount, 0 included."""
        taken = snapshot(GPU4, 2, component("a", 2, 4), scaling=(least, 2))
        assert check(taken, scale("a", 0)).changes[0].final_instances == least


class TestFewCopies:
    """Updates of components with no copy, or with one."""

    @pytest.mark.parametrize("change", [update("a"), update("a", 1), update("a", 50, percent=True)])
    def test_no_copy_has_nothing_to_replace(self, change: dict[str, Any]) -> None:
        taken = snapshot(GPU4, 1, component("a", 0, 4), component("b", 4, 1))
        verdict = check(taken, change)
        assert verdict.outcome is Outcome.FITS
        assert phases(verdict) == [("steady", None, None, "fits")]

    @pytest.mark.parametrize("change", [update("a"), update("a", 1)])
    def test_the_first_copies_are_placed_all_at_once(self, change: dict[str, Any]) -> None:
        """A batch is of copies that run, and none does."""
        taken = snapshot(GPU4, 1, component("a", 0, 2))
        for copies, outcome in ((2, "fits"), (3, "does-not-fit")):
            verdict = check(taken, change | {"RuntimeConfig": {"CopyCount": copies}})
            assert phases(verdict) == [("place", (0, 0), (0, copies), outcome)]

    @pytest.mark.parametrize(("devices", "outcome"), [(2, Outcome.FITS), (3, Outcome.DOES_NOT_FIT)])
    @pytest.mark.parametrize("batch", [None, 1])
    def test_one_copy_needs_room_for_two(self, devices: int, batch: int | None, outcome: Outcome) -> None:
        """The new copy runs beside the old one, in a batch or not."""
        verdict = check(snapshot(GPU4, 1, component("a", 1, devices)), update("a", batch))
        assert verdict.outcome is outcome
        (first, *back) = phases(verdict)
        assert first == ("place", (1, 0), (0, 1), str(outcome))
        # At once, the old copy runs until the new one does, so there is nothing to put back.
        expected = [("rollback", (0, 1), (1, 0), "fits")] if batch and outcome is Outcome.FITS else []
        assert back == expected

    def test_all_copies_may_be_replaced_by_none(self) -> None:
        """An update to no copy still replaces the old ones batch by batch."""
        taken = snapshot(GPU4, 1, component("a", 2, 2))
        none = update("a", 1) | {"RuntimeConfig": {"CopyCount": 0}}
        assert check(taken, none).outcome is Outcome.MAY_NOT_FIT
        verdict = check(taken, none, assume={"update-to-fewer-copies": "replace-all"})
        assert verdict.outcome is Outcome.DOES_NOT_FIT
        at_once = check(taken, update("a") | {"RuntimeConfig": {"CopyCount": 0}})
        assert at_once.outcome is Outcome.FITS


class TestAdapters:
    """Adapters reserve nothing of their own, whatever Describe echoes."""

    @staticmethod
    def adapter(name: str) -> dict[str, Any]:
        """An adapter as Describe shows it, with its base's requirements and no copies."""
        echoed = component(name, 0, 2)
        echoed["Specification"] |= {"BaseInferenceComponentName": "base"}
        del echoed["RuntimeConfig"]
        return echoed

    def test_adapters_take_no_room(self) -> None:
        """Beside a base and two adapters there is room for all that the base leaves."""
        taken = snapshot(GPU4, 1, component("base", 1, 2), self.adapter("x"), self.adapter("y"))
        assert check(taken, create("new", 2, 1)).outcome is Outcome.FITS
        assert check(taken, create("new", 3, 1)).outcome is Outcome.DOES_NOT_FIT

    def test_an_adapter_fits_where_its_base_runs(self) -> None:
        """On a full endpoint too."""
        taken = snapshot(GPU4, 1, component("base", 2, 2))
        request = {
            "InferenceComponentName": "x",
            "EndpointName": "prod",
            "Specification": {
                "BaseInferenceComponentName": "base",
                "Container": {"ArtifactUrl": "s3://models/adapter.tar.gz"},
            },
        }
        assert check(taken, request).outcome is Outcome.FITS

    def test_an_update_of_the_base_needs_room_for_the_base_alone(self) -> None:
        taken = snapshot(GPU4, 1, component("base", 2, 1), self.adapter("x"), self.adapter("y"))
        assert check(taken, update("base")).outcome is Outcome.FITS


class TestMaxima:
    """Whether Application Auto Scaling may ask for more than there is."""

    @staticmethod
    def scaled(**most: int) -> dict[str, Any]:
        """One copy of one device each on two instances, with these maxima."""
        targets = [
            {
                "ResourceId": f"inference-component/{name}",
                "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
                "MinCapacity": 1,
                "MaxCapacity": copies,
            }
            for name, copies in most.items()
        ]
        held = [component(name, 1, 1) for name in most]
        return snapshot(GPU4, 2, *held, ScalableTargets=targets)

    def test_one_that_is_beyond_reach_is_named_first(self) -> None:
        taken = self.scaled(a=3, b=7, c=1)
        (message,) = said(check(taken, scale("a", 1)), "ICP602")
        assert message.startswith("b (MaxCapacity 7) cannot reach its maximum")

    def test_the_first_pair_that_collides_is_named(self) -> None:
        taken = self.scaled(a=3, b=4, c=4)
        (message,) = said(check(taken, scale("a", 1)), "ICP602")
        assert message.startswith("b (MaxCapacity 4) and c (MaxCapacity 4) cannot reach")

    def test_three_may_collide_where_no_two_do(self) -> None:
        """Every component at its maximum is more than the fleet holds, though any two fit."""
        verdict = check(self.scaled(a=3, b=3, c=3), scale("a", 1))
        assert verdict.outcome is Outcome.FITS
        (message,) = said(verdict, "ICP602")
        assert message.startswith("a (MaxCapacity 3), b (MaxCapacity 3) and c (MaxCapacity 3) cannot reach")

    def test_what_fits_together_is_not_mentioned(self) -> None:
        assert not said(check(self.scaled(a=3, b=3, c=2), scale("a", 1)), "ICP602")


class TestFewerCopies:
    """An update that also lowers CopyCount."""

    GROWN: ClassVar[dict[str, Any]] = {
        "ComputeResourceRequirements": {
            "MinMemoryRequiredInMb": 1024,
            "NumberOfAcceleratorDevicesRequired": 2,
        }
    }

    def change(self, batch: int | None, copies: int) -> dict[str, Any]:
        return update("a", batch, batch, **self.GROWN) | {"RuntimeConfig": {"CopyCount": copies}}

    def test_how_many_are_replaced_is_an_assumption(self) -> None:
        """Two copies of one device give way to one of two; replacing both needs a device too many."""
        taken = snapshot(GPU4, 1, component("a", 2, 1))
        verdict = check(taken, self.change(1, 1))
        assert (verdict.outcome, verdict.changes[0].turns_on) == (
            Outcome.MAY_NOT_FIT,
            ("update-to-fewer-copies",),
        )
        (relied,) = [one for one in verdict.assumptions if one.name == "update-to-fewer-copies"]
        assert (relied.value, relied.relied_on) == ("replace-all", True)
        assert relied.otherwise == {"replace-fewer": Outcome.FITS}

    def test_only_as_many_as_remain(self) -> None:
        """The last new copy is placed beside all old ones that are left, and both come back on a rollback."""
        taken = snapshot(GPU4, 2, component("a", 3, 1))
        verdict = check(taken, self.change(1, 2), assume={"update-to-fewer-copies": "replace-fewer"})
        assert phases(verdict) == [
            ("place", (3, 2), (0, 1), "fits"),
            ("place", (2, 0), (1, 2), "fits"),
            ("rollback", (0, 1), (2, 1), "fits"),
            ("rollback", (1, 2), (1, 0), "fits"),
            ("rollback", (2, 3), (0, 0), "fits"),
            ("rollback", (2, 3), (1, 0), "fits"),
        ]

    @pytest.mark.parametrize("batch", [None, 1])
    def test_no_copies_at_all_need_no_room(self, batch: int | None) -> None:
        """Where nothing is to remain, nothing is placed."""
        taken = snapshot(GPU4, 1, component("a", 4, 1))
        assume = {"update-to-fewer-copies": "replace-fewer"}
        assert check(taken, self.change(batch, 0), assume=assume).outcome is Outcome.FITS
