"""A request beside the endpoint it goes to, read as far as rules need it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from icplan.requests.operations import CreateInferenceComponent, UpdateInferenceComponent
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.requests.call import Call
    from icplan.requests.component import Specification
    from icplan.requests.from_describe import EndpointComponent
    from icplan.requests.merge import EffectiveSpec

WithSpecification: TypeAlias = CreateInferenceComponent | UpdateInferenceComponent


def specifications(case: Call) -> Iterator[tuple[Specification, str]]:
    """Every specification of the request with its JSON path; none for requests that have no such member."""
    request = case.readable
    if not isinstance(request, WithSpecification):
        return
    if request.specification is not None:
        yield request.specification, f"{case.path}.Specification"
    for index, entry in enumerate(request.specifications or ()):
        yield entry, f"{case.path}.Specifications[{index}]"


def is_adapter(case: Call) -> bool:
    """Whether the request is about an adapter, as far as it says so itself."""
    return any(entry.has("BaseInferenceComponentName") for entry, _ in specifications(case))


class InstanceFacts(Protocol):
    """What rules need to know of an instance type. Memory in MiB; ``accelerators`` counts devices.

    ``gpu_memory_mib`` is the memory of all devices together. ``mig_gpu`` names the GPU in the table of
    partitions, None when its accelerators cannot be partitioned.
    """

    @property
    def vcpu(self) -> int: ...  # noqa: D102  (see the class)
    @property
    def memory_mib(self) -> int: ...  # noqa: D102
    @property
    def accelerators(self) -> int: ...  # noqa: D102
    @property
    def gpu_memory_mib(self) -> int: ...  # noqa: D102
    @property
    def mig_gpu(self) -> str | None: ...  # noqa: D102


class Facts(Protocol):
    """Instance facts by type name."""

    def get(self, name: str, /) -> InstanceFacts | None:
        """The facts of a type, None when it is not known."""


@frozen
class RequestContext:
    """A request against the endpoint it goes to.

    ``effective`` is what the component will be; None for an endpoint configuration, and for a component that
    is not there. ``variants`` are the production variants of the endpoint configuration in force, as AWS
    describes them.
    """

    asked: Call
    effective: EffectiveSpec | None
    facts: Facts
    components: Sequence[EndpointComponent] = ()
    variants: Sequence[Mapping[str, Any]] = ()
    endpoint_name: str | None = None
    endpoint_status: str | None = None

    @cached_property
    def name(self) -> str | None:
        """The name of the component the request is about."""
        return getattr(self.asked.readable, "inference_component_name", None)

    @cached_property
    def described(self) -> EndpointComponent | None:
        """That component, if it is there."""
        return self.component(self.name)

    def component(self, name: str | None) -> EndpointComponent | None:
        """The component of that name, if it is there."""
        return next((one for one in self.components if one.name == name), None)

    @property
    def variant(self) -> Mapping[str, Any] | None:
        """The variant the component is or will be on; None when it cannot be told."""
        request = self.asked.readable
        if isinstance(request, CreateInferenceComponent):
            name = request.variant_name
        else:
            name = self.described.variant if self.described else None
        if name is None:
            return self.variants[0] if len(self.variants) == 1 else None
        return next((one for one in self.variants if one.get("VariantName") == name), None)

    @property
    def types(self) -> tuple[str, ...]:
        """The instance types of that variant."""
        variant = self.variant or {}
        pools = variant.get("InstancePools") or ()
        named = [variant.get("InstanceType"), *(pool.get("InstanceType") for pool in pools)]
        return tuple(name for name in named if name)

    @property
    def layout(self) -> tuple[str, ...]:
        """The partition types on each accelerator of that variant, in order; empty for whole accelerators."""
        return layout_of(self.variant or {})


def layout_of(variant: Mapping[str, Any]) -> tuple[str, ...]:
    """The partition types a described variant declares, in order."""
    layouts = variant.get("AcceleratorPartitionLayouts") or ()
    return tuple(name for layout in layouts for name in layout.get("AcceleratorPartitionTypes") or ())
