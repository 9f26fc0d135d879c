"""The pure integer packing problem, what solves it, and the checker that shares no code with the solver."""

from icplan.packing.budget import Budget
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
from icplan.packing.solver.optimise import fewest, most
from icplan.packing.solver.solve import pack

__all__ = [
    "Arrangement",
    "Bin",
    "Budget",
    "Extra",
    "Kind",
    "Option",
    "Packing",
    "Pattern",
    "Problem",
    "Slots",
    "Status",
    "Vector",
    "fewest",
    "fewest_slots",
    "most",
    "most_slots",
    "pack",
]
