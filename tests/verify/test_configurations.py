"""The verdict on a configuration alone can be checked, whatever comes of it."""

from __future__ import annotations

import pytest
from support.endpoints import GPU4, component, snapshot

import icplan
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import verify


@pytest.mark.parametrize(("kind", "outcome"), [("ml.g5.xlarge", Outcome.DOES_NOT_FIT), (GPU4, Outcome.FITS)])
def test_a_configuration_alone_is_verified(kind: str, outcome: Outcome) -> None:
    taken = snapshot(GPU4, 1, component("a", 4, 1))
    made = taken["EndpointConfig"] | {"EndpointConfigName": "other"}
    made["ProductionVariants"] = [made["ProductionVariants"][0] | {"InstanceType": kind}]
    verdict = icplan.check(made, icplan.Snapshot.from_dict(taken))
    assert verdict.outcome is outcome
    assert [one.reason for one in verify(to_dict(verdict)) if one.result == "rejected"] == []
