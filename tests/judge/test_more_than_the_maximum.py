"""Fleets that are to have more instances than MaxInstanceCount: no one says that so many start, or stay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, create, snapshot
from support.verdicts import check

import icplan
from icplan.cli.main import main
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from pathlib import Path


def variant(start: int, most: int) -> dict[str, Any]:
    return {
        "VariantName": "AllTraffic",
        "InstanceType": GPU4,
        "InitialInstanceCount": start,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": most},
    }


def configuration(start: int, most: int) -> dict[str, Any]:
    return {
        "EndpointConfigName": "next",
        "ExecutionRoleArn": "arn:aws:iam::111122223333:role/endpoint",
        "ProductionVariants": [variant(start, most)],
    }


RETAINING = {"EndpointName": "prod", "EndpointConfigName": "next", "RetainAllVariantProperties": True}


def resize(instances: int) -> dict[str, Any]:
    asked = [{"VariantName": "AllTraffic", "DesiredInstanceCount": instances}]
    return {"EndpointName": "prod", "DesiredWeightsAndCapacities": asked}


def sound(verdict: icplan.Verdict) -> bool:
    return Result.REJECTED not in {checked.result for checked in verify(to_dict(verdict))}


@pytest.mark.parametrize(
    ("copies", "most", "outcome"),
    [(3, 2, Outcome.MAY_NOT_FIT), (2, 2, Outcome.FITS), (3, 3, Outcome.FITS)],
    ids=["needs them", "fits without", "as many"],
)
def test_an_update_that_retains_more_than_the_new_maximum(copies: int, most: int, outcome: Outcome) -> None:
    verdict = check(snapshot(GPU4, 3, component("a", copies, 3)), configuration(1, most), RETAINING)
    assert verdict.outcome is outcome
    assert sound(verdict)


@pytest.mark.parametrize(("asked", "outcome"), [(2, Outcome.FITS), (3, Outcome.MAY_NOT_FIT)])
def test_an_endpoint_that_is_resized_past_its_maximum(asked: int, outcome: Outcome) -> None:
    """Whether that is refused is not documented."""
    verdict = check(snapshot(GPU4, 1, component("a", 1, 4), scaling=(1, 2)), resize(asked))
    assert verdict.outcome is outcome
    assert sound(verdict)


@pytest.mark.parametrize(("start", "outcome"), [(2, Outcome.FITS), (4, Outcome.MAY_NOT_FIT)])
def test_a_new_endpoint_that_starts_past_its_maximum(start: int, outcome: Outcome) -> None:
    made = {"EndpointName": "prod", "EndpointConfigName": "next"}
    verdict = icplan.check([configuration(start, 2), made, create("a", 2, 4)])
    assert verdict.outcome is outcome
    assert sound(verdict)


def template(start: int, most: int, **of_variant: Any) -> dict[str, Any]:
    fleet = {
        "ExecutionRoleArn": "arn:aws:iam::111122223333:role/endpoint",
        "ProductionVariants": [variant(start, most) | of_variant],
    }
    compute = {"NumberOfAcceleratorDevicesRequired": 4, "MinMemoryRequiredInMb": 1024}
    chat = {
        "EndpointName": {"Fn::GetAtt": ["Endpoint", "EndpointName"]},
        "VariantName": "AllTraffic",
        "Specification": {"ModelName": "m", "ComputeResourceRequirements": compute},
        "RuntimeConfig": {"CopyCount": 2},
    }
    named = {"EndpointConfigName": {"Fn::GetAtt": ["Fleet", "EndpointConfigName"]}}
    parts = {
        "Fleet": ("EndpointConfig", fleet),
        "Endpoint": ("Endpoint", named),
        "Chat": ("InferenceComponent", chat),
    }
    resources = {
        name: {"Type": f"AWS::SageMaker::{kind}", "Properties": members}
        for name, (kind, members) in parts.items()
    }
    return {"Resources": resources}


def judged(folder: Path, document: dict[str, Any]) -> dict[str, Any]:
    file = folder / "template.json"
    file.write_text(json.dumps(document, indent=1))
    result = CliRunner().invoke(main, ["check", str(file), "--no-config", "--format", "json"])
    assert result.stdout, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)
    assert Result.REJECTED not in {checked.result for checked in verify(told)}
    return told


@pytest.mark.parametrize(("start", "outcome"), [(2, "fits"), (4, "may-not-fit")])
def test_a_template_whose_fleet_starts_past_its_maximum(tmp_path: Path, start: int, outcome: str) -> None:
    told = judged(tmp_path, template(start, 2))
    assert told["Outcome"] == outcome
    found = [one for one in told["Changes"][0]["Findings"] if one["Rule"] == "ICP154"]
    assert len(found) == (outcome == "may-not-fit")


def test_a_variant_with_a_model_is_told_of_where_the_model_stands(tmp_path: Path) -> None:
    """That is what someone would take out, and not the component."""
    document = template(2, 2, ModelName="m-of-the-variant")
    del document["Resources"]["Fleet"]["Properties"]["ProductionVariants"][0]["ManagedInstanceScaling"]
    told = judged(tmp_path, document)
    assert told["Outcome"] == "invalid"
    (found,) = [one for one in told["Changes"][0]["Findings"] if one["Rule"] == "ICP151"]
    lines = (tmp_path / "template.json").read_text().splitlines()
    assert "m-of-the-variant" in lines[found["Line"] - 1]
