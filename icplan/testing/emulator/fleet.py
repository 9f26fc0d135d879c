"""The instances of a variant: launched, filled with copies, idle, given back."""

from __future__ import annotations

import enum
from collections import Counter
from typing import TYPE_CHECKING

import attrs

from icplan.testing.emulator.sagemaker_texts import HARDWARE, NO_CAPACITY
from icplan.testing.simulator.instances import Instance, slots
from icplan.testing.simulator.policies import Policy, preference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from icplan.testing.emulator.region import Region
    from icplan.testing.simulator.instances import DeployedComponent, Machine, Revision


class Lack(enum.Enum):
    """Why no instance can be had for a copy."""

    ROOM = "managed instance scaling is off or at its maximum, or no type would hold a copy"
    QUOTA = "a quota of the account"
    CAPACITY = "EC2 has none"


@attrs.frozen
class Shortage:
    """A copy found no place: why, in AWS's words, and whether it may find one yet."""

    lack: Lack
    text: str
    may_pass: bool


@attrs.define(eq=False)
class LiveInstance(Instance):
    """An instance that is on its way (not ``ready``), runs, or is being taken away (``going``)."""

    ready: bool = False
    idle_since: float | None = None


@attrs.define(eq=False)
class Fleet:
    """The instances of one variant. ``max_instances`` is None where managed instance scaling is off.

    Attributes:
        waiting: How many instances are wanted for copies in motion, but not to be had yet.
        peak: The most instances there were at a time, but for those being taken away.

    """

    region: Region
    owner: str
    machines: Mapping[str, Machine]
    min_instances: int
    max_instances: int | None
    idle_release: float
    instances: list[LiveInstance] = attrs.field(factory=list)
    waiting: Counter[str] = attrs.field(factory=Counter)
    peak: int = 0
    placing_by: Policy | None = None
    nowhere: LiveInstance = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Where copies are that no instance holds: those of a seed without one, or if nothing is judged."""
        machine = next(iter(self.machines.values()))
        self.nowhere = LiveInstance("", machine, "", ready=True)

    @property
    def policy(self) -> Policy:
        """How a copy is placed now."""
        return self.placing_by or self.region.policy

    @property
    def random(self) -> Random:
        """Where random choices come from."""
        return self.region.random

    @property
    def components(self) -> Mapping[str, DeployedComponent]:
        """What is deployed, by name."""
        return self.region.deployed

    @property
    def current(self) -> int:
        """CurrentInstanceCount: those that run, and those that are being taken away."""
        return sum(instance.ready for instance in self.instances)

    @property
    def staying(self) -> int:
        """The instances that run or are on their way, and are to stay."""
        return sum(not instance.going for instance in self.instances)

    @property
    def desired(self) -> int:
        """DesiredInstanceCount."""
        return self.staying + sum(self.waiting.values())

    @property
    def in_motion(self) -> bool:
        """Whether instances come or go."""
        return bool(+self.waiting) or any(one.going or not one.ready for one in self.instances)

    def count_by_type(self) -> Counter[str]:
        """Instances per type that a quota counts: all there are."""
        return Counter(instance.machine.name for instance in self.instances)

    def spot(self, version: Revision, policy: Policy | None) -> LiveInstance | Shortage:
        """Where a copy goes: an instance with room, else one on its way, else one that is launched."""
        if not self.region.judges:
            return self.nowhere
        self.placing_by = policy
        try:
            for ready in (True, False):
                spots = [one for one in self.instances if one.ready is ready and self._takes(one, version)]
                if spots:
                    return min(spots, key=preference(self, version))
            return self._launch_for(version)
        finally:
            self.placing_by = None

    def _takes(self, instance: LiveInstance, version: Revision) -> bool:
        return not instance.going and slots(self.components, instance, version) > 0

    def _launch_for(self, version: Revision) -> LiveInstance | Shortage:
        leaving = self.region.leaving(self)
        if self.max_instances is None or len(self.instances) >= self.max_instances:
            return Shortage(Lack.ROOM, HARDWARE.template, leaving)
        usable = [one for one in self._by_preference(version) if self._would_hold(one, version)]
        if not usable:
            return Shortage(Lack.ROOM, HARDWARE.template, leaving)
        quotas, beside = self.region.quotas, self.region.beside(self)
        refusals = [quotas.refusal({one.name: 1}, beside=beside) for one in usable]
        allowed = [one for one, refusal in zip(usable, refusals, strict=True) if refusal is None]
        if not allowed and refusals[0] is not None:
            return Shortage(Lack.QUOTA, refusals[0].message, self.region.anything_leaving())
        for machine in allowed:
            if found := self.launch(machine):
                return found
        return Shortage(Lack.CAPACITY, NO_CAPACITY.template, may_pass=True)

    def _by_preference(self, version: Revision) -> Sequence[Machine]:
        """Types in the order in which they are tried: by priority, unless the policy is to do its worst."""
        found = list(self.machines.values())
        if self.policy is Policy.RANDOM:
            self.random.shuffle(found)
        elif self.policy is Policy.ADVERSARIAL:
            found.sort(key=lambda machine: slots(self.components, Instance("", machine, ""), version))
        return found

    def _would_hold(self, machine: Machine, version: Revision) -> bool:
        return slots(self.components, Instance("", machine, ""), version) > 0

    def launch(self, machine: Machine) -> LiveInstance | None:
        """One more instance, if EC2 has one. It is ready after a while."""
        zones = Counter(instance.zone for instance in self.instances)
        zone = self.region.capacity.zone_for(machine.name, zones)
        if zone is None:
            return None
        instance = self.add(machine, zone)
        self.region.note(self.owner, "instance launched", instance=instance.id, type=machine.name)
        self.region.after(self.region.timing.instance_launch, lambda: self._arrive(instance))
        return instance

    def add(self, machine: Machine, zone: str) -> LiveInstance:
        """One more instance, which is not ready."""
        instance = LiveInstance(self.region.new_instance_id(), machine, zone)
        self.instances.append(instance)
        self.peak = max(self.peak, self.staying)
        self.region.capacity.take(machine.name, zone)
        return instance

    def start_some(self, count: int) -> bool:
        """Launch so many instances, each of the first type that EC2 has; False when one is not to be had."""
        return all(any(self.launch(machine) for machine in self.machines.values()) for _ in range(count))

    def _arrive(self, instance: LiveInstance) -> None:
        if instance not in self.instances:
            return
        instance.ready = True
        self.region.note(self.owner, "instance ready", instance=instance.id)
        for copy in self.region.copies_on(instance):
            copy.start()
        self.watch(instance)

    def watch(self, instance: LiveInstance) -> None:
        """Note whether an instance is idle, and give it back once it has been for long enough."""
        if instance.total or instance.going or not instance.ready:
            instance.idle_since = None
        elif instance.idle_since is None:
            since = instance.idle_since = self.region.clock.now
            if self.idle_release <= 0:
                self._release(instance, since)
            else:
                self.region.after(self.idle_release, lambda: self._release(instance, since))

    def _release(self, instance: LiveInstance, since: float) -> None:
        idle = instance in self.instances and instance.idle_since == since and not instance.total
        spare = self.max_instances is not None and self.staying > self.min_instances
        if idle and spare and not instance.going:
            self.stop(instance)

    def release_idle(self) -> None:
        """Look again at all that has been idle for long enough, as the minimum may have changed."""
        for instance in reversed(list(self.instances)):
            since = instance.idle_since
            if since is not None and self.region.clock.now - since >= self.idle_release:
                self._release(instance, since)

    def stop(self, instance: LiveInstance) -> None:
        """Take an instance away; it counts until it is gone."""
        instance.going = True
        self.region.note(self.owner, "instance stopping", instance=instance.id)
        self.region.after(self.region.timing.instance_stop, lambda: self.end(instance))

    def end(self, instance: LiveInstance) -> None:
        """An instance is gone."""
        if instance in self.instances:
            self.instances.remove(instance)
            self.region.capacity.give(instance.machine.name, instance.zone)
            self.region.note(self.owner, "instance gone", instance=instance.id)

    def holders(self, version: Revision) -> Iterator[LiveInstance]:
        """The instances that hold copies of a version."""
        return (instance for instance in self.instances if instance.copies[version])
