"""Components and prices drawn for plans: few resources, so that they fit each other badly and well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from random import Random

#: Types with what a plan is told of them: cores and memory (from low to high), and devices.
KNOWN = {
    "ml.g5.2xlarge": ((6, 7), (16384, 24576), 1),
    "ml.g5.12xlarge": ((40, 44), (65536, 98304), 4),
    "ml.g6.48xlarge": ((150, 160), (131072, 196608), 8),
    "ml.m5.2xlarge": ((6, 8), (16384, 30000), 0),
}
SETTINGS = [
    text
    for name, (cores, memory, _) in KNOWN.items()
    for text in (f"{name}.cpu={cores[0]}..{cores[1]}", f"{name}.memory={memory[0]}..{memory[1]}")
]
PRICES = {
    "IcplanPrices": 1,
    "Region": "us-east-1",
    "Currency": "USD",
    "Source": "drawn",
    "Version": "1",
    "TakenAt": "2026-11-27T08:00:00Z",
    "PerHour": {
        "ml.g5.2xlarge": "1.515",
        "ml.g5.12xlarge": "7.09",
        "ml.g6.48xlarge": "16.688",
        "ml.m5.2xlarge": "0.46",
    },
}


@attrs.frozen
class Size:
    """How many components, and copies of each, there may be."""

    components: int = 4
    copies: int = 6


def drawn_components(random: Random, size: Size) -> list[dict[str, Any]]:
    """Components as `icplan.plan` takes them, named in order."""
    return [_component(random, f"c{number}", size) for number in range(random.randint(1, size.components))]


def _component(random: Random, name: str, size: Size) -> dict[str, Any]:
    copies = random.randint(1, size.copies)
    compute: dict[str, Any] = {
        "MinMemoryRequiredInMb": random.choice((1024, 6000, 8192, 12288, 20480, 40000))
    }
    if devices := random.choice((0, 1, 1, 2, 3, 4)):
        compute["NumberOfAcceleratorDevicesRequired"] = devices
    if cores := random.choice((0, 0.5, 1, 3, 6)):
        compute["NumberOfCpuCoresRequired"] = cores
    request = {
        "InferenceComponentName": name,
        "EndpointName": "prod",
        "VariantName": "AllTraffic",
        "Specification": {"ModelName": "v1", "ComputeResourceRequirements": compute},
        "RuntimeConfig": {"CopyCount": copies},
    }
    told: dict[str, Any] = {"Request": request}
    if random.random() < 0.5:
        told["Copies"] = {"Min": 1, "Max": copies + random.randint(0, 4)}
    if copies > 1 and random.random() < 0.8:
        told["DeploymentConfig"] = {"RollingUpdatePolicy": _policy(random, copies)}
    return told


def _policy(random: Random, copies: int) -> dict[str, Any]:
    policy: dict[str, Any] = {
        "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": random.randint(1, max(1, copies // 2))},
        "WaitIntervalInSeconds": 60,
    }
    if random.random() < 0.5:
        again = {"Type": "COPY_COUNT", "Value": random.randint(1, max(1, copies // 2))}
        policy["RollbackMaximumBatchSize"] = again
    return policy
