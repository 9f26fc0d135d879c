"""Problems of single members: which rule a value breaks, where, and what would be right."""

from __future__ import annotations

import enum
import math
import re
from collections import Counter
from typing import TYPE_CHECKING

import attrs

from icplan.documents.redact import redact_text, variable
from icplan.documents.secrets import member_name
from icplan.errors import InputProblem
from icplan.values import frozen

if TYPE_CHECKING:
    from typing import Final


MAX_PER_KIND: Final = 1000
"""Problems of one kind that are kept: a hostile file has millions, each to be located and worded."""


@attrs.define
class ProblemCollector:
    """Grows as a request is read, in the order of the document."""

    _kept: list[FieldProblem] = attrs.field(factory=list)
    _counts: Counter[FieldRule] = attrs.field(factory=Counter)

    def __len__(self) -> int:
        """How many are kept so far."""
        return len(self._kept)

    def add(self, problem: FieldProblem) -> None:
        """Note a problem, if there are not too many of its kind."""
        self._counts[problem.kind] += 1
        if self._counts[problem.kind] <= MAX_PER_KIND:
            self._kept.append(problem)

    def forget_answers(self, since: int) -> None:
        """Foresee no answers to the problems from that number on."""
        self._kept[since:] = [attrs.evolve(problem, aws_error=None) for problem in self._kept[since:]]

    def collected(self) -> tuple[FieldProblem, ...]:
        """The problems, the last of a kind with how many more of it there are."""
        collected = list(self._kept)
        for kind, count in self._counts.items():
            if count > MAX_PER_KIND:
                last = max(number for number, problem in enumerate(collected) if problem.kind is kind)
                message = f"{collected[last].message}; {count - MAX_PER_KIND} more like it are not listed"
                collected[last] = attrs.evolve(collected[last], message=message)
        return tuple(collected)


_MAX_SHOWN = 80


_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class FieldRule(enum.StrEnum):
    """Which field rule a member breaks."""

    TYPE = "type"
    NULL = "null"
    REQUIRED = "required"
    RANGE = "range"
    LENGTH = "length"
    PATTERN = "pattern"
    CHOICE = "choice"
    SIZE = "size"
    NEW_CHOICE = "new-choice"
    MISSPELT = "misspelt"
    UNKNOWN = "unknown"

    @property
    def fatal(self) -> bool:
        """Whether SageMaker or botocore refuses the request for it; else it is only worth a note."""
        return self not in (FieldRule.NEW_CHOICE, FieldRule.UNKNOWN)


@frozen
class FieldProblem(InputProblem):
    """A problem of one member, and which kind of rule it breaks. ``path`` is always there.

    ``aws_error`` is what boto3 or SageMaker would answer, or a part of it; None where that cannot be known.
    """

    kind: FieldRule = attrs.field(kw_only=True)
    aws_error: str | None = attrs.field(default=None, kw_only=True)

    @property
    def fatal(self) -> bool:
        """Whether SageMaker or botocore refuses the request for it; else it is only worth a note."""
        return self.kind.fatal


def member_path(path: str, name: object) -> str:
    """Extend a JSON path by a member name: ``$.A.b``, or ``$.A['odd name']``, which is cut when very long.

    So is what can be no environment variable's name, since its value may be in it.
    """
    text = variable(str(name)) if path.endswith(".Environment") else member_name(str(name))
    if len(text) > _MAX_SHOWN:
        text = f"{text[:_MAX_SHOWN]}..."
    if _PLAIN_NAME.fullmatch(text):
        return f"{path}.{text}"
    # As everywhere in icplan a quoted name escapes the quote and the backslash; control codes are not let
    # through to a terminal.
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    printable = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in escaped)
    return f"{path}['{printable}']"


def display_name(name: str) -> str:
    """A member's name as a message shows it: quoted when it is an odd one."""
    name = member_name(name)
    return name if len(name) <= _MAX_SHOWN and _PLAIN_NAME.fullmatch(name) else display(name)


def display(value: object) -> str:
    """A value as a message may show it: quoted, cut to 80 characters, without credentials."""
    if isinstance(value, str):
        text = redact_text(value)
        return repr(text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}...")
    return shown_number(value) if isinstance(value, int | float) else type_name(value)


def shown_number(value: object) -> str:
    """A number as a message shows it; an absurdly long one by its number of digits."""
    if isinstance(value, int) and value.bit_length() > 256:  # noqa: PLR2004  (str() refuses beyond 4300 digits)
        return f"a number of about {int(value.bit_length() * math.log10(2)) + 1} digits"
    return str(value)


def type_name(value: object) -> str:
    """The JSON name of a value's type, with an article."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float() if not math.isfinite(value):
            return "not a finite number"
        case float():
            return "a floating-point number"
        case str():
            return "a string"
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a {type(value).__name__}"
