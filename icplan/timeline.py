"""How many instances are left when a change is done: one run of it, placed as AWS documents.

New copies go to the emptiest instance with room and an instance is launched when none has room; old copies
leave the emptiest instances first, and an instance that a change has emptied is released down to
MinInstanceCount. Which copies really leave is not documented, so the result is a prediction, not a bound.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from icplan.judging.board import Board
from icplan.packing import Status, pack
from icplan.rollout import lying

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.fleet.model import Fleet, Need
    from icplan.judging.box import Box
    from icplan.packing import Budget
    from icplan.rollout import Move, Rollout

#: Copies and instances past which a run is not worth its time.
LARGEST_RUN = 20_000
NEW = "\0new"


@attrs.define(eq=False)
class _Instance:
    pool: int
    copies: Counter[str]
    touched: bool = False


@attrs.define
class _Run:
    fleet: Fleet
    box: Box
    needs: dict[str, Need]
    instances: list[_Instance]

    def room(self, instance: _Instance, name: str) -> bool:
        pool = self.fleet.pools[instance.pool]
        demand = self.fleet.demand(self.needs[name], pool.type.name)
        if demand is None:
            return False
        free = list(self.fleet.capacity(pool, *self.box.sides[instance.pool].high))
        for other, n in instance.copies.items():
            taken = self.fleet.demand(self.needs[other], pool.type.name) or ()
            free = [f - n * t for f, t in zip(free, taken, strict=False)]
        return all(f >= d for f, d in zip(free, demand, strict=True))

    def place(self, name: str, copies: int) -> bool:
        """Place copies one after another; whether all were."""
        for _ in range(copies):
            open_ = (i for i in self.instances if self.room(i, name))
            chosen = min(open_, key=lambda i: i.copies.total(), default=None) or self._launch(name)
            if chosen is None:
                return False
            chosen.copies[name] += 1
        return True

    def _launch(self, name: str) -> _Instance | None:
        if len(self.instances) - self.fleet.instances >= self.fleet.room():
            return None
        for number, _ in enumerate(self.fleet.pools):
            launched = _Instance(number, Counter(), touched=True)
            if self.room(launched, name):
                self.instances.append(launched)
                return launched
        return None

    def remove(self, name: str, copies: int) -> None:
        """Take copies away, and release what that empties."""
        for _ in range(copies):
            holding = [i for i in self.instances if i.copies[name]]
            if not holding:
                return
            chosen = min(holding, key=lambda i: i.copies.total())
            chosen.copies[name] -= 1
            chosen.touched = True
            least = self.fleet.min_instances
            if not chosen.copies.total() and least is not None and len(self.instances) > least:
                self.instances.remove(chosen)


def final_instances(fleet: Fleet, move: Move, plan: Rollout, box: Box, budget: Budget) -> int | None:
    """The instances left at the end; ``None`` when such a run cannot place everything, or is too long."""
    size = fleet.instances + sum(c.copies for c in fleet.components) + move.copies
    if size > LARGEST_RUN:
        return None
    start = list(_start(fleet, box, budget))
    if not start and fleet.instances:
        return None
    needs = {component.name: component.need for component in fleet.components} | {NEW: move.need}
    run = _Run(fleet, box, needs, start)
    return len(run.instances) if _carry_out(run, move, plan) else None


def _carry_out(run: _Run, move: Move, plan: Rollout) -> bool:
    old = move.before.copies if move.before else 0
    if not move.replaces:
        run.remove(move.component, old - move.copies)
    left = old
    for number, step in enumerate(plan.steps):
        if not run.place(NEW, step.copies):
            return False
        if move.replaces:
            last = number == len(plan.steps) - 1
            gone = left if last else min(left, step.copies)
            run.remove(move.component, gone)
            left -= gone
    if move.replaces:
        run.remove(move.component, left)
        run.remove(NEW, sum(step.copies for step in plan.steps) - move.copies)
    return True


def _start(fleet: Fleet, box: Box, budget: Budget) -> Iterator[_Instance]:
    """Instances with what runs on them: as known, else some layout that is possible."""
    board = Board.of(fleet, tuple(lying(fleet)), {})
    problem = board.running(box.best)
    packing = pack(problem, budget)
    if packing.status is not Status.FITS:
        return
    names = [kind.name.split(" ")[0] for kind in problem.kinds]
    laid = Counter[int]()
    for pattern in packing.placement or ():
        slot = board.slots[pattern.bin]
        laid[pattern.bin] += pattern.times
        for _ in range(pattern.times):
            copies = Counter({name: n for name, n in zip(names, pattern.copies, strict=True) if n})
            if slot.pool is not None:
                yield _Instance(slot.pool, copies + Counter(dict(slot.holds or {})))
    for place, slot in enumerate(board.slots):
        for _ in range(slot.count - laid[place]):
            if slot.pool is not None:
                yield _Instance(slot.pool, Counter(dict(slot.holds or {})))
