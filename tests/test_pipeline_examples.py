"""The examples for other tools do what they say, as far as a machine without these tools can tell."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from icplan.cli.check import check
from icplan.report.sarif import _help_uri
from icplan.rules.registry import RULES

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples" / "pipelines"
CDK_OUT = ROOT / "tests" / "cases" / "iac" / "06-cdk-synth"


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The plugin, with stand-ins for CDK's modules that keep what they are given."""

    def record(**members: Any) -> SimpleNamespace:
        return SimpleNamespace(**members)

    cdk, jsii = ModuleType("aws_cdk"), ModuleType("jsii")
    for name in ("PolicyValidationPluginReport", "PolicyViolation", "PolicyViolatingResource"):
        setattr(cdk, name, record)
    cdk.IPolicyValidationPlugin = object  # type: ignore[attr-defined]
    jsii.implements = lambda _: lambda made: made  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "aws_cdk", cdk)
    monkeypatch.setitem(sys.modules, "jsii", jsii)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    spec = importlib.util.spec_from_file_location("plugin", EXAMPLES / "cdk_policy_validation.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_cdk_is_told_what_does_not_fit(plugin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CDK_OUT)
    context = SimpleNamespace(template_paths=["cdk.out/OtterStack.template.json"])
    report = plugin.Icplan().validate(context)
    assert report.success is False
    found = next(one for one in report.violations if one.rule_name == "ICP301")
    (resource,) = found.violating_resources
    template = json.loads((CDK_OUT / resource.template_path).read_text())
    assert template["Resources"][resource.resource_logical_id]["Type"] == "AWS::SageMaker::InferenceComponent"
    assert resource.locations == ["cdk.out/OtterStack.template.json:113"]


@pytest.mark.slow
def test_cdk_is_told_what_cannot_be_judged(plugin: Any, tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    file.write_text('{"Resources": {')
    report = plugin.Icplan().validate(SimpleNamespace(template_paths=[str(file)]))
    assert report.success is False
    assert "t.json:1" in report.violations[0].description


def test_the_image_is_made_of_what_is_there() -> None:
    """Every file that is copied, the options of pip, and the command that is run."""
    text = (EXAMPLES / "Dockerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE):
        for name in line.split()[:-1]:
            # The sources are not here where the built wheel is tested.
            assert (ROOT / name).exists() or name == "icplan", name
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    (entry,) = re.findall(r'^ENTRYPOINT \["/opt/icplan/bin/(\w+)"\]', text, re.MULTILINE)
    assert entry in scripts
    assert re.search(r"^USER (?!0\b|root\b)", text, re.MULTILINE)
    assert "--require-hashes --requirement /src/constraints.txt" in text
    (words,) = re.findall(r"icplan (check .*)$", text, re.MULTILINE)
    options = {name for parameter in check.params for name in parameter.opts}
    assert set(re.findall(r"--[\w-]+", words)) <= options


@pytest.mark.parametrize(
    ("pages", "used"),
    [
        ("https://github.com/OWNER/icplan/blob/abc/docs/rules", True),
        ("https://example.org/docs/rules/", True),
        ("https://github.com//blob//docs/rules", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_the_page_of_a_rule_is_one_that_is_there(
    pages: str, used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ICPLAN_RULE_PAGES", pages)
    for rule in RULES.values():
        address = _help_uri(rule)
        name = address.rpartition("/")[2]
        assert (ROOT / "docs" / "rules" / name).exists() is used
        assert address.startswith("https://docs.aws.amazon.com/") is not used
