"""CloudWatch alarms: made, set by hand, read. Those of a rolling update roll it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.testing.emulator.errors import ServiceError
from icplan.testing.emulator.pages import numbered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.testing.emulator.region import Region

_PAGE = 50
_ALARM = "ALARM"


class Alarms:
    """The metric alarms of a Region. No metric is evaluated: an alarm rings when it is told to."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._alarms: dict[str, dict[str, Any]] = {}

    def rings(self, name: str) -> bool:
        """Whether an alarm is in state ALARM."""
        return bool(self._alarms.get(name, {}).get("StateValue") == _ALARM)

    def set(self, name: str, state: str, reason: str = "set by the test") -> None:
        """Put an alarm into a state, as SetAlarmState does, and make it if it is not there."""
        self._alarms.setdefault(name, self._new(name))
        self.set_alarm_state({"AlarmName": name, "StateValue": state, "StateReason": reason})

    def _new(self, name: str) -> dict[str, Any]:
        now = self._region.clock.now
        arn = f"arn:aws:cloudwatch:{self._region.name}:{self._region.account}:alarm:{name}"
        times = {"StateUpdatedTimestamp": now, "AlarmConfigurationUpdatedTimestamp": now}
        state = {"StateValue": "INSUFFICIENT_DATA", "StateReason": "Unchecked: Initial alarm creation"}
        return {"AlarmName": name, "AlarmArn": arn, "ActionsEnabled": True, **state, **times}

    def put_metric_alarm(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Make an alarm, or change one and keep its state."""
        name = params["AlarmName"]
        before = self._alarms.get(name) or self._new(name)
        kept = {key: value for key, value in params.items() if key != "Tags"}
        self._alarms[name] = {**before, **kept, "AlarmConfigurationUpdatedTimestamp": self._region.clock.now}
        return {}

    def set_alarm_state(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Put an alarm into a state."""
        alarm = self._alarms.get(params["AlarmName"])
        if alarm is None:
            raise ServiceError("ResourceNotFound", "The alarm does not exist.", 404)
        alarm |= {"StateValue": params["StateValue"], "StateReason": params["StateReason"]}
        alarm["StateUpdatedTimestamp"] = self._region.clock.now
        self._region.note(params["AlarmName"], params["StateValue"])
        self._region.changed()
        self._region.go_on()
        return {}

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
        return {}
