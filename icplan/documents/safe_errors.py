"""The same door for what Python raises: an exception's message shows no secret and no control character."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from icplan.documents.safe_text import safe_text
from icplan.errors import AwsError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.errors import InputProblem


@contextmanager
def safe_errors() -> Iterator[None]:
    """Let what is raised inside out with safe messages, and without the exception it came from.

    That one, a parser's or botocore's, may quote what it could not read; a traceback would print it.
    """
    try:
        yield
    except InputError as error:
        raise type(error)([_safe(problem) for problem in error.problems]) from None
    except AwsError as error:
        raise error.reworded(safe_text(error.message)) from None


def _safe(problem: InputProblem) -> InputProblem:
    return attrs.evolve(
        problem,
        message=safe_text(problem.message),
        file=_safe_text(problem.file),
        path=_safe_text(problem.path),
        hint=_safe_text(problem.hint),
    )


def _safe_text(text: str | None) -> str | None:
    return None if text is None else safe_text(text)
