"""Endpoints with instance pools: several types, any of which may be launched."""

from __future__ import annotations

from typing import Any

from endpoints import component, pooled, scale

import icplan
from icplan.verdict import Outcome, Verdict

GPU4, GPU8 = "ml.g5.12xlarge", "ml.g5.48xlarge"


def check(taken: dict[str, Any], *changes: dict[str, Any], **options: Any) -> Verdict:
    return icplan.check(list(changes), icplan.Snapshot.from_dict(taken), **options)


def rules(verdict: Verdict) -> set[str]:
    return {finding.rule for finding in verdict.findings}


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
            for kind, devices in ((GPU4, 2), (GPU8, 2))
        ]
        described["RuntimeConfig"]["PlacementStatus"] = [{"InstanceType": GPU4, "CurrentCopyCount": copies}]
        return pooled({GPU4: first, GPU8: second}, described, scaling=(1, most))

    def test_the_least_helpful_type_decides_how_many_are_needed(self) -> None:
        """Which type is launched is not known: 4 copies more need 2 of the smaller one."""
        verdict = check(self.pools(1, 0, 2), scale("a", 6))
        assert verdict.outcome is Outcome.FITS_AFTER_SCALE_OUT
        assert verdict.changes[0].peak_instances == 3

    def test_in_doubt_the_type_that_would_do_is_named(self) -> None:
        """Within one more instance only the larger type does, and the report says so."""
        verdict = check(self.pools(1, 0, 2, most=2), scale("a", 6))
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        assert any(GPU8 in f.message for f in verdict.findings if f.rule == "ICP311")

    def test_copies_per_type_are_known(self) -> None:
        """Copies that AWS counts on one type take no room on the other."""
        assert check(self.pools(1, 1, 2), scale("a", 6)).outcome is Outcome.FITS
        assert check(self.pools(1, 1, 2), scale("a", 7)).outcome is Outcome.FITS_AFTER_SCALE_OUT

    def test_what_is_launched_is_the_first_type_with_quota_left(self) -> None:
        """The quota of the first type is used up, so the second is there for the next change of a set."""
        quota = {"QuotaName": f"{GPU4} for endpoint usage", "Value": 1.0}
        taken = self.pools(1, 0, 2, most=2) | {"Quotas": [quota]}
        verdict = check(taken, scale("a", 3), scale("a", 6))
        assert [change.outcome for change in verdict.changes] == [Outcome.FITS_AFTER_SCALE_OUT, Outcome.FITS]

    def test_copies_are_foreseen_on_the_type_they_run_on(self) -> None:
        """The only room is where the two copies lie already, so all three would share one instance."""
        taken = self.pools(1, 1, 2)
        held = taken["InferenceComponents"][0]
        held["RuntimeConfig"]["PlacementStatus"][0]["InstanceType"] = GPU8
        other = component("b", 4, 1)
        other["RuntimeConfig"]["PlacementStatus"] = [{"InstanceType": GPU4, "CurrentCopyCount": 4}]
        taken["InferenceComponents"].append(other)
        verdict = check(taken, scale("a", 3))
        assert verdict.outcome is Outcome.FITS
        assert "ICP601" in rules(verdict)
