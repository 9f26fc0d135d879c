"""The calls that are made of one component: to create, update, replace or delete it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import InputError
from icplan.inputs.deployment import DeclaredCall
from icplan.inputs.linking import problem_at
from icplan.inputs.parameter_problem import parameter_problem
from icplan.inputs.resource import Action
from icplan.inputs.resource_request import resource_request
from icplan.inputs.unchanged import as_unchanged
from icplan.inputs.values import Unresolved, plain, walk
from icplan.requests.call import copies_asked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.documents.paths import JsonPath
    from icplan.inputs.naming import Known
    from icplan.inputs.place import Place
    from icplan.inputs.resource import Resource

_IN_PLACE: Final = frozenset({"EndpointName", "VariantName"})
"""Members of a component that no update has."""
_RUNS_IN_IT: Final = frozenset({"ModelName", "Container"})
"""Members of a specification that say what runs in a container."""
_UPDATED: Final = ("Specification", "Specifications", "RuntimeConfig")


def component_calls(
    known: Known,
    component: Resource,
    endpoint: str,
    there: Mapping[str, Mapping[str, Any]] | None,
) -> tuple[list[DeclaredCall], list[DeclaredCall]]:
    """The calls that are made of a component: in its turn, and after everything else.

    ``there`` are the components that run on its endpoint, by name; None without a snapshot.
    """
    name = known.names[component.id]
    if there is not None:
        _refuse_unsure(component)
    runs = there or {}
    delete = [delete_call(name_before(known, component), component.label, component.here)]
    if component.action is Action.DELETED:
        return [], delete
    if component.action is Action.UPDATED or (component.action is Action.DECLARED and name in runs):
        return _update(known, component, name, runs.get(name) or {}), []
    create = [_create(known, component, name, endpoint)]
    if component.action is Action.RECREATED:
        return [*delete, *create], []
    return create, delete if component.action is Action.REPLACED else []


def name_before(known: Known, component: Resource) -> str:
    """What a component is called that goes: a replacement may give it another name."""
    before = component.before.get(component.kind.value) if component.before else None
    return before.value if before is not None and isinstance(before.value, str) else known.names[component.id]


def delete_call(name: str, label: str, place: Place) -> DeclaredCall:
    """The call that deletes a component."""
    return DeclaredCall(
        "DeleteInferenceComponent", {"InferenceComponentName": name}, {(): place}, label=label
    )


def _create(known: Known, component: Resource, name: str, endpoint: str) -> DeclaredCall:
    given = {"InferenceComponentName": name, "EndpointName": endpoint}
    call = resource_request(known, component, "CreateInferenceComponent", given)
    later = call.request.pop("DeploymentConfig", None)
    return attrs.evolve(call, deployment=later if isinstance(later, dict) else None)


def _update(known: Known, component: Resource, name: str, running: Mapping[str, Any]) -> list[DeclaredCall]:
    given = {"InferenceComponentName": name}
    moved = _moved(component, running)
    left = _IN_PLACE - moved.keys()
    call = resource_request(known, component, "UpdateInferenceComponent", given, without=left)
    before = plain(component.before) if component.before else None
    request = dict(call.request)
    if before is not None:
        after = plain(component.members)
        for member in _UPDATED:
            if member in request and after.get(member) == before.get(member):
                del request[member]
    if not moved and not any(member in request for member in _UPDATED):
        return []
    call = attrs.evolve(call, request=request, moved=moved, unsent=_unsent(component, request, running))
    declared = component.action is Action.DECLARED and not component.whole
    return [as_unchanged(call, running) if declared else call]


def _refuse_unsure(component: Resource) -> None:
    """Refuse to guess whether a component runs already."""
    node = component.member("InferenceComponentName")
    if component.action is Action.DECLARED and not (node and isinstance(node.value, str)):
        unresolved = node.value if node and isinstance(node.value, Unresolved) else None
        why = unresolved.why if unresolved else "is not given, so that one is made up when it is created"
        message = f"whether {component.label} runs already is not known: InferenceComponentName {why}"
        hint = unresolved.hint if unresolved else "Give a change set or a plan, which tell it"
        raise InputError(parameter_problem(problem_at(component, node, message, hint), unresolved))


def _moved(component: Resource, running: Mapping[str, Any]) -> dict[str, str]:
    """The members of a component that are to change, and that no update has, with what they are now."""
    before = component.before
    found = {}
    for name in (*sorted(_IN_PLACE), component.kind.value):
        node, old = component.member(name), before.get(name) if before else None
        there = running.get(name) if old is None else old.value
        if node is None or not isinstance(node.value, str) or not isinstance(there, str):
            continue
        if node.value == there:
            continue
        if name == component.kind.value:
            message = f"{component.label} is renamed from {there}, and a name cannot be changed in place"
            raise InputError(
                problem_at(component, node, message, "Make a new component, and delete this one")
            )
        found[name] = there
    return found


def _unsent(
    component: Resource, request: Mapping[str, Any], running: Mapping[str, Any]
) -> dict[str, tuple[JsonPath, ...]]:
    """What may change nothing, or not be sent, by the assumption that tells."""
    found: dict[str, tuple[JsonPath, ...]] = {}
    unresolved = tuple(
        steps
        for steps, node in walk(component.members)
        if isinstance(node.value, Unresolved) and steps[0] in request and _RUNS_IN_IT & set(map(str, steps))
    )
    if unresolved:
        found["unresolved-model"] = unresolved
    copies = copies_asked(request)
    live = (running.get("RuntimeConfig") or {}).get("DesiredCopyCount")
    told = component.whole or component.before is not None
    if copies is not None and live is not None and copies != live and not told:
        found["template-resends-copies"] = (("RuntimeConfig",),)
    return found
