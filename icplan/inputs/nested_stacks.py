"""The templates of nested stacks, where they are files: beside the template that names them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.read_bytes import read_bytes
from icplan.documents.working_tree import lies_in_tree
from icplan.errors import InputError, InputProblem
from icplan.inputs import cloudformation
from icplan.inputs.cdk_assets import assets_of, doubt_of_asset
from icplan.inputs.limits import MAX_SOURCES
from icplan.inputs.source import Source, Stack, parse_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.inputs.cdk_assets import Asset

_ASSETS: Final = re.compile(r"/cdk-[a-z0-9]{1,16}-assets-|AssetParameters[0-9a-f]{64}S3Bucket")
"""The bucket that CDK's bootstrap makes for assets, and the parameter that named it before there was one."""
_LOCATIONS: Final = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}


def with_nested_stacks(sources: Sequence[Source]) -> list[Source]:
    """The files, numbered, and the templates that they nest. One that is given, too, is the nested one."""
    found = [attrs.evolve(source, number=number) for number, source in enumerate(sources)]
    for source in found:
        if not cloudformation.recognises(source) or source.file.startswith("<"):
            continue
        chain = _chain(source.number, found)
        assets = assets_of(Path(source.file).parent) if source.stack else []
        for logical_id, path in nested_files(source):
            stack = _stack(source, logical_id, path, assets)
            real = os.path.realpath(path)
            if real in chain:
                steps = (0, "Resources", logical_id)
                raise InputError(source.problem("is a stack that nests itself", steps))
            parent = (source.number, logical_id)
            given = next((one for one in found if one.parent is None and _is_file(one, real)), None)
            if given is not None and given.number != source.number:
                nested = attrs.evolve(given, parent=parent, stack=stack, given=True)
                found[given.number] = nested
            else:
                if len(found) >= MAX_SOURCES:
                    message = f"more than {MAX_SOURCES} files are given, or nested in them"
                    raise InputError(InputProblem(message, file=source.file))
                data, file = read_bytes(path)
                nested = attrs.evolve(parse_source(data, file), number=len(found), parent=parent)
                found.append(attrs.evolve(nested, stack=stack))
    return found


def _chain(number: int, found: Sequence[Source]) -> frozenset[str]:
    """The real files of a stack, and of those that nest it."""
    files = {os.path.realpath(found[number].file)}
    parent = found[number].parent
    while parent is not None:
        files.add(os.path.realpath(found[parent[0]].file))
        parent = found[parent[0]].parent
    return frozenset(files)


def nested_files(source: Source) -> Iterator[tuple[str, str]]:
    """The nested stacks of a template that are files beside it, by logical id.

    What lies neither in the folder of the template nor in the working tree is left alone.
    """
    resources = source.one.get("Resources")
    for name, entry in resources.items() if isinstance(resources, dict) else ():
        location = _location(entry, source) if isinstance(entry, dict) else None
        if location is None or "://" in location or "\0" in location:
            continue
        path = os.path.normpath(Path(source.file).parent / location)
        folder = os.path.realpath(Path(source.file).parent)
        inside = Path(os.path.realpath(path)).is_relative_to(folder) or lies_in_tree(path)
        if inside and Path(path).is_file():
            yield name, path


def _location(entry: dict[str, Any], source: Source) -> str | None:
    """The file that an entry names: as it is written, else as the metadata of an assembly of CDK tell."""
    member = _LOCATIONS.get(str(entry.get("Type")))
    properties, metadata = entry.get("Properties"), entry.get("Metadata")
    if member is None or not isinstance(properties, dict):
        return None
    told = properties.get(member)
    if isinstance(told, str):
        return told or None
    if not isinstance(metadata, dict) or metadata.get("aws:asset:property") != member:
        return None
    if source.stack and _leads_to_assets(told):
        asset = metadata.get("aws:asset:path")
        return asset if isinstance(asset, str) else None
    return None


def _leads_to_assets(location: Any) -> bool:
    """Whether a location put together of parts is in a bucket of CDK's for assets; else it is some file."""
    return _ASSETS.search(_texts(location)) is not None


def _texts(location: Any) -> str:
    """The texts of a location that is put together of parts."""
    texts, left = list[str](), [location]
    while left:
        part = left.pop()
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict | list):
            left += reversed(list(part.values()) if isinstance(part, dict) else part)
    return "".join(texts)


def _is_file(source: Source, real: str) -> bool:
    return not source.file.startswith("<") and os.path.realpath(source.file) == real


def _stack(parent: Source, logical_id: str, path: str, assets: Sequence[Asset]) -> Stack | None:
    """What is known of a nested stack: its Region and its constructs are told with those of its parent."""
    if parent.stack is None:
        return None
    entry = parent.one["Resources"][logical_id]
    member = _LOCATIONS[entry["Type"]]
    told = entry["Properties"][member]
    key = "" if isinstance(told, str) else _texts(told).rpartition("/")[2]
    doubt = None if isinstance(told, str) else doubt_of_asset(key, Path(path), assets)
    return attrs.evolve(parent.stack, name=None, doubt=doubt)
