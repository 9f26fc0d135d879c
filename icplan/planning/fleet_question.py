"""What the fleet must hold, all copies movable, as a problem of counts: a condition for each component."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.packing.fleet_problem import FleetItem, FleetOption, FleetProblem
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
    whole = one.batch is None and assumptions.use("update-without-deployment-config") == "all-at-once"
    return PlannedComponent(
        name=one.name,
        copies=one.copies,
        most=one.most,
        batch=_batch(one, one.copies, assumptions, whole=whole),
        # Where all new copies are placed beside the old ones, these run until the new ones are in service.
        again=0 if whole else _again(one, assumptions),
        batch_of_most=_batch(one, one.most, assumptions, whole=whole),
        rolls=not whole,
        base=one.base,
        request=one.call.request,
        deployment=one.deployment,
        file=one.file,
        least=one.least,
    )


def _batch(one: WantedComponent, copies: int, assumptions: Assumptions, *, whole: bool) -> int:
    if not copies or one.need is None:
        return 0
    if one.batch is None:
        return copies if whole else 1
    return one.batch.copies(copies, assumptions)


def _again(one: WantedComponent, assumptions: Assumptions) -> int:
    if not one.copies or one.need is None:
        return 0
    if one.rollback_batch is not None:
        return one.rollback_batch.copies(one.copies, assumptions)
    return one.copies if assumptions.use("rollback-without-batch") == "all-at-once" else 1


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
