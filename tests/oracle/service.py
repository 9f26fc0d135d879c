"""What the service may do next, in one world: every placement, launch, arrival and departure.

Rules, from AWS's documentation: a new copy goes to any instance with room; running copies do not move; where
none has room an instance is launched, of any type that the copy may lie on, within MaxInstanceCount and the
quotas of the account. Instances on their way come at any time, whatever the limits, and count in them. Those
being taken away take no copies, and hold their quota until they are gone, which is at any time. Components
in motion do as the target does, at any time.

A state is a value; all functions take sets of states and give sets of states.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from facts import Endpoint, Needs, Vector

T = TypeVar("T")
#: Copies by kind (an index), none of them zero.
Held: TypeAlias = tuple[tuple[int, int], ...]
#: Variant, type, what it holds, and whether its last copy has been taken from it.
Instance: TypeAlias = tuple[str, str, Held, bool]
#: Variant and type of an instance that is not there yet, or not there any more.
Outside: TypeAlias = tuple[str, str]


class TooMany(Exception):  # noqa: N818  (not a fault: the case is too large to try everything)
    """There are more states than this program will try."""


@attrs.frozen
class State:
    """A moment. ``motion`` has, for each component in motion, how many may still come and go."""

    instances: tuple[Instance, ...]
    arriving: tuple[Outside, ...] = ()
    going: tuple[Outside, ...] = ()
    motion: tuple[tuple[int, int], ...] = ()


@attrs.frozen
class Mover:
    """A component in motion: the kind of the copies that are there, and of those that come."""

    there: int
    comes: int
    replaces: bool


@attrs.frozen
class Kind:
    """A version of a component."""

    variant: str
    needs: Needs


@attrs.frozen
class Reading:
    """How rules are read that AWS does not settle; a verdict is wrong only if it is under every reading.

    vain: a type on which even an empty instance has no room for the copy may be launched, in vain.
    going_count: instances being taken away count towards MaxInstanceCount.
    arriving_counted: InstancesInUse holds those on their way already.
    quota_binds_arriving: what is on its way is of a type that the quota has room for.
    any_idle: any idle instance may be taken away, not only those of the lowest priority.
    """

    vain: bool = False
    going_count: bool = False
    arriving_counted: bool = False
    quota_binds_arriving: bool = False
    any_idle: bool = False


@attrs.define
class Service:
    """One choice of amounts, and one reading of the rules."""

    endpoint: Endpoint
    amounts: Mapping[str, Vector]
    reading: Reading
    kinds: list[Kind]
    movers: list[Mover]
    most_states: int
    grew: bool = False
    _rooms: dict[tuple[str, Held, int], bool] = attrs.field(factory=dict)

    # -- room ---------------------------------------------------------------------------------------------

    def fits(self, name: str, held: Held) -> bool:
        """Whether an instance of this type can hold these copies."""
        left = list(self.amounts[name])
        for kind, copies in held:
            needs = self.kinds[kind].needs.get(name)
            if needs is None:
                return False
            left = [have - copies * need for have, need in zip(left, needs, strict=True)]
        return min(left) >= 0

    def room(self, instance: Instance, kind: int) -> bool:
        variant, name, held, _ = instance
        if variant != self.kinds[kind].variant:
            return False
        key = name, held, kind
        if key not in self._rooms:
            self._rooms[key] = self.fits(name, more(held, kind, 1))
        return self._rooms[key]

    # -- limits -------------------------------------------------------------------------------------------

    def may_launch(self, state: State, variant: str, name: str) -> bool:
        """Whether MaxInstanceCount and the quota leave room for one more."""
        most = self.endpoint.variant(variant).most
        if most is None:
            return False
        outside = [*state.arriving, *(state.going if self.reading.going_count else ())]
        count = sum(one[0] == variant for one in (*state.instances, *outside))
        return count < most and self.quota_left(state, name) > 0

    def quota_left(self, state: State, name: str) -> float:
        quota = self.endpoint.quotas.get(name)
        if quota is None:
            return float("inf")
        used = self.endpoint.elsewhere[name]
        outside = [*state.going, *(() if self.reading.arriving_counted else state.arriving)]
        return quota - used - sum(one[1] == name for one in (*state.instances, *outside))

    # -- one copy -----------------------------------------------------------------------------------------

    def placed(self, state: State, kind: int) -> tuple[list[State], bool, bool]:
        """States with one more copy; whether it may be refused; whether a running instance had room."""
        spots = {one for one in state.instances if self.room(one, kind)}
        if spots:
            return [self.put(state, spot, kind) for spot in spots], False, True
        variant = self.kinds[kind].variant
        found, refused = [], False
        allowed = [
            name
            for name in self.endpoint.variant(variant).types
            if name in self.kinds[kind].needs and self.may_launch(state, variant, name)
        ]
        if not self.reading.vain:
            allowed = [name for name in allowed if self.fits(name, ((kind, 1),))]
        for name in allowed:
            if self.fits(name, ((kind, 1),)):
                fresh = (variant, name, ((kind, 1),), False)
                found.append(attrs.evolve(state, instances=tuple(sorted((*state.instances, fresh)))))
            else:
                refused = True
        waits = any(one[0] == variant for one in state.arriving)
        return found, refused or not (allowed or waits), False

    def put(self, state: State, spot: Instance, kind: int, copies: int = 1) -> State:
        held = more(spot[2], kind, copies)
        emptied = not held and (spot[3] or copies < 0)
        rest = list(state.instances)
        rest.remove(spot)
        return attrs.evolve(state, instances=tuple(sorted((*rest, (*spot[:2], held, emptied)))))

    # -- what goes on by itself ---------------------------------------------------------------------------

    def settled(self, states: Iterable[State]) -> set[State]:
        """All that may have happened by itself before the next copy is placed, nothing included."""
        found = set(states)
        todo = [state for state in found if state.arriving or state.going or state.motion]
        while todo:
            for after in self.moves(todo.pop()):
                if after not in found:
                    found.add(after)
                    todo.append(after)
            self.check(found)
        return found

    def moves(self, state: State) -> Iterator[State]:
        """One event: an instance comes or is gone, or a component in motion gains or loses a copy."""
        for one in set(state.arriving):
            now = tuple(sorted((*state.instances, (*one, (), False))))
            yield attrs.evolve(state, instances=now, arriving=without(state.arriving, one))
        for one in set(state.going):
            yield attrs.evolve(state, going=without(state.going, one))
        for number, ((coming, going), mover) in enumerate(zip(state.motion, self.movers, strict=True)):
            if coming:
                left = coming - 1, going + mover.replaces
                motion = (*state.motion[:number], left, *state.motion[number + 1 :])
                for after in self.placed(state, mover.comes)[0]:
                    yield attrs.evolve(after, motion=motion)
            if going:
                motion = (*state.motion[:number], (coming, going - 1), *state.motion[number + 1 :])
                for spot in {one for one in state.instances if dict(one[2]).get(mover.there)}:
                    yield attrs.evolve(self.put(state, spot, mover.there, -1), motion=motion)

    # -- the target ---------------------------------------------------------------------------------------

    def place(self, states: Iterable[State], kind: int) -> tuple[set[State], set[State]]:
        """Every state once one more copy is placed, and every state in which it is refused."""
        found, refused = set[State](), set[State]()
        for state in self.settled(states):
            after, bad, at_once = self.placed(state, kind)
            found.update(after)
            self.grew = self.grew or not at_once
            if bad:
                refused.add(state)
        self.check(found)
        return found, refused

    def leave(self, states: Iterable[State], kind: int, copies: int) -> set[State]:
        """Every state once so many copies have left, whichever they are."""
        found = set(states)
        for _ in range(copies):
            found = {
                self.put(state, spot, kind, -1)
                for state in found
                for spot in {one for one in state.instances if dict(one[2]).get(kind)}
            }
            self.check(found)
        return found

    def renamed(self, states: Iterable[State], before: int, after: int | None) -> set[State]:
        """Copies of one kind are of another from now on, or gone if that is ``None``."""
        found = set()
        for state in states:
            instances = []
            for variant, name, held, emptied in state.instances:
                copies = dict(held)
                moved = copies.pop(before, 0)
                if moved and after is not None:
                    copies[after] = copies.get(after, 0) + moved
                instances.append((variant, name, tuple(sorted(copies.items())), emptied and not copies))
            found.add(attrs.evolve(state, instances=tuple(sorted(instances))))
        return found

    def released(self, states: Iterable[State]) -> set[State]:
        """Instances that have been emptied may be given back, down to MinInstanceCount."""
        found = set(states)
        todo = list(found)
        while todo:
            state = todo.pop()
            for one in {one for one in state.instances if one[3]}:
                variant = self.endpoint.variant(one[0])
                if variant.most is None or sum(i[0] == one[0] for i in state.instances) <= variant.least:
                    continue
                fewer = attrs.evolve(state, instances=without(state.instances, one))
                if fewer not in found:
                    found.add(fewer)
                    todo.append(fewer)
        return found

    def check(self, found: set[State]) -> None:
        if len(found) > self.most_states:
            raise TooMany


def more(held: Held, kind: int, copies: int) -> Held:
    counts = dict(held)
    counts[kind] = counts.get(kind, 0) + copies
    return tuple(sorted((one, n) for one, n in counts.items() if n))


def without(items: tuple[T, ...], one: T) -> tuple[T, ...]:
    place = items.index(one)
    return (*items[:place], *items[place + 1 :])
