"""What the figures of a drill rest on, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.assumptions import ASSUMPTIONS
from icplan.fleet.dimensions import counted
from icplan.fleet.variant import releases_idle
from icplan.snapshot.caveats import unlocated
from icplan.verdict.drill import EventKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.assumptions import Assumptions
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Fleet
    from icplan.planning.drill_events import Event
    from icplan.planning.known_fleets import KnownFleet


def notes_of(
    state: EndpointState,
    known: KnownFleet,
    asked: Sequence[tuple[KnownFleet, Event]],
    assumptions: Assumptions,
) -> Iterator[str]:
    """What the figures rest on."""
    fleet = known.fleet
    if any(event.kind is not EventKind.QUOTA for _, event in asked):
        yield "that SageMaker places lost copies again, and replaces instances that are lost, is inferred"
    if any(event.kind is EventKind.QUOTA for _, event in asked):
        yield _of_updates(assumptions)
    yield from (text for texts in fleet.unsure.values() for text in texts)
    yield from known.metric_doubts
    yield from unlocated(state, fleet)
    if known.metrics:
        yield f"where copies lie goes by {' and '.join(known.metrics)}"
    if known.contradiction is not None:
        yield f"{known.contradiction}; nothing is sure"
    if not fleet.mix_known:
        yield "how many instances are of which type is not told; nothing is sure"
    yield from _of_states(fleet)
    if fleet.scaling is None:
        return
    if releases_idle(fleet.scaling):
        yield "CONSOLIDATION moves copies at times: where they lie now tells nothing of later (documented)"
        return
    told = "ScaleInPolicy" in fleet.scaling
    least = fleet.min_instances
    yield (
        f"an instance that is idle may be given back, down to MinInstanceCount {least} (IDLE_RELEASE, "
        f"{'documented' if told else 'inferred: no ScaleInPolicy is told'}): one is spare only below that"
    )


def _of_states(fleet: Fleet) -> Iterator[str]:
    """What components are taken for that are not in service."""
    for one in fleet.components:
        copies = counted(one.placed, "copy")
        if one.status == "Deleting":
            yield f"{one.name} is being deleted: none of its copies is counted as running, each may take room"
        elif one.in_flight:
            is_ = "is in motion" if one.status == "InService" else f"is {one.status}"
            yield f"{one.name} {is_}: it counts with {copies} surely running, of up to {one.copies}"
        elif one.status == "Failed" and one.placed:
            yield f"{one.name} has failed: {copies} counted as running, as described"


def _of_updates(assumptions: Assumptions) -> str:
    """Which update is meant where a quota goes, and what another one may need."""
    name = "update-without-deployment-config"
    basis = next(one.basis for one in ASSUMPTIONS if one.name == name)
    text = "a rolling update places a batch of new copies before old ones go (documented)"
    return f"{text}; one without RollingUpdatePolicy goes {name}={assumptions.value(name)} ({basis})"
