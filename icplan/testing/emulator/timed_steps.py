"""What takes time: a sequence of steps that waits between them until a condition holds."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeAlias

import attrs

Steps: TypeAlias = Generator[Callable[[], bool], None, None]
"""Steps of a process: it yields what it waits for."""


class Failure(Exception):  # noqa: N818  (an outcome of the service, not a fault of the program)
    """A process cannot go on; the text is what FailureReason says."""


@attrs.define(eq=False)
class Process:
    """A running sequence of steps."""

    steps: Steps
    done: bool = False
    _waits_for: Callable[[], bool] | None = None

    def advance(self) -> bool:
        """Go on to where it has to wait again; False if it is waiting still."""
        if self.done or (self._waits_for is not None and not self._waits_for()):
            return False
        try:
            self._waits_for = next(self.steps)
        except StopIteration:
            self.done = True
        return True

    def cancel(self) -> None:
        """Stop where it is."""
        self.steps.close()
        self.done = True
