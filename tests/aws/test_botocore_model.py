"""What the installed botocore would refuse for its name."""

from __future__ import annotations

from typing import Any

import pytest

from icplan.aws.botocore_model import unknown_to_client

UPDATE = "UpdateInferenceComponent"


@pytest.mark.parametrize(
    ("request_", "paths"),
    [
        ({"InferenceComponentName": "a", "RuntimeConfig": {"CopyCount": 1}}, set()),
        ({"Novelty": 1}, {".Novelty"}),
        ({"odd name": 1}, {"['odd name']"}),
        ({"RuntimeConfig": {"copies": 1, "Copies": 1}}, {".RuntimeConfig.copies", ".RuntimeConfig.Copies"}),
        ({"Specifications": [{}, {"Container": {"A": 1}}]}, {".Specifications[1].Container.A"}),
        ({"RuntimeConfig": [{"Novelty": 1}]}, set()),
        ({"Specification": {"Container": {"Environment": {"ANY": "thing"}}}}, set()),
    ],
)
@pytest.mark.parametrize("root", ["$", "$[2].Request"])
def test_members_botocore_lacks(request_: dict[str, Any], paths: set[str], root: str) -> None:
    """Each with its JSON path; other faults are not its matter."""
    assert unknown_to_client(UPDATE, request_, root) == {f"{root}{path}" for path in paths}
