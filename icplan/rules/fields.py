"""ICP101 to ICP112: problems of single members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.requests.problems import FieldRule
from icplan.rules.base import DOCUMENTED, ERROR, INFERRED, NOTE, Rule, Violation, finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from icplan.requests.problems import FieldProblem
    from icplan.verdict.finding import Finding


_MODEL = "The SageMaker API model in botocore 1.44.5, which tests compare member by member."
_CLIENT = "botocore checks this before it sends the request, so nothing reaches AWS."
_LEAST = "What is below the least allowed, botocore refuses before it sends the request."
_SERVICE = (
    "botocore sends the request; SageMaker answers with a ValidationException. In a pipeline that is minutes "
    "after the change was merged."
)

RULES = (
    Rule(
        id="ICP101",
        title="A member has the wrong type",
        severity=ERROR,
        basis=DOCUMENTED,
        source=_MODEL,
        aws_error=(
            "Parameter validation failed:\nInvalid type for parameter RuntimeConfig.CopyCount, value: 2.0, "
            "type: <class 'float'>, valid types: <class 'int'>"
        ),
        why=(
            f"{_CLIENT} icplan is stricter in two points where the service is: a boolean is no number, and "
            "NaN and Infinity are no numbers either, since JSON has neither."
        ),
        fix="Write the value in the type the message names. In YAML, quote what must be a string.",
    ),
    Rule(
        id="ICP102",
        title="A member is null",
        severity=ERROR,
        basis=DOCUMENTED,
        source=_MODEL,
        aws_error=(
            "Parameter validation failed:\nInvalid type for parameter DeploymentConfig, value: None, "
            "type: <class 'NoneType'>, valid types: <class 'dict'>"
        ),
        why=f"{_CLIENT} boto3 does not take None for a member that is to be left out.",
        fix="Leave the member out of the request.",
    ),
    Rule(
        id="ICP103",
        title="A required member is missing",
        severity=ERROR,
        basis=DOCUMENTED,
        source=_MODEL,
        aws_error=(
            "Parameter validation failed:\nMissing required parameter in "
            'Specification.ComputeResourceRequirements: "MinMemoryRequiredInMb"'
        ),
        why=(
            f"{_CLIENT} In an update, too: `MinMemoryRequiredInMb` has to be given whenever "
            "`ComputeResourceRequirements` is."
        ),
        fix="Add the member. For an update, the current value is in DescribeInferenceComponent's answer.",
    ),
    Rule(
        id="ICP104",
        title="A number is out of bounds",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_MODEL} Integers have 32 bits and floats single precision (Smithy).",
        aws_error=(
            "Parameter validation failed:\nInvalid value for parameter RuntimeConfig.CopyCount, value: -1, "
            "valid min value: 0\n\nValue '7200' at "
            "'specification.startupParameters.modelDataDownloadTimeoutInSeconds' failed to satisfy "
            "constraint: Member must have value less than or equal to 3600"
        ),
        why=f"{_LEAST} {_SERVICE}",
        fix="Keep to the bounds the message names.",
    ),
    Rule(
        id="ICP105",
        title="A string is too long or too short",
        severity=ERROR,
        basis=DOCUMENTED,
        source=_MODEL,
        aws_error=(
            "Parameter validation failed:\nInvalid length for parameter Tags[0].Key, value: 0, "
            "valid min length: 1\n\nat 'inferenceComponentName' failed to satisfy constraint: "
            "Member must have length less than or equal to 63"
        ),
        why=f"{_LEAST} {_SERVICE}",
        fix="Shorten the value. Names of components and endpoints have at most 63 characters.",
    ),
    Rule(
        id="ICP106",
        title="A string does not match its pattern",
        severity=ERROR,
        basis=DOCUMENTED,
        source=_MODEL,
        aws_error=(
            "Value 'my_model' at 'inferenceComponentName' failed to satisfy constraint: Member must satisfy "
            "regular expression pattern"
        ),
        why=f"{_SERVICE} The most frequent case is an underscore or a dot in a name.",
        fix="Names take letters, digits and hyphens, and neither begin nor end with a hyphen.",
    ),
    Rule(
        id="ICP107",
        title="A value is not one of those allowed",
        severity=ERROR,
        basis=DOCUMENTED,
        source=_MODEL,
        aws_error=(
            "Value 'spread' at 'specification.schedulingConfig.placementStrategy' failed to satisfy "
            "constraint: Member must satisfy enum value set"
        ),
        why=f"{_SERVICE} Values are case-sensitive.",
        fix="Use one of the values the message lists.",
    ),
    Rule(
        id="ICP108",
        title="A list or map has too many or too few entries",
        severity=ERROR,
        basis=DOCUMENTED,
        source=_MODEL,
        aws_error=(
            "Parameter validation failed:\nInvalid length for parameter Specifications, value: 0, "
            "valid min length: 1\n\nat 'specifications' failed to satisfy constraint: Member must have "
            "length less than or equal to 5"
        ),
        why=(
            f"{_LEAST} {_SERVICE} A component has 1 to 5 Specifications and at most 100 environment "
            "variables."
        ),
        fix="Keep to the number of entries the message names. To have none, leave the member out.",
    ),
    Rule(
        id="ICP109",
        title="A member's name is misspelt",
        severity=ERROR,
        basis=DOCUMENTED,
        source=_MODEL,
        aws_error=(
            'Parameter validation failed:\nUnknown parameter in RuntimeConfig: "copyCount", must be one of: '
            "CopyCount"
        ),
        why=f"{_CLIENT} The name differs from a member's only in case or underscores.",
        fix="Write the name as the message gives it.",
    ),
    Rule(
        id="ICP110",
        title="There is no such member",
        severity=ERROR,
        basis=DOCUMENTED,
        source=_MODEL,
        aws_error=(
            'Parameter validation failed:\nUnknown parameter in RuntimeConfig: "CopyCounts", must be one of: '
            "CopyCount"
        ),
        why=(
            f"{_CLIENT} Neither the API model icplan was written against nor that of the botocore installed "
            "beside it has the member. One that only the installed botocore has is ICP112."
        ),
        fix=(
            "Check the spelling, and in which structure the member belongs. If AWS has added it, install a "
            "newer boto3."
        ),
    ),
    Rule(
        id="ICP111",
        title="The API model does not list this instance type",
        severity=NOTE,
        basis=DOCUMENTED,
        source=_MODEL,
        aws_error=(
            "Value 'ml.g5.huge' at 'productionVariants.1.member.instanceType' failed to satisfy constraint: "
            "Member must satisfy enum value set"
        ),
        why=(
            "AWS adds instance types between releases of icplan, so this is only a note. A type that "
            "does not "
            "exist is refused by SageMaker."
        ),
        fix="Check the spelling (`ml.` comes first). A new type's facts can be added in icplan.toml.",
    ),
    Rule(
        id="ICP112",
        title="icplan does not know this member",
        severity=NOTE,
        basis=INFERRED,
        source="AWS adds members between releases of icplan; the installed botocore has this one.",
        why="The request can be sent. The verdict does not take the member into account.",
        fix="Look for a newer icplan.",
    ),
)


RULE_OF = {
    FieldRule.TYPE: "ICP101",
    FieldRule.NULL: "ICP102",
    FieldRule.REQUIRED: "ICP103",
    FieldRule.RANGE: "ICP104",
    FieldRule.LENGTH: "ICP105",
    FieldRule.PATTERN: "ICP106",
    FieldRule.CHOICE: "ICP107",
    FieldRule.SIZE: "ICP108",
    FieldRule.MISSPELT: "ICP109",
    FieldRule.UNKNOWN: "ICP110",
    FieldRule.NEW_CHOICE: "ICP111",
}
NEW_MEMBER = "ICP112"


_BY_ID = {rule.id: rule for rule in RULES}


def field_findings(problems: Iterable[FieldProblem], newer: Collection[str]) -> Iterator[Finding]:
    """One finding per problem. ``newer``: the paths of unknown members that the installed botocore knows."""
    for problem in problems:
        path = str(problem.path)
        if problem.kind is FieldRule.UNKNOWN and path in newer:
            yield finding(_BY_ID[NEW_MEMBER], Violation(path, problem.message))
            continue
        message = f"{problem.message}. {problem.hint}" if problem.hint else problem.message
        # What the registry quotes is an example: another member's answer would mislead.
        yield attrs.evolve(
            finding(_BY_ID[RULE_OF[problem.kind]], Violation(path, message)), aws_error=problem.aws_error
        )
