"""CDK assemblies (``cdk.out``): their templates, with the path and the source line of each construct."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from icplan.documents.paths import join_path
from icplan.documents.read_bytes import read_bytes, shown_name
from icplan.errors import InputError, InputProblem
from icplan.inputs.cdk_assets import assets_of, doubt_of_template
from icplan.inputs.limits import MAX_SOURCES
from icplan.inputs.place import Place
from icplan.inputs.source import Construct, Source, Stack, parse_source

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "manifest.json"
MAX_NESTED = 5
_STACK = "aws:cloudformation:stack"
_ASSEMBLY = "cdk:cloud-assembly"
_ENVIRONMENT = re.compile(
    r"aws://(?:(?P<account>[0-9]{12})|[^/]*)/(?:(?P<region>[a-z]{2,}(?:-[a-z]+)+-[0-9]+)|[^/]*)"
)
_ROLE = re.compile(r"arn:[^:]{1,30}:iam::(?P<account>[0-9]{12}):")
_ARTIFACT = re.compile(r"(?:aws|cdk|none)(?::|$)")
_FRAME = re.compile(r"(?:^|\()(?P<file>[^()\s][^()]*?):(?P<line>[0-9]{1,9}):(?P<column>[0-9]{1,9})\)?$")
_FOREIGN = ("node_modules", "node:internal", "aws-cdk-lib", "<anonymous>", "jsii")


def recognises(folder: str) -> bool:
    """Whether a folder is an assembly: its manifest is as CDK writes it. Another may lie there by chance."""
    if not (Path(folder).is_dir() and (Path(folder) / MANIFEST).is_file()):
        return False
    try:
        data, file = read_bytes(Path(folder) / MANIFEST)
        manifest = parse_source(data, file).one
    except InputError:
        return False
    artifacts = manifest.get("artifacts") if isinstance(manifest, dict) else None
    return (
        isinstance(artifacts, dict)
        and isinstance(manifest.get("version"), str)
        and all(_is_artifact(one) for one in artifacts.values())
    )


def _is_artifact(value: Any) -> bool:
    return isinstance(value, dict) and _ARTIFACT.match(str(value.get("type"))) is not None


def expand(folder: str, depth: int = 0) -> Iterator[Source]:
    """The templates of an assembly, those of the assemblies in it too, each with its stack."""
    assets = assets_of(Path(folder))
    lacking = _lacking(Path(folder))
    for stack, template, url in _templates(Path(folder)):
        data, file = read_bytes(template)
        doubt = lacking or doubt_of_template(url, template, data, assets)
        yield attrs.evolve(parse_source(data, file), stack=attrs.evolve(stack, doubt=doubt))
    for artifact in _artifacts(Path(folder)).values():
        inner = _text(artifact, "properties", "directoryName")
        if artifact.get("type") == _ASSEMBLY and inner:
            if depth >= MAX_NESTED:
                raise InputError(InputProblem("has assemblies nested too deeply", file=shown_name(folder)))
            yield from expand(str(_inside(Path(folder), inner)), depth + 1)


def stack_of(template: str) -> Stack | None:
    """What the assembly beside a template tells of its stack; None where there is none."""
    folder = Path(template).parent
    if not recognises(str(folder)):
        return None
    try:
        found = [one for one in _templates(folder) if one[1].name == Path(template).name]
    except InputError:  # the file stands for itself; a manifest of something else may lie beside it
        return None
    if not found:
        return None
    stack, path, url = found[0]
    doubt = _lacking(folder) or doubt_of_template(url, path, read_bytes(path)[0], assets_of(folder))
    return attrs.evolve(stack, doubt=doubt)


def _templates(folder: Path) -> Iterator[tuple[Stack, Path, Any]]:
    """Each stack of an assembly, its template, and the URL that it is deployed from."""
    for name, artifact in _artifacts(folder).items():
        file = _text(artifact, "properties", "templateFile")
        if artifact.get("type") == _STACK:
            if file is None:
                path = join_path(("artifacts", name, "properties", "templateFile"))
                message, hint = "the stack does not name its template", "cdk synth writes it anew"
                raise InputError(InputProblem(message, shown_name(str(folder / MANIFEST)), path, hint=hint))
            environment = _ENVIRONMENT.match(_text(artifact, "environment") or "")
            told = environment.groupdict() if environment else {"account": None, "region": None}
            role = _ROLE.match(_text(artifact, "properties", "assumeRoleArn") or "")
            stack = Stack(
                _text(artifact, "properties", "stackName") or name,
                told["region"],
                _constructs(folder, artifact),
                _parameters(artifact),
                role["account"] if role else told["account"],
                settled_by=None if all(told.values()) else "the command line of CDK",
            )
            url = artifact["properties"].get("stackTemplateAssetObjectUrl")
            yield stack, _inside(folder, file), url


def _parameters(artifact: dict[str, Any]) -> dict[str, Any]:
    """The parameters that the stack is deployed with."""
    properties = artifact.get("properties")
    found = properties.get("parameters") if isinstance(properties, dict) else None
    return found if isinstance(found, dict) else {}


def _lacking(folder: Path) -> str | None:
    """That an assembly lacks what the CLI looks up before it synthesizes it anew, and deploys that."""
    manifest = parse_source(*read_bytes(folder / MANIFEST)).one
    missing = manifest.get("missing") if isinstance(manifest, dict) else None
    if not missing:
        return None
    return "its assembly lacks context, with which cdk deploy makes it anew; run cdk synth with that"


def _artifacts(folder: Path) -> dict[str, dict[str, Any]]:
    data, file = read_bytes(folder / MANIFEST)
    manifest = parse_source(data, file).one
    artifacts = manifest.get("artifacts") if isinstance(manifest, dict) else None
    if not isinstance(artifacts, dict):
        raise InputError(InputProblem("is no manifest of a CDK assembly: it has no artifacts", file=file))
    if len(artifacts) > MAX_SOURCES:
        raise InputError(InputProblem(f"has more than {MAX_SOURCES} artifacts", file=file))
    return _after_what_they_need({name: one for name, one in artifacts.items() if isinstance(one, dict)})


def _after_what_they_need(artifacts: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Artifacts as they are deployed: as they are listed, but none before those that it depends on."""
    needs = {name: (_needs(one) & artifacts.keys()) - {name} for name, one in artifacts.items()}
    found: dict[str, dict[str, Any]] = {}
    while needs:
        ready = (name for name, one in needs.items() if one <= found.keys())
        name = next(ready, next(iter(needs)))  # a circle, which CDK makes none of, is taken as it is listed
        del needs[name]
        found[name] = artifacts[name]
    return found


def _needs(artifact: dict[str, Any]) -> set[str]:
    named = artifact.get("dependencies")
    return {one for one in named if isinstance(one, str)} if isinstance(named, list) else set()


def _inside(folder: Path, name: str) -> Path:
    """A file of the assembly; a manifest must not lead out of its folder."""
    path = folder / name
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        inside = False
    if not inside:
        raise InputError(
            InputProblem("names a file outside the assembly", file=shown_name(folder / MANIFEST))
        )
    return path


def _constructs(folder: Path, artifact: dict[str, Any]) -> dict[str, Construct]:
    """What the metadata tell, by logical id: in a file of their own, or in the manifest as it once was."""
    metadata = artifact.get("metadata")
    file = _text(artifact, "additionalMetadataFile")
    if file:
        path = _inside(folder, file)
        if path.is_file():
            data, name = read_bytes(path)
            metadata = parse_source(data, name).one
    told: dict[str, Construct] = {}
    for path_name, entries in metadata.items() if isinstance(metadata, dict) else ():
        known = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
        logical = next((one for one in known if one.get("type") == "aws:cdk:logicalId"), None)
        if logical is None or not isinstance(logical.get("data"), str):
            continue
        created = next((one for one in known if one.get("type") == "aws:cdk:creationStack"), {})
        frames = created.get("data") or logical.get("trace")
        told[logical["data"]] = Construct(path_name.strip("/"), _own_frame(frames))
    return told


def _own_frame(frames: Any) -> Place | None:
    """The innermost line of the user's own program."""
    for frame in frames if isinstance(frames, list) else ():
        match = _FRAME.search(frame) if isinstance(frame, str) and len(frame) < 1000 else None  # noqa: PLR2004
        if match and not any(word in match["file"] for word in _FOREIGN):
            return Place(match["file"], int(match["line"]), int(match["column"]))
    return None


def _text(artifact: dict[str, Any], *names: str) -> str | None:
    found: Any = artifact
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) and found else None
