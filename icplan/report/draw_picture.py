"""A picture drawn from the evidence of a phase.

Nothing is laid out here that the evidence does not have, but for one thing: where a proof says that no layout
works, one of what runs is drawn, and as many of the copies to place as have room in it. The drawing is then
an example, as it is wherever AWS does not tell which instance holds which copy.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from icplan.packing.budget import Budget
from icplan.packing.problem import Pattern, Problem
from icplan.report.picture import (
    CPU,
    MEMORY,
    Copies,
    Instances,
    Lack,
    Moment,
    Picture,
    Pictures,
    Resource,
    Role,
    Shows,
)
from icplan.values import frozen
from icplan.verdict.evidence import EveryCourse, EveryWorld, Layout, NoWorld, SomeWorlds
from icplan.verdict.premises import Where
from icplan.verdict.step_number import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from icplan.packing.problem import Bin, Vector
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.evidence import FailingWorld, Refusal
    from icplan.verdict.phase import Phase
    from icplan.verdict.premises import ExistingPremise, Group, Premises

#: Units of work that may be spent on laying out what runs, where the evidence has no layout of it.
_EFFORT = 1_000_000
#: What a change has where its evidence leaves out what lies on the instances: they would be drawn empty.
_LEAVES_OUT = {"ICP310", "ICP316"}


def pictures_of(change: ChangeVerdict) -> Pictures:
    """All pictures of a change that its evidence tells."""
    if any(finding.rule in _LEAVES_OUT for finding in change.findings):
        return Pictures(None, (), None)
    name = change.inference_component_name
    drawn = ((phase, phase_pictures(phase, name)) for phase in change.phases)
    moments = tuple(Moment(phase, pictures) for phase, pictures in drawn if pictures)
    forward = [one for one in moments if one.phase.kind != "rollback"]
    if not forward:
        return Pictures(None, moments, None)
    first, last = forward[0], forward[-1]
    before = _before(first.pictures[0]) if first.phase is change.phases[0] else None
    steps = [phase for phase in change.phases if phase.kind != "rollback"]
    done = change.outcome.fits and last.phase is steps[-1]
    return Pictures(before, moments, _after(last) if done else None)


def _before(picture: Picture) -> Picture:
    """The same without what is to be placed, and without instances launched for it."""
    waits = picture.waits
    rows = [_without(row, waits) for row in picture.rows]
    shows = Shows.KNOWN if picture.shows is Shows.KNOWN else Shows.EXAMPLE
    there = _merged(row for row in rows if row.holds or not row.launched)
    return Picture(shows, there, perhaps=picture.perhaps)


def _after(moment: Moment) -> Picture | None:
    """The last picture without the old copies, where none is left then."""
    old = moment.phase.old
    if old is None or (old[0] != old[1] and old[1]):
        return None
    (picture, *_), goes = moment.pictures, old[0] != old[1]
    rows = [_without(row, Role.OLD) if goes else row for row in picture.rows]
    return attrs.evolve(picture, shows=Shows.EXAMPLE, rows=_merged(rows))


def _without(row: Instances, role: Role) -> Instances:
    """The instances without copies of that role."""
    gone = [one for one in row.holds if one.role is role]
    less = [sum(one.number * one.takes[r.place] for one in gone) for r in row.resources]
    resources = tuple(attrs.evolve(r, taken=r.taken - n) for r, n in zip(row.resources, less, strict=True))
    holds = tuple(one for one in row.holds if one.role is not role)
    return attrs.evolve(row, holds=holds, resources=resources, lacks=())


def phase_pictures(phase: Phase, component: str) -> tuple[Picture, ...]:
    """What the evidence of a phase of a component's change shows; nothing where it has none."""
    premises, proof = phase.premises, phase.proof
    if premises is None:
        return ()
    drawing = _Drawing(phase, premises, component)
    match proof:
        case EveryWorld(example=Layout() as layout) | EveryCourse(example=Layout() as layout):
            return (drawing.of_layout(layout),)
        case SomeWorlds(works=works, fails=fails):
            failing = drawing.of_failing(fails)
            amounts = _lacks_amounts(failing)
            working = attrs.evolve(drawing.of_layout(works), shows=Shows.WORKS)
            return tuple(attrs.evolve(one, turns_on_amounts=amounts) for one in (failing, working))
        case NoWorld(refusals=(refusal, *_)):
            drawn = drawing.of_refusal(refusal)
            return () if drawn is None else (drawn,)
    return ()


def world_picture(premises: Premises, world: FailingWorld, component: str) -> Picture:
    """A world without room for all the copies that the premises have to place, with those that find some."""
    return _Drawing(None, premises, component).of_failing(world)


def refusal_picture(premises: Premises, refusal: Refusal, component: str) -> Picture | None:
    """What runs, laid out, with as many as have room of the copies of which not all find any anywhere."""
    return _Drawing(None, premises, component).of_refusal(refusal)


def layout_picture(premises: Premises, layout: Layout, component: str) -> Picture:
    """A layout with all that the premises have to place."""
    return attrs.evolve(_Drawing(None, premises, component).of_layout(layout), shows=Shows.WORKS)


def _lacks_amounts(picture: Picture) -> bool:
    """Whether nothing but CPU or memory is lacking, of which more may be there."""
    lacking = [row for row in picture.rows if row.lacks]
    unsure = (CPU, MEMORY)
    return bool(lacking) and all(
        lack.place in unsure and row.resources[lack.place].here < row.resources[lack.place].high
        for row in lacking
        for lack in row.lacks
    )


@frozen
class _Lying:
    """An entry of what exists, which a kind of a problem stands for: whose copies, and what each takes."""

    component: str
    role: Role
    demands: tuple[Vector | None, ...]

    def on(self, pool: int) -> Vector:
        """What a copy takes on instances of that pool."""
        return self.demands[pool] or ()


@frozen
class _Drawing:
    phase: Phase | None
    premises: Premises
    component: str

    @property
    def _known(self) -> bool:
        """Whether it is known where everything lies."""
        told = all(pool.holds is not None for pool in self.premises.pools)
        return told and all(one.where is Where.HELD for one in self.premises.existing)

    @property
    def _backward(self) -> bool:
        step = None if self.phase is None else self.phase.step
        return step is not None and step.direction is Direction.ROLLBACK

    @property
    def _entries(self) -> list[_Lying]:
        """Each entry that exists, with whose copies it has."""
        return [
            _Lying(one.component, self._role(number, one), one.demands)
            for number, one in enumerate(self.premises.existing)
        ]

    def _role(self, number: int, one: ExistingPremise) -> Role:
        """Going back, the new copies come first among those of the component, if some are left."""
        if one.component != self.component:
            return Role.OTHER
        new = None if self.phase is None else self.phase.new
        if not self._backward or new is None or not new[0]:
            return Role.OLD
        before = self.premises.existing[:number]
        return Role.OLD if any(other.component == one.component for other in before) else Role.NEW

    def _free(self, *, perhaps: bool, elsewhere: Mapping[int, int] | None = None) -> list[_Lying]:
        """What the kinds of a problem stand for, in its order."""
        away = elsewhere or {}
        return [
            entry
            for number, (entry, one) in enumerate(zip(self._entries, self.premises.existing, strict=True))
            if one.where is not Where.HELD
            and (perhaps or one.where is not Where.PERHAPS)
            and not (away.get(number) and away[number] == one.copies)
        ]

    def of_layout(self, layout: Layout) -> Picture:
        """A layout that was found, with all that is to be placed in it."""
        groups = self.premises.groups(layout.launched)
        rows = self._rows(groups, layout.problem.bins, layout.placement, self._free(perhaps=False))
        return self._picture(rows, Shows.EXAMPLE, 0)

    def of_failing(self, world: FailingWorld) -> Picture:
        """A world that fails, with as many copies placed in it as have room."""
        question = world.arrangement
        groups = self.premises.groups(world.launched, world.elsewhere)
        lying = self._free(perhaps=True, elsewhere=world.elsewhere)
        here = question.counted or tuple(one.capacity for one in question.bins)
        offered = [attrs.evolve(one, capacity=most) for one, most in zip(question.bins, here, strict=True)]
        bins = self._without_bounds(offered)
        stay = tuple(_staying(pattern) for pattern in world.placement)
        rows = self._rows(groups, bins, stay, lying, most=self.premises.target.copies)
        placed = sum(row.count * one.number for row in rows for one in row.holds if one.role is self._placed)
        return self._picture(rows, Shows.FAILS, self.premises.target.copies - placed)

    def of_refusal(self, refusal: Refusal) -> Picture | None:
        """A layout of what lies there, with as many copies placed in it as have room, if one is found."""
        from icplan.packing.solver.solve import pack  # noqa: PLC0415  (most pictures need none)

        groups = self.premises.groups(refusal.launched)
        bins, (*kinds, _) = refusal.problem.bins, refusal.problem.kinds
        laid = pack(Problem(bins, tuple(kinds)), Budget(effort=_EFFORT)).placement
        if laid is None:
            return None
        need = self.premises.target.copies
        offered = self._without_bounds(bins)
        rows = self._rows(groups, offered, laid, self._free(perhaps=False), most=need)
        placed = sum(row.count * one.number for row in rows for one in row.holds if one.role is self._placed)
        return self._picture(rows, Shows.EXAMPLE, need - placed)

    def _without_bounds(self, bins: Sequence[Bin]) -> list[Bin]:
        """The instances with what they have, and not what metrics tell of them besides."""
        dimensions = len(self.premises.pools[0].capacity)
        cut = (
            (one, one.capacity[:dimensions], None if one.used is None else one.used[:dimensions])
            for one in bins
        )
        return [attrs.evolve(one, capacity=capacity, used=used) for one, capacity, used in cut]

    @property
    def _placed(self) -> Role:
        """Whose copies are to be placed."""
        return Role.OLD if self._backward else Role.NEW

    def _picture(self, rows: Iterable[Instances], shows: Shows, waiting: int) -> Picture:
        shown = tuple(self._explained(row) if waiting else row for row in rows)
        takes = {self._told(demand) for demand in self.premises.target.demands if demand is not None}
        perhaps = Counter[str]()
        for one in self.premises.existing:
            if one.where is Where.PERHAPS:
                perhaps[one.component] += one.copies - one.leave
        return Picture(
            Shows.KNOWN if self._known and shows is not Shows.FAILS else shows,
            _merged(shown),
            waiting,
            self._placed,
            takes.pop() if len(takes) == 1 else None,
            perhaps=dict(perhaps) if shows is not Shows.FAILS else {},
        )

    def _rows(
        self,
        groups: Sequence[Group],
        bins: Sequence[Bin],
        placement: Sequence[Pattern],
        lying: Sequence[_Lying],
        most: int = 0,
    ) -> list[Instances]:
        """The instances as laid out, the empty ones too; up to ``most`` copies more where they have room."""
        empty = [group.count for group in groups]
        rows, left = [], most
        for pattern in placement:
            empty[pattern.bin] -= pattern.times
        nothing = (0,) * len(lying)
        laid = [*placement, *(Pattern(n, times, nothing) for n, times in enumerate(empty) if times)]
        for pattern in laid:
            group = groups[pattern.bin]
            if group.pool is None:
                continue
            for times, more in self._filled(group, bins[pattern.bin], pattern, lying, left):
                rows.append(
                    self._row(group, bins[pattern.bin], attrs.evolve(pattern, times=times), lying, more)
                )
                left -= times * more
        return rows

    def _filled(
        self, group: Group, bin_: Bin, pattern: Pattern, lying: Sequence[_Lying], left: int
    ) -> Iterator[tuple[int, int]]:
        """How many of the instances get how many copies more, until as many are placed as are left."""
        demand = None if group.pool is None else self.premises.target.demands[group.pool]
        if demand is None or not left:
            yield pattern.times, 0
            return
        taken = self._taken(group, pattern, lying)
        free = (most - used for most, used in zip(bin_.capacity, taken, strict=True))
        each = min((max(0, f) // d for f, d in zip(free, demand, strict=True) if d), default=0)
        full = min(pattern.times, left // each) if each else pattern.times
        if full:
            yield full, each
        if full < pattern.times and (rest := left - full * each):
            yield 1, rest
            full += 1
        if full < pattern.times:
            yield pattern.times - full, 0

    def _row(
        self, group: Group, bin_: Bin, pattern: Pattern, lying: Sequence[_Lying], more: int
    ) -> Instances:
        pool = group.pool or 0
        premise, target = self.premises.pools[pool], self.premises.target.demands[pool]
        counts: Counter[tuple[str, Role, tuple[int, ...]]] = Counter()
        for entry, number in self._contents(group, pattern, lying):
            counts[entry.component, entry.role, self._told(entry.on(pool))] += number
        placed = pattern.copies[len(lying)] if len(pattern.copies) > len(lying) else more
        if placed:
            counts[self.component, self._placed, self._told(target or ())] += placed
        holds = tuple(
            Copies(name, number, role, takes) for (name, role, takes), number in counts.items() if number
        )
        taken = [
            sum(one.number * one.takes[place] for one in holds) for place in range(len(premise.capacity))
        ]
        told = zip(
            taken,
            self._told([low for low, _ in premise.capacity]),
            self._told([high for _, high in premise.capacity]),
            self._told(bin_.capacity),
            strict=True,
        )
        resources = tuple(Resource(place, *amounts) for place, amounts in enumerate(told))
        return Instances(
            premise.type, pattern.times, group.launched, holds, resources, usable=target is not None
        )

    def _contents(
        self, group: Group, pattern: Pattern, lying: Sequence[_Lying]
    ) -> Iterator[tuple[_Lying, int]]:
        """What lies on one instance: what is known to, and what the pattern says."""
        pinned = self.premises.pinned(group)
        for entry, one in zip(self._entries, self.premises.existing, strict=True):
            if one.where is Where.HELD and pinned.get(one.component):
                yield entry, pinned[one.component]
        yield from zip(lying, pattern.copies, strict=False)

    def _taken(self, group: Group, pattern: Pattern, lying: Sequence[_Lying]) -> list[int]:
        pool = group.pool or 0
        total = [0] * len(self.premises.pools[pool].capacity)
        for entry, number in self._contents(group, pattern, lying):
            for place, amount in enumerate(entry.on(pool)):
                total[place] += number * amount
        return total

    def _explained(self, row: Instances) -> Instances:
        """The instances, with what they lack for one copy more."""
        numbers = [n for n, pool in enumerate(self.premises.pools) if pool.type == row.type]
        demand = self.premises.target.demands[numbers[0]]
        if demand is None:
            return row
        told = self._told(demand)
        lacks = tuple(Lack(r.place, told[r.place], r.free) for r in row.resources if told[r.place] > r.free)
        return attrs.evolve(row, lacks=lacks)

    def _told(self, vector: Sequence[int]) -> tuple[int, ...]:
        """Amounts as people are told them: CPU in thousandths of a core."""
        unit = self.premises.cpu_unit
        return tuple(round(n * unit) if place == CPU else n for place, n in enumerate(vector))


def _staying(pattern: Pattern) -> Pattern:
    """The pattern without the copies that leave."""
    gone = pattern.leaving or (0,) * len(pattern.copies)
    copies = tuple(n - left for n, left in zip(pattern.copies, gone, strict=True))
    return attrs.evolve(pattern, copies=copies, leaving=None)


def _merged(rows: Iterable[Instances]) -> tuple[Instances, ...]:
    """Alike instances as one row; what is there before what is launched, what holds more first."""
    counts = Counter[Instances]()
    for row in rows:
        counts[attrs.evolve(row, count=1, holds=_in_order(row.holds))] += row.count
    found = [attrs.evolve(row, count=number) for row, number in counts.items()]
    return tuple(
        sorted(found, key=lambda row: (row.launched, row.type, [-r.taken for r in row.resources[::-1]]))
    )


def _in_order(holds: Iterable[Copies]) -> tuple[Copies, ...]:
    """What runs before what is new, by name."""
    return tuple(sorted(holds, key=lambda one: (one.role is Role.NEW, one.component, one.takes)))
