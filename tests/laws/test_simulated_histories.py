"""Promises and refusals held against a simulated endpoint, through histories of random operations.

The simulator holds what nobody is told: what instances really offer, and where each copy lies. As a program,
this file counts what came of many histories:

    PYTHONPATH=tests python tests/laws/test_simulated_histories.py [HISTORIES [SEED]]
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

import icplan
from icplan.testing.simulator import DeployedComponent, Machine, Policy, Refused, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Types with what is known of them: cores and memory from low to high, devices.
KNOWN = {
    "ml.g5.12xlarge": ((40, 44), (65536, 98304), 4),
    "ml.g5.2xlarge": ((6, 7), (16384, 24576), 1),
    "ml.p5.4xlarge": ((12, 13), (32768, 49152), 1),
}
#: How the accelerators of a type are cut, where they are.
LAYOUTS = {"ml.p5.4xlarge": ("mig-3g.40gb", "mig-2g.20gb", "mig-2g.20gb")}
SETTINGS = [
    text
    for name, (cores, memory, _) in KNOWN.items()
    for text in (f"{name}.cpu={cores[0]}..{cores[1]}", f"{name}.memory={memory[0]}..{memory[1]}")
]
NAMES = ("llama", "mistral", "qwen")
SEEN: Counter[str] = Counter()
#: Parts that can run side by side, and how many times as many histories as other examples CI draws in each.
PARTS, LONGER = 4, 1


def computes() -> st.SearchStrategy[dict[str, Any]]:
    """Requirements of which an instance takes a few."""
    return st.builds(
        lambda memory, cores, devices: {
            "MinMemoryRequiredInMb": memory,
            "NumberOfCpuCoresRequired": cores,
            "NumberOfAcceleratorDevicesRequired": devices,
        },
        st.sampled_from((1024, 6000, 8192, 12288, 20480, 24576)),
        st.sampled_from((0.5, 1, 3, 6.5)),
        st.sampled_from((1, 1, 2, 3)),
    )


def specified(entries: Mapping[str | None, dict[str, Any]]) -> dict[str, Any]:
    """Specifications by instance type as a request holds them; the key ``None`` stands for any type."""
    if None in entries:
        return {"Specification": entries[None]}
    return {"Specifications": [{"InstanceType": kind, **entry} for kind, entry in entries.items()]}


class Histories(RuleBasedStateMachine):
    """An endpoint, and changes of it; each is judged before it is asked for."""

    simulator: Simulator

    @initialize(data=st.data(), scales=st.booleans(), most=st.integers(0, 3), names=st.data())
    def start(self, data: st.DataObject, scales: bool, most: int, names: st.DataObject) -> None:
        """Draw what is hidden: the real amounts, within what is known."""
        SEEN["histories"] += 1
        kinds = names.draw(
            st.sampled_from(
                [
                    ("ml.g5.12xlarge",),
                    ("ml.g5.2xlarge", "ml.g5.12xlarge"),
                    ("ml.g5.2xlarge",),
                    ("ml.p5.4xlarge",),
                ]
            )
        )
        machines = []
        for name in kinds:
            cores, memory, devices = KNOWN[name]
            cpu = data.draw(st.integers(cores[0] * 1000, cores[1] * 1000))
            layout = LAYOUTS.get(name, ())
            machines.append(Machine(name, cpu, data.draw(st.integers(*memory)), devices, layout))
        running = data.draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3))
        limit = len(running) + most if scales else None
        self.simulator = Simulator(machines, running, max_instances=limit)

    def ask(self, data: st.DataObject, operation: str, request: dict[str, Any]) -> None:
        """Judge the change, then see what comes of it under every policy; go on with one of them."""
        change = {"Operation": operation, "Request": request}
        if data.draw(st.booleans()):
            self.simulator.release_idle()
        shown = self.simulator.snapshot(located=data.draw(st.booleans()), by_type=data.draw(st.booleans()))
        release = data.draw(st.booleans())
        assume = {"emptied-instances": "released" if release else "kept"}
        taken = icplan.Snapshot.from_dict(shown)
        (verdict,) = icplan.check(change, taken, allocatable=SETTINGS, assume=assume).changes
        outcome = verdict.outcome
        if outcome in {icplan.Outcome.INVALID, icplan.Outcome.BLOCKED}:
            raise AssertionError(verdict.findings)
        event(f"{operation}: {outcome}")
        SEEN[f"{operation}: {outcome}"] += 1
        ends = []
        seed = data.draw(st.integers(0, 9))
        for policy in Policy:
            end = self.simulator.fork(policy, seed)
            try:
                done = end.apply(change, release=release)
            except Refused as refused:
                back = refused.rolled_back
                SEEN[f"  refused, judged {outcome}"] += 1
                assert not outcome.fits, policy
                assert back or not (verdict.rollback_outcome and verdict.rollback_outcome.fits), policy
                ends += [end] if back else []
            else:
                assert outcome is not icplan.Outcome.DOES_NOT_FIT, policy
                SEEN[f"  done, judged {outcome}"] += 1
                if outcome.fits:
                    assert verdict.peak_instances is not None
                    assert done.peak_instances <= verdict.peak_instances, policy
                ends.append(end)
        self._alarm(data, change, verdict, release)
        if ends:
            self.simulator = data.draw(st.sampled_from(ends))

    def _alarm(self, data: st.DataObject, change: dict[str, Any], verdict: Any, release: bool) -> None:
        """An alarm rolls the update back: where the rollback is promised, nothing is refused."""
        if verdict.rollback_outcome is None or not verdict.rollback_outcome.fits:
            return
        after = data.draw(st.integers(0, 4))
        for policy in Policy:
            try:
                end = self.simulator.fork(policy)
                back = end.apply(change, alarm_after=after, release=release).rolled_back
            except Refused as refused:
                back = refused.rolled_back
                assert back, policy
            SEEN[f"  rolled back, judged {verdict.rollback_outcome}"] += back

    @precondition(lambda self: len(self.simulator.components) < len(NAMES))
    @rule(data=st.data(), compute=computes(), copies=st.integers(1, 4))
    def create(self, data: st.DataObject, compute: dict[str, Any], copies: int) -> None:
        """A new component."""
        name = next(name for name in NAMES if name not in self.simulator.components)
        asked = {"InferenceComponentName": name, "EndpointName": "simulated", "VariantName": "AllTraffic"}
        kinds: tuple[str | None, ...] = (None,)
        if len(self.simulator.machines) > 1 and data.draw(st.booleans()):
            # A specification per type; copies lie on no other.
            kinds = tuple(data.draw(st.sampled_from((("ml.g5.12xlarge",), tuple(self.simulator.machines)))))
        entries = {kind: self.entry(data, "m-1", compute, None) for kind in kinds}
        runtime = {"RuntimeConfig": {"CopyCount": copies}}
        self.ask(data, "CreateInferenceComponent", asked | specified(entries) | runtime)

    def entry(
        self, data: st.DataObject, model: str, compute: dict[str, Any] | None, before: Any
    ) -> dict[str, Any]:
        """A specification; on partitioned instances a copy takes one partition, always of the same type."""
        if compute is None:
            return {"ModelName": model}
        (layout, *_) = (machine.layout for machine in self.simulator.machines.values())
        if layout:
            kept = before and before["ComputeResourceRequirements"]["AcceleratorPartitionType"]
            partition = kept or data.draw(st.sampled_from(layout))
            one = {"NumberOfAcceleratorDevicesRequired": 1, "AcceleratorPartitionType": partition}
            compute = compute | one
        return {"ModelName": model, "ComputeResourceRequirements": compute}

    @precondition(lambda self: self.simulator.components)
    @rule(data=st.data(), copies=st.integers(0, 6))
    def scale(self, data: st.DataObject, copies: int) -> None:
        """More or fewer copies."""
        name = data.draw(st.sampled_from(sorted(self.simulator.components)))
        request = {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": copies}}
        self.ask(data, "UpdateInferenceComponentRuntimeConfig", request)

    @precondition(lambda self: self.simulator.components)
    @rule(data=st.data(), compute=st.none() | computes(), copies=st.none() | st.integers(1, 5))
    def update(self, data: st.DataObject, compute: dict[str, Any] | None, copies: int | None) -> None:
        """A new specification, at once."""
        name = data.draw(st.sampled_from(sorted(self.simulator.components)))
        self.ask(data, "UpdateInferenceComponent", self.changed(data, name, compute, copies))

    @precondition(lambda self: any(self.simulator.copies(name) for name in self.simulator.components))
    @rule(data=st.data(), compute=st.none() | computes(), copies=st.none() | st.integers(1, 5))
    def roll(self, data: st.DataObject, compute: dict[str, Any] | None, copies: int | None) -> None:
        """A new specification, batch by batch."""
        running = sorted(name for name in self.simulator.components if self.simulator.copies(name))
        request = self.changed(data, data.draw(st.sampled_from(running)), compute, copies)
        request["DeploymentConfig"] = {"RollingUpdatePolicy": data.draw(policies())}
        self.ask(data, "UpdateInferenceComponent", request)

    def changed(
        self, data: st.DataObject, name: str, compute: dict[str, Any] | None, copies: int | None
    ) -> dict[str, Any]:
        """A request for another model, and perhaps other requirements and another number of copies."""
        model = data.draw(st.sampled_from(("m-1", "m-2", "m-3")))
        now = self.simulator.components[name].now
        entries = {kind: self.entry(data, model, compute, before) for kind, before in now.items()}
        request: dict[str, Any] = {"InferenceComponentName": name} | specified(entries)
        if copies is not None:
            request["RuntimeConfig"] = {"CopyCount": copies}
        return request

    @precondition(lambda self: self.simulator.components)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """One component less."""
        name = data.draw(st.sampled_from(sorted(self.simulator.components)))
        self.simulator.policy = data.draw(st.sampled_from(list(Policy)))
        request = {"InferenceComponentName": name}
        self.simulator.apply({"Operation": "DeleteInferenceComponent", "Request": request})


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """Rolling update policies."""
    counts = st.integers(1, 3).map(lambda value: {"Type": "COPY_COUNT", "Value": value})
    percents = st.integers(5, 50).map(lambda value: {"Type": "CAPACITY_PERCENT", "Value": value})
    policy = {"MaximumBatchSize": draw(counts | percents), "WaitIntervalInSeconds": 0}
    if draw(st.booleans()):
        policy["RollbackMaximumBatchSize"] = draw(counts | percents)
    return policy


@pytest.mark.parametrize("part", range(PARTS))
def test_no_promise_is_broken_and_no_refusal_is_wrong(
    part: int, record_property: Callable[[str, object], None]
) -> None:
    """What fits is never refused, nor needs more instances than said; what does not fit is never done."""
    histories = type("Histories", (Histories,), {})
    profile = settings()
    many = profile.max_examples
    if profile.derandomize:
        # The parts of a repeatable run would draw the same histories, were they not told apart.
        histories, many = hypothesis.seed(part)(histories), many * LONGER
    before = SEEN.copy()
    run_state_machine_as_test(histories, settings=settings(max_examples=many, stateful_step_count=8))
    seen = SEEN - before
    assert seen["histories"] >= many
    record_property("counts", f"simulated histories, part {part + 1} of {PARTS}\n{summary(seen)}")


def test_a_rolling_update_may_have_nothing_to_replace() -> None:
    """A component at 0 copies gets its new specification and needs no room."""
    simulator = Simulator([Machine("ml.g5.12xlarge", 44000, 98304, 4)])
    compute = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": 1}
    specification = {"ModelName": "m-1", "ComputeResourceRequirements": compute}
    simulator.components["llama"] = DeployedComponent({0: {None: specification}})
    size = {"Type": "COPY_COUNT", "Value": 1}
    change = {
        "InferenceComponentName": "llama",
        "Specification": {"ModelName": "m-2"},
        "DeploymentConfig": {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": 0}},
    }
    shown = icplan.Snapshot.from_dict(simulator.snapshot())
    assert icplan.check(change, shown, allocatable=SETTINGS).outcome is icplan.Outcome.FITS


def summary(seen: Counter[str]) -> str:
    """What has been seen, in lines."""
    return "\n".join(f"{number:8} {what}" for what, number in sorted(seen.items()))


if __name__ == "__main__":
    arguments = [int(text) for text in sys.argv[1:]]
    many = settings(
        max_examples=arguments[0] if arguments else 500,
        stateful_step_count=12,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    if len(arguments) > 1:
        Histories = hypothesis.seed(arguments[1])(Histories)  # type: ignore[misc]
    run_state_machine_as_test(Histories, settings=many)
    print(summary(SEEN))  # noqa: T201
