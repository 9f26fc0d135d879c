"""The texts of the services beside SageMaker: Application Auto Scaling, Service Quotas, CloudWatch, EC2."""

from __future__ import annotations

from typing import Final

from icplan.testing.emulator.error_text import INFERRED, MEASURED, Text

NO_TARGET: Final = Text(
    "No scalable target found for service namespace: {namespace}, resource ID: {resource}, "
    "scalable dimension: {dimension}",
    INFERRED,
    "moto and floci have these words; the API reference has the code; not checked on AWS",
    "ObjectNotFoundException",
)
NO_POLICY: Final = Text(
    "No scaling policy found for service namespace: {namespace}, resource ID: {resource}, "
    "scalable dimension: {dimension}, policy name: {name}",
    INFERRED,
    "moto and floci have these words; not checked on AWS",
    "ObjectNotFoundException",
)
NO_ACTION: Final = Text(
    "No scheduled action found for service namespace: {namespace}, resource ID: {resource}, "
    "scalable dimension: {dimension}, scheduled action name: {name}",
    INFERRED,
    "by the text of a policy; the words are not known",
    "ObjectNotFoundException",
)
CAPACITY_REQUIRED: Final = Text(
    "MinCapacity and MaxCapacity are required when registering a scalable target.",
    INFERRED,
    "API reference, RegisterScalableTarget: both are required for a new target; the words are not known",
)
NO_COMPONENT_TO_SCALE: Final = Text(
    "SageMaker inference component not found: {name}",
    INFERRED,
    "API reference, RegisterScalableTarget: the resource must be there; the words are not known",
)
CAPACITY_ORDER: Final = Text(
    "Maximum capacity cannot be less than minimum capacity",
    INFERRED,
    "API reference, ScalableTarget: a range; the words are not known",
)
NO_QUOTA: Final = Text(
    "The request failed because the specified quota does not exist.",
    INFERRED,
    "API reference, Service Quotas, NoSuchResourceException; the words are not known",
    "NoSuchResourceException",
)
NO_ALARM: Final = Text(
    "The alarm does not exist.",
    INFERRED,
    "API reference, SetAlarmState: ResourceNotFound with status 404; the words are not known",
    "ResourceNotFound",
    404,
)
NO_INSTANCE_TYPE: Final = Text(
    "The following supplied instance types do not exist: [{names}]",
    MEASURED,
    "answers of DescribeInstanceTypes in many public logs; moto has the same words",
    "InvalidInstanceType",
)
NO_EXPRESSIONS: Final = Text(
    "The emulator evaluates no metric expressions.",
    INFERRED,
    "not AWS's: AWS evaluates them",
    "ValidationError",
)
NO_STATISTIC: Final = Text(
    "The emulator does not reckon the statistic {name}.",
    INFERRED,
    "not AWS's: AWS has more statistics",
    "ValidationError",
)
NO_STATISTIC_SETS: Final = Text(
    "The emulator keeps Value, or Values and Counts, but no StatisticValues.",
    INFERRED,
    "not AWS's: AWS keeps them",
    "InvalidParameterCombination",
)
COUNTS: Final = Text(
    "Values and Counts must be of the same length.",
    INFERRED,
    "API reference, MetricDatum: as many Counts as Values; the words are not known",
    "InvalidParameterValue",
)
