"""Whether an endpoint's fleet is larger than its components need: the difference, and the moves."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from icplan.assumptions import Assumptions
from icplan.errors import InputError, InputProblem
from icplan.fleet.build_fleet import build_fleet
from icplan.packing.budget import Budget
from icplan.packing.problem import Bin, Kind, Problem, Status
from icplan.packing.solver.solve import pack
from icplan.planning.endpoint_components import the_variant
from icplan.planning.scale_in import by_itself
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.verdict.consolidation import Consolidation, Moves, Worth
from icplan.verdict.fleet_plan import HOURS_PER_MONTH, MONEY_UNITS, Measure, TypeCount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from icplan.fleet.fleet import Fleet, InstancePool
    from icplan.judge.settings import Settings
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.fleet_plan import Plan

_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)%")
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,4})?")


@attrs.frozen
class MinSavings:
    """The least that is worth moving copies for: a share of what runs now, or an amount a month."""

    text: str
    percent: Fraction | None = None
    amount: Fraction | None = None

    @classmethod
    def of(cls, text: str) -> MinSavings:
        """``10%`` of the cost, or an amount a month. Raises InputError for what is neither."""
        if match := _SHARE.fullmatch(text.strip()):
            return cls(text.strip(), percent=Fraction(match[1]))
        if _AMOUNT.fullmatch(text.strip()):
            return cls(text.strip(), amount=Fraction(text.strip()))
        hint = "Write a share of the cost such as 10%, or an amount a month such as 500"
        raise InputError(InputProblem(f"cannot read the least savings {text!r}", hint=hint))

    def reached(self, savings: int, cost_now: int, by: Measure) -> bool:
        """Whether savings of an hour, in a plan's measure, are worth it."""
        if self.percent is not None:
            return savings * 100 >= self.percent * cost_now
        if by is not Measure.COST:
            return savings >= (self.amount or 0)
        return savings * HOURS_PER_MONTH >= (self.amount or 0) * MONEY_UNITS


def consolidation(
    snapshot: Snapshot,
    plan: Plan,
    cost_of: Callable[[str], int | None],
    settings: Settings,
    least: MinSavings | None = None,
) -> Consolidation:
    """What the endpoint runs beside what the plan would; ``cost_of`` is that of a type in its measure."""
    state = read_endpoint(snapshot)
    with state.origin.located():
        variant = the_variant(state)
    recorder = Assumptions(settings.assume).recorder()
    fleet = build_fleet(state, variant.name, settings.catalog, recorder)
    now = Counter({pool.type.name: pool.instances for pool in fleet.pools if pool.instances})
    costs = {name: cost_of(name) for name in now}
    unpriced = [name for name, cost in costs.items() if cost is None]
    cost_now = None if unpriced else sum((costs[name] or 0) * count for name, count in now.items())
    savings = None if cost_now is None or plan.cost is None else cost_now - plan.cost
    needed = None if plan.steady is None else Counter({one.type: one.instances for one in plan.steady})
    return Consolidation(
        endpoint=state.name,
        taken_at=snapshot.taken_at,
        snapshot=snapshot.fingerprint,
        now=_counts(now),
        needed=plan.steady,
        cost_now=cost_now,
        cost_needed=plan.cost,
        worth=_worth(savings, cost_now, plan, least),
        threshold=None if least is None else least.text,
        moves=None if needed is None or not fleet.mix_known else _moves(fleet, now, needed),
        by_itself=tuple(by_itself(fleet.scaling, now.total(), needed)),
        notes=tuple(_notes(fleet, unpriced)),
    )


def _counts(counts: Mapping[str, int]) -> tuple[TypeCount, ...]:
    return tuple(TypeCount(name, counts[name]) for name in sorted(counts))


def _notes(fleet: Fleet, unpriced: list[str]) -> Iterator[str]:
    if unpriced:
        yield f"{', '.join(unpriced)} runs and has no price, so that it is not known what is saved"
    if not fleet.mix_known:
        yield "how many instances are of which type is not told"


def _worth(savings: int | None, cost_now: int | None, plan: Plan, least: MinSavings | None) -> Worth:
    if savings is None or cost_now is None:
        return Worth.NOT_KNOWN
    if savings <= 0:
        return Worth.NOTHING_TO_SAVE
    enough = least is None or least.reached(savings, cost_now, plan.by)
    return Worth.WORTH_IT if enough else Worth.NOT_WORTH_IT


_Held = tuple[str, "Mapping[str, int]"]
"""An instance: its type, and the copies on it."""


# -- moves --------------------------------------------------------------------------------------------------


def _moves(fleet: Fleet, now: Counter[str], needed: Counter[str]) -> Moves:
    """Copies that leave instances which go: they start anew elsewhere, whoever moves them."""
    copies = sum(one.placed for one in fleet.components)
    going = now - needed
    if not going:
        return Moves(0, 0, copies, fleet.contents is not None)
    if not now - going:
        return Moves(copies, copies, copies, True)
    if fleet.contents is None:
        return Moves(_sure_to_move(fleet, now, going), copies, copies)
    kept, moved = _emptied(fleet, going)
    least = moved.total()
    fits = not needed - now and _finds_room(fleet, kept, moved)
    return Moves(least, least if fits else copies, copies, True)


def _sure_to_move(fleet: Fleet, now: Counter[str], going: Counter[str]) -> int:
    """The copies on types that go as a whole, where AWS tells how many these are."""
    gone = {name for name, count in going.items() if count == now[name]}
    by_type = [one.by_type or {} for one in fleet.components]
    return sum(counts.get(name, 0) for counts in by_type for name in gone)


def _emptied(fleet: Fleet, going: Counter[str]) -> tuple[list[_Held], Counter[str]]:
    """The instances that stay, with what they hold, and the copies of those that hold the fewest."""
    each = [(held.type, held.copies) for held in fleet.contents or () for _ in range(held.instances)]
    kept, moved, left = [], Counter[str](), Counter(going)
    for kind, copies in sorted(each, key=lambda one: (sum(one[1].values()), one[0], sorted(one[1].items()))):
        if left[kind]:
            left[kind] -= 1
            moved.update(copies)
        else:
            kept.append((kind, copies))
    return kept, moved


def _finds_room(fleet: Fleet, kept: list[_Held], moved: Counter[str]) -> bool:
    """Whether the copies that move find room beside all that stays where it is, on what is surely there."""
    pools = {pool.type.name: pool for pool in fleet.pools}
    needs = {one.name: one.need for one in fleet.components}
    bins = []
    for number, (kind, copies) in enumerate(kept):
        free = list(_capacity(fleet, pools[kind]))
        for name, count in copies.items():
            for place, amount in enumerate(fleet.demand(needs[name], kind) or ()):
                free[place] = max(0, free[place] - count * amount)
        bins.append(Bin(f"{kind} {number}", 1, tuple(free)))
    kinds = tuple(
        Kind(name, moved[name], tuple(fleet.demand(need, kind) for kind, _ in kept))
        for name, need in needs.items()
    )
    return pack(Problem(tuple(bins), kinds), Budget()).status is Status.FITS


def _capacity(fleet: Fleet, pool: InstancePool) -> tuple[int, ...]:
    partitions = (pool.partitions.get(name, 0) for name in fleet.dimensions[3:])
    allocatable = pool.allocatable
    return (fleet.cpu_units(allocatable.cpu.low), allocatable.memory.low, pool.accelerators, *partitions)
