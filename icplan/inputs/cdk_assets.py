"""Whether the template of a CDK assembly that is read is the one that is deployed: what its assets tell.

``cdk deploy`` sends no file: it publishes what the manifests of assets name, and deploys the object that the
stack's URL leads to. CDK names an object by the SHA-256 of the template that it holds.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.read_bytes import read_bytes
from icplan.errors import InputError
from icplan.inputs.source import parse_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BUCKET: Final = re.compile(r"s3://cdk-[a-z0-9]{1,32}-(?:assets|staging)-(?P<of>[^/]{1,120})/(?P<key>[^?#]+)")
_PART: Final = re.compile(r"\$\{AWS::(?:AccountId|Region)\}|[0-9]{12}|[a-z]{2}(?:-[a-z]+)+-[0-9]")
_ASSETS: Final = "cdk:asset-manifest"
_SHOWN: Final = 120


@attrs.frozen
class Asset:
    """A file that is published: as which object, and whether it is taken as it is."""

    key: str
    path: str
    as_it_is: bool


def doubt_of_template(url: Any, template: Path, data: bytes, assets: Sequence[Asset]) -> str | None:
    """Why the template of a stack may not be what is deployed; None where it is, or is sent itself.

    ``url`` is the stack's stackTemplateAssetObjectUrl, ``assets`` what the assembly publishes.
    """
    if url is None:
        return None
    match = _BUCKET.fullmatch(url) if isinstance(url, str) and len(url) < 1000 else None  # noqa: PLR2004
    if match is None or _PART.sub("", match["of"]).strip("-"):
        return f"what is deployed is {str(url)[:_SHOWN]}, which is in no bucket of CDK's"
    key = match["key"]
    if any(one.key == key and not _is(one, template) for one in assets):
        return f"what is deployed is {key}, which is made of another file"
    if key.rpartition("/")[2] != f"{hashlib.sha256(data).hexdigest()}.json":
        return f"what is deployed is {key}, which is not the content of the file"
    return None


def doubt_of_asset(key: str, file: Path, assets: Sequence[Asset]) -> str | None:
    """Why the object of that name may not be made of a file: the assets must say that it is."""
    found = [one for one in assets if one.key.rpartition("/")[2] == key]
    if found and all(_is(one, file) for one in found):
        return None
    return f"what is deployed is {key}, which no assets of the assembly make of this file"


def assets_of(folder: Path) -> list[Asset]:
    """The files that an assembly publishes."""
    return list(_assets(folder))


def _assets(folder: Path) -> Iterator[Asset]:
    manifest = _read(folder / "manifest.json")
    artifacts = manifest.get("artifacts") if isinstance(manifest, dict) else None
    for artifact in artifacts.values() if isinstance(artifacts, dict) else ():
        if isinstance(artifact, dict) and artifact.get("type") == _ASSETS:
            properties = artifact.get("properties")
            name = properties.get("file") if isinstance(properties, dict) else None
            if isinstance(name, str) and "\0" not in name and (folder / name).is_file():
                yield from _published(folder, _read(folder / name))


def _published(folder: Path, manifest: Any) -> Iterator[Asset]:
    files = manifest.get("files") if isinstance(manifest, dict) else None
    for entry in files.values() if isinstance(files, dict) else ():
        source = entry.get("source") if isinstance(entry, dict) else None
        if not isinstance(source, dict):
            continue
        as_it_is = "executable" not in source and source.get("packaging", "file") == "file"
        destinations = entry.get("destinations")
        for one in destinations.values() if isinstance(destinations, dict) else ():
            if isinstance(one, dict):
                path = os.path.realpath(folder / str(source.get("path")).replace("\0", ""))
                yield Asset(str(one.get("objectKey")), path, as_it_is)


def _is(asset: Asset, file: Path) -> bool:
    return asset.as_it_is and asset.path == os.path.realpath(file)


def _read(path: Path) -> Any:
    try:
        data, file = read_bytes(path)
        return parse_source(data, file).one
    except InputError:
        return None
