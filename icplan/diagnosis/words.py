"""A situation in one line, and times in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.diagnosis.diagnosis import Ended, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.diagnosis.diagnosis import Situation, Step

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_HEAD: Final = {
    State.AT_REST: "AT REST",
    State.GOING: "GOING ON",
    State.STUCK: "STUCK",
    State.FAILING: "SURE TO FAIL",
    State.FAILED: "FAILED",
    State.GONE: "GONE",
    State.NOT_KNOWN: "NOT KNOWN",
}
_MOVING: Final = (State.GOING, State.STUCK, State.FAILING)


def headline(one: Situation, where: str = "") -> str:
    """In one line: ``STUCK: update of chat on prod; Updating for 50 min; 0 of 3 copies are new``."""
    return "; ".join((f"{word_of(one)}: {one.what}{where}", *_progress(one)))


def word_of(one: Situation) -> str:
    """How it ended, else its state: ``ROLLED BACK``."""
    if one.ended is not None and one.ended is not Ended.NOT_KNOWN:
        return str(one.ended).replace("-", " ").upper()
    if one.name is None and one.status == "RollingBack":
        return "ROLLING BACK"  # the update has failed; going back may well succeed
    return _HEAD[one.state]


def _progress(one: Situation) -> Iterator[str]:
    # Of a component that has settled, how it ended is told, or that this is not known.
    open_ = one.state is State.NOT_KNOWN and one.name is not None and one.ended_because is None
    moving = one.state in _MOVING or open_
    if moving and one.elapsed_seconds is not None:
        yield f"{one.status} for {duration_words(one.elapsed_seconds)}"
    elif one.ended_because is None or moving:
        yield one.status
    if one.step is not None:
        yield _of_step(one.step)
    elif one.copies is not None and moving:
        yield f"{one.copies[0]} of {one.copies[1]} copies run"


def _of_step(step: Step) -> str:
    """How many copies are new, and at which batch it is."""
    # What was new at an earlier look is not told as less: whether it is being rolled back nothing shows.
    least = max(step.new[0], step.seen)
    most = max(step.new[1], least)
    count = str(least) if least == most else f"{least} to {most}"
    batch = f"batch {step.first}" if step.first == step.last else f"batch {step.first} to {step.last}"
    one = (least, most) == (1, 1)
    are = ("has been" if one else "have been") if step.seen else ("is" if one else "are")
    return f"{count} of {step.old[1]} copies {are} new ({batch} of {step.of})"


def duration_words(seconds: int) -> str:
    """``90 s``, ``50 min``, ``3 h 20 min``, ``2 days``: whole units, rounded down."""
    if seconds < 2 * _MINUTE:
        return f"{seconds} s"
    if seconds < 2 * _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < 2 * _DAY:
        hours, rest = divmod(seconds, _HOUR)
        return f"{hours} h" + (f" {rest // _MINUTE} min" if rest >= _MINUTE else "")
    return f"{seconds // _DAY} days"
