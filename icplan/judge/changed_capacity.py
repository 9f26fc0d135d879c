"""What a declared configuration says of capacity otherwise than the one that runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.inputs.deployment import DeclaredCall
    from icplan.snapshot.snapshot import Snapshot

_CAPACITY: Final = (
    "InstanceType",
    "InitialInstanceCount",
    "InstancePools",
    "ManagedInstanceScaling",
    "AcceleratorPartitionLayouts",
    "CapacityReservationConfig",
)
_MOST: Final = "MaxInstanceCount"
_MAX_SHOWN: Final = 80


def changed_capacity(configuration: DeclaredCall, snapshot: Snapshot) -> list[tuple[str, str, str, str]]:
    """Where the configuration is another than the one that runs: the path, what, as declared, as it runs."""
    running = {one["VariantName"]: one for one in snapshot.data["EndpointConfig"]["ProductionVariants"]}
    declared = configuration.request.get("ProductionVariants")
    variants = declared if isinstance(declared, list) else []
    found = list(_differences(variants, running))
    names = [one.get("VariantName") for one in variants if isinstance(one, dict)]
    found += [
        ("$.ProductionVariants", f"variant {name}", "not there", "there")
        for name in running
        if name not in names
    ]
    return found


def _differences(
    variants: list[Any], running: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, str, str, str]]:
    for number, variant in enumerate(variants):
        path = f"$.ProductionVariants[{number}]"
        there = running.get(str(variant.get("VariantName"))) if isinstance(variant, dict) else None
        if there is None:
            yield path, "the variant", "declared", "not there"
            continue
        for member in _CAPACITY:
            now, before = variant.get(member), there.get(member)
            gone = now is None and before is not None and member != "InitialInstanceCount"
            if gone or (now is not None and not _same(now, before)):
                yield f"{path}.{member}", member, _short(now), _short(before)


def _same(declared: Any, described: Any) -> bool:
    """Whether all that is declared is there; a description may tell what was left to its default, too.

    How many instances there may be has no default that is the number there was.
    """
    if isinstance(declared, dict) and isinstance(described, dict):
        if _MOST in described and _MOST not in declared:
            return False
        return all(_same(value, described.get(name)) for name, value in declared.items())
    return bool(declared == described)


def _short(value: Any) -> str:
    if value is None:
        return "not set"
    text = json.dumps(value)
    return text if len(text) <= _MAX_SHOWN else "otherwise"
