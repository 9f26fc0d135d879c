"""The checkout under test: which files lie in it, and so may be a stranger's."""

from __future__ import annotations

import os
from pathlib import Path


def working_tree() -> Path:
    """The folder of the nearest ``.git`` above the current directory, else that directory."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if os.path.lexists(folder / ".git")), here)


def lies_in_tree(path: str | os.PathLike[str]) -> bool:
    """Whether a file, or what it links to, lies in the working tree. A device or a pipe lies nowhere."""
    tree = os.path.realpath(working_tree())
    written = os.path.abspath(path)  # noqa: PTH100  (Path.absolute leaves .. in)
    folder, name = os.path.split(written)
    places = (written, os.path.join(os.path.realpath(folder), name), os.path.realpath(path))  # noqa: PTH118
    return any(os.path.commonpath((tree, place)) == tree for place in places)


def link_in_tree(path: str | os.PathLike[str]) -> str | None:
    """The first symbolic link on the way to a path that lies in the working tree, if there is one."""
    tree = Path(os.path.realpath(working_tree()))
    written = Path(os.path.abspath(path))  # noqa: PTH100
    for place in (written, *written.parents):
        real = Path(os.path.realpath(place.parent)) / place.name
        if place.is_symlink() and (real.is_relative_to(tree) or place.is_relative_to(tree)):
            return str(place)
    return None
