"""What a simulator run does must lie inside what the brute force says is possible."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from families import FAMILIES, drawn
from service import TooMany
from truth import answers

from icplan.testing.simulator import DeployedComponent, Machine, Motion, Policy, Refused, Simulator
from icplan.testing.simulator.motion import happen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from draw import Component, Draw, Json
    from truth import Truth

CASES = 60


def simulated(draw: Draw, variant: str, quota_left: dict[str, int], seed: int) -> Simulator:
    """A variant of a drawn endpoint as it really is."""
    machines = [
        Machine(name, int(cpu * 1000), int(memory), int(devices))
        for name in draw.pools[variant]
        for memory, cpu, devices in [draw.true[name]]
    ]
    here = [one for one in draw.instances if one.variant == variant]
    simulator = Simulator(
        machines,
        [one.type for one in here],
        max_instances=draw.most[variant],
        policy=list(Policy)[seed % len(Policy)],
        seed=seed,
        quota_left=quota_left,
    )
    for there, one in zip(simulator.instances, here, strict=True):
        there.copies = Counter({(name, 0): copies for name, copies in one.held.items()})
    for component in draw.components:
        if component.variant == variant:
            _deploy(simulator, component)
    _instances_in_motion(simulator, draw, variant)
    return simulator


def _deploy(simulator: Simulator, component: Component) -> None:
    holder = {
        name: {"ModelName": "model-1", "ComputeResourceRequirements": dict(entry)}
        for name, entry in component.needs.entries.items()
    }
    simulator.components[component.name] = DeployedComponent({0: holder, 1: holder})
    motion = Motion(component.name, component.status)
    match component.status:
        case "Deleting":
            motion.going = component.copies
        case "Updating":
            motion.coming, motion.replaces = component.copies, True
        case _:
            motion.coming = max(0, component.desired - component.copies)
            motion.going = max(0, component.copies - component.desired)
    if motion.coming or motion.going:
        simulator.motions.append(motion)


def _instances_in_motion(simulator: Simulator, draw: Draw, variant: str) -> None:
    """Some are of any type, others the idle ones of the lowest priority."""
    more = draw.desired[variant] - len(simulator.instances)
    if more > 0:
        simulator.arriving = simulator.random.choices(draw.pools[variant], k=more)
    idle = [instance for instance in simulator.instances if not instance.total]
    idle.sort(key=lambda instance: -draw.pools[variant].index(instance.machine.name))
    for instance in idle[: max(0, -more)]:
        instance.going = True


def quota_left(draw: Draw) -> dict[str, int]:
    used = Counter(one.type for one in draw.instances) + Counter(draw.elsewhere or {})
    return {name: most - used[name] for name, most in draw.quotas.items()}


def run(draw: Draw, calls: Sequence[Json], seed: int) -> list[str]:
    """How each request goes in one run: done, refused, rolled back, or stuck between old and new."""
    shared = quota_left(draw)
    simulators = {name: simulated(draw, name, shared, seed) for name in draw.pools}
    target = simulators["v"]
    for simulator in simulators.values():
        if simulator is not target:
            happen(simulator)
    for name in target.arriving:
        if name in shared:
            shared[name] -= 1
    found: list[str] = []
    for call in calls:
        held = {instance.id for instance in target.instances if instance.total}
        alarm = target.random.choice((None, None, 1, 2))
        try:
            done = target.apply(call, alarm_after=alarm)
        except Refused as error:
            return [*found, "refused" if error.rolled_back else "stuck"]
        if done.rolled_back:
            return [*found, "rolled back"]
        found.append("done")
        _release(target, held)
    return found


def _release(simulator: Simulator, held: set[str]) -> None:
    """Of the instances that the request has emptied some are given back."""
    if simulator.max_instances is None:
        return
    for instance in list(simulator.instances):
        emptied = instance.id in held and not instance.total
        if (
            emptied
            and len(simulator.instances) > simulator.min_instances
            and simulator.random.random() < 1 / 2
        ):
            simulator.end(instance)


def possible(result: str, truths: Sequence[Truth]) -> bool:
    """Whether the brute force allows this."""
    return any(
        {
            "done": truth.forward.works,
            "refused": truth.forward.fails,
            "rolled back": any(one.works for (_, done), one in truth.moments.items() if done),
            "stuck": any(one.fails for one in truth.moments.values()),
        }[result]
        for truth in truths
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_simulated_can_happen(family: str) -> None:
    results = Counter[str]()
    for number in range(CASES):
        draw, change = drawn(family, 7, number)
        calls = change if isinstance(change, list) else [change]
        try:
            truths = answers({"machines": draw.machines, "snapshot": draw.snapshot(), "change": change})
        except TooMany:
            continue
        for seed in range(len(Policy)):
            for place, result in enumerate(run(draw, calls, seed)):
                here = [one[place] for one in truths.values() if len(one) > place]
                assert possible(result, here), (family, number, seed, place, result)
                results[result] += 1
    assert results["done"] > CASES
    assert results["refused"]
