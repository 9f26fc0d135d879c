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
from icplan.planning.endpoint_components import counted_in, the_variant
from icplan.planning.moves import moves
from icplan.planning.scale_in_text import by_itself
from icplan.remedies.steps_and_risks import as_request
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.verdict.consolidation import Consolidation, Worth
from icplan.verdict.fleet_plan import HOURS_PER_MONTH, MONEY_UNITS, Measure, TypeCount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from icplan.fleet.fleet import Fleet
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
        moves=None if needed is None or not fleet.mix_known else moves(fleet, now, needed, settings.budget()),
        by_itself=tuple(by_itself(fleet.scaling, now.total(), needed)),
        notes=(*_notes(fleet, unpriced), *counted_in(state, plan)),
        configuration=as_request(state.configuration) if state.configuration else None,
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
