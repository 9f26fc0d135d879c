"""What is worth knowing of a change that may fit: autoscaling maxima, shared instances, AWS's formula."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.packing_model import PackingModel
from icplan.fleet.dimensions import counted
from icplan.fleet.fleet import Component
from icplan.packing.problem import Status
from icplan.packing.solver.solve import pack
from icplan.rollout.steps import CopyCounts, ExistingCopies, Scope, Step
from icplan.verdict.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.effects.forecast import FinalState, Forecast
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.question import Question
    from icplan.fleet.fleet import Fleet
    from icplan.packing.budget import Budget
    from icplan.rollout.steps import CapacityChange


def advice(question: Question, judged: RolloutResult, likely: Forecast) -> Iterator[Finding]:
    """What AWS's formula gets wrong; notes and warnings on a change that is not known to fail."""
    fleet, change = question.fleet, question.change
    yield from _formula(fleet, judged)
    if judged.outcome.fails:
        return
    if likely.ending is not None and judged.steps:
        yield from _spread_notes(change, likely.ending)
    if likely.truncated and judged.outcome.fits:
        from icplan.explain.uncertainty import no_forecast  # noqa: PLC0415  (mostly it is known)

        yield no_forecast(question.budget.ended)
    yield from _autoscaling_collisions(_afterwards(fleet, change), question.box, question.budget)


def _formula(fleet: Fleet, judged: RolloutResult) -> Iterator[Finding]:
    """AWS's published sizing of a rolling update, where whoever goes by it has too few instances."""
    change = judged.change
    extras = [step.extra_instances for step in judged.steps]
    required = change.need.on(fleet.pools[0].type.name)
    if (
        not extras
        or change.batch is None
        or not change.replaces
        or len(fleet.pools) > 1
        or None in extras
        or required is None
    ):
        return
    devices, largest = fleet.pools[0].accelerators, max(step.step.copies for step in judged.steps)
    if not devices or not required.accelerators:
        return
    formula = fleet.instances + -(-largest * required.accelerators // devices)
    exact = fleet.instances + max(extra for extra in extras if extra is not None)
    if formula < exact:
        message = (
            f"the update takes {counted(exact, 'instance')} at its peak, more than the {formula} of "
            "AWS's formula for quotas"
        )
        yield Finding("ICP506", Severity.NOTE, message, need=exact, unit="instances")


def _spread_notes(change: CapacityChange, ending: FinalState) -> Iterator[Finding]:
    if change.copies > 1 and ending.together == change.copies and ending.instances > 1:
        message = (
            f"all {change.copies} copies of {change.component} are likely to lie together on one of "
            f"{ending.instances} instances"
        )
        yield Finding("ICP601", Severity.NOTE, message)
    zones = ending.zones or {}
    if len(zones) < 2 or change.copies < 2:  # noqa: PLR2004  (one cannot be spread)
        return
    full = max(zones, key=lambda zone: zones[zone])
    if zones[full] == change.copies:
        yield Finding("ICP603", Severity.NOTE, f"all {change.copies} copies are likely to lie in {full}")
    imbalance = zones[full] - min(zones.values())
    if change.zone_imbalance is not None and imbalance > change.zone_imbalance:
        shares = ", ".join(f"{n} in {zone}" for zone, n in sorted(zones.items()))
        message = f"{shares}: zones would differ by {imbalance}, which no room is there to better"
        yield Finding("ICP604", Severity.NOTE, message, need=change.zone_imbalance, have=imbalance)


def _afterwards(fleet: Fleet, change: CapacityChange) -> Fleet:
    """The fleet's components once the change is done, wherever their copies lie."""
    others = fleet.without(change.component)
    if not change.copies:
        return others
    done = Component(change.component, "InService", change.need, placed=change.copies)
    return attrs.evolve(others, components=(*others.components, done))


def _autoscaling_collisions(fleet: Fleet, box: AllocatableBox, budget: Budget) -> Iterator[Finding]:
    """The first component, or pair of them, that cannot reach its autoscaling maximum; else all of them."""
    scaled = sorted(c.name for c in fleet.components if fleet.autoscaling_max.get(c.name, 0) > c.copies)
    # Where all of them fit together, so do any of them.
    if not scaled or _fit({name: fleet.autoscaling_max[name] for name in scaled}, fleet, box, budget):
        return
    for number in (1, 2):
        for names in itertools.combinations(_representatives(scaled, fleet, number), number):
            if budget.exhausted:
                return
            if not _fit({name: fleet.autoscaling_max[name] for name in names}, fleet, box, budget):
                yield _collision(names, fleet)
                return
    yield _collision(tuple(scaled), fleet)


def _representatives(names: Sequence[str], fleet: Fleet, number: int) -> list[str]:
    """The first so many of those that are scaled alike: what holds for them holds for the others."""
    seen = Counter[object]()
    found = []
    for name in names:
        component = fleet.component(name)
        kind = component and (component.need.key, component.copies, fleet.autoscaling_max[name])
        seen[kind] += 1
        if seen[kind] <= number:
            found.append(name)
    return found


def _collision(names: tuple[str, ...], fleet: Fleet) -> Finding:
    *most, last = (f"{name} (MaxCapacity {fleet.autoscaling_max[name]})" for name in names)
    who = f"{', '.join(most)} and {last}" if most else last
    message = (
        f"{who} cannot reach {'its maximum' if len(names) == 1 else 'their maxima together'} on this fleet"
    )
    return Finding(
        "ICP602", Severity.WARNING, message, need=sum(fleet.autoscaling_max[name] for name in names)
    )


def _fit(copies: Mapping[str, int], fleet: Fleet, box: AllocatableBox, budget: Budget) -> bool:
    """Whether so many copies can lie on all instances that may be had, however favourably."""
    entries = [ExistingCopies(c, copies.get(c.name, c.copies), Scope.ANYWHERE) for c in fleet.components]
    *beside, last = entries
    step = Step(
        "", "steady", last.component.need, last.copies, tuple(beside), CopyCounts((0, 0), (0, last.copies))
    )
    launched = {n: fleet.scale_out_allowance(pool.type.name) for n, pool in enumerate(fleet.pools)}
    wanted = sum(entry.copies for entry in entries)
    model = PackingModel.of(fleet, beside, {n: min(more, wanted) for n, more in launched.items()})
    return pack(model.problem(step, box.best), budget).status is not Status.DOES_NOT_FIT
