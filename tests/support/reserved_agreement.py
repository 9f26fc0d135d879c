"""Fleets whose reservation metrics are published from where copies truly lie, judged and held to the truth.

    PYTHONPATH=tests python tests/support/reserved_agreement.py --cases 10000 --seed 1 --whole 20

Cases are fleets in doubt without metrics; how far it is stands there as it goes. The truth is a brute force
over every arrangement that comes to the values published: a change that has room in all of them fits, one
that has room in none does not.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import attrs

import icplan
from icplan.api.check import running
from icplan.api.given_settings import checked_settings
from icplan.catalog.catalog import Catalog
from icplan.inputs.calls import calls_of
from icplan.judge.change_set import decided
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import verify
from support.endpoints import GPU4, GPU8, component, create, snapshot
from support.reserved_metrics import METRICS, with_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Json = dict[str, Any]
#: CPU (thousandths of a core), memory (MiB) and devices.
Amount = tuple[int, int, int]

#: What of the metrics is told: the values of which of all instances, and which at all.
KNOWLEDGE: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ends": ((), METRICS),
    "all values of GPUReservation": (("GPUReservation",), ("GPUReservation",)),
    "those, and the ends of the others": (("GPUReservation",), METRICS),
    "all values": (METRICS, METRICS),
}


@attrs.frozen
class Fleet:
    """Instances of one type, what a copy of each component takes, and where the copies lie."""

    kind: str
    needs: tuple[Amount, ...]
    where: tuple[tuple[int, ...], ...]
    wanted: Amount
    copies: int

    @property
    def whole(self) -> Amount:
        kind = Catalog().lookup(self.kind)
        return kind.vcpu * 1000, kind.memory_mib, kind.accelerators

    @property
    def allocatable(self) -> Amount:
        """All of CPU and devices, and 90 % of the memory."""
        cpu, memory, devices = self.whole
        return cpu, memory * 9 // 10, devices

    def load(self, held: Sequence[int]) -> Amount:
        cpu, memory, devices = (
            sum(n * need[place] for n, need in zip(held, self.needs, strict=True)) for place in range(3)
        )
        return cpu, memory, devices

    def holds(self, held: Sequence[int]) -> bool:
        return all(x <= most for x, most in zip(self.load(held), self.allocatable, strict=True))

    def room(self, held: Sequence[int]) -> int:
        left = zip(self.allocatable, self.load(held), self.wanted, strict=True)
        return min((most - taken) // each for most, taken, each in left if each)


def drawn(rng: random.Random, instances: int | None = None) -> Fleet:
    """A fleet of 2 to 6 instances with 2 or 3 components, and a change that nearly fits."""
    kind = rng.choice([GPU4, GPU4, GPU8])
    made = Fleet(kind, (), (), (0, 0, 0), 0)
    cpu, memory, devices = made.allocatable
    needs = [
        (
            rng.choice([0, 0, cpu // 8, cpu // 5]),
            rng.choice([1024, memory // 10, memory // 6, memory // 4, memory // 3]),
            rng.choice([0, 1, 1, 2, 2, 3, devices // 2]),
        )
        for _ in range(rng.choice([2, 2, 3]))
    ]
    made = attrs.evolve(made, needs=tuple(needs))
    count = instances or rng.randint(2, 6)
    where = [[0] * len(needs) for _ in range(count)]
    for _ in range(rng.randint(count, 3 * count)):
        held, which = rng.choice(where), rng.randrange(len(needs))
        held[which] += 1
        if not made.holds(held):
            held[which] -= 1
    wanted = (
        rng.choice([0, cpu // 6]),
        rng.choice([1024, memory // 5, memory // 3, memory // 2]),
        rng.choice([0, 1, 2, devices // 2, devices - 1, devices]),
    )
    return attrs.evolve(
        made, where=tuple(map(tuple, where)), wanted=wanted, copies=rng.choice([1, 1, 1, 2, 3])
    )


def drawn_past_ten(rng: random.Random) -> Fleet:
    """A fleet of 11 to 13 instances, none of them empty, whose copies can lie in few ways."""
    made = Fleet(GPU4, (), (), (0, 0, 0), 0)
    memory = made.allocatable[1]
    while True:
        needs = [(0, rng.choice([1024, memory // 6, memory // 4]), rng.choice([1, 1, 2, 3])) for _ in "ab"]
        made = attrs.evolve(made, needs=tuple(needs))
        where = [[0, 0] for _ in range(rng.randint(11, 13))]
        for held in where:
            for which in (rng.randrange(2) for _ in range(rng.randint(1, 3))):
                held[which] += 1
                if not made.holds(held):
                    held[which] -= 1
        wanted = 0, rng.choice([1024, memory // 3]), rng.choice([1, 2, 3, 3, 4])
        found = attrs.evolve(
            made, where=tuple(map(tuple, where)), wanted=wanted, copies=rng.choice([1, 1, 2, 4, 6])
        )
        if len(list(itertools.islice(arrangements(found), 400))) < 400:
            return found


def arrangements(fleet: Fleet) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every way in which the copies may lie, alike instances in one order."""
    total = tuple(map(sum, zip(*fleet.where, strict=True)))
    every = [held for held in itertools.product(*(range(n + 1) for n in total)) if fleet.holds(held)]

    def filled(left: tuple[int, ...], count: int, start: int) -> Iterator[tuple[tuple[int, ...], ...]]:
        if not count:
            if not any(left):
                yield ()
            return
        for place in range(start, len(every)):
            held = every[place]
            if all(n <= have for n, have in zip(held, left, strict=True)):
                rest = tuple(have - n for n, have in zip(held, left, strict=True))
                for others in filled(rest, count - 1, place):
                    yield (held, *others)

    yield from filled(total, len(fleet.where), 0)


def told(fleet: Fleet, where: Sequence[Sequence[int]], known: str) -> object:
    """What the metrics tell of copies that lie so: exact amounts stand for their percentages."""
    values, there = KNOWLEDGE[known]
    loads = [fleet.load(held) for held in where]
    found = []
    for place, name in enumerate(METRICS):
        amounts = sorted(load[place] for load in loads)
        if name in values:
            found.append(tuple(amounts))
        elif name in there:
            found.append((amounts[0], amounts[-1]))
    return tuple(found)


def truths(fleet: Fleet, known: Sequence[str]) -> dict[str, Outcome]:
    """For each thing that may be known (nothing by ``""``) what is true then."""
    tally: dict[str, set[bool]] = {one: set() for one in ("", *known)}
    real = {one: told(fleet, fleet.where, one) for one in known}
    for where in arrangements(fleet):
        fits = sum(map(fleet.room, where)) >= fleet.copies
        tally[""].add(fits)
        for one in known:
            if fits not in tally[one] and told(fleet, where, one) == real[one]:
                tally[one].add(fits)
    return {one: _outcome(found) for one, found in tally.items()}


def _outcome(found: set[bool]) -> Outcome:
    if len(found) > 1:
        return Outcome.MAY_NOT_FIT
    return Outcome.FITS if True in found else Outcome.DOES_NOT_FIT


def question(fleet: Fleet, known: str) -> tuple[Json, Json, list[str]]:
    """The snapshot with what is known, the change, and what can be allocated."""
    total = list(map(sum, zip(*fleet.where, strict=True)))
    parts = [
        component(f"c{n}", copies, need[2], need[1], **({"cpu": need[0] / 1000} if need[0] else {}))
        for n, (copies, need) in enumerate(zip(total, fleet.needs, strict=True))
    ]
    taken = snapshot(fleet.kind, len(fleet.where), *parts)
    if known:
        values, there = KNOWLEDGE[known]
        where = [{f"c{n}": copies for n, copies in enumerate(held)} for held in fleet.where]
        types = [fleet.kind] * len(where)
        taken = with_metrics(taken, where, types, names=there, all_values=values)
    cpu, memory, devices = fleet.wanted
    asked = create("new", fleet.copies, devices, memory, **({"cpu": cpu / 1000} if cpu else {}))
    allocatable = [
        f"{fleet.kind}.memory={fleet.allocatable[1]}",
        f"{fleet.kind}.cpu={fleet.allocatable[0] / 1000:g}",
    ]
    return taken, asked, allocatable


def judged(fleet: Fleet, known: str, *, whole: bool = True) -> icplan.Verdict:
    """What is said of it; not the ``whole``: the outcome alone, which comes before it is explained."""
    taken, asked, allocatable = question(fleet, known)
    there = icplan.Snapshot.from_dict(taken)
    if whole:
        return icplan.check(asked, there, allocatable=allocatable)
    settings = checked_settings(allocatable=allocatable)
    (call,) = calls_of(asked)
    return decided(call, running(there, settings), settings)


@attrs.define
class Counts:
    """What came of many cases: those in doubt without metrics, and by what is known those settled."""

    cases: int = 0
    doubtful: Counter[int] = attrs.field(factory=Counter)
    settled: Counter[tuple[str, int]] = attrs.field(factory=Counter)
    could: Counter[tuple[str, int]] = attrs.field(factory=Counter)
    judged: int = 0
    explained: int = 0
    wrong: list[str] = attrs.field(factory=list)
    proofs: Counter[str] = attrs.field(factory=Counter)

    def add(self, fleet: Fleet, known: Sequence[str], *, verified: bool, whole: int = 1) -> None:
        """Judge one fleet with each thing that may be known; of so many in doubt one is explained, too."""
        self.cases += 1
        true = truths(fleet, known)
        if true[""] is not Outcome.MAY_NOT_FIT:
            return
        size = len(fleet.where)
        explained = sum(self.doubtful.values()) % whole == 0
        self.doubtful[size] += 1
        for one in known:
            verdict = judged(fleet, one, whole=explained)
            outcome = verdict.outcome
            self.judged += 1
            self.explained += explained
            sure = outcome in (Outcome.FITS, Outcome.DOES_NOT_FIT)
            self.settled[one, size] += sure
            self.could[one, size] += true[one] is not Outcome.MAY_NOT_FIT
            if sure and outcome is not true[one]:
                self.wrong.append(f"{outcome} where {true[one]} is true, known {one}: {fleet}")
            if verified:
                checked = verify(json.loads(json.dumps(to_dict(verdict))))
                self.proofs.update(str(each.result) for each in checked)

    def rate(self, known: str, sizes: Sequence[int]) -> tuple[int, int, int]:
        """In doubt, settled, and what could be at best."""
        doubt = sum(self.doubtful[size] for size in sizes)
        settled, could = (sum(found[known, size] for size in sizes) for found in (self.settled, self.could))
        return doubt, settled, could


def tried(
    doubtful: int,
    seed: int,
    known: Sequence[str],
    draw: Callable[[random.Random], Fleet] = drawn,
    *,
    verified: bool = False,
) -> Counts:
    """Fleets drawn until so many are in doubt without metrics; each verdict is ``verified``, too."""
    rng, counts = random.Random(seed), Counts()  # noqa: S311
    while sum(counts.doubtful.values()) < doubtful:
        counts.add(draw(rng), known, verified=verified)
    return counts


def main(arguments: Sequence[str]) -> int:
    """Print what came of it; 1 where a verdict was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--whole", type=int, default=1, help="Of so many fleets one verdict is explained, too."
    )
    parser.add_argument("--past-ten", action="store_true", help="Fleets of 11 to 13 instances.")
    options = parser.parse_args(arguments)
    draw, groups = (drawn_past_ten, ((11, 12, 13),)) if options.past_ten else (drawn, ((2, 3, 4), (5, 6)))
    rng, counts = random.Random(options.seed), Counts()  # noqa: S311
    while (doubtful := sum(counts.doubtful.values())) < options.cases:
        counts.add(draw(rng), tuple(KNOWLEDGE), verified=False, whole=options.whole)
        if sum(counts.doubtful.values()) > doubtful and doubtful % _OFTEN == _OFTEN - 1:
            print(_so_far(counts), flush=True)  # noqa: T201
    print(_so_far(counts))  # noqa: T201
    for known, sizes in itertools.product(KNOWLEDGE, groups):
        doubt, settled, could = counts.rate(known, sizes)
        share = f"{100 * settled / doubt:.1f} %" if doubt else "-"
        where = f"{known}, {sizes[0]} to {sizes[-1]} instances"
        print(f"{where}: {settled} of {doubt} settled ({share}), {could} could be")  # noqa: T201
    return 1 if counts.wrong else 0


_OFTEN: Final = 100
"""Fleets in doubt after which it is said how far it is."""


def _so_far(counts: Counts) -> str:
    doubtful = sum(counts.doubtful.values())
    told = f"{counts.judged} verdicts ({counts.explained} explained), {len(counts.wrong)} wrong"
    return "\n".join([f"{counts.cases} fleets, {doubtful} in doubt, {told}", *counts.wrong[:5]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
