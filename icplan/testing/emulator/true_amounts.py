"""What instances of each type really offer to copies: what nobody outside is told."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from icplan.catalog.catalog import Catalog, from_ec2
from icplan.testing.simulator.instances import Machine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from icplan.catalog.types import Interval
    from icplan.testing.emulator.settings import Behaviour

_BOUNDLESS: Final = 10**9
"""What an instance of a type that nobody knows offers."""


class Machines:
    """The true amounts by type: given ones first, else as ``behaviour`` says of what the catalog knows."""

    def __init__(self, behaviour: Behaviour, given: Mapping[str, Mapping[str, float]], seed: int) -> None:
        self._behaviour, self._given, self._seed = behaviour, given, seed
        self._catalog = Catalog()

    def learn(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """Know more types, from what EC2 DescribeInstanceTypes answers."""
        self._catalog = self._catalog.with_types(from_ec2(entries))

    def accelerators(self, name: str) -> int | None:
        """The accelerators of a type; ``None`` where it is not known."""
        kind = self._catalog.get(name)
        return None if kind is None else kind.accelerators

    def machine(self, name: str, layout: Sequence[str] = ()) -> Machine:
        """The type as the simulator has it; memory in MiB and cpu in cores may have been given."""
        given, kind = self._given.get(name, {}), self._catalog.get(name)
        if kind is None:
            cores, memory, devices = _BOUNDLESS, _BOUNDLESS, _BOUNDLESS
        else:
            known = self._catalog.allocatable(kind)
            cores, memory = self._amount(name, "cpu", known.cpu), self._amount(name, "memory", known.memory)
            devices = kind.accelerators
        cpu = int(given["cpu"] * 1000) if "cpu" in given else cores
        devices = int(given.get("accelerators", devices))
        return Machine(name, cpu, int(given.get("memory", memory)), devices, tuple(layout))

    def _amount(self, name: str, what: str, known: Interval) -> int:
        match self._behaviour.allocatable:
            case "high":
                return known.high
            case "low":
                return known.low
            case _:
                draw = random.Random(f"{self._seed} {name} {what}")  # noqa: S311  (repeatable is what is wanted)
                return draw.randint(known.low, known.high)
