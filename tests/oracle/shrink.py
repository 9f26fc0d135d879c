"""A counterexample made smaller, as long as it is one of the same kind."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from compare import Compared, compare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from draw import Json


def shrunk(found: Compared, most: int = 300) -> Compared:
    """The smallest that taking away one thing after another leads to, within so many tries."""
    tries = 0
    smaller = True
    while smaller and tries < most:
        smaller = False
        for drawn in _less(found.case):
            tries += 1
            if (better := _same_kind(drawn, found)) is not None:
                found, smaller = better, True
                break
    return found


def _same_kind(drawn: Json, found: Compared) -> Compared | None:
    try:
        better = compare(drawn)
    except (ValueError, KeyError, AssertionError):
        return None  # no snapshot of anything that can be, or no request of anything that is there
    return better if better.worst == found.worst else None


def _less(case: Json) -> Iterator[Json]:
    """The case with one thing less, in every way."""
    for where in range(len(case["snapshot"]["InferenceComponents"])):
        yield _edited(case, lambda c, n=where: c["snapshot"]["InferenceComponents"].pop(n))
    if isinstance(case["change"], list) and len(case["change"]) > 1:
        for where in range(len(case["change"])):
            yield _edited(case, lambda c, n=where: c["change"].pop(n))
    for name in ("Quotas", "InstancesInUse"):
        if name in case["snapshot"]:
            yield _edited(case, lambda c, n=name: c["snapshot"].pop(n))
    yield from _fewer_instances(case)
    yield from _fewer_copies(case)


def _fewer_instances(case: Json) -> Iterator[Json]:
    shown = case["snapshot"]["Endpoint"]["ProductionVariants"]
    for which, variant in enumerate(shown):
        for pool, one in enumerate(variant.get("InstancePools", [{"CurrentInstanceCount": 0}])):
            if one["CurrentInstanceCount"] or "InstancePools" not in variant:
                yield _edited(case, lambda c, v=which, p=pool: _instance_less(c, v, p))
            elif len(variant["InstancePools"]) > 1:
                yield _edited(case, lambda c, v=which, p=pool: _pool_less(c, v, p))
        scaling = case["snapshot"]["EndpointConfig"]["ProductionVariants"][which].get(
            "ManagedInstanceScaling"
        )
        if scaling and scaling["MaxInstanceCount"] > 1:
            yield _edited(case, lambda c, v=which: _maximum_less(c, v))


def _instance_less(case: Json, which: int, pool: int) -> None:
    variant = case["snapshot"]["Endpoint"]["ProductionVariants"][which]
    for count in ("CurrentInstanceCount", "DesiredInstanceCount"):
        variant[count] = max(0, variant[count] - 1)
    if "InstancePools" in variant:
        variant["InstancePools"][pool]["CurrentInstanceCount"] -= 1


def _pool_less(case: Json, which: int, pool: int) -> None:
    variant = case["snapshot"]["Endpoint"]["ProductionVariants"][which]
    name = variant["InstancePools"].pop(pool)["InstanceType"]
    configured = case["snapshot"]["EndpointConfig"]["ProductionVariants"][which]
    if len(configured["InstancePools"]) == 2:
        raise KeyError(name)
    pools = [one for one in configured["InstancePools"] if one["InstanceType"] != name]
    configured["InstancePools"] = pools
    for holder in [*case["snapshot"]["InferenceComponents"], *(one["Request"] for one in _calls(case))]:
        if "Specifications" in holder:
            kept = [one for one in holder["Specifications"] if one["InstanceType"] != name]
            holder["Specifications"] = kept or holder["Specifications"][:1]


def _maximum_less(case: Json, which: int) -> None:
    configured = case["snapshot"]["EndpointConfig"]["ProductionVariants"][which]
    configured["ManagedInstanceScaling"]["MaxInstanceCount"] -= 1


def _fewer_copies(case: Json) -> Iterator[Json]:
    for which, one in enumerate(case["snapshot"]["InferenceComponents"]):
        runtime = one["RuntimeConfig"]
        if "PlacementStatus" in runtime:
            yield _edited(case, lambda c, n=which: _runtime(c, n).pop("PlacementStatus"))
        elif runtime["CurrentCopyCount"] or runtime["DesiredCopyCount"]:
            yield _edited(case, lambda c, n=which: _copy_less(_runtime(c, n)))
    for which, call in enumerate(_calls(case)):
        for name in ("RuntimeConfig", "DesiredRuntimeConfig"):
            if call["Request"].get(name, {}).get("CopyCount", 0) > 1:
                yield _edited(case, lambda c, w=which, n=name: _wanted_less(_calls(c)[w]["Request"][n]))


def _runtime(case: Json, which: int) -> Json:
    runtime: Json = case["snapshot"]["InferenceComponents"][which]["RuntimeConfig"]
    return runtime


def _copy_less(runtime: Json) -> None:
    for count in ("CurrentCopyCount", "DesiredCopyCount"):
        runtime[count] = max(0, runtime[count] - 1)


def _wanted_less(runtime: Json) -> None:
    runtime["CopyCount"] -= 1


def _calls(case: Json) -> list[Json]:
    change = case["change"]
    return change if isinstance(change, list) else [change]


def _edited(case: Json, edit: Any) -> Json:
    """A copy that has been edited; an edit that cannot be made leaves it as it is, or broken."""
    other = copy.deepcopy(case)
    try:
        edit(other)
    except KeyError:
        return {"machines": {}, "snapshot": {}, "change": []}
    return other
