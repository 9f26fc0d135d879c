"""The same at the places of text of templates, plans and manifests: names, addresses, parameters, notes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hostile import ENDPOINT, commands, run, write
from test_one_door import COMMANDS, SECRETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVERY = 1 if os.environ.get("ICPLAN_HOSTILE") == "all" else 9
NEEDS = "{MinMemoryRequiredInMb: 1, NumberOfAcceleratorDevicesRequired: 1}"
BODY = "EndpointName: prod, VariantName: AllTraffic, RuntimeConfig: {CopyCount: 1}"
BODY += f", Specification: {{ModelName: m, ComputeResourceRequirements: {NEEDS}}}"
COMPONENT = (
    f"Type: 'AWS::SageMaker::InferenceComponent', Properties: {{InferenceComponentName: chat, {BODY}}}"
)
NAMED = COMPONENT.replace("InferenceComponentName: chat", "InferenceComponentName: !Ref P")
ACK = (
    "apiVersion: sagemaker.services.k8s.aws/v1alpha1\nkind: InferenceComponent\nmetadata: {name: {}}\nspec: "
)
SPEC = (
    "inferenceComponentName: chat, endpointName: prod, variantName: AllTraffic, runtimeConfig: {copyCount: 1}"
)
SPEC += ", specification: {modelName: m, computeResourceRequirements: {minMemoryRequiredInMb: 1}}"
FILES = {
    "a parameter's default": "Parameters: {P: {Type: String, Default: {}}}\n"
    f"Resources: {{C: {{{NAMED}}}}}\n",
    "a logical id": f"Resources: {{{{}}: {{{COMPONENT}}}}}\n",
    "a nested stack": f"Resources: {{C: {{{COMPONENT}}}, {{}}: {{Type: 'AWS::CloudFormation::Stack'}}}}\n",
    "a condition": f"Resources: {{C: {{Condition: {{}}, {COMPONENT}}}}}\n",
    "an expression": f"Resources: {{C: {{{COMPONENT.replace('ModelName: m', 'ModelName: !Sub {}')}}}}}\n",
    "a manifest": f"{ACK}{{{SPEC}}}\n",
    "a manifest's member": f"{ACK}{{{SPEC}, {{}}: 1}}\n",
    "a note": "apiVersion: inference.sagemaker.aws.amazon.com/v1\nkind: X\nmetadata: {name: {}}\nspec: {}\n",
}
OPTIONS = ("--parameter", "--parameter-file", "--stack-name", "--region", "--source")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    write(tmp_path, snapshot=ENDPOINT)


def plan(text: str) -> str:
    """A Terraform plan with the text in its address, its key and as a member."""
    after = {"inference_component_name": "new", "endpoint_name": "prod", text: 1}
    change = {"actions": ["create"], "before": None, "after": after, "after_unknown": {}}
    kind = "awscc_sagemaker_inference_component"
    address = f"module.{text}.{kind}.x[{json.dumps(text)}]"
    entry = {"address": address, "mode": "managed", "type": kind, "name": text, "index": text}
    return json.dumps({"format_version": "1.2", "resource_changes": [entry | {"change": change}]})


def outputs(text: str, turn: int) -> Iterator[str]:
    """What is said of each, in turn as text, as JSON and with --debug."""
    more: tuple[tuple[str, ...], ...] = ((), ("--format", "json"), ("--debug",))
    written: list[tuple[str, str, tuple[str, ...]]] = [
        (body.replace("{}", json.dumps(text)), "f.yaml", ()) for body in FILES.values()
    ]
    written += [(plan(text), "f.json", ())]
    template = FILES["a parameter's default"].replace("{}", "x")
    for option in OPTIONS:
        written += [(template, "f.yaml", (option, text))]
    for number, (body, file, options) in enumerate(written):
        Path(file).write_text(body)
        arguments = (*options, *more[(turn + number) % 3])
        result = run("check", file, "--snapshot", "snapshot.json", "--no-config", *arguments)
        assert result.exit_code in (0, 1, 2, 3), (body, result.exception)
        assert "internal error" not in result.output, (body, result.output)
        yield result.output


def test_no_secret_shows(record_property: Callable[[str, object], None]) -> None:
    """Of every kind."""
    said, shown = 0, []
    for turn, (kind, (secret, part)) in list(enumerate(SECRETS.items()))[::EVERY]:
        for output in outputs(secret, turn):
            said += 1
            shown += [(kind, output)] if (part or secret) in "".join(output.split()) else []
    record_property("counts", f"secrets, deployments: {said} outputs, {len(shown)} show one")
    assert not shown


def test_no_command_reaches_a_runner(record_property: Callable[[str, object], None]) -> None:
    """Of every form."""
    said, obeyed = 0, []
    for turn, (form, text) in list(enumerate(COMMANDS.items()))[:: min(EVERY, 4)]:
        for output in outputs(text, turn):
            said += 1
            obeyed += [(form, line) for line in commands(output)]
            assert all(c.isprintable() for line in output.split("\n") for c in line)
    record_property("counts", f"commands, deployments: {said} outputs, {len(obeyed)} obeyed")
    assert not obeyed
