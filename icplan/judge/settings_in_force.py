"""Which settings are in force, where they come from, and which of them loosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.assumptions import BY_NAME
from icplan.catalog.catalog import builtin_types
from icplan.judge.settings import EFFORT
from icplan.verdict.origin import SettingInForce

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from icplan.catalog.types import InstanceType

SECONDS: Final = 60.0
"""The time limit where none is set."""


def in_force(  # noqa: PLR0913  (one for each kind of setting)
    file: str | None,
    *,
    assume: Mapping[str, str] | None = None,
    allocatable: Iterable[str] = (),
    observations: Iterable[str] = (),
    types: Mapping[str, InstanceType] | None = None,
    ignore: Mapping[str, str] | None = None,
    fail_on: Iterable[str] = (),
    time_limit: float | None = None,
    effort: int | None = None,
) -> Iterator[SettingInForce]:
    """The settings of one file, or (``None``) of the command line.

    Amounts and observations loosen whichever way they go: with less room the copies that run may lie in fewer
    ways, so that even a smaller amount may turn a doubt into a promise.
    """
    for name, value in sorted((assume or {}).items()):
        default = BY_NAME[name].choices[0] if name in BY_NAME else None
        yield SettingInForce(f"assume.{name}", value, file, loosens=value != default)
    for text in allocatable:
        name, _, value = text.partition("=")
        yield SettingInForce(f"allocatable.{name.strip()}", value.strip(), file, loosens=True)
    for path in observations:
        yield SettingInForce("observations", path, file, loosens=True)
    for name, kind in sorted((types or {}).items()):
        yield SettingInForce(f'types."{name}"', _facts(kind), file, loosens=True)
    for rule, reason in sorted((ignore or {}).items()):
        yield SettingInForce(f"ignore.{rule}", reason, file, loosens=True)
    for choice in sorted(fail_on):
        yield SettingInForce("fail-on", choice, file, loosens=choice == "does-not-fit")
    if time_limit is not None:
        yield SettingInForce("time-limit", f"{time_limit:g}", file, loosens=time_limit < SECONDS)
    if effort is not None:
        yield SettingInForce("effort", f"{effort}", file, loosens=effort < EFFORT)


def overruled(file: Iterable[SettingInForce], line: Iterable[SettingInForce]) -> Iterator[SettingInForce]:
    """All that is in force: what the command line says, and of the file's what that leaves."""
    line = tuple(line)
    said = {one.setting for one in line}
    yield from (one for one in file if one.setting not in said or one.setting == "observations")
    yield from line


def _facts(kind: InstanceType) -> str:
    known = builtin_types().get(kind.name)
    own = _figures(kind)
    return own if known is None or _figures(known) == own else f"{own}; packaged: {_figures(known)}"


def _figures(kind: InstanceType) -> str:
    return f"{kind.vcpu} vCPU, {kind.memory_mib} MiB, {kind.accelerators} accelerators"
