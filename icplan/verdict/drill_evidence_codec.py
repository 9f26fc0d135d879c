"""What proves a drill, to JSON and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.packing.certificate import CERTIFICATE
from icplan.packing.codec import PLACEMENT
from icplan.packing.json_shapes import COUNT, TEXT, Shape, by_name, described, many, maybe, member, record
from icplan.verdict.drill_evidence import DrilledComponent, DrillPremises, GoneTogether, LossEvidence
from icplan.verdict.evidence_codec import COPY_DEMANDS, CPU_UNIT, EVERY_WORLD, POOL
from icplan.verdict.premises import UNCERTAIN

if TYPE_CHECKING:
    from icplan.verdict.evidence import EveryWorld

_EVERY_WORLD: Shape[EveryWorld] = EVERY_WORLD
_COPIES = by_name(COUNT)


def _go_together(premises: DrillPremises) -> bool:
    """Whether every list is of a length with the others, and only CPU and memory are an interval."""
    rows = [one.demands for one in premises.components]
    sizes = {len(pool.capacity) for pool in premises.pools}
    sizes |= {len(demand) for row in rows for demand in row if demand is not None}
    known = {pool.holds is None for pool in premises.pools}
    fixed = all(low == high for pool in premises.pools for low, high in pool.capacity[UNCERTAIN:])
    alike = len(sizes) == len(known) == 1 and all(len(row) == len(premises.pools) for row in rows)
    counts = all(one.placed <= one.copies for one in premises.components)
    return alike and fixed and counts and min(sizes) >= UNCERTAIN


DRILL_PREMISES: Shape[DrillPremises] = record(
    DrillPremises,
    member("Variant", TEXT),
    member("CpuUnit", CPU_UNIT),
    member("Pools", many(POOL, at_least=1), says="The instance types, in the order of all Demands"),
    member(
        "Components",
        many(
            record(
                DrilledComponent,
                member("Name", TEXT),
                member("Demands", COPY_DEMANDS),
                member("Placed", COUNT, says="Copies that run for sure"),
                member("Copies", COUNT, says="With those of which that is not sure"),
                member("ByType", maybe(_COPIES), says="Copies that run on each type, where that is told"),
                member(
                    "OnAll",
                    maybe(_EVERY_WORLD),
                    says="That so many have room on all instances, wherever the others lie or wait",
                ),
            )
        ),
    ),
    valid=_go_together,
)
GONE: Shape[GoneTogether] = record(
    GoneTogether, member("Type", TEXT), member("Instances", COUNT), member("Copies", _COPIES)
)
LOSS_EVIDENCE: Shape[LossEvidence] = described(
    record(
        LossEvidence,
        member("NoFewer", maybe(CERTIFICATE), says="That no fewer are lost than the low end of Lost"),
        member("NoMore", maybe(CERTIFICATE), says="That no more are lost than its high end"),
        member("Fewest", maybe(PLACEMENT), says="A layout in which so few lie on what goes"),
        member("Most", maybe(PLACEMENT), says="A layout in which so many lie on what goes"),
        member("Again", maybe(_EVERY_WORLD), says="That what stays has room for the low end of PlacedAgain"),
        member("NotAgain", maybe(CERTIFICATE), says="That what stays takes no more than its high end"),
    ),
    "What icplan verify checks without the solver",
)
