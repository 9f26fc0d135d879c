"""Make the fleet of one variant of an endpoint: what runs, what lies there, and how far it may grow."""

from __future__ import annotations

import functools
from collections import Counter
from typing import TYPE_CHECKING

import attrs

from icplan.assumptions import as_share
from icplan.catalog.catalog import from_ec2
from icplan.documents.redact import redact_text
from icplan.errors import InputError, InputProblem
from icplan.fleet.contradictions import another_runs, unsure
from icplan.fleet.fleet import Component, Demand, Fleet, InstancePool, Limit, ScaleIn
from icplan.fleet.growth_limits import SCALING, growth_limits
from icplan.fleet.locations import known_contents, located_on
from icplan.fleet.other_variants import claims_of_other_variants
from icplan.fleet.variant import releases_idle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.assumptions import Assumptions
    from icplan.catalog.catalog import Catalog
    from icplan.catalog.types import InstanceType
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.variant import RunningVariant, VariantState
    from icplan.requests.from_describe import DescribedCopies, EndpointComponent


def build_fleet(state: EndpointState, name: str, catalog: Catalog, assumptions: Assumptions) -> Fleet:
    """The fleet of one variant. :class:`InputError` for an unknown type or contradictory figures."""
    catalog = catalog.with_types(from_ec2(state.instance_types)).with_shares(
        as_share(assumptions.value("allocatable-memory")), as_share(assumptions.value("allocatable-cpu"))
    )
    variant = state.variant(name)
    pools = _pools(state, variant, catalog, assumptions)
    with state.origin.located():
        components = _components(state, name, assumptions)
        fleet = _without_limits(state, variant, pools, components).counting()
    fleet = attrs.evolve(_by_type(state, fleet, components), arriving=variant.told.arriving)
    state = _with_type_counts(state, fleet)
    limits = _limits(state, fleet, catalog, assumptions)
    if fleet.mix_known:
        known = None if releases_idle(variant.scaling) else known_contents(state, fleet.pools, components)
        fleet = attrs.evolve(fleet, limits=limits, contents=known)
    else:
        # What is left of a type's own quota hangs on how many are of that type.
        of_all = tuple(limit for limit in limits if limit.type is None)
        fleet = attrs.evolve(fleet, limits=of_all, scale_in=_with_limits(fleet, limits))
    return _with_reservations(state, fleet, assumptions)


def _by_type(state: EndpointState, fleet: Fleet, components: Sequence[Component]) -> Fleet:
    """The fleet with the instances of each type that run and stay, as far as that is known."""
    told = state.variant(fleet.variant).told
    if told.pools:
        from icplan.fleet.type_mix import scaled_in  # noqa: PLC0415  (most fleets have one type)

        desired = fleet.instances if told.desired is None else told.desired
        left = scaled_in(fleet, fleet.instances - desired)
        before = tuple(pool.instances for pool in fleet.pools)
        return left if left.mix_known else attrs.evolve(left, scale_in=ScaleIn(before))
    if len(fleet.pools) == 1 or not fleet.instances:
        return fleet
    if (told.current or 0) > fleet.instances:
        # Where some are being taken away, what lies there does not tell which.
        return attrs.evolve(fleet, mix_known=False)
    from icplan.fleet.type_mix import resolve_type_mix  # noqa: PLC0415  (as above)

    return resolve_type_mix(fleet, located_on(state, components))


def _with_type_counts(state: EndpointState, fleet: Fleet) -> EndpointState:
    """The state with the fleet's instances of each type, where AWS's answers count them only in all."""
    variant = state.variant(fleet.variant)
    told = variant.told
    if told.pools or len(fleet.pools) == 1 or not fleet.instances:
        return state
    pools = {pool.type.name: pool.instances for pool in fleet.pools}
    counted = attrs.evolve(variant, running=attrs.evolve(told, pools=pools))
    return attrs.evolve(state, variants=tuple(counted if one is variant else one for one in state.variants))


def _limits(
    state: EndpointState, fleet: Fleet, catalog: Catalog, assumptions: Assumptions
) -> tuple[Limit, ...]:
    """How far the fleet may grow, with what components in motion on other variants may take of it."""
    variant = state.variant(fleet.variant)
    moving = functools.partial(_moving, state, assumptions)
    beside = functools.partial(_beside, state, catalog, assumptions)
    taken = claims_of_other_variants(state, fleet.variant, assumptions, moving, beside)
    found = growth_limits(state, variant, fleet.pools, assumptions, taken)
    if another_runs(state) is not None and not variant.told.scaling:
        return tuple(_not_told(limit, variant.told) for limit in found)
    return found


def _without_limits(
    state: EndpointState,
    variant: VariantState,
    pools: tuple[InstancePool, ...],
    components: tuple[Component, ...],
) -> Fleet:
    """The fleet of a variant with CPU in thousandths of a core, and nothing told of how far it may grow."""
    return Fleet(
        endpoint=state.name,
        variant=variant.name,
        pools=pools,
        components=components,
        limits=(),
        scaling=variant.scaling,
        variant_index=variant.number,
        autoscaling_max=state.autoscaling_max,
        unsure=unsure(state, variant),
        counted_by=_counted_by(variant.told),
    )


def _beside(state: EndpointState, catalog: Catalog, assumptions: Assumptions, name: str) -> Fleet | None:
    """What runs on another variant; ``None`` where that cannot be told."""
    variant = state.variant(name)
    try:
        pools, components = (
            _pools(state, variant, catalog, assumptions),
            _components(state, name, assumptions),
        )
        return _without_limits(state, variant, pools, components).counting()
    except InputError:
        return None


def _with_reservations(state: EndpointState, fleet: Fleet, assumptions: Assumptions) -> Fleet:
    """The fleet with what the reservation metrics tell of it."""
    if not state.reservations:
        return fleet
    from icplan.fleet.metric_ranks import reserved_ranks, with_learned_memory  # noqa: PLC0415  (few have any)

    reserved, doubts = reserved_ranks(state, fleet)
    return with_learned_memory(attrs.evolve(fleet, reserved=reserved, reserved_doubts=doubts), assumptions)


def _with_limits(fleet: Fleet, limits: Sequence[Limit]) -> ScaleIn | None:
    """What is being taken away, and all limits: any of those instances may count against any still."""
    if fleet.scale_in is None:
        return None
    leaving = sum(fleet.scale_in.instances) - fleet.instances
    may = (
        limit if limit.type is None else attrs.evolve(limit, contested=limit.contested + leaving)
        for limit in limits
    )
    return attrs.evolve(fleet.scale_in, limits=tuple(may))


def _not_told(limit: Limit, told: RunningVariant) -> Limit:
    """A limit as it is, but for what a configuration that does not run says of managed instance scaling."""
    if limit.rule not in SCALING:
        return limit
    return Limit("ICP320", told.arriving, "how far it may grow is not told")


def _counted_by(told: RunningVariant) -> str:
    """What tells how many instances run and will stay."""
    if told.counted_by is not None:
        return told.counted_by
    if told.pools:
        return "InstancePools"
    counts = {"CurrentInstanceCount": told.current, "DesiredInstanceCount": told.desired}
    known = {name: count for name, count in counts.items() if count is not None}
    return min(known, key=lambda name: known[name], default="InitialInstanceCount")


def _moving(state: EndpointState, assumptions: Assumptions, name: str) -> tuple[Component, ...]:
    """The components of a variant of which copies may have to be placed yet."""
    with state.origin.located():
        there = _components(state, name, assumptions)
    return tuple(component for component in there if component.coming)


def _pools(
    state: EndpointState, variant: VariantState, catalog: Catalog, assumptions: Assumptions
) -> tuple[InstancePool, ...]:
    path = f"$.EndpointConfig.ProductionVariants[{variant.number}]"
    layout = Counter(_layout(state, variant, path))
    found = []
    for name, count, priority, where in _types(state, variant, path):
        kind = catalog.lookup(name, file=state.origin.file, path=f"{path}.{where}")
        found.append(
            InstancePool(
                type=kind,
                instances=count,
                allocatable=catalog.allocatable(kind),
                accelerators=0 if layout else devices_of(kind, assumptions),
                partitions={name: n * kind.accelerators for name, n in layout.items()},
                priority=priority,
            )
        )
    return tuple(found)


def _types(state: EndpointState, variant: VariantState, path: str) -> list[tuple[str, int, int, str]]:
    """Type, instances, priority and JSON path of each pool, by priority."""
    if not variant.pools:
        if variant.instance_type is None:
            raise InputError(
                InputProblem(
                    "the variant has neither InstanceType nor InstancePools",
                    file=state.origin.file,
                    path=path,
                    hint="A serverless variant cannot host inference components.",
                )
            )
        return [(variant.instance_type, variant.instances, 1, "InstanceType")]
    # How many are of which type may not be told; in all there are so many.
    counts = variant.told.pools or {variant.pools[0].type: variant.instances}
    rows = [(one.type, counts.get(one.type, 0), one.priority, one.where) for one in variant.pools]
    return sorted(rows, key=lambda row: row[2])


def _layout(state: EndpointState, variant: VariantState, path: str) -> Sequence[str]:
    layouts = variant.told.layouts or variant.layouts
    if len(layouts) > 1:
        message = f"a variant has exactly one partition layout, this one has {len(layouts)}"
        raise InputError(
            InputProblem(message, file=state.origin.file, path=f"{path}.AcceleratorPartitionLayouts")
        )
    return layouts[0] if layouts else ()


def devices_of(kind: InstanceType, assumptions: Assumptions) -> int:
    """The accelerators of an instance, as copies ask for them."""
    if kind.neuron_cores and assumptions.use("neuron-device") == "core":
        return kind.accelerators * kind.neuron_cores
    return kind.accelerators


def _components(state: EndpointState, name: str, assumptions: Assumptions) -> tuple[Component, ...]:
    """What reserves room on a variant; :class:`InputError` where it is not told where a component is."""
    return tuple(
        _component(one, assumptions) for one in _on_variants(state) if variant_of(one, state) == name
    )


def _on_variants(state: EndpointState) -> Iterator[EndpointComponent]:
    shadows = {one.name for one in state.shadows if one.declared}
    return (one for one in state.components if not one.is_adapter and one.variant not in shadows)


def variant_of(component: EndpointComponent, state: EndpointState) -> str:
    """The variant a component is on; :class:`InputError` when it is none that the endpoint has."""
    there, path = state.variant_names, component.path
    name = there[0] if component.variant is None and len(there) == 1 else component.variant
    if name in there:
        return str(name)
    hint = f"The endpoint has {', '.join(there)}."
    if name is None:
        message = f"which variant {component.name} is on is not said: VariantName is missing"
        raise InputError(InputProblem(message, path=path, hint=hint))
    message = f"{component.name} is on variant {name!r}, which the endpoint does not have"
    raise InputError(InputProblem(message, path=f"{path}.VariantName", hint=hint))


def _component(described: EndpointComponent, assumptions: Assumptions) -> Component:
    need = Demand(described.requirements)
    copies = described.copies
    if copies is None or (copies.desired is None and copies.current is None):
        message = f"{described.name} has no RuntimeConfig that tells its copies"
        hint = "DescribeInferenceComponent shows it."
        raise InputError(InputProblem(message, path=described.path, hint=hint))
    status = "InService" if described.status is None else described.status
    current, desired, counts = _counts(copies)
    firm, most = min(counts), max(counts)
    if status == "Updating":
        # A new specification may be under way: new copies run beside all the old ones at most, which are
        # as many as run where fewer are asked for.
        most = max(most, 2 * desired, current + desired)
    if status == "Failed" and most and assumptions.use("failed-component-holds") == "no":
        firm = most = 0
    if status == "Deleting":
        firm = 0
    # For what is yet to be placed instances may be launched, never for what goes or has failed.
    moving = {"Updating": max(desired, desired - current), "Deleting": 0, "Failed": 0}
    coming = moving.get(status, desired - current)
    by_type = dict(copies.placed)
    known = sum(by_type.values()) == firm
    return Component(
        name=described.name,
        status=status,
        need=need,
        placed=firm,
        in_flight=most - firm,
        by_type=by_type if known else None,
        coming=max(0, min(most - firm, coming)),
        failure=redact_text(described.failure) if described.failure else None,
    )


def _counts(copies: DescribedCopies) -> tuple[int, int, list[int]]:
    """The copies that run, those that are asked for, and every number that is told of either."""
    desired = copies.desired if copies.desired is not None else copies.current or 0
    current = copies.current if copies.current is not None else desired
    placed = [sum(count for _, count in copies.placed)] if copies.placed else []
    return current, desired, [current, desired, *placed]
