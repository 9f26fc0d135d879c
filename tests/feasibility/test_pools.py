"""Endpoints with instance pools: several types, any of which may be launched."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, GPU8, component, create, pooled, scale, update
from support.verdicts import check, rules

import icplan
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify


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


def on(kind: str, name: str, copies: int, accelerators: int) -> dict[str, Any]:
    """A component with all its copies on one type."""
    held = component(name, copies, accelerators)
    held["RuntimeConfig"]["PlacementStatus"] = [{"InstanceType": kind, "CurrentCopyCount": copies}]
    return held


LARGE = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": 9}


def uncounted(taken: dict[str, Any]) -> dict[str, Any]:
    """The snapshot without the instances of each type."""
    left = copy.deepcopy(taken)
    del left["Endpoint"]["ProductionVariants"][0]["InstancePools"]
    return left


class TestInstancesPerTypeThatAreNotTold:
    """Snapshots with several types that count the instances in all alone."""

    def test_nothing_is_promised_where_any_type_may_run(self) -> None:
        """Two large instances would hold two large copies, two of the type that stood in for them none."""
        verdict = check(uncounted(pooled({GPU8: 2, GPU4: 0})), create("new", 2, 8))
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        (change,) = verdict.changes
        assert change.fleet is not None
        assert change.fleet.startswith(f"2 x {GPU8} or {GPU4} (")
        (finding,) = change.findings
        assert (finding.rule, finding.message) == (
            "ICP316",
            (
                f"how many of 2 instances are {GPU8} or {GPU4} is not told: "
                "$.Endpoint.ProductionVariants[0].InstancePools of the snapshot is missing. What fits may "
                "depend on it; a recent AWS CLI tells it (aws sagemaker describe-endpoint), and a recent "
                "boto3"
            ),
        )

    @pytest.mark.parametrize("lacking", ["Endpoint", "ProductionVariants"])
    def test_nor_where_the_endpoint_is_not_described(self, lacking: str) -> None:
        """InitialInstanceCount tells no type either."""
        taken = pooled({GPU8: 2, GPU4: 0}, component("a", 1, 1))
        del (taken if lacking == "Endpoint" else taken["Endpoint"])[lacking]
        verdict = check(taken, create("new", 2, 8))
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        assert any("$.Endpoint of the snapshot" in f.message for f in verdict.findings if f.rule == "ICP316")

    def test_copies_on_the_second_type_are_no_contradiction(self) -> None:
        """One of the two instances is of the second type; of which the other is, nothing tells."""
        taken = uncounted(pooled({GPU8: 1, GPU4: 1}, on(GPU4, "a", 1, 4)))
        assert check(taken, create("new", 1, 8)).outcome is Outcome.MAY_NOT_FIT

    def test_what_is_too_large_for_every_type_does_not_fit(self) -> None:
        """That much is sure, and proved."""
        verdict = check(uncounted(pooled({GPU8: 2, GPU4: 0}, scaling=(1, 4))), create("new", 1, 9))
        assert verdict.outcome is Outcome.DOES_NOT_FIT
        assert rules(verdict) == {"ICP306", "ICP316"}
        assert {checked.result for checked in verify(to_dict(verdict))} == {Result.VERIFIED}

    def test_what_no_split_takes_does_not_fit(self) -> None:
        """Four instances, launched ones and all, hold four large copies at most."""
        taken = uncounted(pooled({GPU8: 1, GPU4: 1}, scaling=(1, 4)))
        assert check(taken, create("new", 4, 8)).outcome is Outcome.MAY_NOT_FIT
        verdict = check(taken, create("new", 5, 8))
        assert verdict.outcome is Outcome.DOES_NOT_FIT
        assert any(f.message.endswith("the fleet has at most 32 accelerators left") for f in verdict.findings)
        assert {checked.result for checked in verify(to_dict(verdict))} == {Result.VERIFIED}

    @pytest.mark.parametrize("change", [scale("a", 9), update("a", 1, ComputeResourceRequirements=LARGE)])
    def test_a_refusal_counts_the_copies_that_run(self, change: dict[str, Any]) -> None:
        """Two instances of either type hold eight copies, and no copy of nine accelerators."""
        taken = uncounted(pooled({GPU8: 1, GPU4: 1}, on(GPU4, "a", 1, 2)))
        verdict = check(taken, change)
        assert verdict.outcome is Outcome.DOES_NOT_FIT
        assert {checked.result for checked in verify(to_dict(verdict))} <= {Result.VERIFIED, Result.UNPROVEN}

    def test_what_is_left_of_the_quota_of_a_type_is_not_known_either(self) -> None:
        """The two instances may be of the other type, so that quota may have room for two."""
        quota = {"QuotaName": f"{GPU8} for endpoint usage", "Value": 2.0}
        taken = uncounted(pooled({GPU8: 2, GPU4: 0}, scaling=(1, 4))) | {"Quotas": [quota]}
        assert check(taken, create("new", 4, 8)).outcome is Outcome.MAY_NOT_FIT

    def test_what_places_nothing_fits(self) -> None:
        """Whatever runs."""
        taken = uncounted(pooled({GPU8: 1, GPU4: 1}, on(GPU4, "a", 2, 1)))
        assert check(taken, scale("a", 1)).outcome is Outcome.FITS

    def test_the_changes_after_it_are_not_promised_either(self) -> None:
        """A first change says nothing of the types."""
        taken = uncounted(pooled({GPU8: 1, GPU4: 1}, on(GPU4, "a", 2, 1)))
        verdict = check(taken, scale("a", 1), create("new", 1, 1))
        assert [change.outcome for change in verdict.changes] == [Outcome.FITS, Outcome.MAY_NOT_FIT]

    def test_a_rolling_update_and_its_rollback_may_not_fit(self) -> None:
        """Both place copies."""
        taken = uncounted(pooled({GPU8: 2, GPU4: 0}, component("a", 2, 1)))
        (change,) = check(taken, update("a", 1)).changes
        assert (change.outcome, change.rollback_outcome) == (Outcome.MAY_NOT_FIT, Outcome.MAY_NOT_FIT)
        assert {phase.kind for phase in change.phases} == {"place", "rollback"}

    @pytest.mark.parametrize(
        "held",
        [
            (on(GPU4, "a", 1, 4), on(GPU8, "b", 1, 1)),
            (on(GPU4, "a", 1, 1), component("b", 1, 8)),
        ],
    )
    def test_copies_may_tell_which_types_run(self, held: tuple[dict[str, Any], ...]) -> None:
        """One instance holds what lies on the one type, the other what only the other type holds."""
        taken = pooled({GPU8: 1, GPU4: 1}, *held)
        for change in (scale("a", 2), create("new", 1, 4), create("new", 1, 8)):
            there, lacking = check(taken, change), check(uncounted(taken), change)
            assert there.outcome is lacking.outcome
            assert "ICP316" not in rules(lacking)

    def test_as_many_copies_as_instances_may_tell_which_types_run(self) -> None:
        """Three copies of three accelerators take three instances of four."""
        taken = pooled({GPU8: 0, GPU4: 3}, on(GPU4, "a", 3, 3))
        assert check(uncounted(taken), create("new", 3, 1)).outcome is Outcome.FITS

    def test_locations_may_tell_which_types_run(self) -> None:
        """Each instance is named with its type."""
        taken = pooled({GPU8: 0, GPU4: 2}, component("a", 2, 1))
        taken["CopyLocations"] = [
            {"InferenceComponentName": "a", "InstanceId": f"i-{n}", "InstanceType": GPU4, "Copies": 1}
            for n in (1, 2)
        ]
        assert check(uncounted(taken), create("new", 2, 3)).outcome is Outcome.FITS
        taken["CopyLocations"].pop()
        assert check(uncounted(taken), create("new", 2, 3)).outcome is Outcome.MAY_NOT_FIT

    def test_the_quota_of_a_type_counts_the_instances_that_copies_tell_of(self) -> None:
        """All of the one type runs already, of the other none."""
        quotas = [{"QuotaName": f"{kind} for endpoint usage", "Value": 2.0} for kind in (GPU8, GPU4)]
        taken = pooled({GPU8: 0, GPU4: 2}, on(GPU4, "a", 2, 4), scaling=(1, 4)) | {"Quotas": quotas}
        for change in (scale("a", 4), create("new", 2, 8), create("new", 3, 8)):
            assert check(uncounted(taken), change).outcome is check(taken, change).outcome

    @pytest.mark.parametrize("runs", [True, False])
    def test_of_instances_that_a_change_starts_no_snapshot_is_said_to_lack_them(self, runs: bool) -> None:
        """Nothing can tell of which types they will be; what to send another time is no help."""
        taken = pooled({GPU8: 1, GPU4: 1}, on(GPU4, "a", 1, 2))
        configuration = taken["EndpointConfig"] | {"EndpointConfigName": "next"}
        names = {"EndpointName": taken["Endpoint"]["EndpointName"], "EndpointConfigName": "next"}
        changes = (configuration, names, create("new", 1, 1))
        verdict = icplan.check(changes, icplan.Snapshot.from_dict(taken) if runs else None)
        (said,) = [one.message for one in verdict.findings if one.rule == "ICP316"]
        assert said.startswith(f"whether the instances that start are {GPU8} or {GPU4} is not known before: ")
        assert "ICP312" not in rules(verdict)
        *_, last = verdict.changes
        assert last.runs is not None
        assert last.runs.endswith("; 2 instances by InitialInstanceCount")

    @given(
        st.tuples(st.integers(0, 2), st.integers(0, 2)).filter(any),
        st.tuples(*[st.integers(0, 2)] * 3),
        st.booleans(),
        st.sampled_from([None, (1, 3)]),
        st.sampled_from([create("new", 1, 2), create("new", 2, 8), create("new", 3, 4), scale("a", 3)]),
    )
    def test_what_is_sure_without_the_counts_is_so_with_any(
        self,
        running: tuple[int, int],
        copies: tuple[int, int, int],
        placed: bool,
        scaling: tuple[int, int] | None,
        change: dict[str, Any],
    ) -> None:
        """A promise or a refusal rests on no split that was guessed."""
        first, second, third = copies
        held = component("a", first + second, 2)
        held["RuntimeConfig"]["PlacementStatus"] = [
            {"InstanceType": GPU8, "CurrentCopyCount": first},
            {"InstanceType": GPU4, "CurrentCopyCount": second},
        ]
        if not placed:
            del held["RuntimeConfig"]["PlacementStatus"]
        taken = pooled(
            dict(zip((GPU8, GPU4), running, strict=True)), held, component("b", third, 3), scaling=scaling
        )
        verdict = check(taken, change)
        if "ICP310" in {finding.rule for finding in verdict.findings}:
            return
        there = verdict.outcome
        lacking = check(uncounted(taken), change).outcome
        assert lacking in (there, Outcome.MAY_NOT_FIT)
