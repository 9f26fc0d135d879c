"""What the figures of a drill stand on, and what proves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from icplan.packing.certificate import Certificate
    from icplan.packing.problem import Pattern, Vector
    from icplan.verdict.evidence import EveryWorld
    from icplan.verdict.premises import PoolPremise


@attrs.frozen
class DrilledComponent:
    """A component as it was counted: what a copy takes on each type, and how many there are.

    ``placed`` copies run for sure (``by_type``: where AWS tells of which type), ``copies`` may. ``on_all``
    proves for how many there is room on all the instances, wherever the others lie or wait.
    """

    name: str
    demands: tuple[Vector | None, ...]
    placed: int
    copies: int
    by_type: Mapping[str, int] | None = None
    on_all: EveryWorld | None = None


@attrs.frozen
class DrillPremises:
    """What the figures of a variant stand on; where nothing of what runs is sure, there are none."""

    variant: str
    cpu_unit: Fraction
    pools: tuple[PoolPremise, ...]
    components: tuple[DrilledComponent, ...]


@attrs.frozen
class GoneTogether:
    """So many instances of a type that go, and the copies that lie on each, where that is known."""

    type: str
    instances: int
    copies: Mapping[str, int]


@attrs.frozen
class LossEvidence:
    """What proves the figures of a component in an event.

    ``no_fewer`` proves the low end of what is lost, ``no_more`` the high one; ``fewest`` and ``most`` are
    layouts with as many. ``again`` proves the low end of what is placed again, ``not_again`` the high one.
    Its problems are those that the premises make.
    """

    no_fewer: Certificate | None = None
    no_more: Certificate | None = None
    fewest: tuple[Pattern, ...] | None = None
    most: tuple[Pattern, ...] | None = None
    again: EveryWorld | None = None
    not_again: Certificate | None = None
