"""What proves that copies do not fit, or how much room they leave: a value for each kind of proof."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, TypeAlias

from icplan.packing.json_shapes import (
    COUNT,
    INTEGER,
    Shape,
    choice,
    many,
    maybe,
    member,
    named,
    record,
    with_default,
)
from icplan.packing.reader import Node, Unreadable
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.packing.problem import Vector

#: How deeply branches of a proof may nest.
MAX_DEPTH = 300


@frozen
class Weights:
    """Weights of copies, and the most that one bin of each kind carries.

    ``rows`` are prices of the forks above it, and ``multipliers`` help to bound the checker's search: per
    kind of bin a scale and a number per dimension.
    """

    weights: Vector
    limits: Vector
    multipliers: tuple[Vector | None, ...] | None = None
    rows: Vector = ()


@frozen
class SlotPrices:
    """The same where room is bounded: prices of copies that stay and that leave, and a base per bin."""

    scale: int
    prices: Vector
    leaving: Vector
    bases: Vector
    multipliers: tuple[Vector | None, ...] | None = None
    rows: Vector = ()


@frozen
class AtLeast:
    """A bin counts in a fork if it holds so many copies of these kinds."""

    kinds: Vector
    copies: int


@frozen
class Fork:
    """Two cases: at most so many of these bins count, or more of them do."""

    bins: Vector
    at_least: tuple[AtLeast, ...]
    most: int
    under: Certificate
    over: Certificate


Certificate: TypeAlias = "Weights | SlotPrices | Fork"


class Sense(enum.StrEnum):
    """Whether the least room is bounded, or the most."""

    LEAST = "least"
    MOST = "most"


@frozen
class ProvenBound:
    """A bound on room, and what proves it. ``None`` claims that the copies cannot lie there at all."""

    certificate: Certificate
    sense: Sense
    bound: int | None


_INTEGERS, _COUNTS = many(INTEGER), many(COUNT)
_LAST = (
    member("Multipliers", maybe(many(maybe(_COUNTS))), spare=True),
    with_default(member("Rows", _INTEGERS, spare=True), ()),
)
_WEIGHTS = record(
    Weights,
    member("Weights", _INTEGERS),
    member("Limits", _INTEGERS),
    *_LAST,
    closed=False,
)
_SLOTS = record(
    SlotPrices,
    member("Scale", COUNT),
    member("Prices", _INTEGERS),
    member("Leaving", _INTEGERS),
    member("Bases", _INTEGERS),
    *_LAST,
    closed=False,
)
_AT_LEAST = many(record(AtLeast, member("Kinds", _COUNTS), member("Copies", COUNT)))


def certificate_to_json(proof: Certificate) -> dict[str, Any]:
    """The proof as data that `read_certificate` reads."""
    if isinstance(proof, Fork):
        return {
            "Kind": "tree",
            "Bins": list(proof.bins),
            "AtLeast": _AT_LEAST.write(proof.at_least),
            "Most": proof.most,
            "Under": certificate_to_json(proof.under),
            "Over": certificate_to_json(proof.over),
        }
    if isinstance(proof, Weights):
        return {"Kind": "weights", **_WEIGHTS.write(proof)}
    return {"Kind": "slots", **_SLOTS.write(proof)}


def read_certificate(data: Node, depth: int = 0) -> Certificate:
    """The proof; raises :class:`~icplan.packing.reader.Unreadable`."""
    match data["Kind"].text():
        case "tree":
            if depth == MAX_DEPTH:
                raise Unreadable(data.path)
            return Fork(
                data["Bins"].counts(),
                _AT_LEAST.read(data["AtLeast"]),
                data["Most"].count(),
                read_certificate(data["Under"], depth + 1),
                read_certificate(data["Over"], depth + 1),
            )
        case "weights":
            return _WEIGHTS.read(data)
        case "slots":
            return _SLOTS.read(data)
    raise Unreadable(data["Kind"].path)


def bound_to_json(proof: ProvenBound) -> dict[str, Any]:
    """The proof of a bound: its certificate, and what it claims beside it."""
    return {**certificate_to_json(proof.certificate), "Sense": str(proof.sense), "Bound": proof.bound}


def read_bound(data: Node) -> ProvenBound:
    """The proof of a bound; raises :class:`~icplan.packing.reader.Unreadable`."""
    claim = data.may("Bound")
    sense = choice(Sense).read(data["Sense"])
    return ProvenBound(read_certificate(data), sense, None if claim is None else claim.integer())


def _certificate_schema() -> Mapping[str, Any]:
    fork: dict[str, Any] = {"$ref": "#/$defs/Certificate"}
    tree = {
        "Bins": _COUNTS.schema,
        "AtLeast": _AT_LEAST.schema,
        "Most": COUNT.schema,
        "Under": fork,
        "Over": fork,
    }
    schemas = {
        "weights": _WEIGHTS.schema,
        "slots": _SLOTS.schema,
        "tree": {"type": "object", "required": list(tree), "properties": tree},
    }
    return {
        "type": "object",
        "description": "Weights of copies and the most that bins carry, prices of room, or two cases of each",
        "oneOf": [
            {
                "required": ["Kind", *own["required"]],
                "properties": {"Kind": {"const": kind}, **own["properties"]},
            }
            for kind, own in schemas.items()
        ],
    }


CERTIFICATE: Shape[Certificate] = named(
    "Certificate", Shape(certificate_to_json, read_certificate, _certificate_schema())
)
BOUND: Shape[ProvenBound] = Shape(
    bound_to_json,
    read_bound,
    {
        "allOf": [CERTIFICATE.schema],
        "required": ["Sense", "Bound"],
        "properties": {"Sense": choice(Sense).schema, "Bound": {"type": ["integer", "null"]}},
    },
    CERTIFICATE.definitions,
)
