"""Copies brought onto a fleet and taken off it, with the waiting that this takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.testing.emulator.copies import Copy, CopyState
from icplan.testing.emulator.fleet import Lack, LiveInstance, Shortage
from icplan.testing.emulator.sagemaker_texts import CONTAINER_FAILED
from icplan.testing.emulator.timed_steps import Failure
from icplan.testing.simulator.policies import chosen_to_leave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from icplan.testing.emulator.component import Component
    from icplan.testing.emulator.fleet import Fleet
    from icplan.testing.emulator.timed_steps import Steps


def never() -> None:
    """No reason to stop."""


def bring(
    component: Component,
    fleet: Fleet,
    revision: int,
    count: int,
    *,
    check: Callable[[], None] = never,
    keep: bool = False,
) -> Steps:
    """Place so many more copies and wait until they run.

    If one cannot be placed, or does not start, Failure is raised and all of them are taken back, unless
    broken ones are to be kept (``keep``). ``check`` may raise Failure at any time.
    """
    placed: list[Copy] = []
    try:
        for _ in range(count):
            yield from _place_one(component, fleet, revision, placed, check)
        while not all(one.state is CopyState.RUNNING for one in placed):
            check()
            _refuse_broken(placed)
            yield fleet.region.next_change()
        check()
    except Failure:
        broken = any(one.state is CopyState.BROKEN for one in placed)
        if not (keep and broken):
            withdraw(placed)
        raise


def _refuse_broken(placed: Sequence[Copy]) -> None:
    if any(one.state is CopyState.BROKEN for one in placed):
        raise Failure(CONTAINER_FAILED.template)


def withdraw(copies: Sequence[Copy]) -> None:
    """Take back copies that have not served."""
    for one in copies:
        one.remove()


def _place_one(
    component: Component, fleet: Fleet, revision: int, placed: list[Copy], check: Callable[[], None]
) -> Steps:
    region = fleet.region
    deadline: float | None = None
    while True:
        check()
        found = fleet.spot((component.name, revision), component.strategy(revision))
        if isinstance(found, LiveInstance):
            fleet.waiting.pop(component.name, None)
            one = Copy(component, revision, fleet, found, region.new_container_id())
            component.copies.append(one)
            region.note(component.name, "copy placed", instance=found.id, revision=revision)
            placed.append(one)
            one.place()
            return
        deadline = _wait_until(fleet, component, found, deadline)
        if deadline is not None and region.clock.now >= deadline:
            fleet.waiting.pop(component.name, None)
            raise Failure(found.text)
        yield region.next_change(deadline)


def _wait_until(fleet: Fleet, component: Component, found: Shortage, deadline: float | None) -> float | None:
    """Until when a copy that finds no place waits for one; None is as long as something may change that.

    Raises Failure where nothing will.
    """
    region = fleet.region
    if found.lack is Lack.CAPACITY:
        if deadline is None:
            fleet.waiting[component.name] = 1
            deadline = region.clock.now + region.timing.provision_timeout
            region.note(component.name, "waits for capacity", reason=found.text)
            region.after(region.timing.provision_timeout, region.changed)
        return deadline
    fleet.waiting.pop(component.name, None)
    if found.may_pass or (found.lack is Lack.ROOM and region.behaviour.no_room == "hangs"):
        return None
    raise Failure(found.text)


def take_away(
    component: Component, fleet: Fleet, revisions: Sequence[int], count: int, then: int | None = None
) -> Steps:
    """Stop so many copies, of the first revision first, and wait until they are gone.

    ``then`` is the revision that is placed next.
    """
    going: list[Copy] = []
    for revision in revisions:
        number = min(count - len(going), len(component.of(revision)))
        if number > 0:
            going += _leaving(component, fleet, revision, number, revision if then is None else then)
    if going:
        yield from stop_all(fleet, going)


def _leaving(component: Component, fleet: Fleet, revision: int, count: int, then: int) -> Iterator[Copy]:
    """So many copies of a revision, those that the policy chooses."""
    version = (component.name, revision)
    holders = list(fleet.holders(version))
    fleet.placing_by = component.strategy(revision)
    numbers = chosen_to_leave(fleet, holders, version, count, (component.name, then))
    fleet.placing_by = None
    for instance, number in zip(holders, numbers, strict=True):
        yield from [one for one in component.of(revision) if one.instance is instance][:number]


def stop_all(fleet: Fleet, copies: Sequence[Copy]) -> Steps:
    """Stop copies and wait until they are gone."""
    for one in copies:
        one.stop()
    while any(one in one.component.copies for one in copies):
        yield fleet.region.next_change()
