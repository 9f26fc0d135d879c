"""One time budget for a whole question, with a clock that tests can fake, and what was answered in it."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import Any


class OutOfTime(BaseException):
    """The time limit was reached where nothing looks at a budget.

    It is raised again and again, since where it falls it may be held back, until who catches it says so; but
    not while one is handled.
    """

    def __init__(self, silence: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.caught = silence


@attrs.define
class Budget:
    """Seconds allowed from the moment of creation; ``math.inf`` for no limit.

    ``answers`` holds what was proven meanwhile, by all that it depends on: whoever asks again is told at
    once. Only what is true whatever the time may be kept there.
    """

    seconds: float = math.inf
    clock: Callable[[], float] = time.monotonic
    answers: dict[Hashable, Any] = attrs.field(factory=dict, eq=False, repr=False, kw_only=True)
    started: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.started = self.clock()

    @property
    def left(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.seconds - (self.clock() - self.started))

    @property
    def exhausted(self) -> bool:
        """Whether no time is left."""
        return self.clock() - self.started >= self.seconds

    def end(self) -> None:
        """Leave no time."""
        self.seconds = 0.0

    def share(self, share: float) -> Budget:
        """A budget of its own for one rung: a share of what is left now."""
        return Budget(self.left * share, self.clock)
