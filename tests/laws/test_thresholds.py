"""The amount up to which an outcome is said to hold, were the figures of the catalog wrong: it does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import event, given
from support.small_fleets import Case, judged, one_phase_cases, rolling_cases

from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.verdict.verdict import AssumptionUse


def thresholds(case: Case) -> list[tuple[AssumptionUse, int]]:
    """The thresholds of a case whose fleet has one type, each in MiB or thousandths of a core."""
    found = []
    for use in judged(case).assumptions:
        if use.threshold:
            match = re.fullmatch(
                r"surely (?:fits from|does not fit up to) ([\d.]+) (MiB|CPU cores)(?: on)?", use.threshold
            )
            assert match
            assert use.relied_on
            value = float(match[1]) * (1 if match[2] == "MiB" else 1000)
            found.append((use, round(value)))
    return found


def at(case: Case, name: str, low: int, high: int) -> Case:
    """The case with another interval of what can be allocated."""
    (kind,) = case.types
    other: Any = {name.removeprefix("allocatable-"): (low, high)}
    return attrs.evolve(case, types=(attrs.evolve(kind, **other),))


@given(one_phase_cases(pools=False) | rolling_cases(pools=False))
def test_a_change_that_fits_does_so_from_its_threshold_on(case: Case) -> None:
    """Knowing only that as much can be allocated, it still fits."""
    if not judged(case).fits:
        return
    for use, value in thresholds(case):
        event("held to it")
        high = getattr(case.types[0], use.name.removeprefix("allocatable-"))[1]
        assert judged(at(case, use.name, value, high)).fits


@given(one_phase_cases(pools=False) | rolling_cases(pools=False))
def test_a_change_that_does_not_fit_does_not_up_to_its_threshold(case: Case) -> None:
    """Even if so much can be allocated."""
    if judged(case).outcome is not Outcome.DOES_NOT_FIT:
        return
    for use, value in thresholds(case):
        low, high = getattr(case.types[0], use.name.removeprefix("allocatable-"))
        event("held to it")
        assert value >= high
        assert judged(at(case, use.name, low, value)).outcome is Outcome.DOES_NOT_FIT
