"""``[[group]]`` of ``icplan.toml``: files that are judged together, on one snapshot or endpoint."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.working_tree import lies_in_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_TEXTS: Final = {
    "snapshot": "snapshot_file",
    "endpoint": "endpoint",
    "region": "region",
    "profile": "profile",
    "stack-name": "stack_name",
    "source": "source",
}
"""Settings of a group that are an option of the command line: the name of that."""
_MEMBERS: Final = ("name", "files", "parameters", *_TEXTS)


@attrs.frozen
class Group:
    """One group: its files, as paths from the current directory, and the options that hold for them."""

    name: str
    files: tuple[str, ...]
    options: Mapping[str, str] = attrs.field(factory=dict)
    parameters: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class GroupReader:
    """Reads the groups of one configuration file; what is wrong is told to ``wrong(path, message, hint)``.

    Files of a group are relative to the folder of a configuration that lies in the working tree, and to the
    current directory where it comes from elsewhere; a snapshot is relative to the configuration.
    """

    file: str
    wrong: Callable[[str, str, str | None], None]

    def groups(self, value: Any) -> tuple[Group, ...]:
        """The groups in order; none where something is wrong with one."""
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.wrong("group", "must be a list of tables", "Write [[group]] above each")
            return ()
        found = [group for number, one in enumerate(value) for group in self._group(number, one)]
        names = [group.name for group in found]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.wrong("group", f"there are several of the name {name}", None)
        return tuple(found)

    def _group(self, number: int, table: Mapping[str, Any]) -> Iterator[Group]:
        path, faults = f"group[{number}]", list(self._faults(table))
        for member, message, hint in faults:
            self.wrong(f"{path}.{member}", message, hint)
        if faults:
            return
        options = {option: table[name] for name, option in _TEXTS.items() if name in table}
        if "snapshot_file" in options:
            options["snapshot_file"] = self._beside(options["snapshot_file"])
        base = self._beside if lies_in_tree(self.file) else str
        if "source" in options:
            options["source"] = base(options["source"])
        parameters = {name: str(value) for name, value in table.get("parameters", {}).items()}
        yield Group(table["name"], tuple(base(file) for file in table["files"]), options, parameters)

    def _faults(self, table: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
        for name in sorted(table.keys() - set(_MEMBERS)):
            yield name, "is no setting of a group", f"There are {', '.join(_MEMBERS)}"
        for name in ("name", *_TEXTS):
            if (name in table or name == "name") and not (isinstance(table.get(name), str) and table[name]):
                yield name, "must be a text", None
        files = table.get("files")
        if not isinstance(files, list) or not files or not all(isinstance(one, str) and one for one in files):
            yield "files", "must be a list of file names or patterns", 'As in ["components/*.yaml"]'
        if "snapshot" in table and "endpoint" in table:
            yield "endpoint", "contradicts snapshot", "Keep one of them"
        parameters = table.get("parameters", {})
        kinds = (str, int)
        if not isinstance(parameters, dict) or not all(isinstance(one, kinds) for one in parameters.values()):
            yield "parameters", "must be a table of texts and whole numbers", None

    def _beside(self, name: str) -> str:
        return os.path.normpath(Path(self.file).parent / name)
