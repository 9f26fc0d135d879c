"""What a verdict, or an earlier snapshot, tells of a write to one component."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.diagnosis.described import Policy, described
from icplan.judge.component_states import DELETES
from icplan.verdict.step_number import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.diagnosis.described import DescribedComponent
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.component_state import ComponentState
    from icplan.verdict.phase import Phase
    from icplan.verdict.verdict import Verdict


@attrs.frozen
class KnownChange:
    """The changes of a verdict to one component: what it was before the first, and is to be after the last.

    ``fingerprint`` is that of the snapshot that was judged.
    """

    changes: tuple[ChangeVerdict, ...]
    fingerprint: str | None

    @property
    def last(self) -> ChangeVerdict:
        """The last of the changes."""
        return self.changes[-1]

    @property
    def before(self) -> ComponentState | None:
        """The component before the first change; ``None`` for one that was to be created."""
        return self.changes[0].before

    @property
    def expected(self) -> ComponentState | None:
        """The component as it is to be; ``None`` for one that is to be deleted."""
        return self.last.expected

    @property
    def deletes(self) -> bool:
        """Whether it is to be gone."""
        return self.last.operation == DELETES

    @property
    def replaces(self) -> bool:
        """Whether copies are replaced: in some step old ones go."""
        return any(phase.old is not None and phase.old[1] < phase.old[0] for phase in self._forward)

    @property
    def policy(self) -> Policy | None:
        """The policy of a rolling update."""
        batches = [phase.step.batch for phase in self._forward if phase.step and phase.step.batch]
        duration = self.last.duration
        if not batches or duration is None:
            return None
        pace = duration.update
        wait = pace.wait_seconds // pace.batches if pace.batches else 0
        return Policy("COPY_COUNT", max(batches), wait, duration.limit_seconds)

    @property
    def same_need(self) -> bool:
        """Whether a new copy is known to take what an old one takes."""
        for phase in self._forward:
            if phase.premises is None:
                return False
            own = [
                one.demands
                for one in phase.premises.existing
                if one.component == self.last.inference_component_name
            ]
            if any(demands != phase.premises.target.demands for demands in own):
                return False
        return True

    @property
    def _forward(self) -> Sequence[Phase]:
        placed = (phase for phase in self.last.phases if phase.kind != "steady")
        return [one for one in placed if one.step is None or one.step.direction is Direction.FORWARD]


def known_change(verdict: Verdict | None, name: str) -> KnownChange | None:
    """What the verdict tells of a component; ``None`` where it has no change of it."""
    if verdict is None:
        return None
    changes = tuple(one for one in verdict.changes if one.inference_component_name == name)
    return KnownChange(changes, verdict.snapshot.fingerprint) if changes else None


def earlier(before: Snapshot | None, name: str) -> DescribedComponent | None:
    """The component in the earlier snapshot."""
    for one in (before.data.get("InferenceComponents") or ()) if before else ():
        if before is not None and one["InferenceComponentName"] == name:
            return described(one, before)
    return None
