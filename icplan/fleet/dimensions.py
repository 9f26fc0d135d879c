"""CPU, memory and accelerators: their request members, units, and figures in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.fleet.fleet import ACCELERATORS, CPU, MEMORY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def format_amount(dimension: str, value: int) -> str:
    """``2 accelerators``, ``14336 MiB of memory``, ``0.25 CPU cores``, ``1 mig-1g.10gb partition``."""
    if dimension == CPU:
        return f"{cores(value)} CPU core{'' if value == 1000 else 's'}"  # noqa: PLR2004  (one core)
    if dimension == MEMORY:
        return f"{value} MiB of memory"
    name = "accelerator" if dimension == ACCELERATORS else f"{dimension} partition"
    return f"{value} {name}{'' if value == 1 else 's'}"


def format_amounts(dimensions: Sequence[str], vector: Sequence[int]) -> str:
    """The amounts that are not zero, joined; ``nothing`` when all are."""
    said = [format_amount(d, v) for d, v in zip(dimensions, vector, strict=True) if v]
    return ", ".join(said) or "nothing"


def unit(dimension: str) -> str:
    """The name of the unit in which `figure` is."""
    return {CPU: "CPU cores", MEMORY: "MiB", ACCELERATORS: "accelerators"}.get(
        dimension, f"{dimension} partitions"
    )


def noun(dimension: str) -> str:
    """What is counted, without a number."""
    return "memory" if dimension == MEMORY else unit(dimension)


def digits(dimension: str, value: int) -> str:
    """The value in digits alone, in the unit of the dimension."""
    return cores(value) if dimension == CPU else str(value)


def in_unit(dimension: str, value: int) -> float:
    """The value as a number of cores, MiB, devices or partitions."""
    return value / 1000 if dimension == CPU else value


def cores(milli: int) -> str:
    """Thousandths of a core as a decimal number of cores."""
    return f"{milli / 1000:.3f}".rstrip("0").rstrip(".")


def singular(unit: str) -> str:
    """The unit of one: ``copy`` of ``copies``, ``accelerator per copy`` of ``accelerators per copy``."""
    noun, per, rest = unit.partition(" per ")
    noun = f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")
    return noun + per + rest


def counted(number: int, noun: str) -> str:
    """``1 instance``, ``3 instances``, ``2 copies``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def device_noun(instance_types: Iterable[str]) -> str:
    """What their accelerators are called: ``GPU``, else ``accelerator``."""
    gpus = all(name.removeprefix("ml.")[:1] in ("g", "p") for name in instance_types)
    return "GPU" if gpus else "accelerator"


def in_words(dimension: str, value: int) -> str:
    """An amount for people, exact: ``3 accelerators``, ``48 GiB of memory``, ``7372 MiB of memory``."""
    if dimension == ACCELERATORS:
        return counted(value, "accelerator")
    return f"{memory(value)} of memory" if dimension == MEMORY else format_amount(dimension, value)


def pair_in_words(dimension: str, need: int, have: int) -> tuple[str, str]:
    """Two amounts in one unit, so that they can be compared at a glance."""
    told = in_words(dimension, need), in_words(dimension, have)
    mixed = dimension == MEMORY and len({one.split()[1] for one in told}) > 1
    return (format_amount(MEMORY, need), format_amount(MEMORY, have)) if mixed else told


def memory(mib: int) -> str:
    """An amount of memory in GiB where that is exact to a tenth, else in MiB."""
    tenths, rest = divmod(mib * 10, 1024)
    if rest or not mib:
        return f"{mib} MiB"
    whole, tenth = divmod(tenths, 10)
    return f"{whole}.{tenth} GiB" if tenth else f"{whole} GiB"


#: Per resource: the remedy that asks for less of it, and the member of the request that asks for it.
LESS_OF = {MEMORY: "less-memory", CPU: "less-cpu", ACCELERATORS: "fewer-accelerators"}
REQUEST_MEMBER = {
    MEMORY: "MinMemoryRequiredInMb",
    CPU: "NumberOfCpuCoresRequired",
    ACCELERATORS: "NumberOfAcceleratorDevicesRequired",
}
