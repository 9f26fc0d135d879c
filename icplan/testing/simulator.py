"""A simulator of how SageMaker places inference components, as far as AWS documents it.

    from icplan.testing.simulator import Machine, Policy, Refused, Simulator

    simulator = Simulator([Machine("ml.g5.12xlarge", 40_000, 150_000, accelerators=4)], max_instances=3)
    simulator.apply({"Operation": "CreateInferenceComponent", "Request": {...}})
    simulator.snapshot()                                     # what AWS would tell: counts, no arrangement
    simulator.fork(Policy.BINPACK).apply({...})              # the same, had it been placed otherwise

It knows what nobody is told: what the instances really offer, and which of them holds which copy. It shares
no code with the judge, does no I/O, and does the same again for the same seed.

What it does: new copies are placed one after another where there is room, running ones never move, and an
instance is launched when no running one has room and managed instance scaling allows it. A new
specification replaces copies: all at once beside the old ones, or in batches, each of which is placed before
as many old copies leave. A batch that cannot be placed is taken back, and the update is rolled back in
batches of its own.
"""

from __future__ import annotations

import copy
import enum
import itertools
import math
import random
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Json: TypeAlias = dict[str, Any]
#: A component's name and the number of its specification; copies of either lie side by side in an update.
Version: TypeAlias = tuple[str, int]

HARDWARE: Final = (
    "There is not enough hardware resources on the instances for this endpoint to create a copy of the "
    "inference component."
)
_WHOLE: Final = 100
_MOST_WAYS: Final = 2000
"""Ways for copies to leave of which an adversary considers no more."""


class Policy(enum.StrEnum):
    """Where a new copy goes among the instances with room, and which old copies leave.

    ``EVEN`` (SageMaker's default) looks at the copies of this component alone, ``SPREAD`` balances zones
    first, ``BINPACK`` fills instances up. ``RANDOM`` does anything. ``ADVERSARIAL`` leaves as little room as
    it can.
    """

    EVEN = "EVEN"
    SPREAD = "SPREAD"
    BINPACK = "BINPACK"
    RANDOM = "RANDOM"
    ADVERSARIAL = "ADVERSARIAL"


@attrs.frozen
class Machine:
    """What an instance of a type really offers to copies; ``layout`` cuts each accelerator into parts."""

    name: str
    cpu_millicores: int
    memory_mib: int
    accelerators: int = 0
    layout: tuple[str, ...] = ()

    @property
    def offers(self) -> Counter[str]:
        """Amounts by resource."""
        whole = {"cpu": self.cpu_millicores, "memory": self.memory_mib}
        if self.layout:
            return Counter(whole) + Counter(self.layout * self.accelerators)
        return Counter(whole | {"accelerators": self.accelerators})


@attrs.define
class Instance:
    """A running instance, and how many copies of which version it holds."""

    id: str
    machine: Machine
    zone: str
    copies: Counter[Version] = attrs.field(factory=Counter)

    @property
    def total(self) -> int:
        """All copies on it."""
        return self.copies.total()

    def holds(self, component: str) -> int:
        """Its copies of a component, old and new."""
        return sum(n for (name, _), n in self.copies.items() if name == component)


class Refused(Exception):  # noqa: N818  (an answer of the service, not a fault of the program)
    """A copy found no room, so the operation failed.

    ``rolled_back`` tells whether all is as it was before (but for launched instances). If not, an update and
    its rollback both failed, and old and new copies run side by side.
    """

    def __init__(self, rolled_back: bool) -> None:
        self.rolled_back = rolled_back
        super().__init__(HARDWARE)


@attrs.frozen
class Done:
    """How an operation went: the most instances that ran, and whether an alarm had it rolled back."""

    peak_instances: int
    rolled_back: bool = False


@attrs.define
class Deployed:
    """A component: its specifications by number, and which of them is in force."""

    specifications: dict[int, dict[str | None, Json]]
    version: int = 0

    @property
    def now(self) -> dict[str | None, Json]:
        """The specification in force."""
        return self.specifications[self.version]


class Simulator:
    """One endpoint with one variant. Instances are named ``i-0``, ``i-1`` and so on.

    Attributes:
        instances: The instances that run, in the order they were launched.
        components: What is deployed, by name.
        policy: How copies are placed and removed from now on.

    """

    def __init__(
        self,
        machines: Sequence[Machine],
        running: Sequence[str] | None = None,
        *,
        min_instances: int = 1,
        max_instances: int | None = None,
        policy: Policy = Policy.EVEN,
        seed: int = 0,
    ) -> None:
        """Start the instances named in ``running``, by default one of the first machine.

        Machines are given by priority. ``max_instances`` is MaxInstanceCount; without it, managed instance
        scaling is off and nothing is ever launched or released.
        """
        self.machines = {machine.name: machine for machine in machines}
        self.min_instances, self.max_instances = min_instances, max_instances
        self.policy = policy
        self.instances: list[Instance] = []
        self.components: dict[str, Deployed] = {}
        self._random = random.Random(seed)  # noqa: S311  (repeatable is what is wanted)
        self._numbers = itertools.count()
        self._peak = 0
        for name in [machines[0].name] if running is None else running:
            self._start(self.machines[name])

    # -- what may be asked ---------------------------------------------------------------------------------

    def fork(self, policy: Policy | None = None, seed: int | None = None) -> Simulator:
        """A copy that goes its own way, perhaps by another policy."""
        other = copy.deepcopy(self)
        other.policy = self.policy if policy is None else policy
        if seed is not None:
            other.reseed(seed)
        return other

    def reseed(self, seed: int) -> None:
        """Begin another sequence of random choices."""
        self._random.seed(seed)

    def apply(self, change: Json, *, alarm_after: int | None = None, release: bool = False) -> Done:
        """Carry a change out: ``{"Operation": ..., "Request": {...}}`` with the arguments of the boto3 call.

        Raises Refused when a copy finds no room. ``alarm_after`` has an alarm roll a rolling update back
        once so many batches are done; ``release`` gives instances back as soon as old copies have emptied
        them (they are else kept until `release_idle`). Requests are taken to be valid.
        """
        self._peak = len(self.instances)
        request = change["Request"]
        name = request["InferenceComponentName"]
        match change["Operation"]:
            case "CreateInferenceComponent":
                self._create(name, request)
            case "DeleteInferenceComponent":
                self._leave((name, self.components[name].version), self.copies(name))
                del self.components[name]
            case "UpdateInferenceComponentRuntimeConfig":
                self._scale(name, request["DesiredRuntimeConfig"]["CopyCount"])
            case "UpdateInferenceComponent":
                return self._update(name, request, alarm_after, release)
            case other:
                raise ValueError(f"no simulation of {other}")
        return Done(self._peak)

    def copies(self, name: str) -> int:
        """How many copies of a component run."""
        return sum(instance.holds(name) for instance in self.instances)

    def release_idle(self) -> int:
        """Scale in as IDLE_RELEASE does: give empty instances back, down to MinInstanceCount. How many."""
        before = len(self.instances)
        if self.max_instances is not None:
            for instance in reversed(list(self.instances)):
                if not instance.total and len(self.instances) > self.min_instances:
                    self.instances.remove(instance)
        return before - len(self.instances)

    def snapshot(self, *, located: bool = False, by_type: bool = True) -> Json:
        """What AWS tells, as a snapshot file holds it; with ``located``, also which copy is where."""
        answers: Json = {
            "IcplanSnapshot": 1,
            "Endpoint": {
                "EndpointName": "simulated",
                "EndpointStatus": "InService",
                "ProductionVariants": [self._summary()],
            },
            "EndpointConfig": {
                "EndpointConfigName": "simulated-config",
                "ExecutionRoleArn": "arn:aws:iam::111122223333:role/endpoint",
                "ProductionVariants": [self._variant()],
            },
            "InferenceComponents": [self._described(name, by_type) for name in self.components],
        }
        return answers | ({"CopyLocations": self._locations()} if located else {})

    # -- operations ----------------------------------------------------------------------------------------

    def _create(self, name: str, request: Json) -> None:
        self.components[name] = Deployed({0: _specification(request)})
        try:
            self._place_all((name, 0), request["RuntimeConfig"]["CopyCount"])
        except Refused:
            del self.components[name]
            raise

    def _scale(self, name: str, wanted: int) -> None:
        version = name, self.components[name].version
        more = wanted - self.copies(name)
        if more > 0:
            self._place_all(version, more)
        else:
            self._leave(version, -more)

    def _update(self, name: str, request: Json, alarm_after: int | None, release: bool) -> Done:
        deployed = self.components[name]
        copies = self.copies(name)
        wanted = request.get("RuntimeConfig", {}).get("CopyCount", copies)
        merged = _merged(deployed.now, _specification(request))
        if merged == deployed.now:
            self._scale(name, wanted)
            return Done(self._peak)
        old, new = (name, deployed.version), (name, deployed.version + 1)
        deployed.specifications[new[1]] = merged
        policy = request.get("DeploymentConfig", {}).get("RollingUpdatePolicy")
        if policy is None or not copies:
            self._place_all(new, wanted)  # all new ones beside all old ones
            self._leave(old, copies, release=release)
            deployed.version += 1
            return Done(self._peak)
        size = _batch(policy["MaximumBatchSize"], copies)
        again = _batch(
            policy.get("RollbackMaximumBatchSize", {"Type": "COPY_COUNT", "Value": copies}), copies
        )
        for number, done in enumerate(range(0, copies, size)):
            if number == alarm_after:
                self._go_back(old, new, again, done)
                return Done(self._peak, rolled_back=True)
            try:
                self._place_all(new, min(size, copies - done))
            except Refused:
                self._go_back(old, new, again, done)
                raise
            self._leave(old, min(size, copies - done), release=release, then=new)
        return self._finish(deployed, old, new, (copies, wanted, again), alarm=alarm_after is not None)

    def _finish(
        self, deployed: Deployed, old: Version, new: Version, sizes: tuple[int, int, int], *, alarm: bool
    ) -> Done:
        """Bring a replaced component to the copies it shall have."""
        copies, wanted, again = sizes
        try:
            self._place_all(new, wanted - copies)
        except Refused:
            self._go_back(old, new, again, copies)
            raise
        if alarm:
            self._go_back(old, new, again, copies)
            return Done(self._peak, rolled_back=True)
        self._leave(new, copies - wanted)
        deployed.version += 1
        return Done(self._peak)

    def _go_back(self, old: Version, new: Version, again: int, missing: int) -> None:
        """Put the missing old copies back, batch by batch, each before as many new ones leave."""
        while missing:
            batch = min(again, missing)
            try:
                self._place_all(old, batch)
            except Refused:
                raise Refused(rolled_back=False) from None
            self._leave(new, min(batch, self._count(new)), then=old)
            missing -= batch
        self._leave(new, self._count(new))

    # -- placing and removing ------------------------------------------------------------------------------

    def _place_all(self, version: Version, copies: int) -> None:
        """Place copies one after another; if one is refused, take those of this batch back."""
        placed: list[Instance] = []
        for _ in range(copies):
            instance = self._spot(version) or self._launch(version)
            if instance is None:
                for one in placed:
                    one.copies = one.copies - Counter([version])
                raise Refused(rolled_back=True)
            instance.copies[version] += 1
            placed.append(instance)

    def _spot(self, version: Version) -> Instance | None:
        """The instance with room that the policy prefers."""
        spots = [instance for instance in self.instances if self._room(instance, version)]
        if not spots:
            return None
        return min(spots, key=self._preference(version))

    def _preference(self, version: Version) -> Callable[[Instance], Any]:
        name = version[0]
        match self.policy:
            case Policy.EVEN:
                return lambda spot: (spot.holds(name), spot.total)
            case Policy.SPREAD:
                zones = Counter[str]()
                for instance in self.instances:
                    zones[instance.zone] += instance.holds(name)
                return lambda spot: (zones[spot.zone], spot.holds(name), spot.total)
            case Policy.BINPACK:
                return lambda spot: (-spot.total, self._slots(spot, version))
            case Policy.RANDOM:
                return lambda _: self._random.random()
            case Policy.ADVERSARIAL:
                return lambda spot: self._slots_after(spot, version)

    def _launch(self, version: Version) -> Instance | None:
        if self.max_instances is None or len(self.instances) >= self.max_instances:
            return None
        usable = [m for m in self.machines.values() if self._demand(version, m.name) is not None]
        if self.policy is Policy.RANDOM:
            self._random.shuffle(usable)
        elif self.policy is Policy.ADVERSARIAL:
            usable.sort(key=lambda machine: self._slots(Instance("", machine, ""), version))
        else:
            usable = [m for m in usable if self._slots(Instance("", m, ""), version)]
        if not usable or not self._slots(Instance("", usable[0], ""), version):
            return None
        return self._start(usable[0])

    def _start(self, machine: Machine) -> Instance:
        number = next(self._numbers)
        instance = Instance(f"i-{number}", machine, "us-east-1" + "abc"[number % 3])
        self.instances.append(instance)
        self._peak = max(self._peak, len(self.instances))
        return instance

    def _leave(
        self, version: Version, copies: int, *, release: bool = False, then: Version | None = None
    ) -> None:
        """Take copies away: which ones, the policy says; ``then`` is what is placed next."""
        if copies <= 0:
            return
        holders = [instance for instance in self.instances if instance.copies[version]]
        if self.policy is Policy.ADVERSARIAL:
            gone = self._least_helpful(holders, version, copies, then or version)
        else:
            gone = self._one_by_one(holders, version, copies)
        for instance, n in zip(holders, gone, strict=True):
            instance.copies = instance.copies - Counter({version: n})
            spare = self.max_instances is not None and len(self.instances) > self.min_instances
            if release and n and not instance.total and spare:
                self.instances.remove(instance)

    def _one_by_one(self, holders: Sequence[Instance], version: Version, copies: int) -> list[int]:
        gone = [0] * len(holders)
        for _ in range(copies):
            left = [n for n, instance in enumerate(holders) if instance.copies[version] > gone[n]]
            if self.policy is Policy.RANDOM:
                chosen = self._random.choice(left)
            elif self.policy is Policy.BINPACK:
                chosen = min(left, key=lambda n: holders[n].total - gone[n])
            else:
                chosen = max(left, key=lambda n: holders[n].total - gone[n])
            gone[chosen] += 1
        return gone

    def _least_helpful(
        self, holders: Sequence[Instance], version: Version, copies: int, then: Version
    ) -> Sequence[int]:
        """The way to leave that leaves the least room for what comes next."""

        def room(way: Sequence[int]) -> int:
            pairs = zip(holders, way, strict=True)
            return sum(self._slots(i, then, i.copies - Counter({version: n})) for i, n in pairs)

        ways = _ways(copies, [instance.copies[version] for instance in holders])
        return min(itertools.islice(ways, _MOST_WAYS), key=room)

    # -- amounts -------------------------------------------------------------------------------------------

    def _demand(self, version: Version, machine: str) -> Counter[str] | None:
        """What a copy reserves on a type; ``None`` where it has no specification."""
        specification = self.components[version[0]].specifications[version[1]]
        entry = specification.get(machine, specification.get(None))
        if entry is None:
            return None
        asked = entry["ComputeResourceRequirements"]
        amounts = Counter(
            {
                "memory": asked["MinMemoryRequiredInMb"],
                "cpu": math.ceil(round(asked.get("NumberOfCpuCoresRequired", 0) * 1000, 6)),
            }
        )
        if "AcceleratorPartitionType" in asked:
            amounts[asked["AcceleratorPartitionType"]] = 1
        else:
            amounts["accelerators"] = int(asked.get("NumberOfAcceleratorDevicesRequired", 0))
        return amounts

    def _slots(self, instance: Instance, version: Version, held: Counter[Version] | None = None) -> int:
        """How many more copies an instance takes, as it is or if it held others."""
        asked = self._demand(version, instance.machine.name)
        if asked is None:
            return 0
        free = instance.machine.offers
        for other, n in (instance.copies if held is None else held).items():
            for resource, amount in (self._demand(other, instance.machine.name) or Counter()).items():
                free[resource] -= n * amount
        return max(0, min(free[resource] // amount for resource, amount in asked.items() if amount))

    def _room(self, instance: Instance, version: Version) -> bool:
        return self._slots(instance, version) > 0

    def _slots_after(self, spot: Instance, version: Version) -> int:
        """The room for all that is deployed if one more copy went there."""
        held = spot.copies + Counter([version])
        versions = [(name, deployed.version) for name, deployed in self.components.items()]
        before = sum(self._slots(spot, one) for one in versions)
        return sum(self._slots(spot, one, held) for one in versions) - before

    def _count(self, version: Version) -> int:
        return sum(instance.copies[version] for instance in self.instances)

    # -- what AWS tells ------------------------------------------------------------------------------------

    def _variant(self) -> Json:
        variant: Json = {"VariantName": "AllTraffic", "InitialInstanceCount": max(1, len(self.instances))}
        names = list(self.machines)
        if len(names) == 1:
            variant["InstanceType"] = names[0]
        else:
            variant["InstancePools"] = [
                {"InstanceType": name, "Priority": priority} for priority, name in enumerate(names, start=1)
            ]
        layout = self.machines[names[0]].layout
        if layout:
            variant["AcceleratorPartitionLayouts"] = [{"AcceleratorPartitionTypes": list(layout)}]
        if self.max_instances is not None:
            variant["ManagedInstanceScaling"] = {
                "Status": "ENABLED",
                "MinInstanceCount": self.min_instances,
                "MaxInstanceCount": self.max_instances,
            }
        return variant

    def _summary(self) -> Json:
        count = len(self.instances)
        summary: Json = {
            "VariantName": "AllTraffic",
            "CurrentInstanceCount": count,
            "DesiredInstanceCount": count,
        }
        if len(self.machines) > 1:
            running = Counter(instance.machine.name for instance in self.instances)
            summary["InstancePools"] = [
                {"InstanceType": name, "CurrentInstanceCount": running[name]} for name in self.machines
            ]
        return summary

    def _described(self, name: str, by_type: bool) -> Json:
        copies = self.copies(name)
        specification = self.components[name].now
        runtime: Json = {"DesiredCopyCount": copies, "CurrentCopyCount": copies}
        if by_type:
            counts = Counter[str]()
            for instance in self.instances:
                counts[instance.machine.name] += instance.holds(name)
            runtime["PlacementStatus"] = [
                {"InstanceType": kind, "CurrentCopyCount": n} for kind, n in sorted(counts.items()) if n
            ]
        described: Json = {
            "InferenceComponentName": name,
            "EndpointName": "simulated",
            "VariantName": "AllTraffic",
            "InferenceComponentStatus": "InService",
            "RuntimeConfig": runtime,
        }
        if None in specification:
            return described | {"Specification": copy.deepcopy(specification[None])}
        entries = [{"InstanceType": kind, **copy.deepcopy(entry)} for kind, entry in specification.items()]
        return described | {"Specifications": entries}

    def _locations(self) -> list[Json]:
        return [
            {
                "InferenceComponentName": name,
                "InstanceId": instance.id,
                "InstanceType": instance.machine.name,
                "AvailabilityZone": instance.zone,
                "Copies": instance.holds(name),
            }
            for instance in self.instances
            for name in self.components
            if instance.holds(name)
        ]


def _specification(request: Json) -> dict[str | None, Json]:
    """What a request says of each instance type; the key ``None`` stands for any type."""
    if "Specification" in request:
        return {None: copy.deepcopy(request["Specification"])}
    found: dict[str | None, Json] = {}
    for entry in copy.deepcopy(request.get("Specifications", [])):
        found[entry.pop("InstanceType")] = entry
    return found


def _merged(now: Mapping[str | None, Json], asked: Mapping[str | None, Json]) -> dict[str | None, Json]:
    """The specification after an update: members left out keep their value, types left out are gone."""
    if not asked:
        return dict(now)
    return {kind: _over(now.get(kind, {}), entry) for kind, entry in asked.items()}


def _over(now: Any, asked: Any) -> Any:
    if not (isinstance(now, dict) and isinstance(asked, dict)):
        return asked
    return now | {member: _over(now.get(member), value) for member, value in asked.items()}


def _batch(size: Json, copies: int) -> int:
    """How many copies a batch has: at least one, at most all; a percentage is rounded up."""
    value = int(size["Value"])
    if size["Type"] == "CAPACITY_PERCENT":
        value = -(-value * copies // _WHOLE)
    return max(1, min(copies, value))


def _ways(copies: int, there: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every way to take so many copies from places that have ``there`` of them."""
    if not there:
        if not copies:
            yield ()
        return
    for here in range(min(copies, there[0]) + 1):
        for rest in _ways(copies - here, there[1:]):
            yield (here, *rest)
