"""Remedies that ask for less: smaller batches, fewer copies, less per copy."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from icplan.fleet.dimensions import LESS_OF, REQUEST_MEMBER, counted, digits, format_amount, in_unit
from icplan.fleet.fleet import ACCELERATORS, CPU, MEMORY, Demand
from icplan.remedies.trial import GOES_BACK_ONE_BY_ONE, ONE_BY_ONE_BACK, largest_judged, largest_that
from icplan.rollout.steps import Batch
from icplan.verdict.remedy import Remedy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from icplan.remedies.trial import RemedyCandidate, RemedySearch
    from icplan.requests.from_describe import Requirements
    from icplan.rollout.steps import CapacityChange


_FIELD = {MEMORY: "memory_mib", CPU: "cpu_millicores", ACCELERATORS: "accelerators"}


#: The least of each that the API takes: MiB, thousandths of a core, devices.
_MIN = {MEMORY: 128, CPU: 250, ACCELERATORS: 1}


def smaller_batch(search: RemedySearch) -> Iterator[RemedyCandidate]:
    """Replace fewer copies at a time."""
    change = search.change
    before = change.before.copies if change.before else 0
    now = before if change.batch is None else change.batch.copies(before, search.question.assumptions)

    def works(size: int) -> bool:
        return search.fits_instead(_in_batches(change, size))

    # AWS documents a batch as at most half of the copies.
    size = largest_that(1, min(now - 1, before // 2), works)
    if size is not None:
        yield from _candidate(search, "smaller-batch", _batch_words(size), batch_patch(change, size), size)


def _in_batches(change: CapacityChange, size: int) -> CapacityChange:
    """The change, were so many copies to be replaced at a time."""
    return attrs.evolve(change, batch=Batch("COPY_COUNT", size))


def _batch_words(size: int) -> str:
    """What the patch does."""
    return f"replace {counted(size, 'copy')} at a time (MaximumBatchSize COPY_COUNT {size})"


def batch_patch(change: CapacityChange, size: int) -> Mapping[str, Any]:
    """The patch of the request for batches of that size."""
    batch = {"Type": "COPY_COUNT", "Value": size}
    if change.batch is None:
        policy = {"MaximumBatchSize": batch, "RollbackMaximumBatchSize": batch, "WaitIntervalInSeconds": 60}
        return {"op": "add", "path": "/DeploymentConfig", "value": {"RollingUpdatePolicy": policy}}
    path = "/DeploymentConfig/RollingUpdatePolicy/MaximumBatchSize"
    return {"op": "replace", "path": path, "value": batch}


def smaller_rollback(search: RemedySearch) -> Iterator[RemedyCandidate]:
    """Go back one copy at a time."""
    kind = "smaller-rollback-batch"
    yield from _candidate(search, kind, GOES_BACK_ONE_BY_ONE, ONE_BY_ONE_BACK, 1)


def fewer_copies(search: RemedySearch) -> Iterator[RemedyCandidate]:
    """Ask for fewer copies."""
    change = search.change
    least = 1 if change.before is None or change.replaces else change.before.copies + 1

    def works(copies: int) -> bool:
        return search.fits_instead(attrs.evolve(change, copies=copies))

    def judged(copies: int) -> bool:
        return search.judged_to_work(search.patched(_copies_patch(search, copies)))

    copies = largest_judged(least, change.copies - 1, works, judged)
    if copies is None:
        return
    text = f"ask for {counted(copies, 'copy')} instead of {change.copies}"
    yield from _candidate(search, "fewer-copies", text, _copies_patch(search, copies), copies)


def _copies_patch(search: RemedySearch, copies: int) -> Mapping[str, Any]:
    """The patch of the request for so many copies."""
    if "DesiredRuntimeConfig" in search.request:
        return {"op": "replace", "path": "/DesiredRuntimeConfig/CopyCount", "value": copies}
    return {"op": "add", "path": "/RuntimeConfig", "value": {"CopyCount": copies}}


def less_per_copy(search: RemedySearch) -> Iterator[RemedyCandidate]:
    """Reserve less of one resource per copy, where the request sets it for all types alike."""
    for dimension in REQUEST_MEMBER:
        now = asked_per_copy(search, dimension)
        if now is None:
            continue
        value = largest_judged(
            _MIN[dimension],
            getattr(now, _FIELD[dimension]) - 1,
            lambda less, dimension=dimension: search.fits_instead(_with_less(search.change, dimension, less)),  # type: ignore[misc]
            lambda less, dimension=dimension: search.judged_to_work(  # type: ignore[misc]
                search.patched(_less_patch(dimension, less))
            ),
        )
        if value is not None:
            words, patch = _less_words(now, dimension, value), _less_patch(dimension, value)
            yield from _candidate(search, LESS_OF[dimension], words, patch, value)


def asked_per_copy(search: RemedySearch, dimension: str) -> Requirements | None:
    """What a copy reserves, if the request itself says how much of that resource, for all types alike."""
    asked = search.request.get("Specification", {}).get("ComputeResourceRequirements") or {}
    return search.change.need.requirements.get(None) if REQUEST_MEMBER[dimension] in asked else None


def _with_less(change: CapacityChange, dimension: str, value: int) -> CapacityChange:
    """The change, were a copy to reserve only so much of a resource."""
    (now,) = change.need.requirements.values()
    less: Any = {_FIELD[dimension]: value} | ({"cpu_excess": Fraction(0)} if dimension == CPU else {})
    return attrs.evolve(change, need=Demand({None: attrs.evolve(now, **less)}))


def _less_words(now: Requirements, dimension: str, value: int) -> str:
    """What the patch does."""
    before = getattr(now, _FIELD[dimension])
    text = f"reserve {format_amount(dimension, value)} per copy instead of {digits(dimension, before)}"
    return f"{text}, if the model runs on them" if dimension == ACCELERATORS else text


def _less_patch(dimension: str, value: int) -> Mapping[str, Any]:
    """The patch of the request for so much of a resource per copy."""
    path = f"/Specification/ComputeResourceRequirements/{REQUEST_MEMBER[dimension]}"
    return {"op": "replace", "path": path, "value": in_unit(dimension, value)}


def _candidate(
    search: RemedySearch, kind: str, text: str, patch: Mapping[str, Any], value: int
) -> Iterator[RemedyCandidate]:
    """The remedy, if the judgement of the patched request agrees that it helps."""
    remedy = Remedy(kind, text, (patch,), search.goal)
    yield from search.found(remedy, [search.patched(patch)], value)
