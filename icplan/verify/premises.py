"""What the packing problems of a phase have in common: instances, copies that lie there, copies to place."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from icplan.packing.codec import from_json
from icplan.packing.problem import Arrangement, Problem
from icplan.verify.launches import Launchable
from icplan.verify.result import Rejected, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.packing.problem import Bin, Kind, Pattern, Vector
    from icplan.verify.expected_phases import ExpectedPhase

_LAUNCHED = " (launched)"
_NOWHERE = "not placed yet"
#: CPU and memory, whose amounts are an interval, come first in every vector.
UNKNOWN = 2
#: Copies of a component, and what one of them takes on each kind of instance that runs.
Lies: TypeAlias = "tuple[str, tuple[Vector | None, ...]]"


@attrs.frozen
class BinRole:
    """Where a bin stands for: a pool, by number (``None``: copies that are not placed yet wait in it)."""

    pool: int | None
    launched: bool

    @property
    def runs(self) -> bool:
        """Whether it stands for instances that run now."""
        return self.pool is not None and not self.launched


@attrs.frozen
class Premises:
    """What a phase's evidence stands on.

    The instance types, the amounts that each may allocate, what a copy takes on it (``None`` where it may not
    lie), the copies that are known to lie on each of the instances that run, the thousandths of a core in
    which CPU is counted, and what may be launched.
    """

    types: tuple[str, ...]
    box: tuple[tuple[int, int], ...]
    demands: tuple[Vector | None, ...]
    holds: tuple[Mapping[str, int], ...]
    unit: Fraction
    launchable: Launchable

    @classmethod
    def of(cls, proof: Mapping[str, Any]) -> Premises:
        """Read it from a phase's evidence."""
        ground = cls(
            tuple(proof["Types"]),
            tuple((low, high) for low, high in proof["Box"]),
            tuple(None if demand is None else tuple(demand) for demand in proof["Demands"]),
            tuple(proof["Holds"]),
            Fraction(proof["CpuUnit"]),
            Launchable.read(proof["Launchable"], len(proof["Types"])),
        )
        require(ground.unit > 0, "CPU is counted in no unit")
        numbers = [
            *(end for side in ground.box for end in side),
            *(n for h in ground.holds for n in h.values()),
        ]
        numbers += [amount for demand in ground.demands for amount in demand or ()]
        require(all(type(n) is int and n >= 0 for n in numbers), "an amount is no number")
        require(all(low <= high for low, high in ground.box), "an interval has no values")
        same = len(set(ground.types)) == len(ground.demands) == len(ground.types) == len(ground.box) / 2
        require(same and ground.types, "the evidence is not of these instance types")
        return ground

    def side(self, pool: int) -> tuple[tuple[int, int], ...]:
        """The intervals of CPU and memory of one pool."""
        return self.box[UNKNOWN * pool : UNKNOWN * (pool + 1)]

    def place(self, name: str) -> BinRole:
        """Where a bin of that name stands for."""
        if name == _NOWHERE:
            return BinRole(None, launched=False)
        return BinRole(self.types.index(name.removesuffix(_LAUNCHED)), launched=name.endswith(_LAUNCHED))


@attrs.frozen
class ProblemContext:
    """What must be the same in every problem of a phase, and but for the changed component of a change.

    ``runs`` has the type, number and load of the instances that run; ``offers`` what a type has besides CPU
    and memory; ``copies`` how many stay, by component and what they take where; ``waiting`` the same of those
    that may not be placed yet (``None`` where the problem leaves them out). ``own`` has what copies of the
    changed component take, by pool, and ``away`` counts launched instances that what is placed cannot use.
    """

    runs: tuple[tuple[int | None, int, Vector | None], ...]
    offers: Mapping[int, Vector]
    copies: Counter[Lies]
    waiting: Counter[Lies] | None
    own: frozenset[tuple[int, Vector]]
    away: int = 0

    @property
    def bare(self) -> bool:
        """Whether nothing lies there."""
        return not self.copies and not any(any(used or ()) for _, _, used in self.runs)

    def agrees(self, other: ProblemContext) -> bool:
        """Whether both are of the same moment."""
        waiting = self._wait_alike(other)
        alike = self.runs == other.runs and self.copies == other.copies and waiting
        return alike and self.offers_agree(other)

    def _wait_alike(self, other: ProblemContext) -> bool:
        """Whether the same copies wait, or lie on instances that what is placed cannot use."""
        if self.waiting is None or other.waiting is None:
            return True
        more, fewer = self.waiting - other.waiting, other.waiting - self.waiting
        return more.total() <= other.away and fewer.total() <= self.away

    def offers_agree(self, other: ProblemContext) -> bool:
        """Whether instances of the same type offer the same."""
        return all(
            self.offers[pool] == other.offers[pool] for pool in self.offers.keys() & other.offers.keys()
        )


@attrs.frozen
class PhaseProblems:
    """Reads the problems of one phase, each held against what the phase says and against the ones before it.

    ``now`` is the number of instances that run. What is ``relaxed`` may leave out all that lies there: what
    does not even fit on empty instances fits on none. ``tired`` holds why no more proofs are
    checked, once one took too long. Raises `Rejected`.
    """

    ground: Premises
    component: str
    moment: ExpectedPhase
    now: int
    relaxed: bool = False
    settings: list[ProblemContext] = attrs.field(factory=list)
    tired: list[str] = attrs.field(factory=list)

    @property
    def own(self) -> list[int]:
        """The types on whose instances a copy that is placed may lie."""
        return [pool for pool, demand in enumerate(self.ground.demands) if demand is not None]

    def problem(self, data: Mapping[str, Any]) -> tuple[Problem, list[BinRole]]:
        """Whether all copies fit at all, and where its bins stand for."""
        problem = from_json(data)
        if not isinstance(problem, Problem):
            raise Rejected("not a packing problem")
        *lying, target = problem.kinds
        require(target.count == self.moment.need, "it places another number of copies")
        places = self._places(problem.bins, target.demands)
        self._check_existing(problem.bins, places, [(kind, kind.count) for kind in lying])
        return problem, places

    def arrangement(self, data: Mapping[str, Any]) -> tuple[Arrangement, list[BinRole]]:
        """How much room there is at least, and where its bins stand for."""
        question = from_json(data)
        if not isinstance(question, Arrangement):
            raise Rejected("not an arrangement")
        places = self._places(question.bins, question.target)
        leaves = question.leaves or (0,) * len(question.lying)
        pairs = list(zip(question.lying, leaves, strict=True))
        mine = sum(left for kind, left in pairs if owner(kind) == self.component)
        # Left out, what has been replaced binds nothing: others may have come where it was.
        require(sum(leaves) == mine in (0, self.moment.left), "others leave than have been replaced")
        stay = [(kind, kind.count - left) for kind, left in pairs]
        self._check_existing(question.bins, places, stay, waiting=True)
        return question, places

    def _places(self, bins: Sequence[Bin], target: Sequence[Vector | None]) -> list[BinRole]:
        places = [self.ground.place(bin_.name) for bin_ in bins]
        runs = [place.runs for place in places]
        known = len(self.ground.holds)
        require(all(runs[:known]) and not any(runs[known:]), "other instances run than are told")
        require(len(runs) >= known, "other instances run than are told")
        require(sum(b.count for b in bins[:known]) == self.now, "another number of instances runs")
        wanted = [None if p.pool is None else self.ground.demands[p.pool] for p in places]
        require(list(target) == wanted, "a copy takes something else")
        return places

    def _check_existing(
        self,
        bins: Sequence[Bin],
        places: Sequence[BinRole],
        stay: Sequence[tuple[Kind, int]],
        *,
        waiting: bool = False,
    ) -> None:
        """Hold what lies there against the phase, and against its other problems."""
        known = len(self.ground.holds)
        wait = {kind.name for kind, _ in stay if any(map(_may_wait, kind.demands, places))}
        copies, waits = Counter[Lies](), Counter[Lies]()
        for kind, count in stay:
            may_roam = kind.name in wait or (self.moment.back and owner(kind) == self.component)
            require(self._lies(kind, places, roams=may_roam), "copies lie where they cannot")
            (waits if kind.name in wait else copies)[owner(kind), kind.demands[:known]] += count
        held = sum(b.count * h.get(self.component, 0) for b, h in zip(bins, self.ground.holds, strict=False))
        mine = sum(count for (name, _), count in copies.items() if name == self.component)
        there = held + mine == self.moment.beside
        empty = not stay and not any(any(bin_.used or ()) for bin_ in bins)
        require(there or (self.relaxed and empty), "another number of copies lies there")
        for bin_, holds in zip(bins, self.ground.holds, strict=False):
            require(any(bin_.used or ()) <= any(holds.values()), "an instance is loaded by nothing")
        offers: dict[int, Vector] = {}
        for bin_, place in zip(bins, places, strict=True):
            if place.pool is not None:
                hard = bin_.capacity[UNKNOWN:]
                require(offers.setdefault(place.pool, hard) == hard, "one type offers different things")
        runs = tuple((p.pool, b.count, b.used) for p, b in zip(places[:known], bins, strict=False))
        own = [kind for kind, _ in stay if owner(kind) == self.component]
        taken = frozenset(
            (place.pool, demand)
            for kind in own
            for place, demand in zip(places, kind.demands, strict=True)
            if place.pool is not None and demand is not None
        )
        away = launched(bins, places)
        away_from = sum(count for pool, count in away.items() if pool not in self.own)
        setting = ProblemContext(runs, offers, +copies, +waits if waiting else None, taken, away_from)
        require(all(setting.agrees(other) for other in self.settings), "problems of one phase differ")
        self.settings.append(setting)

    def _lies(self, kind: Kind, places: Sequence[BinRole], *, roams: bool) -> bool:
        """Whether copies take the same on all instances of a type, and lie on launched ones if at all."""
        known = {place.pool: d for place, d in zip(places, kind.demands, strict=True) if place.runs and d}
        for place, demand in zip(places, kind.demands, strict=True):
            there = place.runs or roams or demand is None
            expected = (0,) * len(demand or ()) if place.pool is None else known.get(place.pool, demand)
            if not there or demand not in (None, expected):
                return False
        return True


def owner(kind: Kind) -> str:
    """The component whose copies these are."""
    return kind.name.split(" ")[0]


def _may_wait(demand: Vector | None, place: BinRole) -> bool:
    return place.pool is None and demand is not None


def amounts(bins: Sequence[Bin], places: Sequence[BinRole]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The pool and the CPU and memory of each kind of instance."""
    for bin_, place in zip(bins, places, strict=True):
        if place.pool is not None:
            yield place.pool, bin_.capacity[:UNKNOWN]


def launched(bins: Sequence[Bin], places: Sequence[BinRole]) -> dict[int, int]:
    """How many instances are launched, by pool."""
    found = Counter[int]()
    for bin_, place in zip(bins, places, strict=True):
        if place.pool is not None and place.launched:
            found[place.pool] += bin_.count
    return dict(found)


def placement_rows(
    questions: PhaseProblems, problem: Problem, places: Sequence[BinRole], placement: Sequence[Pattern]
) -> list[dict[str, Any]]:
    """A layout as the phase shows it."""
    return [_row(questions, problem, places, pattern) for pattern in placement]


def _row(
    questions: PhaseProblems, problem: Problem, places: Sequence[BinRole], pattern: Pattern
) -> dict[str, Any]:
    place, holds = places[pattern.bin], questions.ground.holds
    *running, placed = pattern.copies
    held = Counter(holds[pattern.bin] if place.runs else {})
    for kind, n in zip(problem.kinds[:-1], running, strict=True):
        held[owner(kind)] += n
    return {
        "InstanceType": problem.bins[pattern.bin].name.split(" ")[0],
        "Launched": place.launched,
        "Instances": pattern.times,
        "Running": dict(+held),
        "Placed": {questions.component: placed} if placed else {},
    }
