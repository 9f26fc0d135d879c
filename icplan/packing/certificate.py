"""What proves that copies do not fit, or how much room they leave: a value for each kind of proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs

from icplan.packing.reader import Node, Unreadable

if TYPE_CHECKING:
    from icplan.packing.problem import Vector

#: How deeply branches of a proof may nest.
MAX_DEPTH = 300


@attrs.frozen
class Weights:
    """Weights of copies, and the most that one bin of each kind carries.

    ``rows`` are prices of the forks above it, and ``multipliers`` help to bound the checker's search: per
    kind of bin a scale and a number per dimension.
    """

    weights: Vector
    limits: Vector
    rows: Vector
    multipliers: tuple[Vector | None, ...] | None


@attrs.frozen
class SlotPrices:
    """The same where room is bounded: prices of copies that stay and that leave, and a base per bin."""

    scale: int
    prices: Vector
    leaving: Vector
    bases: Vector
    rows: Vector
    multipliers: tuple[Vector | None, ...] | None


@attrs.frozen
class AtLeast:
    """A bin counts in a fork if it holds so many copies of these kinds."""

    kinds: Vector
    copies: int


@attrs.frozen
class Fork:
    """Two cases: at most so many of these bins count, or more of them do."""

    bins: Vector
    at_least: tuple[AtLeast, ...]
    most: int
    under: Certificate
    over: Certificate


Certificate: TypeAlias = "Weights | SlotPrices | Fork"


def read_certificate(data: Node, depth: int = 0) -> Certificate:
    """The proof; raises :class:`~icplan.packing.reader.Unreadable`."""
    kind = data["Kind"].text()
    if kind == "tree":
        if depth == MAX_DEPTH:
            raise Unreadable(data.path)
        return Fork(
            data["Bins"].counts(),
            tuple(AtLeast(row["Kinds"].counts(), row["Copies"].count()) for row in data["AtLeast"].items()),
            data["Most"].count(),
            read_certificate(data["Under"], depth + 1),
            read_certificate(data["Over"], depth + 1),
        )
    multipliers = data.get("Multipliers")
    prices = _integers(data["Rows"]) if "Rows" in data.data() else ()
    hints = None if multipliers is None else tuple(map(_hint, multipliers.items()))
    if kind == "weights":
        return Weights(_integers(data["Weights"]), _integers(data["Limits"]), prices, hints)
    if kind == "slots":
        stay, leave, bases = (_integers(data[name]) for name in ("Prices", "Leaving", "Bases"))
        return SlotPrices(data["Scale"].count(), stay, leave, bases, prices, hints)
    raise Unreadable(data["Kind"].path)


def _hint(data: Node) -> Vector | None:
    return None if data.value is None else data.counts()


def _integers(data: Node) -> Vector:
    return tuple(entry.integer() for entry in data.items())
