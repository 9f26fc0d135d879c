"""What SageMaker does to the number of instances by itself, and how that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.fleet.dimensions import counted
from icplan.verdict.consolidation import ByItself

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping

DOCUMENTED: Final = "documented"
INFERRED: Final = "inferred"
JUDGED: Final = "judged"
NOT_DOCUMENTED: Final = "not-documented"
_STEP, _COOLDOWN = 1, 20
"""CONSOLIDATION's own defaults: instances at a time, and minutes between."""


def by_itself(
    scaling: Mapping[str, object] | None, now: int, needed: Counter[str] | None
) -> Iterator[ByItself]:
    """What the scaling in force does to an endpoint of so many instances, of which so many are needed."""
    if scaling is None:
        yield ByItself("managed instance scaling is off: the number of instances stays as it is", INFERRED)
        return
    told = scaling.get("ScaleInPolicy")
    policy = told if isinstance(told, dict) else {}
    told_least = scaling.get("MinInstanceCount", 1)
    least = told_least if isinstance(told_least, int) else 1
    match policy.get("Strategy"):
        case "CONSOLIDATION":
            step = counted(int(policy.get("MaximumStepSize", _STEP)), "instance")
            wait = policy.get("CooldownInMinutes", _COOLDOWN)
            yield ByItself(
                f"CONSOLIDATION moves copies to other instances at times, as each component's scheduling "
                f"configuration allows, and releases up to {step} at a time, {wait} minutes after the last "
                f"operation",
                DOCUMENTED,
            )
            yield ByItself("how far it gets is not documented", NOT_DOCUMENTED)
        case "IDLE_RELEASE":
            yield ByItself("IDLE_RELEASE releases instances without copies, and moves no copy", DOCUMENTED)
        case _:
            yield ByItself(
                "no ScaleInPolicy is set, and which one holds then is not documented: taken for "
                "IDLE_RELEASE, which releases instances without copies and moves no copy",
                INFERRED,
            )
    steady = needed.total() if needed is not None else 0
    if least < steady:
        yield ByItself(
            f"MinInstanceCount is {least}: idle instances are released below the {steady} that this plan "
            f"wants to run, unless it is raised to {steady}",
            JUDGED,
        )
    elif least > steady and needed is not None and now > steady:
        yield ByItself(f"MinInstanceCount is {least}: no more than {max(0, now - least)} can go", JUDGED)
