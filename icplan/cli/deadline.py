"""The time limit of a command, which begins before the first byte is read and holds whatever happens.

What looks at its budget stops by itself. An alarm stops everything else: in the middle of reading, too.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import attrs

from icplan.judge.settings_in_force import SECONDS
from icplan.packing.budget import OutOfTime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIN_BEYOND: Final = 0.5
SHARE_BEYOND: Final = 0.1
"""How far beyond the limit a command may go on, in seconds or as a share of it: to say how far it got."""
_MIN_SECONDS: Final = 1e-6


@attrs.define
class Deadline:
    """The time of one command."""

    seconds: float = SECONDS
    started: float = attrs.field(factory=time.monotonic)
    doing: str = "starting"
    running: bool = False
    _timer: threading.Timer | None = None

    def tell_after(self, seconds: float, tell: Callable[[str], object]) -> None:
        """Tell once what is being done, if it is not done by then."""
        self._timer = threading.Timer(seconds, lambda: tell(self._progress()))
        self._timer.daemon = True
        self._timer.start()

    def _progress(self) -> str:
        return f"{self.doing}; {self.seconds:g} s are allowed (--time-limit)"

    def told(self) -> None:
        """Tell no more."""
        if self._timer is not None:
            self._timer.cancel()

    @property
    def left(self) -> float:
        """Seconds left, a little more than none."""
        return max(_MIN_SECONDS, self.seconds - (time.monotonic() - self.started))

    def limit(self, seconds: float) -> None:
        """Set the limit, which counts from the start."""
        self.seconds = seconds
        self._arm(self.left)

    def now(self, doing: str) -> None:
        """Note what is being done, for the message."""
        self.doing = doing

    def judge(self) -> None:
        """Let it be judged, see `ask`."""
        self.ask("judging")

    def ask(self, doing: str) -> None:
        """Let something be done that looks at the limit itself: it has a moment to say how far it got."""
        self.doing = doing
        self._arm(self.left + self.interval)

    @property
    def _beyond(self) -> float:
        return max(MIN_BEYOND, SHARE_BEYOND * self.seconds)

    @property
    def interval(self) -> float:
        """Seconds from one alarm to the next, until one is caught."""
        return self._beyond / 3

    def write(self) -> None:
        """Let what was found be written, within what is allowed beyond the limit."""
        self.doing = "writing the report"
        self._arm_beyond()

    def silence(self) -> None:
        """Ring no more until what is allowed beyond the limit is over, too: what comes next may hang."""
        self._arm_beyond()

    def _arm_beyond(self) -> None:
        self._arm(max(self._beyond / 4, self._beyond - self._late))

    @property
    def _late(self) -> float:
        return time.monotonic() - self.started - self.seconds

    def _arm(self, seconds: float) -> None:
        if self.running:
            signal.setitimer(signal.ITIMER_REAL, min(seconds, 1e9), self.interval)


@contextmanager
def deadline(seconds: float | None) -> Iterator[Deadline]:
    """Hold what runs inside to a limit: past it :class:`~icplan.packing.budget.OutOfTime` is raised.

    Without alarms (on Windows, or beside the main thread) only what looks at its budget stops.
    """
    found = Deadline(SECONDS if seconds is None else seconds)
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield found
        return

    def ring(*_: object) -> None:
        # Not while one is handled: to clear up what it broke off may take longer than until the next.
        if not isinstance(sys.exception(), OutOfTime):
            raise OutOfTime(found.silence)

    def swallowed(unraisable: sys.UnraisableHookArgs) -> None:
        # Python drops what is raised inside a finaliser or a callback of the garbage collector, and would
        # print it. The next alarm comes after the interval.
        if not issubclass(unraisable.exc_type, OutOfTime):
            told_before(unraisable)

    before, told_before = signal.signal(signal.SIGALRM, ring), sys.unraisablehook
    try:
        sys.unraisablehook = swallowed
        found.running = True
        found.limit(found.seconds)
        yield found
    finally:
        found.running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        sys.unraisablehook = told_before
