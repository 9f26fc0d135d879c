"""Two remedies at a time, where none helps by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.feasibility.every_step import check_forward
from icplan.remedies.scale_down_first import delete, failed_ones, others, scale
from icplan.remedies.smaller_request import batch_patch
from icplan.rollout.steps import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.fleet.fleet import Component, Fleet
    from icplan.remedies.search import Answer, Envelope, RemedyCandidate, RemedyKind, RemedySearch, WhatIf
    from icplan.rollout.steps import CapacityChange
    from icplan.verdict.verdict import Outcome


@attrs.frozen
class _First:
    """What is done first of the two: in words, by a call or a patch, and whether a component idles by it."""

    words: str
    shop: RemedySearch
    calls: tuple[Envelope, ...] = ()
    patch: tuple[Mapping[str, Any], ...] = ()


@attrs.frozen
class _Before:
    """What is only tried, once calls have been made."""

    made: tuple[Envelope, ...]
    what_if: WhatIf

    def outcome(self, calls: Sequence[Envelope], least: Outcome) -> Answer:
        """As `WhatIf` has it, that of the calls before included."""
        return self.what_if.outcome([*self.made, *calls], least)


def two_together(shop: RemedySearch, kinds: Sequence[RemedyKind]) -> Iterator[RemedyCandidate]:
    """Every remedy that is found once another has been made, the two as one.

    What finds nothing after all that may come first, done together, finds nothing after one of them.
    """
    possible = _can_be_slower(shop) or failed_ones(shop) or others(shop)
    promising = _promising(_after_all(shop), kinds) if possible else []
    for first in _firsts(shop) if promising else ():
        for found in (one for kind in promising for one in _found(kind, first.shop)):
            if shop.budget.exhausted:
                return
            remedy = attrs.evolve(
                found.remedy,
                description=f"{first.words}, and {found.remedy.description}",
                before=(*first.calls, *found.remedy.before),
                patch=(*first.patch, *found.remedy.patch),
            )
            yield attrs.evolve(found, remedy=remedy)


def _promising(most: RemedySearch, kinds: Sequence[RemedyKind]) -> Sequence[RemedyKind]:
    """What may help after one thing, by what helps after all: anything, if nothing is missing then."""
    if most.works([most.patched()]):
        return kinds
    return [kind for kind in kinds if not most.budget.exhausted and _finds(kind, most)]


def _found(kind: RemedyKind, shop: RemedySearch) -> Iterator[RemedyCandidate]:
    return kind.remedies(shop) if kind.applies(shop) else iter(())


def _finds(kind: RemedyKind, shop: RemedySearch) -> bool:
    return next(_found(kind, shop), None) is not None


def _firsts(shop: RemedySearch) -> Iterator[_First]:
    for failed in failed_ones(shop):
        yield _after(shop, f"delete {failed.name}, which has failed, first", delete(failed.name), failed, 0)
    if _can_be_slower(shop):
        yield _in_batches(shop)
    for other in others(shop):
        if other.placed > 1:
            words = f"scale {other.name} down from {other.placed} copies to 1 first"
            yield _after(shop, words, scale(other.name, 1), other, 1)


def _after_all(shop: RemedySearch) -> RemedySearch:
    """After all that may come first: no copy of the others is left, and copies are replaced one by one."""
    calls = [delete(failed.name) for failed in failed_ones(shop)]
    calls += [scale(other.name, 0) for other in others(shop)]
    made = tuple(call for call in calls if shop.works([call]))
    gone = {call["Request"]["InferenceComponentName"] for call in made}
    left = tuple(one for one in shop.fleet.components if one.name not in gone)
    fleet = attrs.evolve(shop.fleet, components=left, contents=None)
    after = attrs.evolve(shop, what_if=_Before(made, shop.what_if))
    if not _can_be_slower(shop):
        return _on(after, fleet, shop.move)
    return _on(_patched(after), fleet, _one_by_one(shop.move))


def _can_be_slower(shop: RemedySearch) -> bool:
    """Whether copies are replaced, and more than one at a time."""
    before, batch = shop.move.before, shop.move.batch
    single = batch is not None and (batch.type, batch.value) == ("COPY_COUNT", 1)
    return shop.move.replaces and before is not None and before.copies > 1 and not single


def _in_batches(shop: RemedySearch) -> _First:
    """One copy at a time."""
    words = "replace 1 copy at a time (MaximumBatchSize COPY_COUNT 1)"
    after = _on(_patched(shop), shop.fleet, _one_by_one(shop.move))
    return _First(words, after, patch=(batch_patch(shop.move, 1),))


def _patched(shop: RemedySearch) -> RemedySearch:
    """With a request that replaces one copy at a time."""
    return attrs.evolve(shop, request=shop.patched(batch_patch(shop.move, 1))["Request"])


def _one_by_one(move: CapacityChange) -> CapacityChange:
    return attrs.evolve(move, batch=Batch("COPY_COUNT", 1))


def _after(shop: RemedySearch, words: str, call: Envelope, other: Component, copies: int) -> _First:
    """With so few copies of another component."""
    kept = (
        attrs.evolve(one, placed=copies, in_flight=0, by_type=None) if one.name == other.name else one
        for one in shop.fleet.components
    )
    left = tuple(one for one in kept if one.copies)
    fleet = attrs.evolve(shop.fleet, components=left, contents=None)
    after = attrs.evolve(shop, what_if=_Before((call,), shop.what_if))
    return _First(words, _on(after, fleet, shop.move), calls=(call,))


def _on(shop: RemedySearch, fleet: Fleet, move: CapacityChange) -> RemedySearch:
    """What remedies of another change, or on another fleet, are judged with."""
    trial = shop.assumptions.afresh()
    judged = check_forward(fleet, move, shop.box, trial, shop.budget)
    return attrs.evolve(shop, fleet=fleet, judged=judged)
