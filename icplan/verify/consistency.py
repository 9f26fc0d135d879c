"""Premises, duration and assumptions against the phases."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from icplan.assumptions import BY_NAME
from icplan.verdict.premises import Where
from icplan.verify.result import Rejected, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.packing.problem import Vector
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.outcome import Outcome
    from icplan.verdict.phase import Phase
    from icplan.verdict.premises import Premises
    from icplan.verdict.verdict import Verdict
    from icplan.verify.phases import ExpectedPhase

#: What one copy takes on each type.
Demands: TypeAlias = "tuple[Vector | None, ...]"


def check_phases_agree(change: ChangeVerdict, premises: Sequence[tuple[Premises, bool]]) -> None:
    """Raise `Rejected` unless the premises of the phases differ in the copies of the component alone.

    ``premises`` come with whether they are those of a rollback.
    """
    name, taken = change.inference_component_name, (set[Demands](), set[Demands]())
    for (one, _), (other, _) in itertools.pairwise(premises):
        ground = (one.pools, one.cpu_unit, one.arriving, one.together, one.measured)
        same = ground == (other.pools, other.cpu_unit, other.arriving, other.together, other.measured)
        require(same, "its phases speak of other instances or amounts")
        there = [[entry for entry in each.existing if entry.component != name] for each in (one, other)]
        require(there[0] == there[1], "its phases speak of other copies beside them")
    for one, back in premises:
        taken[back].add(one.target.demands)
    ahead, behind = taken
    require(len(ahead) <= 1 and len(behind) <= 1, "what a copy takes differs from phase to phase")
    if change.operation == "UpdateInferenceComponentRuntimeConfig":
        behind = ahead
    for one, back in premises if behind else ():
        known = {pair for row in (*behind, *(ahead if back else ())) for pair in enumerate(row)}
        own = [entry.demands for entry in one.existing if entry.component == name]
        pairs = {(pool, demand) for row in own for pool, demand in enumerate(row) if demand is not None}
        require(pairs <= known, "copies that are there take something else")


def check_instances(phase: Phase, premises: Premises) -> None:
    """Raise `Rejected` unless as many instances are there as the phase has, and hold something."""
    pools = premises.pools
    require(len({pool.type for pool in pools}) == len(pools), "an instance type is told twice")
    require(sum(pool.count for pool in pools) == phase.instances_now, "another number of instances runs")
    laid = all(p.holds is None or sum(one.instances for one in p.holds) == p.count for p in pools)
    require(laid, "another number of instances holds something")
    require(premises.arriving <= premises.together[0], "more is sure than may be")


def check_premises(name: str, phase: Phase, premises: Premises, expected: ExpectedPhase) -> None:
    """Raise `Rejected` unless as many copies and instances are there as the phase has.

    What does not fit on empty instances does not fit beside anything, so that what is no promise may leave
    out all that lies there.
    """
    check_instances(phase, premises)
    held = [one for pool in premises.pools for one in pool.holds or ()]
    require(premises.target.copies == expected.need, "another number of copies is to be placed")
    mine = [one for one in premises.existing if one.component == name]
    rest = [one for one in premises.existing if one.component != name]
    # Left out, what has been replaced binds nothing: others may have come where it was.
    gone = sum(one.leave for one in mine)
    require(gone in (0, expected.left), "other copies leave than have been replaced")
    require(not any(one.leave for one in rest), "others leave than have been replaced")
    beside = sum(one.copies - one.leave for one in mine if one.where is not Where.PERHAPS)
    empty = not premises.existing and not phase.outcome.fits
    require(empty or beside == expected.beside, "another number of copies lies there")
    for one in premises.existing:
        count = sum(group.instances * group.copies.get(one.component, 0) for group in held)
        among = one.where is not Where.AMONG_HELD or one.copies <= count
        require(among and (one.where is not Where.HELD or one.copies == count), "other copies are held")
        require(one.where is not Where.ANYWHERE or expected.back, "copies lie where they cannot")
        require(one.coming <= one.copies and (one.where is Where.PERHAPS or not one.coming), "others come")


_AMOUNT = re.compile(r"(?P<type>.+): (?P<low>[\d.]+) to (?P<high>[\d.]+) (?P<unit>cores|MiB)")


#: Names of amounts, in the order of a vector, with their units and how many of those make one.
_AMOUNTS = (("allocatable-cpu", "cores", 1000), ("allocatable-memory", "MiB", 1))


#: The finding that it is not told how many instances are of which type; then no amount is assumed.
_UNCOUNTED = {"ICP310", "ICP316"}


def check_assumptions(verdict: Verdict, outcome: Outcome) -> None:
    """Raise `Rejected` unless assumptions are named once, turn the outcome, and are those of the evidence."""
    assumptions = verdict.assumptions
    amounts = {name for name, _, _ in _AMOUNTS}
    names = Counter((one.name, one.value.rpartition(":")[0]) for one in assumptions)
    require(all(count == 1 for count in names.values()), "an assumption is named twice")
    for one in assumptions:
        turned = list(one.otherwise.values())
        require(outcome not in turned, "an assumption is said to turn the outcome into what it is")
        require(one.value not in one.otherwise, "an assumption is said to turn itself")
        known = BY_NAME.get(one.name)
        if known is not None and not known.share:
            require({one.value, *one.otherwise} <= set(known.choices), "an assumption has no such value")
            require(one.basis == known.basis, "an assumption rests on something else")
        require(one.relied_on or not (turned or one.threshold), "what is not relied on turns nothing")
        alone = one.name in amounts and len(verdict.changes) == 1
        require(alone or one.threshold is None, "a threshold is told of what has none")
    told = {(one.name, *_amount(one.value)) for one in assumptions if one.name in amounts}
    premises = [[phase.premises for phase in change.phases if phase.premises] for change in verdict.changes]
    shown = [set(_known(some[0])) for some in premises if some]
    if len(premises) == 1 and shown:
        (change,) = verdict.changes
        uncounted = any(finding.rule in _UNCOUNTED for finding in change.findings)
        # Of a change of the endpoint itself the evidence alone tells the amounts.
        unnamed = uncounted or not change.inference_component_name
        require(
            told == shown[0] or (unnamed and not told), "the amounts assumed are not those of the evidence"
        )
    elif len(shown) == sum(bool(change.phases) for change in verdict.changes):
        require(told <= set().union(*shown), "the amounts assumed are not those of the evidence")


def _amount(value: str) -> tuple[str, Fraction, Fraction, str]:
    match = _AMOUNT.fullmatch(value)
    if match is None:
        raise Rejected(f"no amount is {value}")
    return match["type"], Fraction(match["low"]), Fraction(match["high"]), match["unit"]


def _known(premises: Premises) -> Iterator[tuple[str, str, Fraction, Fraction, str]]:
    for pool in premises.pools:
        for (name, unit, parts), (low, high) in zip(_AMOUNTS, pool.capacity, strict=False):
            each = premises.cpu_unit if unit == "cores" else 1
            yield (
                name,
                pool.type,
                Fraction(round(low * each), parts),
                Fraction(round(high * each), parts),
                unit,
            )


_OTHER = "the duration is not that of its batches"


def check_duration(change: ChangeVerdict, assumed: Mapping[str, str]) -> None:
    """Raise `Rejected` unless the duration, or that there is none, follows from the phases."""
    duration, phases = change.duration, change.phases
    before = change.copies[0] if change.copies else 0
    batches = [p.step.batch for p in phases if p.kind == "place" and p.step and p.step.batch is not None]
    if duration is None:
        alone = assumed["update-without-deployment-config"] == "one-by-one" and set(batches) == {1}
        require(alone or not batches, "a rolling update has no duration")
        return
    update, back = duration.update, duration.rollback
    require(change.rollback_outcome is not None, "what does not roll has a duration")
    require(batches or phases[0].kind == "steady", "what does not roll has a duration")
    require(update.batches == len(batches), _OTHER)
    for pace in (update, back):
        for seconds in (pace.wait_seconds, pace.start_seconds):
            require(not seconds % max(1, pace.batches), _OTHER)
    if batches:
        wait = update.wait_seconds * back.batches == back.wait_seconds * update.batches
        require(wait, "the batches of a rollback wait otherwise than those of the update")
    first = [phase.old[1] for phase in phases if phase.kind == "rollback" and phase.old and not phase.old[0]]
    counts = {-(-before // max(1, copies)) for copies in first}
    require(0 < back.batches <= before and counts <= {back.batches}, _OTHER)
