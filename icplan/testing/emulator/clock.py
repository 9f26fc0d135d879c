"""The emulator's clock: it stands still, jumps to what is due next, or follows the real one."""

from __future__ import annotations

import heapq
import itertools
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

START: Final = 1_767_225_600
"""2026-01-01: emulators start then if nothing that they start from is of another time."""
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhd])")


def seconds(duration: float | str) -> float:
    """A duration in seconds: a number, or text such as ``90s``, ``10m`` or ``1h30m``."""
    if not isinstance(duration, str):
        return duration
    parts = _DURATION.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f"{duration!r} is no duration; write for example 90s, 10m or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


class Clock:
    """Emulated time, and what is due when. Equal times keep the order in which they were set.

    With a ``factor`` it runs by itself, so many times as fast as the real one.
    """

    def __init__(self, factor: float | None = None, start: float = START) -> None:
        self.now = self._start = start
        self.factor = factor
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._began = time.monotonic()

    @property
    def date(self) -> datetime:
        """The emulated time of day."""
        return datetime.fromtimestamp(self.now, UTC)

    def after(self, delay: float, action: Callable[[], None]) -> None:
        """Do something once so many seconds have passed."""
        heapq.heappush(self._due, (self.now + delay, next(self._numbers), action))

    def advance(self, duration: float | str) -> None:
        """Let time pass: ``fake.clock.advance("10m")``."""
        self.run_to(self.now + seconds(duration))

    def run_to(self, until: float) -> None:
        """Do all that is due by then, each at its time."""
        while self._due and self._due[0][0] <= until:
            self.step()
        self.now = max(self.now, until)

    def step(self) -> bool:
        """Jump to what is due next and do it; False where nothing is."""
        if not self._due:
            return False
        at, _, action = heapq.heappop(self._due)
        self.now = max(self.now, at)
        action()
        return True

    def next_due(self) -> float | None:
        """When something is due next."""
        return self._due[0][0] if self._due else None

    def catch_up(self) -> None:
        """With a factor: do what has become due while real time passed."""
        if self.factor is not None:
            self.run_to(self._start + (time.monotonic() - self._began) * self.factor)

    def rebase(self) -> None:
        """With a factor: go on from the emulated time that it is now."""
        if self.factor:
            self._began = time.monotonic() - (self.now - self._start) / self.factor
