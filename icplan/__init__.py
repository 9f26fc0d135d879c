"""Tells, before SageMaker is asked, whether an inference component update can be placed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from icplan.errors import AwsError, DoesNotFit, IcplanError, InputError
from icplan.guard import guard, unguard
from icplan.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from icplan.checking import check
    from icplan.snapshot import Snapshot

__version__ = "0.1.0"

__all__ = [
    "AwsError",
    "DoesNotFit",
    "IcplanError",
    "InputError",
    "Outcome",
    "Snapshot",
    "Verdict",
    "check",
    "guard",
    "unguard",
]

#: What takes a moment to load, and so is loaded when it is first asked for.
_ROOMS = {"Snapshot": "snapshot", "check": "checking"}


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"icplan.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value
