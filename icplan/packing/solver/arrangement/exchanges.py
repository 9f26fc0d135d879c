"""Better arrangements by exchanging copies between bins: quick, and as a rule all but the extreme one.

A step moves a copy to another bin, or two copies that lie in two bins change places: the step that makes
most, or loses least, and that undoes none of the last few. A change of one bin does not depend on the
others, so that what each is worth is kept, and worked out anew for the two bins of a step alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget
    from icplan.packing.solver.arrangement.model import ArrangementModel
    from icplan.packing.solver.presolve import BinFill

    Ints = npt.NDArray[np.int64]

#: Cells of the table of all changes (a bin, what leaves it, what comes) past which nothing is tried.
MAX_CELLS: Final = 60_000

#: Steps without a better arrangement after which the search ends, and steps that a copy stays where it is.
PATIENCE: Final = 40
TENURE: Final = 7

#: What a slot counts beside what is left of the next one, in so many parts.
PARTS: Final = 64
SLOT: Final = 3 * PARTS

_NEVER: Final = 1 << 40


@attrs.define
class Exchanges:
    """``sign`` times the least of ``sign`` times slots, from any arrangement of all copies.

    The last of the kinds is none: what leaves a bin, or comes, where nothing does.
    """

    room: ArrangementModel
    sign: int
    budget: Budget
    classes: Ints
    free: Ints
    rooms: Ints
    demands: Ints
    shades: Ints
    allowed: npt.NDArray[np.bool_]
    targets: Ints

    @classmethod
    def of(cls, room: ArrangementModel, sign: int, budget: Budget) -> Exchanges | None:
        """The search; ``None`` where the bins and kinds are too many."""
        core = room.core
        bins, kinds = sum(core.bins), len(core.counts) + 1
        if bins < 2 or bins * kinds * kinds > MAX_CELLS or max(map(max, core.free), default=0) >= 1 << 40:  # noqa: PLR2004
            return None
        size = len(core.free[0])
        nothing = (0,) * size
        demands = np.array(
            [[d or nothing for d in (*column, nothing)] for column in core.demands], dtype=np.int64
        )
        stays = np.array([*room.stays, False])
        classes = np.repeat(np.arange(len(core.bins)), core.bins)
        allowed = np.array([[d is not None for d in (*column, nothing)] for column in core.demands])
        targets = np.array([target or nothing for target in room.targets], dtype=np.int64)
        return cls(
            room=room,
            sign=sign,
            budget=budget,
            classes=classes,
            free=np.array(core.free, dtype=np.int64)[classes],
            rooms=np.array(room.rooms, dtype=np.int64)[classes],
            demands=demands[classes],
            shades=(demands * stays[None, :, None])[classes],
            allowed=allowed[classes],
            targets=targets[classes],
        )

    def improve(self, loads: Sequence[BinFill], enough: int | None) -> list[BinFill] | None:
        """A better arrangement than this one; ``None`` where none was found. One of ``enough`` will do."""
        held = self._held(loads)
        if held is None:
            return None
        size = len(self.classes) * len(self.room.core.counts) ** 2
        left = self.free - np.einsum("bk,bkd->bd", held, self.demands[:, :-1])
        room = self.rooms - np.einsum("bk,bkd->bd", held, self.shades[:, :-1])
        held = np.column_stack([held, np.full(len(held), 1)])
        state = _State(held, left, room)
        every = np.arange(len(self.classes))
        worth, slots = self._worth(room, self.targets)
        table = self._changes(state, every, worth)
        until = np.zeros((2, *held.shape), dtype=np.int64)
        best, found, since, now = int(slots.sum()), None, 0, 0
        start = best
        while since < PATIENCE and (enough is None or best > enough):
            if not self.budget.spend(60 + size // 60):
                break
            now, since = now + 1, since + 1
            step = _best_step(table, until, now)
            if step is None:
                break
            a, b, gone, come = step
            self._take(state, a, gone, come)
            self._take(state, b, come, gone)
            pair = np.array([a, b])
            worth[pair], slots[pair] = self._worth(state.room[pair], self.targets[pair])
            table[pair] = self._changes(state, pair, worth[pair])
            for place, out, in_ in ((a, gone, come), (b, come, gone)):
                until[0, place, in_] = until[1, place, out] = now + TENURE + (7 * now + place) % 5
            total = int(slots.sum())
            if total < best:
                best, since = total, 0
                found = state.held[:, :-1].copy()
        return None if found is None or best >= start else self._loads(found)

    def _take(self, state: _State, place: int, gone: int, come: int) -> None:
        state.held[place, gone] -= 1
        state.held[place, come] += 1
        state.held[place, -1] = 1
        state.left[place] += self.demands[place, gone] - self.demands[place, come]
        state.room[place] += self.shades[place, gone] - self.shades[place, come]

    def _held(self, loads: Sequence[BinFill]) -> Ints | None:
        """How many copies of each kind each bin holds."""
        core = self.room.core
        rows: list[list[tuple[int, ...]]] = [[] for _ in core.bins]
        for k, times, copies in loads:
            rows[k] += [copies] * times
        nothing = (0,) * len(core.counts)
        for own, count in zip(rows, core.bins, strict=True):
            own.extend([nothing] * (count - len(own)))
        held = np.array([row for own in rows for row in own], dtype=np.int64)
        return held if (held.sum(axis=0) == np.array(core.counts)).all() else None

    def _loads(self, held: Ints) -> list[BinFill]:
        found: dict[tuple[int, tuple[int, ...]], int] = {}
        for k, row in zip(self.classes.tolist(), held.tolist(), strict=True):
            key = (k, tuple(row))
            found[key] = found.get(key, 0) + 1
        return [(k, times, copies) for (k, copies), times in found.items()]

    def _worth(self, room: Ints, targets: Ints) -> tuple[Ints, Ints]:
        """What bins with such room count for, and the slots that they have, both with the sign."""
        there = np.maximum(room, 0)
        each = np.maximum(targets, 1)
        needed = targets > 0
        slots = np.where(needed, there // each, _NEVER).min(axis=-1)
        parts = np.where(needed, there * PARTS // each, _NEVER * PARTS).min(axis=-1)
        none = ~needed.any(axis=-1)
        slots, parts = np.where(none, 0, slots), np.where(none, 0, parts)
        return self.sign * (SLOT * slots + parts), self.sign * slots

    def _changes(self, state: _State, rows: Ints, worth: Ints) -> Ints:
        """For each of these bins, what it counts for more once one copy has left it and another has come."""
        demands, shades = self.demands[rows], self.shades[rows]
        left = state.left[rows][:, None, None] + demands[:, :, None] - demands[:, None]
        room = state.room[rows][:, None, None] + shades[:, :, None] - shades[:, None]
        after, _ = self._worth(room, self.targets[rows][:, None, None])
        possible = (left >= 0).all(axis=-1)
        possible &= (state.held[rows] > 0)[:, :, None] & self.allowed[rows][:, None]
        return np.where(possible, after - worth[:, None, None], _NEVER)


@attrs.define
class _State:
    """What bins hold (always one of the last kind, which is none), and what is left in them."""

    held: Ints
    left: Ints
    room: Ints


def _best_step(table: Ints, until: Ints, now: int) -> tuple[int, int, int, int] | None:
    """The two bins, and what goes from the first to the second, and back."""
    kept = table + _NEVER * ((until[1] > now)[:, None] | (until[0] > now)[:, :, None])
    size = kept.shape[1]
    every = np.arange(size * size)
    flat = kept.reshape(len(kept), -1)
    at_first = flat.argmin(axis=0)
    least = flat[at_first, every].reshape(size, size)
    flat[at_first, every] = 4 * _NEVER
    at_second = flat.argmin(axis=0)
    next_least = flat[at_second, every].reshape(size, size)
    first, second = at_first.reshape(size, size), at_second.reshape(size, size)
    same = first == first.T
    # Of one bin alone nothing can change places: then the better of the two next ones.
    total = np.where(same, np.minimum(least + next_least.T, next_least + least.T), least + least.T)
    np.fill_diagonal(total, 4 * _NEVER)
    at = int(total.argmin())
    k, m = divmod(at, size)
    if total[k, m] >= _NEVER // 2:  # A step that is not possible may make something elsewhere.
        return None
    if not same[k, m]:
        return int(first[k, m]), int(first[m, k]), k, m
    if least[k, m] + next_least[m, k] <= next_least[k, m] + least[m, k]:
        return int(first[k, m]), int(second[m, k]), k, m
    return int(second[k, m]), int(first[m, k]), k, m
