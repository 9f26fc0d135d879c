"""What the body of each control may have, and must: who asks over HTTP is told what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT: Final = (str,)
_YES: Final = (bool,)
_NUMBER: Final = (int, float)
_NONE: Final = (type(None),)
_WORDS: Final = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    dict: "an object",
    list: "a list",
    type(None): "null",
}
FAULT: Final[dict[str, tuple[type, ...]]] = {
    **dict.fromkeys(("service", "operation"), _TEXT),
    "times": (int, *_NONE),
    "probability": _NUMBER,
    "error": (str, list, *_NONE),
    "status": (int, *_NONE),
    "latency": _NUMBER,
    **dict.fromkeys(("reset", "truncate", "html", "stale_read"), _YES),
    "resource": (str, *_NONE),
}
"""The settings of a fault that JSON can tell."""
MEMBERS: Final[dict[str, dict[str, tuple[type, ...]]]] = {
    "clock": {"advance": (str, *_NUMBER), "settle": _YES},
    "faults": {**FAULT, "deny": _TEXT, "rate_limit": (*_NUMBER, *_NONE), "clear": _YES},
    "capacity": {
        "type": _TEXT,
        "limit": (int, dict),
        "exhaust": _YES,
        "zone": (str, *_NONE),
        "restore": _YES,
    },
    "containers": {"fails": _TEXT, "works": _TEXT},
    "alarm": {"name": _TEXT, "state": _TEXT},
    "load": {"component": _TEXT, "value": _NUMBER},
    "quota": {"name": _TEXT, "value": _NUMBER, "default": _YES},
    "endpoint": {"name": _TEXT, "phase": (str, *_NONE)},
    "requests": {},
    "history": {"of": _TEXT},
    "state": {},
}
_REQUIRED: Final = {
    "capacity": ("type",),
    "alarm": ("name", "state"),
    "load": ("component", "value"),
    "quota": ("name", "value"),
    "endpoint": ("name", "phase"),
    "history": ("of",),
}
_STATES: Final = ("OK", "ALARM", "INSUFFICIENT_DATA")


def check(name: str, params: Mapping[str, Any]) -> None:
    """Raise ValueError for a body that the control of that name cannot have."""
    known = MEMBERS[name]
    for member, value in params.items():
        if member not in known:
            raise ValueError(f"{name} has no {member}; it may have {', '.join(known) or 'nothing'}")
        if type(value) not in known[member]:
            raise ValueError(f"{name}: {member} must be {_alternatives(known[member])}")
    for member in _REQUIRED.get(name, ()):
        if member not in params:
            raise ValueError(f"{name} needs {member}, {_alternatives(known[member])}")
    if name == "containers" and len(params) != 1:
        raise ValueError("containers needs one of fails, works")
    if name == "alarm" and params["state"] not in _STATES:
        raise ValueError(f"alarm: state must be one of {', '.join(_STATES)}")


def _alternatives(types: tuple[type, ...]) -> str:
    return " or ".join(_WORDS[one] for one in types)
