"""A drill where every copy is located, against every choice of what goes and every order of placing again."""

from __future__ import annotations

import itertools
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import event, given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, snapshot

import icplan
from icplan.verdict.drill_codec import to_dict
from icplan.verdict.headroom import Range
from icplan.verify.drill import verify_drill
from icplan.verify.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

Held = tuple[tuple[int, ...], ...]


@st.composite
def located(draw: st.DrawFn) -> tuple[tuple[int, ...], Held]:
    """The accelerators that a copy of each component takes, and the copies on each instance of four."""
    needs = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple))
    held = []
    for _ in range(draw(st.integers(2, 3))):
        left, copies = 4, []
        for need in needs:
            copies.append(draw(st.integers(0, left // need)))
            left -= need * copies[-1]
        held.append(tuple(copies))
    return needs, tuple(held)


def shown(needs: tuple[int, ...], held: Held) -> dict[str, Any]:
    """What AWS tells, with where every copy lies; each instance is in a zone of its own."""
    totals = [sum(one[number] for one in held) for number in range(len(needs))]
    own = [component(f"c{n}", total, needs[n]) for n, total in enumerate(totals) if total]
    told = snapshot(GPU4, len(held), *own)
    told["CopyLocations"] = [
        {
            "InferenceComponentName": f"c{number}",
            "InstanceId": f"i-{at}",
            "InstanceType": GPU4,
            "AvailabilityZone": f"us-east-1{'abc'[at]}",
            "Copies": count,
        }
        for at, one in enumerate(held)
        for number, count in enumerate(one)
        if count
    ]
    return told


def ends(needs: tuple[int, ...], totals: tuple[int, ...], held: Held) -> frozenset[tuple[int, ...]]:
    """The copies of each that run when nothing more finds room, whatever was placed first, and where."""

    @cache
    def after(there: Held) -> frozenset[tuple[int, ...]]:
        found = [after(more) for more in one_more(there)]
        runs = tuple(sum(one[n] for one in there) for n in range(len(needs)))
        return frozenset().union(*found) if found else frozenset([runs])

    def one_more(there: Held) -> Iterator[Held]:
        for number, need in enumerate(needs):
            if sum(one[number] for one in there) == totals[number]:
                continue
            for at, one in enumerate(there):
                if sum(count * each for count, each in zip(one, needs, strict=True)) + need <= 4:
                    more = tuple(count + (n == number) for n, count in enumerate(one))
                    yield tuple(sorted((*there[:at], more, *there[at + 1 :])))

    return after(tuple(sorted(held)))


@given(located(), st.integers(1, 2))
def test_every_figure_is_exact_where_every_copy_is_located(
    case: tuple[tuple[int, ...], Held], gone: int
) -> None:
    """Lost, placed again and after replacement: no end that cannot come about, and none left out."""
    needs, held = case
    totals = tuple(sum(one[number] for one in held) for number in range(len(needs)))
    if not any(totals):
        return
    drill = icplan.drill(shown(needs, held), [f"{GPU4}={gone}"])
    (told,) = drill.events
    again, after = set[tuple[int, ...]](), set[tuple[int, ...]]()
    for going in itertools.combinations(range(len(held)), gone):
        stays = tuple(one for at, one in enumerate(held) if at not in going)
        again |= ends(needs, totals, stays)
        after |= ends(needs, totals, (*stays, *((0,) * len(needs),) * gone))
    for loss in told.losses:
        number = int(loss.component[1:])
        for range_, true in ((loss.placed_again, again), (loss.after_replacement, after)):
            runs = [one[number] for one in true]
            event(f"exact: {min(runs) == max(runs)}")
            assert (range_.low, range_.high) == (min(runs), max(runs))
    assert {one.result for one in verify_drill(to_dict(drill))} == {Result.VERIFIED}


def test_a_zone_that_is_located() -> None:
    """Two full instances: nothing that lies on one finds room on the other; a new one takes all of it."""
    told = shown((2, 1), ((1, 2), (1, 2)))
    drill = icplan.drill(told, ["zone"])
    assert len(drill.events) == 2
    for one in drill.events:
        assert [str(loss.placed_again) for loss in one.losses] == ["1", "2"]
        assert [str(loss.after_replacement) for loss in one.losses] == ["2", "4"]


def test_a_figure_that_is_told_too_narrow_is_rejected() -> None:
    """What a drill leaves out of what may be, the checker finds."""
    drill = icplan.drill(shown((2, 1), ((1, 2), (1, 0))), [f"{GPU4}=1"])
    (told,) = drill.events
    loss = told.losses[0]
    assert str(loss.placed_again) == "1 to 2"
    for wrong in (Range(2, 2), Range(1, 1)):
        narrow = attrs.evolve(loss, placed_again=wrong)
        changed = attrs.evolve(told, losses=(narrow, *told.losses[1:]))
        answers = verify_drill(to_dict(attrs.evolve(drill, events=(changed,))))
        assert any(one.result is not Result.VERIFIED for one in answers)
