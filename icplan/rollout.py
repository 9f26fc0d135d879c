"""How SageMaker carries out a change: what must be placed beside what, step by step, and on rollback."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.assumptions import Assumptions
    from icplan.fleet.model import Component, Fleet, Need


class Where(enum.Enum):
    """Where copies may lie while others are placed."""

    RUNNING = "on the instances that ran before the change"
    ANYWHERE = "there or on launched ones"
    PERHAPS = "anywhere, or nowhere yet"


@attrs.frozen
class Lying:
    """Copies of one component that lie somewhere while a step is placed.

    ``leave`` of them have left by then (which ones is unknown), but lay there when the others settled.
    """

    component: Component
    copies: int
    where: Where = Where.RUNNING
    leave: int = 0


@attrs.frozen
class Step:
    """``copies`` copies are to be placed beside those that lie there.

    ``already`` counts copies with the same need that the steps before have placed.
    """

    name: str
    kind: str
    need: Need
    copies: int
    beside: tuple[Lying, ...]
    already: int = 0

    @property
    def loose(self) -> int:
        """The copies beside it that may lie on launched instances."""
        return sum(entry.copies for entry in self.beside if entry.where is not Where.RUNNING)


@attrs.frozen
class Batch:
    """A rolling update's batch: copies, or a percentage of them."""

    type: str
    value: int

    def copies(self, of: int, assumptions: Assumptions) -> int:
        """How many copies one batch replaces, at least 1 and at most all."""
        if self.type == "COPY_COUNT":
            return max(1, min(self.value, of))
        exact = self.value * of
        rounded = exact // 100 if assumptions["batch-rounding"] == "down" else -(-exact // 100)
        return max(1, min(rounded, of))


@attrs.frozen
class Move:
    """A change, reduced to what capacity cares about.

    ``before`` is the component as it runs (``None`` for a new one), ``need`` and ``copies`` what it is to
    become, ``replaces`` whether running copies give way to new ones.
    """

    component: str
    before: Component | None
    need: Need
    copies: int
    replaces: bool = False
    batch: Batch | None = None
    rollback_batch: Batch | None = None


@attrs.frozen
class Rollout:
    """The steps of a change in order, and those of a rollback from each moment it may begin."""

    steps: tuple[Step, ...]
    rollback: tuple[Step, ...] | None = None


def rollout(move: Move, fleet: Fleet, assumptions: Assumptions) -> Rollout:
    """Return the steps of a move. One that only removes copies has no steps."""
    others = tuple(lying(fleet.without(move.component)))
    if move.before is None:
        return Rollout(_place(move, move.copies, others))
    if not move.replaces:
        mine = tuple(_lying_component(move.before))
        return Rollout(_place(move, move.copies - move.before.copies, (*others, *mine)))
    return _replace(move, move.before, others, assumptions)


def lying(fleet: Fleet) -> Iterator[Lying]:
    """What lies on a fleet before anything is done."""
    for component in fleet.components:
        yield from _lying_component(component)


def _lying_component(component: Component) -> Iterator[Lying]:
    if component.firm:
        yield Lying(component, component.firm)
    if component.floating:
        yield Lying(component, component.floating, Where.PERHAPS)


def _place(move: Move, copies: int, beside: tuple[Lying, ...], already: int = 0) -> tuple[Step, ...]:
    if copies <= 0:
        return ()
    return (Step(f"place {_count(copies)}", "place", move.need, copies, beside, already),)


def _replace(move: Move, before: Component, others: tuple[Lying, ...], assumptions: Assumptions) -> Rollout:
    old = before.copies
    if old == 0:
        return Rollout(_place(move, move.copies, others))
    batch = move.batch
    if batch is None:
        if assumptions["update-without-deployment-config"] == "all-at-once":
            name = f"place {_count(move.copies, 'new')} beside {old} old"
            beside = (*others, Lying(before, old))
            whole = Step(name, "place", move.need, move.copies, beside)
            return Rollout((whole,) if move.copies else (), rollback=())
        batch = Batch("COPY_COUNT", 1)
    size = batch.copies(old, assumptions)
    batches = tuple(_batches(move, before, others, size))
    gone = Lying(before, old, leave=old)
    steps = (*batches, *_place(move, move.copies - old, (*others, gone), already=old))
    return Rollout(steps, tuple(_rollback(move, before, others, size, assumptions)))


def _batches(move: Move, before: Component, others: tuple[Lying, ...], size: int) -> Iterator[Step]:
    """Each batch is placed first; then as many old copies leave, and their room is there for the next."""
    old = before.copies
    starts = range(0, old, size)
    for number, done in enumerate(starts, start=1):
        now = min(size, old - done)
        name = f"step {number} of {len(starts)}: {_count(now, 'new')} beside {old - done} old"
        beside = (*others, Lying(before, old, leave=done))
        yield Step(name, "place", move.need, now, beside, already=done)


def _rollback(
    move: Move, before: Component, others: tuple[Lying, ...], size: int, assumptions: Assumptions
) -> Iterator[Step]:
    """From every moment a rollback may begin, and every step of it: old copies go back beside new ones.

    Where new copies lie is not known, nor where old ones that came back do; so those may lie anywhere.
    """
    old = before.copies
    back = move.rollback_batch
    if back is None and assumptions["rollback-without-batch"] == "one-by-one":
        back = Batch("COPY_COUNT", 1)
    again = old if back is None else back.copies(old, assumptions)
    begins = [*range(size, old, size), old]
    reached = {new for begin in begins for new in range(begin, 0, -again)}
    if move.need == before.need:
        # Alike copies: the more new ones there are, the more must go back and the less is known.
        reached = {old}
    for new in sorted(reached, reverse=True):
        now = min(again, new)
        came_back = any(begin > new and (begin - new) % again == 0 for begin in begins)
        kept = Lying(before, old - new, Where.ANYWHERE if came_back else Where.RUNNING)
        placed = Lying(attrs.evolve(before, need=move.need, by_type=None), new, Where.ANYWHERE)
        beside = (*others, *(lying for lying in (kept, placed) if lying.copies))
        yield Step(f"put {_count(now, 'old')} back beside {new} new", "rollback", before.need, now, beside)


def _count(copies: int, what: str = "") -> str:
    words = [str(copies), *([what] if what else []), "copy" if copies == 1 else "copies"]
    return " ".join(words)
