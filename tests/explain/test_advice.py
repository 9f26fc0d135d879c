"""What is said of changes that fit: maxima, formulas, shared instances and zones."""

from __future__ import annotations

from typing import Any

from support.endpoints import GPU4, component, create, scale, snapshot, update
from support.verdicts import check, rules

from icplan.verdict.outcome import Outcome


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
