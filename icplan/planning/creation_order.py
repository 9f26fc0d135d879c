"""An order in which components can be created, each surely finding room beside those before.

It is looked for from its end: the last one is a component that fits however all the others lie. Which of
several may be the last can matter, since beside what is already there others have fewer ways to lie. So all
are tried, up to a number of questions; only what was tried to the end shows that there is no such order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from icplan.planning.robust_conditions import Asked, OneType

#: Questions, answered with no, after which the search for an order ends.
MAX_REFUSED: Final = 150
#: Of the effort there is, what other orders than the first may leave.
_KEPT: Final = 0.7


@attrs.frozen
class CreationOrder:
    """An order of components.

    Where it is not ``found`` the order is a guess, and ``proven`` tells whether there is none; it then takes
    ``lacking`` more instances at least, whatever the order.
    """

    numbers: tuple[int, ...]
    found: bool
    proven: bool = False
    lacking: int = 1


def creation_order(of: OneType, instances: int, extra: int = 0) -> CreationOrder:
    """An order for so many instances, where ``extra`` more may be launched for each of the components.

    With ``extra``, those before are taken to lie on the instances that always run: that an order is found
    does not tell yet that it holds where some of these were launched for.
    """
    return _Search(of, instances, extra).order()


@attrs.define
class _Search:
    """The sets of components that are there together, from all of them to none."""

    of: OneType
    instances: int
    extra: int
    refused: int = 0
    is_open: bool = False
    _kept: float = attrs.field(init=False)
    _stuck: set[frozenset[int]] = attrs.field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        self._kept = self.of.budget.units_left * _KEPT

    def order(self) -> CreationOrder:
        """The order, by a search in depth from the last component to the first."""
        planned = self.of.planned
        absent = [n for n, one in enumerate(planned) if not one.copies]
        every = frozenset(range(len(planned))).difference(absent)
        behind: list[int] = []
        guess: tuple[int, ...] | None = None
        # Who found no room beside all others is likely to find none beside nearly as many.
        nobody: set[int] = set()
        stack = [(every, self._one_of_each_kind(every, nobody), nobody)]
        while stack:
            left, trying, refused = stack[-1]
            if not left:
                return CreationOrder((*reversed(behind), *absent), found=True)
            last = next((n for n in trying if self._fits_last(n, left, refused)), None)
            if last is None:
                guess = guess or (*reversed(self._least_bulky_first(left)), *reversed(behind), *absent)
                self._stuck.add(left)
                stack.pop()
                del behind[-1:]
            elif (rest := left - {last}) not in self._stuck:
                behind.append(last)
                stack.append((rest, self._one_of_each_kind(rest, refused), set(refused)))
        return CreationOrder(guess or (), False, not self.is_open, self._lacking(every))

    def _least_bulky_first(self, left: frozenset[int]) -> list[int]:
        return sorted(left, key=lambda n: (self.of.bulk(n), n))

    def _one_of_each_kind(self, left: frozenset[int], unlikely: Collection[int] = ()) -> Iterator[int]:
        """Components that differ in what they take: of those alike, one stands for all."""
        seen: set[object] = set()
        for n in sorted(self._least_bulky_first(left), key=lambda n: n in unlikely):
            kind = (self.of.candidate.demands[n], self.of.planned[n].copies)
            if kind not in seen:
                seen.add(kind)
                yield n

    def _asked(self, number: int, left: frozenset[int]) -> Asked:
        return self.of.created(self.instances, number, sorted(left - {number}))

    def _fits_last(self, number: int, left: frozenset[int], refused: set[int]) -> bool:
        spent = bool(self._stuck) and self.of.budget.units_left < self._kept
        if spent or self.refused >= MAX_REFUSED:
            self.is_open = True
            return False
        asked = self._asked(number, left)
        if asked.holds(self.extra):
            return True
        self.refused += 1
        refused.add(number)
        self.is_open = self.is_open or not asked.refuted(self.extra)
        return False

    def _lacking(self, every: frozenset[int]) -> int:
        """What it takes at least for any of them to be the last."""
        if self.extra or self.is_open:
            return 1
        asked = [self._asked(n, every) for n in self._one_of_each_kind(every)]
        return 1 if any(one.holds(0) for one in asked) else min(one.lacking for one in asked)
