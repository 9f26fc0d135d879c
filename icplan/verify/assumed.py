"""Whether the assumptions agree with the outcome and with the amounts that the evidence speaks of."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from icplan.assumptions import BY_NAME
from icplan.verdict import Outcome
from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.verify.questions import PhaseProblems, Premises

_AMOUNT = re.compile(r"(?P<type>.+): (?P<low>[\d.]+) to (?P<high>[\d.]+) (?P<unit>cores|MiB)")
#: Names of amounts, in the order of a vector, with their units and how many of those make one.
_AMOUNTS = (("allocatable-cpu", "cores", 1000), ("allocatable-memory", "MiB", 1))
#: The finding that it is not told how many instances are of which type; then no amount is assumed.
_UNCOUNTED = "ICP316"


def check_assumptions(verdict: Mapping[str, Any], asked: Sequence[Sequence[PhaseProblems]]) -> None:
    """Raise `Rejected` unless assumptions are named once, turn the outcome, and are those of the evidence.

    ``asked`` has the problems of each change.
    """
    outcome, assumptions = Outcome(verdict["Outcome"]), verdict["Assumptions"]
    amounts = {name for name, _, _ in _AMOUNTS}
    names = Counter((one["Name"], one["Value"].rpartition(":")[0]) for one in assumptions)
    require(all(count == 1 for count in names.values()), "an assumption is named twice")
    for one in assumptions:
        turned = [Outcome(other) for other in one["Otherwise"].values()]
        require(outcome not in turned, "an assumption is said to turn the outcome into what it is")
        require(one["Value"] not in one["Otherwise"], "an assumption is said to turn itself")
        known = BY_NAME.get(one["Name"])
        if known is not None and not known.share:
            require(
                {one["Value"], *one["Otherwise"]} <= set(known.choices), "an assumption has no such value"
            )
            require(one["Basis"] == known.basis, "an assumption rests on something else")
        require(one["ReliedOn"] or not (turned or one["Threshold"]), "what is not relied on turns nothing")
        alone = one["Name"] in amounts and len(verdict["Changes"]) == 1
        require(alone or one["Threshold"] is None, "a threshold is told of what has none")
    told = {(one["Name"], *_amount(one["Value"])) for one in assumptions if one["Name"] in amounts}
    shown = [set(_known(questions[0].ground)) for questions in asked if questions]
    if len(asked) == 1 and shown:
        uncounted = any(f["Rule"] == _UNCOUNTED for f in verdict["Changes"][0]["Findings"])
        require(
            told == shown[0] or (uncounted and not told), "the amounts assumed are not those of the evidence"
        )
    elif len(shown) == sum(bool(change["Phases"]) for change in verdict["Changes"]):
        require(told <= set().union(*shown), "the amounts assumed are not those of the evidence")


def _amount(value: str) -> tuple[str, Fraction, Fraction, str]:
    match = _AMOUNT.fullmatch(value)
    if match is None:
        raise ValueError(value)
    return match["type"], Fraction(match["low"]), Fraction(match["high"]), match["unit"]


def _known(ground: Premises) -> Iterator[tuple[str, str, Fraction, Fraction, str]]:
    for pool, kind in enumerate(ground.types):
        for (name, unit, parts), (low, high) in zip(_AMOUNTS, ground.side(pool), strict=True):
            each = ground.unit if unit == "cores" else 1
            yield name, kind, Fraction(round(low * each), parts), Fraction(round(high * each), parts), unit
