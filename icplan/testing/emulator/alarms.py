"""CloudWatch alarms: by their metric, or set by hand. Those of a rolling update roll it back.

An alarm is evaluated at the end of each of its periods, from the first value of its metric on; one that is
set by hand stays so until then, and for ever if its metric never had a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.testing.emulator.alarm_states import ALARM, NO_DATA, is_evaluated, state_of, statistic_of
from icplan.testing.emulator.metrics import key_of
from icplan.testing.emulator.other_service_texts import NO_ALARM
from icplan.testing.emulator.pages import numbered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.testing.emulator.metrics import Key
    from icplan.testing.emulator.region import Region

_PAGE = 50


class Alarms:
    """The metric alarms of a Region."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._alarms: dict[str, dict[str, Any]] = {}
        self._watched_until: dict[str, float] = {}
        self._due: set[tuple[str, float]] = set()

    def rings(self, name: str) -> bool:
        """Whether an alarm is in state ALARM."""
        return bool(self._alarms.get(name, {}).get("StateValue") == ALARM)

    def set(self, name: str, state: str, reason: str = "set by the test") -> None:
        """Put an alarm into a state, as SetAlarmState does, and make it if it is not there."""
        self._alarms.setdefault(name, self._new(name))
        self._put(name, state, reason)

    def _new(self, name: str) -> dict[str, Any]:
        now = self._region.clock.now
        arn = f"arn:aws:cloudwatch:{self._region.name}:{self._region.account}:alarm:{name}"
        times = {"StateUpdatedTimestamp": now, "AlarmConfigurationUpdatedTimestamp": now}
        state = {"StateValue": NO_DATA, "StateReason": "Unchecked: Initial alarm creation"}
        return {"AlarmName": name, "AlarmArn": arn, "ActionsEnabled": True, **state, **times}

    def put_metric_alarm(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Make an alarm, or change one and keep its state."""
        name = params["AlarmName"]
        before = self._alarms.get(name) or self._new(name)
        kept = {key: value for key, value in params.items() if key != "Tags"}
        self._alarms[name] = {**before, **kept, "AlarmConfigurationUpdatedTimestamp": self._region.clock.now}
        if is_evaluated(params) and self._region.metrics.known(key_of(params)):
            self._watch(name)
        return {}

    def set_alarm_state(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Put an alarm into a state."""
        if params["AlarmName"] not in self._alarms:
            raise NO_ALARM.error()
        self._put(params["AlarmName"], params["StateValue"], params["StateReason"])
        return {}

    def _put(self, name: str, state: str, reason: str) -> None:
        now = self._region.clock.now
        self._alarms[name] |= {"StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": now}
        self._region.note(name, state)
        self._region.changed()
        self._region.go_on()

    # -- by their metrics -----------------------------------------------------------------------------------

    def metric_changed(self, key: Key) -> None:
        """A metric has another value: its alarms are evaluated until that can tell no more."""
        for name, alarm in self._alarms.items():
            if is_evaluated(alarm) and key_of(alarm) == key:
                self._watch(name)

    def _watch(self, name: str) -> None:
        alarm = self._alarms[name]
        now, period = self._region.clock.now, alarm["Period"]
        self._watched_until[name] = now + (alarm["EvaluationPeriods"] + 1) * period
        self._look_later(name)

    def _look_later(self, name: str) -> None:
        """Evaluate an alarm at the end of the period."""
        now, period = self._region.clock.now, self._alarms[name]["Period"]
        end = (now // period + 1) * period
        if (name, end) not in self._due:
            self._due.add((name, end))
            self._region.clock.after(end - now, lambda: self._look(name, end))

    def _look(self, name: str, at: float) -> None:
        self._due.discard((name, at))
        alarm = self._alarms.get(name)
        if alarm is None or not is_evaluated(alarm):
            return
        period, metrics = alarm["Period"], self._region.metrics
        begins = [at - number * period for number in range(alarm["EvaluationPeriods"], 0, -1)]
        key, statistic = key_of(alarm), statistic_of(alarm)
        found = state_of(alarm, [metrics.value(key, begin, begin + period, statistic) for begin in begins])
        if at < self._watched_until[name]:
            self._look_later(name)
        if found is not None and found[0] != alarm["StateValue"]:
            self._put(name, *found)

    def describe_alarms(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One page of alarms."""
        names = params.get("AlarmNames")
        found = [
            alarm
            for name, alarm in sorted(self._alarms.items())
            if (names is None or name in names)
            and name.startswith(params.get("AlarmNamePrefix", ""))
            and params.get("StateValue") in (None, alarm["StateValue"])
        ]
        return {"CompositeAlarms": [], **numbered("MetricAlarms", found, params, _PAGE, "MaxRecords")}

    def delete_alarms(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Forget alarms."""
        for name in params["AlarmNames"]:
            self._alarms.pop(name, None)
            self._watched_until.pop(name, None)
        return {}
