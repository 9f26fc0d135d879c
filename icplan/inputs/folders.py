"""A folder as a CHANGE: the files in it that are changes, of any depth; what is none is passed over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MAX_FILES: Final = 20_000
"""Files of a folder that are looked at by name."""
_MOST_NAMED: Final = 10
_SAM: Final = "samconfig.toml"
_FOREIGN: Final = frozenset({"node_modules", "__pycache__"})


def is_folder(name: str) -> bool:
    """Whether a CHANGE is a folder that is no assembly of CDK, which is one change."""
    if name == "-" or "\0" in name or not Path(name).is_dir():
        return False
    from icplan.inputs import cdk  # noqa: PLC0415  (most changes are files)

    return not cdk.recognises(name)


@attrs.frozen
class Found:
    """The files of a deployment in a folder, and those that are judged by themselves: requests, broken ones.

    ``passed_over`` may be changes, too, and are not judged. ``others`` are files of something else, and
    ``settings`` those of a tool that deploys.
    """

    together: Sequence[str]
    alone: Sequence[str]
    passed_over: Sequence[str] = ()
    others: Sequence[str] = ()
    settings: Sequence[str] = ()

    @property
    def all(self) -> list[str]:
        """Those that are changes, in the order of names."""
        return sorted([*self.together, *self.alone])


def files_in(folder: str, is_change: Callable[[str], bool] = lambda _: False) -> Found:
    """What is in a folder. InputError where no change is.

    ``is_change`` tells of some files that they are, whatever stands in them.
    """
    from icplan.inputs.command_line_files import (  # noqa: PLC0415  (most changes are files)
        Content,
        content_of,
        is_terraform_source,
    )

    together: list[str] = []
    alone: list[str] = []
    untold: list[str] = []
    passed: list[str] = []
    names, beside = _changes(folder)
    for name in names:
        try:
            content = Content.DEPLOYMENT if Path(name).is_dir() else content_of(name)
        except InputError:
            alone.append(name)  # judging it says what is wrong, and does not silence the others
            continue
        if content in (Content.OTHER, Content.UNTOLD) and is_change(name):
            content = Content.REQUEST
        if content is Content.DEPLOYMENT:
            together.append(name)
        elif content is Content.REQUEST:
            alone.append(name)
        elif content is Content.UNTOLD:
            untold.append(name)
        else:
            passed.append(name)
    if not together and not alone:
        message = "holds no file that declares a change of SageMaker's components"
        hint = f"{len(passed)} others were looked at: {named(passed)}" if passed else None
        raise InputError(InputProblem(message, file=folder, hint=hint))
    left = (*untold, *(one for one in _may_be_changes(beside) if not is_change(one)))
    if any(map(_is_plan, together)):
        left = tuple(one for one in left if not is_terraform_source(one))
    alone += [one for one in beside if is_change(one)]
    settings = [one for one in beside if Path(one).name == _SAM]
    return Found(together, alone, left, passed, settings)


def _is_plan(name: str) -> bool:
    """Whether a change is a plan of Terraform's, which tells what the source beside it comes to."""
    from icplan.documents.read_bytes import read_bytes  # noqa: PLC0415  (see above)

    return Path(name).is_file() and b"resource_changes" in read_bytes(name)[0]


def named(names: Sequence[str]) -> str:
    """Names of files for a message, not too many of them."""
    from icplan.documents.read_bytes import shown_name  # noqa: PLC0415  (see above)

    shown = ", ".join(map(shown_name, names[:_MOST_NAMED]))
    return f"{shown} and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else shown


def _changes(folder: str) -> tuple[list[str], list[str]]:
    """Files by what their names end with, and assemblies of CDK, in the order of names; then all others.

    The others are hidden files, those of other names and of folders of packages, and links to folders.
    """
    from icplan.inputs import cdk  # noqa: PLC0415  (see above)
    from icplan.inputs.command_line_files import CHANGE_SUFFIXES  # noqa: PLC0415  (see above)

    found: list[str] = []
    beside: list[str] = []
    for here, folders, files in os.walk(folder):
        links = [one for one in folders if Path(here, one).is_symlink()]
        aside = [one for one in folders if (one.startswith(".") or one in _FOREIGN) and one not in links]
        shown = [one for one in folders if one not in links and one not in aside]
        assemblies = [one for one in shown if cdk.recognises(str(Path(here, one)))]
        folders[:] = sorted(set(shown) - set(assemblies))
        beside += [os.path.normpath(Path(here, one)) for one in sorted([*links, *aside])]
        for name in sorted([*files, *assemblies]):
            usual = Path(name).suffix.lower() in CHANGE_SUFFIXES and not name.startswith(".")
            listed = found if name in assemblies or usual else beside
            listed.append(os.path.normpath(Path(here, name)))
        if len(found) > MAX_FILES:
            raise InputError(InputProblem(f"holds more than {MAX_FILES:,} files", file=folder))
    return found, beside


def _may_be_changes(names: Iterable[str]) -> Iterator[str]:
    """Those that may be changes, of what is passed over for its name. What is too much is named whole."""
    from icplan.inputs.command_line_files import may_be_change  # noqa: PLC0415  (see above)

    left = MAX_FILES
    for name in names:
        path = Path(name)
        if path.is_dir() and path.is_symlink():
            yield name
            continue
        if path.name == ".git":
            continue
        inner = _files_below(name) if path.is_dir() else iter((name,))
        for one in inner:
            left -= 1
            if left < 0:
                yield name
                return
            if Path(one).is_dir() or may_be_change(one):
                yield one


def _files_below(folder: str) -> Iterator[str]:
    """The files of a folder, of any depth, and the links to folders in it."""
    for here, folders, files in os.walk(folder):
        yield from (str(Path(here, one)) for one in sorted(folders) if Path(here, one).is_symlink())
        yield from (str(Path(here, one)) for one in sorted(files))
