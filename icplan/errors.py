"""What icplan raises: few classes, each with structured fields, worded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.values import frozen

WHAT_RUNS = "what runs (--snapshot FILE or --endpoint NAME; in Python: snapshot=)"
"""How what runs is given, in a hint: a command or a program may read it."""

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.verdict.verdict import Verdict


@frozen
class InputProblem:
    """One thing that is wrong with an input, where it stands, and what would be right.

    ``path`` is a JSON path such as ``$.Specification.ComputeResourceRequirements``.
    ``line`` and ``column`` count from 1.
    """

    message: str
    file: str | None = None
    path: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None

    def __str__(self) -> str:
        """``file:line:column: path: message (hint)``, leaving out what is not known."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        text = ": ".join(part for part in (place, self.path, self.message) if part)
        return f"{text}. {self.hint}" if self.hint else text


class IcplanError(Exception):
    """Anything icplan raises on purpose."""


class InputError(IcplanError):
    """The input cannot be used. ``problems`` holds every one found, not just the first."""

    def __init__(self, problems: InputProblem | Sequence[InputProblem]) -> None:
        self.problems: tuple[InputProblem, ...] = (
            (problems,) if isinstance(problems, InputProblem) else tuple(problems)
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[InputProblem, ...]]]:
        """Made again from its problems: a process may hand it to another."""
        return type(self), (self.problems,)


class AwsError(IcplanError):
    """AWS refused or could not answer a read-only call. ``operation`` names the call."""

    def __init__(self, operation: str, message: str) -> None:
        self.operation, self.message = operation, message
        super().__init__(f"{operation}: {message}")

    def reworded(self, message: str) -> AwsError:
        """The same error, of the same kind, in other words."""
        return type(self)(self.operation, message)

    def __reduce__(self) -> Any:
        """Made again from its parts, as above."""
        return type(self), (self.operation, self.message)


class DoesNotFit(IcplanError):  # noqa: N818  (the name users catch; see DESIGN of the public API)
    """A guarded call would fail; nothing was sent. ``verdict`` holds the reasons and the evidence."""

    def __init__(self, message: str, verdict: Verdict) -> None:
        self.verdict, self.message = verdict, message
        super().__init__(message)

    def __reduce__(self) -> tuple[type[DoesNotFit], tuple[str, Verdict]]:
        """Made again from its parts, as above."""
        return type(self), (self.message, self.verdict)
