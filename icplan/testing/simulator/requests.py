"""Requests as the simulator reads them: specifications per instance type, merges, batches."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.testing.simulator.instances import Json

_WHOLE = 100


def specification(request: Json) -> dict[str | None, Json]:
    """What a request says of each instance type; the key ``None`` stands for any type."""
    if "Specification" in request:
        return {None: copy.deepcopy(request["Specification"])}
    found: dict[str | None, Json] = {}
    for entry in copy.deepcopy(request.get("Specifications", [])):
        found[entry.pop("InstanceType")] = entry
    return found


def merged(now: Mapping[str | None, Json], asked: Mapping[str | None, Json]) -> dict[str | None, Json]:
    """The specification after an update: members left out keep their value, types left out are gone."""
    if not asked:
        return dict(now)
    return {kind: _over(now.get(kind, {}), entry) for kind, entry in asked.items()}


def _over(now: Any, asked: Any) -> Any:
    if not (isinstance(now, dict) and isinstance(asked, dict)):
        return asked
    return now | {member: _over(now.get(member), value) for member, value in asked.items()}


def batch(size: Json, copies: int) -> int:
    """How many copies a batch has: at least one, at most all; a percentage is rounded up."""
    value = int(size["Value"])
    if size["Type"] == "CAPACITY_PERCENT":
        value = -(-value * copies // _WHOLE)
    return max(1, min(copies, value))
