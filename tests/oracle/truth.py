"""The truth about a change: every world, and in each every way it may go.

``answers`` takes a case as plain JSON (machines, snapshot, change) and says of each request, and of its
rollback, whether it always places its copies, sometimes, or never, and whether it ever needs an instance
that does not run yet. A world is an arrangement of the copies that run, one amount per type and resource,
the types of the instances on their way, and which idle instances are being taken away. Written from AWS's
documentation and docs/assumptions.md (default values) alone.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
from facts import Json, batches, call, endpoint, scale
from service import Instance, Kind, Mover, Reading, Service, State, TooMany, more

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from facts import Call, Deployed, Endpoint, Variant, Vector

MOST_STATES = 20_000
MOST_AMOUNTS = 200
#: A moment of an update that a rollback may begin at: the step, and whether that step was done.
Moment: TypeAlias = tuple[int, bool]


@attrs.define
class Answer:
    """What may come of a request or a rollback, over all worlds."""

    fails: bool = False
    works: bool = False
    grows: bool = False

    @property
    def outcome(self) -> str:
        if not self.fails:
            return "fits-after-scale-out" if self.grows else "fits"
        return "may-not-fit" if self.works else "does-not-fit"


@attrs.define
class Truth:
    """The answers for one request. ``moments`` has the rollback from each moment that is reached."""

    forward: Answer = attrs.field(factory=Answer)
    moments: dict[Moment, Answer] = attrs.field(factory=dict)
    rolls: bool = False

    @property
    def rollback(self) -> str | None:
        """Promised only if it works from everywhere; refused only where it never works from some moment.

        What a batch that failed half-way has launched counts against a promise, never towards a refusal.
        """
        if not self.rolls:
            return None
        if not any(answer.fails for answer in self.moments.values()):
            grows = any(answer.grows for answer in self.moments.values())
            return "fits-after-scale-out" if grows else "fits"
        never = any(done and not answer.works for (_, done), answer in self.moments.items())
        return "does-not-fit" if never else "may-not-fit"


def answers(case: Json, most_states: int = MOST_STATES) -> dict[Reading, list[Truth]]:
    """The truth about each request in order, by reading of what AWS leaves open.

    The list ends early where no world is left in which the earlier requests went through.
    """
    calls = case["change"] if isinstance(case["change"], list) else [case["change"]]
    parts = scale(case["machines"], case["snapshot"], calls)
    shown = endpoint(case["machines"], case["snapshot"], parts)
    return {reading: _Trial(shown, calls, parts, reading, most_states).run() for reading in readings(shown)}


def readings(shown: Endpoint) -> list[Reading]:
    """Those that can make a difference to an endpoint."""
    arrives = any(variant.arriving for variant in shown.variants)
    leaves = any(variant.leaving for variant in shown.variants)
    open_points = {
        "vain": any(len(variant.types) > 1 and variant.most is not None for variant in shown.variants),
        "going_count": leaves and any(variant.most is not None for variant in shown.variants),
        "arriving_counted": arrives and shown.usage_told and bool(shown.quotas),
        "quota_binds_arriving": arrives and bool(shown.quotas),
        "any_idle": leaves and any(v.leaving and len(v.types) > 1 for v in shown.variants),
    }
    names = [name for name, matters in open_points.items() if matters]
    return [
        Reading(**dict(zip(names, chosen, strict=True)))
        for chosen in itertools.product((False, True), repeat=len(names))
    ]


@attrs.define
class _Trial:
    """All requests of a case under one reading."""

    endpoint: Endpoint
    calls: Sequence[Json]
    parts: int
    reading: Reading
    most_states: int

    def run(self) -> list[Truth]:
        truths = [Truth() for _ in self.calls]
        world = False
        for amounts in self._amounts():
            play = _Play(self, amounts)
            states = play.start()
            world = world or bool(states)
            for envelope, truth in zip(self.calls, truths, strict=True):
                if not states:
                    break
                states = play.carry_out(states, self.read(envelope, play), truth)
        if not world:
            raise ValueError("no world is consistent with the snapshot")
        reached = [truth for truth in truths if truth.forward.fails or truth.forward.works]
        return truths[: len(reached)]

    def read(self, envelope: Json, play: _Play) -> Call:
        request = envelope["Request"]
        name = request["InferenceComponentName"]
        variant = request.get("VariantName") or play.now[name].variant
        return call(envelope, {name: self.endpoint.variant(variant).types}, self.parts)

    def _amounts(self) -> Iterator[Mapping[str, Vector]]:
        """The low ends, and every sum of requirements above them: nothing changes between two of these."""
        demands = self._demands()
        per_type = []
        for name, offers in self.endpoint.machines.items():
            figures = [
                _figures(interval, [(needs[which], copies) for needs, copies in demands.get(name, ())])
                for which, interval in enumerate((offers.memory, offers.cpu))
            ]
            per_type.append(
                [(name, (memory, cpu, offers.accelerators)) for memory, cpu in itertools.product(*figures)]
            )
        chosen = [dict(one) for one in itertools.islice(itertools.product(*per_type), MOST_AMOUNTS + 1)]
        if len(chosen) > MOST_AMOUNTS:
            raise TooMany
        yield from chosen

    def _demands(self) -> dict[str, list[tuple[Vector, int]]]:
        found: dict[str, list[tuple[Vector, int]]] = {}
        types = {one.name: self.endpoint.variant(one.variant).types for one in self.endpoint.components}
        counts = {one.name: one.copies for one in self.endpoint.components}
        for one in self.endpoint.components:
            extra = one.moving.coming if one.moving else 0
            for name, needs in one.needs.items():
                found.setdefault(name, []).append((needs, one.copies + extra))
        for envelope in self.calls:
            request = envelope["Request"]
            name = request["InferenceComponentName"]
            if "VariantName" in request:
                types[name] = self.endpoint.variant(request["VariantName"]).types
            asked = call(envelope, types, self.parts)
            before = counts.get(name, 0)
            counts[name] = before if asked.copies is None else asked.copies
            needs_now = asked.needs
            if needs_now is None:
                old = next((one for one in self.endpoint.components if one.name == name), None)
                needs_now = old.needs if old else {}
            for kind, needs in needs_now.items():
                found.setdefault(kind, []).append((needs, max(before, counts[name])))
        return found


def _figures(interval: tuple[int, int], demands: Sequence[tuple[int, int]]) -> list[int]:
    low, high = interval
    if low == high:
        return [low]
    sums = {0}
    for amount, copies in demands:
        sums = {have + n * amount for have in sums for n in range(copies + 1)}
    return sorted({low, *(value for value in sums if low < value <= high)})


@attrs.frozen
class _Now:
    """A component as it is between two requests."""

    kind: int
    copies: int
    variant: str


class _Play:
    """All requests under one choice of amounts."""

    def __init__(self, trial: _Trial, amounts: Mapping[str, Vector]) -> None:
        self.trial, self.endpoint = trial, trial.endpoint
        self.kinds: list[Kind] = []
        self.now: dict[str, _Now] = {}
        movers, self.motion = [], []
        for one in self.endpoint.components:
            kind = self._kind(one.variant, one.needs)
            self.now[one.name] = _Now(kind, one.copies, one.variant)
            if one.moving:
                comes = self._kind(one.variant, one.needs) if one.moving.replaces else kind
                movers.append(Mover(kind, comes, one.moving.replaces))
                self.motion.append((one.moving.coming, one.moving.going))
        self.service = Service(self.endpoint, amounts, trial.reading, self.kinds, movers, trial.most_states)

    def _kind(self, variant: str, needs: Mapping[str, Vector]) -> int:
        self.kinds.append(Kind(variant, needs))
        return len(self.kinds) - 1

    # -- worlds -------------------------------------------------------------------------------------------

    def start(self) -> set[State]:
        """Every arrangement, with every way in which instances may come and go."""
        found = set()
        per_variant = [list(self._variant_worlds(variant)) for variant in self.endpoint.variants]
        for chosen in itertools.product(*per_variant):
            state = State(
                tuple(sorted(one for instances, _, _ in chosen for one in instances)),
                tuple(sorted(one for _, arriving, _ in chosen for one in arriving)),
                tuple(sorted(one for _, _, going in chosen for one in going)),
                tuple(self.motion),
            )
            if self._granted(state):
                found.add(state)
            self.service.check(found)
        return found

    def _granted(self, state: State) -> bool:
        if not self.trial.reading.quota_binds_arriving:
            return True
        there = attrs.evolve(state, arriving=())
        coming = Counter(name for _, name in state.arriving)
        return all(n <= self.service.quota_left(there, name) for name, n in coming.items())

    def _variant_worlds(self, variant: Variant) -> Iterator[tuple[Any, Any, Any]]:
        arrivals = list(itertools.combinations_with_replacement(variant.types, variant.arriving))
        for arrangement in self._arrangements(variant):
            for stays, goes in self._taken_away(variant, arrangement):
                for arriving in arrivals:
                    yield (
                        stays,
                        tuple((variant.name, name) for name in arriving),
                        tuple((variant.name, name) for name in goes),
                    )

    def _arrangements(self, variant: Variant) -> set[tuple[Instance, ...]]:
        empty = tuple(sorted((variant.name, name, (), False) for name in variant.running))
        states: set[tuple[Instance, ...]] = {empty}
        for one in self.endpoint.components:
            if one.variant == variant.name:
                states = self._with(states, one)
        return states

    def _with(self, states: set[tuple[Instance, ...]], one: Deployed) -> set[tuple[Instance, ...]]:
        kind = self.now[one.name].kind
        for _ in range(one.copies):
            found = set()
            for state in states:
                for place, spot in enumerate(state):
                    if self._may_lie(state, spot, kind, one):
                        held = (*spot[:2], more(spot[2], kind, 1), False)
                        found.add(tuple(sorted((*state[:place], held, *state[place + 1 :]))))
            states = found
            if len(states) > self.trial.most_states:
                raise TooMany
        return states

    def _may_lie(self, state: tuple[Instance, ...], spot: Instance, kind: int, one: Deployed) -> bool:
        if one.by_type is not None:
            there = sum(dict(held).get(kind, 0) for _, name, held, _ in state if name == spot[1])
            if there >= one.by_type.get(spot[1], 0):
                return False
        return self.service.room(spot, kind)

    def _taken_away(
        self, variant: Variant, arrangement: tuple[Instance, ...]
    ) -> Iterator[tuple[tuple[Instance, ...], tuple[str, ...]]]:
        """Which idle instances are being taken away."""
        idle = [one for one in arrangement if not one[2]]
        if len(idle) < variant.leaving:
            return
        if self.trial.reading.any_idle:
            choices = set(itertools.combinations(idle, variant.leaving))
        else:
            idle.sort(key=lambda one: -variant.types.index(one[1]))
            choices = {tuple(idle[: variant.leaving])}
        for goes in choices:
            rest = list(arrangement)
            for one in goes:
                rest.remove(one)
            yield tuple(rest), tuple(one[1] for one in goes)

    # -- requests -----------------------------------------------------------------------------------------

    def carry_out(self, states: set[State], asked: Call, truth: Truth) -> set[State]:
        """The states in which the request has been carried out; what may come of it goes into the truth."""
        self.service.grew = False
        before = self.now.get(asked.name)
        if asked.deletes:
            assert before is not None
            ends = self.service.leave(states, before.kind, before.copies)
            del self.now[asked.name]
        elif before is None:
            assert asked.variant is not None
            assert asked.copies is not None
            kind = self._kind(asked.variant, asked.needs or {})
            ends = self._add(states, kind, asked.copies, truth)
            self.now[asked.name] = _Now(kind, asked.copies, asked.variant)
        elif asked.needs is None:
            ends = self._scale(states, before, asked, truth)
        else:
            ends = self._update(states, before, asked, truth)
        truth.forward.works = truth.forward.works or bool(ends)
        truth.forward.grows = truth.forward.grows or self.service.grew
        return self.service.released(ends)

    def _add(self, states: set[State], kind: int, copies: int, truth: Truth) -> set[State]:
        for _ in range(copies):
            states, refused = self.service.place(states, kind)
            truth.forward.fails = truth.forward.fails or bool(refused)
        return states

    def _scale(self, states: set[State], before: _Now, asked: Call, truth: Truth) -> set[State]:
        wanted = before.copies if asked.copies is None else asked.copies
        self.now[asked.name] = attrs.evolve(before, copies=wanted)
        if wanted < before.copies:
            return self.service.leave(states, before.kind, before.copies - wanted)
        return self._add(states, before.kind, wanted - before.copies, truth)

    def _update(self, states: set[State], before: _Now, asked: Call, truth: Truth) -> set[State]:
        wanted = before.copies if asked.copies is None else asked.copies
        new = self._kind(before.variant, asked.needs or {})
        self.now[asked.name] = _Now(new, wanted, before.variant)
        if asked.rolling is None or not before.copies:
            states = self._add(states, new, wanted, truth)
            return self.service.leave(states, before.kind, before.copies)
        return self._roll(states, before, new, wanted, asked, truth)

    def _roll(
        self, states: set[State], before: _Now, new: int, wanted: int, asked: Call, truth: Truth
    ) -> set[State]:
        truth.rolls = True
        assert asked.rolling is not None
        sizes = batches(asked.rolling, before.copies)
        plan = [
            (min(sizes.size, before.copies - done), min(sizes.size, before.copies - done))
            for done in range(0, before.copies, sizes.size)
        ]
        if wanted > before.copies:
            plan.append((wanted - before.copies, 0))
        latest = self._kind(before.variant, asked.needs or {})
        gone = 0
        for step, (place, leave) in enumerate(plan):
            failed = set[State]()
            for _ in range(place):
                states, refused = self.service.place(states, latest)
                failed |= refused
            truth.forward.fails = truth.forward.fails or bool(failed)
            forward_grew = self.service.grew
            taken_back = self.service.renamed(failed, latest, None)
            self._back(taken_back, before.kind, new, gone, sizes.back, (step, False), truth)
            states = self.service.leave(self.service.renamed(states, latest, new), before.kind, leave)
            gone += leave
            self._back(states, before.kind, new, gone, sizes.back, (step, True), truth)
            self.service.grew = forward_grew
            if not states:
                return states
        return self.service.leave(states, new, max(0, before.copies - wanted))

    def _back(
        self, states: set[State], old: int, new: int, missing: int, size: int, moment: Moment, truth: Truth
    ) -> None:
        """Old copies go back batch by batch, each before as many new ones leave."""
        if not states:
            return
        answer = truth.moments.setdefault(moment, Answer())
        self.service.grew = False
        while missing and states:
            batch = min(size, missing)
            refused = set[State]()
            for _ in range(batch):
                states, bad = self.service.place(states, old)
                refused |= bad
            answer.fails = answer.fails or bool(refused)
            states = self.service.leave(states, new, batch)
            missing -= batch
        answer.works = answer.works or bool(states)
        answer.grows = answer.grows or self.service.grew
