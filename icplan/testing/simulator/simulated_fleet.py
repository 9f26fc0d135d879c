"""A simulated fleet: instances are launched and released, copies placed on them and taken away."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from typing import TYPE_CHECKING, Final

from icplan.testing.simulator.instances import DeployedComponent, Instance, Machine, demand, slots
from icplan.testing.simulator.motion import Motion, arrive, happen
from icplan.testing.simulator.policies import Policy, chosen_to_leave, preference

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from icplan.testing.simulator.instances import Revision

HARDWARE: Final = (
    "There is not enough hardware resources on the instances for this endpoint to create a copy of the "
    "inference component."
)


class Refused(Exception):  # noqa: N818  (an answer of the service, not a fault of the program)
    """A copy found no room, so the operation failed.

    ``rolled_back`` tells whether all is as it was before (but for launched instances). If not, an update and
    its rollback both failed, and old and new copies run side by side.
    """

    def __init__(self, rolled_back: bool) -> None:
        self.rolled_back = rolled_back
        super().__init__(HARDWARE)


class SimulatedFleet:
    """The instances of one variant. They are named ``i-0``, ``i-1`` and so on.

    Attributes:
        instances: The instances that run, in the order they were launched.
        components: What is deployed, by name.
        policy: How copies are placed and removed from now on.
        random: Where random choices come from.
        peak: The most instances that ran since it was last set.
        motions: Components that are still in motion.
        arriving: Types of the instances on their way; they come whatever the limits say, and count in them.
        unrest: How likely one more event is before each copy that is placed.
        quota_left: How many more instances of a type the account may run, where that is limited. Fleets
            that are given the same mapping share it.

    """

    def __init__(
        self,
        machines: Sequence[Machine],
        running: Sequence[str] | None = None,
        *,
        min_instances: int = 1,
        max_instances: int | None = None,
        policy: Policy = Policy.EVEN,
        seed: int = 0,
        quota_left: MutableMapping[str, int] | None = None,
    ) -> None:
        """Start the instances named in ``running``, by default one of the first machine.

        Machines are given by priority. ``max_instances`` is MaxInstanceCount; without it, managed instance
        scaling is off and nothing is ever launched or released.
        """
        self.machines = {machine.name: machine for machine in machines}
        self.min_instances, self.max_instances = min_instances, max_instances
        self.policy = policy
        self.instances: list[Instance] = []
        self.components: dict[str, DeployedComponent] = {}
        self.random = random.Random(seed)  # noqa: S311  (repeatable is what is wanted)
        self.peak = 0
        self.motions: list[Motion] = []
        self.arriving: list[str] = []
        self.unrest = 1 / 2
        self.quota_left = {} if quota_left is None else quota_left
        self._numbers = itertools.count()
        for name in [machines[0].name] if running is None else running:
            self.start(self.machines[name])

    @property
    def unsettled(self) -> bool:
        """Whether anything may still happen by itself."""
        return bool(self.motions or self.arriving or any(instance.going for instance in self.instances))

    def copies(self, name: str) -> int:
        """How many copies of a component run."""
        return sum(instance.holds(name) for instance in self.instances)

    def count(self, version: Revision) -> int:
        """How many copies of one version run."""
        return sum(instance.copies[version] for instance in self.instances)

    def release_idle(self) -> int:
        """Scale in as IDLE_RELEASE does: give empty instances back, down to MinInstanceCount. How many."""
        before = len(self.instances)
        if self.max_instances is not None:
            for instance in reversed(list(self.instances)):
                idle = not instance.total and not instance.going
                if idle and len(self.instances) > self.min_instances:
                    self.end(instance)
        return before - len(self.instances)

    def place(self, version: Revision, copies: int) -> None:
        """Place copies one after another; if one is refused, take them all back and raise Refused."""
        placed: list[Instance] = []
        for _ in range(copies):
            happen(self)
            instance = self.spot(version)
            while instance is None and self.arriving:
                arrive(self, self.arriving[0])
                instance = self.spot(version)
            if instance is None:
                for one in placed:
                    one.copies = one.copies - Counter([version])
                raise Refused(rolled_back=True)
            instance.copies[version] += 1
            placed.append(instance)

    def remove(
        self, version: Revision, copies: int, *, release: bool = False, then: Revision | None = None
    ) -> None:
        """Take copies away: which ones, the policy says; ``then`` is what is placed next.

        ``release`` gives back the instances that this empties.
        """
        if copies <= 0:
            return
        holders = [instance for instance in self.instances if instance.copies[version]]
        gone = chosen_to_leave(self, holders, version, copies, then or version)
        for instance, n in zip(holders, gone, strict=True):
            instance.copies = instance.copies - Counter({version: n})
            spare = self.max_instances is not None and len(self.instances) > self.min_instances
            if release and n and not instance.total and spare:
                self.end(instance)

    def end(self, instance: Instance) -> None:
        """An instance is gone, and its quota free again."""
        self.instances.remove(instance)
        if instance.machine.name in self.quota_left:
            self.quota_left[instance.machine.name] += 1

    def spot(self, version: Revision) -> Instance | None:
        """Where a copy goes: the instance with room that the policy prefers, else one that is launched."""
        spots = [
            instance
            for instance in self.instances
            if not instance.going and slots(self.components, instance, version)
        ]
        return min(spots, key=preference(self, version), default=None) or self._launch(version)

    def _launch(self, version: Revision) -> Instance | None:
        count = len(self.instances) + len(self.arriving)
        if self.max_instances is None or count >= self.max_instances:
            return None
        usable = [machine for machine in self.machines.values() if self._may_launch(machine, version)]
        if self.policy is Policy.RANDOM:
            self.random.shuffle(usable)
        elif self.policy is Policy.ADVERSARIAL:
            usable.sort(key=lambda machine: self._slots_on_empty(machine, version))
        else:
            usable = [machine for machine in usable if self._slots_on_empty(machine, version)]
        if not usable or not self._slots_on_empty(usable[0], version):
            return None
        if usable[0].name in self.quota_left:
            self.quota_left[usable[0].name] -= 1
        return self.start(usable[0])

    def _may_launch(self, machine: Machine, version: Revision) -> bool:
        return self.quota_left.get(machine.name, 1) > 0 and (
            demand(self.components, version, machine.name) is not None
        )

    def _slots_on_empty(self, machine: Machine, version: Revision) -> int:
        return slots(self.components, Instance("", machine, ""), version)

    def start(self, machine: Machine) -> Instance:
        """One more instance of this type runs."""
        number = next(self._numbers)
        instance = Instance(f"i-{number}", machine, "us-east-1" + "abc"[number % 3])
        self.instances.append(instance)
        self.peak = max(self.peak, len(self.instances))
        return instance
