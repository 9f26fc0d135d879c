"""Two remedies at a time, where none helps by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.feasibility.every_step import check_forward
from icplan.remedies.scale_down_first import delete, failed_ones, others, scale
from icplan.remedies.smaller_request import batch_patch
from icplan.rollout.steps import Batch
from icplan.verdict.command import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from icplan.fleet.fleet import Component, Fleet
    from icplan.remedies.search import Answer, Envelope, RemedyCandidate, RemedySearch, WhatIf
    from icplan.rollout.steps import CapacityChange
    from icplan.verdict.verdict import Outcome, Remedy


@attrs.frozen
class _First:
    """What is done first of the two: in words, by a call or a patch, and whether a component idles by it."""

    words: str
    search: RemedySearch
    calls: tuple[Envelope, ...] = ()
    patch: tuple[Mapping[str, Any], ...] = ()


@attrs.frozen
class _Before:
    """What is only tried, once a call has been made."""

    call: Envelope
    what_if: WhatIf

    def outcome(self, calls: Sequence[Envelope], least: Outcome) -> Answer:
        """As `WhatIf` has it, that of the call included."""
        return self.what_if.outcome([self.call, *calls], least)

    def outcome_of(
        self, change: CapacityChange, fleet: Fleet, least: Outcome, *, back: bool = False
    ) -> Answer:
        """As `WhatIf` has it: the fleet is the one that the call leaves."""
        return self.what_if.outcome_of(change, fleet, least, back=back)


def two_together(
    search: RemedySearch, each: Callable[[RemedySearch], Iterator[RemedyCandidate]]
) -> Iterator[RemedyCandidate]:
    """Every remedy that ``each`` finds once another has been made, the two as one."""
    for first in _firsts(search):
        for found in each(first.search):
            if search.question.budget.exhausted:
                return
            remedy = attrs.evolve(
                found.remedy,
                description=f"{first.words}, and {found.remedy.description}",
                before=(*first.calls, *found.remedy.before),
            )
            yield attrs.evolve(found, remedy=_with_request_patched(remedy, first.patch))


def _with_request_patched(remedy: Remedy, patch: tuple[Mapping[str, Any], ...]) -> Remedy:
    """The remedy with these operations on the request made first, whatever document it changes besides."""
    if remedy.target is Target.REQUEST:
        return attrs.evolve(remedy, patch=(*patch, *remedy.patch))
    return attrs.evolve(remedy, request_patch=(*patch, *remedy.request_patch))


def _firsts(search: RemedySearch) -> Iterator[_First]:
    for failed in failed_ones(search):
        yield _after(search, f"delete {failed.name}, which has failed, first", delete(failed.name), failed, 0)
    before, batch = search.change.before, search.change.batch
    single = batch is not None and (batch.type, batch.value) == ("COPY_COUNT", 1)
    if search.change.replaces and before is not None and before.copies > 1 and not single:
        yield _in_batches(search)
    for other in others(search):
        if other.placed > 1:
            words = f"scale {other.name} down from {other.placed} copies to 1 first"
            yield _after(search, words, scale(other.name, 1), other, 1)


def _in_batches(search: RemedySearch) -> _First:
    """One copy at a time."""
    patch = batch_patch(search.change, 1)
    request = search.patched(patch)["Request"]
    change = attrs.evolve(search.change, batch=Batch("COPY_COUNT", 1))
    words = "replace 1 copy at a time (MaximumBatchSize COPY_COUNT 1)"
    return _First(words, _on(attrs.evolve(search, request=request), search.fleet, change), patch=(patch,))


def _after(search: RemedySearch, words: str, call: Envelope, other: Component, copies: int) -> _First:
    """With so few copies of another component."""
    kept = (
        attrs.evolve(one, placed=copies, in_flight=0, by_type=None) if one.name == other.name else one
        for one in search.fleet.components
    )
    left = tuple(one for one in kept if one.copies)
    fleet = attrs.evolve(search.fleet, components=left, contents=None)

    after = attrs.evolve(search, what_if=_Before(call, search.what_if))
    return _First(words, _on(after, fleet, search.change), calls=(call,))


def _on(search: RemedySearch, fleet: Fleet, change: CapacityChange) -> RemedySearch:
    """What remedies of another change, or on another fleet, are judged with."""
    question = attrs.evolve(search.question, fleet=fleet, change=change)
    return attrs.evolve(search, question=question, judged=check_forward(question))
