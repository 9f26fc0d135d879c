"""What proves that no allowed fleet that holds all conditions is cheaper: cuts, and cases over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from icplan.packing.certificate import CERTIFICATE, MAX_DEPTH
from icplan.packing.json_shapes import COUNT, Shape, many, maybe, member, named, record
from icplan.packing.reader import Unreadable

if TYPE_CHECKING:
    from icplan.packing.certificate import Certificate
    from icplan.packing.problem import Vector
    from icplan.packing.reader import Node


@attrs.frozen
class FleetCut:
    """Weights per item, and per option the most that one bin carries of at most ``copies`` copies per item.

    So what is left of a fleet must carry as much as all copies of a condition weigh, for each condition that
    asks for no more than ``copies``. ``multipliers`` help to bound the checker's search, as in
    :class:`~icplan.packing.certificate.Weights`.
    """

    weights: Vector
    limits: Vector
    copies: Vector
    multipliers: tuple[Vector | None, ...] | None = None


@attrs.frozen
class Refusal:
    """So many copies do not fit in so many bins, nor in fewer."""

    bins: Vector
    copies: Vector
    proof: Certificate


@attrs.frozen
class CutUse:
    """A cut, asked of what a condition leaves, so many times."""

    cut: int
    condition: int
    times: int


@attrs.frozen
class CutsLeaf:
    """The sum of these cuts, and so many times the limit of all bins, against ``scale`` times the costs."""

    scale: int
    uses: tuple[CutUse, ...]
    total: int = 0


@attrs.frozen
class RefusalLeaf:
    """No fleet of this case leaves a condition more than the bins of a refusal."""

    refusal: int
    condition: int


@attrs.frozen
class Split:
    """Two cases: at most so many bins of an option, or more."""

    option: int
    most: int
    under: FleetTree
    over: FleetTree


FleetTree: TypeAlias = CutsLeaf | RefusalLeaf | Split


@attrs.frozen
class FleetProof:
    """Cuts and refusals, each true by itself, and cases that leave no cheaper fleet."""

    cuts: tuple[FleetCut, ...]
    refusals: tuple[Refusal, ...]
    tree: FleetTree


_COUNTS = many(COUNT)
_CUT = record(
    FleetCut,
    member("Weights", _COUNTS),
    member("Limits", _COUNTS),
    member("Copies", _COUNTS),
    member("Multipliers", maybe(many(maybe(_COUNTS))), spare=True),
)
_REFUSAL = record(Refusal, member("Bins", _COUNTS), member("Copies", _COUNTS), member("Proof", CERTIFICATE))
_USE = record(CutUse, member("Cut", COUNT), member("Condition", COUNT), member("Times", COUNT))
_CUTS_LEAF = record(CutsLeaf, member("Scale", COUNT), member("Uses", many(_USE)), member("Total", COUNT))
_REFUSAL_LEAF = record(RefusalLeaf, member("Refusal", COUNT), member("Condition", COUNT))


def tree_to_json(tree: FleetTree) -> dict[str, Any]:
    """The tree as data that :func:`read_tree` reads."""
    if isinstance(tree, Split):
        return {
            "Option": tree.option,
            "Most": tree.most,
            "Under": tree_to_json(tree.under),
            "Over": tree_to_json(tree.over),
        }
    written: dict[str, Any] = (
        _CUTS_LEAF.write(tree) if isinstance(tree, CutsLeaf) else _REFUSAL_LEAF.write(tree)
    )
    return written


def read_tree(data: Node, depth: int = 0) -> FleetTree:
    """The tree; raises :class:`~icplan.packing.reader.Unreadable`."""
    found = data.data()
    if "Option" in found:
        if depth == MAX_DEPTH:
            raise Unreadable(data.path)
        return Split(
            data["Option"].count(),
            data["Most"].count(),
            read_tree(data["Under"], depth + 1),
            read_tree(data["Over"], depth + 1),
        )
    return _CUTS_LEAF.read(data) if "Uses" in found else _REFUSAL_LEAF.read(data)


def _tree_schema() -> dict[str, Any]:
    case = {"$ref": "#/$defs/FleetTree"}
    split = {"Option": COUNT.schema, "Most": COUNT.schema, "Under": case, "Over": case}
    return {
        "description": "Cases over the numbers of bins: each is closed by cuts, or by a refusal",
        "oneOf": [
            {"type": "object", "additionalProperties": False, "required": list(split), "properties": split},
            _CUTS_LEAF.schema,
            _REFUSAL_LEAF.schema,
        ],
    }


_TREE: Shape[FleetTree] = named("FleetTree", Shape(tree_to_json, read_tree, _tree_schema()))
FLEET_PROOF: Shape[FleetProof] = named(
    "FleetProof",
    record(
        FleetProof,
        member("Cuts", many(_CUT)),
        member("Refusals", many(_REFUSAL)),
        member("Tree", _TREE),
    ),
)
