"""Many calls at once, and no waiting past a deadline: threads that end with the program."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from icplan.aws.client import waiting_for
from icplan.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_In = TypeVar("_In")
_Out = TypeVar("_Out")

WORKERS: Final = 8
"""Calls at once. boto3's clients may be shared by threads, and keep ten connections."""


def each(function: Callable[[_In], _Out], items: Iterable[_In], workers: int = WORKERS) -> list[_Out]:
    """What ``function`` answers for each item, in their order. Raises what the first of them raised.

    After an error no further item is begun.
    """
    given = list(items)
    answers: list[Any] = [None] * len(given)
    errors: dict[int, BaseException] = {}
    todo, done = queue.SimpleQueue[int](), queue.SimpleQueue[None]()
    for index in range(len(given)):
        todo.put(index)

    def work() -> None:
        while not errors:
            try:
                index = todo.get_nowait()
            except queue.Empty:
                break
            try:
                answers[index] = function(given[index])
            except BaseException as error:  # noqa: BLE001  (raised again, where it is waited for)
                errors[index] = error
        done.put(None)

    size = min(workers, len(given))
    for _ in range(size):
        threading.Thread(target=work, daemon=True, name="icplan-aws").start()
    for _ in range(size):
        done.get()
    if errors:
        raise errors[min(errors)]
    return answers


def within(seconds: float | None, function: Callable[[], _Out]) -> _Out:
    """What ``function`` answers, or an AwsError that names the call AWS has not answered in that time."""
    if seconds is None:
        return function()
    ends: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            ends.put((function(), None))
        except BaseException as error:  # noqa: BLE001  (raised again below)
            ends.put((None, error))

    started = time.monotonic()
    threading.Thread(target=run, daemon=True, name="icplan-aws").start()
    try:
        answer, error = ends.get(timeout=max(0.0, seconds))
    except queue.Empty:
        operation = waiting_for(since=started) or "DescribeEndpoint"
        message = f"AWS has not answered within {seconds:g} s; allow more (time_limit), or try again"
        raise AwsError(operation, message) from None
    if error is not None:
        raise error
    result: _Out = answer
    return result
