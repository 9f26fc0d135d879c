"""`icplan plan` at the command line: what it takes, writes and exits with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from icplan.cli.main import main

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "plan.schema.json").read_text())
PRICES = str(ROOT / "examples" / "plan" / "prices.json")
COMPONENTS = str(ROOT / "examples" / "plan" / "components")
ONE_TYPE = ("--types", "ml.g6.12xlarge")


def invoke(*arguments: str) -> Result:
    """What the command does."""
    return CliRunner().invoke(main, ["plan", *arguments])


def component(folder: Path, **specification: Any) -> str:
    """A file with one component."""
    compute = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": 1}
    request = {
        "InferenceComponentName": "chat",
        "EndpointName": "prod",
        "Specification": {"ModelName": "v1", "ComputeResourceRequirements": compute, **specification},
        "RuntimeConfig": {"CopyCount": 4},
    }
    file = folder / "chat.json"
    file.write_text(json.dumps(request))
    return str(file)


def test_json_follows_the_published_schema_and_keeps_secrets(tmp_path: Path) -> None:
    """No value of an environment variable gets into it."""
    file = component(tmp_path, Container={"Image": "image", "Environment": {"TOKEN": "very-secret-value"}})
    out = tmp_path / "plan.json"
    file_text = Path(file).read_text().replace('"ModelName": "v1", ', "")
    Path(file).write_text(file_text)
    done = invoke(file, "--by", "accelerators", *ONE_TYPE, "--format", "json", "-o", str(out))
    assert done.exit_code == 0, done.stderr
    assert "very-secret-value" not in out.read_text()
    written = json.loads(out.read_text())
    jsonschema.Draft202012Validator(SCHEMA).validate(written)
    assert written["Steady"] == [{"InstanceType": "ml.g6.12xlarge", "Instances": 1}]
    assert written["Cost"] == "4"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give --prices FILE or --region REGION"),
        (("--by", "memory", "--prices", PRICES), "--prices and --discount go with --by cost"),
        (("--prices", PRICES, "--types", "ml.x1.*"), "no instance type with a price is 'ml.x1.*'"),
        (("--prices", PRICES, "--hold", "never"), "there is no condition 'never'"),
        (("--prices", PRICES, "--gap", "-1"), "gap cannot be '-1'"),
        (("--prices", PRICES, "--quota", "ml.g6.12xlarge=x"), "cannot read the quota"),
        (("--prices", PRICES, "--discount", "ml.g6.12xlarge=100"), "cannot read the discount"),
        (("--prices", "nowhere.json"), "nowhere.json"),
        (("--prices", PRICES, "--gap", "101"), "gap cannot be '101'"),
        (("--prices", PRICES, "--quota", "ml.nosuch.x=3"), "unknown instance type 'ml.nosuch.x'"),
        (("--prices", PRICES, "--allocatable", "ml.zz.memory=5"), "unknown instance type 'ml.zz'"),
        (("--prices", PRICES, "--role", "notanarn", "--write", "o"), "--role wants the ARN"),
        (("--prices", PRICES, "--role", "arn:aws:iam::111122223333:role/a"), "--role goes with --write"),
        (
            ("--prices", PRICES, "--region", "eu-west-1"),
            f"{PRICES}: has prices of us-east-1, and --region is eu-west-1",
        ),
        (("--prices", PRICES, "--hold", "lost-type"), "lost-type needs --max-types 2 or more"),
        (
            ("--prices", PRICES, "--hold", "update", "--hold", "update=movable"),
            "update is given twice with different levels",
        ),
    ],
)
def test_what_cannot_be_planned_exits_with_2(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """With one clear line."""
    done = invoke(component(tmp_path), *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (ONE_TYPE, 0),
        ((*ONE_TYPE, "--quota", "ml.g6.12xlarge=1"), 1),
        (("--types", "ml.g6.12xlarge", "--types", "ml.g6.2xlarge", "--max-types", "2"), 3),
    ],
)
@pytest.mark.slow
def test_the_exit_code_tells_how_sure_it_is(arguments: tuple[str, ...], code: int) -> None:
    """0 proven, 1 impossible, 3 a mix that SageMaker may not launch so."""
    done = invoke(COMPONENTS, "--prices", PRICES, *arguments)
    assert done.exit_code == code, done.stderr
    assert done.stdout.startswith("PLAN for 5 components, 19 copies")


def test_strict_fails_on_what_is_not_sure(tmp_path: Path) -> None:
    """And takes neither settings nor a snapshot of the working tree."""
    mix = ("--types", "ml.g6.12xlarge", "--types", "ml.g6.2xlarge", "--max-types", "2", "--hold", "rest")
    arguments = (COMPONENTS, "--prices", PRICES, *mix)
    assert (invoke(*arguments).exit_code, invoke(*arguments, "--strict").exit_code) == (3, 1)
    one = (component(tmp_path), "--prices", PRICES, *ONE_TYPE, "--hold", "rest", "--strict")
    assert invoke(*one).exit_code == 0
    refused = invoke(*one, "--from", "examples/plan/prices.json")
    assert refused.exit_code == 2
    assert "--strict takes no snapshot from the working tree" in refused.stderr


def test_a_quota_that_changes_nothing_is_told(tmp_path: Path) -> None:
    """Of a type without a price, or that --types leaves out; an unknown one is an error."""
    asked = (component(tmp_path), "--prices", PRICES, *ONE_TYPE, "--hold", "rest")
    done = invoke(*asked, "--quota", "ml.g6.2xlarge=1", "--quota", "ml.c5.9xlarge=1")
    assert done.exit_code == 0
    assert "the quota of ml.c5.9xlarge changes nothing: it has no price" in done.stdout
    assert "the quota of ml.g6.2xlarge changes nothing: --types leaves it out" in done.stdout
    assert invoke(*asked, "--quota", "ml.none.xlarge=1").exit_code == 2


@pytest.mark.slow
def test_verbose_tells_of_every_type() -> None:
    """Also of those on which a component does not fit."""
    done = invoke(COMPONENTS, "--prices", PRICES, "--verbose", "--hold", "rest")
    assert "not compared" in done.stdout
    assert "and 6 more" not in done.stdout
    assert "a copy of chat needs" in done.stdout


def test_old_prices_are_warned_of(tmp_path: Path) -> None:
    """Past 90 days; the plan is made all the same."""
    prices = {**json.loads(Path(PRICES).read_text()), "TakenAt": "2020-01-01T00:00:00Z"}
    file = tmp_path / "prices.json"
    file.write_text(json.dumps(prices))
    done = invoke(component(tmp_path), "--prices", str(file), *ONE_TYPE, "--hold", "rest")
    assert done.exit_code == 0
    assert "days old" in done.stderr


def test_a_price_file_without_any_known_type_is_named(tmp_path: Path) -> None:
    prices = {**json.loads(Path(PRICES).read_text()), "PerHour": {"ml.nosuch.x": "1.5"}}
    file = tmp_path / "prices.json"
    file.write_text(json.dumps(prices))
    done = invoke(component(tmp_path), "--prices", str(file))
    assert done.exit_code == 2
    assert f"{file}: has a price of no instance type that icplan knows" in done.stderr


def test_no_time_is_no_answer(tmp_path: Path) -> None:
    """2, never a guess."""
    done = invoke(component(tmp_path), "--prices", PRICES, "--time-limit", "0.01")
    assert done.exit_code == 2
