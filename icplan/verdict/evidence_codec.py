"""Steps, premises and evidence to JSON and back."""

from __future__ import annotations

import enum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from icplan.packing.codec import placement_to_json, read_arrangement, read_placement, read_problem, to_json
from icplan.packing.reader import Node, Unreadable
from icplan.verdict.evidence import (
    UNCERTAIN,
    Direction,
    EveryWorld,
    ExistingPremise,
    FailingWorld,
    Held,
    Layout,
    NoWorld,
    Part,
    PoolPremise,
    Premises,
    Refusal,
    SomeWorlds,
    StepNumber,
    TargetPremise,
    Where,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from icplan.packing.problem import Vector
    from icplan.verdict.evidence import Box, Evidence, Interval

_E = TypeVar("_E", bound=enum.StrEnum)


def step_to_json(step: StepNumber) -> dict[str, Any]:
    """A phase's ``Step``."""
    return {
        "Number": step.number,
        "Of": step.of,
        "Batch": step.batch,
        "Direction": str(step.direction),
    }


def read_step(data: Node) -> StepNumber:
    """A phase's ``Step``."""
    batch = data.may("Batch")
    return StepNumber(
        data["Number"].count(),
        data["Of"].count(),
        None if batch is None else batch.count(),
        read_choice(data["Direction"], Direction),
    )


def read_choice(data: Node, choices: type[_E]) -> _E:
    """One of some words."""
    if data.text() not in set(map(str, choices)):
        raise Unreadable(data.path)
    return choices(data.text())


def premises_to_json(premises: Premises) -> dict[str, Any]:
    """A phase's ``Premises``."""
    return {
        "Pools": [_pool_to_json(pool) for pool in premises.pools],
        "Existing": [
            {
                "Component": one.component,
                "Demands": _vectors(one.demands),
                "Copies": one.copies,
                "Leave": one.leave,
                "Where": str(one.where),
                "Coming": one.coming,
            }
            for one in premises.existing
        ],
        "Target": {"Demands": _vectors(premises.target.demands), "Copies": premises.target.copies},
        "CpuUnit": str(premises.cpu_unit),
        "Arriving": premises.arriving,
        "Together": list(premises.together),
    }


def _pool_to_json(pool: PoolPremise) -> dict[str, Any]:
    holds = pool.holds
    return {
        "Type": pool.type,
        "Count": pool.count,
        "Capacity": [list(side) for side in pool.capacity],
        "Holds": None
        if holds is None
        else [{"Instances": one.instances, "Copies": dict(one.copies)} for one in holds],
        "Launchable": list(pool.launchable),
    }


def read_premises(data: Node) -> Premises:
    """A phase's ``Premises``: every list of a length with the others."""
    premises = Premises(
        pools=tuple(map(_read_pool, data["Pools"].items())),
        existing=tuple(map(_read_existing, data["Existing"].items())),
        target=TargetPremise(_read_demands(data["Target"]["Demands"]), data["Target"]["Copies"].count()),
        cpu_unit=_fraction(data["CpuUnit"]),
        arriving=data["Arriving"].count(),
        together=_interval(data["Together"]),
    )
    sizes = {len(pool.capacity) for pool in premises.pools}
    rows = (premises.target.demands, *(one.demands for one in premises.existing))
    sizes |= {len(demand) for row in rows for demand in row if demand is not None}
    known = {pool.holds is None for pool in premises.pools}
    fits = len(sizes) == len(known) == 1 and all(len(row) == len(premises.pools) for row in rows)
    # Only CPU and memory are an interval.
    fits = fits and all(low == high for pool in premises.pools for low, high in pool.capacity[UNCERTAIN:])
    if not fits or min(sizes) < UNCERTAIN or any(one.leave > one.copies for one in premises.existing):
        raise Unreadable(data.path)
    return premises


def _read_pool(data: Node) -> PoolPremise:
    holds = data.may("Holds")
    return PoolPremise(
        data["Type"].text(),
        data["Count"].count(),
        tuple(map(_interval, data["Capacity"].items())),
        None if holds is None else tuple(map(_read_held, holds.items())),
        _interval(data["Launchable"]),
    )


def _read_held(data: Node) -> Held:
    return Held(data["Instances"].count(), {name: n.count() for name, n in data["Copies"].members()})


def _read_existing(data: Node) -> ExistingPremise:
    return ExistingPremise(
        data["Component"].text(),
        _read_demands(data["Demands"]),
        data["Copies"].count(),
        data["Leave"].count(),
        read_choice(data["Where"], Where),
        data["Coming"].count(),
    )


def evidence_to_json(evidence: Evidence, premises: Premises) -> dict[str, Any]:
    """A phase's ``Proof``, which also says again what of the premises it always said."""
    match evidence:
        case EveryWorld():
            example = evidence.example
            found: dict[str, Any] = {
                "Kind": "every-world",
                "Need": evidence.need,
                "Parts": [_part_to_json(part) for part in evidence.parts],
                "Example": None if example is None else _layout_to_json(example),
            }
        case NoWorld():
            first, *others = evidence.refusals
            found = {
                "Kind": "no-world",
                **_refusal_to_json(first),
                "Others": [_refusal_to_json(other) for other in others],
            }
        case SomeWorlds():
            found = {
                "Kind": "some-worlds",
                "Need": evidence.need,
                "Works": _layout_to_json(evidence.works),
                "Fails": _fails_to_json(evidence.fails),
            }
    return found | premises_of_proof(premises)


def premises_of_proof(premises: Premises) -> dict[str, Any]:
    """What a proof says of the premises."""
    return {
        "Types": [pool.type for pool in premises.pools],
        "Box": _box(premises.box),
        "Demands": _vectors(premises.target.demands),
        "CpuUnit": str(premises.cpu_unit),
        "Launchable": {
            "Arriving": premises.arriving,
            "Together": list(premises.together),
            "Each": [list(pool.launchable) for pool in premises.pools],
            "Others": [{"Copies": copies, "Pools": list(pools)} for copies, pools in premises.others],
            "Back": premises.back,
        },
        "Holds": premises.holds,
    }


def read_evidence(data: Node) -> Evidence:
    """A phase's ``Proof``."""
    kind = data["Kind"].text()
    if kind == "every-world":
        example = data.may("Example")
        parts = tuple(map(_read_part, data["Parts"].items()))
        return EveryWorld(data["Need"].count(), parts, None if example is None else _read_layout(example))
    if kind == "no-world":
        return NoWorld((_read_refusal(data), *map(_read_refusal, data["Others"].items())))
    if kind == "some-worlds":
        return SomeWorlds(data["Need"].count(), _read_layout(data["Works"]), _read_fails(data["Fails"]))
    raise Unreadable(data["Kind"].path)


def _layout_to_json(layout: Layout) -> dict[str, Any]:
    return {
        "Launched": _numbered(layout.launched),
        "Problem": to_json(layout.problem),
        "Placement": placement_to_json(layout.placement),
    }


def _read_layout(data: Node) -> Layout:
    return Layout(_launched(data), read_problem(data["Problem"]), read_placement(data["Placement"]))


def _refusal_to_json(refusal: Refusal) -> dict[str, Any]:
    return {
        "Launched": _numbered(refusal.launched),
        "Problem": to_json(refusal.problem),
        "Proof": refusal.proof,
    }


def _read_refusal(data: Node) -> Refusal:
    return Refusal(_launched(data), read_problem(data["Problem"]), _read_proof(data))


def _part_to_json(part: Part) -> dict[str, Any]:
    return {
        "Box": _box(part.box),
        "Pools": list(part.pools),
        "Launched": _numbered(part.launched),
        "Elsewhere": _numbered(part.elsewhere),
        "Arrangement": to_json(part.arrangement),
        "Proof": part.proof,
    }


def _read_part(data: Node) -> Part:
    return Part(
        tuple(map(_interval, data["Box"].items())),
        tuple(None if pool.value is None else pool.count() for pool in data["Pools"].items()),
        _launched(data),
        _read_numbered(data.get("Elsewhere")),
        read_arrangement(data["Arrangement"]),
        _read_proof(data),
    )


def _fails_to_json(world: FailingWorld) -> dict[str, Any]:
    return {
        "Launched": _numbered(world.launched),
        "Elsewhere": _numbered(world.elsewhere),
        "Arrangement": to_json(world.arrangement),
        "Placement": placement_to_json(world.placement),
        "Room": world.room,
    }


def _read_fails(data: Node) -> FailingWorld:
    return FailingWorld(
        _launched(data),
        _read_numbered(data.get("Elsewhere")),
        read_arrangement(data["Arrangement"]),
        read_placement(data["Placement"]),
        data["Room"].count(),
    )


def _read_proof(data: Node) -> Mapping[str, Any] | None:
    proof = data.may("Proof")
    return None if proof is None else proof.data()


def _launched(data: Node) -> dict[int, int]:
    return _read_numbered(data.get("Launched"))


def _read_numbered(data: Node | None) -> dict[int, int]:
    """Counts by number. A file written before they were told has none."""
    found: dict[int, int] = {}
    for name, count in () if data is None else data.members():
        if not (name.isascii() and name.isdecimal()) or str(int(name)) != name:
            raise Unreadable(count.path)
        found[int(name)] = count.count()
    return found


def _numbered(counts: Mapping[int, int]) -> dict[str, int]:
    return {str(number): count for number, count in sorted(counts.items())}


def _fraction(data: Node) -> Fraction:
    try:
        found = Fraction(data.text())
    except (ValueError, ZeroDivisionError):
        raise Unreadable(data.path) from None
    if found <= 0 or str(found) != data.text():
        raise Unreadable(data.path)
    return found


def _interval(data: Node) -> Interval:
    ends = data.counts()
    if len(ends) != 2 or ends[0] > ends[1]:  # noqa: PLR2004  (a low and a high end)
        raise Unreadable(data.path)
    return ends[0], ends[1]


def _read_demands(data: Node) -> tuple[Vector | None, ...]:
    return tuple(None if entry.value is None else entry.counts() for entry in data.items())


def _vectors(vectors: Iterable[Vector | None]) -> list[list[int] | None]:
    return [None if vector is None else list(vector) for vector in vectors]


def _box(box: Box | Sequence[Interval]) -> list[list[int]]:
    return [list(side) for side in box]
