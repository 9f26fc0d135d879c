"""Every case of tests/cases/iac through the command line: outcome, exit code, line, and words."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from icplan.cli.main import main
from icplan.inputs import formats
from icplan.inputs.command_line_files import read_given
from icplan.inputs.deployment import InputOptions

CASES = Path(__file__).parents[1] / "cases" / "iac"
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "verdict.schema.json").read_text())
NAMES = sorted(path.parent.name for path in CASES.glob("*/expected.json"))


def expected(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((CASES / name / "expected.json").read_text())
    return told


def command(want: dict[str, Any]) -> list[str]:
    return shlex.split(want["command"].split("   (")[0])[1:]


@pytest.mark.parametrize("name", NAMES)
def test_a_case_is_judged_as_a_careful_reader_expects(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    want = expected(name)
    monkeypatch.chdir(CASES / name)
    text = CliRunner().invoke(main, command(want))
    shown = " ".join((text.stdout + text.stderr).split())
    assert text.exit_code == want["exit_code"], shown
    assert [word for word in want["must_mention"] if word not in shown] == []
    assert [word for word in want.get("must_not", ()) if " " not in word and word in shown] == []
    file = Path(want["file"]).name
    if want["exit_code"] == 2:
        assert (f"{file}:{want['line']}" if want["line"] else file) in shown
        return
    told = json.loads(CliRunner().invoke(main, [*command(want), "--format", "json"]).stdout)
    jsonschema.validate(told, SCHEMA)
    assert told["Outcome"] == want["outcome"]
    places = [(one["File"], one["Line"]) for change in told["Changes"] for one in change["Findings"]]
    places += [(change["File"], change.get("Line")) for change in told["Changes"]]
    assert any(Path(place).name == file and line == want["line"] for place, line in places), places


@pytest.mark.parametrize("name", NAMES)
def test_related_places_and_sources_are_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    want = expected(name)
    monkeypatch.chdir(CASES / name)
    shown = " ".join(CliRunner().invoke(main, command(want)).output.split())
    for one in (*want.get("related", ()), *([want["source"]] if "source" in want else [])):
        assert f"{Path(one['file']).name}:{one['line']}" in shown


@pytest.mark.parametrize("name", [one for one in NAMES if (CASES / one / "derived.json").exists()])
def test_a_case_is_read_as_it_was_derived_by_hand(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names and values that say nothing of capacity (images, models, roles) may be called otherwise."""
    derived = json.loads((CASES / name / "derived.json").read_text())["main"]
    monkeypatch.chdir(CASES / name)
    (endpoint,) = formats.read(read_given(command(expected(name))[1:]).sources, InputOptions()).endpoints
    assert endpoint.declared is not None
    want, got = derived["snapshot"], endpoint.declared
    assert got["Endpoint"]["ProductionVariants"] == want["Endpoint"]["ProductionVariants"]
    assert [_fleet(one) for one in got["EndpointConfig"]["ProductionVariants"]] == [
        _fleet(one) for one in want["EndpointConfig"]["ProductionVariants"]
    ]
    assert [_capacity(call.request) for call in endpoint.calls] == [
        _capacity(one) for one in derived["changes"]
    ]


def _fleet(variant: dict[str, Any]) -> dict[str, Any]:
    kept = ("VariantName", "InstanceType", "InitialInstanceCount", "ManagedInstanceScaling")
    return {name: variant[name] for name in kept if name in variant}


def _capacity(request: dict[str, Any]) -> dict[str, Any]:
    specification = request["Specification"]
    return {
        "VariantName": request["VariantName"],
        "Compute": specification["ComputeResourceRequirements"],
        "RuntimeConfig": request["RuntimeConfig"],
        "Named": {"ModelName", "Container"} & specification.keys(),
    }


@pytest.mark.parametrize("name", [one for one in NAMES if "also" in expected(one)])
def test_a_part_of_a_case_that_cannot_be_judged_says_what_to_give(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CASES / name)
    for also in expected(name)["also"]:
        result = CliRunner().invoke(main, ["check", *also["files"]])
        assert result.exit_code == also["exit_code"]
        assert "stoat-endpoint-name" in result.output
        assert "--snapshot" in result.output
