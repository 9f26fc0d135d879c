"""What the reservation metrics of a snapshot show to lie on one instance, as observations to be kept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import attrs

from icplan.assumptions import Assumptions
from icplan.errors import InputError, InputProblem
from icplan.feasibility.metric_consistency import without_unexplained
from icplan.feasibility.tighten import allocatable_box
from icplan.fleet.build_fleet import build_fleet
from icplan.fleet.reservation_metrics import METRICS
from icplan.judge.settings import Settings
from icplan.snapshot.read_endpoint import read_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.catalog.catalog import Catalog
    from icplan.catalog.types import InstanceType
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Fleet
    from icplan.fleet.metric_ranks import ReservedRanks
    from icplan.snapshot.snapshot import Snapshot

_CPU, _MEMORY = 0, 1


def observed_in(
    snapshot: Snapshot, catalog: Catalog, source: str | None = None
) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows for a file of observations: what lay on the most loaded instance, and why there are no more.

    Raises :class:`~icplan.errors.InputError` where the metrics show nothing at all.
    """
    state = attrs.evolve(read_endpoint(snapshot), locations=())
    rows: list[dict[str, Any]] = []
    reasons: list[str] = []
    if not state.reservations:
        reasons.append("the snapshot has no Reservations, which icplan snapshot ENDPOINT reads")
    for variant in state.variants:
        fleet, doubts = _with_sound_metrics(state, variant.name, catalog)
        if fleet.reserved and len(fleet.pools) == 1:
            rows += _placed(fleet, source)
        reasons += (*doubts, *_reasons(state, fleet))
    if not rows:
        message = f"no reservation is seen: {'; '.join(reasons) or 'nothing is reserved'}"
        raise InputError(InputProblem(message, file=snapshot.file, path="$.Reservations"))
    return rows, reasons


def _with_sound_metrics(state: EndpointState, variant: str, catalog: Catalog) -> tuple[Fleet, list[str]]:
    """The fleet with those of its metrics that what runs explains, and why not with the others."""
    fleet = build_fleet(state, variant, catalog, Assumptions())
    if not fleet.reserved:
        return fleet, list(fleet.reserved_doubts)
    budget = Settings().budget()
    box = allocatable_box(fleet, budget, state.origin.file)
    sound, unexplained = without_unexplained(fleet, box, budget)
    return sound, [*fleet.reserved_doubts, *(one.message for one in unexplained)]


def _reasons(state: EndpointState, fleet: Fleet) -> Iterator[str]:
    """Why metrics do not tell all of the most loaded instance."""
    if fleet.reserved and len(fleet.pools) > 1:
        yield f"{fleet.variant} has several instance types, so the most loaded may be of any"
    if not any(one.dimension == _MEMORY for one in fleet.reserved):
        yield from _lacking(state, fleet.variant)


def _lacking(state: EndpointState, variant: str) -> Iterator[str]:
    """The metrics of memory and cores that are not there, beside others that are."""
    there = {one.name for one in state.reservations if one.variant == variant}
    lacking = [name for name in (METRICS[_MEMORY], METRICS[_CPU]) if name not in there]
    if state.reservations and lacking:
        verb = "is" if len(lacking) == 1 else "are"
        beside = f", only {' and '.join(one for one in METRICS if one in there)}" if there else ""
        yield f"{' and '.join(lacking)} of {variant} {verb} not in the snapshot{beside}"


def _placed(fleet: Fleet, source: str | None) -> Iterator[dict[str, Any]]:
    """The most memory on an instance; the most cores, with the memory that any instance holds at least."""
    kind = fleet.pools[0].type
    told = {one.dimension: one for one in fleet.reserved}
    memory, cpu = told.get(_MEMORY), told.get(_CPU)
    least, most = _ends(fleet, memory)
    _, cores = _ends(fleet, cpu)
    where = f"of {fleet.endpoint}/{fleet.variant}"
    placed: dict[str, Any] = {"InstanceType": kind.name, "Outcome": "placed"}
    if memory is not None and most:
        yield placed | {
            "MemoryMib": most,
            "Source": source or f"{_whole(memory, kind)}{memory.named} {where}",
        }
    if cpu is not None and cores and least:
        amount = float(cores * fleet.cpu_unit / 1000)
        yield placed | {"MemoryMib": least, "CpuCores": amount, "Source": source or f"{cpu.named} {where}"}


def _ends(fleet: Fleet, metric: ReservedRanks | None) -> tuple[int, int]:
    """What the least loaded instance surely holds, and what the most loaded one does."""
    if metric is None:
        return 0, 0
    ranks = metric.counted(fleet.cpu_unit)
    return ranks[0][0][0], ranks[-1][0][0]


def _whole(memory: ReservedRanks, kind: InstanceType) -> str:
    """What the metric divides by, where that is less than the whole instance."""
    if memory.whole is None or math.ceil(memory.whole[1]) >= kind.memory_mib:
        return ""
    low, high = math.floor(memory.whole[0]), math.ceil(memory.whole[1])
    return f"divided by {low} to {high} of {kind.memory_mib} MiB: "
