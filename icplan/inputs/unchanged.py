"""Components that a template declares as they run already: CloudFormation sends no update of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.inputs.deployment import Aside
from icplan.requests.call import copies_asked
from icplan.requests.from_describe import EndpointComponent
from icplan.requests.merge import Change, merge
from icplan.requests.operations import UpdateInferenceComponent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.inputs.deployment import DeclaredCall

_SIZES: Final = ("Specification", "Specifications")
_SHOWN: Final = 10


def as_unchanged(call: DeclaredCall, running: Mapping[str, Any]) -> DeclaredCall:
    """An update; where it asks for exactly what runs, and is settled, without what nobody sends."""
    if call.moved or not _is_settled(running) or not _asks_for_the_same(call, running):
        return call
    request = {name: value for name, value in call.request.items() if name not in _SIZES}
    return attrs.evolve(call, request=request, unsent={}, unchanged=True)


def unchanged_notes(calls: Sequence[DeclaredCall]) -> Iterator[Aside]:
    """That nothing is sent of components, and when something is all the same."""
    names = [str(one.request["InferenceComponentName"]) for one in calls if one.unchanged]
    if not names:
        return
    more = f" and {n} more" if (n := len(names) - _SHOWN) > 0 else ""
    ask, it = ("asks", "it") if len(names) == 1 else ("ask", "them")
    yield Aside(
        f"{', '.join(names[:_SHOWN])}{more} {ask} for what runs already: CloudFormation sends no update of "
        f"{it}, unless the template that was deployed last is another"
    )


def _is_settled(running: Mapping[str, Any]) -> bool:
    runtime = running.get("RuntimeConfig") or {}
    settled = runtime.get("CurrentCopyCount") == runtime.get("DesiredCopyCount")
    return settled and running.get("InferenceComponentStatus") == "InService"


def _asks_for_the_same(call: DeclaredCall, running: Mapping[str, Any]) -> bool:
    """Whether nothing of the specification, and no copy, would be another."""
    request = call.call.typed
    if not isinstance(request, UpdateInferenceComponent) or copies_asked(call.request) is None:
        return False
    described = EndpointComponent.of(running)
    spec = merge(described, request)
    same = spec.change is Change.EQUAL and not spec.omitted and not spec.ambiguous
    return same and spec.copies == described.desired_copies
