"""The families of cases, and the recipe of each.

``case(family, seed, number)`` draws one, always the same for the same arguments. All begin as `draw` says.

one-type     one instance type, at rest, 1 to 4 instances, 1 to 3 components. A creation of 1 to 4 copies, a
             scaling by up to 3 copies more, an update all at once, or a rolling update.
pools        the same on 2 or 3 types; each component has one specification for all types, or one for each of
             some types. One case in three has the quota of a type.
arriving     2 or 3 types, 1 to 3 instances, and 1 or 2 instances on their way, of a type that is not told.
motion       1 to 3 types; one of 1 or 2 other components is in motion: Creating or InService with copies
             still to come, InService with copies to go, Updating, or Deleting.
variants     two variants of one or two types, 1 or 2 instances each, that share a quota with 0 to 2 left; a
             component of the other variant is in motion. The change is of the first variant.
rollback     2 or 3 types, 1 or 2 components, a rolling update with batches of 1 or half of the copies (or a
             percentage), back in batches of 1 or all at once, perhaps to more or fewer copies.
sets         2 or 3 types, 1 or 2 components, two or three requests in order: creations, scalings, updates of
             both kinds, deletions.
scale-in     1 to 3 types, 2 to 4 instances, of which 1 or 2 idle ones are being taken away.
fractional   one or two CPU types; cores are decimals of which some copies come close to whole cores, from
             below and from above, such as 0.66666 and 0.66667. Changes as in one-type.

Managed instance scaling is on in four cases of five, with MaxInstanceCount 0 to 2 above what runs.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from draw import ENDPOINT, Component, Draw, Json, Needs

if TYPE_CHECKING:
    from collections.abc import Callable

NEW: Final = "fresh"


def case(family: str, seed: int, number: int) -> Json:
    """One case: ``machines`` (what instances offer), ``snapshot`` and ``change``."""
    draw, change = drawn(family, seed, number)
    return {"machines": draw.machines, "snapshot": draw.snapshot(), "change": change}


def drawn(family: str, seed: int, number: int) -> tuple[Draw, Json | list[Json]]:
    """The same with all that is true of the endpoint, but not shown."""
    draw = Draw(random.Random(f"{family}/{seed}/{number}"))  # noqa: S311  (repeatable is what is wanted)
    return draw, FAMILIES[family](draw)


def arguments(machines: Json) -> list[str]:
    """What instances offer, as ``--allocatable`` takes it."""
    return [
        f"{name}.{what}={low}..{high}" if low != high else f"{name}.{what}={low}"
        for name, offers in machines.items()
        for what, (low, high) in (("memory", offers["memory"]), ("cpu", offers["cpu"]))
    ]


# -- changes ----------------------------------------------------------------------------------------------


def create(draw: Draw, variant: str, name: str = NEW) -> Json:
    request = {
        "InferenceComponentName": name,
        "EndpointName": ENDPOINT,
        "VariantName": variant,
        **draw.needs(variant).holder("model-2"),
        "RuntimeConfig": {"CopyCount": draw.random.randint(1, 4)},
    }
    return {"Operation": "CreateInferenceComponent", "Request": request}


def scale(draw: Draw, one: Component) -> Json:
    wanted = max(0, one.copies + draw.random.randint(-1, 3))
    request = {"InferenceComponentName": one.name, "DesiredRuntimeConfig": {"CopyCount": wanted}}
    return {"Operation": "UpdateInferenceComponentRuntimeConfig", "Request": request}


def update(draw: Draw, one: Component, *, rolling: bool, model: str = "model-2") -> Json:
    same = draw.random.random() < 0.4
    needs = one.needs if same else draw.needs(one.variant, like=one.needs)
    request: Json = {"InferenceComponentName": one.name, **needs.holder(model)}
    if draw.random.random() < 0.3:
        request["RuntimeConfig"] = {"CopyCount": max(1, one.copies + draw.random.randint(-1, 2))}
    if rolling:
        request["DeploymentConfig"] = {"RollingUpdatePolicy": policy(draw, one.copies)}
    return {"Operation": "UpdateInferenceComponent", "Request": request}


def policy(draw: Draw, copies: int) -> Json:
    size: Json = {"Type": "COPY_COUNT", "Value": draw.random.choice((1, max(1, copies // 2)))}
    if draw.random.random() < 0.2:
        size = {"Type": "CAPACITY_PERCENT", "Value": draw.random.randint(5, 50)}
    found: Json = {"MaximumBatchSize": size, "WaitIntervalInSeconds": 60}
    if draw.random.random() < 0.6:
        found["RollbackMaximumBatchSize"] = {"Type": "COPY_COUNT", "Value": 1}
    return found


def any_change(draw: Draw, ready: list[Component], variant: str) -> Json:
    running = [one for one in ready if one.copies]
    how = draw.random.choice(("create", "scale", "update", "roll"))
    if how == "create" or not running:
        return create(draw, variant)
    chosen = draw.random.choice(running)
    if how == "scale":
        return scale(draw, chosen)
    return update(draw, chosen, rolling=how == "roll")


# -- families ---------------------------------------------------------------------------------------------


def _one_type(draw: Draw) -> Json:
    draw.variant("v", draw.types(1), draw.random.randint(1, 4))
    for name in "abc"[: draw.random.randint(1, 3)]:
        draw.component(name, "v")
    draw.grows("v")
    return any_change(draw, draw.components, "v")


def _pools(draw: Draw) -> Json:
    _fleet(draw, draw.random.randint(1, 4), draw.random.randint(1, 3))
    return any_change(draw, draw.components, "v")


def _fleet(draw: Draw, instances: int, components: int, *, fewest: int = 2, quota: float = 1 / 3) -> None:
    draw.variant("v", draw.types(draw.random.randint(fewest, 3)), instances)
    for name in "abc"[:components]:
        draw.component(name, "v")
    draw.grows("v")
    if draw.random.random() < quota:
        draw.quota()


def _arriving(draw: Draw) -> Json:
    _fleet(draw, draw.random.randint(1, 3), draw.random.randint(1, 2), quota=0)
    coming = draw.random.choice((1, 1, 2))
    draw.desired["v"] += coming
    if draw.random.random() < 0.3:
        draw.quota(usage=False)
    return any_change(draw, draw.components, "v")


def _motion(draw: Draw) -> Json:
    _fleet(draw, draw.random.randint(1, 3), draw.random.randint(1, 2), fewest=1, quota=0.2)
    set_moving(draw, draw.component("y", "v", 2))
    return any_change(draw, [one for one in draw.components if one.name != "y"], "v")


def set_moving(draw: Draw, one: Component) -> None:
    """One of the ways in which a component may be in motion."""
    how = draw.random.choice(("Creating", "more", "fewer", "Updating", "Deleting"))
    if how in {"Updating", "Deleting", "fewer"} and not one.copies:
        how = "Creating"
    if how in {"Creating", "more"}:
        one.desired = one.copies + draw.random.randint(1, 2)
    if how == "fewer":
        one.desired = draw.random.randint(0, one.copies - 1)
    one.status = how if how in {"Creating", "Updating", "Deleting"} else "InService"


def _variants(draw: Draw) -> Json:
    types = draw.types(draw.random.choice((1, 1, 2)))
    draw.variant("v", types, draw.random.randint(1, 2))
    draw.variant("w", types, draw.random.randint(1, 2))
    for name, variant in zip("ab"[: draw.random.randint(1, 2)], "vw", strict=False):
        draw.component(name, variant)
    moving = draw.component("y", "w", 2)
    if draw.random.random() < 0.8:
        set_moving(draw, moving)
    draw.grows("v")
    draw.grows("w")
    draw.quota()
    return any_change(draw, [one for one in draw.components if one.variant == "v"], "v")


def _rollback(draw: Draw) -> Json:
    _fleet(draw, draw.random.randint(1, 4), draw.random.randint(1, 2), quota=0.2)
    running = [one for one in draw.components if one.copies]
    if not running:
        return create(draw, "v")
    return update(draw, draw.random.choice(running), rolling=True)


def _sets(draw: Draw) -> list[Json]:
    _fleet(draw, draw.random.randint(1, 3), draw.random.randint(1, 2), quota=0.2)
    there = {one.name: one for one in draw.components}
    found = []
    for number in range(draw.random.randint(2, 3)):
        how = draw.random.choice(("create", "scale", "update", "roll", "delete"))
        ready = [one for one in there.values() if one.copies]
        if how == "create" or not ready:
            made = create(draw, "v", f"{NEW}-{number}")
        else:
            one = draw.random.choice(ready)
            if how == "delete":
                made = {
                    "Operation": "DeleteInferenceComponent",
                    "Request": {"InferenceComponentName": one.name},
                }
            elif how == "scale":
                made = scale(draw, one)
            else:
                made = update(draw, one, rolling=how == "roll", model=f"model-{number + 2}")
        found.append(made)
        _after(there, made)
    return found


def _after(there: dict[str, Component], made: Json) -> None:
    """What later requests of a set are drawn from."""
    request = made["Request"]
    name = request["InferenceComponentName"]
    if made["Operation"] == "DeleteInferenceComponent":
        del there[name]
        return
    before = there.get(name)
    needs = before.needs if before else Needs({})
    if "Specification" in request:
        needs = Needs({None: request["Specification"]["ComputeResourceRequirements"]})
    elif "Specifications" in request:
        entries = request["Specifications"]
        needs = Needs({one["InstanceType"]: one["ComputeResourceRequirements"] for one in entries})
    runtime = request.get("DesiredRuntimeConfig", request.get("RuntimeConfig", {}))
    copies = runtime.get("CopyCount", before.copies if before else 0)
    there[name] = Component(name, "v", needs, copies, copies)


def _scale_in(draw: Draw) -> Json:
    _fleet(draw, draw.random.randint(2, 4), draw.random.randint(1, 2), fewest=1, quota=0.3)
    idle = sum(not one.held.total() for one in draw.instances)
    draw.desired["v"] -= min(idle, draw.random.choice((1, 1, 2)))
    return any_change(draw, draw.components, "v")


def _fractional(draw: Draw) -> Json:
    draw.fractional = True
    draw.variant("v", draw.types(draw.random.choice((1, 1, 2)), cpu=True), draw.random.randint(1, 3))
    for name in "abc"[: draw.random.randint(1, 3)]:
        draw.component(name, "v")
    draw.grows("v")
    return any_change(draw, draw.components, "v")


FAMILIES: Final[dict[str, Callable[[Draw], Json | list[Json]]]] = {
    "one-type": _one_type,
    "pools": _pools,
    "arriving": _arriving,
    "motion": _motion,
    "variants": _variants,
    "rollback": _rollback,
    "sets": _sets,
    "scale-in": _scale_in,
    "fractional": _fractional,
}
