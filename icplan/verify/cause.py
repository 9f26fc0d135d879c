"""Check the cause that a refusal states against the phase that is refused.

That it is enough is a claim about a smaller packing problem, of which the file has no proof. It is refused
where a layout of that problem is found at once. That nothing of it can be left out is refused where the proof
of the phase holds for fewer copies, or without a component, a resource or an instance type of it.
"""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.packing.checker.first_fit import first_fit
from icplan.packing.checker.proof import proof_holds
from icplan.verdict.evidence import NoWorld
from icplan.verdict.outcome import Outcome
from icplan.verify.result import built, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.packing.problem import Problem, Vector
    from icplan.verdict.change_verdict import Cause, ChangeVerdict
    from icplan.verdict.evidence import Refusal
    from icplan.verdict.premises import ExistingPremise, Premises

#: The resources by their place in a vector; partitions come after them.
RESOURCES = ("cpu", "memory", "accelerators")
#: The rules of limits to growth.
LIMITS = frozenset({"ICP501", "ICP502", "ICP503", "ICP504", "ICP507"})
#: Steps of search after which a proof that fewer copies are refused counts as none.
MAX_WORK = 200_000
#: Things of a cause that are left out to see whether it is refused without.
MAX_LEFT_OUT = 12


def check_cause(change: ChangeVerdict, *, told: bool) -> None:
    """Raise `Rejected` where the cause is not one of the phase that is refused.

    ``told`` says whether findings tell of every limit that binds.
    """
    cause = change.cause
    if cause is None:
        return
    ahead = [phase for phase in change.phases if phase.kind != "rollback"]
    worst = min(ahead, key=lambda phase: phase.outcome.rank, default=None)
    refused = worst is not None and worst.outcome is Outcome.DOES_NOT_FIT and worst.name == cause.phase
    require(refused, "a cause is told of what is not refused")
    if worst is None or worst.new is None:
        return
    require(0 < cause.copies <= worst.new[1] - worst.new[0], "the cause counts other copies than are placed")
    require(set(cause.limits) <= LIMITS and _once(cause.limits), "the cause names what is no limit")
    premises = worst.premises
    if premises is None:
        return
    _named(cause, premises)
    growth = _growth(change, cause) if told and len(premises.pools) == 1 else None
    if isinstance(worst.proof, NoWorld) and not premises.measured and _dimensions(premises) == len(RESOURCES):
        _enough(_Claim(cause, worst.new[0], premises, worst.proof.refusals, growth))


def _growth(change: ChangeVerdict, cause: Cause) -> int | None:
    """How many instances more the limits of the cause allow, by the findings; ``None`` where none is told."""
    have = {one.rule: one.have for one in change.findings if one.rule in LIMITS and one.unit == "instances"}
    require(not have or set(cause.limits) <= set(have), "the cause names a limit that does not bind")
    allowed = [have.get(rule) for rule in cause.limits]
    known = [int(most) for most in allowed if most is not None]
    return min(known) - (change.instances_now or 0) if known and len(known) == len(allowed) else None


@attrs.frozen
class _Claim:
    """That a cause is enough to refuse a phase, before which so many new copies are there.

    ``growth`` is how many instances more its limits allow, where that is known.
    """

    cause: Cause
    before: int
    premises: Premises
    refusals: Sequence[Refusal]
    growth: int | None

    def problems(self, copies: int) -> Iterator[Problem]:
        """The problems of the refusals with nothing in them but the cause, and so many copies.

        Where no limit is named, there may be as many instances more as copies.
        """
        less = _less(self.cause, self.premises, self.before + copies)
        box = tuple((high, high) for _, high in less.box)
        for refusal in self.refusals:
            launched: Mapping[int, int] = refusal.launched
            if not self.cause.limits:
                launched = {**launched, **dict.fromkeys(less.own, self.before + copies)}
            elif self.growth is not None:
                launched = dict.fromkeys(less.own, self.growth)
            yield built(functools.partial(less.problem, launched, box))


def _dimensions(premises: Premises) -> int:
    return len(premises.pools[0].capacity) if premises.pools else 0


def _once(names: Sequence[str]) -> bool:
    return len(set(names)) == len(names)


def _named(cause: Cause, premises: Premises) -> None:
    """What the cause names is there: resources, components, and types on which these may lie."""
    known = [name for name in cause.resources if name in RESOURCES]
    partitions = len(cause.resources) - len(known)
    same = bool(cause.resources) and _once(cause.resources)
    same = same and partitions <= max(0, _dimensions(premises) - len(RESOURCES))
    require(same and known == sorted(known, key=RESOURCES.index), "the cause names other resources")
    lie = [one for one in premises.existing if one.component in cause.components]
    there = {one.component for one in lie}
    require(_once(cause.components) and there == set(cause.components), "the cause names other components")
    types = {
        pool.type
        for number, pool in enumerate(premises.pools)
        if any(one.demands[number] is not None for one in lie)
    }
    require(_once(cause.instance_types) and set(cause.instance_types) <= types, "the cause names other types")


def _enough(claim: _Claim) -> None:
    """What the cause names is no less than it takes, nor more copies than it takes."""
    copies, limits = claim.cause.copies, claim.cause.limits
    for problem in claim.problems(copies):
        require(not first_fit(problem), "what the cause names is not enough to refuse anything")
    # With limits away that are not known, more may be launched than was tried.
    if not claim.cause.minimal or (limits and claim.growth is None):
        return
    require(copies == 1 or not _refuses(claim, copies - 1), "fewer copies than the cause counts are refused")
    for less in itertools.islice(_with_less(claim.cause), MAX_LEFT_OUT):
        refused = _refuses(attrs.evolve(claim, cause=less), copies)
        require(not refused, "something of the cause can be left out")


def _refuses(claim: _Claim, copies: int) -> bool:
    """Whether the proofs of the phase refuse so many copies with nothing else there than the cause."""
    proofs = [one.proof for one in claim.refusals]
    return all(
        proof is not None and proof_holds(problem, proof, MAX_WORK) is True
        for problem, proof in zip(claim.problems(copies), proofs, strict=True)
    )


def _with_less(cause: Cause) -> Iterator[Cause]:
    """The cause without one thing of it; one resource always stays."""
    for name in cause.components:
        yield attrs.evolve(cause, components=tuple(one for one in cause.components if one != name))
    for name in cause.resources if len(cause.resources) > 1 else ():
        yield attrs.evolve(cause, resources=tuple(one for one in cause.resources if one != name))
    for name in cause.instance_types:
        yield attrs.evolve(cause, instance_types=tuple(one for one in cause.instance_types if one != name))


def _less(cause: Cause, premises: Premises, copies: int) -> Premises:
    """The premises with so many copies to place, and all else that the cause does not name away."""
    kept = [name in cause.resources for name in RESOURCES]
    named = [pool.type in cause.instance_types for pool in premises.pools]
    demands = tuple(_part(demand, kept) for demand in premises.target.demands)
    return attrs.evolve(
        premises,
        existing=tuple(_entry(one, cause, kept, named) for one in premises.existing),
        target=attrs.evolve(premises.target, copies=copies, demands=demands),
    )


def _entry(
    one: ExistingPremise, cause: Cause, kept: Sequence[bool], named: Sequence[bool]
) -> ExistingPremise:
    """Copies that are there, none of them where the cause does not name their component."""
    if one.component not in cause.components:
        nothing = tuple(_part(demand, [False] * len(kept)) for demand in one.demands)
        return attrs.evolve(one, demands=nothing, copies=0, leave=0, coming=0)
    taken = (
        _part(demand, kept if there else [False] * len(kept))
        for demand, there in zip(one.demands, named, strict=True)
    )
    return attrs.evolve(one, demands=tuple(taken))


def _part(demand: Vector | None, kept: Sequence[bool]) -> Vector | None:
    if demand is None:
        return None
    return tuple(amount if counts else 0 for amount, counts in zip(demand, kept, strict=True))
