"""The catalog: 277 hosting types, and what a user, a configuration or a snapshot knows better."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from icplan.catalog import allocatable
from icplan.catalog.data import rows
from icplan.catalog.types import Allocatable, InstanceType, Interval
from icplan.documents.nearest import nearest
from icplan.errors import InputError, InputProblem
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.catalog.allocatable import Observation

HOW_TO_ADD = 'Types it lacks go into icplan.toml: [types."{name}"] with vcpu, memory_mib and accelerators.'
_SETTING = r"(?P<type>ml\.[a-z0-9.-]+)\.(?P<what>memory|cpu)=(?P<low>[^.]+(?:\.[0-9]+)?)(?:\.\.(?P<high>.+))?"
#: How alike a name must be to be meant for a type: all begin and end alike, a new type like any.
ALIKE = 0.82
#: No exponent: a few characters would be a number of any size.
MAX_AMOUNT_DIGITS, MAX_AMOUNT_DECIMALS = 12, 6
_AMOUNT = rf"[0-9]{{1,{MAX_AMOUNT_DIGITS}}}(?:\.[0-9]{{0,{MAX_AMOUNT_DECIMALS}}})?"


@cache
def builtin_types() -> Mapping[str, InstanceType]:
    """The packaged facts by type name."""
    return {row["name"]: _from_row(row) for row in rows("instances.json")}


def _from_row(row: Mapping[str, Any]) -> InstanceType:
    device = row.get("accelerator") or {}
    count = device.get("count", 0)
    return InstanceType(
        name=row["name"],
        vcpu=row["vcpu"],
        memory_mib=row["memory_mib"],
        accelerators=count,
        accelerator_name=device.get("name"),
        neuron_cores=device.get("cores_each", 0) if device.get("kind") == "neuron" else 0,
        gpu_memory_mib=count * device.get("memory_mib_each", 0),
        mig_gpu=row.get("mig_gpu"),
        quota_code=row.get("quota_code"),
        source=row["source"],
        confidence=row["confidence"],
        note=row.get("note"),
    )


@frozen
class Catalog:
    """Facts by type name.

    ``types`` and ``settings`` are overlays that win over the packaged data; ``observed`` are reservations a
    user saw placed or refused.
    """

    types: Mapping[str, InstanceType] = attrs.field(factory=dict)
    settings: Mapping[tuple[str, str], Interval] = attrs.field(factory=dict)
    shares: tuple[Fraction | None, Fraction | None] = (None, None)
    observed: tuple[Observation, ...] = ()

    def get(self, name: str) -> InstanceType | None:
        """The facts of a type, or ``None`` when it is not known."""
        return self.types.get(name) or builtin_types().get(name)

    def lookup(self, name: str, *, file: str | None = None, path: str | None = None) -> InstanceType:
        """The facts of a type; an unknown one raises :class:`InputError` that says how to add it."""
        if found := self.get(name):
            return found
        near = nearest(name, [*builtin_types(), *self.types], alike=ALIKE)
        hint = (f"Did you mean {near}? " if near else "") + HOW_TO_ADD.format(name=name)
        raise InputError(InputProblem(f"unknown instance type {name!r}", file=file, path=path, hint=hint))

    def allocatable(self, kind: InstanceType) -> Allocatable:
        """What of a type can be reserved, by the settings where they say, else by the evidence."""
        known = allocatable.estimate(kind, self.observed)
        memory = _share(self.shares[0], kind.memory_mib) or known.memory
        cpu = _share(self.shares[1], kind.vcpu * 1000) or known.cpu
        return Allocatable(
            memory=self.settings.get((kind.name, "memory"), memory),
            cpu=self.settings.get((kind.name, "cpu"), cpu),
        )

    def with_shares(self, memory: Fraction | None, cpu: Fraction | None) -> Catalog:
        """The catalog in which every type can allocate that share of what it has (``None``: as before)."""
        return attrs.evolve(self, shares=(memory, cpu))

    def with_observations(self, observed: Sequence[Observation]) -> Catalog:
        """The catalog with more observations."""
        return attrs.evolve(self, observed=(*self.observed, *observed))

    def with_types(self, types: Mapping[str, InstanceType]) -> Catalog:
        """The catalog with more types, which win over what it has."""
        return attrs.evolve(self, types={**self.types, **types})

    def with_settings(self, settings: Sequence[str]) -> Catalog:
        """The catalog with ``TYPE.memory=MIB`` and ``TYPE.cpu=CORES`` settings (one figure, or LOW..HIGH).

        Types may be known later (``with_types``), so `checked` tells whether they can have so much.
        """
        parsed = dict(map(_setting, settings))
        return attrs.evolve(self, settings={**self.settings, **parsed})

    def checked(self) -> Catalog:
        """The catalog itself; :class:`InputError` for a setting of an unknown type, or above what it has."""
        for (name, what), interval in self.settings.items():
            kind = self.lookup(name)
            limit = kind.memory_mib if what == "memory" else kind.vcpu * 1000
            if interval.high > limit:
                unit = "MiB" if what == "memory" else "thousandths of a core"
                raise InputError(
                    InputProblem(
                        f"allocatable setting {interval.source!r} is out of range",
                        hint=f"It must rise and stay within the instance's {limit} {unit}.",
                    )
                )
        return self


def _setting(text: str) -> tuple[tuple[str, str], Interval]:
    match = re.fullmatch(_SETTING, text.strip())
    if match is None:
        raise InputError(
            InputProblem(
                f"cannot read the allocatable setting {text!r}",
                hint="Write TYPE.memory=MIB or TYPE.cpu=CORES, one figure or LOW..HIGH, "
                "e.g. ml.g5.2xlarge.memory=24000..30000",
            )
        )
    what = match["what"]
    low = _amount(match["low"], what, text)
    high = _amount(match["high"], what, text) if match["high"] else low
    if not 0 <= low <= high:
        raise InputError(
            InputProblem(
                f"allocatable setting {text!r} is out of range",
                hint="It must rise, and stay within what the instance has.",
            )
        )
    return (match["type"], what), Interval(low, high, "given", text)


def _share(share: Fraction | None, of: int) -> Interval | None:
    if share is None:
        return None
    return Interval(int(share * of), int(share * of), "given", f"{float(share):.0%} of what the type has")


def _amount(text: str, what: str, whole: str) -> int:
    """A figure in MiB, or in thousandths of a core; capacities round down."""
    if re.fullmatch(_AMOUNT, text.strip()) is None:
        hint = "Write up to 12 digits, and up to 6 after a point"
        raise InputError(
            InputProblem(f"{text!r} in allocatable setting {whole!r} is not a number", hint=hint)
        )
    number = Fraction(text.strip())
    return int(number if what == "memory" else number * 1000)


def from_ec2(entries: Sequence[Mapping[str, Any]]) -> dict[str, InstanceType]:
    """Types from EC2 ``DescribeInstanceTypes`` entries, as a snapshot may carry them, by SageMaker's names.

    GpuInfo counts before NeuronInfo; devices are counted, not cores.
    """
    return {kind.name: kind for kind in map(_from_ec2_entry, entries)}


def _from_ec2_entry(entry: Mapping[str, Any]) -> InstanceType:
    gpus = entry.get("GpuInfo", {}).get("Gpus", [])
    neuron = entry.get("NeuronInfo", {}).get("NeuronDevices", []) if not gpus else []
    devices = gpus or neuron
    name = "ml." + entry["InstanceType"].removeprefix("ml.")
    known = builtin_types().get(name)
    return InstanceType(
        name=name,
        vcpu=entry["VCpuInfo"]["DefaultVCpus"],
        memory_mib=entry["MemoryInfo"]["SizeInMiB"],
        accelerators=sum(device["Count"] for device in devices),
        accelerator_name=devices[0].get("Name") if devices else None,
        neuron_cores=max((device.get("CoreInfo", {}).get("Count", 0) for device in neuron), default=0),
        gpu_memory_mib=sum(
            device["Count"] * device.get("MemoryInfo", {}).get("SizeInMiB", 0) for device in devices
        ),
        mig_gpu=known.mig_gpu if known else None,
        quota_code=known.quota_code if known else None,
        source="the snapshot's InstanceTypes",
    )
