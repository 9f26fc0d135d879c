"""What a change meets of its component, and what it is to make of it, so that its end can be told later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError
from icplan.requests.specification_hash import specification_sha256
from icplan.verdict.component_state import ComponentState

if TYPE_CHECKING:
    from icplan.fleet.endpoint import EndpointState
    from icplan.requests.from_describe import EndpointComponent
    from icplan.requests.merge import EffectiveSpec
    from icplan.verdict.change_verdict import ChangeVerdict

DELETES = "DeleteInferenceComponent"


def with_states(verdict: ChangeVerdict, endpoint: EndpointState, spec: EffectiveSpec | None) -> ChangeVerdict:
    """The verdict with the component as it was and is to be; ``spec`` is ``None`` for what is invalid."""
    if spec is None:
        return verdict
    found = endpoint.component(spec.name)
    before = None if found is None else state_of(found)
    if verdict.operation == DELETES:
        return attrs.evolve(verdict, before=before)
    expected = ComponentState(specification_sha256(spec.specifications), spec.copies)
    return attrs.evolve(verdict, before=before, expected=expected)


def state_of(component: EndpointComponent) -> ComponentState | None:
    """A component as it is described; ``None`` where the description does not tell enough."""
    try:
        copies = component.desired_copies
    except InputError:
        return None
    return ComponentState(specification_sha256(component.specifications), copies, component.modified)
