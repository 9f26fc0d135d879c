"""The plans and public instances of `tests/cases/plan` as problems of the cheapest fleet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icplan.packing import Condition, FleetItem, FleetOption, FleetProblem, InstanceLost

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER = Path(__file__).parent.parent / "cases" / "plan"


def cases(file: str) -> list[dict[str, Any]]:
    """The cases of `plans` or `vsbpp`, with what they should come to."""
    return [json.loads(line) for line in (FOLDER / f"{file}.jsonl").read_text("utf-8").splitlines()]


def fleet_problem(case: Mapping[str, Any]) -> FleetProblem:
    """The problem of a case."""
    options = tuple(
        FleetOption(b.get("Name", str(b["Capacity"])), tuple(b["Capacity"]), b["Cost"], b.get("Limit"))
        for b in case["Bins"]
    )
    items = tuple(
        FleetItem(f"item {number}", _demands(item, len(options))) for number, item in enumerate(case["Items"])
    )
    return FleetProblem(options, items, tuple(_conditions(case)))


def _demands(item: Mapping[str, Any], options: int) -> tuple[tuple[int, ...] | None, ...]:
    sizes = item["SizePerBin"] if "SizePerBin" in item else [item["Size"]] * options
    return tuple(None if size is None else tuple(size) for size in sizes)


def _conditions(case: Mapping[str, Any]) -> Iterator[Condition]:
    counts = tuple(item["Count"] for item in case["Items"])
    told = case.get("Conditions", ["each count vector x packs all counts"])
    if "each count vector x packs all counts" in told:
        yield Condition("rest", counts)
        return
    for k, item in enumerate(case["Items"]):
        yield Condition(f"update of {k}", (*counts[:k], counts[k] + item["Batch"], *counts[k + 1 :]))
    if len(told) > 1:
        for t in range(len(case["Bins"])):
            yield Condition(f"lost instance of {t}", counts, InstanceLost(t))
