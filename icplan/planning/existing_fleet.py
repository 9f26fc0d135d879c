"""A plan for what an endpoint runs, beside the fleet that it runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError, InputProblem
from icplan.planning.components import WantedComponents, components_in
from icplan.planning.consolidation import consolidation
from icplan.planning.endpoint_components import planned_components, the_variant
from icplan.planning.plan import make_plan
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.verdict.fleet_plan import Measure

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.planning.consolidation import MinSavings
    from icplan.planning.settings import PlanSettings
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.fleet_plan import Plan


def plan_endpoint(
    snapshot: Snapshot,
    settings: PlanSettings,
    more: WantedComponents | None = None,
    least: MinSavings | None = None,
) -> Plan:
    """The cheapest fleet for the components of an endpoint, and what that saves.

    Those of ``more`` come to them; one of the same name takes the other's place. ``least`` is what is worth
    moving copies for. Raises InputError as `make_plan` does, and where prices are of another Region.
    """
    _refuse_other_region(snapshot, settings)
    found = make_plan(_together(_wanted(snapshot), more), settings)
    beside = consolidation(snapshot, found, _cost_in(settings), settings.judging, least)
    return attrs.evolve(found, consolidation=beside)


def _wanted(snapshot: Snapshot) -> WantedComponents:
    state = read_endpoint(snapshot)
    with state.origin.located():
        layouts = the_variant(state).layouts
        wanted = components_in(planned_components(snapshot))
    return attrs.evolve(wanted, layout=tuple(layouts[0]) if layouts else ())


def _together(there: WantedComponents, more: WantedComponents | None) -> WantedComponents:
    if more is None:
        return there
    names = {one.name for one in more.components}
    kept = tuple(one for one in there.components if one.name not in names)
    own = {one.call.request.get("EndpointName") for one in there.components}
    for one in more.components:
        if own and one.call.request.get("EndpointName") not in own:
            message = f"{one.name} is for another endpoint than {', '.join(map(str, sorted(own, key=str)))}"
            raise InputError(one.problem(message))
    return attrs.evolve(there, components=(*kept, *more.components), notes=(*there.notes, *more.notes))


def _refuse_other_region(snapshot: Snapshot, settings: PlanSettings) -> None:
    prices = settings.prices
    if prices is not None and snapshot.region is not None and snapshot.region != prices.region:
        message = f"is of {snapshot.region}, and the prices are of {prices.region}"
        hint = f"icplan prices --region {snapshot.region} reads those of its Region"
        raise InputError(InputProblem(message, file=snapshot.file, path="$.Region", hint=hint))


def _cost_in(settings: PlanSettings) -> Callable[[str], int | None]:
    """What an instance of a type costs in the measure of the plan; None where that is not known."""

    def cost(name: str) -> int | None:
        if settings.by is Measure.COST:
            return None if settings.prices is None else settings.prices.cost(name)
        if settings.by is Measure.INSTANCES:
            return 1
        known = settings.judging.catalog.get(name)
        if known is None:
            return None
        return known.accelerators if settings.by is Measure.ACCELERATORS else known.memory_mib

    return cost
