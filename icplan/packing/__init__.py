"""The pure integer packing problem, what solves it, and the checker that shares no code with the solver.

Names are loaded when they are first asked for, so that who checks a proof loads no solver.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from icplan.packing.budget import Budget
    from icplan.packing.fleet_problem import (
        Condition,
        FleetAnswer,
        FleetItem,
        FleetOption,
        FleetProblem,
        InstanceLost,
        NothingLost,
        OptionLost,
        ZoneLost,
    )
    from icplan.packing.problem import (
        Arrangement,
        Bin,
        Extra,
        Kind,
        Option,
        Packing,
        Pattern,
        Problem,
        Slots,
        Status,
        Vector,
    )
    from icplan.packing.solver.arrangement.extremes import fewest_slots, most_slots
    from icplan.packing.solver.fleet.cheapest import cheapest_fleet
    from icplan.packing.solver.optimise import fewest, most
    from icplan.packing.solver.solve import pack

__all__ = [
    "Arrangement",
    "Bin",
    "Budget",
    "Condition",
    "Extra",
    "FleetAnswer",
    "FleetItem",
    "FleetOption",
    "FleetProblem",
    "InstanceLost",
    "Kind",
    "NothingLost",
    "Option",
    "OptionLost",
    "Packing",
    "Pattern",
    "Problem",
    "Slots",
    "Status",
    "Vector",
    "ZoneLost",
    "cheapest_fleet",
    "fewest",
    "fewest_slots",
    "most",
    "most_slots",
    "pack",
]

_LAZY = {
    "Budget": "budget",
    "Condition": "fleet_problem",
    "FleetAnswer": "fleet_problem",
    "FleetItem": "fleet_problem",
    "FleetOption": "fleet_problem",
    "FleetProblem": "fleet_problem",
    "InstanceLost": "fleet_problem",
    "NothingLost": "fleet_problem",
    "OptionLost": "fleet_problem",
    "ZoneLost": "fleet_problem",
    "cheapest_fleet": "solver.fleet.cheapest",
    "fewest": "solver.optimise",
    "fewest_slots": "solver.arrangement.extremes",
    "most": "solver.optimise",
    "most_slots": "solver.arrangement.extremes",
    "pack": "solver.solve",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_LAZY.get(name, 'problem')}"), name)
    globals()[name] = value
    return value
