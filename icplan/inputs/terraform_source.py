"""Lines of ``.tf`` files: where a resource, a module call, and a member inside them stand. No evaluation."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

import attrs

from icplan.documents.read_bytes import decode, read_bytes
from icplan.errors import InputError
from icplan.inputs.ignore_comments import ignores_in_terraform
from icplan.inputs.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from icplan.inputs.ignore_comments import PlaceIgnore
    from icplan.inputs.terraform_address import Address, Configuration

MAX_FILES: Final = 500
"""Files of one module."""
MAX_LINES: Final = 200_000
"""Lines of one file."""
MAX_TEXT: Final = 8 << 20
"""Bytes of all files of one module."""

_HEADER = re.compile(r'\s*(?P<block>resource|module)\s+"(?P<first>[^"]+)"(?:\s+"(?P<second>[^"]+)")?\s*\{')
_MEMBER = re.compile(r"\s*(?P<name>[A-Za-z_][\w-]*)\s*(?:=|\{)")
_DYNAMIC = re.compile(r'\s*dynamic\s+"(?P<name>[^"]+)"')
_TEXT = re.compile(r'"(?:[^"\\]++|\\.?)*+"?')
"""A text, which ends with its line where nothing closes it; nothing of it is tried twice."""
_COMMENT = re.compile(r"(?:#|//).*")
_HEREDOC = re.compile(r"<<-?\s*(?P<end>[A-Za-z_]\w*)")

Block = tuple[str, ...]


@attrs.frozen
class Module:
    """The ``.tf`` files of one folder: the line of each block, and of each member in it by its path."""

    folder: Path

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The text of each file, by its name."""
        found: dict[str, str] = {}
        try:
            files = sorted(self.folder.glob("*.tf"))[:MAX_FILES]
        except OSError:
            return found
        left = MAX_TEXT
        for path in files:
            try:
                data, name = read_bytes(path)
                left -= len(data)
                if left < 0:
                    break
                found[name] = decode(data, name)
            except InputError:  # what cannot be read has no lines to show
                continue
        return found

    @cached_property
    def lines(self) -> Mapping[tuple[Block, tuple[str, ...]], tuple[str, int]]:
        """File and line by block (``("resource", type, name)``) and path of the member in it."""
        found: dict[tuple[Block, tuple[str, ...]], tuple[str, int]] = {}
        for name, text in self.texts.items():
            for block, member, line in scan(text):
                found.setdefault((block, member), (name, line))
        return found

    def place(self, block: Block, member: Sequence[str] = ()) -> Place | None:
        """The place of a member, else of the nearest thing around it; None where the block is not there."""
        path = tuple(member)
        while (block, path) not in self.lines:
            if not path:
                return None
            path = path[:-1]
        file, line = self.lines[block, path]
        return Place(file, line)


def scan(text: str) -> Iterator[tuple[Block, tuple[str, ...], int]]:
    """Every resource and module block of a file, and each member in it, with its line."""
    block: Block | None = None
    open_members: list[str | None] = []
    heredoc: str | None = None
    comment = False
    for number, raw in enumerate(text.splitlines()[:MAX_LINES], start=1):
        if heredoc is not None:
            heredoc = None if raw.strip() == heredoc else heredoc
            continue
        line, comment = _uncommented(raw, inside=comment)
        if block is None:
            header = _HEADER.match(line)
            if header is None:
                continue
            block = tuple(part for part in header.group("block", "first", "second") if part)
            yield block, (), number
            line, open_members = line[header.end() :], []
            if _depth(line) < 0:
                block = None
            continue
        bare = _TEXT.sub('""', line)
        if match := _HEREDOC.search(bare):
            heredoc = match["end"]
        dynamic, member = _DYNAMIC.match(line), _MEMBER.match(bare)
        name = dynamic["name"] if dynamic else member["name"] if member else None
        path = tuple(one for one in open_members if one and one != "content")
        if name and name != "content":
            yield block, (*path, name), number
        depth = _depth(bare)
        open_members += [name, *[None] * (depth - 1)] if depth > 0 else []
        if depth < 0:
            if -depth > len(open_members):
                block = None
            open_members = open_members[:depth]


def _depth(text: str) -> int:
    bare = _TEXT.sub('""', text)
    return bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")


def _uncommented(line: str, *, inside: bool) -> tuple[str, bool]:
    """A line without its comments, and whether a comment goes on after it."""
    if inside:
        _, end, line = line.partition("*/")
        if not end:
            return "", True
    texts = _TEXT.sub(lambda match: '"' + "x" * (len(match[0]) - 2) + '"', line)
    if match := _COMMENT.search(texts):
        line, texts = line[: match.start()], texts[: match.start()]
    start = texts.find("/*")
    if start < 0:
        return line, False
    end_at = texts.find("*/", start)
    return (line[:start], True) if end_at < 0 else (line[:start] + line[end_at + 2 :], False)


@attrs.define
class SourceTree:
    """The modules of a configuration as they lie under a folder."""

    folder: Path
    configuration: Configuration
    _modules: dict[tuple[str, ...], Module | None] = attrs.field(factory=dict)

    def ignores(self, addresses: Iterable[Address]) -> Iterator[PlaceIgnore]:
        """The comments that leave findings out, in the modules of these resources and all around them."""
        paths = {path[:depth] for path in {one.path for one in addresses} for depth in range(len(path) + 1)}
        modules = (self._module(path) for path in sorted(paths))
        texts = {name: text for one in modules if one for name, text in one.texts.items()}
        for name, text in texts.items():
            yield from ignores_in_terraform(text, name)

    def place(self, address: Address, member: Sequence[str]) -> Place | None:
        """Where a member is set: for one in a module, the root's call, and beside it the member."""
        block = ("resource", address.type, address.name.name)
        own = self._module(address.path)
        inner = own.place(block, member) if own else None
        if not address.modules:
            return inner
        root = self._module(())
        call = root.place(("module", address.modules[0].name)) if root else None
        if call is None:
            return inner
        note = "where the module sets it"
        return attrs.evolve(call, related=(attrs.evolve(inner, note=note),) if inner else ())

    def _module(self, path: tuple[str, ...]) -> Module | None:
        if path not in self._modules:
            self._modules[path] = self._found(path)
        return self._modules[path]

    def _found(self, path: tuple[str, ...]) -> Module | None:
        folder = self.folder
        for depth in range(1, len(path) + 1):
            source = self.configuration.call(path[:depth]).get("source")
            if not isinstance(source, str) or not source.startswith(("./", "../")) or "\0" in source:
                return None
            folder = folder / source
        return Module(folder)
