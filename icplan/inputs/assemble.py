"""Resources of any format into a deployment: each endpoint with its fleet and the calls made on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import WHAT_RUNS, InputError, InputProblem
from icplan.inputs.autoscaling_calls import raises_what_runs, raising_calls
from icplan.inputs.component_calls import component_calls, delete_call, name_before
from icplan.inputs.deployment import Aside, DeclaredCall, DeclaredEndpoint, Deployment
from icplan.inputs.fleet_of import at_rest, configuration_call, endpoint_call, untold_configuration
from icplan.inputs.limits import MAX_RESOURCES
from icplan.inputs.linking import endpoint_of, is_running, problem_at, running_name, where_it_runs
from icplan.inputs.naming import Known
from icplan.inputs.ordering import dependents, ordered, waited_for
from icplan.inputs.place import Place
from icplan.inputs.resource import Action, Kind, Resource
from icplan.inputs.scalable_targets import Targets
from icplan.inputs.started_instances import started_instances
from icplan.inputs.unchanged import unchanged_notes
from icplan.inputs.values import Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.inputs.declared import Declared
    from icplan.inputs.deployment import InputOptions


_MADE: Final = (Action.CREATED, Action.RECREATED, Action.REPLACED)
"""What is done with an endpoint that nothing runs on afterwards but what is created there."""
_REPLACED: Final = (Action.RECREATED, Action.REPLACED)
_SHOWN: Final = 10


def assemble(kinds: Sequence[str], declared: Declared, options: InputOptions) -> Deployment:
    """The deployment that the resources come to. InputError for what cannot be told and matters."""
    if len(declared.resources) > MAX_RESOURCES:
        raise InputError(
            InputProblem(f"declares more than {MAX_RESOURCES:,} endpoints, components and the like")
        )
    if options.region is None and len(declared.regions) == 1:
        options = attrs.evolve(options, region=next(iter(declared.regions)))
    known = Known.of(declared.resources, options.snapshot)
    targets = Targets.of(known)
    endpoints = tuple(_endpoint(known, targets, options, one) for one in _groups(known, targets, options))
    asked = {call.request.get("InferenceComponentName") for one in endpoints for call in one.calls}
    notes = (
        *declared.notes,
        *(note for one in endpoints for note in one.notes),
        *targets.unjudged({one for one in asked if one}, _there(options.snapshot)),
    )
    kind = " and ".join(kinds)
    return Deployment(kind, endpoints, notes, declared.parameters, tuple(declared.ignores))


@attrs.define
class _Group:
    """An endpoint, as it is declared if it is, and the components that anything is done with."""

    name: str
    endpoint: Resource | None = None
    components: list[Resource] = attrs.field(factory=list)


def _groups(known: Known, targets: Targets, options: InputOptions) -> Iterator[_Group]:
    """Each endpoint that anything is done on, or whose fleet is for components."""
    grouped = {one.id: _Group(known.names[one.id], one) for one in known.endpoints.by_id.values()}
    components = [one for one in known.resources if one.kind is Kind.COMPONENT]
    for component in (part for one in ordered(components) for part in _parts(known, options, one)):
        if component.action is Action.KEPT:
            continue
        where = endpoint_of(component, known.endpoints, options.snapshot)
        key = where if isinstance(where, str) else where.id
        grouped.setdefault(key, _Group(key)).components.append(component)
    running = running_name(options.snapshot)
    declared = any(_runs(one, options) for one in grouped.values())
    if running is not None and not declared and raising_calls(targets, _there(options.snapshot), ()):
        grouped[running] = _Group(running)
    if running is not None and grouped and not any(_runs(one, options) for one in grouped.values()):
        raise _of_another_endpoint(known, running)
    return (
        one
        for one in grouped.values()
        if one.components or _runs(one, options) or (one.endpoint and _is_for_components(known, one.endpoint))
    )


def _parts(known: Known, options: InputOptions, component: Resource) -> Iterator[Resource]:
    """A component; one that is replaced on another endpoint goes from the one and is created on the other."""
    before = component.before
    old = before.get("EndpointName") if before else None
    if component.action not in _REPLACED or before is None or old is None or not isinstance(old.value, str):
        yield component
        return
    where = endpoint_of(component, known.endpoints, options.snapshot)
    if old.value == (where if isinstance(where, str) else known.names[where.id]):
        yield component
        return
    yield attrs.evolve(component, action=Action.CREATED)
    gone = attrs.evolve(component, action=Action.DELETED, members=before)
    if known.endpoints.find(old, gone) is not None or running_name(options.snapshot) == old.value:
        yield gone


def _runs(group: _Group, options: InputOptions) -> bool:
    """Whether a group's endpoint is the one that the snapshot is of."""
    if group.endpoint is None:
        return running_name(options.snapshot) == group.name
    return is_running(group.endpoint, group.name, options.snapshot)


def _of_another_endpoint(known: Known, running: str) -> InputError:
    """That the snapshot is of none of these endpoints: they would be judged as if none had been given."""
    first, *_ = known.endpoints.by_id.values()
    all_ = [known.names[one.id] + _elsewhere(one) for one in known.endpoints.by_id.values()]
    names = ", ".join(sorted(all_)[:_SHOWN])
    message = f"the snapshot is of endpoint {running}, and the files have {names}"
    hint = "Give a snapshot of what the files are for, or none where that is new"
    return InputError(problem_at(first, first.member("EndpointName"), message, hint))


def _elsewhere(endpoint: Resource) -> str:
    return f" ({endpoint.where})" if endpoint.where.region or endpoint.where.account else ""


def _is_for_components(known: Known, endpoint: Resource) -> bool:
    """Whether an endpoint that no component is declared on is made, or changed, to hold some."""
    found = known.configurations.find(endpoint.member("EndpointConfigName"), endpoint)
    variants = found.member("ProductionVariants") if found else None
    listed = variants.value if variants and isinstance(variants.value, list) else ()
    return endpoint.action is not Action.KEPT and any(one.get("ModelName") is None for one in listed)


def _endpoint(known: Known, targets: Targets, options: InputOptions, group: _Group) -> DeclaredEndpoint:
    name, resource = group.name, group.endpoint
    if resource is not None and resource.action is Action.DELETED:
        note = Aside(f"{resource.label} is deleted, with all that runs on it; that takes no room")
        return DeclaredEndpoint(name, resource.label, None, (), notes=(note,))
    made = resource is not None and resource.action in _MADE
    if made and resource is not None and resource.action is not Action.RECREATED and _runs(group, options):
        message = f"endpoint {name} is to be created, and the snapshot has it already"
        hint = "Give a snapshot of what runs when this is carried out, or none"
        raise InputError(problem_at(resource, resource.member("EndpointName"), message, hint))
    exists = options.snapshot is not None and _runs(group, options) and not made
    running = options.snapshot if exists else None
    configuration = configuration_call(known, resource, running) if resource else None
    if resource is not None and not exists and resource.action not in (Action.DECLARED, *_MADE):
        message = f"endpoint {name}{_elsewhere(resource)} is there already, and what it runs is not told"
        hint = f"Give {WHAT_RUNS}"
        raise InputError(problem_at(resource, None, message, hint))
    there = _there(options.snapshot) if exists else {}
    calls: list[DeclaredCall] = []
    last: list[DeclaredCall] = []
    at_once: list[DeclaredCall] = []
    waits = waited_for([*([resource] if resource else []), *group.components])
    for component in map(_created, group.components) if made else group.components:
        first, later = component_calls(known, component, name, None if options.snapshot is None else there)
        calls += (
            attrs.evolve(one, resource=component.id, run=component.run, waits_for=waits[component.id])
            for one in first
        )
        if component.deletes_beside:
            later = [_beside(one, component, group.components) for one in later]
        held = any(one.resource is None or one.waits_for for one in later)
        (last if held or component.action is not Action.DELETED else at_once).extend(later)
    same = {str(one.request["InferenceComponentName"]) for one in calls if one.unchanged}
    changed = {known.names[one.id] for one in group.components} - same
    raising = raising_calls(targets, there, changed)
    calls += raising
    undeclared = _undeclared(known, there, group.components)
    if options.complete:
        place = resource.here if resource else Place()
        last += [delete_call(one, one, place) for one in undeclared]
    notes = () if options.complete or not undeclared else (_left_alone(undeclared, name),)
    notes = (*notes, *(Aside(raises_what_runs(one, there)) for one in raising))
    notes = (*notes, *targets.untold_maxima(group.components), *unchanged_notes(calls))
    notes = (*notes, *_on_an_unknown_endpoint(known, group.components, name))
    scaled = targets.declared(group.components)
    if configuration is None and resource is not None and running is not None:
        untold = untold_configuration(resource, running)
        notes = (*notes, untold) if untold else notes
    declared = at_rest(name, configuration, scaled, options.region) if configuration else None
    of_it = None
    if configuration is not None and resource is not None:
        of_it = endpoint_call(resource, name, configuration, exists=exists)
    label = resource.label if resource else name
    asked = (*at_once, *calls, *sorted(last, key=lambda one: bool(one.waits_for)))
    of_account = _lies_beside(resource, options.snapshot)
    started = started_instances(known, options.snapshot, resource) if of_account else {}
    return DeclaredEndpoint(
        name, label, declared, asked, configuration, of_it, exists, notes, tuple(scaled), started, of_account
    )


def _lies_beside(endpoint: Resource | None, snapshot: Mapping[str, Any] | None) -> bool:
    """Whether an endpoint lies in the account and Region of the one that runs, as far as is told."""
    return snapshot is not None and (endpoint is None or not endpoint.where.differs(where_it_runs(snapshot)))


def _beside(call: DeclaredCall, component: Resource, components: Sequence[Resource]) -> DeclaredCall:
    """A deletion that waits for nothing but what has been built on what it deletes."""
    waits = dependents(component, components)
    return attrs.evolve(call, resource=component.id, run=component.run, waits_for=waits)


def _created(component: Resource) -> Resource:
    """A component of an endpoint that is made anew: whatever it was, it is created there."""
    return component if component.action is Action.DELETED else attrs.evolve(component, action=Action.CREATED)


def _undeclared(
    known: Known, there: Mapping[str, Mapping[str, Any]], components: Sequence[Resource]
) -> list[str]:
    """The components that run and that no file declares, adapters before what they are of."""
    told = (*known.components.by_id.values(), *components)
    declared = {name for one in told for name in (known.names[one.id], name_before(known, one))}
    left = [name for name in there if name not in declared]
    return sorted(left, key=lambda name: "BaseInferenceComponentName" not in str(there[name]))


def _on_an_unknown_endpoint(known: Known, components: Sequence[Resource], name: str) -> Iterator[str]:
    """What is to be said of components of which nothing tells that they are for the endpoint that runs."""
    for one in components:
        node = one.member("EndpointName")
        if node is None or not isinstance(node.value, Unresolved) or known.endpoints.find(node, one):
            continue
        where = f"{one.here.shown}: {one.label}" if one.here.shown else one.label
        yield f"{where} is judged on {name}, though its EndpointName {node.value.why}"


def _left_alone(names: Sequence[str], endpoint: str) -> Aside:
    shown = ", ".join(names[:_SHOWN]) + (f" and {n} more" if (n := len(names) - _SHOWN) > 0 else "")
    verb = "runs" if len(names) == 1 else "run"
    return Aside(f"{shown} {verb} on {endpoint} and no file declares that: left alone (see --complete)")


def _there(snapshot: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    """The components of a snapshot, by name."""
    there = (snapshot or {}).get("InferenceComponents") or ()
    return {one["InferenceComponentName"]: one for one in there}
