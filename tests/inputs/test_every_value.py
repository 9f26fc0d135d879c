"""Parameters without a value: what they may have is judged, all of it, and what it turns on is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from icplan.cli.main import main
from icplan.inputs.per_parameter_value import MAX_READINGS
from icplan.verify.one_verdict import verify
from icplan.verify.result import Result

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "verdict.schema.json").read_text())
TEMPLATE = """\
HEAD
Resources:
  Fleet:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/sagemaker
      ProductionVariants:
        - VariantName: AllTraffic
          InstanceType: TYPE
          InitialInstanceCount: 1
          ManagedInstanceScaling: {Status: ENABLED, MinInstanceCount: 1, MaxInstanceCount: MOST}
  Shelf:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: prod, EndpointConfigName: !GetAtt Fleet.EndpointConfigName}
  Chat:
    Type: AWS::SageMaker::InferenceComponent
    CONDITION
    Properties:
      InferenceComponentName: a
      EndpointName: !GetAtt Shelf.EndpointName
      VariantName: AllTraffic
      Specification:
        ModelName: m
        ComputeResourceRequirements: {NumberOfAcceleratorDevicesRequired: NEED, MinMemoryRequiredInMb: 1024}
      RuntimeConfig:
        CopyCount: COPIES
"""
HERE = {"TYPE": "ml.g5.12xlarge", "MOST": "1", "NEED": "1", "COPIES": "1", "CONDITION": ""}
LIVE = "Conditions: {Live: !Equals [!Ref Stage, live]}"


def written(**words: str) -> str:
    text = TEMPLATE
    for word, value in {**HERE, **words}.items():
        text = re.sub(rf"\b{word}\b", value.replace("\\", ""), text)
    return text


def ask(folder: Path, text: str, *options: str) -> tuple[int, dict[str, Any], str]:
    file = folder / "template.yaml"
    file.write_text(text)
    result = CliRunner().invoke(main, ["check", str(file), "--format", "json", *options])
    told = json.loads(result.stdout) if result.stdout else {}
    if "IcplanVerdict" in told:
        jsonschema.validate(told, SCHEMA)
        if told["Outcome"] != "nothing-to-judge":
            assert Result.REJECTED not in {one.result for one in verify(told)}
    return result.exit_code, told, result.stderr


def by_value(told: dict[str, Any]) -> dict[str, Any]:
    (found,) = (one for c in told["Changes"] for one in c["Findings"] if one["Rule"] == "ICP329")
    return dict(found)


def test_allowed_values_are_all_judged(tmp_path: Path) -> None:
    head = "Parameters: {N: {Type: Number, AllowedValues: [1, 8, 4]}}"
    code, told, _ = ask(tmp_path, written(HEAD=head, COPIES="!Ref N"))
    assert (code, told["Outcome"]) == (3, "may-not-fit")
    found = by_value(told)
    assert found["Message"] == "N up to 4 fits; it does not fit with N=8"
    assert (found["LargestThatWorks"], found["Path"]) == (4, "$.RuntimeConfig.CopyCount")
    assert "CopyCount" in (tmp_path / "template.yaml").read_text().splitlines()[found["Line"] - 1]
    assert told["Parameters"] == {"N": {"Value": "1, 8, 4", "From": "tried"}}
    assert all(one["Severity"] != "error" for c in told["Changes"] for one in c["Findings"])


@pytest.mark.parametrize(
    ("values", "code", "outcome"), [("[1, 4]", 0, "fits"), ("[8, 5]", 1, "does-not-fit")]
)
def test_what_is_the_same_with_every_value_is_said_without_doubt(
    tmp_path: Path, values: str, code: int, outcome: str
) -> None:
    head = f"Parameters: {{N: {{Type: Number, AllowedValues: {values}}}}}"
    found, told, _ = ask(tmp_path, written(HEAD=head, COPIES="!Ref N"))
    assert (found, told["Outcome"]) == (code, outcome)
    assert any("is judged for 2 values" in note for note in told["Notes"])


def test_a_value_that_is_given_or_a_default_is_the_only_one(tmp_path: Path) -> None:
    head = "Parameters: {N: {Type: Number, AllowedValues: [1, 8], Default: 1}}"
    text = written(HEAD=head, COPIES="!Ref N")
    assert ask(tmp_path, text)[1]["Parameters"]["N"] == {"Value": "1", "From": "default"}
    assert ask(tmp_path, text, "--parameter", "N=8")[0] == 1
    code, told, _ = ask(tmp_path, text, "--all-parameters")
    assert (code, by_value(told)["Message"]) == (3, "N=1 fits; it does not fit with N=8")


@pytest.mark.slow
@settings(max_examples=3)
@given(st.integers(0, 3), st.integers(20, 4000), st.integers(1, 9))
def test_of_a_wide_range_the_largest_that_works_is_found(
    tmp_path_factory: pytest.TempPathFactory, low: int, high: int, most: int
) -> None:
    """Four copies fit on an instance; between the ends no value is left open, since fewer are never worse."""
    head = f"Parameters: {{N: {{Type: Number, MinValue: {low}, MaxValue: {high}}}}}"
    code, told, _ = ask(tmp_path_factory.mktemp("t"), written(HEAD=head, COPIES="!Ref N", MOST=str(most)))
    assert code == (0 if high <= 4 * most and low else 3), told
    if low and code:
        assert by_value(told)["LargestThatWorks"] == 4 * most


def test_a_wide_range_of_anything_else_wants_a_value(tmp_path: Path) -> None:
    head = "Parameters: {N: {Type: Number, MinValue: 1, MaxValue: 4000}}"
    code, _, said = ask(tmp_path, written(HEAD=head, MOST="!Ref N"))
    assert (code, "--parameter N=VALUE" in said) == (2, True)


def test_the_keys_of_mappings_are_what_a_parameter_may_be(tmp_path: Path) -> None:
    head = "Parameters: {Stage: {Type: String}}\nMappings: {Size: {live: {N: 2, M: 9}, test: {N: 1, M: 1}}}"
    text = written(HEAD=head, COPIES="!FindInMap [Size, !Ref Stage, N]", MOST="2", NEED="4")
    code, told, _ = ask(tmp_path, text)
    assert (code, told["Outcome"], told["Parameters"]["Stage"]["Value"]) == (
        0,
        "fits-after-scale-out",
        "live, test",
    )
    head = "Mappings: {Fleet: {us-east-1: {T: ml.g5.12xlarge}, eu-west-1: {T: ml.g5.xlarge}}}"
    text = written(HEAD=head, TYPE="!FindInMap [Fleet, !Ref 'AWS::Region', T]", NEED="4")
    code, told, _ = ask(tmp_path, text)
    found = by_value(told)["Message"]
    assert code == 3
    assert "it fits with AWS::Region=us-east-1" in found
    assert "it does not fit with AWS::Region=eu-west-1" in found
    assert ask(tmp_path, text, "--region", "eu-west-1")[0] == 1


def test_a_condition_may_hold_or_not(tmp_path: Path) -> None:
    head = f"Parameters: {{Stage: {{Type: String}}}}\n{LIVE}"
    code, told, _ = ask(tmp_path, written(HEAD=head, COPIES="!If [Live, 8, 2]"))
    message = by_value(told)["Message"]
    assert code == 3
    assert "with Stage=live" in message
    assert "with Stage=other than live" in message


def test_a_component_that_may_not_be_there_is_judged_as_if_it_may(tmp_path: Path) -> None:
    head = f"Parameters: {{Stage: {{Type: String}}}}\n{LIVE}"
    text = written(HEAD=head, CONDITION="Condition: Live", COPIES="8")
    code, told, _ = ask(tmp_path, text)
    assert (code, by_value(told)["Message"]) == (
        3,
        "it fits with Stage=other than live; it does not fit with Stage=live",
    )
    assert ask(tmp_path, text, "--parameter", "Stage=live")[0] == 1
    assert ask(tmp_path, text, "--parameter", "Stage=test")[1]["Outcome"] == "nothing-to-judge"


def test_values_that_hang_together_are_tried_together(tmp_path: Path) -> None:
    """Two conditions on one parameter never hold at once."""
    head = (
        "Parameters: {Stage: {Type: String}}\n"
        "Conditions: {Live: !Equals [!Ref Stage, live], Test: !Equals [!Ref Stage, test]}"
    )
    text = written(HEAD=head, COPIES="!If [Live, 2, 1]", NEED="!If [Test, 4, 2]")
    assert ask(tmp_path, text)[:1] == (0,)


def test_too_many_combinations_are_refused(tmp_path: Path) -> None:
    values = list(range(1, MAX_READINGS))
    head = "Parameters:\n" + "\n".join(f"  {n}: {{Type: Number, AllowedValues: {values}}}" for n in "AB")
    code, _, said = ask(tmp_path, written(HEAD=head, COPIES="!Ref A", NEED="!Ref B"))
    assert (code, "more than 32 combinations. Give some of them" in said) == (2, True)


def test_what_nothing_bounds_wants_a_value(tmp_path: Path) -> None:
    head = f"Parameters: {{Stage: {{Type: String}}, N: {{Type: Number}}}}\n{LIVE}"
    code, _, said = ask(tmp_path, written(HEAD=head, COPIES="!If [Live, !Ref N, 1]"))
    assert (code, "CopyCount is parameter N, which has no value (with Stage=live)" in said) == (2, True)
    assert "--parameter N=VALUE" in said


@pytest.mark.slow
@settings(max_examples=3)
@given(st.lists(st.integers(1, 12), min_size=2, max_size=5, unique=True))
def test_the_outcome_is_that_of_each_value_given(
    tmp_path_factory: pytest.TempPathFactory, values: list[int]
) -> None:
    """Judged together as judged one by one."""
    folder = tmp_path_factory.mktemp("t")
    head = f"Parameters: {{N: {{Type: Number, AllowedValues: {values}}}}}"
    text = written(HEAD=head, COPIES="!Ref N", MOST="2")
    alone = {ask(folder, text, "--parameter", f"N={value}")[0] for value in values}
    assert ask(folder, text)[0] == (alone.pop() if len(alone) == 1 else 3)
