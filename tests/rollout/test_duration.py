"""How long a rolling update and its rollback may take."""

from __future__ import annotations

from typing import Any

import pytest
from support.endpoints import GPU4, component, create, scale, snapshot, update
from support.verdicts import check, rules

from icplan.verdict.outcome import Outcome
from icplan.verdict.phase import Duration, Pace

DELETE = {"Operation": "DeleteInferenceComponent", "Request": {"InferenceComponentName": "a"}}


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

    @pytest.mark.parametrize("change", [scale("a", 6), update("a"), create("c", 1, 1), DELETE])
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
