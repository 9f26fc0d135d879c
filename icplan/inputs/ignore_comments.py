"""Where a file itself has findings of a rule left out: by comments in YAML and ``.tf``, or by metadata.

``# icplan: ignore ICP505=REASON`` on the line of a member, or on a line of its own above it, is about what
stands there and all that is in it. ``Metadata: {icplan: {ignore: {ICP505: REASON}}}`` is about the resource,
or about the whole template.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from icplan.documents.read_bytes import decode
from icplan.errors import InputError, InputProblem
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.documents.paths import JsonPath
    from icplan.inputs.source import Source

_COMMENT: Final = r"(?:^|\s)#\s*icplan:\s*ignore\b(?P<rest>.*)$"
_TERRAFORM: Final = r"(?:^|\s)(?:#|//)\s*icplan:\s*ignore\b(?P<rest>.*)$"
_RULE: Final = r"\s+(?P<rule>ICP[0-9]{3})\s*=\s*(?P<reason>\S.*)"
_HINT: Final = "Write # icplan: ignore ICP505=REASON"


@frozen
class PlaceIgnore:
    """A rule whose findings are left out at a place, and why. ``line`` is None for a whole file."""

    rule: str
    reason: str
    file: str
    line: int | None

    @property
    def shown(self) -> str:
        """Where it stands."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


def ignores_in_yaml(text: str, file: str) -> Iterator[PlaceIgnore]:
    """The comments of a text, each with the line that it is about."""
    yield from _in_comments(text, file, _COMMENT)


def ignores_in_terraform(text: str, file: str) -> Iterator[PlaceIgnore]:
    """Those of a ``.tf`` file, where ``//`` begins a comment as well."""
    yield from _in_comments(text, file, _TERRAFORM)


def _in_comments(text: str, file: str, comment: str) -> Iterator[PlaceIgnore]:
    if "icplan:" not in text:
        return
    lines = text.split("\n")
    following = _following(lines)
    for number, line in enumerate(lines, start=1):
        found = re.search(comment, line.rstrip())
        if found is None:
            continue
        told = re.fullmatch(_RULE, found["rest"].rstrip())
        if told is None:
            message = "is no rule to ignore and a reason"
            raise InputError(InputProblem(message, file=file, line=number, column=1, hint=_HINT))
        about = number if line[: found.start()].strip() else following[number - 1]
        yield PlaceIgnore(told["rule"], told["reason"], file, about)


def ignores_in_request(data: bytes, file: str) -> Iterator[PlaceIgnore]:
    """Those of a request file."""
    text = decode(data, file)
    if "icplan:" not in text:
        return
    from icplan.inputs.source import is_json  # noqa: PLC0415  (most requests have no such comment)

    if not is_json(text, file):
        yield from ignores_in_yaml(text, file)


def ignores_in(source: Source) -> Iterator[PlaceIgnore]:
    """Those of a file of a deployment."""
    if source.yaml_marks is not None:
        yield from ignores_in_yaml(source.text, source.file)
    value = source.one
    resources = value.get("Resources") if isinstance(value, dict) else None
    if not isinstance(resources, dict) or "icplan" not in source.text:
        return
    yield from _in_metadata(source, value, (0,), whole=True)
    for name, entry in resources.items():
        if isinstance(entry, dict):
            yield from _in_metadata(source, entry, (0, "Resources", name), whole=False)


def _in_metadata(
    source: Source, holder: dict[str, Any], steps: JsonPath, *, whole: bool
) -> Iterator[PlaceIgnore]:
    metadata = holder.get("Metadata")
    own = metadata.get("icplan") if isinstance(metadata, dict) else None
    if own is None:
        return
    at = (*steps, "Metadata", "icplan")
    rules = own.get("ignore") if isinstance(own, dict) and set(own) == {"ignore"} else None
    if not isinstance(rules, dict) or not all(isinstance(why, str) and why.strip() for why in rules.values()):
        hint = 'It holds {"ignore": {"ICP505": "REASON"}}'
        raise InputError(source.problem("is not what icplan reads", at, hint))
    here = None if whole else source.place(steps)
    for rule, reason in rules.items():
        yield PlaceIgnore(rule, reason.strip(), source.file, here[0] if here else None)


def _following(lines: Sequence[str]) -> list[int]:
    """Of each line the next that is neither empty nor a comment; itself where there is none."""
    found = []
    after = None
    for number in range(len(lines), 0, -1):
        found.append(number if after is None else after)
        line = lines[number - 1]
        if line.strip() and not line.lstrip().startswith(("#", "//")):
            after = number
    return found[::-1]
