"""Which questions a command line asks: all files together, each by itself, or the groups they belong to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.cli.command_group import warn
from icplan.documents.read_bytes import shown_name
from icplan.errors import InputError, InputProblem
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.judge.config import Config
    from icplan.judge.file_groups import Group

# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415

_MAGIC: Final = frozenset("*?[")
"""Characters that make a name a pattern."""


@frozen
class Question:
    """Files to judge together, and the options that hold for them.

    ``passed_over`` are files in folders that may be changes, and are not judged. ``beside`` tells that nobody
    said of these that the changes of other questions are not made with them. ``others`` are files of the same
    folders that may tell parameters.
    """

    files: tuple[str, ...]
    options: Mapping[str, Any] = attrs.field(repr=False)
    passed_over: tuple[str, ...] = ()
    beside: bool = False
    others: tuple[str, ...] = ()


def questions(files: Sequence[str], options: Mapping[str, Any], config: Config) -> list[Question]:
    """The questions in order: of the groups that are named, then of the files.

    A file that belongs to a group brings the others of it. InputError where there is no such group or file.
    """
    expanded, apart, passed, others = expanded_files(files, config.groups)
    names = options["groups"]
    groups = [_named(name, config) for name in names]
    alone: list[str] = []
    for one in config.groups:
        if not any(os.path.lexists(file) for file in _files_of(one)):
            warn(f"{shown_name(str(config.file))}: no file has a name as those of group {one.name}")
    members = [(group, _files_of(group)) for group in config.groups] if expanded else []
    for file in expanded:
        of = [group for group, its in members if os.path.realpath(file) in its]
        groups += of
        if not of:
            alone.append(file)
    found = [_of_group(group, options) for number, group in enumerate(groups) if group not in groups[:number]]
    together = [] if options["each"] else [file for file in alone if file not in apart]
    single = [file for file in alone if file not in together]
    beside = not options["each"]
    found += [Question(tuple(together), options, beside=beside, others=others)] if together else []
    found += [Question((file,), options, beside=beside, others=others) for file in single]
    if found and passed:
        found[0] = attrs.evolve(found[0], passed_over=(*found[0].passed_over, *passed))
    return found


def expanded_files(
    files: Sequence[str], groups: Sequence[Group] = ()
) -> tuple[list[str], frozenset[str], tuple[str, ...], tuple[str, ...]]:
    """The files that patterns and folders stand for; of folders, what is judged by itself, and what not.

    The last of these are files of something else, which may tell parameters.

    A file of one of the ``groups`` is a change, whatever stands in it.
    """
    found: list[str] = []
    apart: list[str] = []
    passed: list[str] = []
    beside: list[str] = []
    members = frozenset(file for group in groups for file in _files_of(group))
    for name in (name for file in files for name in _expand(file)):
        if _is_folder(name):
            from icplan.inputs.folders import files_in, named

            inside = files_in(name, lambda file: os.path.realpath(file) in members)
            if others := inside.others:
                noun = "file" if len(others) == 1 else "files"
                warn(f"{name}: passed over {len(others)} {noun} of something else: {named(others)}")
            found += inside.all
            apart += inside.alone
            passed += inside.passed_over
            beside += [*others, *inside.settings]
        else:
            found.append(name)
    return found, frozenset(apart), tuple(passed), tuple(beside)


def _is_folder(name: str) -> bool:
    if not os.path.isdir(name):  # noqa: PTH112  (a name may be no path)
        return False
    from icplan.inputs.folders import is_folder

    return is_folder(name)


def _expand(pattern: str) -> Sequence[str]:
    """The files that a pattern names. A file of that very name must not stand for the others."""
    if not _MAGIC & set(pattern):
        return [pattern]
    import glob

    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  (names as they were written)
    if os.path.lexists(pattern):
        others = [name for name in found if name != pattern]
        if others:
            message = f"is a file's name, and a pattern that {others[0]} has, too"
            hint = f"Rename the file, or write {glob.escape(pattern)} for it alone"
            raise InputError(InputProblem(message, file=pattern, hint=hint))
        return [pattern]
    if not found:
        raise InputError(InputProblem("no file has a name like this", file=pattern))
    return found


def _named(name: str, config: Config) -> Group:
    group = next((one for one in config.groups if one.name == name), None)
    if group is None:
        known = ", ".join(one.name for one in config.groups)
        hint = f"There are {known}" if known else "A group is a [[group]] table with name and files"
        raise InputError(InputProblem(f"there is no group {name!r}", file=config.file, hint=hint))
    return group


def _files_of(group: Group) -> frozenset[str]:
    """The files of a group, by their real paths."""
    import glob

    named = (one for name in group.files for one in (name, *glob.glob(name, recursive=True)))  # noqa: PTH207
    return frozenset(map(os.path.realpath, named))


def _of_group(group: Group, options: Mapping[str, Any]) -> Question:
    """The group's question; what the command line says goes before what the group says."""
    files, _, passed, others = expanded_files([_short(name) for name in group.files])
    told = options["snapshot_file"] is not None or options["endpoint"] is not None
    own = {name: value for name, value in group.options.items() if options[name] is None}
    if told:
        own = {name: value for name, value in own.items() if name not in {"snapshot_file", "endpoint"}}
    merged = {**options, **own}
    given = [f"{name}={value}" for name, value in group.parameters.items()]
    merged["parameters"] = (*given, *options["parameters"])
    return Question(tuple(files), merged, passed, others=others)


def _short(name: str) -> str:
    """The path from the current directory, where it lies below."""
    path = Path(name)
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else name
