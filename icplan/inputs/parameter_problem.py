"""A problem of an input that goes away when parameters, which it names, are given values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputProblem

if TYPE_CHECKING:
    from icplan.inputs.values import Unresolved


@attrs.frozen
class OpenValue(InputProblem):
    """What cannot be told, and the parameters that it rests on."""

    rests_on: frozenset[str] = frozenset()


def parameter_problem(problem: InputProblem, unresolved: Unresolved | None) -> InputProblem:
    """The problem, with the parameters that what is unresolved rests on, if it rests on any."""
    if unresolved is None or not unresolved.rests_on:
        return problem
    return OpenValue(**attrs.asdict(problem, recurse=False), rests_on=unresolved.rests_on)
