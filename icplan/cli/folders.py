"""A folder as a CHANGE: the files in it that are changes, of any depth; what is none is passed over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from icplan.cli.command_group import warn
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILES: Final = 20_000
"""Files of a folder that are looked at by name."""
_SUFFIXES: Final = frozenset({".json", ".yaml", ".yml", ".template"})
_FOREIGN: Final = frozenset({"node_modules", "__pycache__"})


def is_folder(name: str) -> bool:
    """Whether a CHANGE is a folder that is no assembly of CDK, which is one change."""
    from icplan.inputs import cdk  # noqa: PLC0415  (most changes are files)

    return name != "-" and "\0" not in name and Path(name).is_dir() and not cdk.recognises(name)


def files_in(folder: str) -> tuple[list[str], list[str]]:
    """The files of a deployment in a folder, and those that are judged by themselves: requests, broken ones.

    InputError where there is neither.
    """
    from icplan.inputs.command_line_files import Content, content_of  # noqa: PLC0415  (most changes are files)

    together: list[str] = []
    alone: list[str] = []
    passed = 0
    for name in _changes(folder):
        try:
            content = Content.DEPLOYMENT if Path(name).is_dir() else content_of(name)
        except InputError:
            alone.append(name)  # judging it says what is wrong, and does not silence the others
            continue
        if content is Content.DEPLOYMENT:
            together.append(name)
        elif content is Content.REQUEST:
            alone.append(name)
        else:
            passed += 1
    if not together and not alone:
        message = "holds no file that declares a change of SageMaker's components"
        hint = f"{passed} others were looked at" if passed else None
        raise InputError(InputProblem(message, file=folder, hint=hint))
    if passed:
        warn(f"{folder}: passed over {passed} {'file' if passed == 1 else 'files'} of something else")
    return together, alone


def _changes(folder: str) -> Iterator[str]:
    """Files by what their names end with, and assemblies of CDK; nothing hidden, in the order of names."""
    from icplan.inputs import cdk  # noqa: PLC0415  (see above)

    count = 0
    for here, folders, files in os.walk(folder):
        assemblies = [one for one in folders if cdk.recognises(os.path.join(here, one))]  # noqa: PTH118
        shown = [one for one in folders if not one.startswith(".") and one not in _FOREIGN]
        folders[:] = sorted(set(shown) - set(assemblies))
        for name in sorted([*files, *assemblies]):
            count += 1
            if count > MAX_FILES:
                raise InputError(InputProblem(f"holds more than {MAX_FILES:,} files", file=folder))
            if name in assemblies or (Path(name).suffix.lower() in _SUFFIXES and not name.startswith(".")):
                yield os.path.normpath(Path(here) / name)
