"""The one cause of a refusal: of all that a step meets, a part that is enough to refuse it, and no larger.

What a step meets is taken apart: the resources, the copies of each component, the instances of each type, the
limits to growth. One after another is taken away (a resource counts no more, copies lie nowhere or take
nothing on a type, a limit does not hold), and stays away if the step is refused all the same, with a proof
that the checker accepts. What is left is enough, and without any one of it nothing is refused any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.explain.free_capacity import instances_of, larger_than_empty, short_by_totals
from icplan.feasibility.question import StepQuestion
from icplan.feasibility.step import no_layout
from icplan.fleet.dimensions import counted, digits, format_amount, in_words, pair_in_words
from icplan.fleet.fleet import ACCELERATORS, CPU, MEMORY, UNLIMITED, Demand
from icplan.packing.checker.proof import check_proof
from icplan.requests.from_describe import Requirements
from icplan.rollout.steps import Scope
from icplan.rules.capacity_reasons import NOWHERE, with_more
from icplan.values import frozen
from icplan.verdict.change_verdict import Cause
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from icplan.explain.free_capacity import TooLarge
    from icplan.explain.shortage import Case
    from icplan.feasibility.step import PackingResult, StepResult
    from icplan.fleet.fleet import Component, Fleet, Limit
    from icplan.packing.budget import Budget
    from icplan.rollout.steps import ExistingCopies, Step

#: Times that something may be taken away, and the share of the time that is left for it.
MAX_TRIES, SHARE = 120, 0.15
#: Components that a sentence names.
MAX_NAMED = 4


@frozen
class Away:
    """What is taken away of what a step meets."""

    resources: frozenset[str] = frozenset()
    components: frozenset[str] = frozenset()
    instance_types: frozenset[str] = frozenset()
    limits: frozenset[Limit] = frozenset()

    def fleet(self, fleet: Fleet) -> Fleet:
        """The fleet without it."""
        lifted = (
            attrs.evolve(limit, remaining=UNLIMITED) if limit in self.limits else limit
            for limit in fleet.limits
        )
        return attrs.evolve(fleet, limits=tuple(lifted))

    def need(self, need: Demand) -> Demand:
        """What a copy to be placed reserves without it."""
        return Demand({key: self._less(required) for key, required in need.requirements.items()})

    def component(self, one: Component, fleet: Fleet) -> Component:
        """A component whose copies take nothing of it, nor on instances of types that are away."""
        if not self.instance_types:
            return attrs.evolve(one, need=self.need(one.need))
        needs: dict[str | None, Requirements] = {}
        for pool in fleet.pools:
            required = one.need.on(pool.type.name)
            if required is not None:
                away = pool.type.name in self.instance_types
                needs[pool.type.name] = Requirements(memory_mib=0) if away else self._less(required)
        return attrs.evolve(one, need=Demand(needs))

    def _less(self, required: Requirements) -> Requirements:
        changed: dict[str, object] = {}
        if MEMORY in self.resources:
            changed["memory_mib"] = 0
        if CPU in self.resources:
            changed |= {"cpu_millicores": 0, "cpu_excess": required.cpu_excess * 0}
        if ACCELERATORS in self.resources:
            changed["accelerators"] = 0
        if required.partition in self.resources:
            changed["partition"] = None
        return attrs.evolve(required, **changed)  # type: ignore[arg-type]


def refused_without(fleet: Fleet, step: Step, away: Away) -> tuple[Fleet, Step]:
    """The fleet and the step without what is away."""
    kept: dict[int, Component] = {}

    def less(one: Component) -> Component:
        # One value stays one value: what lies where it is known to is told by that.
        if id(one) not in kept:
            kept[id(one)] = away.component(one, fleet)
        return kept[id(one)]

    there = tuple(less(one) for one in fleet.components if one.name not in away.components)
    existing = tuple(
        attrs.evolve(entry, component=less(entry.component))
        for entry in step.existing
        if entry.component.name not in away.components
    )
    smaller = attrs.evolve(away.fleet(fleet), components=there)
    return smaller, attrs.evolve(step, need=away.need(step.need), existing=existing)


@attrs.define
class _Search:
    """The deletion filter: what is away so far, and how often something was tried."""

    fleet: Fleet
    step: Step
    refused: Callable[[Fleet, Step], bool]
    away: Away = attrs.field(factory=Away)
    tries: int = 0
    ended: bool = False

    def without(self, member: str, things: Sequence[object]) -> None:
        """Take away as many of these as can be, many at once where that goes."""
        if not things:
            return
        if self.tries >= MAX_TRIES:
            self.ended = True
            return
        self.tries += 1
        now: frozenset[object] = getattr(self.away, member)
        trial = attrs.evolve(self.away, **{member: now | frozenset(things)})  # type: ignore[arg-type]
        if self.refused(*refused_without(self.fleet, self.step, trial)):
            self.away = trial
        elif len(things) > 1:
            half = len(things) // 2
            self.without(member, things[:half])
            self.without(member, things[half:])


def cause_of(case: Case) -> Cause | None:
    """The cause of a refusal that was proven; ``None`` where there is none, or no time for it."""
    worst = case.judged.worst_step
    if worst is None or worst.outcome is not Outcome.DOES_NOT_FIT or worst.witness is None:
        return None
    return smallest_cause(case, worst, worst.witness)


def smallest_cause(case: Case, worst: StepResult, witness: PackingResult) -> Cause | None:
    """Take away what can be, the least telling first; one resource always stays."""
    fleet, step, budget = case.fleet, worst.step, case.question.budget.share(SHARE)
    if all(demand is None for demand in witness.problem.kinds[-1].demands):
        return None
    search = _Search(fleet, step, lambda less, there: _refused(less, there, case, budget))
    search.without("resources", _resources(fleet, _found_short(step, witness)))
    search.without("components", _components(step, case.question.change.component))
    names = [pool.type.name for pool in fleet.pools]
    search.without("instance_types", [name for name in names if _holds_any(step, fleet, name)])
    search.without("limits", list(fleet.limits))
    less, there = refused_without(fleet, step, search.away)
    copies = _fewest(there, lambda fewer: _refused(less, fewer, case, budget))
    away = search.away
    beside = dict.fromkeys(entry.component.name for entry in step.existing)
    components = tuple(name for name in beside if name not in away.components)
    found = Cause(
        phase=step.name,
        copies=copies,
        resources=tuple(name for name in fleet.dimensions if name not in away.resources),
        components=components,
        instance_types=tuple(
            name for name in names if name not in away.instance_types and _holds_any(there, fleet, name)
        ),
        limits=tuple(dict.fromkeys(one.rule for one in fleet.limits if one not in away.limits)),
        minimal=not search.ended and not budget.exhausted,
        text="",
    )
    return attrs.evolve(found, text=" ".join(_sentences(case, step, witness, found, away)))


def _refused(fleet: Fleet, step: Step, case: Case, budget: Budget) -> bool:
    """Whether the step is refused in every world, with proofs that the checker accepts."""
    if budget.exhausted:
        return False
    found = no_layout(StepQuestion.of(fleet, step, case.question.box, budget))
    return found is not None and all(
        one.packing.proof is not None and check_proof(one.problem, one.packing.proof) for one in found
    )


def _fewest(step: Step, refused: Callable[[Step], bool]) -> int:
    """The fewest copies that are refused; they are refused as many as they are."""
    low, high = 1, step.copies
    while low < high:
        middle = (low + high) // 2
        if refused(attrs.evolve(step, copies=middle)):
            high = middle
        else:
            low = middle + 1
    return high


def _found_short(step: Step, witness: PackingResult) -> frozenset[str]:
    """The resources that the findings are about: a cause that named another would contradict their place."""
    short = larger_than_empty(witness) or short_by_totals(witness, step.placed_before)
    return frozenset(one.dimension for one in short)


def _resources(fleet: Fleet, found: frozenset[str]) -> list[str]:
    """The resources, those of findings last; of these, accelerators: they are what people look at first."""
    there = dict.fromkeys((*fleet.dimensions, ACCELERATORS))
    return sorted(there, key=lambda name: (name in found, name == ACCELERATORS))


def _components(step: Step, changed: str) -> list[str]:
    """The components beside the step, those that take least first, the one that changes last."""
    entries = {entry.component.name: entry for entry in step.existing}
    return sorted(entries, key=lambda name: (name == changed, _size(entries[name]), name))


def _size(entry: ExistingCopies) -> tuple[int, int]:
    needs = entry.component.need.requirements.values()
    most = max((one.accelerators for one in needs), default=0)
    return entry.copies * most, entry.copies * max((one.memory_mib for one in needs), default=0)


def _holds_any(step: Step, fleet: Fleet, name: str) -> bool:
    return any(fleet.demand(entry.component.need, name) is not None for entry in step.existing)


def _sentences(case: Case, step: Step, witness: PackingResult, cause: Cause, away: Away) -> Iterator[str]:
    fleet, resources = case.fleet, cause.resources
    too_large = [one for one in larger_than_empty(witness) if one.dimension in cause.resources]
    if too_large and not cause.components:
        yield from _of_one_copy(too_large)
        yield "More instances of that kind do not help."
        return
    short = [one for one in short_by_totals(witness, step.placed_before) if one.dimension in cause.resources]
    if short:
        one = short[0]
        need, have = pair_in_words(one.dimension, one.need, one.have)
        most = "at most " if one.dimension in (CPU, MEMORY) and one.have else ""
        there, launched = instances_of(witness)
        left = f"{with_more(launched)}the fleet has {most}{have if one.have else 'none'} left"
        left = left if there else NOWHERE
        yield f"{_who(case, step)} {_verb(step)} {need}; {left}."
        resources = (one.dimension,)
    else:
        yield f"{_who(case, step)} {_verb(step)} {_per_copy(case, step, cause)} on one instance."
        yield _scattered(case, step, witness, cause)
    if held := _held(fleet, step, cause, resources):
        yield held
    yield from _limits(fleet, away)


def _of_one_copy(too_large: Sequence[TooLarge]) -> Iterator[str]:
    """What one copy lacks, on each type once."""
    told: set[str] = set()
    for one in too_large:
        if not told.issuperset(one.types):
            need, have = pair_in_words(one.dimension, one.need, one.have)
            empty = " or ".join(one.types)
            yield f"One copy needs {need}; an empty {empty} has at most {_bare(one.dimension, have)}."
            told.update(one.types)


def _bare(dimension: str, amount: str) -> str:
    """An amount beside another of the same kind, which need not be named again."""
    return amount.partition(" ")[0] if dimension == ACCELERATORS else amount


def _who(case: Case, step: Step) -> str:
    what = (
        "new copy"
        if case.question.change.replaces
        else "more copy"
        if case.question.change.before
        else "copy"
    )
    beside = ""
    where = step.name.partition(":")[0] if step.batch else ""
    if step.batch and step.counts.old[0]:
        beside = f" beside {step.counts.old[0]} old"
    number = step.copies
    plural = f"{number} {what.replace('copy', 'copies')}"
    who = f"1 {what}" if number == 1 else plural
    text = f"{who}{beside}"
    return f"At {where}, {text}" if where else text


def _verb(step: Step) -> str:
    return "needs" if step.copies == 1 else "need"


def _per_copy(case: Case, step: Step, cause: Cause) -> str:
    fleet = case.fleet
    told = {
        pool.type.name: fleet.told(demand)
        for pool in fleet.pools
        if (demand := fleet.demand(step.need, pool.type.name)) is not None
    }
    each = "" if step.copies == 1 else "each "
    all_texts = {
        name: " and ".join(
            in_words(d, amount)
            for d, amount in zip(fleet.dimensions, demand, strict=True)
            if d in cause.resources and amount
        )
        for name, demand in told.items()
    }
    # Of a type on which a copy takes nothing of what is short, no instance is there.
    texts = {name: text for name, text in all_texts.items() if text}
    if len(set(texts.values())) == 1:
        return each + next(iter(texts.values()))
    return each + " or ".join(f"{text} ({name})" for name, text in texts.items())


def _scattered(case: Case, step: Step, witness: PackingResult, cause: Cause) -> str:
    """What is free in all, though not where one copy needs it."""
    fleet = case.fleet
    *others, target = witness.problem.kinds
    free = []
    for place, name in enumerate(fleet.dimensions):
        if name not in cause.resources:
            continue
        pairs = zip(witness.problem.bins, target.demands, strict=True)
        total = sum(b.count * b.free[place] for b, demand in pairs if demand is not None)
        taken = sum(k.count * min((d[place] for d in k.demands if d is not None), default=0) for k in others)
        left = fleet.thousandths(name, max(0, total - taken))
        unsure = "at most " if name in (CPU, MEMORY) else ""
        free.append(f"{unsure}{in_words(name, left)}")
    verb = "is" if len(free) == 1 and (free[0].startswith("1 ") or MEMORY in cause.resources) else "are"
    but = "no instance has as many free" if step.copies == 1 else f"not in pieces for {step.copies} copies"
    if cause.resources != (ACCELERATORS,) and step.copies == 1:
        but = "no instance has enough free"
    told = f"{with_more(instances_of(witness)[1])}{' and '.join(free)} {verb} free in all, but {but}."
    return f"{told[0].upper()}{told[1:]}"


def _held(fleet: Fleet, step: Step, cause: Cause, resources: Sequence[str]) -> str:
    """Whose copies hold what is not free; where others hold some of it too, how much of it."""
    copies: dict[str, int] = {}
    for entry in _surely_lying(step):
        if entry.component.name in cause.components:
            name = entry.component.name
            copies[name] = copies.get(name, 0) + entry.copies - entry.departed
    there = [(name, n) for name, n in copies.items() if n]
    what = _share_held(fleet, step, cause, resources)
    if len(there) > MAX_NAMED:
        return f"{len(there)} other components hold {what} ({counted(sum(copies.values()), 'copy')})."
    said = [f"{counted(n, 'copy')} of {name}" for name, n in there]
    verb = "holds" if [n for _, n in there] == [1] else "hold"
    return f"{' and '.join(said)} {verb} {what}." if said else ""


def _surely_lying(step: Step) -> list[ExistingCopies]:
    """What holds room for sure: a refusal does not count on copies that may not be there yet."""
    return [entry for entry in step.existing if entry.where is not Scope.MAYBE_PLACED]


def _share_held(fleet: Fleet, step: Step, cause: Cause, resources: Sequence[str]) -> str:
    """``the rest``, or how much of what all copies hold is held by those of the cause."""
    own, every = dict.fromkeys(resources, 0), dict.fromkeys(resources, 0)
    for entry in _surely_lying(step):
        for name in resources:
            held = (entry.copies - entry.departed) * _on_any(fleet, entry.component.need, name)
            every[name] += held
            own[name] += held if entry.component.name in cause.components else 0
    if own == every:
        return "the rest"
    told = (
        f"{digits(name, fleet.thousandths(name, own[name]))} of the "
        f"{format_amount(name, fleet.thousandths(name, every[name]))} that are taken"
        for name in resources
    )
    return " and ".join(told)


def _on_any(fleet: Fleet, need: Demand, dimension: str) -> int:
    """The least that a copy takes on any type it may lie on."""
    place = fleet.dimensions.index(dimension)
    demands = (fleet.demand(need, pool.type.name) for pool in fleet.pools)
    return min((demand[place] for demand in demands if demand is not None), default=0)


def _limits(fleet: Fleet, away: Away) -> Iterator[str]:
    kept = [limit for limit in fleet.limits if limit not in away.limits]
    if kept:
        can = max(0, min(limit.remaining for limit in kept))
        whole = "No instance can be added" if not can else f"No more than {can} can be added"
        yield f"{whole}: {'; '.join(dict.fromkeys(limit.message for limit in kept))}."
