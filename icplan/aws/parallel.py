"""Many calls at once, and no waiting past a deadline: threads that end with the program."""

from __future__ import annotations

import contextvars
import queue
import threading
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from icplan.aws.client import waiting_for, waiting_in
from icplan.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    _End = tuple[Any, BaseException | None]
    """What a call has answered, or what it raised."""

_In = TypeVar("_In")
_Out = TypeVar("_Out")

WORKERS: Final = 8
"""Calls at once. boto3's clients may be shared by threads, and keep ten connections."""
_NO_TIME: Final = 0.05
"""Seconds within which AWS cannot be asked at all."""


def each(function: Callable[[_In], _Out], items: Iterable[_In], workers: int = WORKERS) -> list[_Out]:
    """What ``function`` answers for each item, in their order. Raises what the first of them raised.

    After an error no further item is begun.
    """
    given = list(items)
    if len(given) <= 1:
        return [function(item) for item in given]
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
        _begin(work)
    for _ in range(size):
        done.get()
    if errors:
        raise errors[min(errors)]
    return answers


def within(seconds: float | None, function: Callable[[], _Out]) -> _Out:
    """What ``function`` answers, or an AwsError that names the call AWS has not answered in that time."""
    if seconds is None:
        return function()
    started = time.monotonic()
    (found,) = _ends([function], seconds)
    if found is None:
        raise AwsError(waiting_for(since=started) or "DescribeEndpoint", _late(seconds))
    answer, error = found
    if error is not None:
        raise error
    result: _Out = answer
    return result


def all_within(
    seconds: float | None, asked: Sequence[tuple[str, Callable[[], _Out]]]
) -> list[_Out | AwsError]:
    """What each answers, all begun at once: the AwsError that it raised, or that it has not answered in time.

    Each comes with the operation that is named then, unless it is known to wait for another. Any other error
    is raised.
    """
    found: list[_Out | AwsError] = []
    threads: dict[int, int] = {}

    def noted(number: int, function: Callable[[], _Out]) -> Callable[[], _Out]:
        def run() -> _Out:
            threads[number] = threading.get_ident()
            return function()

        return run

    ends = _ends([noted(number, function) for number, (_, function) in enumerate(asked)], seconds)
    for number, ((operation, _), end) in enumerate(zip(asked, ends, strict=True)):
        if end is None:
            waits = waiting_in(threads[number]) if number in threads else None
            found.append(AwsError(waits or operation, _late(seconds or 0.0)))
        elif end[1] is None:
            found.append(end[0])
        elif isinstance(end[1], AwsError):
            found.append(end[1])
        else:
            raise end[1]
    return found


def _ends(functions: Sequence[Callable[[], Any]], seconds: float | None) -> list[_End | None]:
    """What each answered or raised, in threads of their own; ``None`` for what has not in that time."""
    ends: queue.SimpleQueue[tuple[int, _End]] = queue.SimpleQueue()

    def run(index: int, function: Callable[[], Any]) -> None:
        try:
            ends.put((index, (function(), None)))
        except BaseException as error:  # noqa: BLE001  (raised again where it is waited for)
            ends.put((index, (None, error)))

    until = None if seconds is None else time.monotonic() + seconds
    for number in enumerate(functions):
        _begin(run, *number)
    found: list[_End | None] = [None] * len(functions)
    for _ in functions:
        if (ended := _next(ends, until)) is None:
            break
        index, end = ended
        found[index] = end
    return found


def _next(ends: queue.SimpleQueue[tuple[int, _End]], until: float | None) -> tuple[int, _End] | None:
    """What ends next; ``None`` where nothing does before that time."""
    try:
        return ends.get(timeout=None if until is None else max(0.0, until - time.monotonic()))
    except queue.Empty:
        return None


def _begin(work: Callable[..., None], *arguments: object) -> None:
    """Begin a thread that ends with the program, and notes its calls where this one does."""
    inside = contextvars.copy_context().run
    threading.Thread(target=inside, args=(work, *arguments), daemon=True, name="icplan-aws").start()


def _late(seconds: float) -> str:
    if seconds < _NO_TIME:
        return "no time was left for it; allow more (time_limit), or try again"
    return f"AWS has not answered within {seconds:.3g} s; allow more (time_limit), or try again"
