"""What a request changes of a component: each member that gets another value, with both, for people."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from icplan.verdict.change_verdict import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.requests.from_describe import EndpointComponent
    from icplan.requests.merge import EffectiveSpec

#: What members are called, and the unit of their figures.
_WORDS: dict[str, tuple[str, str | None]] = {
    "ModelName": ("model", None),
    "Container.Image": ("image", None),
    "Container.ArtifactUrl": ("artifact", None),
    "ComputeResourceRequirements.MinMemoryRequiredInMb": ("memory per copy", "MiB"),
    "ComputeResourceRequirements.MaxMemoryRequiredInMb": ("most memory per copy", "MiB"),
    "ComputeResourceRequirements.NumberOfCpuCoresRequired": ("CPU cores per copy", None),
    "ComputeResourceRequirements.NumberOfAcceleratorDevicesRequired": ("accelerators per copy", None),
    "ComputeResourceRequirements.AcceleratorPartitionType": ("partition per copy", None),
    "StartupParameters.ModelDataDownloadTimeoutInSeconds": ("model download time-out", "s"),
    "StartupParameters.ContainerStartupHealthCheckTimeoutInSeconds": ("start-up time-out", "s"),
    "BaseInferenceComponentName": ("base component", None),
}
_ENVIRONMENT = "Container.Environment"
#: A figure that grows or falls by more than this is noted: it may be a slip of the unit.
NOTED = 4


def differences(described: EndpointComponent | None, spec: EffectiveSpec) -> tuple[Difference, ...]:
    """What changes of each specification, in all members, nested ones by themselves. Nothing of a new one."""
    if described is None:
        return ()
    before = described.specifications
    found = []
    for key, after in spec.specifications.items():
        old = before.get(key)
        if old is None or after == old:
            continue
        where = f" on {key}" if key and len(spec.specifications) > 1 else ""
        found += list(_between(old, after, where))
    return tuple(found)


def _between(old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[Difference]:
    flat_old, flat_new = dict(_flat(old)), dict(_flat(new))
    for member in dict.fromkeys((*flat_old, *flat_new)):
        before, after = flat_old.get(member), flat_new.get(member)
        if before == after:
            continue
        if member.startswith(f"{_ENVIRONMENT}."):
            # Of values nothing is shown: they may be secrets.
            name = member.removeprefix(f"{_ENVIRONMENT}.")
            how = "added" if before is None else "removed" if after is None else "another value"
            yield Difference(f"environment variable {name}{where}", None, how)
            continue
        name, unit = _WORDS.get(member, (member, None))
        yield Difference(f"{name}{where}", _text(before), _text(after), unit, _factor(before, after))


def _flat(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, member in value.items():
        if isinstance(member, dict):
            yield from _flat(member, f"{path}{name}.")
        else:
            yield f"{path}{name}", member


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _factor(before: Any, after: Any) -> str | None:
    """``8 times as much``, where a figure grows or falls by more than four times."""
    numbers = [one for one in (before, after) if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) != 2 or not all(one > 0 for one in numbers):  # noqa: PLR2004  (both)
        return None
    old, new = (Fraction(str(one)) for one in numbers)
    if new > NOTED * old:
        return f"{_rounded(new / old)} times as much"
    if old <= NOTED * new:
        return None
    ratio = old / new
    return f"{'' if ratio.denominator == 1 else 'about '}1/{round(ratio)} of it"


def _rounded(ratio: Fraction) -> str:
    return str(int(ratio)) if ratio.denominator == 1 else f"about {round(ratio)}"
