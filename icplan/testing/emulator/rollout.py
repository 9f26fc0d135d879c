"""The writes to a component, as SageMaker carries them out: start, scale, replace copies, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.testing.emulator.placing import bring, stop_all, take_away
from icplan.testing.emulator.rollback import go_back
from icplan.testing.emulator.sagemaker_texts import ALARM_ROLLBACK, TIMED_OUT
from icplan.testing.emulator.timed_steps import Failure

if TYPE_CHECKING:
    from icplan.testing.emulator.component import Component
    from icplan.testing.emulator.fleet import Fleet
    from icplan.testing.emulator.region import Region
    from icplan.testing.emulator.timed_steps import Steps

_WHOLE = 100


def start(region: Region, component: Component, fleet: Fleet) -> Steps:
    """Bring a new component's copies up. What has failed keeps its place until it is deleted."""
    try:
        yield from bring(component, fleet, component.revision, component.desired, keep=True)
    except Failure as failure:
        finish(region, component, "Failed", str(failure))
    else:
        finish(region, component, "InService")


def start_adapter(region: Region, component: Component) -> Steps:
    """An adapter is loaded into its base's copies, which takes no room."""
    due = region.clock.now + region.timing.adapter_start
    region.after(region.timing.adapter_start, region.changed)
    yield lambda: region.clock.now >= due
    finish(region, component, "InService")


def scale(region: Region, component: Component, fleet: Fleet, before: int) -> Steps:
    """Have the copies that are now desired; if they cannot be placed, ``before`` are desired again."""
    there = len(component.staying)
    try:
        yield from bring(component, fleet, component.revision, component.desired - there)
        yield from take_away(component, fleet, component.revisions, there - component.desired)
    except Failure as failure:
        component.desired = before
        finish(region, component, as_it_was(component, before), str(failure))
    else:
        finish(region, component, "InService")


def delete(region: Region, component: Component, fleet: Fleet | None) -> Steps:
    """Stop all copies; then the component is gone."""
    if fleet is not None:
        yield from stop_all(fleet, list(component.copies))
    else:
        due = region.clock.now + region.timing.adapter_start
        region.after(region.timing.adapter_start, region.changed)
        yield lambda: region.clock.now >= due
    region.forget(component)


@attrs.define
class Replacement:
    """An update that replaces all copies with those of another revision, batch by batch.

    They are of the revision ``old``, which those that are put back are, or left over from earlier ones.

    ``batch`` copies at a time, ``wait`` seconds after each; ``back`` copies at a time if it is rolled back.
    ``wanted`` is how many there are to be in the end. Without a rolling policy, ``at_once`` is set.
    """

    region: Region
    component: Component
    fleet: Fleet
    old: int
    new: int
    wanted: int
    batch: int
    back: int
    wait: float = 0
    deadline: float | None = None
    timeout: int = 0
    alarms: tuple[str, ...] = ()
    at_once: bool = False
    before: int = 0
    done: int = 0

    def steps(self) -> Steps:
        """Go forward; where that fails, go back."""
        copies = len(self.component.staying)
        try:
            if self.at_once or not copies:
                yield from self._at_once(copies)
            else:
                yield from self._batches(copies)
                yield from self._finish(copies)
        except Failure as failure:
            yield from go_back(self, str(failure))
            return
        self.component.revision = self.new
        finish(self.region, self.component, "InService")

    def check(self) -> None:
        """Raise Failure when an alarm went off, or time is up."""
        ringing = [name for name in self.alarms if self.region.alarms.rings(name)]
        if ringing:
            raise Failure(ALARM_ROLLBACK.fill(alarms=", ".join(ringing)))
        if self.deadline is not None and self.region.clock.now >= self.deadline:
            raise Failure(TIMED_OUT.fill(seconds=self.timeout))

    def _at_once(self, copies: int) -> Steps:
        yield from bring(self.component, self.fleet, self.new, self.wanted, check=self.check)
        yield from take_away(self.component, self.fleet, self._replaced(), copies)

    def _batches(self, copies: int) -> Steps:
        while self.done < copies:
            size = min(self.batch, copies - self.done)
            number = 1 + self.done // self.batch
            self.region.note(self.component.name, "batch begins", number=number, copies=size)
            yield from bring(self.component, self.fleet, self.new, size, check=self.check)
            yield from self._bake(size)
            yield from take_away(self.component, self.fleet, self._replaced(), size, then=self.new)
            self.done += size
            self.region.note(self.component.name, "batch done", number=number)

    def _bake(self, size: int) -> Steps:
        """Wait for the interval, and watch the alarms; a batch that an alarm stops is withdrawn."""
        until = self.region.clock.now + self.wait
        self.region.after(self.wait, self.region.changed)
        try:
            while self.region.clock.now < until:
                yield self.region.next_change(until)
                self.check()
        except Failure:
            latest = self.component.of(self.new)[-size:]
            yield from stop_all(self.fleet, latest)
            raise

    def _finish(self, copies: int) -> Steps:
        """Bring the replaced component to the copies it shall have."""
        yield from bring(self.component, self.fleet, self.new, self.wanted - copies, check=self.check)
        yield from take_away(self.component, self.fleet, [self.new], copies - self.wanted)

    def _replaced(self) -> list[int]:
        """The revisions whose copies leave."""
        return [one for one in self.component.revisions if one != self.new]


def batch_size(size: dict[str, Any], copies: int, rounding: str) -> int:
    """How many copies a batch has: at least one, at most all."""
    value = int(size["Value"])
    if size["Type"] == "CAPACITY_PERCENT":
        part = value * copies
        value = -(-part // _WHOLE) if rounding == "up" else part // _WHOLE
    return max(1, min(copies, value))


def as_it_was(component: Component, copies: int) -> str:
    """The status once a write is taken back: what had failed before, and lacks copies, has failed still."""
    return "InService" if len(component.copies) >= copies else "Failed"


def finish(region: Region, component: Component, status: str, failure: str | None = None) -> None:
    """A write has come to its end."""
    component.status = status
    component.failure = failure
    component.internal_state = None
    component.modified = region.clock.now
    region.settled(component)
    region.note(component.name, status, **({"reason": failure} if failure else {}))
