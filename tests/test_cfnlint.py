"""``cfn-lint -a icplan.cfnlint``: what icplan finds, in cfn-lint's own words, formats and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.endpoints import component, snapshot

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases" / "iac"
pytest.importorskip("cfnlint")


def lint(*words: str, folder: Path = ROOT) -> list[tuple[str, str, int]]:
    """The rule, the message and the line of what icplan's rules found."""
    command = [str(Path(sys.executable).with_name("cfn-lint")), "-a", "icplan.cfnlint", "--format", "json"]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False, cwd=folder)
    assert done.stdout, done.stderr
    found = [
        (one["Rule"]["Id"], one["Message"], one["Location"]["Start"]["LineNumber"])
        for one in json.loads(done.stdout)
    ]
    assert not [one for one in found if one[0] == "E0002"], found  # a rule that raised
    return [one for one in found if one[0] in {"E9310", "W9310"}]


@pytest.mark.slow
def test_what_does_not_fit_is_an_error_on_its_line() -> None:
    found = [one for one in lint("examples/template/template.yaml") if one[0] == "E9310"]
    assert all(one[1].startswith("ICP306 A copy is larger than an empty instance") for one in found)
    lines = (ROOT / "examples/template/template.yaml").read_text().splitlines()
    assert any("NumberOfAcceleratorDevicesRequired: 4" in lines[line - 1] for *_, line in found)


@pytest.mark.slow
def test_what_one_template_alone_does_not_tell_is_a_warning() -> None:
    """The endpoint is an import of another stack's."""
    found = lint(str(CASES / "05-cfn-two-stacks" / "components.yaml"))
    assert {one[0] for one in found} == {"W9310"}
    assert "icplan cannot judge it" in found[0][1]
    assert found[0][2] > 1


@pytest.mark.slow
def test_a_snapshot_tells_what_runs(tmp_path: Path) -> None:
    template = """\
Resources:
  Chat:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      InferenceComponentName: a
      EndpointName: prod
      VariantName: AllTraffic
      Specification:
        ModelName: m
        ComputeResourceRequirements: {NumberOfAcceleratorDevicesRequired: 2, MinMemoryRequiredInMb: 1024}
      RuntimeConfig:
        CopyCount: 9
"""
    (tmp_path / "t.yaml").write_text(template)
    runs = snapshot("ml.g5.12xlarge", 1, component("a", 1, 2), scaling=(1, 1))
    (tmp_path / "runs.json").write_text(json.dumps(runs))
    found = lint("-x", "E9310:snapshot=runs.json", "--", "t.yaml", folder=tmp_path)
    assert "E9310" in {one[0] for one in found}


def test_icplan_itself_imports_no_linter() -> None:
    code = "import sys, icplan, icplan.cli.main, icplan.cli.check; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {one for one in done.stdout.split() if one.startswith(("cfnlint", "icplan.cfnlint"))}
