"""`icplan.drill`: turn its arguments into a snapshot, events and settings, and try them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from icplan.api.arguments import texts
from icplan.api.check import running
from icplan.api.given_settings import checked_settings
from icplan.documents.safe_errors import safe_errors
from icplan.planning.drill import drill as drill_of
from icplan.planning.drill_minimum import Keep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icplan.api.check import SnapshotSource
    from icplan.api.given_settings import ConfigSource
    from icplan.catalog.catalog import Catalog
    from icplan.verdict.drill import Drill


@safe_errors()
def drill(  # noqa: PLR0913  (one for each kind of setting)
    snapshot: SnapshotSource,
    lose: Iterable[str] | None = None,
    *,
    keep: int | str | Mapping[str, int] = 1,
    assume: Mapping[str, str] | None = None,
    allocatable: Iterable[str] = (),
    catalog: Catalog | None = None,
    time_limit: float | None = None,
    effort: float | None = None,
    config: ConfigSource = None,
) -> Drill:
    """Tell what is lost when an instance, a zone, a type or a quota goes, and what runs then.

    Args:
        snapshot: What the endpoint runs now: a `Snapshot`, a dict as in a snapshot file, or the file's path.
        lose: Events, each tried by itself: ``instance``, ``zone``, ``type``, ``quota`` and ``TYPE=N``; None
            for all that the snapshot lets be told.
        keep: How many copies of each component are to be left at once: a number, a share such as ``"50%"``,
            or numbers by name (1 for all others).
        assume, allocatable, catalog, time_limit, effort, config: As `icplan.check` has them.

    Raises :class:`~icplan.errors.InputError` for what cannot be used.

    """
    settings = checked_settings(assume, allocatable, catalog, time_limit, {}, effort, config=config)
    events = texts("lose", lose)
    wanted = (
        [f"{name}={number}" for name, number in keep.items()] if isinstance(keep, Mapping) else [f"{keep}"]
    )
    runs = running(snapshot, settings)
    return drill_of(runs, events, Keep.of(wanted), settings)
