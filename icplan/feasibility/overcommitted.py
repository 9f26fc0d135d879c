"""A fleet on which more runs than it has room for: the snapshot, or what a user gave, cannot be right.

What is free there is not known, so no reason tells of it. A refusal rests on nothing but what an empty
instance has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.errors import InputError, InputProblem
from icplan.feasibility.allocatable_box import UNCERTAIN_DIMENSIONS, AllocatableBox
from icplan.feasibility.packing_model import PackingModel
from icplan.feasibility.question import copies_in, demands_on
from icplan.fleet.dimensions import digits, format_amount
from icplan.packing.problem import MAX_COUNT, Status
from icplan.packing.solver.solve import pack
from icplan.rollout.steps import existing_copies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from icplan.catalog.allocatable import Observation
    from icplan.feasibility.question import StepQuestion
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Component, Demand, Fleet
    from icplan.packing.budget import Budget

_TAKE_AGAIN = "Take the snapshot again when the endpoint is at rest"
_OR_FIGURES = (
    f"{_TAKE_AGAIN}; if it is right, correct the instance's figures with --allocatable or in icplan.toml."
)
_BOTH = "Take the snapshot and the locations at the same moment."
#: Components that a message names.
_MAX_NAMED = 4


def refused(fleet: Fleet, box: AllocatableBox, budget: Budget, file: str | None) -> InputError:
    """That what runs cannot have been placed, whatever of the box is true; why, and what may be wrong."""
    given = _what_is_too_little(fleet, budget)
    blame = (
        f"{_TAKE_AGAIN}, or correct what was given: {given} is less than what runs takes." if given else None
    )
    if crowded := _crowded(fleet, box):
        return _problem(crowded, file, "$.CopyLocations", blame or _BOTH)
    sizes = ", ".join(f"{pool.instances} x {pool.type.name}" for pool in fleet.pools)
    message = f"what runs cannot have been placed: {_what_runs(fleet)} on {sizes}{_how_much(fleet, box)}"
    return _problem(message, file, "$.InferenceComponents", blame or _OR_FIGURES)


def refuted(fleet: Fleet, observed: Sequence[Observation], budget: Budget) -> Iterator[str]:
    """Why a user's observation that a reservation was refused cannot be right: more runs there."""
    runs, whole = _tried(fleet, budget), AllocatableBox.whole(fleet)
    for number, pool in enumerate(fleet.pools):
        own = [seen.refused_mib for seen in observed if seen.instance_type == pool.type.name]
        least = min((one for one in own if one is not None), default=None)
        if least is None or runs(whole.with_high(number, 1, least - 1)):
            continue
        yield (
            f"{least} MiB was observed to be refused on {pool.type.name}, and what runs there has no room "
            "with less; icplan goes by what runs, not by that"
        )


def refused_however_split(fleet: Fleet, file: str | None) -> InputError | None:
    """That copies of a component have no room, whichever types the instances are of; ``None``: they may."""
    for one in fleet.components:
        most = max(_slots(fleet, one.need), default=0)
        if one.placed > most * fleet.instances:
            types = " or ".join(pool.type.name for pool in fleet.pools)
            message = (
                f"what runs cannot have been placed: {one.name} x {one.placed} on {fleet.instances} x "
                f"{types}, of which none holds more than {most}"
            )
            return _problem(message, file, "$.InferenceComponents", f"{_TAKE_AGAIN}.")
    return None


def told_by(fleet: Fleet, endpoint: EndpointState) -> list[str]:
    """The members of a snapshot that tell what runs, and on how many instances."""
    there = [endpoint.component(one.name) for one in fleet.components if one.placed]
    copies = [one.path for one in there if one is not None][:_MAX_NAMED]
    variant = endpoint.variant(fleet.variant)
    running = variant.running
    where = f"$.EndpointConfig.ProductionVariants[{variant.number}]"
    return [*copies, where if running is None else f"$.Endpoint.ProductionVariants[{running.number}]"]


def never_fits(question: StepQuestion) -> bool:
    """Whether no instance could ever take a copy, and nothing that runs speaks against what one has.

    Then the step is refused, however many instances there are and whatever lies on them.
    """
    fleet = question.fleet
    if any(_slots(fleet, question.step.need)):
        return False
    return all(any(_slots(fleet, one.need)) for one in fleet.components if one.placed)


def _slots(fleet: Fleet, need: Demand) -> Iterator[int]:
    """How many copies an empty instance of each pool takes, could all that it has be allocated."""
    whole = AllocatableBox.whole(fleet).sides
    for pool, side, demand in zip(fleet.pools, whole, demands_on(fleet, need), strict=True):
        if demand is not None:
            yield copies_in(fleet.capacity(pool, *side.high), demand) if any(demand) else MAX_COUNT


def _what_runs(fleet: Fleet) -> str:
    copies = [f"{one.name} x {one.placed}" for one in fleet.components if one.placed]
    more = len(copies) - _MAX_NAMED
    return ", ".join([*copies[:_MAX_NAMED], *([f"and {more} more"] if more > 0 else [])])


def _what_is_too_little(fleet: Fleet, budget: Budget) -> str:
    """What a user gave, by itself or together, where all would have room if it were not so little."""
    runs, whole = _tried(fleet, budget), AllocatableBox.whole(fleet)
    given = list(_given(fleet))
    if not given or not runs(whole):
        return ""
    alone = [source for source, *at in given if not runs(whole.with_high(*at))]
    return " and ".join(dict.fromkeys(alone or [source for source, *_ in given]))


def _tried(fleet: Fleet, budget: Budget) -> Callable[[AllocatableBox], bool]:
    """Whether what runs has room on some amounts of a box."""
    model = PackingModel.of(fleet, tuple(existing_copies(fleet)), {})

    def runs(box: AllocatableBox) -> bool:
        problem = model.existing_problem(box.best)
        return not model.overloaded(box) and pack(problem, budget).status is not Status.DOES_NOT_FIT

    return runs


def _given(fleet: Fleet) -> Iterator[tuple[str, int, int, int]]:
    """What a user said that instances have at most: in words, of which pool and resource, and how much."""
    for number, (pool, side) in enumerate(zip(fleet.pools, AllocatableBox.of(fleet).sides, strict=True)):
        known = (pool.allocatable.cpu, pool.allocatable.memory)
        for dimension in UNCERTAIN_DIMENSIONS:
            if known[dimension].basis == "given":
                yield known[dimension].source, number, dimension, side.high[dimension]


def _how_much(fleet: Fleet, box: AllocatableBox) -> str:
    """The end of a sentence on what runs: the resources that are short in all, else those of one copy."""
    found = [
        f"{_more_than(fleet, name, taken, there)} reserved, "
        f"at most {digits(name, fleet.thousandths(name, there))} there"
        for place, name in enumerate(fleet.dimensions)
        if (taken := _reserved(fleet, place)) > (there := _available(fleet, box, place))
    ]
    return (
        f" ({'; '.join(found)})" if found else " (there is enough in all, but not for each copy in one piece)"
    )


def _more_than(fleet: Fleet, name: str, taken: int, there: int) -> str:
    """What is reserved, in words; where it is more only past the digits that are shown, they say so."""
    told = format_amount(name, fleet.thousandths(name, taken))
    alike = fleet.thousandths(name, taken) == fleet.thousandths(name, there)
    return f"slightly more than {told}" if alike else told


def _reserved(fleet: Fleet, place: int) -> int:
    return sum(component.placed * _least(fleet, component, place) for component in fleet.components)


def _least(fleet: Fleet, component: Component, place: int) -> int:
    demands = (fleet.demand(component.need, pool.type.name) for pool in fleet.pools)
    return min((demand[place] for demand in demands if demand is not None), default=0)


def _available(fleet: Fleet, box: AllocatableBox, place: int) -> int:
    return sum(
        pool.instances * fleet.capacity(pool, *side.high)[place]
        for pool, side in zip(fleet.pools, box.sides, strict=True)
    )


def _crowded(fleet: Fleet, box: AllocatableBox) -> str | None:
    """The instance that is said to hold more than it can, where it is told what each holds."""
    sides = {pool.type.name: (pool, side) for pool, side in zip(fleet.pools, box.sides, strict=True)}
    needs = {one.name: one.need for one in fleet.components}
    for held in fleet.contents or ():
        pool, side = sides[held.type]
        there = fleet.capacity(pool, *side.high)
        demands = {name: fleet.demand(needs[name], held.type) for name, count in held.copies.items() if count}
        told = ", ".join(f"{count} of {name}" for name, count in held.copies.items() if count)
        start = f"CopyLocations put {told} on one {held.type}"
        if None in demands.values():
            return f"{start}, where not all of them may lie"
        for place, resource in enumerate(fleet.dimensions):
            taken = sum(held.copies[name] * demand[place] for name, demand in demands.items() if demand)
            if taken > there[place]:
                reserved = format_amount(resource, fleet.thousandths(resource, taken))
                most = digits(resource, fleet.thousandths(resource, there[place]))
                return f"{start}: {reserved} reserved, at most {most} there"
    return None


def _problem(message: str, file: str | None, path: str, hint: str) -> InputError:
    return InputError(InputProblem(message, file=file, path=path, hint=hint))
