"""The calls that autoscaling makes by itself where only the MinCapacity of a component is raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.inputs.deployment import DeclaredCall
from icplan.inputs.resource import Action
from icplan.inputs.scalable_targets import highest_minimum

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from icplan.documents.paths import JsonPath
    from icplan.inputs.place import Place
    from icplan.inputs.resource import Resource
    from icplan.inputs.scalable_targets import Targets

_SCALE: Final = "UpdateInferenceComponentRuntimeConfig"
_COPIES: Final = ("DesiredRuntimeConfig", "CopyCount")


def raising_calls(
    targets: Targets, there: Mapping[str, Mapping[str, Any]], changed: Collection[str]
) -> list[DeclaredCall]:
    """The calls that autoscaling makes of components that run (``there``) and are not ``changed`` themselves.

    A target that is made or changed, and has a minimum above the copies that run, at once or by a schedule,
    raises them to that.
    """
    return list(_calls(targets, there, changed))


def raises_what_runs(call: DeclaredCall, there: Mapping[str, Mapping[str, Any]]) -> str:
    """What a call of autoscaling's does, and why there is one."""
    name = call.request["InferenceComponentName"]
    least = call.request["DesiredRuntimeConfig"]["CopyCount"]
    now = _copies(there[name])
    return f"autoscaling raises {name} from {now} to MinCapacity {least}, which {call.label} sets"


def _calls(
    targets: Targets, there: Mapping[str, Mapping[str, Any]], changed: Collection[str]
) -> Iterator[DeclaredCall]:
    for target, name in targets.named():
        if target.action is not Action.KEPT and name in there and name not in changed:
            yield from _raising(target, name, _copies(there[name]))


def _raising(target: Resource, name: str, copies: int) -> Iterator[DeclaredCall]:
    least = highest_minimum(target)
    if least is None or least[0] <= copies:
        return
    places: dict[JsonPath, Place] = {(): target.here, _COPIES: target.place(least[1].origin)}
    request = {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": least[0]}}
    yield DeclaredCall(
        _SCALE,
        request,
        places,
        label=target.label,
        resource=target.id,
        run=target.run,
        waits_for=target.after,
    )


def _copies(described: Mapping[str, Any]) -> int:
    return int((described.get("RuntimeConfig") or {}).get("DesiredCopyCount", 0))
