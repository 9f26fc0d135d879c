"""A drill against every arrangement of a small fleet, whatever goes, and every order of placing again."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeAlias

import attrs
import pytest
from hypothesis import event, given
from support import oracle
from support.small_fleets import Case, catalog, fleets, settings, snapshot

import icplan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.verdict.drill import Loss

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

#: Per instance: its type and the copies of each component on it.
Held: TypeAlias = tuple[tuple[str, tuple[int, ...]], ...]


def ends(case: Case, gone: int, kind: str) -> dict[str, dict[str, set[int]]]:
    """Per component what may be lost, may run once copies are placed again, and after replacement."""
    found: dict[str, dict[str, set[int]]] = {
        one.name: {"lost": set(), "again": set(), "after": set()} for one in case.components
    }
    places = [number for number, name in enumerate(case.instances) if name == kind]
    empty = ((kind, (0,) * len(case.components)),) * gone
    for amounts in oracle.allocatable(case):
        room = {name: oracle.capacity(case, name, amounts) for name in set(case.instances)}
        again = Placing(case, room)
        for arrangement in oracle.arrangements(case, amounts):
            held = tuple(zip(case.instances, arrangement, strict=True))
            for which in itertools.combinations(places, gone):
                stays = tuple(one for number, one in enumerate(held) if number not in which)
                for place, one in enumerate(case.components):
                    found[one.name]["lost"].add(sum(held[number][1][place] for number in which))
                    found[one.name]["again"] |= {end[place] for end in again.ends(stays)}
                    found[one.name]["after"] |= {end[place] for end in again.ends((*stays, *empty))}
    return found


@attrs.frozen
class Placing:
    """Placing what is missing, one copy after another wherever there is room."""

    case: Case
    room: dict[str, tuple[int, ...]]
    seen: dict[Held, frozenset[tuple[int, ...]]] = attrs.field(factory=dict)

    def ends(self, held: Held) -> frozenset[tuple[int, ...]]:
        """The copies of each component that run when nothing more finds room."""
        if held not in self.seen:
            after = [self.ends(more) for more in self.one_more(held)]
            still = tuple(sum(copies[n] for _, copies in held) for n in range(len(self.case.components)))
            self.seen[held] = frozenset().union(*after) if after else frozenset([still])
        return self.seen[held]

    def one_more(self, held: Held) -> Iterator[Held]:
        for place, component in enumerate(self.case.components):
            if sum(copies[place] for _, copies in held) < component.copies:
                for number, (name, copies) in enumerate(held):
                    if fits(self.case, self.room[name], name, copies, place):
                        more = tuple(n + (at == place) for at, n in enumerate(copies))
                        yield (*held[:number], (name, more), *held[number + 1 :])


def fits(case: Case, room: tuple[int, ...], name: str, copies: tuple[int, ...], place: int) -> bool:
    left = list(room)
    for number, component in enumerate(case.components):
        need = oracle.demand(case, component.needs, name)
        count = copies[number] + (number == place)
        if not count:
            continue
        if need is None:
            return False
        left = [a - count * b for a, b in zip(left, need, strict=True)]
    return min(left) >= 0


def told(case: Case, gone: int, kind: str) -> Iterator[Loss]:
    shown = icplan.Snapshot.from_dict(snapshot(case))
    found = icplan.drill(shown, [f"{kind}={gone}"], allocatable=settings(case), catalog=catalog(case))
    (one,) = found.events
    yield from one.losses


@given(fleets(most_components=2, most_copies=3))
def test_a_drill_tells_the_truth(case: Case) -> None:
    """What is lost exactly; what runs then lies within what is told, and the sure end is reached."""
    kind = case.instances[0]
    for gone in range(1, case.instances.count(kind) + 1):
        true = ends(case, gone, kind)
        for loss in told(case, gone, kind):
            lost, again, after = (true[loss.component][name] for name in ("lost", "again", "after"))
            assert (loss.lost.low, loss.lost.high) == (min(lost), max(lost))
            assert loss.placed_again.low <= min(again)
            assert loss.after_replacement.low <= min(after)
            assert loss.placed_again.high is not None
            assert loss.placed_again.high >= max(again)
            assert loss.after_replacement.high == loss.copies
            event(f"placed again: {'as told' if loss.placed_again.low == min(again) else 'more than told'}")
