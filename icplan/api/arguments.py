"""Check that an argument is a list of texts, or values by name; the message names the argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from reprlib import repr as shortened
from typing import Any

from icplan.errors import InputError, InputProblem


def texts(name: str, given: Any) -> tuple[str, ...]:
    """The texts of an argument; None are none. One text alone would be taken letter by letter."""
    if given is None:
        return ()
    wrong = isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable)
    found = () if wrong else tuple(given)
    if wrong or not all(isinstance(one, str) for one in found):
        shown = shortened(given if wrong else list(found))
        raise InputError(InputProblem(f"{name}: must be a list of texts, not {shown}"))
    return found


def by_name(name: str, given: Any, example: str) -> dict[str, Any]:
    """The values by name of an argument; None are none. A list of NAME=VALUE is what a command line takes."""
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(one, str) for one in given):
        message = f"{name}: must be a dict of values by name, not {shortened(given)}"
        raise InputError(InputProblem(message, hint=f"As in {name}={example}"))
    return dict(given)
