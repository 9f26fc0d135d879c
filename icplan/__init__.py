"""Tells, before SageMaker is asked, whether an inference component update can be placed."""

import sys

if sys.argv[:1] == ["-m"] and not sys.flags.safe_path and sys.orig_argv[-len(sys.argv)].endswith("icplan"):
    # ``python -m`` looks into the current directory first: nothing that lies there is to be run.
    del sys.path[0]

import importlib
from typing import TYPE_CHECKING, Any

import icplan.values as values_module
from icplan.errors import AwsError, DoesNotFit, IcplanError, InputError
from icplan.verdict.outcome import Outcome
from icplan.verdict.verdict import Verdict
from icplan.version import __version__ as __version__

if TYPE_CHECKING:
    from icplan.api.check import check
    from icplan.api.diagnose import diagnose
    from icplan.api.drill import drill
    from icplan.api.guard import guard, unguard
    from icplan.api.headroom import headroom
    from icplan.api.plan import plan
    from icplan.api.wait import wait
    from icplan.api.waiter import waiter
    from icplan.diagnosis.diagnosis import Diagnosis
    from icplan.planning.prices import Prices
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.drill import Drill
    from icplan.verdict.fleet_plan import Plan
    from icplan.verdict.headroom import Headroom

__all__ = [
    "AwsError",
    "Diagnosis",
    "DoesNotFit",
    "Drill",
    "Headroom",
    "IcplanError",
    "InputError",
    "Outcome",
    "Plan",
    "Prices",
    "Snapshot",
    "Verdict",
    "check",
    "diagnose",
    "drill",
    "guard",
    "headroom",
    "plan",
    "unguard",
    "wait",
    "waiter",
]

#: What takes a moment to load, and so is loaded when it is first asked for.
_LAZY = {
    "Diagnosis": "diagnosis.diagnosis",
    "Drill": "verdict.drill",
    "Headroom": "verdict.headroom",
    "Plan": "verdict.fleet_plan",
    "Prices": "planning.prices",
    "Snapshot": "snapshot.snapshot",
    "check": "api.check",
    "diagnose": "api.diagnose",
    "drill": "api.drill",
    "guard": "api.guard",
    "headroom": "api.headroom",
    "plan": "api.plan",
    "unguard": "api.guard",
    "wait": "api.wait",
    "waiter": "api.waiter",
}


def _in_words(answer: Any) -> str:
    """The report on an answer as text, without colour: what ``print(answer)`` prints."""
    from icplan.report.printed import printed  # noqa: PLC0415  (who looks at outcomes prints nothing)

    return printed(answer)


values_module.in_words = _in_words


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"icplan.{_LAZY[name]}"), name)
    globals()[name] = value
    return value
