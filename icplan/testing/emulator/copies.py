"""A copy of a component: placed on an instance, started there, stopped, gone."""

from __future__ import annotations

import enum
from collections import Counter
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from icplan.testing.emulator.component import Component
    from icplan.testing.emulator.fleet import Fleet, LiveInstance
    from icplan.testing.simulator.instances import Revision


class CopyState(enum.Enum):
    """Where a copy stands. It reserves its share of the instance in each of them."""

    PLACED = "its instance is on its way"
    STARTING = "its container starts"
    RUNNING = "it serves"
    BROKEN = "its container did not start"
    STOPPING = "it is being taken away"


@attrs.define(eq=False)
class Copy:
    """One copy of one revision of a component, on one instance."""

    component: Component
    revision: int
    fleet: Fleet
    instance: LiveInstance
    container: str
    state: CopyState = CopyState.PLACED

    @property
    def version(self) -> Revision:
        """What the simulator counts it as."""
        return (self.component.name, self.revision)

    @property
    def shown(self) -> bool:
        """Whether CurrentCopyCount counts it."""
        return self.state in (CopyState.RUNNING, CopyState.STOPPING)

    def place(self) -> None:
        """Reserve its share of the instance, and start if that runs."""
        self.instance.copies[self.version] += 1
        self.fleet.watch(self.instance)
        if self.instance.ready:
            self.start()

    def start(self) -> None:
        """Start its container."""
        if self.state is not CopyState.PLACED:
            return
        region = self.fleet.region
        self.state = CopyState.STARTING
        broken = region.breaks(self.component.specification(self.revision, self.instance.machine.name))
        delay = self._patience() if broken else region.timing.container_start
        region.after(delay, lambda: self._started(broken=broken))

    def _patience(self) -> float:
        """How long SageMaker waits for a container that does not start."""
        entry = self.component.specification(self.revision, self.instance.machine.name)
        given = entry.get("StartupParameters", {}).get("ContainerStartupHealthCheckTimeoutInSeconds")
        return float(given) if given is not None else self.fleet.region.timing.startup_timeout

    def _started(self, *, broken: bool) -> None:
        if self.state is CopyState.STARTING:
            self.state = CopyState.BROKEN if broken else CopyState.RUNNING
            what = "copy failed to start" if broken else "copy runs"
            self.fleet.region.note(
                self.component.name, what, instance=self.instance.id, revision=self.revision
            )

    def stop(self) -> None:
        """Begin to take it away."""
        if self.state is CopyState.STOPPING:
            return
        region = self.fleet.region
        self.state = CopyState.STOPPING
        region.note(self.component.name, "copy stopping", instance=self.instance.id, revision=self.revision)
        region.after(region.timing.copy_stop, self.remove)

    def remove(self) -> None:
        """It is gone, and its share of the instance free."""
        if self in self.component.copies:
            self.component.copies.remove(self)
            self.instance.copies = self.instance.copies - Counter([self.version])
            self.fleet.region.changed()
            self.fleet.watch(self.instance)
