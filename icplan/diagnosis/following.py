"""A write followed to its real end: what each look at it adds, until one tells how it ended.

A status is no end: an update is InService right after it was sent, and again after it was rolled back.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.diagnosis.diagnose import Evidence, diagnose
from icplan.diagnosis.diagnosis import Ended, State
from icplan.snapshot.snapshot import Snapshot
from icplan.values import Answer
from icplan.verdict.gate import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.diagnosis.diagnosis import Situation
    from icplan.judge.settings import Settings

TOLERATED_LOOKS: Final = 10
"""Looks at which a write may not show yet, or a new component not be found: AWS's answers lag behind."""
_MOVING: Final = ("Updating", "SystemUpdating", "RollingBack", "Creating", "Deleting")


class End(enum.StrEnum):
    """How following a write ended."""

    DONE = "done"
    ROLLED_BACK = "rolled-back"
    ROLLBACK_FAILED = "rollback-failed"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    DELETED = "deleted"
    STUCK = "stuck"
    TIMEOUT = "timeout"
    NOT_KNOWN = "not-known"


@attrs.frozen
class Ending(Answer):
    """How a write ended, why that is known, after how many seconds, and the last situation.

    ``as_asked``: it is gone, and that was what was asked for.
    """

    component: str
    end: End
    because: str
    seconds: float
    situation: Situation

    def __repr__(self) -> str:
        return f"Ending({str(self.end)!r}, {self.component!r}, seconds={self.seconds:.0f})"

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data, as `icplan wait --format json` writes it."""
        from icplan.diagnosis.codec import ending_to_dict  # noqa: PLC0415  (few want it as data)

        return ending_to_dict(self)

    @property
    def exit_code(self) -> ExitCode:
        """0 done, or deleted as asked; 1 ended otherwise; 3 stuck or out of time; 2 how is not known."""
        if self.end is End.DONE or (self.end is End.DELETED and self.situation.as_asked):
            return ExitCode.OK
        if self.end in (End.STUCK, End.TIMEOUT):
            return ExitCode.UNCERTAIN
        return ExitCode.ERROR if self.end is End.NOT_KNOWN else ExitCode.FAILS


@attrs.define
class Following:
    """What is known so far.

    ``base`` is a snapshot of the whole endpoint: what is looked at again takes its place in it.
    ``stuck_after`` are the seconds that nothing may move for while it is not known to go on. ``new`` counts
    the new copies that have been seen to run.
    """

    name: str
    base: Snapshot
    evidence: Evidence
    settings: Settings
    stuck_after: float
    unseen: int = 0
    new: int = 0
    moved_at: float = 0.0
    seen: tuple[Any, ...] | None = None

    def take(
        self, endpoint: Mapping[str, Any], component: Mapping[str, Any] | None, seconds: float, now: str
    ) -> tuple[Situation, Ending | None]:
        """The situation at a look, so many seconds after the first, and the end if this is it."""
        snapshot = self._snapshot(endpoint, component, now)
        found = diagnose(snapshot, self.name, self.evidence, self.settings).worst
        seen = (found.status, found.copies, found.state, tuple(_instances(endpoint)))
        if seen != self.seen:
            self.seen, self.moved_at = seen, seconds
        if found.step is not None:
            found = attrs.evolve(found, step=attrs.evolve(found.step, seen=self.new))
            self.new = max(self.new, found.step.new[0] if found.step else 0)
        return found, self._end(found, endpoint, seconds)

    def timeout(self, found: Situation, seconds: float) -> Ending:
        """The end where no more time is left."""
        causes = "; ".join(one.message for one in found.causes)
        because = f"it is still {found.status}" + (f": {causes}" if causes else "")
        return Ending(self.name, End.TIMEOUT, because, seconds, found)

    def _end(self, found: Situation, endpoint: Mapping[str, Any], seconds: float) -> Ending | None:
        if found.state in (State.STUCK, State.FAILING) and seconds - self.moved_at >= self.stuck_after:
            because = "; ".join(one.message for one in found.causes) or "nothing tells why"
            return Ending(self.name, End.STUCK, f"nothing has moved: {because}", seconds, found)
        if found.ended is None:
            return None
        because = found.ended_because.message if found.ended_because else ""
        if found.ended is not Ended.DONE:
            because = "; ".join((because, *(one.message for one in found.causes)))
        if found.ended is Ended.NOT_KNOWN:
            self.unseen += 1
            if self.unseen <= TOLERATED_LOOKS:
                return None
        elif _goes_on(endpoint):
            return None
        return Ending(self.name, End(str(found.ended)), because, seconds, found)

    def _snapshot(
        self, endpoint: Mapping[str, Any], component: Mapping[str, Any] | None, now: str
    ) -> Snapshot:
        others = [
            one
            for one in self.base.data.get("InferenceComponents") or ()
            if one["InferenceComponentName"] != self.name
        ]
        changed = {
            "TakenAt": now,
            "Endpoint": endpoint,
            "InferenceComponents": [*others, *([] if component is None else [component])],
        }
        return Snapshot.from_dict({**self.base.data, **changed})


def _goes_on(endpoint: Mapping[str, Any]) -> bool:
    """Whether the endpoint has yet to come to rest: instances come or go, or it is in motion itself."""
    return endpoint.get("EndpointStatus") in _MOVING or any(
        current != desired for _, current, desired in _instances(endpoint)
    )


def _instances(endpoint: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for variant in endpoint.get("ProductionVariants") or ():
        current = variant.get("CurrentInstanceCount")
        yield variant["VariantName"], current, variant.get("DesiredInstanceCount", current)
