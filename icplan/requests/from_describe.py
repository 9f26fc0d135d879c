"""Read the specification out of DescribeInferenceComponent's answer, in the form a request has."""

from __future__ import annotations

import math
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from icplan.errors import InputError, InputProblem
from icplan.requests.component import ComputeResourceRequirements
from icplan.requests.parse import parse_shape
from icplan.requests.problems import FieldRule, shown_number, type_name
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LIMIT = 2**31
"""No number of the API reaches it; larger ones are typing slips and would strain the integers of a solver."""


@frozen
class Requirements:
    """What one copy reserves on its instance.

    ``memory_mib`` is host memory; ``cpu_millicores`` is rounded up from the decimal text of the number of
    cores, by ``cpu_excess`` thousandths. With a ``partition`` a copy takes one partition of that type and no
    whole accelerator.
    """

    memory_mib: int
    cpu_millicores: int = 0
    accelerators: int = 0
    partition: str | None = None
    cpu_excess: Fraction = Fraction(0)

    @property
    def thousandths(self) -> Fraction:
        """The thousandths of a core, exactly as the decimal text says."""
        return self.cpu_millicores - self.cpu_excess

    def amounts(self, cpu_unit: Fraction, partitions: Sequence[str]) -> tuple[int, ...] | None:
        """What a copy takes per dimension, CPU in units of so many thousandths; None: no such partition."""
        if self.partition is not None and self.partition not in partitions:
            return None
        parts = (int(name == self.partition) for name in partitions)
        return (math.ceil(self.thousandths / cpu_unit), self.memory_mib, self.accelerators, *parts)


@frozen
class DescribedCopies:
    """The copies of a component: asked for, running, and placed per instance type as far as AWS tells."""

    desired: int | None = None
    current: int | None = None
    placed: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, runtime: Mapping[str, Any]) -> DescribedCopies:
        """Those of a described RuntimeConfig."""
        placed = runtime.get("PlacementStatus") or ()
        rows = tuple((row["InstanceType"], row["CurrentCopyCount"]) for row in placed)
        return cls(runtime.get("DesiredCopyCount"), runtime.get("CurrentCopyCount"), rows)


@frozen
class EndpointComponent:
    """A component as DescribeInferenceComponent shows it, or as a change leaves it.

    ``specifications`` are by instance type (None: any), each as a request would write it; ``variant`` and
    ``endpoint`` are None where they are not told, and ``copies`` where nothing tells of any; ``modified``
    is its LastModifiedTime, and ``path`` where its description stands.
    """

    name: str
    specifications: Mapping[str | None, Mapping[str, Any]]
    copies: DescribedCopies | None = None
    status: str | None = None
    variant: str | None = None
    endpoint: str | None = None
    failure: str | None = None
    modified: str | None = None
    path: str = "$"

    @classmethod
    def of(cls, described: Mapping[str, Any], path: str = "$") -> EndpointComponent:
        """The component of an answer; :class:`InputError` when its specification is malformed."""
        runtime, reason = described.get("RuntimeConfig"), described.get("FailureReason")
        modified = described.get("LastModifiedTime")
        return cls(
            name=described["InferenceComponentName"],
            specifications=specifications_of(described, path),
            copies=None if runtime is None else DescribedCopies.of(runtime),
            status=described.get("InferenceComponentStatus"),
            variant=described.get("VariantName"),
            endpoint=described.get("EndpointName"),
            failure=str(reason) if reason else None,
            modified=modified if isinstance(modified, str) else None,
            path=path,
        )

    @cached_property
    def requirements(self) -> Mapping[str | None, Requirements]:
        """What a copy reserves, per instance type (see `requirements_of`)."""
        return _required(self.specifications, self.path)

    @property
    def base(self) -> str | None:
        """The component that an adapter, described for all types at once, is loaded into."""
        base = self.specifications.get(None, {}).get("BaseInferenceComponentName")
        return base if isinstance(base, str) else None

    @property
    def is_adapter(self) -> bool:
        """Whether any of its specifications names a base."""
        return any("BaseInferenceComponentName" in entry for entry in self.specifications.values())

    @property
    def desired_copies(self) -> int:
        """How many copies it is to have: 0 for an adapter of which nothing tells; else InputError there."""
        if self.copies is None and any(
            entry.get("BaseInferenceComponentName") for entry in self.specifications.values()
        ):
            return 0
        count = self.copies.desired if self.copies else None
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count < _LIMIT:
            path = f"{self.path}.RuntimeConfig.DesiredCopyCount"
            raise InputError(InputProblem("must be a whole number of copies", path=path))
        return count


def requirements_of(described: Mapping[str, Any], path: str = "$") -> dict[str | None, Requirements]:
    """What a copy of a described component reserves, per instance type; the key None stands for any type.

    Empty for an adapter (Describe echoes its base's requirements, which must not be counted twice) and where
    Describe names none. ``path`` is the JSON path of the answer. Raises InputError when it is malformed.
    """
    return _required(specifications_of(described, path), path)


def _required(
    specifications: Mapping[str | None, Mapping[str, Any]], path: str
) -> dict[str | None, Requirements]:
    found: dict[str | None, Requirements] = {}
    for key, entry in specifications.items():
        inside = f"{path}.Specification" if key is None else f"{path}.Specifications"
        required = requirements_in(entry, inside)
        if required:
            found[key] = required
    return found


def specifications_of(described: Mapping[str, Any], path: str = "$") -> dict[str | None, dict[str, Any]]:
    """Return the described specifications by instance type (None: any), each as a request would write it."""
    single = described.get("Specification")
    if single is not None:
        return {None: _as_request(single, f"{path}.Specification")}
    several = described.get("Specifications") or []
    if not isinstance(several, list | tuple):
        raise InputError(
            InputProblem(f"must be a list, is {type_name(several)}", path=f"{path}.Specifications")
        )
    entries = [_as_request(entry, f"{path}.Specifications[{at}]") for at, entry in enumerate(several)]
    return {_instance_type(entry, path): entry for entry in entries}


def _instance_type(entry: Mapping[str, Any], path: str) -> str | None:
    name = entry.get("InstanceType")
    if name is not None and not isinstance(name, str):
        at = f"{path}.Specifications.InstanceType"
        raise InputError(InputProblem(f"must be a string, is {type_name(name)}", path=at))
    return name


def requirements_in(specification: Mapping[str, Any], path: str = "$") -> Requirements | None:
    """What a copy of one (merged) specification reserves; None for an adapter or when it does not say."""
    compute = specification.get("ComputeResourceRequirements")
    if compute is None or specification.get("BaseInferenceComponentName"):
        return None
    path = f"{path}.ComputeResourceRequirements"
    if type(compute) is dict and all(type(value) in _PLAIN for value in compute.values()):
        # Most components ask for what others ask for, and for what they asked for before.
        with suppress(InputError):
            return _same(tuple((name, type(value), value) for name, value in compute.items()))
    return _reserved(compute, path)


_PLAIN = (int, float, str)


@lru_cache(maxsize=4096)
def _same(compute: tuple[tuple[str, type, Any], ...]) -> Requirements:
    return _reserved({name: value for name, _, value in compute}, "$")


def _reserved(compute: Any, path: str) -> Requirements:
    """What requirements come to; :class:`InputError` at their path where they are malformed."""
    read, problems = parse_shape(ComputeResourceRequirements, compute, path)
    # What Describe shows below a request's minimum is taken as it is.
    wrong = [problem for problem in problems if problem.fatal and problem.kind is not FieldRule.RANGE]
    if wrong or read is None or read.unreadable:
        raise InputError(problems)
    devices = 0 if read.accelerator_partition_type else read.number_of_accelerator_devices_required or 0
    cores = read.number_of_cpu_cores_required or 0
    millicores = _round_up(cores, path, 1000)
    return Requirements(
        memory_mib=_round_up(read.min_memory_required_in_mb, path),
        cpu_millicores=millicores,
        accelerators=_round_up(devices, path),
        partition=read.accelerator_partition_type,
        cpu_excess=millicores - Fraction(Decimal(str(cores))) * 1000,
    )


def _round_up(number: float, path: str, scale: int = 1) -> int:
    """``number`` x ``scale``, rounded up, exactly as the decimal text of the number says."""
    if not 0 <= number < _LIMIT:
        raise InputError(InputProblem(f"{shown_number(number)} is no amount a copy can reserve", path=path))
    if type(number) is int:
        return number * scale
    return math.ceil(Fraction(Decimal(str(number))) * scale)


def _as_request(summary: Any, path: str) -> dict[str, Any]:
    """Undo how Describe shows an image: DeployedImage.SpecifiedImage is what was asked for as Image."""
    if not isinstance(summary, dict):
        raise InputError(InputProblem(f"must be an object, is {type_name(summary)}", path=path))
    container = summary.get("Container")
    if not isinstance(container, dict) or not isinstance(container.get("DeployedImage"), dict):
        return dict(summary)
    image = container["DeployedImage"].get("SpecifiedImage")
    asked = {name: value for name, value in container.items() if name != "DeployedImage"}
    return {**summary, "Container": asked | ({"Image": image} if image else {})}
