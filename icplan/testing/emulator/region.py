"""The control plane of one account in one Region: all that is there, and what goes on in it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.testing.emulator.alarms import Alarms
from icplan.testing.emulator.component import deployed, images
from icplan.testing.emulator.ec2_stock import Capacity
from icplan.testing.emulator.metrics import Metrics
from icplan.testing.emulator.models_and_configs import images_of_model
from icplan.testing.emulator.quotas import Quotas
from icplan.testing.emulator.timed_steps import Process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from icplan.testing.emulator.clock import Clock
    from icplan.testing.emulator.component import Component
    from icplan.testing.emulator.copies import Copy
    from icplan.testing.emulator.endpoint import Endpoint
    from icplan.testing.emulator.fleet import Fleet, LiveInstance
    from icplan.testing.emulator.settings import Behaviour, Timing
    from icplan.testing.emulator.timed_steps import Steps
    from icplan.testing.emulator.true_amounts import Machines
    from icplan.testing.simulator.instances import DeployedComponent
    from icplan.testing.simulator.policies import Policy

_MAX_SECONDS: Final = 30 * 86400
"""Emulated seconds after which what has not settled will not."""


@attrs.frozen
class Event:
    """Something that happened: when, to which component or variant, what, and more of it."""

    at: float
    subject: str
    what: str
    details: Mapping[str, Any]


class Region:
    """One account's control plane in one Region."""

    def __init__(  # noqa: PLR0913  (what a Region is made of)
        self,
        account: str,
        name: str,
        clock: Clock,
        machines: Machines,
        *,
        timing: Timing,
        behaviour: Behaviour,
        policy: Policy,
        seed: int,
        quotas: Mapping[str, int] | None,
        capacity: Mapping[str, int | Mapping[str, int]] | None,
        judges: bool = True,
    ) -> None:
        self.account, self.name = account, name
        self.clock, self.machines = clock, machines
        self.timing, self.behaviour, self.policy, self.judges = timing, behaviour, policy, judges
        self.random = random.Random(seed)  # noqa: S311  (repeatable is what is wanted)
        self.models: dict[str, dict[str, Any]] = {}
        self.configs: dict[str, dict[str, Any]] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.components: dict[str, Component] = {}
        self.deployed: dict[str, DeployedComponent] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.events: list[Event] = []
        self.broken_images: set[str] = set()
        self.generation = 0
        self.capacity = Capacity(name, capacity)
        self.quotas = Quotas(self, quotas)
        self.alarms = Alarms(self)
        self.metrics = Metrics(self)
        self._instances = self._containers = 0

    def arn(self, kind: str, name: str) -> str:
        """The ARN of a thing of SageMaker's."""
        partition = "aws-cn" if self.name.startswith("cn-") else "aws"
        return f"arn:{partition}:sagemaker:{self.name}:{self.account}:{kind}/{name.lower()}"

    def new_instance_id(self) -> str:
        """``i-`` and a number that no other instance has."""
        self._instances += 1
        return f"i-{self._instances:017x}"

    def new_container_id(self) -> str:
        """An id that no other copy's container has."""
        self._containers += 1
        return f"{self._containers:08x}"

    # -- what goes on ---------------------------------------------------------------------------------------

    def after(self, delay: float, action: Callable[[], object]) -> None:
        """Do something later, and what follows from it."""

        def due() -> None:
            action()
            self.changed()
            self.go_on()

        self.clock.after(delay, due)

    def changed(self) -> None:
        """Something is otherwise than before: who waits looks again."""
        self.generation += 1

    def next_change(self, deadline: float | None = None) -> Callable[[], bool]:
        """Holds once anything has changed, or the deadline has come."""
        seen = self.generation
        return lambda: self.generation != seen or (deadline is not None and self.clock.now >= deadline)

    def go_on(self) -> None:
        """Let everything in motion go on as far as it can now."""
        moved = True
        while moved:
            moves = [process.advance() for process in self._processes()]
            moved = any(moves)
        self.metrics.sample()

    def _processes(self) -> list[Process]:
        owners: list[Endpoint | Component] = [*self.endpoints.values(), *self.components.values()]
        return [owner.process for owner in owners if owner.process is not None]

    def begin(self, owner: Endpoint | Component, steps: Steps) -> None:
        """Set something in motion."""
        owner.process = Process(steps)
        self.changed()
        self.go_on()

    @property
    def unsettled(self) -> bool:
        """Whether a write is still being carried out."""
        return any(not process.done for process in self._processes())

    def run_until_settled(self) -> None:
        """Let time pass until every write is carried out, or nothing more will happen."""
        last = self.clock.now + _MAX_SECONDS
        while self.unsettled:
            due = self.clock.next_due()
            if due is None or due > last:
                return
            self.clock.step()

    # -- what is there --------------------------------------------------------------------------------------

    def add_component(self, component: Component) -> None:
        """A component is there."""
        self.components[component.name] = component
        self.deployed[component.name] = deployed(component)

    def revise(self, component: Component) -> None:
        """A component has another specification."""
        self.deployed[component.name] = deployed(component)

    def forget(self, component: Component) -> None:
        """A component is gone."""
        self.components.pop(component.name, None)
        self.deployed.pop(component.name, None)
        self.tags.pop(component.arn, None)
        self.note(component.name, "gone")
        self.changed()

    def settled(self, component: Component) -> None:
        """A write to a component is over: forget what no copy has any more."""
        kept = {component.revision, *(one.revision for one in component.copies)}
        component.entries = {number: one for number, one in component.entries.items() if number in kept}
        self.revise(component)
        self.changed()

    def copies_on(self, instance: LiveInstance) -> list[Copy]:
        """The copies on an instance."""
        return [one for each in self.components.values() for one in each.copies if one.instance is instance]

    def leaving(self, fleet: Fleet) -> bool:
        """Whether room or a place among the instances of a fleet is about to become free."""
        return any(one.going for one in fleet.instances) or any(
            one.fleet is fleet and one.state.name == "STOPPING"
            for each in self.components.values()
            for one in each.copies
        )

    def anything_leaving(self) -> bool:
        """Whether any instance is being taken away, which a quota counts until it is gone."""
        return any(one.going for fleet in self.fleets() for one in fleet.instances)

    def fleets(self) -> Iterator[Fleet]:
        """All fleets."""
        for endpoint in self.endpoints.values():
            yield from endpoint.fleets()

    def beside(self, fleet: Fleet) -> int:
        """The instances that one more of a fleet is held against by a quota on one endpoint's instances.

        Those of a fleet that is to take another's place count alone; whether AWS counts both is not known.
        """
        for endpoint in self.endpoints.values():
            for variants in ((*endpoint.variants.values(), *endpoint.shadows.values()), endpoint.coming()):
                fleets = [one.fleet for one in variants if one.fleet is not None]
                if fleet in fleets:
                    return sum(len(one.instances) for one in fleets)
        return len(fleet.instances)

    def breaks(self, specification: Mapping[str, Any]) -> bool:
        """Whether a container of this specification never starts, by its image or its model's."""
        named = set(images([specification]))
        for model in filter(None, map(self.models.get, tuple(named))):
            named |= set(images_of_model(model))
        return bool(self.broken_images & named)

    def note(self, subject: str, what: str, **details: Any) -> None:
        """Keep what happened."""
        self.events.append(Event(self.clock.now, subject, what, details))

    def history(self, subject: str) -> list[Event]:
        """What happened to a component, or to a variant (``endpoint/variant``)."""
        return [event for event in self.events if event.subject == subject]

    def components_of(self, endpoint: Endpoint) -> Iterable[Component]:
        """The components on an endpoint."""
        return [one for one in self.components.values() if one.endpoint is endpoint]
