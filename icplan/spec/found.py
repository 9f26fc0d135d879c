"""Problems as they are found: all of them, but of one kind no more than anybody reads."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from icplan.spec.problems import FieldProblem, FieldRule

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
