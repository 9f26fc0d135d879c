"""Steps, premises and evidence: how each stands in JSON."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from icplan.packing.certificate import BOUND, CERTIFICATE
from icplan.packing.codec import ARRANGEMENT, DEMANDS, PLACEMENT, PROBLEM
from icplan.packing.json_shapes import (
    COUNT,
    FLAG,
    FRACTION,
    INTERVAL,
    NUMBERED,
    TEXT,
    Member,
    Shape,
    by_name,
    choice,
    described,
    many,
    maybe,
    member,
    named,
    one_of,
    record,
    with_default,
)
from icplan.packing.reader import Node, Unreadable
from icplan.verdict.courses import (
    CourseComponent,
    CourseLimit,
    CoursePool,
    CourseReserved,
    Courses,
    CourseStart,
)
from icplan.verdict.evidence import (
    EveryCourse,
    EveryWorld,
    FailingWorld,
    Layout,
    Malformed,
    NoWorld,
    Part,
    Refusal,
    SomeWorlds,
)
from icplan.verdict.premises import (
    UNCERTAIN,
    ExistingPremise,
    Held,
    PoolPremise,
    Premises,
    ReservedClass,
    TargetPremise,
    Where,
)
from icplan.verdict.step_number import Direction, StepNumber

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.verdict.evidence import Evidence

STEP: Shape[StepNumber] = record(
    StepNumber,
    member("Number", COUNT),
    member("Of", COUNT),
    member(
        "Batch",
        maybe(COUNT),
        says="The copies of a batch of a rolling update; null where all are placed at once",
    ),
    member("Direction", choice(Direction)),
)

_INTERVAL = named("Interval", INTERVAL)
_BOX = many(_INTERVAL)
COPY_DEMANDS = named(
    "Demands", described(DEMANDS, "What one copy takes per dimension on each type; null where it may not lie")
)
CPU_UNIT = described(FRACTION, "thousandths of a core in which CPU is counted, as a fraction")
_COPIES = by_name(COUNT)

_HELD = record(Held, member("Instances", COUNT), member("Copies", _COPIES))
POOL = record(
    PoolPremise,
    member("Type", TEXT),
    member("Count", COUNT),
    member("Capacity", many(_INTERVAL), says="CPU, memory, accelerators, then each partition type"),
    member("Holds", maybe(many(_HELD)), says="Instances that hold the same, where that is known"),
    member("Launchable", described(INTERVAL, "How many more, for sure and at most")),
    with_default(
        member(
            "Reserved",
            many(record(ReservedClass, member("Instances", COUNT), member("Most", many(COUNT)))),
            says="The most that was reserved on how many instances, of each dimension in Measured",
            spare=True,
        ),
        (),
    ),
)
_EXISTING = record(
    ExistingPremise,
    member("Component", TEXT),
    member("Demands", COPY_DEMANDS),
    member("Copies", COUNT),
    member("Leave", COUNT, says="How many of the copies leave before the others are placed"),
    member("Where", choice(Where)),
    member("Coming", COUNT, says="For how many an instance may have to be launched"),
    valid=lambda one: one.leave <= one.copies,
)
_TARGET = record(TargetPremise, member("Demands", COPY_DEMANDS), member("Copies", COUNT))


def _of_one_length(premises: Premises) -> bool:
    """Whether every list is of a length with the others, and only CPU and memory are an interval."""
    rows = (premises.target.demands, *(one.demands for one in premises.existing))
    sizes = {len(pool.capacity) for pool in premises.pools}
    sizes |= {len(demand) for row in rows for demand in row if demand is not None}
    known = {pool.holds is None for pool in premises.pools}
    fixed = all(low == high for pool in premises.pools for low, high in pool.capacity[UNCERTAIN:])
    alike = len(sizes) == len(known) == 1 and all(len(row) == len(premises.pools) for row in rows)
    alike = alike and _is_bounded(premises, min(sizes))
    return alike and fixed and min(sizes) >= UNCERTAIN


def _is_bounded(premises: Premises, dimensions: int) -> bool:
    """Whether each instance is in one class, with an amount for each dimension that is measured."""
    told = premises.measured
    if not told:
        return not any(pool.reserved for pool in premises.pools)
    whole = all(sum(one.instances for one in pool.reserved) == pool.count for pool in premises.pools)
    amounts = all(len(one.most) == len(told) for pool in premises.pools for one in pool.reserved)
    free = all(pool.holds is None for pool in premises.pools)
    return whole and amounts and free and max(told) < dimensions


PREMISES: Shape[Premises] = named(
    "Premises",
    record(
        Premises,
        member("Pools", many(POOL, at_least=1), says="The instance types, in the order of all Demands"),
        member("Existing", many(_EXISTING)),
        member("Target", _TARGET),
        member("CpuUnit", CPU_UNIT),
        member("Arriving", COUNT, says="Instances on their way, of any of the types"),
        member("Together", INTERVAL, says="How many may be launched of all types, for sure and at most"),
        with_default(
            member(
                "Measured",
                many(COUNT),
                says="Dimensions of which metrics tell how much was reserved on the instances that run",
                spare=True,
            ),
            (),
        ),
        valid=_of_one_length,
    ),
)

_LAUNCHED = with_default(member("Launched", NUMBERED, there=False), {})
_ELSEWHERE = with_default(member("Elsewhere", NUMBERED, there=False), {})
LAYOUT = named(
    "Layout", record(Layout, _LAUNCHED, member("Problem", PROBLEM), member("Placement", PLACEMENT))
)
_REFUSAL = record(Refusal, _LAUNCHED, member("Problem", PROBLEM), member("Proof", maybe(CERTIFICATE)))
_PART = record(
    Part,
    member("Box", _BOX),
    member("Pools", many(maybe(COUNT))),
    _LAUNCHED,
    _ELSEWHERE,
    member("Arrangement", ARRANGEMENT),
    member("Proof", maybe(BOUND)),
)
FAILING_WORLD = record(
    FailingWorld,
    _LAUNCHED,
    _ELSEWHERE,
    member("Arrangement", ARRANGEMENT),
    member("Placement", PLACEMENT),
    member("Room", COUNT),
)
EVERY_WORLD = record(
    EveryWorld,
    member("Need", COUNT),
    member("Parts", many(_PART)),
    member("Example", maybe(LAYOUT)),
    closed=False,
)
_SOME_WORLDS = record(
    SomeWorlds, member("Need", COUNT), member("Works", LAYOUT), member("Fails", FAILING_WORLD), closed=False
)
#: The first refusal stands in the proof itself, where it stood when there could be but one.
_OTHERS = many(_REFUSAL)
NO_WORLD: Shape[NoWorld] = Shape(
    lambda one: {**_REFUSAL.write(one.refusals[0]), "Others": _OTHERS.write(one.refusals[1:])},
    lambda data: NoWorld((_REFUSAL.read(data), *_OTHERS.read(data["Others"]))),
    {
        "type": "object",
        "required": [*_REFUSAL.schema["required"], "Others"],
        "properties": {**_REFUSAL.schema["properties"], "Others": _OTHERS.schema},
    },
    _REFUSAL.definitions,
)
_KINDS: Shape[Evidence] = one_of(
    "Kind",
    {
        "every-world": (EveryWorld, EVERY_WORLD),
        "no-world": (NoWorld, NO_WORLD),
        "some-worlds": (SomeWorlds, _SOME_WORLDS),
        "every-course": (EveryCourse, record(EveryCourse, member("Example", maybe(LAYOUT)), closed=False)),
    },
)


def _courses_go_together(start: CourseStart) -> bool:
    """Whether every list is of a length with the others, and what is counted is there."""
    pools = len(start.pools)
    sizes = {len(pool.capacity) for pool in start.pools}
    sizes |= {len(row) for one in start.components for row in one.demands if row is not None}
    rows = all(len(one.demands) == pools for one in start.components)
    types = all(one.types is None or len(one.types) == pools for one in start.components)
    known = {pool.holds is None for pool in start.pools}
    numbers = all(pool < pools for limit in start.limits for pool in limit.pools)
    names = len({one.component for one in start.components}) == len(start.components)
    whole = rows and types and numbers and names and all(_is_ranked(start, one) for one in start.reserved)
    return len(sizes) == len(known) == 1 and min(sizes) >= UNCERTAIN and whole


def _is_ranked(start: CourseStart, one: CourseReserved) -> bool:
    """Whether there is a rank for each instance, no lower in anything than those before it."""
    whole = all(len(rank) == len(start.pools) for rank in one.ranks)
    rises = all(
        low[end] <= high[end]
        for before, after in itertools.pairwise(one.ranks)
        for low, high in zip(before, after, strict=False)
        for end in (0, 1)
    )
    there = sum(pool.count for pool in start.pools)
    known = one.dimension < len(start.pools[0].capacity) and not start.idle
    return whole and rises and known and len(one.ranks) == there


_START = record(
    CourseStart,
    member(
        "Pools",
        many(
            record(
                CoursePool,
                member("Type", TEXT),
                member("Count", COUNT),
                member("Capacity", many(_INTERVAL)),
                member("Holds", maybe(many(_HELD))),
            ),
            at_least=1,
        ),
    ),
    member("Idle", COUNT, says="Instances being taken away: idle ones, which of them is not known"),
    member("Arriving", COUNT, says="Instances on their way, of any of the types"),
    member("CpuUnit", CPU_UNIT),
    member("Least", maybe(COUNT), says="Down to so many may be given back; null where none ever is"),
    member(
        "Limits",
        many(record(CourseLimit, member("Pools", many(COUNT)), member("Sure", COUNT), member("Most", COUNT))),
        says="The most instances of some types together, for sure and at all",
    ),
    member(
        "Components",
        many(
            record(
                CourseComponent,
                member("Component", TEXT),
                member("Demands", COPY_DEMANDS),
                member("Copies", COUNT),
                member("Types", maybe(many(COUNT)), says="How many of them lie on each type, where known"),
                member("Coming", COUNT),
                member("Going", COUNT),
                member("Replaces", FLAG, says="Whether each copy that comes lets one more go"),
            )
        ),
    ),
    with_default(
        member(
            "Reserved",
            many(record(CourseReserved, member("Dimension", COUNT), member("Ranks", many(_BOX)))),
            says="What metrics tell of a dimension: how much instances hold, the least loaded first, by type",
            spare=True,
        ),
        (),
    ),
    valid=_courses_go_together,
)
COURSES: Shape[Courses] = named(
    "Courses",
    record(
        Courses,
        member("Start", maybe(_START), says="null: where the change before left everything"),
        member("Need", COPY_DEMANDS),
        member("Replaces", FLAG),
        member("Back", maybe(COUNT), says="How many copies a rollback puts back at a time"),
        member("Released", FLAG, says="Whether emptied instances may be given back meanwhile"),
        member("ReleasedBack", FLAG, says="The same of going back"),
    ),
)


def evidence_to_json(evidence: Evidence, premises: Premises) -> dict[str, Any]:
    """A phase's ``Proof``, which also says again what of the premises it always said."""
    return {**_KINDS.write(evidence), **premises_of_proof(premises)}


def read_evidence(data: Node) -> Evidence | Malformed:
    """A phase's ``Proof``; what is none is told as such."""
    data.data()
    try:
        return _KINDS.read(data)
    except (Unreadable, RecursionError) as error:
        return Malformed(error.path if isinstance(error, Unreadable) else data.path)


def premises_of_proof(premises: Premises) -> dict[str, Any]:
    """What a proof says of the premises."""
    launchable = {
        "Arriving": premises.arriving,
        "Together": list(premises.together),
        "Each": [list(pool.launchable) for pool in premises.pools],
        "Others": [{"Copies": copies, "Pools": list(pools)} for copies, pools in premises.others],
        "Back": premises.back,
    }
    found: dict[str, Any] = {
        "Types": [pool.type for pool in premises.pools],
        "Box": _BOX.write(premises.box),
        "Demands": DEMANDS.write(premises.target.demands),
        "CpuUnit": str(premises.cpu_unit),
        "Launchable": launchable,
        "Holds": premises.holds,
    }
    return found


_LAUNCHABLE: tuple[Member, ...] = (
    member("Arriving", COUNT),
    member("Together", _INTERVAL),
    member("Each", _BOX),
    member("Others", many(record(dict, member("Copies", COUNT), member("Pools", many(COUNT)), closed=False))),
    member("Back", many(COUNT)),
)
_OF_PREMISES: tuple[Member, ...] = (
    member("Types", many(TEXT, at_least=1)),
    member("Box", _BOX),
    member("Demands", COPY_DEMANDS),
    member("CpuUnit", CPU_UNIT),
    member(
        "Launchable",
        record(dict, *_LAUNCHABLE, closed=False),
        says="instances that may be launched by then: on their way, of all types together and of each (for "
        "sure, at most), for other copies in motion, and for copies that a rollback takes back",
    ),
    member("Holds", many(_COPIES)),
)


def _proof_schema() -> Mapping[str, Any]:
    of_premises = record(dict, *_OF_PREMISES, closed=False).schema
    return {**of_premises, **_KINDS.schema}


PROOF: Shape[Evidence | Malformed] = named(
    "Proof",
    described(
        Shape(
            lambda _: None,  # it is written with its premises
            read_evidence,
            _proof_schema(),
            {**_KINDS.definitions, **record(dict, *_OF_PREMISES).definitions},
        ),
        "Evidence that `icplan verify` checks without the solver; see docs/evidence.md",
    ),
)
