"""The most instances that a change takes: those its phases need, and those that are on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.phase import Phase

_OTHER = "the peak is not that of its phases"


def instances_needed(change: ChangeVerdict) -> int | None:
    """The most instances that the phases ahead need; ``None`` where one does not tell."""
    ahead = [phase for phase in change.phases if phase.kind != "rollback"]
    return _needed(ahead)


def check_peak(change: ChangeVerdict, ahead: Sequence[Phase]) -> None:
    """Raise `Rejected` unless the peak is what the phases ahead need, or what runs and arrives anyway."""
    needed, now, peak = _needed(ahead), change.instances_now, change.peak_instances
    if needed is None or peak is None or now is None:
        require(peak == needed, _OTHER)
        return
    arriving = (phase.premises.arriving for phase in ahead if phase.premises is not None)
    require(peak == max(needed, now + max(arriving, default=0)), _OTHER)


def _needed(ahead: Sequence[Phase]) -> int | None:
    found = [phase.instances_needed for phase in ahead if phase.instances_needed is not None]
    return max(found, default=None) if len(found) == len(ahead) else None
