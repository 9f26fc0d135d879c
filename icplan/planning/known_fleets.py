"""The fleets of an endpoint, each with what its instances may offer, and what may be otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.catalog.catalog import from_ec2
from icplan.errors import InputError, InputProblem
from icplan.feasibility.metric_classes import measured_dimensions
from icplan.feasibility.metric_consistency import without_unexplained
from icplan.feasibility.tighten import allocatable_box, catalog_box
from icplan.fleet.build_fleet import build_fleet
from icplan.fleet.fleet import UNLIMITED, Limit, Unsure
from icplan.judge.resolve import refuse_too_large

if TYPE_CHECKING:
    from icplan.assumptions import Assumptions
    from icplan.catalog.catalog import Catalog
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Demand, Fleet
    from icplan.packing.budget import Budget
    from icplan.snapshot.snapshot import Snapshot


@attrs.frozen
class KnownFleet:
    """A fleet and the amounts in question. ``contradiction`` says why what runs cannot have been placed.

    Its fleet has the reservation metrics that can be true; ``metric_doubts`` say why others are not used.
    """

    fleet: Fleet
    box: AllocatableBox
    contradiction: str | None = None
    metric_doubts: tuple[str, ...] = ()

    @property
    def layout_known(self) -> bool:
        """Whether what lies there can be reckoned with: it can lie there, and the types are told."""
        return self.contradiction is None and self.fleet.mix_known

    @property
    def metrics(self) -> tuple[str, ...]:
        """The reservation metrics that tell what lies on its instances."""
        if not self.layout_known:
            return ()
        told = measured_dimensions(self.fleet)
        return tuple(one.named for one in self.fleet.reserved if one.dimension in told)

    @property
    def endless(self) -> bool:
        """Whether no limit to its growth is told."""
        return self.fleet.scale_out_allowance() >= UNLIMITED


def known_fleet(
    state: EndpointState,
    variant: str,
    catalog: Catalog,
    assumptions: Assumptions,
    budget: Budget,
    *needs: Demand,
) -> KnownFleet:
    """The fleet of a variant, its CPU counted so that ``needs`` are whole numbers, too."""
    fleet = build_fleet(state, variant, catalog, assumptions)
    refuse_too_large(fleet, state.origin.file)
    if needs:
        fleet = fleet.counting(*needs)
    doubts = tuple(fleet.reserved_doubts)
    if not fleet.mix_known:
        return KnownFleet(fleet, catalog_box(fleet), None, doubts)
    try:
        box = allocatable_box(fleet, budget, state.origin.file)
    except InputError as error:
        return KnownFleet(fleet, catalog_box(fleet), error.problems[0].message, doubts)
    fleet, unexplained = without_unexplained(fleet, box, budget)
    return KnownFleet(fleet, box, None, (*doubts, *(one.message for one in unexplained)))


def refuse_without_components(state: EndpointState) -> None:
    """Refuse a snapshot that does not tell what runs, and one of an endpoint that hosts no components."""
    if not state.components_told:
        hint = "Put the answers of DescribeInferenceComponent there, or [] if none runs."
        raise InputError(
            InputProblem("InferenceComponents is missing", file=state.origin.file, path="$", hint=hint)
        )


def checked_catalog(catalog: Catalog, snapshot: Snapshot) -> Catalog:
    """The catalog, once what a user says of types is held against the types as the snapshot has them."""
    catalog.with_types(from_ec2(snapshot.data.get("InstanceTypes") or [])).checked()
    return catalog


def as_it_runs(fleet: Fleet) -> Fleet:
    """The fleet if no instance is launched, nor any that is on its way comes."""
    stands = Limit("", 0, "no instance is launched")
    return attrs.evolve(fleet, limits=(stands,), arriving=0)


#: What a promise rests on, what one that takes a launch does besides, and what any refusal does (see
#: `feasibility.doubtful_snapshot`, which says the same of outcomes).
PROMISES = frozenset({Unsure.TYPES, Unsure.COPIES, Unsure.ASKED, Unsure.HELD})
GROWS = frozenset({Unsure.MORE, Unsure.GROWTH})
REFUSALS = frozenset({Unsure.TYPES, Unsure.COPIES, Unsure.ASKED, Unsure.MORE})
