"""Components that nothing is done with but raise their minimum: autoscaling scales them out by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.inputs.deployment import DeclaredCall
from icplan.inputs.linking import key_of
from icplan.inputs.resource import Action, Kind
from icplan.inputs.scalable_targets import COPIES_DIMENSION, component_key, least_copies
from icplan.inputs.values import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from icplan.documents.paths import JsonPath
    from icplan.inputs.naming import Known
    from icplan.inputs.place import Place
    from icplan.inputs.resource import Resource

_SCALE: Final = "UpdateInferenceComponentRuntimeConfig"
_COPIES: Final = ("DesiredRuntimeConfig", "CopyCount")


def raising_calls(
    known: Known, there: Mapping[str, Mapping[str, Any]], changed: Collection[str]
) -> list[DeclaredCall]:
    """The calls that autoscaling makes of components that run (``there``) and are not ``changed`` themselves.

    A target that is made or changed, and has a minimum above the copies that run, raises them to that.
    """
    return list(_calls(known, there, changed))


def raises_what_runs(call: DeclaredCall, there: Mapping[str, Mapping[str, Any]]) -> str:
    """What a call of autoscaling's does, and why there is one."""
    name = call.request["InferenceComponentName"]
    least = call.request["DesiredRuntimeConfig"]["CopyCount"]
    now = _copies(there[name])
    return f"autoscaling raises {name} from {now} to MinCapacity {least}, which {call.label} sets"


def _calls(
    known: Known, there: Mapping[str, Mapping[str, Any]], changed: Collection[str]
) -> Iterator[DeclaredCall]:
    names = {f"={name}": name for name in there} | {
        key_of(one.member(one.kind)): known.names[one.id] for one in known.components.by_id.values()
    }
    for target in known.resources:
        if target.kind is not Kind.TARGET or target.action in (Action.DELETED, Action.KEPT):
            continue
        name = names.get(component_key(target))
        if name is None or name in changed or name not in there:
            continue
        if plain(target.members).get("ScalableDimension") == COPIES_DIMENSION:
            yield from _raising(target, name, _copies(there[name]))


def _raising(target: Resource, name: str, copies: int) -> Iterator[DeclaredCall]:
    least = least_copies(target)
    if least is None or least <= copies:
        return
    written = target.member("MinCapacity")
    places: dict[JsonPath, Place] = {(): target.here}
    if written is not None:
        places[_COPIES] = target.place(written.origin)
    request = {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": least}}
    yield DeclaredCall(_SCALE, request, places, label=target.label, resource=target.id, run=target.run)


def _copies(described: Mapping[str, Any]) -> int:
    return int((described.get("RuntimeConfig") or {}).get("DesiredCopyCount", 0))
