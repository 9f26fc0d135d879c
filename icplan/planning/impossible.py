"""Why no allowed fleet holds everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.fleet.dimensions import counted
from icplan.verdict.fleet_plan import ConditionKind, Impossible

if TYPE_CHECKING:
    from icplan.packing.fleet_problem import FleetAnswer
    from icplan.planning.plan import Planner


def impossible(planner: Planner, answer: FleetAnswer | None) -> Impossible:
    """The conditions that cannot be held, of which components, and the limit that does not suffice."""
    if answer is None:
        return _no_type(planner)
    if answer.possible:
        return _peak_too_large(planner)
    blocked = answer.blocked
    problem = planner.problem
    numbers = range(len(problem.conditions)) if blocked is None else blocked.conditions
    names = [problem.conditions[n].name for n in numbers]
    components = [name.partition(" of ")[2] for name in names if " of " in name]
    return Impossible(tuple(names), tuple(dict.fromkeys(components)), _limit(planner, answer))


def _peak_too_large(planner: Planner) -> Impossible:
    """That what surely holds takes more than there may be, of each of the types."""
    large = [one.too_large[0] for one in planner.sizings if one.too_large]
    if not large:
        every = tuple(one.name for one in planner.settings.promises)
        return Impossible(every, (), "no number of instances up to the quotas surely holds it")
    one = min(large, key=lambda each: (each.cost, each.type.candidate.name))
    need = next(each for each in one.needs if each.instances == one.peak)
    limit = f"the quota of {one.type.candidate.limit} {one.type.candidate.name}: {one.peak} run at the peak"
    return Impossible((str(need.condition),), (need.component,) if need.component else (), limit)


def _no_type(planner: Planner) -> Impossible:
    """That no type can hold every component."""
    left = planner.candidates.left_out
    told = {one.because for one in left}
    names = [one.name for _, one in planner.taking if any(one.name in because.split() for because in told)]
    limit = "no instance type may be used"
    if left:
        roomiest = max(left, key=lambda one: _room(planner, one.name))
        every = counted(len(left), "instance type")
        limit = f"of {every} none can be used; of {roomiest.name}: {roomiest.because}"
    return Impossible((str(ConditionKind.REST),), tuple(names), limit)


def _room(planner: Planner, name: str) -> tuple[int, int, int]:
    kind = planner.settings.judging.catalog.lookup(name)
    return kind.accelerators, kind.memory_mib, kind.vcpu


def _limit(planner: Planner, answer: FleetAnswer) -> str:
    """What does not suffice, in words."""
    blocked = answer.blocked
    types = planner.candidates.types
    if blocked is not None and blocked.options:
        told = [f"{types[n].limit} x {types[n].name}" for n in blocked.options]
        return f"quota: {' or '.join(told)}"
    if blocked is not None and blocked.max_types:
        return f"--max-types {planner.settings.max_types}"
    limits = [one for one in types if one.limit is not None]
    if len(limits) == len(types):
        return "the quotas of all types together"
    return "no number of instances of these types suffices"
