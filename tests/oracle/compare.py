"""icplan's answer beside the truth: agreed, hedged, or wrong, with the reason."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final
from unittest import mock

import attrs
from families import FAMILIES, arguments, case
from service import TooMany
from truth import answers

import icplan
from icplan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from draw import Json
    from service import Reading
    from truth import Truth

AGREED, HEDGED, WRONG, SKIPPED = "agreed", "hedged", "wrong", "skipped"
_RANK: Final = {AGREED: 0, SKIPPED: 0, HEDGED: 1, WRONG: 2}
#: The rules that docs/assumptions.md names, as it has them: with all of them set, no answer turns on them.
ASSUMED: Final = {
    "update-without-deployment-config": "all-at-once",
    "rollback-without-batch": "all-at-once",
    "batch-rounding": "up",
    "update-to-fewer-copies": "replace-all",
    "spec-change-replaces-copies": "always",
    "emptied-instances": "kept",
    "nested-members": "keep",
}


@attrs.frozen
class Found:
    """How one question came out: what was said of which part, and what is true."""

    grade: str
    reason: str = ""


@attrs.frozen
class Compared:
    """A case, and how icplan did."""

    case: Json
    found: tuple[Found, ...]

    @property
    def worst(self) -> Found:
        return max(self.found, key=lambda one: _RANK[one.grade])


def compare(drawn: Json) -> Compared:
    """Judge a case and hold the answer against the truth."""
    try:
        truths = answers(drawn)
    except TooMany:
        return Compared(drawn, (Found(SKIPPED, "too many ways"),))
    try:
        verdict = icplan.check(
            drawn["change"],
            icplan.Snapshot.from_dict(drawn["snapshot"]),
            allocatable=arguments(drawn["machines"]),
            assume=ASSUMED,
        )
    except InputError as error:
        return Compared(drawn, (Found(WRONG, f"not judged: {_without_figures(error)}"),))
    found: list[Found] = []
    for number, change in enumerate(verdict.changes):
        here = {reading: one[number] for reading, one in truths.items() if len(one) > number}
        if not here:
            break
        where = "" if len(verdict.changes) == 1 else f"change {number + 1}: "
        found.append(_forward(where, str(change.outcome), here))
        back = change.rollback_outcome
        if back is not None and all(one.rolls for one in here.values()):
            found.append(_backward(where, str(back), here))
    return Compared(drawn, tuple(found) or (Found(SKIPPED, "nothing to compare"),))


def _without_figures(error: InputError) -> str:
    """The beginning of a message, which is the same for all cases of a kind."""
    return str(error).partition(" cannot have been placed: ")[0][:100]


def _forward(where: str, said: str, truths: Mapping[Reading, Truth]) -> Found:
    """The mildest grade of all readings: only what is wrong however AWS's words are read is wrong."""
    return min(
        (_graded(where, said, one.forward.outcome) for one in truths.values()),
        key=lambda found: _RANK[found.grade],
    )


def _backward(where: str, said: str, truths: Mapping[Reading, Truth]) -> Found:
    rollbacks = [one.rollback for one in truths.values()]
    return min(
        (_graded(f"{where}rollback ", said, one) for one in rollbacks if one is not None),
        key=lambda found: _RANK[found.grade],
    )


def _graded(where: str, said: str, true: str) -> Found:
    reason = f"{where}{said}, is {true}"
    if said in {"invalid", "blocked"}:
        return Found(WRONG, reason) if true.startswith("fits") else Found(SKIPPED, reason)
    if said == true:
        return Found(AGREED)
    if said in {"may-not-fit", "undecided"}:
        return Found(HEDGED, reason)
    if where.endswith("rollback ") and said.startswith("fits") and true.startswith("fits"):
        return Found(AGREED)
    if said == "fits-after-scale-out" and true == "fits":
        return Found(HEDGED, reason)
    return Found(WRONG, reason)


def tally(family: str, seed: int, numbers: Iterable[int]) -> tuple[Counter[str], list[tuple[int, Compared]]]:
    """Grades of many cases by number, and those cases that are not simply agreed.

    No fixes are looked for: that takes more than half of the time, and comes after the outcome.
    """
    counts = Counter[str]()
    rest = []
    for number in numbers:
        with mock.patch("icplan.judge.capacity.looked_for", return_value=False):
            compared = compare(case(family, seed, number))
        counts[compared.worst.grade] += 1
        if compared.worst.grade in {HEDGED, WRONG}:
            rest.append((number, compared))
    return counts, rest


def size(drawn: Json) -> tuple[int, int]:
    """Small cases are easier to read: instances, copies and requests, then characters."""
    shown = drawn["snapshot"]
    counts = sum(one["CurrentInstanceCount"] for one in shown["Endpoint"]["ProductionVariants"])
    copies = sum(1 + one["RuntimeConfig"]["DesiredCopyCount"] for one in shown["InferenceComponents"])
    calls = drawn["change"] if isinstance(drawn["change"], list) else [drawn["change"]]
    return counts + copies + 2 * len(calls), len(str(drawn))


__all__ = [
    "AGREED",
    "FAMILIES",
    "HEDGED",
    "SKIPPED",
    "WRONG",
    "Compared",
    "Found",
    "compare",
    "size",
    "tally",
]
