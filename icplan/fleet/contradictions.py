"""Which parts of a snapshot may not apply: what is described does not run, what is named is not there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from icplan.fleet.dimensions import counted
from icplan.fleet.fleet import Unsure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.variant import VariantState
    from icplan.requests.from_describe import EndpointComponent

#: Documented: such an endpoint serves with a mix of the old and the new.
_ROLLBACK_FAILED = "UpdateRollbackFailed"


def unsure(state: EndpointState, variant: VariantState) -> dict[Unsure, tuple[str, ...]]:
    """What may be otherwise on a variant, and why."""
    found: dict[Unsure, list[str]] = {}
    if not state.consistent:
        message = "the endpoint went on changing while the snapshot was taken (Consistent is false)"
        found[Unsure.TYPES] = [f"{message}, so its parts may not belong together; take a new one"]
    for what, message in (
        *_configuration(state, variant),
        *_counts(variant),
        *((Unsure.MORE, message) for message in located_beyond(state, variant)),
        *_held(state, variant),
        *_mixed(state, variant),
    ):
        found.setdefault(what, []).append(message)
    return {what: tuple(messages) for what, messages in found.items()}


def does_not_apply(state: EndpointState, variant: str | None) -> bool:
    """Whether the configuration of a variant, the only one without a name, may not be the one that runs."""
    asked = (one for one in state.variants if variant in (None, one.name))
    return any(Unsure.TYPES in unsure(state, one) for one in asked)


def another_runs(state: EndpointState) -> tuple[str, str] | None:
    """The configuration that runs and the one described, where they are not the same."""
    runs, given = state.running_configuration, state.configuration_name
    return (runs, given) if runs and given and runs != given else None


def asks_elsewhere(request: Mapping[str, Any], types: Collection[str]) -> str | None:
    """What is not known of a request whose one specification names a type that the variant does not have."""
    named = (request.get("Specification") or {}).get("InstanceType")
    if named is None or named in types:
        return None
    return (
        f"Specification names the instance type {named}, which the variant does not have; whether SageMaker "
        "refuses that, or where the copies would lie, is not stated"
    )


def _configuration(state: EndpointState, variant: VariantState) -> Iterator[tuple[Unsure, str]]:
    """Where another configuration runs than the one described, or other types than it names."""
    seen, told = _seen(state, variant), variant.told
    if foreign := sorted(seen - variant.types):
        message = (
            f"instances of {', '.join(foreign)} run, which EndpointConfig does not name for {variant.name}"
        )
        yield Unsure.TYPES, f"{message}; nothing rests on the types that it names"
    names = another_runs(state)
    if names is None:
        return
    runs, given = names
    start = f"the endpoint runs the configuration {runs}, EndpointConfig is {given}"
    counted = told.counts or told.pools is not None
    if seen != variant.types or (variant.layouts and not told.layouts) or not counted:
        yield Unsure.TYPES, f"{start}; the instance types that run may be others than {given} names"
    elif not told.scaling:
        yield Unsure.GROWTH, f"{start}; how far it may grow, only {given} tells, so nothing rests on that"


def _seen(state: EndpointState, variant: VariantState) -> frozenset[str]:
    """The instance types of a variant that something other than its configuration names."""
    mine = _on(state, variant)
    return frozenset(
        [
            *(variant.told.pools or ()),
            *(kind for one in mine if one.copies for kind, copies in one.copies.placed if copies),
            *(kind for kind, _ in _located(state, mine)),
        ]
    )


def _on(state: EndpointState, variant: VariantState) -> list[EndpointComponent]:
    only = variant.name if len(state.variants) == 1 else None
    return [one for one in state.components if (one.variant or only) == variant.name]


def _located(state: EndpointState, components: Sequence[EndpointComponent]) -> set[tuple[str, str]]:
    """The type and the name of each instance on which copies of these are located."""
    names = {one.name for one in components}
    return {(one.type, one.instance) for one in state.locations if one.component in names and one.copies}


def located_beyond(state: EndpointState, variant: VariantState) -> Iterator[str]:
    """Where copies are located on more instances of a type of the variant than run."""
    running = variant.told.pools if variant.pools else dict.fromkeys(variant.types, variant.instances)
    for kind, count in sorted(Counter(kind for kind, _ in _located(state, _on(state, variant))).items()):
        if running and count > running.get(kind, count):
            run = "run" if running[kind] != 1 else "runs"
            yield (
                f"CopyLocations have copies on {counted(count, 'instance')} of {kind}, of which "
                f"{running[kind]} {run}; they were not told at the same moment, and either may be right"
            )


def _counts(variant: VariantState) -> Iterator[tuple[Unsure, str]]:
    """Where the instances of each type do not add up."""
    pools, current = variant.told.pools, variant.told.current
    if not pools or current is None or sum(pools.values()) == current:
        return
    total = sum(pools.values())
    what = Unsure.MORE if total < current else Unsure.TYPES
    yield what, f"InstancePools count {total} instances, CurrentInstanceCount is {current}"


def _held(state: EndpointState, variant: VariantState) -> Iterator[tuple[Unsure, str]]:
    """Components that something names and nothing describes: they hold what nobody can count."""
    there = {one.name for one in state.components}
    missing = {
        one.component for one in state.locations if one.component not in there and one.type in variant.types
    }
    for name in sorted(missing):
        yield Unsure.HELD, f"CopyLocations name {name}, which no answer describes; it holds what is not known"
    for name in state.undescribed:
        if name not in there:
            yield (
                Unsure.HELD,
                f"Parts say that {name} is missing, which no answer describes; it may hold room",
            )
    for one in state.components:
        base = one.base
        if base is not None and base not in there and one.variant in (None, variant.name):
            message = f"{one.name} is an adapter of {base}, which no answer describes"
            yield Unsure.HELD, f"{message}; {base} holds what is not known"


def _mixed(state: EndpointState, variant: VariantState) -> Iterator[tuple[Unsure, str]]:
    """Components of which copies of two specifications may run, where Describe shows one alone."""
    if state.status != _ROLLBACK_FAILED:
        return
    there = [one for one in state.components if one.variant in (None, variant.name) and not one.is_adapter]
    if names := sorted(
        one.name for one in there if one.copies and (one.copies.desired or one.copies.current)
    ):
        message = f"the endpoint is {_ROLLBACK_FAILED}: copies of {', '.join(names)} may run that reserve"
        yield Unsure.COPIES, f"{message} what another specification says than the one that is described"
