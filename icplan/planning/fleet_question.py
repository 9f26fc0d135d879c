"""What the fleet must hold, all copies movable, as a problem of counts: a condition for each component."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.documents.redact import redact
from icplan.packing.fleet_problem import FleetItem, FleetOption, FleetProblem
from icplan.requests.batches import UpdateBatches
from icplan.verdict.fleet_conditions import steady_conditions
from icplan.verdict.fleet_plan import PlannedComponent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.assumptions import Assumptions
    from icplan.planning.candidates import Candidate
    from icplan.planning.components import WantedComponent
    from icplan.planning.settings import PlanSettings


def planned(one: WantedComponent, assumptions: Assumptions) -> PlannedComponent:
    """A component as a plan tells it, with the copies that its updates place at a time."""
    taking = one.need is not None
    batches = UpdateBatches.of(
        one.copies if taking else 0,
        one.most if taking else 0,
        one.batch,
        one.rollback_batch,
        assumptions.use,
    )
    return PlannedComponent(
        name=one.name,
        copies=one.copies,
        most=one.most,
        batch=batches.batch,
        again=batches.again,
        batch_of_most=batches.batch_of_most,
        rolls=batches.rolls,
        base=one.base,
        request=redact(one.call.request),
        sent=one.call.request,
        deployment=one.deployment,
        file=one.file,
        least=one.least,
    )


def fleet_problem(
    types: Sequence[Candidate],
    components: Sequence[PlannedComponent],
    settings: PlanSettings,
    *,
    max_types: int | None = None,
) -> FleetProblem:
    """The cheapest counts of these types with which everything that the steady fleet must hold can lie.

    What must surely hold must hold with all copies movable, too. ``components`` are those that take room.
    """
    options = tuple(FleetOption(one.name, one.capacity, one.cost, one.limit) for one in types)
    items = tuple(
        FleetItem(component.name, tuple(one.demands[number] for one in types))
        for number, component in enumerate(components)
    )
    conditions = tuple(steady_conditions(components, settings.promises, settings.within, len(types)))
    return FleetProblem(options, items, conditions, max_types)
