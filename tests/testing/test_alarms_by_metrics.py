"""CloudWatch alarms that follow the metrics a test puts, and the updates they roll back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.emulated import World, needs, rolling

from icplan.testing import FakeSageMaker

ERRORS = {"Namespace": "app", "MetricName": "Errors"}
WHOSE = [{"Name": "Component", "Value": "chat"}]


class Watched:
    """A world with an alarm ``errors``: more than 5 errors in ``periods`` minutes of ``of``."""

    def __init__(self, fake: FakeSageMaker, periods: int = 1, of: int = 1, **settings: Any) -> None:
        self.fake, self.client = fake, fake.session().client("cloudwatch")
        self.client.put_metric_alarm(
            **{
                **ERRORS,
                "AlarmName": "errors",
                "Dimensions": WHOSE,
                "Statistic": "Sum",
                "Period": 60,
                "EvaluationPeriods": of,
                "DatapointsToAlarm": periods,
                "Threshold": 5.0,
                "ComparisonOperator": "GreaterThanThreshold",
                **settings,
            }
        )

    def put(self, value: float, **more: Any) -> None:
        """One value of the metric."""
        data = [{"MetricName": "Errors", "Dimensions": WHOSE, "Value": value, **more}]
        self.client.put_metric_data(Namespace="app", MetricData=data)

    @property
    def state(self) -> str:
        """As DescribeAlarms tells it."""
        (alarm,) = self.client.describe_alarms(AlarmNames=["errors"])["MetricAlarms"]
        return str(alarm["StateValue"])

    def minutes(self, values: list[float | None]) -> list[str]:
        """The states at the end of minutes in which these values were put."""
        seen = []
        for value in values:
            self.fake.clock.advance(1)
            if value is not None:
                self.put(value)
            self.fake.clock.advance(59)
            seen.append(self.state)
        return seen


def letters(states: list[str]) -> str:
    """The first letters: A for ALARM, O for OK, I for INSUFFICIENT_DATA."""
    return "".join(state[0] for state in states)


@pytest.mark.parametrize(
    ("settings", "values", "seen"),
    [
        ({}, [None, 1, 6, 5, None, None], "IOAOII"),
        ({"periods": 2, "of": 3}, [6, 6, 1, 1, 6, None, 6], "OAAOOOA"),
        ({"TreatMissingData": "breaching"}, [1, None, None], "OAA"),
        ({"TreatMissingData": "notBreaching"}, [6, None], "AO"),
        ({"TreatMissingData": "ignore"}, [6, None, None, 1], "AAAO"),
        ({"ComparisonOperator": "LessThanOrEqualToThreshold"}, [5, 6], "AO"),
        ({"Period": 120}, [3, 3, 2, 3], "IAAO"),
    ],
)
def test_the_state_follows_the_values(
    settings: dict[str, Any], values: list[float | None], seen: str
) -> None:
    """Periods that are over count, so many of the last few, missing ones as the alarm says."""
    with FakeSageMaker(time="virtual") as fake:
        assert letters(Watched(fake, **settings).minutes(values)) == seen


def test_errors_that_are_put_roll_an_update_back() -> None:
    """Nobody sets the alarm: it goes off by its metric, while a batch is watched."""
    world = World.of("ml.g5.12xlarge", 2)
    world.create("chat", 2, needs(1))
    watched = Watched(world.fake)
    world.update("chat", rolling(1, wait=600, alarm="errors"))
    world.fake.clock.advance("2m")
    watched.put(20)
    assert world.component("chat")["InferenceComponentStatus"] == "Updating"
    world.settle()
    after = world.component("chat")
    assert "went into ALARM state: [errors]" in after["FailureReason"]
    assert after["Specification"]["ModelName"] == "m-1"
    assert watched.state == "ALARM"
    world.fake.clock.advance("5m")
    assert watched.state == "INSUFFICIENT_DATA"


def test_few_errors_roll_nothing_back() -> None:
    """What does not cross the threshold, or is of another component, leaves the update alone."""
    world = World.of("ml.g5.12xlarge", 2)
    world.create("chat", 2, needs(1))
    watched = Watched(world.fake)
    world.update("chat", rolling(1, wait=600, alarm="errors"))
    world.fake.clock.advance("2m")
    watched.put(4)
    watched.put(900, Dimensions=[{"Name": "Component", "Value": "another"}])
    world.settle()
    assert "FailureReason" not in world.component("chat")
    assert world.component("chat")["Specification"]["ModelName"] == "m-2"


def test_a_state_set_by_hand_holds_until_the_metric_tells_otherwise() -> None:
    """As with CloudWatch; where the metric never has a value it stays."""
    with FakeSageMaker(time="virtual") as fake:
        watched = Watched(fake)
        fake.set_alarm("errors")
        fake.clock.advance("1h")
        assert watched.state == "ALARM"
        watched.put(1)
        fake.clock.advance("1m")
        assert watched.state == "OK"


def test_an_alarm_on_what_sagemaker_publishes() -> None:
    """GPUReservation of a variant, which nobody puts."""
    world = World.of("ml.g5.12xlarge", 1)
    alarms = world.fake.session().client("cloudwatch")
    whose = [{"Name": "VariantName", "Value": "v"}, {"Name": "EndpointName", "Value": "prod"}]
    alarms.put_metric_alarm(
        AlarmName="full",
        Namespace="/aws/sagemaker/Endpoints",
        MetricName="GPUReservation",
        Dimensions=whose,
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=2,
        Threshold=75.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    seen = []
    for copies in (2, 4, 1):
        if copies == 2:
            world.create("chat", copies, needs(1))
        else:
            world.scale("chat", copies)
            world.settle()
        world.fake.clock.advance("4m")
        (alarm,) = alarms.describe_alarms(AlarmNames=["full"])["MetricAlarms"]
        seen.append(alarm["StateValue"])
    assert seen == ["OK", "ALARM", "OK"]


def test_values_count_as_often_as_they_were_seen() -> None:
    """Values with Counts; what would have to be guessed is refused."""
    with FakeSageMaker(time="virtual") as fake:
        watched = Watched(fake)
        watched.client.put_metric_data(
            Namespace="app",
            MetricData=[{"MetricName": "T", "Values": [1.0, 2.0, 9.0], "Counts": [5.0, 4.0, 1.0]}],
        )
        now = fake.clock.date
        (point,) = watched.client.get_metric_statistics(
            Namespace="app",
            MetricName="T",
            StartTime=now - timedelta(minutes=1),
            EndTime=now + timedelta(minutes=1),
            Period=60,
            Statistics=["Sum", "Average", "SampleCount", "Maximum"],
            ExtendedStatistics=["p50", "p90", "p99"],
        )["Datapoints"]
        assert (point["Sum"], point["Average"], point["SampleCount"], point["Maximum"]) == (22, 2.2, 10, 9)
        assert point["ExtendedStatistics"] == {"p50": 1.0, "p90": 2.0, "p99": 9.0}
        with pytest.raises(ClientError, match="no StatisticValues"):
            watched.put(1, StatisticValues={"SampleCount": 1.0, "Sum": 1.0, "Minimum": 1.0, "Maximum": 1.0})


def test_a_kept_world_with_alarms_runs_again() -> None:
    """The states that metrics led to are reached again."""
    with FakeSageMaker(time="virtual") as fake:
        watched = Watched(fake)
        watched.minutes([6, None, 7])
        kept, state = fake.save(), watched.state
    with FakeSageMaker.load_from(kept) as again:
        (alarm,) = again.session().client("cloudwatch").describe_alarms()["MetricAlarms"]
        assert (alarm["StateValue"], again.save()) == (state, kept)
