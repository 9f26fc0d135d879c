"""What icplan promised is never refused, what it refused never succeeds: asked, sent, followed to its end.

Everything goes through boto3 against the local SageMaker, whose real amounts and placement nobody is told.
As a program, this file runs many histories and prints counts; what broke is kept as a file that runs again:

    PYTHONPATH=tests python tests/testing/test_check_send_settle.py [HISTORIES [SEED [FOLDER]]]

A refusal is mostly judged without why and without what would help: most of the time of `icplan.check` goes
there. One in eight is judged whole all the same, and the outcomes must be the same.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

import icplan
from icplan.api.given_settings import checked_settings
from icplan.inputs.calls import calls_of
from icplan.judge.change_set import outcomes_of
from icplan.testing import Behaviour, FakeSageMaker, Policy, Timing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from icplan.testing.emulator.component import Component
    from icplan.verdict.outcome import Outcome

#: Types with what is known of them: cores and memory from low to high.
KNOWN = {
    "ml.g5.12xlarge": ((40, 44), (65536, 98304)),
    "ml.g5.2xlarge": ((6, 7), (16384, 24576)),
    "ml.g6e.4xlarge": ((13, 15), (65536, 118784)),
}
FLEETS = (("ml.g5.12xlarge",), ("ml.g5.2xlarge",), ("ml.g5.2xlarge", "ml.g5.12xlarge"), ("ml.g6e.4xlarge",))
SETTINGS = [
    text
    for name, (cores, memory) in KNOWN.items()
    for text in (f"{name}.cpu={cores[0]}..{cores[1]}", f"{name}.memory={memory[0]}..{memory[1]}")
]
NAMES = ("llama", "mistral", "qwen")
KEPT, RELEASED = 10**9, 0
STEPS = 7
HISTORIES = 6
#: Histories after which the program prints its counts.
TOLD = 250
#: One in so many refusals is judged whole.
WHOLE = 8
#: What the emulator says of an update of which the rollback failed too.
ROLLBACK_FAILED = "The rollback failed"
#: Histories that broke once: an update under way with fewer copies asked for than run; an alarm after which
#: there was no room to go back, which no outcome promises; copies left over by a rollback that failed; a
#: deletion while another component is rolled back; an instance that another component launched meanwhile.
BROKE_ONCE = (176, 234, 293, 27019, 41540)
MOVING = ("Creating", "Updating", "Deleting")


@attrs.define
class Broken(Exception):  # noqa: N818  (a finding, not a fault of the program)
    """A promise that was refused, or a refusal that succeeded, with all that is needed to see it again."""

    what: str
    change: Mapping[str, Any]
    snapshot: Mapping[str, Any]
    world: Mapping[str, Any]
    seen: str


@attrs.define
class KeptClients:
    """A session whose clients serve one history after another: making them is most of a reading's time."""

    fake: FakeSageMaker | None = None
    clients: dict[str, Any] = attrs.field(factory=dict)

    @property
    def region_name(self) -> str:
        """As a boto3 session has it."""
        return self._fake().emulator.default_region

    def _fake(self) -> FakeSageMaker:
        assert self.fake is not None
        return self.fake

    def answered_by(self, fake: FakeSageMaker) -> None:
        """From now on, let this one answer."""
        self.fake = fake
        for client in self.clients.values():
            fake.attach(client)

    def client(self, service: str, **settings: Any) -> Any:
        """As a boto3 session has it."""
        if service not in self.clients:
            self.clients[service] = self._fake().session().client(service, **settings)
        return self.clients[service]


@attrs.define
class History:
    """One endpoint, drawn by a seed, and what was asked of it."""

    seed: int
    counts: Counter[str]
    session: KeptClients = attrs.field(factory=KeptClients)
    asked: int = 0
    draw: random.Random = attrs.field(init=False)
    fake: FakeSageMaker = attrs.field(init=False)
    policy: Policy = attrs.field(init=False)
    client: Any = attrs.field(init=False)
    assume: dict[str, str] = attrs.field(init=False)
    models: int = 1

    def __attrs_post_init__(self) -> None:
        self.draw = random.Random(self.seed)  # noqa: S311  (repeatable is what is wanted)
        types = self.draw.choice(FLEETS)
        idle = self.draw.choice((KEPT, RELEASED))
        self.assume = {"emptied-instances": "kept" if idle else "released"}
        behaviour = Behaviour()
        if self.draw.random() < 1 / 4:
            behaviour = Behaviour(rolling_without_config="one-by-one")
            self.assume["update-without-deployment-config"] = "one-by-one"
        initial = self.draw.randint(1, 3)
        quota = self.draw.choice((None, None, initial, initial + 1))
        self.policy = self.draw.choice(list(Policy))
        self.fake = FakeSageMaker(
            time="virtual",
            policy=self.policy,
            seed=self.seed,
            timing=Timing(
                idle_release=idle,
                instance_launch=self.draw.choice((0, 60, 500)),
                container_start=self.draw.choice((0, 60, 500)),
                copy_stop=self.draw.choice((0, 60)),
            ),
            behaviour=behaviour,
            quotas=None if quota is None else {self.draw.choice(types): quota},
            allocatable={name: self._true(name) for name in types},
        )
        self.session.answered_by(self.fake)
        self.client = self.fake.client() if self.draw.random() < 1 / 8 else self.session.client("sagemaker")
        self._make(types, initial)

    def _true(self, name: str) -> dict[str, float]:
        cores, memory = KNOWN[name]
        milli = self.draw.randint(cores[0] * 1000, cores[1] * 1000)
        return {"cpu": milli / 1000, "memory": self.draw.randint(*memory)}

    def _make(self, types: tuple[str, ...], initial: int) -> None:
        variant: dict[str, Any] = {"VariantName": "AllTraffic", "InitialInstanceCount": initial}
        if len(types) == 1:
            variant["InstanceType"] = types[0]
        else:
            variant["InstancePools"] = [
                {"InstanceType": name, "Priority": place} for place, name in enumerate(types, start=1)
            ]
        if self.draw.random() < 3 / 4:
            least = self.draw.randint(0, initial)
            variant["ManagedInstanceScaling"] = {
                "Status": "ENABLED",
                "MinInstanceCount": least,
                "MaxInstanceCount": initial + self.draw.randint(0, 3),
            }
        role = "arn:aws:iam::123456789012:role/endpoint"
        self.client.create_endpoint_config(
            EndpointConfigName="c", ExecutionRoleArn=role, ProductionVariants=[variant]
        )
        try:
            self.client.create_endpoint(EndpointName="prod", EndpointConfigName="c")
        except ClientError:
            self.fake.emulator.region().quotas.applied.clear()  # drawn so that not even the start fits
            self.client.create_endpoint(EndpointName="prod", EndpointConfigName="c")
        self.fake.run_until_settled()

    # -- what is asked --------------------------------------------------------------------------------------

    def change(self) -> dict[str, Any] | None:
        """Another change, or None where the one that was drawn makes no sense now."""
        there = sorted(self.fake.emulator.region().components)
        free = [name for name in NAMES if name not in there]
        kind = self.draw.choice(("create", "create", "scale", "update", "roll", "roll", "delete"))
        if kind == "create" and free:
            return self._create(free[0])
        if kind == "create" or not there:
            return None
        name = self.draw.choice(there)
        if kind == "delete":
            request: dict[str, Any] = {"InferenceComponentName": name}
            return {"Operation": "DeleteInferenceComponent", "Request": request}
        if kind == "scale":
            runtime = {"CopyCount": self.draw.randint(0, 6)}
            request = {"InferenceComponentName": name, "DesiredRuntimeConfig": runtime}
            return {"Operation": "UpdateInferenceComponentRuntimeConfig", "Request": request}
        return {"Operation": "UpdateInferenceComponent", "Request": self._update(name, rolls=kind == "roll")}

    def _compute(self) -> dict[str, Any]:
        return {
            "MinMemoryRequiredInMb": self.draw.choice((1024, 6000, 8192, 12288, 20480, 24576)),
            "NumberOfCpuCoresRequired": self.draw.choice((0.5, 1, 3, 6.5)),
            "NumberOfAcceleratorDevicesRequired": self.draw.choice((1, 1, 2, 3)),
        }

    def _create(self, name: str) -> dict[str, Any]:
        specification: dict[str, Any] = {"ModelName": "m-1", "ComputeResourceRequirements": self._compute()}
        if self.draw.random() < 1 / 4:
            strategy = self.draw.choice(("SPREAD", "BINPACK"))
            specification["SchedulingConfig"] = {"PlacementStrategy": strategy}
        request = {
            "InferenceComponentName": name,
            "EndpointName": "prod",
            "VariantName": "AllTraffic",
            "Specification": specification,
            "RuntimeConfig": {"CopyCount": self.draw.randint(1, 4)},
        }
        return {"Operation": "CreateInferenceComponent", "Request": request}

    def _update(self, name: str, *, rolls: bool) -> dict[str, Any]:
        self.models += 1
        request: dict[str, Any] = {"InferenceComponentName": name}
        request["Specification"] = {"ModelName": f"m-{self.models}"}
        if self.draw.random() < 1 / 2:
            request["Specification"]["ComputeResourceRequirements"] = self._compute()
        if self.draw.random() < 1 / 3:
            request["RuntimeConfig"] = {"CopyCount": self.draw.randint(1, 5)}
        if rolls:
            policy: dict[str, Any] = {"MaximumBatchSize": self._size(), "WaitIntervalInSeconds": 0}
            if self.draw.random() < 1 / 2:
                policy["RollbackMaximumBatchSize"] = self._size()
            request["DeploymentConfig"] = {
                "RollingUpdatePolicy": policy,
                "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": f"errors-{name}"}]},
            }
        return request

    def _size(self) -> dict[str, Any]:
        if self.draw.random() < 1 / 3:
            return {"Type": "CAPACITY_PERCENT", "Value": self.draw.choice((5, 20, 34, 50))}
        return {"Type": "COPY_COUNT", "Value": self.draw.randint(1, 3)}

    # -- check, send, settle --------------------------------------------------------------------------------

    def run(self) -> None:
        """Ask for one change after another. Raises Broken."""
        self._count("histories")
        for _ in range(STEPS):
            self._rest()
            if self.draw.random() < 1 / 3:
                self._set_in_motion()
            change = self.change()
            if change is not None:
                self._ask(change)

    def _count(self, what: str) -> None:
        """One more, of all and under this policy."""
        self.counts[what] += 1
        self.counts[f"{what} under {self.policy.value}"] += 1

    def _rest(self) -> None:
        """Wait until all is at rest, or only for a moment."""
        if self.draw.random() < 2 / 3:
            self.fake.run_until_settled()
            self.fake.clock.advance(self.draw.choice((0, 300, 3600)))
        else:
            self.fake.clock.advance(self.draw.choice((0, 30, 200, 700)))

    def _set_in_motion(self) -> None:
        """Somebody else's change is on its way when the next one is judged."""
        change = self.change()
        if change is None:
            return
        try:
            self._method(change)(**change["Request"])
        except ClientError:
            return
        self.fake.clock.advance(self.draw.choice((0, 30, 70, 200, 700)))

    def _method(self, change: Mapping[str, Any]) -> Any:
        found: Any = getattr(self.client, xform_name(change["Operation"]))
        return found

    def _ask(self, change: dict[str, Any]) -> None:
        taken = self._snapshot()
        name = change["Request"]["InferenceComponentName"]
        outcome, back, peak = self._judged(change, taken)
        world = self.fake.save()
        moving = "in motion" if self.fake.emulator.region().unsettled else "at rest"
        region = self.fake.emulator.region()
        (fleet,) = region.endpoints["prod"].fleets()
        fleet.peak = fleet.staying
        seen, alarm = self._send(change, name)
        self.counts[f"{outcome} ({moving}): {seen}"] += 1
        self._count("changes")
        if outcome.fits or outcome.fails:
            self._count("promises" if outcome.fits else "refusals")

        def broken(what: str) -> Broken:
            return Broken(what, change, taken, world, f"{seen}; judged {outcome}, rollback {back}")

        refused = seen in ("refused", "failed", "stuck")
        if outcome.fits and refused:
            raise broken("a promise was refused")
        if outcome.fails and seen == "done":
            raise broken("a refusal succeeded")
        if seen.startswith("stuck") and back is not None and back.fits:
            raise broken("a promised rollback failed")
        if outcome.fits and not alarm and seen == "done" and peak is not None and fleet.peak > peak:
            raise broken(f"{fleet.peak} instances ran where at most {peak} were foretold")

    def _judged(
        self, change: dict[str, Any], taken: dict[str, Any]
    ) -> tuple[Outcome, Outcome | None, int | None]:
        """What icplan says: of the change, of its way back, and the most instances.

        What others that are in motion launch is not foretold, so beside them there is no such number.
        """
        self.asked += 1
        snapshot = icplan.Snapshot.from_dict(taken)
        settings = checked_settings(self.assume, SETTINGS, None, math.inf, ())
        (short,) = outcomes_of(calls_of(change), snapshot, settings)
        if short.fails and (self.seed + self.asked) % WHOLE:
            return short, None, None
        (verdict,) = icplan.check(
            change, snapshot, allocatable=SETTINGS, assume=self.assume, time_limit=math.inf
        ).changes
        if verdict.outcome is not short:
            raise Broken("judged otherwise in short", change, taken, {}, f"{short}, {verdict.outcome}")
        own = change["Request"]["InferenceComponentName"]
        beside = any(
            one["InferenceComponentStatus"] in MOVING and one["InferenceComponentName"] != own
            for one in taken["InferenceComponents"]
        )
        return verdict.outcome, verdict.rollback_outcome, None if beside else verdict.peak_instances

    def _snapshot(self) -> dict[str, Any]:
        """What icplan reads through boto3, and sometimes where the copies are."""
        snapshot = icplan.Snapshot.read(
            "prod", session=self.session, include_usage=self.draw.random() < 1 / 2
        ).to_dict()
        if self.draw.random() < 1 / 3:
            snapshot["CopyLocations"] = self.fake.snapshot("prod", located=True)["CopyLocations"]
        return snapshot

    def _send(self, change: Mapping[str, Any], name: str) -> tuple[str, bool]:
        """Send it and follow it to its end: what came of it, and whether an alarm rang meanwhile."""
        self.fake.set_alarm(f"errors-{name}", "OK")
        try:
            self._method(change)(**change["Request"])
        except ClientError as error:
            return (
                "refused" if error.response["Error"]["Code"] == "ValidationException" else str(error)
            ), False
        rings = "DeploymentConfig" in change["Request"] and self.draw.random() < 1 / 3
        component = self.fake.emulator.region().components.get(name)
        steps = self.draw.randint(0, 12)
        while component is not None and component.process is not None and not component.process.done:
            steps -= 1
            if rings and steps == 0:
                self.fake.set_alarm(f"errors-{name}", "ALARM")
            if not self.fake.clock.step():
                return "hangs", rings
        return self._result(change, component), rings and steps <= 0

    def _result(self, change: Mapping[str, Any], component: Component | None) -> str:
        if component is None or change["Operation"] == "DeleteInferenceComponent":
            return "done"
        if component.process is not None and not component.process.done:
            return "hangs"
        if component.failure is None:
            return "done"
        stopped = "alarm" in component.failure
        if ROLLBACK_FAILED in component.failure:
            return "stuck after an alarm" if stopped else "stuck"
        return "rolled back" if stopped else "failed"


def histories(seeds: Iterable[int], counts: Counter[str]) -> Iterator[tuple[int, Broken]]:
    """Run histories; those in which something broke."""
    session = KeptClients()
    for seed in seeds:
        history = History(seed, counts, session)
        try:
            history.run()
        except Broken as broken:
            counts[broken.what] += 1
            yield seed, broken
        finally:
            history.fake.close()


@pytest.mark.slow
def test_promises_are_kept_and_refusals_are_right() -> None:
    """A few dozen histories, under every policy, at rest and in motion."""
    counts = Counter[str]()
    found = [
        f"{seed}: {broken.what}: {broken.seen}: {broken.change}"
        for seed, broken in histories((*range(HISTORIES), *BROKE_ONCE), counts)
    ]
    assert not found
    for needed in (
        "fits (at rest): done",
        "does-not-fit (at rest): failed",
        "fits-after-scale-out (at rest): done",
    ):
        assert counts[needed], counts


def main(many: int, first: int, folder: str | None) -> None:
    """Run many histories, keep what broke, and print what was seen."""
    counts = Counter[str]()
    for begin in range(first, first + many, TOLD):
        for seed, broken in histories(range(begin, min(begin + TOLD, first + many)), counts):
            print(f"{seed}: {broken.what}: {broken.seen}", flush=True)  # noqa: T201  (a program's output)
            if folder is not None:
                document = attrs.asdict(broken)
                Path(folder, f"history-{seed}.json").write_text(json.dumps(document, indent=1, default=str))
        for what, count in sorted(counts.items()):  # so far: whoever ends a long run has them
            print(f"{count:7} {what}", flush=True)  # noqa: T201  (as above)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(
        int(arguments[0]) if arguments else 1000,
        int(arguments[1]) if arguments[1:] else 0,
        arguments[2] if arguments[2:] else None,
    )
