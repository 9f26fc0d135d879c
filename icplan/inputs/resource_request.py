"""The request of a resource, with every value known, and the place of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from icplan.inputs.deployment import DeclaredCall
from icplan.inputs.naming import with_named_base, with_named_variants
from icplan.inputs.place import ParameterPlace
from icplan.inputs.resource import rules_of
from icplan.inputs.typed_values import Settled
from icplan.inputs.values import Located, plain, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.inputs.naming import Known
    from icplan.inputs.place import Place
    from icplan.inputs.resource import Resource

_READ_ONLY: Final = frozenset(
    {
        "InferenceComponentArn",
        "InferenceComponentStatus",
        "EndpointArn",
        "EndpointConfigArn",
        "CreationTime",
        "LastModifiedTime",
        "FailureReason",
        "Tags",
    }
)


def resource_request(
    known: Known,
    resource: Resource,
    operation: str,
    given: Mapping[str, str],
    without: frozenset[str] = frozenset(),
) -> DeclaredCall:
    """The call with all that a resource declares but ``without``, and with the names ``given``.

    InputError for what cannot be told and matters.
    """
    members = resource.members
    if isinstance(members.value, dict):
        kept = {name: one for name, one in members.value.items() if name not in _READ_ONLY | without}
        for name, value in given.items():
            kept[name] = Located(value, kept[name].origin if name in kept else members.origin)
        kept = with_named_variants(known, resource, with_named_base(known, resource, kept))
        members = attrs.evolve(members, value=kept)
    settled = Settled(lambda node: resource.place(node.origin))
    members = settled.structure(members, rules_of(resource.kind))
    settled.close()
    places = places_of(resource, members)
    own = resource.member(resource.kind)
    return DeclaredCall(
        operation,
        plain(members),
        places,
        label=resource.label,
        rolls=not resource.whole,
        named=own is not None and isinstance(own.value, str),
    )


def places_of(resource: Resource, members: Located) -> dict[tuple[str | int, ...], Place]:
    """The place of every part of a resource's members."""
    return {steps: _place(resource, node) for steps, node in walk(members)}


def _place(resource: Resource, node: Located) -> Place:
    place = resource.place(node.origin)
    further = tuple(resource.place(origin) for origin in node.also)
    if not further:
        return place
    return attrs.evolve(place, related=(*place.related, *further), parameter=_parameter(resource, node))


def _parameter(resource: Resource, node: Located) -> ParameterPlace | None:
    told = node.parameter
    if told is None:
        return None
    at = told.passed or told.default
    return ParameterPlace(told.name, None if at is None else resource.place(at), told.passed is not None)
