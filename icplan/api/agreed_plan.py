"""A plan that was agreed on: the endpoint it was made on, and what has changed since."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import InputError, InputProblem
from icplan.verdict.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.snapshot.snapshot import Snapshot

_INDEX: Final = re.compile("[0-9a-f]{8,64}")
PlanSource = Verdict | str | os.PathLike[str] | Any
"""A verdict (a value, its JSON, or a file), or the index of its endpoint, whole or its first digits."""


@attrs.frozen
class AgreedPlan:
    """The index of the endpoint that was judged, and the verdict, if that is what was given."""

    index: str
    verdict: Verdict | None = None

    @classmethod
    def of(cls, source: PlanSource) -> AgreedPlan:
        """That of a verdict or an index. InputError for what is neither."""
        if isinstance(source, str) and _INDEX.fullmatch(source):
            return cls(source)
        from icplan.api.diagnose import verdict_of  # noqa: PLC0415  (most guards have no plan)

        verdict = verdict_of(source)
        if verdict.snapshot.index is None:
            message = "the plan's verdict tells no index: what it was made on was not read by icplan"
            raise InputError(InputProblem(message))
        return cls(verdict.snapshot.index, verdict)

    def holds(self, snapshot: Snapshot) -> bool:
        """Whether an endpoint is the one that the plan was made on."""
        return snapshot.index.startswith(self.index)

    def changed(self, found: Snapshot) -> tuple[str, ...]:
        """What is another by now, as far as the plan tells how it was."""
        return tuple(_since_verdict(self.verdict, found)) if self.verdict else ()


def _since_verdict(verdict: Verdict, found: Snapshot) -> Iterator[str]:
    from icplan.judge.component_states import state_of  # noqa: PLC0415  (only what differs is looked at)
    from icplan.snapshot.read_endpoint import read_endpoint  # noqa: PLC0415

    endpoint = read_endpoint(found)
    for change in verdict.changes:
        name, before = change.inference_component_name, change.before
        component = endpoint.component(name) if name else None
        now = None if component is None else state_of(component)
        if before is None or now is None:
            if before is not None and component is None:
                yield f"{name} is not there any more"
            continue
        if before.copy_count != now.copy_count:
            yield f"{name} has {now.copy_count} copies instead of {before.copy_count}"
        if before.specification_sha256 != now.specification_sha256:
            yield f"the specification of {name} is another"
