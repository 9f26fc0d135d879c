"""The steps of a change as SageMaker carries it out: what is placed beside what, and on rollback."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from icplan.requests.batches import sized_batch
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from icplan.assumptions import Assumptions
    from icplan.fleet.fleet import Component, Demand, Fleet


class Scope(enum.Enum):
    """Where copies may lie while others are placed."""

    RUNNING = "on the instances that ran before the change"
    ANYWHERE = "there or on launched ones"
    MAYBE_PLACED = "anywhere, or nowhere yet"


@frozen
class ExistingCopies:
    """Copies of one component that lie somewhere while a step is placed.

    ``departed`` of them have left by then (which ones is unknown), but lay there when the others settled.
    """

    component: Component
    copies: int
    where: Scope = Scope.RUNNING
    departed: int = 0


@frozen
class CopyCounts:
    """How many old and new copies of the component run before a step, and after it."""

    old: tuple[int, int]
    new: tuple[int, int]


@frozen
class Step:
    """``copies`` copies are to be placed beside those that lie there.

    ``placed_before`` counts copies with the same need that the steps before have placed; ``batch`` tells a
    batch of a rolling update. A step of a rollback belongs to one that begins when ``after_step`` forward
    steps are done.
    """

    name: str
    kind: str
    need: Demand
    copies: int
    existing: tuple[ExistingCopies, ...]
    counts: CopyCounts
    placed_before: int = 0
    after_step: int = 0
    batch: bool = False

    @property
    def unpinned(self) -> int:
        """The copies beside it that may lie on launched instances."""
        return sum(entry.copies for entry in self.existing if entry.where is not Scope.RUNNING)


@frozen
class Batch:
    """A rolling update's batch: copies, or a percentage of them."""

    type: str
    value: int

    def copies(self, of: int, assumptions: Assumptions) -> int:
        """How many copies one batch replaces, at least 1 and at most all."""
        return sized_batch(self, of, assumptions.use)


@frozen
class CapacityChange:
    """A change, reduced to what capacity cares about.

    ``before`` is the component as it runs (``None`` for a new one), ``need`` and ``copies`` what it is to
    become, ``replaces`` whether running copies give way to new ones. ``packs`` (BINPACK) and
    ``zone_imbalance`` (the most that zones may differ) tell where new copies are likely to go, never where
    they can go.
    """

    component: str
    before: Component | None
    need: Demand
    copies: int
    replaces: bool = False
    batch: Batch | None = None
    rollback_batch: Batch | None = None
    binpack: bool = False
    zone_imbalance: int | None = None


def forward_steps(move: CapacityChange, fleet: Fleet, assumptions: Assumptions) -> tuple[Step, ...]:
    """The steps of a change in order. One that only removes copies has none."""
    others = tuple(existing_copies(fleet.without(move.component)))
    if move.before is None:
        return _place(move, move.copies, others, CopyCounts((0, 0), (0, move.copies)))
    if not move.replaces:
        # Copies that are desired but do not run yet have to be placed as well.
        running = move.before.placed
        counts = CopyCounts((running, running), (0, move.copies - running))
        mine = (ExistingCopies(move.before, running),) if running else ()
        return _place(move, move.copies - running, (*others, *mine), counts)
    return _replace(move, move.before, others, assumptions)


def binding_steps(move: CapacityChange, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps that decide the outcome of all.

    Where copies give way to ones that reserve the same, every copy that leaves makes room for exactly one, so
    the first batch, the largest, finds as little room as any.
    """
    before = move.before
    if not move.replaces or before is None or move.need != before.need:
        return steps
    if any(may_come(step.existing) for step in steps):
        return steps  # what leaves may make room for a copy of another component
    return (*steps[:1], *(step for step in steps[1:] if step.placed_before >= before.placed))


def may_come(existing: Iterable[ExistingCopies]) -> bool:
    """Whether copies of a component in motion may be placed at any time from now on."""
    return any(entry.where is Scope.MAYBE_PLACED and entry.component.coming for entry in existing)


def _stay(existing: Iterable[ExistingCopies]) -> tuple[ExistingCopies, ...]:
    """What lies there while a step is placed.

    The room of what has left is there for it, unless copies of a component in motion may have taken it:
    those settle at any time, so nothing is known of where they do but what is left.
    """
    entries = tuple(existing)
    if not may_come(entries):
        return entries
    left = (attrs.evolve(one, copies=one.copies - one.departed, departed=0) for one in entries)
    return tuple(one for one in left if one.copies)


def existing_copies(fleet: Fleet) -> Iterator[ExistingCopies]:
    """What lies on a fleet before anything is done."""
    for component in fleet.grouped():
        yield from _lying_component(component)


def _lying_component(component: Component) -> Iterator[ExistingCopies]:
    if component.placed:
        yield ExistingCopies(component, component.placed)
    if component.in_flight:
        yield ExistingCopies(component, component.in_flight, Scope.MAYBE_PLACED)


def _place(
    move: CapacityChange,
    copies: int,
    existing: tuple[ExistingCopies, ...],
    counts: CopyCounts,
    placed_before: int = 0,
) -> tuple[Step, ...]:
    if copies <= 0:
        return ()
    return (Step(f"place {_count(copies)}", "place", move.need, copies, existing, counts, placed_before),)


def _replace(
    move: CapacityChange, before: Component, others: tuple[ExistingCopies, ...], assumptions: Assumptions
) -> tuple[Step, ...]:
    old = before.placed
    if before.in_flight:
        others = (*others, ExistingCopies(before, before.in_flight, Scope.MAYBE_PLACED))
    if old == 0:
        return _place(move, move.copies, others, CopyCounts((0, 0), (0, move.copies)))
    size = batch_size(move, old, assumptions)
    if size is None:
        name = f"place {_count(move.copies, 'new')} beside {old} old"
        counts = CopyCounts((old, 0), (0, move.copies))
        whole = Step(name, "place", move.need, move.copies, (*others, ExistingCopies(before, old)), counts)
        return (whole,) if move.copies else ()
    gone = ExistingCopies(before, old, departed=old)
    counts = CopyCounts((0, 0), (old, move.copies))
    more = _place(move, move.copies - old, _stay((*others, gone)), counts, placed_before=old)
    return (*_batches(move, before, others, size, copies_to_replace(move, old, assumptions)), *more)


def batch_size(move: CapacityChange, old: int, assumptions: Assumptions) -> int | None:
    """How many copies are replaced at a time; ``None`` when all are at once, beside the old ones."""
    if move.batch is not None:
        return move.batch.copies(old, assumptions)
    return None if assumptions.use("update-without-deployment-config") == "all-at-once" else 1


def copies_to_replace(move: CapacityChange, old: int, assumptions: Assumptions) -> int:
    """How many new copies take the place of the old ones, batch by batch."""
    fewer = move.copies < old and assumptions.use("update-to-fewer-copies") == "replace-fewer"
    return move.copies if fewer else old


def rollback_size(move: CapacityChange, old: int, assumptions: Assumptions) -> int:
    """How many old copies a rollback puts back at a time."""
    if move.rollback_batch is not None:
        return move.rollback_batch.copies(old, assumptions)
    return old if assumptions.use("rollback-without-batch") == "all-at-once" else 1


def _batches(
    move: CapacityChange, before: Component, others: tuple[ExistingCopies, ...], size: int, new: int
) -> Iterator[Step]:
    """Each batch is placed first; then as many old copies leave, and their room is there for the next.

    With the last of the ``new`` copies all old ones are gone.
    """
    old = before.placed
    starts = range(0, new, size)
    for number, done in enumerate(starts, start=1):
        now = min(size, new - done)
        left = 0 if done + now == new else old - done - now
        name = f"step {number} of {len(starts)}: {_count(now, 'new')} beside {old - done} old"
        existing = _stay((*others, ExistingCopies(before, old, departed=done)))
        counts = CopyCounts((old - done, left), (done, done + now))
        yield Step(name, "place", move.need, now, existing, counts, placed_before=done, batch=True)


def rollback_steps(
    move: CapacityChange, fleet: Fleet, assumptions: Assumptions, reached: Sequence[Step]
) -> tuple[Step, ...] | None:
    """The steps of a rollback, from every moment it may begin; ``None`` for a change that has none.

    ``reached`` are the forward steps that can be done; a rollback may begin after each. Where new copies lie
    is not known, nor where old ones that came back do; so they may lie anywhere.
    """
    before = move.before
    if not move.replaces or before is None or not before.placed:
        return None
    if batch_size(move, before.placed, assumptions) is None:
        return ()  # the old copies run until all new ones are in service
    again = rollback_size(move, before.placed, assumptions)
    others = tuple(existing_copies(fleet.without(move.component)))
    begins = _rollback_starts(move, before, reached)
    found: dict[tuple[CopyCounts, bool], Step] = {}
    first: dict[tuple[CopyCounts, bool], int] = {}
    for _, counts in begins:
        found |= _until_seen(found, _rollback_steps(move, before, others, again, counts))
    for after_step, counts in reversed(begins):
        first |= dict.fromkeys(
            _until_seen(first, _rollback_steps(move, before, others, again, counts)), after_step
        )
    return tuple(attrs.evolve(step, after_step=first[key]) for key, step in found.items())


def _until_seen(
    met: Container[tuple[CopyCounts, bool]], back: Iterator[Step]
) -> dict[tuple[CopyCounts, bool], Step]:
    """The moments on a way back, up to one that was met on another way: from there on both are the same."""
    found = {}
    for number, step in enumerate(back):
        key = step.counts, number == 0
        if key in met:
            break
        found[key] = step
    return found


def _rollback_starts(
    move: CapacityChange, before: Component, reached: Sequence[Step]
) -> list[tuple[int, CopyCounts]]:
    """The forward steps after which a rollback may begin, by number, the last one first."""
    begins = [(number, step.counts) for number, step in enumerate(reached, start=1)][::-1]
    if move.need != before.need or any(may_come(step.existing) for step in reached):
        return begins
    # Alike copies: the more old ones are gone, the more must come back, beside as many copies as ever. Those
    # placed once no old one is left take further room, but perhaps none where they find none themselves.
    further = [begin for begin in begins if begin[1].old == (0, 0)]
    return further + [begin for begin in begins if begin[1].old != (0, 0)][:1]


def _rollback_steps(
    move: CapacityChange, before: Component, others: tuple[ExistingCopies, ...], again: int, begin: CopyCounts
) -> Iterator[Step]:
    """The batches of one rollback, each placed before as many new copies leave.

    What has just left lay there when the rest settled, so the room it had is there.
    """
    new, kept = begin.new[1], begin.old[1]
    fresh = attrs.evolve(before, need=move.need, by_type=None)
    gone_old, gone_new, where = begin.old[0] - kept, 0, Scope.RUNNING
    while kept < before.placed:
        now = min(again, before.placed - kept)
        existing = list(others)
        if new + gone_new:
            existing.append(ExistingCopies(fresh, new + gone_new, Scope.ANYWHERE, departed=gone_new))
        if kept + gone_old:
            existing.append(ExistingCopies(before, kept + gone_old, where, departed=gone_old))
        gone_old, gone_new, where = 0, min(now, new), Scope.ANYWHERE
        name = f"put {_count(now, 'old')} back beside {new} new"
        counts = CopyCounts((kept, kept + now), (new, new - gone_new))
        yield Step(name, "rollback", before.need, now, _stay(existing), counts)
        if move.need == before.need and not may_come(others):
            return  # alike copies: each batch has room where as many new ones have just left
        kept, new = kept + now, new - gone_new


def _count(copies: int, what: str = "") -> str:
    words = [str(copies), *([what] if what else []), "copy" if copies == 1 else "copies"]
    return " ".join(words)
