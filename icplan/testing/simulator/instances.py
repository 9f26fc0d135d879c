"""Instances of a simulated endpoint: what their type offers, what they hold, and how much room is left."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS = 10**9
"""Parts of a core: decimals are counted as they are written, so that a sum of them is exact."""

Json: TypeAlias = dict[str, Any]
#: A component's name and the number of its specification; copies of either lie side by side in an update.
Revision: TypeAlias = tuple[str, int]


@attrs.frozen
class Machine:
    """What an instance of a type really offers to copies; ``layout`` cuts each accelerator into parts."""

    name: str
    cpu_millicores: int
    memory_mib: int
    accelerators: int = 0
    layout: tuple[str, ...] = ()

    @property
    def offers(self) -> Counter[str]:
        """Amounts by resource."""
        whole = {"cpu": self.cpu_millicores * _PARTS // 1000, "memory": self.memory_mib}
        if self.layout:
            return Counter(whole) + Counter(self.layout * self.accelerators)
        return Counter(whole | {"accelerators": self.accelerators})


@attrs.define(eq=False)
class Instance:
    """A running instance, and how many copies of which version it holds.

    ``going`` is set on one that is being taken away: it takes no copies, and counts until it is gone.
    """

    id: str
    machine: Machine
    zone: str
    copies: Counter[Revision] = attrs.field(factory=Counter)
    going: bool = False

    @property
    def total(self) -> int:
        """All copies on it."""
        return self.copies.total()

    def holds(self, component: str) -> int:
        """Its copies of a component, old and new."""
        return sum(n for (name, _), n in self.copies.items() if name == component)


@attrs.define
class DeployedComponent:
    """A component: its specifications by number, and which of them is in force."""

    specifications: dict[int, dict[str | None, Json]]
    version: int = 0
    reckoned: dict[tuple[int, str], tuple[Json, Counter[str]]] = attrs.field(
        factory=dict, eq=False, repr=False
    )

    @property
    def now(self) -> dict[str | None, Json]:
        """The specification in force."""
        return self.specifications[self.version]


def demand(
    components: Mapping[str, DeployedComponent], version: Revision, machine: str
) -> Counter[str] | None:
    """What a copy reserves on a type; ``None`` where it has no specification. Not to be changed."""
    component = components[version[0]]
    specification = component.specifications[version[1]]
    entry = specification.get(machine, specification.get(None))
    if entry is None:
        return None
    before = component.reckoned.get((version[1], machine))
    if before is None or before[0] is not entry:
        before = component.reckoned[version[1], machine] = (entry, _amounts(entry))
    return before[1]


def _amounts(entry: Json) -> Counter[str]:
    asked = entry["ComputeResourceRequirements"]
    amounts = Counter(
        {
            "memory": asked["MinMemoryRequiredInMb"],
            "cpu": math.ceil(Fraction(str(asked.get("NumberOfCpuCoresRequired", 0))) * _PARTS),
        }
    )
    if "AcceleratorPartitionType" in asked:
        amounts[asked["AcceleratorPartitionType"]] = 1
    else:
        amounts["accelerators"] = int(asked.get("NumberOfAcceleratorDevicesRequired", 0))
    return amounts


def slots(
    components: Mapping[str, DeployedComponent],
    instance: Instance,
    version: Revision,
    held: Counter[Revision] | None = None,
) -> int:
    """How many more copies an instance takes, as it is or if it held others."""
    asked = demand(components, version, instance.machine.name)
    if asked is None:
        return 0
    free = instance.machine.offers
    for other, n in (instance.copies if held is None else held).items():
        for resource, amount in (demand(components, other, instance.machine.name) or Counter()).items():
            free[resource] -= n * amount
    return max(0, min(free[resource] // amount for resource, amount in asked.items() if amount))
