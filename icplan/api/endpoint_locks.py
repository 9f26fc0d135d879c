"""One write to an endpoint at a time: whoever judges the next one has to see what the one before was granted.

The locks are those of the process: clients that are guarded apart hold each other up, too. What holds other
processes up as well (a conditional write to S3 or DynamoDB) is given as a context manager.
"""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

LOST_AFTER: Final = 120.0
"""Seconds after which a write that never came to its answer no longer holds others up."""
PROCESS: Final = "process"
"""The name of the locks that every guard has, unless it is told otherwise."""


class Writer(Protocol):
    """Who writes: a thread, or a task of asyncio."""


LockSource = Any
"""``process``, ``None``, a context manager, or what gives one for the name of an endpoint."""


@attrs.define
class _Held:
    writer: Writer
    since: float
    beyond: ExitStack

    @property
    def lost(self) -> bool:
        return _ended(self.writer) or time.monotonic() - self.since > LOST_AFTER


def _ended(writer: Any) -> bool:
    """Whether a thread or a task is over, so that nobody will tell that its write has an answer."""
    return bool(writer.done()) if hasattr(writer, "done") else not writer.is_alive()


@attrs.define
class EndpointLocks:
    """Who writes to which endpoint."""

    _free: threading.Condition = attrs.field(factory=threading.Condition)
    _held: dict[str, _Held] = attrs.field(factory=dict)

    def acquire(self, endpoint: str, seconds: float, writer: Writer) -> bool:
        """Wait for the endpoint, at most so long. A writer's own earlier write does not hold it up."""
        until = time.monotonic() + seconds
        self.release(writer)
        with self._free:
            while (held := self._held.get(endpoint)) is not None and not held.lost:
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._free.wait(min(left, 1.0))
            self._held[endpoint] = _Held(writer, time.monotonic(), ExitStack())
            return True

    def enter(self, writer: Writer, beyond: AbstractContextManager[object]) -> None:
        """Hold something else as well, as long as the writer holds its endpoint."""
        with self._free:
            stack = next(held.beyond for held in self._held.values() if held.writer is writer)
        stack.enter_context(beyond)

    def release(self, writer: Writer) -> None:
        """Let others go on: this writer's write has its answer, or was not sent."""
        with self._free:
            mine = {name: held for name, held in self._held.items() if held.writer is writer}
        for held in mine.values():
            held.beyond.close()  # first: who waits for the endpoint here would wait for that next
        with self._free:
            for name, held in mine.items():
                if self._held.get(name) is held:
                    del self._held[name]
            self._free.notify_all()


@attrs.frozen
class Lock:
    """What a guard holds from reading to the answer: ``locks`` of the process, and what is given beside."""

    locks: EndpointLocks | None
    beyond: Callable[[str], AbstractContextManager[object]] | None = None

    @classmethod
    def of(cls, source: LockSource) -> Lock:
        """That which a guard's ``lock`` asks for. ValueError for what is none."""
        if source == PROCESS:
            return cls(_OF_THE_PROCESS)
        if source is None:
            return cls(None)
        if hasattr(source, "__enter__"):
            one: AbstractContextManager[object] = source
            return cls(EndpointLocks(), lambda _: one)
        if callable(source):
            return cls(EndpointLocks(), source)
        raise ValueError(f"lock is {PROCESS!r}, None, or a context manager, not {source!r}")

    def acquire(self, where: str, endpoint: str, seconds: float, writer: Writer) -> bool:
        """Hold an endpoint of ``where``, a URL, for a writer."""
        if self.locks is None:
            return True
        if not self.locks.acquire(f"{where}/{endpoint}", seconds, writer):
            return False
        if self.beyond is not None:
            self.locks.enter(writer, self.beyond(endpoint))
        return True

    def release(self, writer: Writer) -> None:
        """Let go what a writer holds."""
        if self.locks is not None:
            self.locks.release(writer)


_OF_THE_PROCESS: Final = EndpointLocks()
