"""Remedies of the endpoint: let it have more instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.explain.workshop import Found
from icplan.fleet.model import Limit
from icplan.judging.move import judge_move
from icplan.verdict import Remedy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.explain.workshop import Workshop
    from icplan.fleet.model import Fleet

#: What a change of the endpoint configuration can lift: MaxInstanceCount, and scaling that is off.
LIFTED = {"ICP501", "ICP504"}


def more_instances(shop: Workshop) -> Iterator[Found]:
    """As many instances as surely suffice; where no number does, as many as may."""
    most = _enough(shop)
    grown = None if most is None else _raised(shop.fleet, most)
    if most is None or grown is None:
        return
    outcome = shop.outcome(shop.move, grown)
    if shop.helps(outcome):
        kind, text, patch = _growth(shop.fleet, most)
        yield Found(Remedy(kind, text, (patch,), outcome, how=_where(shop.fleet)), most)


def _enough(shop: Workshop) -> int | None:
    """The least instances that suffice for every step in every world, else if amounts are at their best."""
    extra = [step.extra for step in shop.judged.steps]
    if None in extra:
        trial = attrs.evolve(shop.assumptions, used=set())
        judged = judge_move(shop.fleet, shop.move, shop.box.best, trial, shop.budget, known=0)
        extra = [step.extra for step in judged.steps]
    known = [more for more in extra if more is not None]
    return shop.fleet.instances + max(known, default=0) if len(known) == len(extra) else None


def _raised(fleet: Fleet, most: int) -> Fleet | None:
    """The fleet, were it to grow to that many; ``None`` where something else forbids it."""
    more = most - fleet.instances
    binding = {limit.rule for limit in fleet.limits if limit.extra < more}
    if not binding or not binding <= LIFTED:
        return None
    kept = tuple(limit for limit in fleet.limits if limit.rule not in binding)
    limits = (*kept, Limit("ICP501", more, f"MaxInstanceCount is {most}"))
    return attrs.evolve(fleet, limits=limits, scaling=_settings(fleet, most))


def _growth(fleet: Fleet, most: int) -> tuple[str, str, Mapping[str, Any]]:
    """The kind of such a remedy, its words, and the patch of the endpoint configuration."""
    off = any(limit.rule == "ICP504" for limit in fleet.limits)
    kind = "enable-managed-instance-scaling" if off else "raise-max-instance-count"
    text = (
        f"turn on managed instance scaling, MaxInstanceCount {most}"
        if off
        else f"raise MaxInstanceCount to {most}"
    )
    path = f"/ProductionVariants/{fleet.number}/ManagedInstanceScaling"
    # The whole structure: the endpoint may have one that its configuration lacks.
    return kind, text, {"op": "add", "path": path, "value": _settings(fleet, most)}


def _where(fleet: Fleet) -> str:
    """Where the number of instances is set."""
    return (
        f"in ManagedInstanceScaling of variant {fleet.variant}: a new endpoint configuration, "
        "then update_endpoint"
    )


def _settings(fleet: Fleet, most: int) -> dict[str, Any]:
    now = dict(fleet.scaling or {"Status": "ENABLED", "MinInstanceCount": fleet.instances})
    return now | {"MaxInstanceCount": most}
