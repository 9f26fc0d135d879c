"""ICP127, ICP128, ICP138 to ICP140, ICP142: what a copy reserves and runs."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from icplan.rules.base import API, DOCUMENTED, ERROR, INFERRED, WARNING, Rule, Violation
from icplan.rules.context import specifications

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.requests.call import Call
    from icplan.rules.base import Check


RULES = (
    Rule(
        id="ICP127",
        title="Minimum memory above maximum memory",
        severity=ERROR,
        basis=INFERRED,
        source=(
            "The API model bounds each from below only; no copy can have at least the one and at most "
            "the other."
        ),
        why="A copy reserves `MinMemoryRequiredInMb` and is stopped beyond `MaxMemoryRequiredInMb`.",
        fix="Raise `MaxMemoryRequiredInMb`, lower `MinMemoryRequiredInMb`, or leave the maximum out.",
    ),
    Rule(
        id="ICP128",
        title="A fraction of an accelerator",
        severity=WARNING,
        basis=INFERRED,
        source="The API model allows any number from 1; every published example has a whole one.",
        why="Accelerators are given out whole. icplan counts a fraction as one more device.",
        fix="Ask for a whole number, or for a partition (`AcceleratorPartitionType`).",
    ),
    Rule(
        id="ICP138",
        title="More environment variables than documented",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f'{API}: "We support up to 16 entries in the map." The API model allows 100.',
        why="The two published limits differ. icplan refuses above 100 (ICP108) and warns above 16.",
        fix="Keep to 16 variables, or move settings into the artefact.",
    ),
    Rule(
        id="ICP139",
        title="The artefact is no .tar.gz archive",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f'{API}: "This path must point to a single gzip compressed tar archive (.tar.gz suffix)."',
        why="Whether the suffix is checked before the container starts is not stated; hence a warning.",
        fix="Pack the model as .tar.gz, or read it from the container through an environment variable.",
    ),
    Rule(
        id="ICP140",
        title="The memory looks like another unit",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f'{API}: "The minimum MB of memory to allocate to run a model".',
        why=(
            "The number is far larger than any instance's memory in MB, smaller than the least allowed, or "
            "so small that a copy which takes accelerators hardly lives on it, as gigabytes are."
        ),
        fix="Write megabytes: 16 GB is 16384.",
    ),
    Rule(
        id="ICP142",
        title="A metrics interval that is not offered",
        severity=WARNING,
        basis=DOCUMENTED,
        source=(
            f'{API}, MetricPublishFrequencyInSeconds: "Valid values: 10, 30, 60, 120, 180, 240, 300. '
            "Defaults to 60.\" The API model has no such bound; CloudFormation's schema has 10 to 300."
        ),
        why="Whether another value is refused or rounded is not stated; hence a warning.",
        fix="Use one of 10, 30, 60, 120, 180, 240 and 300 seconds.",
    ),
)


DOCUMENTED_VARIABLES = 16


_BOUNDS = ("MinMemoryRequiredInMb", "MaxMemoryRequiredInMb")


_SUFFIX = r"[^/]\.[A-Za-z][A-Za-z0-9_]*$"


OFFERED_INTERVALS = (10, 30, 60, 120, 180, 240, 300)


_MIN_MEMORY = 128
#: Megabytes below which the memory of a copy that takes accelerators may be gigabytes: 192 GB is common. From
#: 256 on there are deployments that mean what they say, where the weights lie in the accelerators' memory.
_LITTLE = 256


_LARGER_THAN_ANY = 32 * 1024 * 1024


def memory_bounds_crossed(case: Call) -> Iterator[Violation]:
    """ICP127."""
    for entry, path in specifications(case):
        compute = entry.compute_resource_requirements
        if compute is None or compute.max_memory_required_in_mb is None:
            continue
        least, most = compute.min_memory_required_in_mb, compute.max_memory_required_in_mb
        if least > most:
            at = f"{path}.ComputeResourceRequirements.MaxMemoryRequiredInMb"
            yield Violation(at, f"{most} MB at most is less than the {least} MB at least", least, most)


def fraction_of_a_device(case: Call) -> Iterator[Violation]:
    """ICP128."""
    for entry, path in specifications(case):
        compute = entry.compute_resource_requirements
        devices = compute.number_of_accelerator_devices_required if compute else None
        if devices is not None and devices != math.floor(devices):
            at = f"{path}.ComputeResourceRequirements.NumberOfAcceleratorDevicesRequired"
            yield Violation(
                at, f"{devices} accelerators: devices are given out whole, {math.ceil(devices)} are counted"
            )


def many_variables(case: Call) -> Iterator[Violation]:
    """ICP138."""
    for entry, path in specifications(case):
        count = len(entry.container.environment or ()) if entry.container else 0
        if count > DOCUMENTED_VARIABLES:
            message = f"Environment has {count} variables; {DOCUMENTED_VARIABLES} are documented as supported"
            yield Violation(
                f"{path}.Container.Environment", message, count, DOCUMENTED_VARIABLES, DOCUMENTED_VARIABLES
            )


def artifact_not_tar_gz(case: Call) -> Iterator[Violation]:
    """ICP139."""
    for entry, path in specifications(case):
        url = entry.container.artifact_url if entry.container else None
        if url is not None and _is_another_file(_path_of(url)):
            yield Violation(
                f"{path}.Container.ArtifactUrl",
                "ArtifactUrl does not end in .tar.gz, as a single packed archive would",
            )


def _is_another_file(path: str) -> bool:
    """Whether a path is that of a file other than an archive; a prefix of S3, with all below it, is none."""
    return path.endswith(".tar.gz/") or (
        not path.endswith(".tar.gz") and re.search(_SUFFIX, path) is not None
    )


def memory_in_another_unit(case: Call) -> Iterator[Violation]:
    """ICP140."""
    for entry, path in specifications(case):
        compute = entry.compute_resource_requirements
        if compute is None:
            continue
        least, most = compute.min_memory_required_in_mb, compute.max_memory_required_in_mb
        # Of the upper bound nobody lives.
        littles = (_LITTLE if compute.number_of_accelerator_devices_required else _MIN_MEMORY, _MIN_MEMORY)
        values = list(zip((least, most), littles, strict=True))
        meant = [None if value is None else _meant(value, little) for value, little in values]
        after = [
            value if other is None else other[0] for value, other in zip((least, most), meant, strict=True)
        ]
        crossed = None not in after and after[0] > after[1]  # type: ignore[operator]
        for name, (value, little), instead in zip(_BOUNDS, values, meant, strict=True):
            message = None if value is None else _unit_mistake(value, little, None if crossed else instead)
            if message:
                yield Violation(f"{path}.ComputeResourceRequirements.{name}", message)


def unsupported_interval(case: Call) -> Iterator[Violation]:
    """ICP142."""
    for entry, path in specifications(case):
        metrics = entry.container.container_metrics_config if entry.container else None
        for index, endpoint in enumerate((metrics and metrics.metrics_endpoints) or ()):
            seconds = endpoint.metric_publish_frequency_in_seconds
            if seconds is not None and seconds not in OFFERED_INTERVALS:
                at = f"{path}.Container.ContainerMetricsConfig.MetricsEndpoints[{index}]"
                yield Violation(
                    f"{at}.MetricPublishFrequencyInSeconds", f"{seconds} s is not one of those documented"
                )


def _meant(value: int, little: int) -> tuple[int, str] | None:
    """The megabytes that were meant, if the value is one of another unit; none that is refused itself."""
    if value >= _LARGER_THAN_ANY:
        megabytes = -(-value // 2**20)
        if _MIN_MEMORY <= megabytes < _LARGER_THAN_ANY:
            return megabytes, "these are bytes"
        # Whoever reckons in KB has multiplied whole megabytes.
        megabytes, rest = divmod(value, 2**10)
        return (megabytes, "this is KB") if not rest and megabytes < _LARGER_THAN_ANY else None
    # The least that is allowed is what it says.
    return (value * 1024, "this is GB") if 0 < value < little and value != _MIN_MEMORY else None


def _unit_mistake(value: int, little: int, instead: tuple[int, str] | None) -> str | None:
    """What is odd about the value; ``little`` is what a copy that takes accelerators hardly lives on."""
    if value >= _LARGER_THAN_ANY:
        what = f"{value} MB is more than any instance has"
    elif 0 < value < _MIN_MEMORY:
        what = f"{value} MB is less than the {_MIN_MEMORY} allowed"
    elif _MIN_MEMORY < value < little:
        what = f"{value} MB is little for a copy that takes accelerators"
    else:
        return None
    return what if instead is None else f"{what}; if {instead[1]}, write {instead[0]}"


def _path_of(url: str) -> str:
    """The path of a URL, without a signed query string."""
    try:
        return urlsplit(url).path
    except ValueError:  # such as an unbalanced bracket in the host
        return url


CHECKS: Mapping[str, Check[Call]] = {
    "ICP127": memory_bounds_crossed,
    "ICP128": fraction_of_a_device,
    "ICP138": many_variables,
    "ICP139": artifact_not_tar_gz,
    "ICP140": memory_in_another_unit,
    "ICP142": unsupported_interval,
}
