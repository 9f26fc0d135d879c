"""A component's request and the specifications in it, as the rules look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from icplan.requests.operations import CreateInferenceComponent, UpdateInferenceComponent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.requests.component import Specification
    from icplan.requests.operations import Request

WithSpecification: TypeAlias = CreateInferenceComponent | UpdateInferenceComponent


class Call(NamedTuple):
    """A request, perhaps read partially, and its JSON path."""

    request: Request
    path: str


def specifications(case: Call) -> Iterator[tuple[Specification, str]]:
    """Every specification of the request with its JSON path; none for requests that have no such member."""
    request = case.request
    if not isinstance(request, WithSpecification):
        return
    if request.specification is not None:
        yield request.specification, f"{case.path}.Specification"
    for index, entry in enumerate(request.specifications or ()):
        yield entry, f"{case.path}.Specifications[{index}]"


def is_adapter(case: Call) -> bool:
    """Whether the request is about an adapter, as far as it says so itself."""
    return any(entry.has("BaseInferenceComponentName") for entry, _ in specifications(case))
