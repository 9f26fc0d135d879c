"""What a small fleet holds at one moment, as plain values that can be counted and compared."""

from __future__ import annotations

import bisect
import functools
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Copies by kind, by its number; none of them zero.
Held: TypeAlias = tuple[tuple[int, int], ...]
#: The pool of an instance, what it holds, and whether its last copy has left it.
Instance: TypeAlias = tuple[int, Held, bool]


class TooMany(Exception):  # noqa: N818  (not a fault: the fleet is too large to try everything)
    """There are more states than are tried."""


@attrs.frozen(cache_hash=True)
class State:
    """A moment. ``arriving`` are the pools of what is on its way, ``motion`` the copies to come and to go.

    The latter has a pair for each component in motion.
    """

    instances: tuple[Instance, ...]
    arriving: tuple[int, ...] = ()
    motion: tuple[tuple[int, int], ...] = ()

    @property
    def per_pool(self) -> Counter[int]:
        """The instances of each pool, with those on their way."""
        return Counter([*(instance[0] for instance in self.instances), *self.arriving])

    def put(self, spot: Instance, kind: int, copies: int = 1) -> State:
        """The state with more copies on one such instance, or fewer."""
        rest = list(self.instances)
        rest.remove(spot)
        bisect.insort(rest, _with(spot, kind, copies))
        return State(tuple(rest), self.arriving, self.motion)

    def launched(self, pool: int, held: Held = ()) -> State:
        """The state with one more instance."""
        return State(tuple(sorted((*self.instances, (pool, held, False)))), self.arriving, self.motion)

    def arrived(self, pool: int) -> State:
        """The state once an instance has come."""
        rest = list(self.arriving)
        rest.remove(pool)
        return State(self.launched(pool).instances, tuple(rest), self.motion)

    def released(self, spot: Instance) -> State:
        """The state without one such instance."""
        rest = list(self.instances)
        rest.remove(spot)
        return State(tuple(rest), self.arriving, self.motion)

    def moved(self, mover: int, coming: int, going: int) -> State:
        """The state with so many copies of a component in motion to come and to go."""
        motion = (*self.motion[:mover], (coming, going), *self.motion[mover + 1 :])
        return State(self.instances, self.arriving, motion)

    def holding(self, kind: int) -> set[Instance]:
        """The instances on which copies of a kind lie; alike ones once."""
        return {one for one in self.instances if _has(one[1], kind)}

    def renamed(self, before: int, after: int | None) -> State:
        """The state with copies of one kind as of another, or gone if that is ``None``."""
        renamed = sorted(_renamed(one, before, after) for one in self.instances)
        return State(tuple(renamed), self.arriving, self.motion)


# What follows is asked for each of many states, of which many hold the same.


@functools.lru_cache(maxsize=1 << 16)
def _with(one: Instance, kind: int, copies: int) -> Instance:
    pool, before, was_emptied = one
    held = more(before, kind, copies)
    return (pool, held, not held and (was_emptied or copies < 0))


@functools.lru_cache(maxsize=1 << 16)
def _has(held: Held, kind: int) -> bool:
    return any(there == kind for there, _ in held)


@functools.lru_cache(maxsize=1 << 16)
def _renamed(one: Instance, before: int, after: int | None) -> Instance:
    pool, held, emptied = one
    copies = dict(held)
    moved = copies.pop(before, 0)
    if moved and after is not None:
        copies[after] = copies.get(after, 0) + moved
    return (pool, _held(copies), (emptied or bool(moved)) and not copies)


@functools.lru_cache(maxsize=1 << 16)
def more(held: Held, kind: int, copies: int) -> Held:
    """What an instance holds with so many more copies of a kind."""
    counts = dict(held)
    counts[kind] = counts.get(kind, 0) + copies
    return _held(counts)


def _held(copies: Mapping[int, int]) -> Held:
    return tuple(sorted((kind, n) for kind, n in copies.items() if n))
