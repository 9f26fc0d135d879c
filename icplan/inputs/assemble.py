"""Resources of any format into a deployment: each endpoint with its fleet and the calls made on it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import WHAT_RUNS, InputError, InputProblem
from icplan.inputs.autoscaling_calls import raises_what_runs, raising_calls
from icplan.inputs.component_calls import component_calls, delete_call, name_before
from icplan.inputs.deployment import Aside, DeclaredCall, DeclaredEndpoint, Deployment
from icplan.inputs.endpoint_groups import (
    MOST_NAMED,
    EndpointGroup,
    components_in,
    elsewhere,
    endpoint_groups,
)
from icplan.inputs.fleet_of import at_rest, configuration_call, endpoint_call, untold_configuration
from icplan.inputs.limits import MAX_RESOURCES
from icplan.inputs.linking import problem_at, where_it_runs
from icplan.inputs.naming import Known
from icplan.inputs.ordering import dependents, waited_for
from icplan.inputs.place import Place
from icplan.inputs.resource import Action, Kind, Resource
from icplan.inputs.scalable_targets import Targets
from icplan.inputs.started_instances import Started, started_instances
from icplan.inputs.unchanged import unchanged_notes
from icplan.inputs.values import Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.inputs.declared import Declared
    from icplan.inputs.deployment import InputOptions


_MADE: Final = (Action.CREATED, Action.RECREATED, Action.REPLACED)
"""What is done with an endpoint that nothing runs on afterwards but what is created there."""

_GOES: Final = (Action.DELETED, Action.RECREATED, Action.REPLACED)


def assemble(kinds: Sequence[str], declared: Declared, options: InputOptions) -> Deployment:
    """The deployment that the resources come to. InputError for what cannot be told and matters."""
    if len(declared.resources) > MAX_RESOURCES:
        raise InputError(
            InputProblem(f"declares more than {MAX_RESOURCES:,} endpoints, components and the like")
        )
    if options.region is None and len(declared.regions) == 1:
        options = attrs.evolve(options, region=next(iter(declared.regions)))
    known = Known.of(declared.resources, options.snapshot)
    targets = Targets.of(known, where_it_runs(options.snapshot))
    groups = endpoint_groups(known, targets, options)
    endpoints = tuple(_EndpointAssembly(known, targets, options, one).endpoint() for one in groups)
    asked = {call.request.get("InferenceComponentName") for one in endpoints for call in one.calls}
    notes = (
        *declared.notes,
        *(note for one in endpoints for note in one.notes),
        *targets.unjudged({one for one in asked if one}, components_in(options.snapshot)),
    )
    kind = " and ".join(kinds)
    return Deployment(kind, endpoints, notes, declared.parameters, tuple(declared.ignores))


@attrs.frozen
class _EndpointAssembly:
    """One endpoint, put together of what files declare, of what scales on it and of what runs."""

    known: Known
    targets: Targets
    options: InputOptions
    group: EndpointGroup

    def endpoint(self) -> DeclaredEndpoint:
        """The endpoint with its calls. InputError where it cannot be what the files and the snapshot say."""
        name, resource, snapshot = self.group.name, self.group.endpoint, self.options.snapshot
        if resource is not None and resource.action is Action.DELETED:
            note = Aside(f"{resource.label} is deleted, with all that runs on it; that takes no room")
            return DeclaredEndpoint(name, resource.label, None, (), notes=(note,))
        self._refuse_made_again()
        running = snapshot if self._exists else None
        configuration = configuration_call(self.known, resource, running) if resource else None
        self._refuse_untold()
        calls = self._component_calls()
        changed = {self.known.names[one.id] for one in self.group.components} - calls.unchanged
        raising = raising_calls(self.targets, self._there, changed)
        undeclared = _undeclared(self.known, self._there, self.group.components)
        calls.in_order += raising
        if self.options.complete:
            place = resource.here if resource else Place()
            calls.last += [delete_call(one, one, place) for one in undeclared]
        scaled = self.targets.declared(self.group.components)
        of_account = _lies_beside(resource, snapshot)
        started = started_instances(self.known, snapshot, resource) if of_account else Started()
        return DeclaredEndpoint(
            name,
            label=resource.label if resource else name,
            declared=at_rest(name, configuration, scaled, self.options.region) if configuration else None,
            calls=calls.all,
            configuration=configuration,
            call=self._endpoint_call(configuration),
            exists=self._exists,
            notes=(
                *self._notes(calls.in_order, raising, undeclared),
                *(self._untold() if configuration is None else ()),
            ),
            targets=tuple(scaled),
            started=started.counts,
            untold=started.untold,
            of_account=of_account,
        )

    @property
    def _made(self) -> bool:
        """Whether the endpoint is made, so that all that it holds is."""
        return self.group.endpoint is not None and self.group.endpoint.action in _MADE

    @cached_property
    def _exists(self) -> bool:
        """Whether the endpoint is the one of the snapshot, and stays."""
        snapshot = self.options.snapshot
        return snapshot is not None and self.group.is_running(snapshot) and not self._made

    @cached_property
    def _there(self) -> Mapping[str, Mapping[str, Any]]:
        """The components that run on it, by name."""
        return components_in(self.options.snapshot) if self._exists else {}

    def _refuse_made_again(self) -> None:
        """Refuse to make what the snapshot has, but for what is deleted first, with all that is on it."""
        name, resource = self.group.name, self.group.endpoint
        if resource is None or not self._made or not self.group.is_running(self.options.snapshot):
            return
        if resource.action is not Action.RECREATED:
            message = f"endpoint {name} is to be created, and the snapshot has it already"
            hint = "Give a snapshot of what runs when this is carried out, or none"
            raise InputError(problem_at(resource, resource.member("EndpointName"), message, hint))
        left = self._not_deleted()
        if left:
            message = f"is deleted and made anew, and nothing deletes {_shown(left)}, which it runs"
            raise InputError(problem_at(resource, None, message, "Let the plan delete or replace these, too"))

    def _not_deleted(self) -> list[str]:
        """The components of the snapshot that nothing deletes, or replaces."""
        gone = {
            name
            for one in self.known.resources
            if one.kind is Kind.COMPONENT and one.action in _GOES
            for name in (self.known.names[one.id], name_before(self.known, one))
        }
        return [name for name in components_in(self.options.snapshot) if name not in gone]

    def _refuse_untold(self) -> None:
        """Refuse an endpoint that is there of which nothing tells what it runs."""
        name, resource = self.group.name, self.group.endpoint
        if resource is None or self._exists or resource.action in (Action.DECLARED, *_MADE):
            return
        message = f"endpoint {name}{elsewhere(resource)} is there already, and what it runs is not told"
        raise InputError(problem_at(resource, None, message, f"Give {WHAT_RUNS}"))

    def _endpoint_call(self, configuration: DeclaredCall | None) -> DeclaredCall | None:
        """The call that makes the endpoint, or updates it; None where it stays as it runs."""
        resource = self.group.endpoint
        if configuration is None or resource is None:
            return None
        return endpoint_call(resource, self.group.name, configuration, exists=self._exists)

    def _component_calls(self) -> _Calls:
        """The calls for its components, each with what it waits for."""
        resource, components, calls = self.group.endpoint, self.group.components, _Calls()
        running = None if self.options.snapshot is None else self._there
        waits = waited_for([*([resource] if resource else []), *components])
        for component in map(_created, components) if self._made else components:
            first, later = component_calls(self.known, component, self.group.name, running)
            calls.in_order += (
                attrs.evolve(one, resource=component.id, run=component.run, waits_for=waits[component.id])
                for one in first
            )
            if component.deletes_beside:
                later = [_beside(one, component, components) for one in later]
            held = any(one.resource is None or one.waits_for for one in later)
            deletes_now = component.action is Action.DELETED and not held
            (calls.at_once if deletes_now else calls.last).extend(later)
        return calls

    def _notes(
        self, calls: Sequence[DeclaredCall], raising: Sequence[DeclaredCall], undeclared: Sequence[str]
    ) -> Iterator[str]:
        """What is to be said beside its calls."""
        components = self.group.components
        if undeclared and not self.options.complete:
            yield _left_alone(undeclared, self.group.name)
        yield from (Aside(raises_what_runs(one, self._there)) for one in raising)
        yield from self.targets.untold_maxima(components)
        yield from unchanged_notes(calls)
        yield from _on_an_unknown_endpoint(self.known, components, self.group.name)

    def _untold(self) -> Iterator[str]:
        """That the endpoint may get a configuration that no file tells."""
        if self._exists and self.group.endpoint is not None and self.options.snapshot is not None:
            untold = untold_configuration(self.group.endpoint, self.options.snapshot)
            yield from () if untold is None else (untold,)


@attrs.define
class _Calls:
    """The calls for components: deletions that wait for nothing, then all in order, then other deletions."""

    at_once: list[DeclaredCall] = attrs.field(factory=list)
    in_order: list[DeclaredCall] = attrs.field(factory=list)
    last: list[DeclaredCall] = attrs.field(factory=list)

    @property
    def unchanged(self) -> set[str]:
        """The components of which a call changes nothing."""
        return {str(one.request["InferenceComponentName"]) for one in self.in_order if one.unchanged}

    @property
    def all(self) -> tuple[DeclaredCall, ...]:
        """All calls, as they are carried out."""
        waiting_last = sorted(self.last, key=lambda one: bool(one.waits_for))
        return (*self.at_once, *self.in_order, *waiting_last)


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
    verb = "runs" if len(names) == 1 else "run"
    return Aside(
        f"{_shown(names)} {verb} on {endpoint} and no file declares that: left alone (see --complete)"
    )


def _shown(names: Sequence[str]) -> str:
    more = f" and {n} more" if (n := len(names) - MOST_NAMED) > 0 else ""
    return ", ".join(names[:MOST_NAMED]) + more
