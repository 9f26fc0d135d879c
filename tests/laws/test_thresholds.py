"""The amount at which an outcome is said to turn: with it the change fits, with one less it does not."""

from __future__ import annotations

import re

import attrs
from hypothesis import event, given
from small_fleets import Case, judged, one_phase_cases, rolling_cases

from icplan.verdict import AssumptionUse, Outcome


def thresholds(case: Case) -> list[tuple[AssumptionUse, int]]:
    """The thresholds of a case whose fleet has one type, each in MiB or thousandths of a core."""
    found = []
    for use in judged(case).assumptions:
        if use.threshold:
            match = re.fullmatch(
                r"(fits|might fit|would surely fit) from ([\d.]+) (MiB|CPU cores) on", use.threshold
            )
            assert match
            assert use.relied_on
            value = float(match[2]) * (1 if match[3] == "MiB" else 1000)
            found.append((use, round(value)))
    return found


def at(case: Case, name: str, low: int, high: int) -> Case:
    """The case with another interval of what can be allocated."""
    (kind,) = case.types
    return attrs.evolve(case, types=(attrs.evolve(kind, **{name.removeprefix("allocatable-"): (low, high)}),))


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
def test_below_its_threshold_what_does_not_fit_still_does_not(case: Case) -> None:
    """However little less than that can be allocated."""
    if judged(case).outcome is not Outcome.DOES_NOT_FIT:
        return
    for use, value in thresholds(case):
        low, high = getattr(case.types[0], use.name.removeprefix("allocatable-"))
        event("held to it")
        assert value > high
        assert judged(at(case, use.name, low, value - 1)).outcome is Outcome.DOES_NOT_FIT
        assert judged(at(case, use.name, low, value)).outcome is not Outcome.DOES_NOT_FIT
