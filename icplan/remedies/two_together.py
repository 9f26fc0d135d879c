"""Two remedies at a time, where none helps by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.feasibility.every_step import check_forward
from icplan.remedies.scale_down_first import delete, failed_ones, others, scale
from icplan.remedies.smaller_request import batch_patch
from icplan.rollout.steps import Batch
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.fleet.fleet import Component, Fleet
    from icplan.remedies.trial import (
        Answer,
        Envelope,
        RemedyCandidate,
        RemedyKind,
        RemedySearch,
        SetAnswer,
        WhatIf,
    )
    from icplan.rollout.steps import CapacityChange
    from icplan.verdict.outcome import Outcome
    from icplan.verdict.remedy import Remedy
    from icplan.verdict.remedy_steps import QuotaRaise


@attrs.frozen
class _First:
    """What is done first of the two: in words, by a call or a patch, and whether a component idles by it."""

    words: str
    search: RemedySearch
    calls: tuple[Envelope, ...] = ()
    patch: tuple[Mapping[str, Any], ...] = ()


@attrs.frozen
class _Before:
    """What is only tried, once calls have been made."""

    made: tuple[Envelope, ...]
    what_if: WhatIf

    def outcome(self, calls: Sequence[Envelope], least: Outcome, first: Sequence[Envelope] = ()) -> SetAnswer:
        """As `WhatIf` has it, that of the calls before included."""
        return self.what_if.outcome([*self.made, *calls], least, first)

    def with_quota(self, raised: QuotaRaise) -> _Before:
        """The same once a quota is raised."""
        return _Before(self.made, self.what_if.with_quota(raised))

    def without_growth(self) -> _Before:
        """The same where no more instances may run at any time than run now."""
        return _Before(self.made, self.what_if.without_growth())

    def outcome_of(
        self, change: CapacityChange, fleet: Fleet, least: Outcome, *, back: bool = False
    ) -> Answer:
        """As `WhatIf` has it: the fleet is the one that the calls leave."""
        return self.what_if.outcome_of(change, fleet, least, back=back)


def two_together(search: RemedySearch, kinds: Sequence[RemedyKind]) -> Iterator[RemedyCandidate]:
    """Every remedy that is found once another has been made, the two as one.

    What finds nothing after all that may come first, done together, finds nothing after one of them.
    """
    possible = _can_be_slower(search) or failed_ones(search) or others(search)
    promising = _promising(_after_all(search), kinds) if possible else []
    for first in _firsts(search) if promising else ():
        for found in (one for kind in promising for one in _found(kind, first.search)):
            if search.question.budget.exhausted:
                return
            remedy = attrs.evolve(
                found.remedy,
                description=f"{first.words}, and {found.remedy.description}",
                before=(*first.calls, *found.remedy.before),
            )
            yield attrs.evolve(found, remedy=_with_request_patched(remedy, first.patch))


def _promising(most: RemedySearch, kinds: Sequence[RemedyKind]) -> Sequence[RemedyKind]:
    """What may help after one thing, by what helps after all: anything, if nothing is missing then."""
    if most.works([most.patched()]):
        return kinds
    return [kind for kind in kinds if not most.question.budget.exhausted and _finds(kind, most)]


def _found(kind: RemedyKind, search: RemedySearch) -> Iterator[RemedyCandidate]:
    return kind.remedies(search) if kind.applies(search) else iter(())


def _finds(kind: RemedyKind, search: RemedySearch) -> bool:
    return next(_found(kind, search), None) is not None


def _with_request_patched(remedy: Remedy, patch: tuple[Mapping[str, Any], ...]) -> Remedy:
    """The remedy with these operations on the request made first, whatever document it changes besides."""
    if remedy.target is Target.REQUEST:
        return attrs.evolve(remedy, patch=(*patch, *remedy.patch))
    return attrs.evolve(remedy, request_patch=(*patch, *remedy.request_patch))


def _firsts(search: RemedySearch) -> Iterator[_First]:
    for failed in failed_ones(search):
        yield _after(search, f"delete {failed.name}, which has failed, first", delete(failed.name), failed, 0)
    if _can_be_slower(search):
        yield _in_batches(search)
    for other in others(search):
        if other.placed > 1:
            words = f"scale {other.name} down from {other.placed} copies to 1 first"
            yield _after(search, words, scale(other.name, 1), other, 1)


def _after_all(search: RemedySearch) -> RemedySearch:
    """After all that may come first: no copy of the others is left, and copies are replaced one by one."""
    calls = [delete(failed.name) for failed in failed_ones(search)]
    calls += [scale(other.name, 0) for other in others(search)]
    made = tuple(call for call in calls if search.works([call]))
    gone = {call["Request"]["InferenceComponentName"] for call in made}
    left = tuple(one for one in search.fleet.components if one.name not in gone)
    fleet = attrs.evolve(search.fleet, components=left).moved()
    after = attrs.evolve(search, what_if=_Before(made, search.what_if))
    if not _can_be_slower(search):
        return _on(after, fleet, search.change)
    return _on(_patched(after), fleet, _one_by_one(search.change))


def _can_be_slower(search: RemedySearch) -> bool:
    """Whether copies are replaced, and more than one at a time."""
    before, batch = search.change.before, search.change.batch
    single = batch is not None and (batch.type, batch.value) == ("COPY_COUNT", 1)
    return search.change.replaces and before is not None and before.copies > 1 and not single


def _in_batches(search: RemedySearch) -> _First:
    """One copy at a time."""
    words = "replace 1 copy at a time (MaximumBatchSize COPY_COUNT 1)"
    after = _on(_patched(search), search.fleet, _one_by_one(search.change))
    return _First(words, after, patch=(batch_patch(search.change, 1),))


def _patched(search: RemedySearch) -> RemedySearch:
    """With a request that replaces one copy at a time."""
    return attrs.evolve(search, request=search.patched(batch_patch(search.change, 1))["Request"])


def _one_by_one(change: CapacityChange) -> CapacityChange:
    return attrs.evolve(change, batch=Batch("COPY_COUNT", 1))


def _after(search: RemedySearch, words: str, call: Envelope, other: Component, copies: int) -> _First:
    """With so few copies of another component."""
    kept = (
        attrs.evolve(one, placed=copies, in_flight=0, by_type=None) if one.name == other.name else one
        for one in search.fleet.components
    )
    left = tuple(one for one in kept if one.copies)
    fleet = attrs.evolve(search.fleet, components=left).moved()
    after = attrs.evolve(search, what_if=_Before((call,), search.what_if))
    return _First(words, _on(after, fleet, search.change), calls=(call,))


def _on(search: RemedySearch, fleet: Fleet, change: CapacityChange) -> RemedySearch:
    """What remedies of another change, or on another fleet, are judged with."""
    question = attrs.evolve(search.question, fleet=fleet, change=change)
    return attrs.evolve(search, question=question, judged=check_forward(question))
