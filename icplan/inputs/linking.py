"""Which component belongs to which endpoint, and which endpoint to which configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.errors import WHAT_RUNS, InputError, InputProblem
from icplan.inputs.parameter_problem import parameter_problem
from icplan.inputs.resource import Kind, Resource, Where
from icplan.inputs.values import Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from icplan.inputs.values import Located

_GIVE = f"Give the file that declares it, or {WHAT_RUNS}"
_ARN = {
    Kind.ENDPOINT: "gives the ARN of the endpoint, not its name; use GetAtt {}.EndpointName",
    Kind.CONFIGURATION: "gives the ARN of the configuration, not its name; use GetAtt {}.EndpointConfigName",
}


@attrs.frozen
class Named:
    """The resources of one kind, found by what names them: an identity, a name, or an equal expression."""

    kind: Kind
    by_id: Mapping[str, Resource]
    by_name: Mapping[str, Sequence[Resource]]

    @classmethod
    def of(cls, kind: Kind, resources: Iterable[Resource]) -> Named:
        """The resources of ``kind`` among these."""
        own = [one for one in resources if one.kind is kind]
        by_name: dict[str, list[Resource]] = {}
        for one in own:
            by_name.setdefault(key_of(one.member(kind)), []).append(one)
        by_name.pop("", None)
        return cls(kind, {one.id: one for one in own}, by_name)

    def find(self, node: Located | None, user: Resource) -> Resource | None:
        """The resource that a member of ``user`` names; None where none of these is it."""
        if node is None:
            return None
        link = node.value.link if isinstance(node.value, Unresolved) else None
        if link is not None and link.resource in self.by_id:
            self._refuse_elsewhere(user, node, self.by_id[link.resource])
            if link.attribute in ("Ref", "arn") and self.kind in _ARN:
                told = _ARN[self.kind].format(self.by_id[link.resource].label)
                raise InputError(problem_at(user, node, f"Ref {told}"))
            return self.by_id[link.resource]
        there = [one for one in self.by_name.get(key_of(node), ()) if not one.where.differs(user.where)]
        if len(there) > 1:
            places = " and ".join(one.here.shown or one.label for one in there)
            message = f"{self.kind} is that of {len(there)} resources: {places}"
            raise InputError(problem_at(user, node, message))
        if there:
            self._refuse_elsewhere(user, node, there[0])
        return there[0] if there else None

    def _refuse_elsewhere(self, user: Resource, node: Located, found: Resource) -> None:
        """Refuse what is referred to across Regions or accounts: its name means another there.

        So is what is not known to be in the same.
        """
        if found.where.differs(user.where) or found.where.may_differ(user.where):
            message = f"{self.kind} is that of {found.label}, {found.where}; {user.label} is {user.where}"
            hint = "A name means what is there in its own account and Region"
            if not found.where.differs(user.where):
                hint += (
                    ": let the files tell that these are the same (a Region that is written, or a variable)"
                )
            raise InputError(problem_at(user, node, message, hint))


def key_of(node: Located | None) -> str:
    """What two members with the same value have in common, known or not; empty where there is none."""
    if node is None:
        return ""
    if isinstance(node.value, Unresolved):
        return f"?{node.value.key}"
    return f"={node.value}" if isinstance(node.value, str) else ""


def problem_at(
    resource: Resource, node: Located | None, message: str, hint: str | None = None
) -> InputProblem:
    """A problem at the place of a member of a resource, or of the resource."""
    place = resource.place((node or resource.members).origin)
    return InputProblem(
        message, file=place.file, path=place.address, line=place.line, column=place.column, hint=hint
    )


def endpoint_of(component: Resource, endpoints: Named, snapshot: Mapping[str, Any] | None) -> Resource | str:
    """The endpoint of a component: a resource of the deployment, or the name of the one in the snapshot."""
    node = component.member("EndpointName")
    if node is None:
        raise InputError(problem_at(component, None, f"{component.label} has no EndpointName"))
    found = endpoints.find(node, component)
    if found is not None:
        return found
    running = running_name(snapshot)
    if running is not None and component.where.differs(where_it_runs(snapshot)):
        message = f"{component.label} is {component.where}, and the snapshot is of {where_it_runs(snapshot)}"
        raise InputError(problem_at(component, node, message, _GIVE))
    if isinstance(node.value, Unresolved):
        if running is not None:
            return running
        only = _only(endpoints) if component.guesses else None
        return only or _unknown(component, node, node.value)
    if running is not None and node.value == running:
        return running
    message = f"EndpointName is {node.value}, which no file given declares"
    if running is not None:
        message += f", and the snapshot is of {running}"
    raise InputError(problem_at(component, node, message, _GIVE))


def _only(endpoints: Named) -> Resource | None:
    """The endpoint that a link which leads nowhere can only mean."""
    there = list(endpoints.by_id.values())
    return there[0] if len(there) == 1 else None


def _unknown(component: Resource, node: Located, unresolved: Unresolved) -> Resource:
    hint = f"{unresolved.hint}. {_GIVE}" if unresolved.hint else _GIVE
    problem = problem_at(component, node, f"EndpointName {unresolved.why}", hint)
    raise InputError(parameter_problem(problem, unresolved))


def is_running(endpoint: Resource, name: str, snapshot: Mapping[str, Any] | None) -> bool:
    """Whether an endpoint of that name is the one that a snapshot is of."""
    return running_name(snapshot) == name and not endpoint.where.differs(where_it_runs(snapshot))


def where_it_runs(snapshot: Mapping[str, Any] | None) -> Where:
    """The account and Region that a snapshot is of."""
    told = snapshot or {}
    return Where(told.get("Region"), told.get("AccountId"))


def running_name(snapshot: Mapping[str, Any] | None) -> str | None:
    """The name of the endpoint that a snapshot is of."""
    if snapshot is None:
        return None
    parts = [snapshot.get("Endpoint") or {}, *(snapshot.get("InferenceComponents") or [])]
    return next((part["EndpointName"] for part in parts if "EndpointName" in part), None)
