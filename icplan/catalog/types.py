"""What is known of an instance type, each figure with its source."""

from __future__ import annotations

from icplan.values import frozen


@frozen
class Interval:
    """An amount that is not published: ``low`` is sure to be there, past ``high`` nothing can be placed.

    Memory in MiB, CPU in thousandths of a core. ``basis`` is documented, measured, inferred or given.
    """

    low: int
    high: int
    basis: str
    source: str


@frozen
class InstanceType:
    """An instance type that can host an endpoint.

    ``accelerators`` counts devices (GPUs, Neuron chips); ``neuron_cores`` the cores of one Neuron device, 0
    for others. ``gpu_memory_mib`` is the memory of all devices together. ``mig_gpu`` names the device in the
    partition table, when it can be partitioned.
    """

    name: str
    vcpu: int
    memory_mib: int
    accelerators: int = 0
    accelerator_name: str | None = None
    neuron_cores: int = 0
    gpu_memory_mib: int = 0
    mig_gpu: str | None = None
    quota_code: str | None = None
    source: str = ""
    confidence: str = "high"
    note: str | None = None


@frozen
class Allocatable:
    """What of an instance type's memory (MiB) and CPU (thousandths of a core) can be reserved."""

    memory: Interval
    cpu: Interval
