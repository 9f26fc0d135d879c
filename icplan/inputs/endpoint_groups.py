"""Which endpoint each component of a deployment is on, and which endpoints anything is done on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import InputError
from icplan.inputs.autoscaling_calls import raising_calls
from icplan.inputs.linking import endpoint_of, is_running, problem_at, running_name
from icplan.inputs.ordering import ordered
from icplan.inputs.resource import Action, Kind, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.inputs.deployment import InputOptions
    from icplan.inputs.naming import Known
    from icplan.inputs.scalable_targets import Targets

MOST_NAMED: Final = 10
"""Names that a message lists."""
_REPLACED: Final = (Action.RECREATED, Action.REPLACED)


@attrs.define
class EndpointGroup:
    """An endpoint, as it is declared if it is, and the components that anything is done with."""

    name: str
    endpoint: Resource | None = None
    components: list[Resource] = attrs.field(factory=list)

    def is_running(self, snapshot: Mapping[str, Any] | None) -> bool:
        """Whether its endpoint is the one that the snapshot is of."""
        if self.endpoint is None:
            return running_name(snapshot) == self.name
        return is_running(self.endpoint, self.name, snapshot)


def endpoint_groups(known: Known, targets: Targets, options: InputOptions) -> list[EndpointGroup]:
    """Each endpoint that anything is done on, or whose fleet is for components."""
    grouped = {one.id: EndpointGroup(known.names[one.id], one) for one in known.endpoints.by_id.values()}
    components = [one for one in known.resources if one.kind is Kind.COMPONENT]
    for component in (part for one in ordered(components) for part in _parts(known, options, one)):
        if component.action is Action.KEPT:
            continue
        where = endpoint_of(component, known.endpoints, options.snapshot)
        key = where if isinstance(where, str) else where.id
        grouped.setdefault(key, EndpointGroup(key)).components.append(component)
    running = running_name(options.snapshot)
    runs = any(one.is_running(options.snapshot) for one in grouped.values())
    if running is not None and not runs:
        if raising_calls(targets, components_in(options.snapshot), ()):
            grouped[running] = EndpointGroup(running)
        elif grouped:
            raise _of_another_endpoint(known, running)
    return [one for one in grouped.values() if _is_concerned(known, options, one)]


def _is_concerned(known: Known, options: InputOptions, group: EndpointGroup) -> bool:
    """Whether anything is done on an endpoint, or may be."""
    endpoint = group.endpoint
    if group.components or group.is_running(options.snapshot):
        return True
    return endpoint is not None and _is_for_components(known, endpoint)


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


def _of_another_endpoint(known: Known, running: str) -> InputError:
    """That the snapshot is of none of these endpoints: they would be judged as if none had been given."""
    first, *_ = known.endpoints.by_id.values()
    all_ = [known.names[one.id] + elsewhere(one) for one in known.endpoints.by_id.values()]
    names = ", ".join(sorted(all_)[:MOST_NAMED])
    message = f"the snapshot is of endpoint {running}, and the files have {names}"
    hint = "Give a snapshot of what the files are for, or none where that is new"
    return InputError(problem_at(first, first.member("EndpointName"), message, hint))


def elsewhere(endpoint: Resource) -> str:
    """The account and Region of an endpoint, where they are told, to be put behind its name."""
    return f" ({endpoint.where})" if endpoint.where.region or endpoint.where.account else ""


def _is_for_components(known: Known, endpoint: Resource) -> bool:
    """Whether an endpoint that no component is declared on is made, or changed, to hold some."""
    found = known.configurations.find(endpoint.member("EndpointConfigName"), endpoint)
    variants = found.member("ProductionVariants") if found else None
    listed = variants.value if variants and isinstance(variants.value, list) else ()
    return endpoint.action is not Action.KEPT and any(one.get("ModelName") is None for one in listed)


def components_in(snapshot: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    """The components of a snapshot, by name."""
    there = (snapshot or {}).get("InferenceComponents") or ()
    return {one["InferenceComponentName"]: one for one in there}
