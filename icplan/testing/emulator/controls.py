"""What a test may do to the emulated world: let time pass, take capacity away, break containers, ring alarms.

Each is kept in the journal, so that a saved world can be run again, and is a path below ``/_icplan/`` too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from icplan.testing.emulator.control_bodies import check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.testing.emulator.emulator import Emulator
    from icplan.testing.emulator.services import Services


def apply(emulator: Emulator, name: str, params: Mapping[str, Any]) -> Any:
    """Carry out one control by its name. ValueError for what is none."""
    if name not in CONTROLS:
        raise ValueError(f"there is no {name}; there is {', '.join(sorted(CONTROLS))}")
    check(name, params)
    with emulator.lock:
        emulator.clock.catch_up()
        entry = {"At": emulator.clock.now, "Control": name, "Request": dict(params)}
        answer = CONTROLS[name](emulator, params)
        if name in _JOURNALLED:
            emulator.journal.append(entry)
        return answer


def over_http(emulator: Emulator, path: str, body: bytes) -> tuple[int, bytes]:
    """A request below ``/_icplan/``; status and body of the answer, both JSON."""
    try:
        params = json.loads(body or b"{}")
        if not isinstance(params, dict):
            raise ValueError("the body must be a JSON object")  # noqa: TRY301, TRY004  (like any other slip)
        answer = apply(emulator, path.strip("/"), params)
    except ValueError as error:
        return 400, json.dumps({"message": str(error)}).encode()
    return 200, json.dumps(answer, default=str).encode()


def _every(emulator: Emulator) -> list[Services]:
    emulator.services()
    return emulator.all_services()


def _stir(emulator: Emulator) -> None:
    """Let everything look again at a world that has changed."""
    for region in emulator.all_regions():
        region.changed()
        region.go_on()


def _clock(emulator: Emulator, params: Mapping[str, Any]) -> Any:
    """``{"advance": "10m"}``, ``{"settle": true}``, or nothing to read it."""
    if "advance" in params:
        emulator.clock.advance(params["advance"])
    if params.get("settle"):
        emulator.run_until_settled()
    return {"now": emulator.clock.date.isoformat()}


def _faults(emulator: Emulator, params: Mapping[str, Any]) -> Any:
    """A fault's settings; ``{"deny": ACTION, "resource"?}``, ``{"rate_limit": N}`` or ``{"clear": true}``."""
    if params.get("clear"):
        emulator.faults.clear()
    elif "rate_limit" in params:
        emulator.faults.rate_limit(params["rate_limit"])
    elif "deny" in params:
        emulator.faults.deny(params["deny"], params.get("resource"))
    else:
        error = params.get("error")
        given = {**params, "error": tuple(error) if isinstance(error, list) else error}
        emulator.faults.add(**given)
    return {"faults": len(emulator.faults)}


def _capacity(emulator: Emulator, params: Mapping[str, Any]) -> Any:
    """``{"type", "limit": N or per zone}``, ``{"type", "exhaust", "zone"?}``, ``{"type", "restore"}``."""
    for services in _every(emulator):
        capacity = services.region.capacity
        if params.get("restore"):
            capacity.restore(params["type"])
        elif "limit" in params:
            capacity.limit(params["type"], params["limit"])
        else:
            capacity.exhaust(params["type"], params.get("zone"))
    _stir(emulator)
    return {}


def _containers(emulator: Emulator, params: Mapping[str, Any]) -> Any:
    """``{"fails": IMAGE OR MODEL}`` or ``{"works": IMAGE OR MODEL}``."""
    for services in _every(emulator):
        if "fails" in params:
            services.region.broken_images.add(params["fails"])
        else:
            services.region.broken_images.discard(params["works"])
    return {}


def _alarm(emulator: Emulator, params: Mapping[str, Any]) -> Any:
    """``{"name": ..., "state": "ALARM"}``."""
    for services in _every(emulator):
        services.region.alarms.set(params["name"], params["state"])
    return {}


def _load(emulator: Emulator, params: Mapping[str, Any]) -> Any:
    """``{"component": ..., "value": N}``: the load of a component over all its copies."""
    for services in _every(emulator):
        services.autoscaling.load[params["component"]] = params["value"]
    return {}


def _quota(emulator: Emulator, params: Mapping[str, Any]) -> Any:
    """``{"name": TYPE OR QUOTA, "value": N, "default": false}``."""
    for services in _every(emulator):
        services.region.quotas.set(params["name"], params["value"], default=bool(params.get("default")))
    _stir(emulator)
    return {}


def _endpoint(emulator: Emulator, params: Mapping[str, Any]) -> Any:
    """``{"name": ..., "phase": "SystemUpdating"}``; a phase of null ends it."""
    for services in _every(emulator):
        endpoint = services.region.endpoints.get(params["name"])
        if endpoint is not None:
            endpoint.phase = params["phase"]
    return {}


def _requests(emulator: Emulator, _params: Mapping[str, Any]) -> Any:
    return {"requests": dict(emulator.requests), "log": emulator.log}


def _history(emulator: Emulator, params: Mapping[str, Any]) -> Any:
    """``{"of": COMPONENT OR ENDPOINT/VARIANT}``."""
    subject = params["of"]
    return [
        {"at": event.at, "what": event.what, **event.details}
        for region in emulator.all_regions()
        for event in region.history(subject)
    ]


def _state(emulator: Emulator, _params: Mapping[str, Any]) -> Any:
    """All that is needed to run it again."""
    from icplan.testing.emulator.saving import saved  # noqa: PLC0415  (it runs controls again)

    return saved(emulator)


CONTROLS: dict[str, Callable[[Emulator, Mapping[str, Any]], Any]] = {
    "clock": _clock,
    "faults": _faults,
    "capacity": _capacity,
    "containers": _containers,
    "alarm": _alarm,
    "load": _load,
    "quota": _quota,
    "endpoint": _endpoint,
    "requests": _requests,
    "history": _history,
    "state": _state,
}
_JOURNALLED: Final = ("capacity", "containers", "alarm", "load", "quota", "endpoint")
