"""What each resource is called: its own name, or one made up where that is not known yet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import InputError
from icplan.inputs.linking import Named, key_of, problem_at, running_name, where_it_runs
from icplan.inputs.resource import Action, Kind
from icplan.inputs.values import Located, Unresolved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.inputs.resource import Resource

_MAX_NAME_LENGTH: Final = 63
_VARIANT_LISTS: Final = ("ProductionVariants", "ShadowProductionVariants")


@attrs.frozen
class Known:
    """The resources of a deployment by what they are, and the name that each has or was given."""

    resources: Sequence[Resource]
    endpoints: Named
    configurations: Named
    components: Named
    names: Mapping[str, str]

    @classmethod
    def of(cls, resources: Sequence[Resource], snapshot: Mapping[str, Any] | None) -> Known:
        """All of them, each with a name."""
        return cls(
            resources,
            endpoints=Named.of(Kind.ENDPOINT, resources),
            configurations=Named.of(Kind.CONFIGURATION, resources),
            components=Named.of(Kind.COMPONENT, resources),
            names=names_of(resources, snapshot),
        )


def names_of(resources: Sequence[Resource], snapshot: Mapping[str, Any] | None) -> dict[str, str]:
    """A name for each resource: its own, or one made up of what people call it."""
    own = {one.id: node.value for one in resources if (node := one.member(one.kind)) is not None}
    names = {resource: value for resource, value in own.items() if isinstance(value, str)}
    taken = set(names.values())
    by_key: dict[tuple[Kind, str], str] = {}
    for resource in resources:
        if resource.id in names:
            continue
        key = (resource.kind, key_of(resource.member(resource.kind)) or resource.id)
        if key not in by_key:
            by_key[key] = _free(_made_up(resource.label), taken)
            taken.add(by_key[key])
        names[resource.id] = by_key[key]
    endpoints = [one for one in resources if one.kind is Kind.ENDPOINT]
    here = where_it_runs(snapshot)
    endpoints = [one for one in endpoints if not one.where.differs(here)]
    nameless = [one for one in endpoints if not isinstance(own.get(one.id), str)]
    if (running := running_name(snapshot)) is not None:
        _refuse_other_case(endpoints, names, running)
        if nameless and running not in {names[one.id] for one in endpoints}:
            _name_running(nameless, names, running)
    return names


def _refuse_other_case(endpoints: Sequence[Resource], names: Mapping[str, str], running: str) -> None:
    for one in endpoints:
        name = names[one.id]
        if name != running and name.casefold() == running.casefold():
            message = f"endpoint {name} differs from {running}, which the snapshot is of, in case alone"
            raise InputError(problem_at(one, None, message, "Give each endpoint a name of its own"))


def _name_running(nameless: Sequence[Resource], names: dict[str, str], running: str) -> None:
    """Give the endpoint that runs its name; what may be it or not is refused, not judged as new."""
    there = [one for one in nameless if one.action is not Action.CREATED]
    if len(there) > 1:
        labels = ", ".join(one.label for one in there)
        message = f"which of {labels} is {running} of the snapshot is not told"
        raise InputError(problem_at(there[0], None, message, "Give each its EndpointName"))
    if len(nameless) == 1 or there:
        names[(there or nameless)[0].id] = running


def with_named_variants(
    known: Known, resource: Resource, members: Mapping[str, Located]
) -> dict[str, Located]:
    """The members with names of variants that are not known yet: each expression has one of its own."""
    name = members.get("VariantName")
    if name is not None and isinstance(name.value, Unresolved):
        there = _variant_names(known, resource)
        told = there.get(key_of(name)) or (next(iter(there.values())) if len(there) == 1 else None)
        if told is not None:
            return {**members, "VariantName": attrs.evolve(name, value=told)}
    named = dict(members)
    for list_name in _VARIANT_LISTS:
        variants = members.get(list_name)
        if variants is not None and isinstance(variants.value, list):
            each = [_named_variant(one, number) for number, one in enumerate(variants.value, start=1)]
            named[list_name] = attrs.evolve(variants, value=each)
    return named


def with_named_base(known: Known, resource: Resource, members: Mapping[str, Located]) -> dict[str, Located]:
    """The members with the base of an adapter named as that component is named here."""
    specification = members.get("Specification")
    base = specification.get("BaseInferenceComponentName") if specification else None
    if specification is None or base is None or not isinstance(base.value, Unresolved):
        return dict(members)
    found = known.components.find(base, resource)
    if found is None or not isinstance(specification.value, dict):
        return dict(members)
    named = attrs.evolve(base, value=known.names[found.id])
    inner = {**specification.value, "BaseInferenceComponentName": named}
    return {**members, "Specification": attrs.evolve(specification, value=inner)}


def _variant_names(known: Known, component: Resource) -> dict[str, str]:
    """The variants of the component's endpoint, by the key of the name."""
    endpoint = known.endpoints.find(component.member("EndpointName"), component)
    if endpoint is None:
        return {}
    found = known.configurations.find(endpoint.member("EndpointConfigName"), endpoint)
    variants = found.member("ProductionVariants") if found else None
    told: dict[str, str] = {}
    for number, one in enumerate(variants.value if variants and isinstance(variants.value, list) else (), 1):
        name = _named_variant(one, number).get("VariantName")
        if name is not None and isinstance(name.value, str):
            told[key_of(one.get("VariantName"))] = name.value
    return told


def _named_variant(variant: Located, number: int) -> Located:
    """A variant with a name, made up where it is not known."""
    name = variant.get("VariantName")
    if name is None or not isinstance(variant.value, dict) or not isinstance(name.value, Unresolved):
        return variant
    named = attrs.evolve(name, value=f"variant-{number}")
    return attrs.evolve(variant, value={**variant.value, "VariantName": named})


def _made_up(label: str) -> str:
    """A name that AWS would take, after what people call the resource."""
    words = re.sub(r"[^a-zA-Z0-9]+", "-", label).strip("-")
    return (words or "unnamed")[-_MAX_NAME_LENGTH:].strip("-")


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free = f"{name[: _MAX_NAME_LENGTH - 6].strip('-')}-{number}"
        number += 1
    return free
