"""What a change meets of its component, and what it is to make of it, so that its end can be told later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.errors import InputError
from icplan.requests.from_describe import copies_of, specifications_of
from icplan.requests.specification_hash import specification_sha256
from icplan.verdict.component_state import ComponentState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.requests.merge import EffectiveSpec
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import ChangeVerdict

DELETES = "DeleteInferenceComponent"


def with_states(verdict: ChangeVerdict, snapshot: Snapshot, spec: EffectiveSpec | None) -> ChangeVerdict:
    """The verdict with the component as it was and is to be; ``spec`` is ``None`` for what is invalid."""
    if spec is None:
        return verdict
    components = snapshot.data.get("InferenceComponents") or ()
    found = next((one for one in components if one["InferenceComponentName"] == spec.name), None)
    before = None if found is None else described_state(found)
    if verdict.operation == DELETES:
        return attrs.evolve(verdict, before=before)
    expected = ComponentState(specification_sha256(spec.specifications), spec.copies)
    return attrs.evolve(verdict, before=before, expected=expected)


def described_state(described: Mapping[str, Any]) -> ComponentState | None:
    """A component as DescribeInferenceComponent tells it; ``None`` where the answer does not tell enough."""
    try:
        specifications, copies = specifications_of(described), copies_of(described)
    except InputError:
        return None
    modified = described.get("LastModifiedTime")
    told = modified if isinstance(modified, str) else None
    return ComponentState(specification_sha256(specifications), copies, told)
