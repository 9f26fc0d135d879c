"""What a component was, or is to be, as a verdict holds it: enough to tell later what became of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.values import frozen

if TYPE_CHECKING:
    from icplan.verdict.outcome import Outcome


@frozen
class ComponentState:
    """The hash of a component's specification, its copies, and when it was last modified, if that is told."""

    specification_sha256: str
    copy_count: int
    last_modified_time: str | None = None


@frozen
class AtRest:
    """What would come of a change that is blocked, were all at rest that is under way."""

    outcome: Outcome
    rollback_outcome: Outcome | None
