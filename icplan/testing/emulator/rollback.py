"""A rolling update taken back, batch by batch, and what is left when that fails too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.testing.emulator.placing import bring, stop_all, take_away
from icplan.testing.emulator.sagemaker_texts import ROLLBACK_FAILED
from icplan.testing.emulator.timed_steps import Failure

if TYPE_CHECKING:
    from icplan.testing.emulator.rollout import Replacement
    from icplan.testing.emulator.timed_steps import Steps


def go_back(update: Replacement, why: str) -> Steps:
    """Put the missing old copies back, each batch before as many new ones leave; then all new ones leave.

    The component is as it was again, with a FailureReason. Where an old copy finds no place, old and new
    copies go on side by side and the endpoint is UpdateRollbackFailed.
    """
    from icplan.testing.emulator.rollout import as_it_was, finish  # noqa: PLC0415  (they call each other)

    region, component, fleet = update.region, update.component, update.fleet
    component.endpoint.rolling_back.add(component.name)
    region.note(component.name, "rolls back", reason=why)
    missing = update.done
    try:
        while missing:
            size = min(update.back, missing)
            yield from bring(component, fleet, update.old, size)
            leaving = min(size, len(component.of(update.new)))
            yield from take_away(component, fleet, [update.new], leaving, then=update.old)
            missing -= size
    except Failure as again:
        component.endpoint.rolling_back.discard(component.name)
        component.endpoint.rollback_failed = True
        component.desired = update.before
        finish(region, component, "Failed", ROLLBACK_FAILED.fill(why=why, again=again))
        return
    yield from stop_all(fleet, component.of(update.new))
    component.endpoint.rolling_back.discard(component.name)
    component.desired = update.before
    finish(region, component, as_it_was(component, update.before), why)
