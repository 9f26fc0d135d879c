"""Strategies, a local SageMaker and a simulated endpoint, for icplan's tests and for yours.

:mod:`icplan.testing.strategies` needs hypothesis, which icplan itself does not.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from icplan.testing.emulator.settings import Behaviour, Timing
    from icplan.testing.fake.client import FakeSageMaker
    from icplan.testing.simulator.instances import Machine
    from icplan.testing.simulator.operations import Simulator
    from icplan.testing.simulator.policies import Policy
    from icplan.testing.simulator.simulated_fleet import Refused

__all__ = ["Behaviour", "FakeSageMaker", "Machine", "Policy", "Refused", "Simulator", "Timing"]

#: Loaded when first asked for: pytest loads this package for the fixture, whether a test asks for it or not.
_LAZY = {
    "Behaviour": "emulator.settings",
    "FakeSageMaker": "fake.client",
    "Machine": "simulator.instances",
    "Policy": "simulator.policies",
    "Refused": "simulator.simulated_fleet",
    "Simulator": "simulator.operations",
    "Timing": "emulator.settings",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"icplan.testing.{_LAZY[name]}"), name)
    globals()[name] = value
    return value
