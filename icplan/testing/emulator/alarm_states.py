"""What state an alarm is in by the values of its metric: so many breaching periods of the last few.

A period counts once it is over; periods begin at multiples of their length. Where CloudWatch looks a little
further back than the evaluation periods to make up for missing data, this does not.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ALARM: Final = "ALARM"
OK: Final = "OK"
NO_DATA: Final = "INSUFFICIENT_DATA"
_COMPARED: Final[dict[str, tuple[Callable[[float, float], bool], str]]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


def is_evaluated(alarm: Mapping[str, Any]) -> bool:
    """Whether an alarm watches one metric against a threshold; others ring when they are told to."""
    compared = alarm.get("ComparisonOperator") in _COMPARED and "Threshold" in alarm
    return compared and "MetricName" in alarm and "Period" in alarm


def statistic_of(alarm: Mapping[str, Any]) -> str:
    """The statistic that an alarm looks at."""
    return str(alarm.get("Statistic") or alarm.get("ExtendedStatistic") or "Average")


def state_of(alarm: Mapping[str, Any], values: Sequence[float | None]) -> tuple[str, str] | None:
    """State and reason by the last periods' values (None: no data); None where the alarm stays as it is."""
    compare, words = _COMPARED[alarm["ComparisonOperator"]]
    threshold, missing = float(alarm["Threshold"]), alarm.get("TreatMissingData", "missing")
    there = [value for value in values if value is not None]
    breaching = [value for value in there if compare(value, threshold)]
    count = len(breaching)
    if missing == "breaching":
        count += len(values) - len(there)
    told = f"{len(there)} of the last {len(values)} datapoints {there}; threshold {threshold}"
    if count >= alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"]):
        return ALARM, f"Threshold Crossed: {count} were {words} the threshold or missing: {told}"
    if there or missing in ("breaching", "notBreaching"):
        return OK, f"Threshold not crossed: {told}"
    return None if missing == "ignore" else (NO_DATA, f"Insufficient Data: {told}")
