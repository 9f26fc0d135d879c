"""What an endpoint becomes once it is made, gets another configuration, or other instance counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.fleet.variant import RunningVariant
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from typing import Any

    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.variant import VariantState
    from icplan.requests.from_describe import EndpointComponent

    Data = Mapping[str, Any]


def created(state: EndpointState | None, endpoint: str, configuration: Data) -> EndpointState:
    """The endpoint once it runs its first instances, and nothing on them.

    What ``state`` tells of the account (quotas, use, types) stays.
    """
    started = [_started(one) for one in configuration["ProductionVariants"]]
    new = _checked(endpoint, configuration, started, None)
    new = attrs.evolve(new.started(), status="InService", components_told=True)
    if state is None:
        return new
    return attrs.evolve(
        new,
        quotas=state.quotas,
        uncounted_endpoints=state.uncounted_endpoints,
        consistent=state.consistent,
        in_use=state.in_use,
        instance_types=state.instance_types,
    )


def reconfigured(state: EndpointState, configuration: Data, *, retained: bool) -> EndpointState:
    """The endpoint once it runs another configuration.

    With ``retained`` the number of instances of each variant is what it is, else what the configuration says.
    Components on variants that are gone are not there: what becomes of them is not documented.
    """
    started = [_started(one) for one in configuration["ProductionVariants"]]
    new = _checked(state.name, configuration, started, state.origin.file)
    variants = tuple(_retained(state, one) for one in new.variants) if retained else new.started().variants
    return attrs.evolve(
        state,
        origin=new.origin,
        configuration=new.configuration,
        running_configuration=new.configuration_name,
        described_name=state.described_name or state.name,
        described=len(variants),
        variants=variants,
        undeclared=(),
        shadows=tuple(_with_running(new.shadows, state.shadows)),
        components=tuple(_kept(state, new.variant_names)),
        components_told=True,
        locations=(),
        reservations=(),
    )


def recounted(state: EndpointState, counts: Mapping[str, int]) -> EndpointState:
    """The endpoint once variants have so many instances."""
    told = [one for one in (*state.variants, *state.undeclared) if one.running is not None]
    told.sort(key=lambda one: one.told.number)
    names = [*(one.name for one in told), *(one for one in counts if one not in {each.name for each in told})]
    described = [{"VariantName": name} | _counted(counts.get(name)) for name in names]
    checked = _checked(state.name, state.configuration, described, state.origin.file)
    return attrs.evolve(
        state,
        origin=checked.origin,
        described_name=state.described_name or state.name,
        described=len(names),
        variants=tuple(
            _with_count(one, names.index(one.name), counts[one.name]) if one.name in counts else one
            for one in state.variants
        ),
        locations=(),
        reservations=(),
    )


def lost_components(state: EndpointState, variants: Collection[str]) -> list[str]:
    """The components on none of the variants that a configuration has."""
    return [
        one.name for one in state.components if _variant(state, one) not in variants and not _names_base(one)
    ]


def _checked(
    endpoint: str, configuration: Data, described: list[dict[str, Any]], file: str | None
) -> EndpointState:
    """The state of a configuration and what is described; InputError for what no snapshot may have."""
    document = {
        "IcplanSnapshot": 1,
        "Endpoint": {
            "EndpointName": endpoint,
            "EndpointConfigName": configuration.get("EndpointConfigName", "unnamed"),
            "ProductionVariants": described,
        },
        "EndpointConfig": configuration,
    }
    return read_endpoint(Snapshot.from_dict(document, file))


def _started(variant: Data) -> dict[str, Any]:
    """A variant as it is described once its first instances run."""
    count = variant.get("InitialInstanceCount")
    counts = _counted(count) if isinstance(count, int) and "InstancePools" not in variant else {}
    return {"VariantName": variant["VariantName"], **counts}


def _counted(count: int | None) -> dict[str, int]:
    return {} if count is None else {"CurrentInstanceCount": count, "DesiredInstanceCount": count}


def _retained(state: EndpointState, variant: VariantState) -> VariantState:
    """The variant with the instances that it has before."""
    old = next((one for one in state.variants if one.name == variant.name), None)
    if old is None:
        return variant
    now, kept = variant.told, old.running
    if kept is None:
        initial = None if old.pools else old.initial
        kept = RunningVariant(0, initial, initial)
    running = attrs.evolve(
        now,
        current=now.current if kept.current is None else kept.current,
        desired=now.desired if kept.desired is None else kept.desired,
        pools=kept.pools if variant.types == old.types else now.pools,
    )
    return attrs.evolve(variant, running=running)


def _with_count(variant: VariantState, number: int, count: int) -> VariantState:
    told = attrs.evolve(
        variant.told,
        number=number,
        current=count,
        desired=count,
        pools=None,
        counted_by="DesiredInstanceCount",
    )
    return attrs.evolve(variant, running=told)


def _with_running(
    configured: tuple[VariantState, ...], told: tuple[VariantState, ...]
) -> Iterator[VariantState]:
    """Shadow variants of a new configuration, with what is told of those that run."""
    running = {one.name: one.running for one in told if one.running is not None}
    for one in configured:
        yield attrs.evolve(one, running=running.pop(one.name, None))
    yield from (attrs.evolve(one, number=-1) for one in told if one.name in running)


def _kept(state: EndpointState, there: tuple[str, ...]) -> Iterator[EndpointComponent]:
    """Adapters, and the components that a new configuration has a variant for, wherever they lie."""
    for one in state.components:
        name = _variant(state, one)
        copies = one.copies and attrs.evolve(one.copies, placed=())
        if name in there:
            yield attrs.evolve(one, variant=name, copies=copies)
        elif _names_base(one):
            yield attrs.evolve(one, copies=copies)


def _variant(state: EndpointState, component: EndpointComponent) -> str | None:
    """The variant that a component is on, if that is told."""
    return component.variant or (state.variants[0].name if len(state.variants) == 1 else None)


def _names_base(component: EndpointComponent) -> bool:
    return "BaseInferenceComponentName" in component.specifications.get(None, {})
