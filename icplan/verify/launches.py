"""What may be launched by the time copies are placed: no proof rests on an instance that no one launches."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import attrs

from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Launches of others past which it is not looked whether each is thought of.
MOST_CHOICES = 10_000


@attrs.frozen
class Launchable:
    """What may be launched, by everyone together and of each type, for sure and at most.

    ``arriving`` instances are on their way, of any of the types. ``others`` are copies that may wait for an
    instance of these types, on which what is placed cannot lie; ``back`` has the types of which instances may
    have been launched for copies that a rollback takes back.
    """

    arriving: int
    together: tuple[int, int]
    each: tuple[tuple[int, int], ...]
    others: tuple[tuple[int, tuple[int, ...]], ...]
    back: tuple[int, ...]

    @classmethod
    def read(cls, data: Mapping[str, Any], types: int) -> Launchable:
        """Read it from a phase's evidence."""
        found = cls(
            data["Arriving"],
            (data["Together"][0], data["Together"][1]),
            tuple((sure, most) for sure, most in data["Each"]),
            tuple((one["Copies"], tuple(one["Pools"])) for one in data["Others"]),
            tuple(data["Back"]),
        )
        numbers = [found.arriving, *found.together, *itertools.chain(*found.each), *found.back]
        numbers += [n for copies, pools in found.others for n in (copies, *pools)]
        require(all(type(n) is int and n >= 0 for n in numbers), "what may be launched is no number")
        pools = [*found.back, *(pool for _, some in found.others for pool in some)]
        known = len(found.each) == types and all(pool < types for pool in pools)
        require(known, "instances of other types may be launched")
        rises = all(sure <= most for sure, most in (found.together, *found.each))
        require(rises and found.arriving <= found.together[0], "more is sure than may be")
        return found

    @property
    def alone(self) -> bool:
        """Whether instances are launched for what is placed alone."""
        return not (self.arriving or self.others or self.back)

    def may(self, launched: Mapping[int, int], own: Sequence[int]) -> None:
        """Raise `Rejected` where so many instances of a type are launched by no one."""
        able = {*own, *self.back, *(pool for _, pools in self.others for pool in pools)}
        for pool, count in launched.items():
            able_to = pool in able or count <= self.arriving
            require(able_to, "instances are launched of a type that no one launches")

    def all_thought_of(self, choices: Sequence[Mapping[int, int]], own: Sequence[int], extra: int) -> None:
        """Raise `Rejected` unless there is a part for every launch of others.

        ``choices`` are the instances launched in each part, ``own`` the types that what is placed can use.
        """
        types = range(len(self.each))
        seen = {tuple(choice.get(pool, 0) for pool in types) for choice in choices}
        for arrived, theirs in self._launches(min(extra, self.together[0])):
            least = [arrived.get(pool, 0) + theirs.get(pool, 0) for pool in types]
            found = (self._covers(choice, least, own) for choice in seen)
            require(any(found), "what others may launch is not thought of")

    def _covers(self, choice: Sequence[int], least: Sequence[int], own: Sequence[int]) -> bool:
        """Whether a part launches at least so many, and of what cannot be used by what is placed no more."""
        free = {*own, *self.back}
        return all(
            n >= a and (n == a or p in free) for p, (n, a) in enumerate(zip(choice, least, strict=True))
        )

    def _launches(self, extra: int) -> Iterator[tuple[dict[int, int], dict[int, int]]]:
        """What may have arrived, and what others may launch besides."""
        count = 0
        for arrived in _exactly(len(self.each), min(self.arriving, extra)):
            left = extra - sum(arrived.values())
            caps = [max(0, sure - arrived.get(pool, 0)) for pool, (sure, _) in enumerate(self.each)]
            wanted = [pools for copies, pools in self.others for _ in range(min(copies, left))]
            for theirs in _waiting(wanted, caps, left):
                count += 1
                if count > MOST_CHOICES:
                    return
                yield arrived, theirs


def _waiting(wanted: Sequence[tuple[int, ...]], caps: Sequence[int], left: int) -> Iterator[dict[int, int]]:
    """A launch for none of the copies that wait, for one, and so on, each on the first type that may be."""
    launched: dict[int, int] = {}
    yield {}
    for pools in wanted:
        pool = next((p for p in pools if launched.get(p, 0) < caps[p]), None)
        if pool is not None and sum(launched.values()) < left:
            launched[pool] = launched.get(pool, 0) + 1
            yield dict(launched)


def _exactly(pools: int, count: int) -> Iterator[dict[int, int]]:
    for chosen in itertools.combinations_with_replacement(range(pools), count):
        yield {pool: chosen.count(pool) for pool in set(chosen)}
