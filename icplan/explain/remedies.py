"""What would work instead: each change of the request or the endpoint is judged before it is proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.explain.words import count
from icplan.fleet.model import Limit, Need
from icplan.judging.move import surely_fits_all
from icplan.rollout import Batch
from icplan.verdict import Outcome, Remedy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from icplan.assumptions import Assumptions
    from icplan.fleet.model import Fleet
    from icplan.judging.box import Box
    from icplan.judging.move import JudgedMove
    from icplan.packing import Budget
    from icplan.rollout import Move

#: The least memory a copy may ask for, in MiB (the API's own minimum).
LEAST_MEMORY = 128


@attrs.frozen
class Workshop:
    """What a remedy is judged with: a copy of the assumptions, so that trying relies on nothing."""

    fleet: Fleet
    judged: JudgedMove
    box: Box
    assumptions: Assumptions
    budget: Budget
    request: Mapping[str, Any]

    @property
    def move(self) -> Move:
        """The change as it was asked."""
        return self.judged.move

    def fits(self, move: Move, fleet: Fleet | None = None) -> bool:
        """Whether another change surely fits, or this one on another fleet."""
        trial = attrs.evolve(self.assumptions, used=set())
        return surely_fits_all(fleet or self.fleet, move, self.box, trial, self.budget)

    def outcome(self, move: Move) -> Outcome:
        """The outcome of a change that surely fits."""
        still = attrs.evolve(self.fleet, limits=())
        return Outcome.FITS if self.fits(move, still) else Outcome.FITS_AFTER_SCALE_OUT


@attrs.frozen
class Found:
    """A remedy, and the value of the knob it turns."""

    remedy: Remedy
    value: int


def remedies(shop: Workshop) -> dict[str, Found]:
    """Every knob that helps by itself, by kind, with its best value."""
    found = {}
    for knob in (_instances, _batch, _copies, _memory):
        for remedy in knob(shop):
            found[remedy.remedy.kind] = remedy
    return found


def _largest(low: int, high: int, works: Callable[[int], bool]) -> int | None:
    """The largest value in the range that works; what works stays so for smaller values."""
    if low > high or not works(low):
        return None
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if works(middle) else (low, middle - 1)
    return low


def _instances(shop: Workshop) -> Iterator[Found]:
    """Let the endpoint grow."""
    extra = [step.extra for step in shop.judged.steps]
    if any(more is None for more in extra):
        return
    most = shop.fleet.instances + max(more for more in extra if more is not None)
    rules = {limit.rule for limit in shop.fleet.limits if limit.extra < most - shop.fleet.instances}
    if not rules <= {"ICP501", "ICP504"}:
        return
    other = tuple(limit for limit in shop.fleet.limits if limit.rule not in rules)
    raised = Limit("ICP501", most - shop.fleet.instances, f"MaxInstanceCount is {most}")
    if not shop.fits(shop.move, attrs.evolve(shop.fleet, limits=(*other, raised))):
        return
    settings = dict(shop.fleet.scaling or {"Status": "ENABLED", "MinInstanceCount": shop.fleet.instances})
    path = f"/ProductionVariants/{shop.fleet.number}/ManagedInstanceScaling"
    # The whole structure: the endpoint may have one that its configuration lacks.
    patch = {"op": "add", "path": path, "value": settings | {"MaxInstanceCount": most}}
    if "ICP504" in rules:
        kind, text = (
            "enable-managed-instance-scaling",
            f"turn on managed instance scaling, MaxInstanceCount {most}",
        )
    else:
        kind, text = "raise-max-instance-count", f"raise MaxInstanceCount to {most}"
    yield Found(Remedy(kind, text, (patch,), Outcome.FITS_AFTER_SCALE_OUT), most)


def _batch(shop: Workshop) -> Iterator[Found]:
    """Replace fewer copies at a time."""
    move = shop.move
    if not move.replaces or move.before is None or move.before.copies < 2:  # noqa: PLR2004  (one is no batch)
        return
    now = (
        move.before.copies if move.batch is None else move.batch.copies(move.before.copies, shop.assumptions)
    )

    def works(size: int) -> bool:
        return shop.fits(attrs.evolve(move, batch=Batch("COPY_COUNT", size)))

    # AWS documents a batch as at most half of the copies.
    size = _largest(1, min(now - 1, move.before.copies // 2), works)
    if size is None:
        return
    outcome = shop.outcome(attrs.evolve(move, batch=Batch("COPY_COUNT", size)))
    batch = {"Type": "COPY_COUNT", "Value": size}
    if move.batch is None:
        policy = {"MaximumBatchSize": batch, "RollbackMaximumBatchSize": batch, "WaitIntervalInSeconds": 60}
        patch = {"op": "add", "path": "/DeploymentConfig", "value": {"RollingUpdatePolicy": policy}}
    else:
        patch = {
            "op": "replace",
            "path": "/DeploymentConfig/RollingUpdatePolicy/MaximumBatchSize",
            "value": batch,
        }
    text = f"replace {count(size, 'copy')} at a time (MaximumBatchSize COPY_COUNT {size})"
    yield Found(Remedy("smaller-batch", text, (patch,), outcome), size)


def _copies(shop: Workshop) -> Iterator[Found]:
    """Ask for fewer copies."""
    move = shop.move
    least = 1 if move.before is None or move.replaces else move.before.copies + 1

    def works(copies: int) -> bool:
        return shop.fits(attrs.evolve(move, copies=copies))

    copies = _largest(least, move.copies - 1, works)
    if copies is None:
        return
    outcome = shop.outcome(attrs.evolve(move, copies=copies))
    if "DesiredRuntimeConfig" in shop.request:
        patch = {"op": "replace", "path": "/DesiredRuntimeConfig/CopyCount", "value": copies}
    else:
        patch = {"op": "add", "path": "/RuntimeConfig", "value": {"CopyCount": copies}}
    text = f"ask for {count(copies, 'copy')} instead of {move.copies}"
    yield Found(Remedy("fewer-copies", text, (patch,), outcome), copies)


def _memory(shop: Workshop) -> Iterator[Found]:
    """Reserve less host memory per copy, where the request sets it for all types alike."""
    required = shop.move.need.requirements.get(None)
    asked = shop.request.get("Specification", {}).get("ComputeResourceRequirements")
    if required is None or not asked:
        return

    def with_memory(memory: int) -> Move:
        need = Need({None: attrs.evolve(required, memory_mib=memory)})
        return attrs.evolve(shop.move, need=need)

    memory = _largest(LEAST_MEMORY, required.memory_mib - 1, lambda m: shop.fits(with_memory(m)))
    if memory is None:
        return
    path = "/Specification/ComputeResourceRequirements/MinMemoryRequiredInMb"
    patch = {"op": "replace", "path": path, "value": memory}
    text = f"reserve {memory} MiB per copy instead of {required.memory_mib}"
    yield Found(Remedy("less-memory", text, (patch,), shop.outcome(with_memory(memory))), memory)
