"""The truth about several changes one after another, by trying everything, on one instance type.

In every arrangement of what runs, copies are placed one after another wherever there is room, an instance is
launched when none has room, and any copies leave. Between changes an instance that one of them has emptied
may be released, down to MinInstanceCount, or not yet. Written from that text alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
from hypothesis import strategies as st

from support.small_fleets import Case, Change, Component, Need, asked, fleets, needs_of, request, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    import icplan

#: Copies by component, and whether a change has taken the last of them.
Instance: TypeAlias = tuple[tuple[tuple[str, int], ...], bool]
State: TypeAlias = tuple[Instance, ...]

EMPTY: Instance = ((), False)
#: States after which there are too many to go on.
MOST_STATES = 3000


@attrs.frozen
class Removal:
    """``name`` is deleted."""

    name: str


@attrs.frozen
class Sequel:
    """A fleet with ``least`` as MinInstanceCount, and changes of it in order."""

    case: Case
    least: int
    changes: tuple[Change | Removal, ...]

    def judged(self) -> icplan.Verdict:
        """What icplan says of the changes."""
        answers = snapshot(self.case)
        (variant,) = answers["EndpointConfig"]["ProductionVariants"]
        if "ManagedInstanceScaling" in variant:
            variant["ManagedInstanceScaling"]["MinInstanceCount"] = self.least
        return asked(self.case, list(self._requests()), answers)

    def _requests(self) -> Iterator[dict[str, Any]]:
        case = self.case
        for number, change in enumerate(self.changes):
            if isinstance(change, Removal):
                name = {"InferenceComponentName": change.name}
                yield {"Operation": "DeleteInferenceComponent", "Request": name}
                case = case.without(change.name)
                continue
            call = request(case, change)
            if "Specification" in call["Request"]:
                call["Request"]["Specification"]["ModelName"] = f"other-{number}"
            yield call
            before = case.component(change.name)
            needs = change.needs or (before.needs if before else {})
            done = Component(change.name, needs, (change.copies, *(0,) * (len(case.instances) - 1)))
            case = attrs.evolve(case, components=(*case.without(change.name).components, done))


@attrs.frozen
class Truth:
    """How one change may go: refused or done in some world, the most instances, whether some are launched."""

    refused: bool
    done: bool
    most: int
    launches: bool


@attrs.define
class Play:
    """A sequel carried out in every way."""

    sequel: Sequel
    needs: dict[str, Need] = attrs.field(factory=dict)
    copies: dict[str, int] = attrs.field(factory=dict)
    most: int = 0

    def truths(self) -> Iterator[Truth]:
        """How each change may go once those before it are done; ends where none can be, or at too many."""
        states = self._start()
        for change in self.sequel.changes:
            if not states or len(states) > MOST_STATES:
                return
            self.most = max(map(len, states))
            ends: set[State] = set()
            refused = launches = False
            steps = self._steps(change)
            for start in states:
                reached, bad = self._carry_out(start, steps)
                refused = refused or bad
                launches = launches or any(len(end) > len(start) for end in reached)
                ends |= reached
            yield Truth(refused, bool(ends), self.most, launches)
            if isinstance(change, Change):
                ends = {self._renamed(end, change.name) for end in ends}
            states = self._released(ends)

    def _start(self) -> set[State]:
        case = self.sequel.case
        states: set[State] = {(EMPTY,) * len(case.instances)}
        for component in case.components:
            self.needs[component.name] = component.needs[None]
            self.copies[component.name] = component.copies
            if case.located:
                (state,) = states
                pairs = zip(state, component.where, strict=True)
                states = {tuple(_with(i, component.name, n) for i, n in pairs)}
                continue
            for _ in range(component.copies):
                states = {end for state in states for end in self._onto(state, component.name)}
        return {tuple(sorted(state)) for state in states}

    def _steps(self, change: Change | Removal) -> list[tuple[str, int, str, int]]:
        """Copies of whom to place, then copies of whom that leave."""
        name, there = change.name, self.copies.get(change.name, 0)
        if isinstance(change, Removal):
            del self.copies[name]
            return [(name, 0, name, there)]
        new, wanted = f"{name}, new", change.copies
        self.copies[name] = wanted
        self.needs[new] = (change.needs or {None: self.needs.get(name, Need(0))})[None]
        if not there:
            return [(new, wanted, name, 0)]
        if change.needs is None:
            self.needs[new] = self.needs[name]
            return [(new, max(0, wanted - there), name, max(0, there - wanted))]
        if change.batch is None:
            return [(new, wanted, name, there)]
        sizes = [min(change.batch, there - done) for done in range(0, there, change.batch)]
        rolled = [(new, size, name, size) for size in sizes]
        return [*rolled, (new, max(0, wanted - there), new, max(0, there - wanted))]

    def _carry_out(self, start: State, steps: list[tuple[str, int, str, int]]) -> tuple[set[State], bool]:
        """The states at the end, and whether copies are refused on some way."""
        states, refused = {start}, False
        for new, more, old, fewer in steps:
            for _ in range(more):
                placed = {state: self._placed(state, new) for state in states}
                refused = refused or not all(placed.values())
                states = {end for ends in placed.values() for end in ends}
            self.most = max([self.most, *map(len, states)])
            for _ in range(fewer):
                states = {end for state in states for end in self._left(state, old)}
        return states, refused

    def _placed(self, state: State, name: str) -> set[State]:
        case = self.sequel.case
        if found := self._onto(state, name):
            return found
        caps = [case.most or 0, *(most for _, most in case.quotas)]
        may_launch = len(state) < min(caps) and self._room(EMPTY, name)
        return {tuple(sorted((*state, _with(EMPTY, name, 1))))} if may_launch else set()

    def _onto(self, state: State, name: str) -> set[State]:
        with_room = {instance for instance in state if self._room(instance, name)}
        return {_swapped(state, instance, _with(instance, name, 1)) for instance in with_room}

    def _left(self, state: State, name: str) -> set[State]:
        holding = {instance for instance in state if dict(instance[0]).get(name)}
        return {_swapped(state, instance, _with(instance, name, -1)) for instance in holding}

    def _room(self, instance: Instance, name: str) -> bool:
        (kind,) = self.sequel.case.types
        held = [(self.needs[one], n) for one, n in instance[0]] + [(self.needs[name], 1)]
        return (
            sum(need.cpu * n for need, n in held) <= kind.cpu[0]
            and sum(need.memory * n for need, n in held) <= kind.memory[0]
            and sum(need.devices * n for need, n in held) <= kind.devices
        )

    def _renamed(self, state: State, name: str) -> State:
        """New copies are like any others from now on."""
        new = f"{name}, new"
        self.needs[name] = self.needs[new]
        found = []
        for held, emptied in state:
            copies = dict(held)
            total = copies.pop(new, 0) + copies.pop(name, 0)
            found.append(_with((tuple(copies.items()), emptied), name, total))
        return tuple(sorted(found))

    def _released(self, states: set[State]) -> set[State]:
        if self.sequel.case.most is None:
            return states
        found, todo = set(states), list(states)
        while todo:
            state = todo.pop()
            if ((), True) in state and len(state) > self.sequel.least:
                rest = list(state)
                rest.remove(((), True))
                if (fewer := tuple(rest)) not in found:
                    found.add(fewer)
                    todo.append(fewer)
        return found


def _with(instance: Instance, name: str, more: int) -> Instance:
    held = dict(instance[0])
    held[name] = held.get(name, 0) + more
    kept = tuple(sorted((one, n) for one, n in held.items() if n))
    return kept, not kept and (more < 0 or instance[1])


def _swapped(state: State, before: Instance, after: Instance) -> State:
    rest = list(state)
    rest.remove(before)
    return tuple(sorted((*rest, after)))


@st.composite
def sequels(draw: st.DrawFn) -> Sequel:
    """Two or three changes, of which rolling updates are many, on a fleet of known amounts."""
    case = draw(fleets(pools=False, most_components=2, most_copies=3).filter(lambda c: not c.types[0].layout))
    kind = case.types[0]
    exact = attrs.evolve(kind, cpu=(kind.cpu[1],) * 2, memory=(kind.memory[1],) * 2)
    case = attrs.evolve(case, types=(exact,))
    copies = {component.name: component.copies for component in case.components}
    needs = {component.name: component.needs for component in case.components}
    changes: list[Change | Removal] = []
    for number in range(draw(st.integers(2, 3))):
        how = draw(st.sampled_from(("create", "scale", "update", "roll", "roll", "remove")))
        if how == "create" or not copies:
            name = f"new-{number}"
            needs[name] = {None: draw(needs_of(case.types))}
            copies[name] = draw(st.integers(1, 3))
            changes.append(Change(name, copies[name], needs[name]))
            continue
        name = draw(st.sampled_from(sorted(copies)))
        if how == "remove":
            del copies[name]
            changes.append(Removal(name))
            continue
        rolls = how == "roll" and copies[name] > 0
        copies[name] = draw(st.just(copies[name]) | st.integers(0, 4))
        again = None if how == "scale" else needs[name]
        changes.append(Change(name, copies[name], again, draw(st.integers(1, 2)) if rolls else None))
    return Sequel(case, draw(st.integers(0, len(case.instances))), tuple(changes))
