"""Places as pipelines name them: files relative to the checkout, with forward slashes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from icplan.documents.working_tree import working_tree

if TYPE_CHECKING:
    from icplan.inputs.place import Place
    from icplan.report.model import ReportedChange, ReportedFinding


def best_place(finding: ReportedFinding, change: ReportedChange) -> Place:
    """Where someone would change it: in the program that made the file, if that is here, else in the file."""
    place = finding.place
    program = place.source
    if program is not None and _is_here(program.file):
        return program
    return place if place.file is not None else change.place


def _is_here(file: str | None) -> bool:
    return file is not None and in_checkout(file) is not None and Path(file).is_file()


def in_checkout(file: str | None, base: Path | None = None) -> str | None:
    """The file relative to ``base`` (the checkout), where it lies below it; None for any other."""
    if file is None or file.startswith("<") or not _possible(file):
        return None
    top = os.path.realpath(base or working_tree())
    folder, name = os.path.split(os.path.abspath(file))  # noqa: PTH100  (Path.absolute leaves .. in)
    written = Path(os.path.realpath(folder), name)
    return written.relative_to(top).as_posix() if written.is_relative_to(top) else None


def as_uri(file: str) -> str:
    """The file as a URI: relative to the current directory, absolute where it lies elsewhere."""
    here = in_checkout(file, Path.cwd())
    if not _possible(file):
        return quote(file, errors="backslashreplace")
    if here is None:
        return Path(os.path.abspath(file)).as_uri()  # noqa: PTH100
    # The URI of a path from the root, without the root: what it needs is quoted, and no colon makes a scheme.
    quoted = Path("/", here).as_uri().removeprefix("file:///")
    return f"./{quoted}" if ":" in quoted.partition("/")[0] else quoted


def _possible(file: str) -> bool:
    """Whether a file can have this name at all."""
    try:
        return b"\0" not in os.fsencode(file)
    except UnicodeEncodeError:
        return False
