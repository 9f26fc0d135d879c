"""What references multiply is counted before it is kept: texts, their parts and lists."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from icplan.cli.main import main
from icplan.inputs.ignore_comments import ignores_in_yaml
from icplan.inputs.limits import MAX_RESOLVED, MAX_TEXT, MAX_TEXTS

if TYPE_CHECKING:
    from pathlib import Path

LONG = "x" * 4096
LISTED = ",".join("x" * 2000)


def template(value: Any, times: int) -> dict[str, Any]:
    """One whose component has the value so many times, among what bears on nothing."""
    component = {
        "EndpointName": "prod",
        "Specification": {"ModelName": "m", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}},
        "Tags": [{"Key": str(number), "Value": value} for number in range(times)],
    }
    return {
        "Parameters": {
            "Long": {"Type": "String", "Default": LONG},
            "List": {"Type": "CommaDelimitedList", "Default": LISTED},
        },
        "Resources": {"A": {"Type": "AWS::SageMaker::InferenceComponent", "Properties": component}},
    }


def said(value: Any, times: int, folder: Path) -> str:
    (folder / "t.json").write_text(json.dumps(template(value, times)))
    done = CliRunner().invoke(main, ["check", str(folder / "t.json")])
    assert done.exit_code == 2
    return done.stderr


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Sub": "${Long}" * 16},
        {"Fn::Join": ["", [{"Ref": "Long"}] * 16]},
        {"Fn::Sub": "${Long}" * 15 + "${AWS::StackName}"},
    ],
)
def test_texts_are_counted_as_they_are_made(value: Any, tmp_path: Path) -> None:
    told = said(value, MAX_TEXTS // (len(LONG) * 15) + 1, tmp_path)
    assert "t.json: $.Resources.A.Properties.Tags[" in told
    assert "makes texts of more than 10,000,000 characters" in told


def test_one_text_is_measured_before_it_is_made(tmp_path: Path) -> None:
    """Of 60,000 characters: 20,000 times 4,096 of them."""
    huge = {"Fn::Sub": "${L}" * (MAX_TEXT // len("${L}"))}
    made = template(huge, 1)
    made["Parameters"]["L"] = made["Parameters"]["Long"]
    (tmp_path / "t.json").write_text(json.dumps(made))
    done = CliRunner().invoke(main, ["check", str(tmp_path / "t.json"), "--format", "json"])
    assert done.exit_code == 2
    assert "makes texts" not in done.stderr


@pytest.mark.parametrize("value", [{"Fn::Split": [",", LISTED]}, {"Ref": "List"}])
def test_lists_are_counted_as_they_are_made(value: Any, tmp_path: Path) -> None:
    told = said(value, MAX_RESOLVED // 2000 + 1, tmp_path)
    assert "t.json: holds more than 750,000 values" in told or "lead to more than 2,000,000 values" in told


lines = st.lists(st.sampled_from(["# icplan: ignore ICP505=x", "", "  # other", "a: 1", "// b"]), max_size=12)


@given(lines)
def test_a_comment_is_about_the_next_line_that_says_something(text: list[str]) -> None:
    for one in ignores_in_yaml("\n".join(text), "f"):
        assert one.line is not None
        at = text[one.line - 1]
        if at.startswith("#"):
            rest = text[one.line :]
            assert all(not line or line.lstrip().startswith(("#", "//")) for line in rest)
    found = [one.line for one in ignores_in_yaml("\n".join(text), "f")]
    places = (number for number, line in enumerate(text) if line.startswith("# icplan"))
    for number, line in zip(places, found, strict=True):
        said_there = (n + 1 for n, each in enumerate(text) if n > number and each == "a: 1")
        assert line == next(islice(said_there, 1), number + 1)
