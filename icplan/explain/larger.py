"""Which instance type would hold a copy that is too large for the one there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.catalog.catalog import builtin_types

if TYPE_CHECKING:
    from icplan.catalog.catalog import Catalog
    from icplan.catalog.types import InstanceType
    from icplan.fleet.model import Demand
    from icplan.spec.described import Requirements


def larger_type(now: InstanceType, need: Demand, catalog: Catalog) -> InstanceType | None:
    """The smallest type of the same family of which an empty instance surely holds a copy."""
    required = need.requirements.get(None)
    if required is None or required.partition is not None:
        return None
    family = now.name.rpartition(".")[0]
    names = {*builtin_types(), *catalog.types}
    there = (catalog.lookup(name) for name in names if name.rpartition(".")[0] == family)
    enough = (kind for kind in there if _surely_holds(kind, required, catalog))
    return min(enough, key=lambda kind: (kind.vcpu, kind.memory_mib, kind.name), default=None)


def _surely_holds(kind: InstanceType, required: Requirements, catalog: Catalog) -> bool:
    sure = catalog.allocatable(kind)
    return (
        kind.accelerators >= required.accelerators
        and sure.memory.low >= required.memory_mib
        and sure.cpu.low >= required.cpu_millicores
    )
