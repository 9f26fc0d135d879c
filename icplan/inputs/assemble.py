"""Resources of any format into a deployment: each endpoint with its fleet and the calls made on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.errors import InputError, InputProblem
from icplan.inputs.component_calls import component_calls
from icplan.inputs.deployment import DeclaredCall, DeclaredEndpoint, Deployment
from icplan.inputs.fleet_of import at_rest, configuration_call, endpoint_call
from icplan.inputs.limits import MAX_RESOURCES
from icplan.inputs.linking import endpoint_of, problem_at, running_name
from icplan.inputs.naming import Known
from icplan.inputs.ordering import ordered
from icplan.inputs.resource import Action, Kind, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.inputs.declared import Declared
    from icplan.inputs.deployment import InputOptions


def assemble(kinds: Sequence[str], declared: Declared, options: InputOptions) -> Deployment:
    """The deployment that the resources come to. InputError for what cannot be told and matters."""
    if len(declared.resources) > MAX_RESOURCES:
        raise InputError(
            InputProblem(f"declares more than {MAX_RESOURCES:,} endpoints, components and the like")
        )
    if options.region is None and len(declared.regions) == 1:
        options = attrs.evolve(options, region=next(iter(declared.regions)))
    known = Known.of(declared.resources, options.snapshot)
    endpoints = tuple(_endpoint(known, options, one) for one in _groups(known, options))
    return Deployment(" and ".join(kinds), endpoints, tuple(declared.notes), declared.parameters)


@attrs.define
class _Group:
    """An endpoint, as it is declared if it is, and the components that anything is done with."""

    name: str
    endpoint: Resource | None = None
    components: list[Resource] = attrs.field(factory=list)


def _groups(known: Known, options: InputOptions) -> Iterator[_Group]:
    """Each endpoint that anything is done on."""
    grouped = {one.id: _Group(known.names[one.id], one) for one in known.endpoints.by_id.values()}
    for component in ordered([one for one in known.resources if one.kind is Kind.COMPONENT]):
        if component.action is Action.KEPT:
            continue
        where = endpoint_of(component, known.endpoints, options.snapshot)
        key = where if isinstance(where, str) else where.id
        grouped.setdefault(key, _Group(key)).components.append(component)
    running = running_name(options.snapshot)
    return (one for one in grouped.values() if one.components or one.name == running)


def _endpoint(known: Known, options: InputOptions, group: _Group) -> DeclaredEndpoint:
    name, resource = group.name, group.endpoint
    exists = options.snapshot is not None and running_name(options.snapshot) == name
    configuration = configuration_call(known, resource, options) if resource else None
    if resource is not None and not exists and resource.action not in (Action.DECLARED, Action.CREATED):
        message = f"endpoint {name} is there already, and what it runs is not told"
        hint = "Give what runs: --snapshot FILE or --endpoint NAME"
        raise InputError(problem_at(resource, None, message, hint))
    there = _there(options.snapshot) if exists else {}
    calls: list[DeclaredCall] = []
    last: list[DeclaredCall] = []
    for component in group.components:
        made, later = component_calls(known, component, name, None if options.snapshot is None else there)
        calls += made
        last += later
    declared = of_it = None
    if configuration is not None:
        declared = at_rest(known, name, configuration, group.components, options.region)
    if configuration is not None and resource is not None:
        of_it = endpoint_call(resource, name, configuration, exists=exists)
    label = resource.label if resource else name
    return DeclaredEndpoint(name, label, declared, (*calls, *last), configuration, of_it, exists)


def _there(snapshot: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    """The components of a snapshot, by name."""
    there = (snapshot or {}).get("InferenceComponents") or ()
    return {one["InferenceComponentName"]: one for one in there}
