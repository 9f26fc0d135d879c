"""Between how many copies autoscaling keeps the components of an endpoint, as the files declare it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.errors import InputError
from icplan.inputs.linking import key_of, problem_at
from icplan.inputs.open_value import open_value
from icplan.inputs.resource import Action, Kind, rules_of
from icplan.inputs.settle import Settled
from icplan.inputs.values import Unresolved, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.inputs.naming import Known
    from icplan.inputs.resource import Resource

COPIES_DIMENSION: Final = "sagemaker:inference-component:DesiredCopyCount"
_PREFIX: Final = "inference-component/"
_TEXTS: Final = ("ScalableDimension", "ServiceNamespace")
_LEAST, _MOST = "MinCapacity", "MaxCapacity"


def scalable_targets(known: Known, components: Sequence[Resource]) -> list[dict[str, Any]]:
    """The targets of these components, as plain data; a maximum that cannot be told is left out.

    InputError for a minimum that cannot be told: autoscaling raises the component to it.
    """
    return [
        {
            "ResourceId": _PREFIX + name,
            **{key: one for key in _TEXTS if isinstance(one := plain(target.members).get(key), str)},
            **_capacity(target, _LEAST),
            **({} if _untold(target) else _capacity(target, _MOST)),
        }
        for target, name in _of_components(known, components)
    ]


def untold_maxima(known: Known, components: Sequence[Resource]) -> list[str]:
    """What is to be said of maxima that cannot be told."""
    found = ((name, _untold(target)) for target, name in _of_components(known, components))
    return [f"{_MOST} of {name} {why.why}: not counted with" for name, why in found if why]


def _of_components(known: Known, components: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    names = {key_of(one.member(one.kind)): known.names[one.id] for one in components}
    for target in known.resources:
        if target.kind is not Kind.TARGET or target.action is Action.DELETED:
            continue
        name = names.get(component_key(target))
        if name and plain(target.members).get("ScalableDimension") == COPIES_DIMENSION:
            yield target, name


def component_key(target: Resource) -> str:
    """The key of the component that a target is of."""
    key = key_of(target.member("ResourceId"))
    return key[:1] + key[1:].removeprefix(_PREFIX) if key[1:].startswith(_PREFIX) else ""


def least_copies(target: Resource) -> int | None:
    """The MinCapacity of a target, None where it has none. InputError where it cannot be told."""
    return _capacity(target, _LEAST).get(_LEAST)


def _untold(target: Resource) -> Unresolved | None:
    node = target.member(_MOST)
    return node.value if node is not None and isinstance(node.value, Unresolved) else None


def _capacity(target: Resource, member: str) -> dict[str, int]:
    """A number of copies, which may be written as a text; nothing where none is declared."""
    node = target.member(member)
    if node is None or node.value is None:
        return {}
    if isinstance(node.value, Unresolved):
        problem = problem_at(target, node, f"{member} {node.value.why}", node.value.hint)
        raise InputError(open_value(problem, node.value))
    settled = Settled(lambda one: target.place(one.origin))
    count = settled.value(node, rules_of(Kind.TARGET)[member], member).value
    settled.close()
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise InputError(problem_at(target, node, f"{member} is not a whole number of copies"))
    return {member: count}
