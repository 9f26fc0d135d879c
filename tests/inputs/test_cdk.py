"""Assemblies: nested ones, metadata in the manifest as it once was, and manifests that lead astray."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from icplan.errors import InputError
from icplan.inputs import cdk
from icplan.inputs.command_line_files import read_given

CASE = Path(__file__).parents[1] / "cases" / "iac" / "06-cdk-synth" / "cdk.out"


def assembly(folder: Path, **artifact: Any) -> Path:
    """A copy of the assembly with a part of its stack's artifact replaced."""
    shutil.copytree(CASE, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"]["OtterStack"] |= artifact
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_an_assembly_tells_its_stack(tmp_path: Path) -> None:
    (source,) = cdk.expand(str(assembly(tmp_path / "out")))
    assert source.stack is not None
    assert (source.stack.name, source.stack.region) == ("OtterStack", "eu-central-1")
    made = source.stack.constructs["TranslatorComponent74DA0DFE"]
    assert made.path == "OtterStack/Translator/Component"
    assert made.source is not None
    assert made.source.shown == "serving.js:15"


def test_metadata_may_stand_in_the_manifest(tmp_path: Path) -> None:
    trace = ["new Own (/home/me/node_modules/x/y.js:1:2)", "new Shelf (/home/me/app.ts:7:3)"]
    metadata = {"/S/A": [{"type": "aws:cdk:logicalId", "data": "A1", "trace": trace}]}
    folder = assembly(tmp_path / "out", additionalMetadataFile=None, metadata=metadata)
    (source,) = cdk.expand(str(folder))
    assert source.stack is not None
    made = source.stack.constructs["A1"]
    assert (made.path, made.source and made.source.shown) == ("S/A", "/home/me/app.ts:7")


def test_assemblies_of_stages_are_read(tmp_path: Path) -> None:
    outer = tmp_path / "cdk.out"
    assembly(outer / "assembly-Live")
    nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Live"}}
    (outer / "manifest.json").write_text(
        json.dumps({"version": "38.0.0", "artifacts": {"assembly-Live": nested}})
    )
    (source,) = cdk.expand(str(outer))
    assert source.file.endswith("assembly-Live/OtterStack.template.json")


@pytest.mark.parametrize("name", ["../secret.json", "/etc/hostname", "a/../../secret.json"])
def test_a_manifest_does_not_lead_out_of_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.json").write_text("{}")
    folder = assembly(tmp_path / "out", properties={"templateFile": name})
    with pytest.raises(InputError, match="outside the assembly"):
        list(cdk.expand(str(folder)))


@pytest.mark.parametrize("properties", [{}, {"templateFile": None}, {"Fn::If": ["Live", {}, {}]}, [], "x"])
def test_a_stack_names_its_template(tmp_path: Path, properties: Any) -> None:
    """A manifest that is none is refused; its stack is not passed over."""
    folder = assembly(tmp_path / "out", properties=properties)
    with pytest.raises(
        InputError, match=r"artifacts\.OtterStack\.properties\.templateFile: the stack does not name"
    ):
        tuple(cdk.expand(str(folder)))


def test_an_assembly_without_a_stack_leaves_nothing_to_judge(tmp_path: Path) -> None:
    folder = assembly(tmp_path / "out", type="cdk:tree")
    with pytest.raises(InputError, match=r"nothing is to be judged in .*out: no template"):
        read_given([str(folder)])


def test_an_assembly_that_holds_itself_ends(tmp_path: Path) -> None:
    nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}
    (tmp_path / "manifest.json").write_text(
        json.dumps({"version": "38.0.0", "artifacts": {"a": nested, "b": nested}})
    )
    with pytest.raises(InputError, match="nested too deeply"):
        list(cdk.expand(str(tmp_path)))


def test_stacks_come_after_those_that_they_depend_on(tmp_path: Path) -> None:
    """As CDK deploys them; what depends on nothing, and on each other, comes as it is listed."""
    needs = {
        "last": ["middle", "assets"],
        "other": [],
        "middle": ["first"],
        "first": [],
        "a": ["b"],
        "b": ["a"],
    }
    stacks = {
        name: {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": f"{name}.json"},
            "dependencies": needed,
        }
        for name, needed in needs.items()
    }
    for name in needs:
        (tmp_path / f"{name}.json").write_text('{"Resources": {}}')
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": stacks}))
    found = [source.stack.name for source in cdk.expand(str(tmp_path)) if source.stack]
    assert found == ["other", "first", "middle", "last", "a", "b"]
