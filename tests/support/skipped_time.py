"""Time that is skipped where nothing happens: what is never answered is waited for by no clock.

A test with a limit of a few seconds of the real clock fails on a busy machine, and idles on any other.
"""

from __future__ import annotations

import functools
import queue
import threading
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pytest

    from icplan.testing import FakeSageMaker
    from icplan.testing.emulator.wire import Request, Response

_STILL: Final = 0.5
"""Seconds after which a process that does nothing has nothing left to do: it had its turns."""
_NOTHING: Final = 0.05
"""Seconds of processor time that servers take for listening, where they are traced, and more.

It is less than what a thread that has work gets of two processors which twenty share.
"""


class SkippedTime:
    """The waits of a process for AWS's answers. The one that would end first ends once the process is still.

    It is still where a request stays unanswered, none is sent or answered, and nobody does anything.
    """

    def __init__(self) -> None:
        self.passed = 0.0
        """Seconds that were slept or skipped."""
        self._unanswered: set[object] = set()
        self._waits: list[float] = []
        self._ended = 0
        self._exchanged = 0
        self._lock = threading.Lock()

    def install(self, patch: pytest.MonkeyPatch, fake: FakeSageMaker) -> None:
        """Let icplan's waits for its answers, and those of `icplan.wait` between two looks, take no time."""
        from icplan.api.wait import wait  # noqa: PLC0415  (boto3 only where AWS is asked)

        patch.setattr("icplan.aws.parallel._next", self.next)
        following = functools.partial(wait, sleep=self.sleep, clock=lambda: self.passed)
        patch.setattr("icplan.api.wait.wait", following)
        answered = fake.emulator.handle

        def handle(request: Request) -> Response:
            mark = object()
            self._unanswered.add(mark)
            self._exchanged += 1
            try:
                return answered(request)
            finally:
                self._exchanged += 1
                self._unanswered.discard(mark)

        patch.setattr(fake.emulator, "handle", handle)

    def forget(self) -> None:
        """Take no account of what is still unanswered of before."""
        self._unanswered.clear()

    def sleep(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self.passed += seconds

    def next(self, ends: queue.SimpleQueue[Any], until: float | None) -> Any:
        """What ends next; ``None`` once nothing more happens, where there is a time to wait until."""
        if until is None:
            return ends.get()
        began = time.monotonic()
        with self._lock:
            self._waits.append(until)
        try:
            while True:
                seen, used, exchanged = self._ended, time.process_time(), self._exchanged
                try:
                    return ends.get(timeout=_STILL)
                except queue.Empty:
                    idle = time.process_time() - used < _NOTHING and exchanged == self._exchanged
                    still = self._unanswered and idle
                    if (still and self._is_first(until, seen)) or time.monotonic() >= until:
                        self.passed += until - began
                        return None
        finally:
            with self._lock:
                self._waits.remove(until)

    def _is_first(self, until: float, seen: int) -> bool:
        """Whether no other wait ends before this one, nor has ended while it was looked for."""
        with self._lock:
            first = until <= min(self._waits) and seen == self._ended
            self._ended += first
            return first
