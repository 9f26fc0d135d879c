"""`icplan.check`: turn its arguments into calls, a snapshot and settings, and judge them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from icplan.api.given_settings import checked_settings
from icplan.documents.safe_errors import safe_errors
from icplan.errors import InputError, InputProblem
from icplan.inputs.calls import calls_in_bytes, calls_of
from icplan.judge.request_set import judge_requests
from icplan.snapshot.age import refuse_of_the_future
from icplan.snapshot.expected_account import refuse_other_account
from icplan.snapshot.snapshot import Snapshot
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from icplan.api.given_settings import ConfigSource
    from icplan.catalog.catalog import Catalog
    from icplan.inputs.calls import ChangeSource
    from icplan.inputs.source import Source
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.verdict.verdict import Verdict


SnapshotSource = Snapshot | Mapping[str, Any] | str | os.PathLike[str]


@safe_errors()
def check(  # noqa: PLR0913  (one for each kind of setting)
    change: ChangeSource,
    snapshot: SnapshotSource | None = None,
    *,
    assume: Mapping[str, str] | None = None,
    allocatable: Iterable[str] = (),
    catalog: Catalog | None = None,
    time_limit: float | None = None,
    effort: float | None = None,
    ignore: Mapping[str, str] | Iterable[str] = (),
    config: ConfigSource = None,
) -> Verdict:
    """Tell whether a change, or several in order, can be placed, at every step and on rollback.

    Args:
        change: The keyword arguments of a boto3 call, an envelope ``{"Operation", "Request"}``, a list of
            these, or the path of a JSON or YAML file that holds one; or the path of a template, an assembly,
            a plan, a change set or a manifest that declares one endpoint.
        snapshot: What the endpoint runs: a `Snapshot`, a dict as in a snapshot file, or the file's path.
            None for a set of changes that makes its endpoint.
        assume: Assumptions by name (see the documentation of assumptions).
        allocatable: ``TYPE.memory=MIB`` or ``TYPE.cpu=CORES``, one figure or ``LOW..HIGH``.
        catalog: Instance facts, when the packaged ones are not to be used.
        time_limit: Seconds for the whole question, more than 0 (60 by default, ``math.inf``: no limit); past
            them an answer is ``undecided``. They begin before a file is read, which is not broken off.
        effort: Units of work for the question (by default 20,000,000, ``math.inf``: no limit), the same on
            every machine; past them, too, an answer is ``undecided``.
        ignore: Rules whose findings are left out; a mapping gives the reasons.
        config: The path of an ``icplan.toml`` (or of a ``pyproject.toml``) with settings; ``True`` takes the
            one that the command would find. What is given here wins over it. None: no file is read.

    Raises :class:`~icplan.errors.InputError` for what cannot be judged at all.

    """
    settings = checked_settings(assume, allocatable, catalog, time_limit, ignore, effort, config=config)
    return checked(change, snapshot, settings)


@safe_errors()
def checked(change: ChangeSource, snapshot: SnapshotSource | None, settings: Settings) -> Verdict:
    """The verdict on a change under settings that were checked before."""
    budget = settings.budget()
    runs = None if snapshot is None else running(snapshot, settings)
    if isinstance(change, str | os.PathLike):
        from icplan.inputs.command_line_files import read_given  # noqa: PLC0415  (most changes are requests)

        files = read_given([os.fspath(change)])
        if files.sources:
            return _of_one_endpoint(files.sources, runs, settings, budget)
        return _of_requests(files.requests, runs, settings, budget)
    calls = calls_of(change)
    return _with_diagnosis(judge_requests(calls, runs, settings, budget), runs, settings)


def _with_diagnosis(verdict: Verdict, runs: Snapshot | None, settings: Settings) -> Verdict:
    """The verdict; where a change is blocked, with what is under way."""
    if all(change.outcome is not Outcome.BLOCKED for change in verdict.changes):
        return verdict
    from icplan.diagnosis.blocked import with_diagnosis  # noqa: PLC0415  (most changes are not blocked)

    return with_diagnosis(verdict, runs, settings)


def _of_requests(
    files: Sequence[tuple[bytes, str]], runs: Snapshot | None, settings: Settings, budget: Budget
) -> Verdict:
    """The verdict on the requests of a file, without what it says itself is to be left out."""
    from icplan.inputs.ignore_comments import ignores_in_request  # noqa: PLC0415  (see above)
    from icplan.judge.ignoring import around_request, refuse_unknown_rules, without_places  # noqa: PLC0415

    calls = [call for data, file in files for call in calls_in_bytes(data, file)]
    ignores = [one for data, file in files for one in ignores_in_request(data, file)]
    refuse_unknown_rules(ignores)
    verdict = judge_requests(calls, runs, settings, budget)
    if ignores:
        verdict = without_places(verdict, ignores, list(map(around_request, calls)))
    return _with_diagnosis(verdict, runs, settings)


def _of_one_endpoint(
    sources: Sequence[Source], runs: Snapshot | None, settings: Settings, budget: Budget
) -> Verdict:
    """The verdict on what files declare. InputError unless that is one endpoint."""
    from icplan.inputs.deployment import InputOptions  # noqa: PLC0415  see above
    from icplan.inputs.ignore_comments import ignores_in  # noqa: PLC0415
    from icplan.inputs.per_parameter_value import read_all  # noqa: PLC0415
    from icplan.judge.every_value import judge_readings  # noqa: PLC0415
    from icplan.judge.ignoring import endpoint_without_places, refuse_unknown_rules  # noqa: PLC0415

    options = InputOptions(region=runs.region if runs else None, snapshot=runs.data if runs else None)
    ignores = [one for source in sources for one in ignores_in(source)]
    readings = read_all(sources, options)
    ignores += readings.all[0].deployment.ignores
    refuse_unknown_rules(ignores)
    files = judge_readings(readings, runs, settings, budget)
    judged = [endpoint_without_places(one, ignores) for one in files.endpoints]
    if len(judged) == 1:
        return _with_diagnosis(judged[0].verdict, runs, settings)
    names = ", ".join(one.endpoint.name for one in judged)
    message = f"changes {len(judged)} endpoints ({names})" if judged else "changes no inference component"
    hint = "icplan check on the command line answers for each" if judged else None
    raise InputError(InputProblem(message, file=sources[0].file, hint=hint))


def running(snapshot: SnapshotSource, settings: Settings) -> Snapshot:
    """What runs now: a snapshot that is not of a time to come, and of the account that is expected."""
    found = refuse_of_the_future(snapshot_of(snapshot))
    if told := refuse_other_account(found, settings.expect_account):
        warnings.warn(told, stacklevel=2)
    return found


def snapshot_of(snapshot: SnapshotSource) -> Snapshot:
    """A snapshot, as a value, as plain data or in a file."""
    if isinstance(snapshot, Snapshot):
        return snapshot
    if isinstance(snapshot, str | os.PathLike):
        return Snapshot.load(snapshot)
    return Snapshot.from_dict(snapshot)
