"""The code of a function where it lies beside the template: an asset of CDK, or a folder that SAM packs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from icplan.documents.read_bytes import read_bytes
from icplan.documents.working_tree import lies_in_tree
from icplan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.inputs.template import Template

_MOST_FILES: Final = 500
_MOST_BYTES: Final = 1 << 20
_LIBRARIES: Final = frozenset({"node_modules", "site-packages", "botocore", "boto3", "__pycache__"})
"""Folders of what a program uses, which speaks of every call there is."""


def code_beside(template: Template, entry: Mapping[str, Any]) -> Iterator[str]:
    """The texts of a function's files; none of files that are elsewhere."""
    for told in _told(template, entry):
        here = Path(template.source.file).parent
        path = here / told
        inside = Path(os.path.realpath(path)).is_relative_to(os.path.realpath(here)) or lies_in_tree(
            str(path)
        )
        if inside:
            yield from _texts(path)


def _told(template: Template, entry: Mapping[str, Any]) -> Iterator[str]:
    metadata, properties = entry.get("Metadata"), entry.get("Properties")
    asset = metadata.get("aws:asset:path") if isinstance(metadata, dict) else None
    if template.source.stack is not None and isinstance(asset, str) and "\0" not in asset:
        yield asset
    for name in ("CodeUri", "Code"):
        local = properties.get(name) if isinstance(properties, dict) else None
        if isinstance(local, str) and "://" not in local and "\0" not in local:
            yield local


def _texts(path: Path) -> Iterator[str]:
    """The texts of a file, or of the files of a folder, but for libraries."""
    left = _MOST_FILES
    for here, folders, files in os.walk(path) if path.is_dir() else [(str(path.parent), [], [path.name])]:
        folders[:] = sorted(set(folders) - _LIBRARIES)
        for name in sorted(files):
            file = Path(here, name)
            left -= 1
            if left < 0:
                return
            try:
                if file.is_file() and file.stat().st_size <= _MOST_BYTES:
                    yield read_bytes(file)[0].decode("utf-8", "replace")
            except (InputError, OSError):
                continue
