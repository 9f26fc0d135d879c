"""The remedy for pools of several types: let copies lie only on those that are large enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.verdict.remedy import Remedy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.remedies.trial import RemedyCandidate, RemedySearch


def types_that_hold_one(search: RemedySearch) -> list[str]:
    """The types to keep to, where a new component could name them; none where that says nothing new.

    Whether an update may go from one specification to several is not documented.
    """
    steps = search.judged.steps
    if "Specification" not in search.request or search.operation != "CreateInferenceComponent" or not steps:
        return []
    pools, slots = search.fleet.pools, search.question.about(steps[0].step).slots
    names = [pool.type.name for pool, (least, _) in zip(pools, slots, strict=True) if least]
    return names if len(names) < len(pools) else []


def restrict_types(search: RemedySearch) -> Iterator[RemedyCandidate]:
    """Name the types in Specifications, one entry each."""
    names = types_that_hold_one(search)
    if not names:
        return
    entries: list[dict[str, Any]] = [
        {**search.request["Specification"], "InstanceType": name} for name in names
    ]
    patch = (
        {"op": "remove", "path": "/Specification"},
        {"op": "add", "path": "/Specifications", "value": entries},
    )
    text = f"place it on {' and '.join(names)} only (Specifications with InstanceType)"
    remedy = Remedy("only-types", text, patch, search.goal)
    yield from search.found(remedy, [search.patched(*patch)], len(names))
