"""An adapter of a base that is not in service: nothing is promised of it, whatever room there is."""

from __future__ import annotations

from typing import Any

import pytest
from support.endpoints import GPU4, component, snapshot
from support.verdicts import check

from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

ADAPTER: dict[str, Any] = {"BaseInferenceComponentName": "base"}
CREATE: dict[str, Any] = {
    "InferenceComponentName": "new",
    "EndpointName": "prod",
    "Specification": {**ADAPTER, "Container": {"ArtifactUrl": "s3://bucket/adapter.tar.gz"}},
}
UPDATE = {
    "InferenceComponentName": "there",
    "Specification": {"Container": {"ArtifactUrl": "s3://bucket/next.tar.gz"}},
}


def runs(status: str) -> dict[str, Any]:
    base = component("base", 1, 2, InferenceComponentStatus=status)
    adapter = component("there", 1) | {"Specification": ADAPTER}
    return snapshot(GPU4, 1, base, adapter)


@pytest.mark.parametrize("change", [CREATE, UPDATE], ids=["create", "update"])
@pytest.mark.parametrize("status", ["Creating", "Updating", "Deleting", "Failed"])
def test_an_adapter_of_a_base_that_is_not_in_service_is_not_promised(
    change: dict[str, Any], status: str
) -> None:
    verdict = check(runs(status), change)
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    assert {one.rule for one in verdict.changes[0].findings} >= {"ICP208", "ICP605"}
    assert Result.REJECTED not in {checked.result for checked in verify(to_dict(verdict))}


@pytest.mark.parametrize("change", [CREATE, UPDATE], ids=["create", "update"])
def test_an_adapter_of_a_base_in_service_is(change: dict[str, Any]) -> None:
    assert check(runs("InService"), change).outcome is Outcome.FITS


def test_an_adapter_may_be_deleted_whatever_its_base_does() -> None:
    gone = {"Operation": "DeleteInferenceComponent", "Request": {"InferenceComponentName": "there"}}
    assert check(runs("Updating"), gone).outcome is Outcome.FITS
