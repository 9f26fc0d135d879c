"""Random small endpoints that can really run what they run, as AWS's answers, and changes of them.

Every case has 1 to 4 instances, 1 to 3 components of up to 4 copies, and 1 to 3 instance types. It is drawn
with a true arrangement on instances of true size; shown of that are counts per component, half of the time
counts per type (PlacementStatus), and of the size an interval in one case of three. Requirements are
1024 MiB or a quarter, a third, a half or all of the memory of some type, 1 to 4 accelerators or none, and
cores that are decimals. The rest is the family's recipe (see `families`).
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

if TYPE_CHECKING:
    import random

Json: TypeAlias = dict[str, Any]

ENDPOINT, ROLE = "ep", "arn:aws:iam::111122223333:role/endpoint"
#: Accelerators, MiB and vCPUs of real types.
GPU = {
    "ml.g5.12xlarge": (4, 196608, 48),
    "ml.g6e.12xlarge": (4, 393216, 48),
    "ml.g5.48xlarge": (8, 786432, 192),
    "ml.g5.2xlarge": (1, 32768, 8),
}
CPU = {
    "ml.c5.large": (0, 4096, 2),
    "ml.c5.xlarge": (0, 8192, 4),
    "ml.c5.2xlarge": (0, 16384, 8),
    "ml.m5.xlarge": (0, 16384, 4),
}
CORES = ("0.25", "0.3", "0.5", "0.7", "1", "1.1", "2", "2.2")
#: Of these, two, three or four come close to a whole number of cores, from below or from above.
CLOSE = ("0.33333", "0.33334", "0.66666", "0.66667", "1.33333", "1.33334", "0.4", "0.6", "1.1", "0.9")
MOST_COPIES = 4


@attrs.define
class Needs:
    """What a copy of a component takes; the key ``None`` is any type of its variant."""

    entries: dict[str | None, Json]

    def on(self, name: str) -> Json | None:
        return self.entries.get(name, self.entries.get(None))

    def holder(self, model: str) -> Json:
        """The members of a request or a description."""
        filled = {
            name: {"ModelName": model, "ComputeResourceRequirements": dict(entry)}
            for name, entry in self.entries.items()
        }
        if None in filled:
            return {"Specification": filled[None]}
        return {"Specifications": [{"InstanceType": name, **entry} for name, entry in filled.items()]}


@attrs.define
class Instance:
    """An instance as it really is."""

    variant: str
    type: str
    room: list[Fraction]
    held: Counter[str] = attrs.field(factory=Counter)


@attrs.define
class Component:
    """A component as it really is; ``desired`` and ``status`` are what is shown of its motion."""

    name: str
    variant: str
    needs: Needs
    copies: int = 0
    desired: int = 0
    status: str = "InService"
    by_type: bool = True


@attrs.define
class Draw:
    """A case while it is drawn."""

    random: random.Random
    machines: Json = attrs.field(factory=dict)
    pools: dict[str, list[str]] = attrs.field(factory=dict)
    instances: list[Instance] = attrs.field(factory=list)
    components: list[Component] = attrs.field(factory=list)
    most: dict[str, int | None] = attrs.field(factory=dict)
    desired: dict[str, int] = attrs.field(factory=dict)
    quotas: dict[str, int] = attrs.field(factory=dict)
    elsewhere: dict[str, int] | None = None
    true: dict[str, list[Fraction]] = attrs.field(factory=dict)
    fractional: bool = False

    # -- the endpoint -------------------------------------------------------------------------------------

    def types(self, count: int, *, cpu: bool = False) -> list[str]:
        """Instance types with what they offer: known figures, or in one case of three an interval."""
        choice = CPU if cpu else GPU
        names = self.random.sample(sorted(choice), count)
        unsure = self.random.choice(names) if self.random.random() < 1 / 3 else None
        for name in names:
            devices, memory, cores = choice[name]
            low_memory, low_cores = memory, str(cores)
            if name == unsure:
                if self.random.random() < 0.5:
                    low_memory = memory * self.random.choice((2, 3)) // 4
                else:
                    low_cores = self.random.choice((f"{cores - 1}.5", f"{cores - 1}"))
            self.machines[name] = {
                "memory": [low_memory, memory],
                "cpu": [low_cores, str(cores)],
                "accelerators": devices,
            }
        return names

    def variant(self, name: str, types: list[str], instances: int) -> None:
        self.pools[name] = types
        for kind in types:
            offers = self.machines[kind]
            memory, cpu = self.random.choice(offers["memory"]), self.random.choice(offers["cpu"])
            self.true.setdefault(kind, [Fraction(memory), Fraction(cpu), Fraction(offers["accelerators"])])
        for _ in range(instances):
            kind = self.random.choice(types)
            self.instances.append(Instance(name, kind, list(self.true[kind])))
        self.desired[name] = instances
        self.most[name] = None

    def needs(self, variant: str, *, like: Needs | None = None) -> Needs:
        """Requirements for any type, or for each of some; those of an update name what those before named."""
        types = self.pools[variant]
        with_cores = self.fractional or self.random.random() < 0.15
        if like is not None:
            with_cores = any("NumberOfCpuCoresRequired" in entry for entry in like.entries.values())
        if None in like.entries if like else len(types) == 1 or self.random.random() < 0.3:
            return Needs({None: self.entry(self.random.choice(types), cores=with_cores)})
        chosen = self.random.sample(types, self.random.randint(1, len(types)))
        chosen.sort(key=types.index)
        return Needs({name: self.entry(name, cores=with_cores) for name in chosen})

    def entry(self, name: str, *, cores: bool) -> Json:
        offers = self.machines[name]
        low = offers["memory"][0]
        entry: Json = {
            "MinMemoryRequiredInMb": self.random.choice((1024, 1024, low // 4, low // 3, low // 2, low))
        }
        if cores:
            entry["NumberOfCpuCoresRequired"] = float(self.random.choice(CLOSE if self.fractional else CORES))
        if offers["accelerators"]:
            entry["NumberOfAcceleratorDevicesRequired"] = self.random.randint(
                1, min(4, offers["accelerators"])
            )
        return entry

    def component(self, name: str, variant: str, most: int = MOST_COPIES) -> Component:
        """A component with copies where they really have room."""
        made = Component(name, variant, self.needs(variant), by_type=self.random.random() < 0.5)
        for _ in range(self.random.randint(0, most)):
            spots = [one for one in self.instances if one.variant == variant and self.fits(one, made.needs)]
            if spots:
                self.put(self.random.choice(spots), made)
        made.desired = made.copies
        self.components.append(made)
        return made

    @staticmethod
    def takes(needs: Needs, kind: str) -> list[Fraction] | None:
        entry = needs.on(kind)
        if entry is None:
            return None
        return [
            Fraction(str(entry.get(member, 0)))
            for member in (
                "MinMemoryRequiredInMb",
                "NumberOfCpuCoresRequired",
                "NumberOfAcceleratorDevicesRequired",
            )
        ]

    def fits(self, one: Instance, needs: Needs) -> bool:
        takes = self.takes(needs, one.type)
        return takes is not None and all(h >= t for h, t in zip(one.room, takes, strict=True))

    def put(self, one: Instance, made: Component) -> None:
        takes = self.takes(made.needs, one.type)
        assert takes is not None
        one.room = [have - take for have, take in zip(one.room, takes, strict=True)]
        one.held[made.name] += 1
        made.copies += 1

    def grows(self, variant: str, most_more: int = 2, never: float = 0.2) -> None:
        """Managed instance scaling, with room for none to some more instances."""
        if self.random.random() >= never:
            count = sum(one.variant == variant for one in self.instances)
            self.most[variant] = max(1, count + self.random.randint(0, most_more))

    def quota(self, *, usage: bool = True) -> None:
        """A quota of one type, and perhaps instances of other endpoints."""
        kind = self.random.choice(sorted(self.machines))
        own = sum(one.type == kind for one in self.instances)
        others = self.random.randint(0, 1) if usage else 0
        self.quotas[kind] = own + others + self.random.randint(0, 2)
        if usage and (others or self.random.random() < 0.5):
            self.elsewhere = {kind: others}

    # -- as JSON ------------------------------------------------------------------------------------------

    def snapshot(self) -> Json:
        moving = any(self.desired[v] != sum(one.variant == v for one in self.instances) for v in self.pools)
        answers: Json = {
            "IcplanSnapshot": 1,
            "Region": "us-east-1",
            "Endpoint": {
                "EndpointName": ENDPOINT,
                "EndpointStatus": "Updating" if moving else "InService",
                "EndpointConfigName": "cfg",
                "ProductionVariants": [self._shown(name) for name in self.pools],
            },
            "EndpointConfig": {
                "EndpointConfigName": "cfg",
                "ExecutionRoleArn": ROLE,
                "ProductionVariants": [self._configured(name) for name in self.pools],
            },
            "InferenceComponents": [self._described(one) for one in self.components],
        }
        if self.quotas:
            answers["Quotas"] = [
                {"QuotaName": f"{name} for endpoint usage", "Value": most}
                for name, most in self.quotas.items()
            ]
        if self.elsewhere is not None:
            own = Counter(one.type for one in self.instances)
            answers["InstancesInUse"] = {name: own[name] + n for name, n in self.elsewhere.items()}
        return answers

    def _running(self, variant: str) -> Counter[str]:
        return Counter(one.type for one in self.instances if one.variant == variant)

    def _configured(self, name: str) -> Json:
        running = self._running(name).total()
        found: Json = {"VariantName": name, "InitialInstanceCount": max(1, running)}
        if len(self.pools[name]) == 1:
            found["InstanceType"] = self.pools[name][0]
        else:
            found["InstancePools"] = [
                {"InstanceType": kind, "Priority": n} for n, kind in enumerate(self.pools[name], start=1)
            ]
        most = self.most[name]
        if most is not None:
            scaling = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": most}
            found["ManagedInstanceScaling"] = scaling
        return found

    def _shown(self, name: str) -> Json:
        running = self._running(name)
        found: Json = {
            "VariantName": name,
            "CurrentInstanceCount": running.total(),
            "DesiredInstanceCount": self.desired[name],
        }
        if len(self.pools[name]) > 1:
            found["InstancePools"] = [
                {"InstanceType": kind, "CurrentInstanceCount": running[kind]} for kind in self.pools[name]
            ]
        return found

    def _described(self, one: Component) -> Json:
        runtime: Json = {"DesiredCopyCount": one.desired, "CurrentCopyCount": one.copies}
        if one.by_type:
            counts = Counter[str]()
            for instance in self.instances:
                counts[instance.type] += instance.held[one.name]
            runtime["PlacementStatus"] = [
                {"InstanceType": kind, "CurrentCopyCount": n} for kind, n in sorted(counts.items()) if n
            ]
        return {
            "InferenceComponentName": one.name,
            "EndpointName": ENDPOINT,
            "VariantName": one.variant,
            "InferenceComponentStatus": one.status,
            **one.needs.holder("model-1"),
            "RuntimeConfig": runtime,
        }
