"""`icplan.headroom`: turn its arguments into a snapshot, a question and settings, and answer it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from icplan.api.arguments import by_name, texts
from icplan.api.check import running
from icplan.api.given_settings import checked_settings
from icplan.documents.safe_errors import safe_errors
from icplan.errors import InputError, InputProblem
from icplan.inputs.calls import calls_of
from icplan.packing.problem import MAX_COUNT
from icplan.planning.headroom import MOMENTS, HeadroomQuestion
from icplan.planning.headroom import headroom as headroom_of
from icplan.planning.new_component import calls_of_file, the_requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from icplan.api.check import SnapshotSource
    from icplan.api.given_settings import ConfigSource
    from icplan.catalog.catalog import Catalog
    from icplan.inputs.calls import ChangeSource
    from icplan.requests.call import Call
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.headroom import Headroom


@safe_errors()
def headroom(  # noqa: PLR0913  (one for each kind of setting)
    snapshot: SnapshotSource,
    components: Iterable[str] | None = None,
    *,
    requirement: ChangeSource | None = None,
    at: Iterable[str] = ("now", "max"),
    at_least: Mapping[str, int] | None = None,
    assume: Mapping[str, str] | None = None,
    allocatable: Iterable[str] = (),
    catalog: Catalog | None = None,
    time_limit: float | None = None,
    effort: float | None = None,
    config: ConfigSource = None,
) -> Headroom:
    """Tell how many more copies of each component fit: surely, however copies lie, and at best.

    Args:
        snapshot: What the endpoint runs now: a `Snapshot`, a dict as in a snapshot file, or the file's path.
        components: Their names; None for all (with a ``requirement``: for none but that).
        requirement: A request to create another component, or the path of a file that holds one.
        at: Of ``now``, ``max`` (at MaxInstanceCount, within quotas and reservations) and ``autoscaling``
            (there, with all others at their MaxCapacity).
        at_least: More copies that are to fit, by name; each is told of, too. See ``.at_least`` and
            ``.exit_code`` of the answer.
        assume, allocatable, catalog, time_limit, effort, config: As `icplan.check` has them.

    Raises :class:`~icplan.errors.InputError` for what cannot be used.

    """
    settings = checked_settings(assume, allocatable, catalog, time_limit, {}, effort, config=config)
    names, moments = texts("components", components), texts("at", at)
    if not moments or any(one not in MOMENTS for one in moments):
        raise InputError(InputProblem(f"at: names some of {', '.join(MOMENTS)}, not {list(moments)!r}"))
    runs = running(snapshot, settings)
    required = None if requirement is None else _required(requirement, runs)
    asked = HeadroomQuestion(names, required, moments, _counts(by_name("at_least", at_least, "{'chat': 2}")))
    return headroom_of(runs, asked, settings)


def _required(requirement: ChangeSource, snapshot: Snapshot) -> Call:
    """The one request to create a component, as a value or in a file."""
    if isinstance(requirement, str | os.PathLike):
        file = os.fspath(requirement)
        return the_requirement(calls_of_file(file, snapshot), file)
    return the_requirement(calls_of(requirement), None)


def _counts(wanted: Mapping[str, int]) -> dict[str, int]:
    for name, number in wanted.items():
        if type(number) is not int or not 0 <= number <= MAX_COUNT:
            raise InputError(InputProblem(f"at_least: {name}: {number!r} is no number of copies"))
    return dict(wanted)
