"""One write at a time to an endpoint, within a process: from its reading to AWS's answer."""

from __future__ import annotations

import threading
import time
from typing import Final

import attrs

LOST_AFTER: Final = 120.0
"""Seconds after which a write that never came to its answer no longer holds others up."""


@attrs.define
class _Holder:
    thread: threading.Thread
    since: float

    @property
    def lost(self) -> bool:
        return not self.thread.is_alive() or time.monotonic() - self.since > LOST_AFTER


@attrs.define
class EndpointLocks:
    """Who writes to which endpoint."""

    _free: threading.Condition = attrs.field(factory=threading.Condition)
    _held: dict[str, _Holder] = attrs.field(factory=dict)

    def acquire(self, endpoint: str, seconds: float) -> bool:
        """Wait for the endpoint, at most so long. A thread's own earlier write does not hold it up."""
        until, me = time.monotonic() + seconds, threading.current_thread()
        with self._free:
            self._release(me)
            while (holder := self._held.get(endpoint)) is not None and not holder.lost:
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._free.wait(min(left, 1.0))
            self._held[endpoint] = _Holder(me, time.monotonic())
            return True

    def release(self) -> None:
        """Let others go on: this thread's write has its answer, or was not sent."""
        with self._free:
            self._release(threading.current_thread())

    def _release(self, thread: threading.Thread) -> None:
        for endpoint in [name for name, holder in self._held.items() if holder.thread is thread]:
            del self._held[endpoint]
        self._free.notify_all()
