"""What a plan surely promises is held by a simulated endpoint, wherever copies are placed, and by `check`.

As a program, this file counts what came of many sets of components:

    PYTHONPATH=tests python tests/planning/test_plan_is_true.py [SETS [SEED]]
"""

from __future__ import annotations

import sys
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from support.drawn_components import KNOWN, PRICES, SETTINGS, Size, drawn_components

import icplan
from icplan.testing.simulator import Machine, Policy, Refused, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.verdict.fleet_plan import Plan, PlannedComponent

#: What is held, and within what.
HOLDS = (
    (("rest", "update", "rollback"), "peak"),
    (("rest", "update", "rollback"), "steady"),
    (("rest", "autoscaling", "autoscaling+update"), "peak"),
    (("rest", "update", "lost-instance"), "peak"),
    (("rest", "lost-zone:3"), "peak"),
)
#: Seeds of each policy that leaves things to chance.
CHANCES = 5
FITS = ("fits", "fits-after-scale-out")


def planned(random: Random, size: Size) -> tuple[Plan, tuple[str, ...]]:
    """A plan for drawn components, and what it is to hold."""
    hold, within = random.choice(HOLDS)
    components = drawn_components(random, size)
    # Effort alone ends a search, so that a busy machine plans the same.
    settings: dict[str, Any] = {"allocatable": SETTINGS, "time_limit": 3600}
    return icplan.plan(components, prices=PRICES, hold=hold, within=within, **settings), hold


def policies(random: Random) -> Iterator[tuple[Policy, int]]:
    """Every policy, and with each several courses of chance."""
    for policy in Policy:
        for _ in range(CHANCES if policy in (Policy.RANDOM, Policy.ADVERSARIAL) else 1):
            yield policy, random.randrange(10**6)


def on_its_fleet(plan: Plan, random: Random, policy: Policy, seed: int) -> Simulator:
    """The proposed fleet, which offers something between what is known, with all components created."""
    assert plan.steady is not None
    assert plan.peak is not None
    (steady,), (peak,) = plan.steady, plan.peak
    cores, memory, devices = KNOWN[steady.type]
    machine = Machine(
        steady.type,
        random.randint(cores[0] * 1000, cores[1] * 1000),
        random.randint(*memory),
        accelerators=devices,
    )
    simulator = Simulator(
        [machine],
        [steady.type] * steady.instances,
        min_instances=steady.instances,
        max_instances=peak.instances,
        policy=policy,
        seed=seed,
    )
    for one in plan.components:
        simulator.apply({"Operation": "CreateInferenceComponent", "Request": dict(one.request)})
    return simulator


def update_of(one: PlannedComponent) -> dict[str, Any]:
    """A new model, with the same requirements, by the component's own policy."""
    specification = {**one.request["Specification"], "ModelName": "v2"}
    request = {"InferenceComponentName": one.name, "Specification": specification}
    if one.deployment is not None:
        request["DeploymentConfig"] = one.deployment
    return {"Operation": "UpdateInferenceComponent", "Request": request}


def batches(one: PlannedComponent) -> int:
    """The batches of its update."""
    return -(-one.copies // one.batch) if one.rolls else 0


def hold_promises(plan: Plan, hold: tuple[str, ...], simulator: Simulator, random: Random) -> int:
    """Let everything happen that is to be held, each from the same beginning; Refused is a broken promise."""
    done = 0
    if "autoscaling" in hold:
        scale(plan, scaled := simulator.fork(), random)
        done += 1
        for one in plan.components:
            scaled.fork().apply(update_of(one))
            done += 1
    elif "update" in hold:
        for one in plan.components:
            simulator.fork().apply(update_of(one))
            done += 1
            for number in range(1, batches(one) + 1) if "rollback" in hold else ():
                simulator.fork().apply(update_of(one), alarm_after=number)
                done += 1
    if "lost-instance" in hold:
        for number in range(len(simulator.instances)):
            lose(simulator.fork(), [number], random)
            done += 1
    if "lost-zone:3" in hold:
        for zone in range(3):
            lose(simulator.fork(), [n for n in range(len(simulator.instances)) if n % 3 == zone], random)
            done += 1
    return done


def scale(plan: Plan, simulator: Simulator, random: Random) -> None:
    """Give components their most copies, one copy after another in any order."""
    more = [one for one in plan.components for _ in range(one.most - one.copies)]
    random.shuffle(more)
    for one in more:
        simulator.place((one.name, simulator.components[one.name].version), 1)


def lose(simulator: Simulator, numbers: list[int], random: Random) -> None:
    """Take instances away, and place what lay on them again on those that stay, in any order."""
    gone = [simulator.instances[number] for number in numbers]
    simulator.instances = [one for one in simulator.instances if one not in gone]
    simulator.max_instances = len(simulator.instances)
    lost = [version for one in gone for version, n in one.copies.items() for _ in range(n)]
    random.shuffle(lost)
    for version in lost:
        simulator.place(version, 1)


def try_set(seed: int, size: Size, seen: Counter[str]) -> None:
    """Plan for one set, and let its promises be tried under every policy."""
    random = Random(seed)  # noqa: S311  (repeatable is what is wanted)
    plan, hold = planned(random, size)
    seen[f"plan {plan.outcome}"] += 1
    if plan.steady is None or plan.peak is None:
        return
    for policy, chance in policies(random):
        try:
            simulator = on_its_fleet(plan, random, policy, chance)
            seen["events"] += hold_promises(plan, hold, simulator, random)
        except Refused as refused:
            raise AssertionError(
                f"set {seed}, {policy} {chance}, {hold}: {plan.steady}, {plan.peak}"
            ) from refused
        seen["worlds"] += 1


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2))
def test_what_a_plan_promises_holds_under_every_policy(part: int) -> None:
    """On fleets that offer anything between what is known, in every order of what may happen."""
    seen: Counter[str] = Counter()
    for number in range(6):
        try_set(1000 * part + number, Size(3, 4), seen)
    assert seen["worlds"] > 20
    assert seen["plan optimal"] >= 5


@pytest.mark.slow
def test_a_rollback_counts_on_what_the_update_has_launched() -> None:
    """The last batch is smaller than what a rollback takes back: seven new copies, three old, one each."""
    seen: Counter[str] = Counter()
    try_set(10244, Size(5, 8), seen)
    assert seen["worlds"] == 13


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_check_says_the_same(seed: int) -> None:
    """The requests that make the fleet fit one after another, and so does the update of each component."""
    random = Random(seed)  # noqa: S311
    components = drawn_components(random, Size(3, 4))
    plan = icplan.plan(components, prices=PRICES, allocatable=SETTINGS)
    assert plan.steady is not None
    verdict = icplan.check(plan.requests(), allocatable=SETTINGS)
    assert verdict.outcome in FITS
    simulator = on_its_fleet(plan, random, Policy.ADVERSARIAL, seed)
    for one in plan.components:
        judged = icplan.check(update_of(one), simulator.snapshot(), allocatable=SETTINGS)
        assert judged.outcome in FITS
        assert all(change.rollback_outcome in (None, *FITS) for change in judged.changes)


def main(sets: int, seed: int) -> None:
    """Try many sets, and tell what came of them, in between too."""
    seen: Counter[str] = Counter()
    broken = 0
    for number in range(1, sets + 1):
        try:
            try_set(seed + number - 1, Size(5, 8), seen)
        except AssertionError as error:
            broken += 1
            print(error)  # noqa: T201
        if not number % 50 or number == sets:
            counts = ", ".join(f"{count} {name}" for name, count in sorted(seen.items()))
            print(f"{broken} broken promises in {number} sets: {counts}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*(int(text) for text in (*sys.argv[1:], *("500", "0")[len(sys.argv) - 1 :])[:2]))
