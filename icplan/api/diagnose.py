"""`icplan.diagnose`: turn its arguments into a snapshot, evidence and settings, and diagnose."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from icplan.api.check import running, snapshot_of
from icplan.api.given_settings import checked_settings
from icplan.diagnosis.diagnose import Evidence
from icplan.diagnosis.diagnose import diagnose as diagnosis_of
from icplan.documents.document import read_document
from icplan.documents.safe_errors import safe_errors
from icplan.errors import InputError, InputProblem
from icplan.verdict.codec import VERSION, NotAVerdict, from_dict
from icplan.verdict.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icplan.api.check import SnapshotSource
    from icplan.api.given_settings import ConfigSource
    from icplan.catalog.catalog import Catalog
    from icplan.diagnosis.diagnosis import Diagnosis

VerdictSource = Verdict | Mapping[str, Any] | str | os.PathLike[str]


@safe_errors()
def diagnose(  # noqa: PLR0913  (one for each kind of setting)
    snapshot: SnapshotSource,
    component: str | None = None,
    *,
    verdict: VerdictSource | None = None,
    before: SnapshotSource | None = None,
    assume: Mapping[str, str] | None = None,
    allocatable: Iterable[str] = (),
    catalog: Catalog | None = None,
    time_limit: float | None = None,
    effort: float | None = None,
    config: ConfigSource = None,
) -> Diagnosis:
    """Tell why a write to a component hangs or failed, what comes next, what can be done, and how it ended.

    Args:
        snapshot: What the endpoint runs now: a `Snapshot`, a dict as in a snapshot file, or the file's path.
        component: The component; without it, the endpoint and all that is not at rest.
        verdict: What `icplan.check` said of the write before it was sent: the verdict, what its JSON holds,
            or the file's path. It tells what the component was and was to be.
        before: Instead of it, a snapshot of before the write.
        assume, allocatable, catalog, time_limit, effort, config: As `icplan.check` has them.

    Raises :class:`~icplan.errors.InputError` for what cannot be used, or is of another endpoint.

    """
    if verdict is not None and before is not None:
        raise InputError(InputProblem("give a verdict or an earlier snapshot, not both"))
    settings = checked_settings(
        assume, allocatable, catalog, time_limit, {}, effort, config=config, seconds=math.inf
    )
    runs = running(snapshot, settings)
    earlier = None if before is None else snapshot_of(before)
    evidence = Evidence(None if verdict is None else verdict_of(verdict), earlier)
    return diagnosis_of(runs, component, evidence, settings)


def _no_verdict(data: Any) -> str:
    """What is wrong with what is no verdict, and what it seems to be instead."""
    if isinstance(data, dict) and "IcplanVerdict" in data:
        return f"a verdict of version {data['IcplanVerdict']!r}; this icplan reads version {VERSION}"
    if isinstance(data, dict) and "IcplanSnapshot" in data:
        return "not a verdict but, it seems, a snapshot (which --snapshot and --before take)"
    if isinstance(data, dict) and ("Request" in data or "InferenceComponentName" in data):
        return "not a verdict but, it seems, a change (a CHANGE of `icplan check`)"
    return "not a verdict of icplan: IcplanVerdict is missing"


def verdict_of(source: VerdictSource) -> Verdict:
    """A verdict, as a value, as plain data or in a file."""
    if isinstance(source, Verdict):
        return source
    file = None
    data: Any = source
    if isinstance(source, str | os.PathLike):
        document = read_document(source)
        data, file = document.value, document.file
    if not isinstance(data, dict) or data.get("IcplanVerdict") != VERSION:
        hint = "Make one with: icplan check --format json"
        raise InputError(InputProblem(_no_verdict(data), file=file, hint=hint))
    try:
        return from_dict(data).verdict
    except NotAVerdict as error:
        raise InputError(InputProblem("is no complete verdict", file=file, path=error.path)) from None
