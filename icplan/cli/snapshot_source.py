"""The snapshot that a command's options name: a file, or the live endpoint, and how old it is."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from icplan.cli.call_options import patience_of
from icplan.cli.command_group import warn
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from icplan.cli.deadline import Deadline
    from icplan.snapshot.snapshot import Snapshot


# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415

#: Below that, an endpoint is what the snapshot says as far as anybody can tell.
FRESH = dt.timedelta(hours=1)


def snapshot_age(taken_at: str | None, now: dt.datetime) -> str | None:
    """``3 days``, ``5 hours``; ``None`` for a fresh snapshot, and where the moment is not known.

    ``taken_at`` is a time as RFC 3339 has it.
    """
    if taken_at is None:
        return None
    since = now - dt.datetime.fromisoformat(taken_at)
    if since < FRESH:
        return None
    number, unit = (since.days, "day") if since.days else (since.seconds // 3600, "hour")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def read_snapshot(
    options: dict[str, Any],
    running: Deadline,
    *,
    templates: bool = False,
    lazy: bool = False,
) -> Snapshot:
    """The snapshot that the options name: a file, or the live endpoint.

    ``lazy`` is as `read_live` has it.
    """
    file, endpoint = options["snapshot_file"], options["endpoint"]
    if (file is None) == (endpoint is None):
        raise click.UsageError("give either --snapshot FILE or --endpoint NAME")
    if file is None:
        return read_live(endpoint, options, running, lazy=lazy)
    for option in ("region", "profile"):
        if options[option] is not None and not (templates and option == "region"):
            raise click.UsageError(f"--{option} goes with --endpoint; a snapshot is read as it is")
    if options["strict"]:
        refuse_of_the_tree(file)
    snapshot = load_snapshot(file, running)
    expect_account(snapshot, options)
    for note in snapshot.notes:
        warn(note)
    if old := snapshot_age(snapshot.taken_at, dt.datetime.now(dt.UTC)):
        warn(f"{snapshot.file} is {old} old; what the endpoint runs may have changed since")
    return snapshot


def expect_account(snapshot: Snapshot, options: Mapping[str, Any]) -> None:
    """Refuse a snapshot of another account than the options, or the configuration, expect."""
    from icplan.snapshot.expected_account import refuse_other_account

    if told := refuse_other_account(snapshot, options.get("expect_account")):
        warn(told)


def refuse_of_the_tree(file: str) -> None:
    """InputError for a snapshot that a stranger may have put there."""
    from icplan.documents.working_tree import lies_in_tree

    if file != "-" and lies_in_tree(file):
        hint = "Take one with icplan snapshot, or give one from elsewhere"
        raise InputError(
            InputProblem("--strict takes no snapshot from the working tree", file=file, hint=hint)
        )


def load_snapshot(file: str, running: Deadline) -> Snapshot:
    """A snapshot file, which cannot be of a time that is yet to come."""
    from icplan.snapshot.age import refuse_of_the_future
    from icplan.snapshot.snapshot import Snapshot

    running.now(f"reading {file}")
    return refuse_of_the_future(Snapshot.load(file))


def read_live(
    endpoint: str, options: Mapping[str, Any], running: Deadline, *, usage: bool = False, lazy: bool = False
) -> Snapshot:
    """A snapshot of the live endpoint; what cannot be read is told on standard error.

    ``lazy``: without what only some verdicts hang on, which `with_more` reads.
    """
    from icplan.cli.parts_options import LAZY, wanted_parts
    from icplan.snapshot.snapshot import Snapshot

    running.ask(f"reading endpoint {endpoint}")
    parts = wanted_parts(options) - (LAZY if lazy else frozenset())
    session = _session("DescribeEndpoint", options)
    usage = usage and "InstancesInUse" in parts
    snapshot = Snapshot.read(
        endpoint,
        session,
        include_usage=usage,
        warn=warn,
        time_limit=running.left,
        parts=parts,
        workers=options.get("workers"),
    )
    expect_account(snapshot, options)
    return snapshot


def with_more(snapshot: Snapshot, options: Mapping[str, Any], running: Deadline) -> Snapshot | None:
    """A live endpoint's snapshot with what only some verdicts hang on; ``None`` where nobody asks for it."""
    from icplan.cli.parts_options import LAZY, wanted_parts

    told = snapshot.data.get("Parts", {})
    lacking = {name for name in LAZY if told.get(name, {}).get("Status", "not-asked") == "not-asked"}
    more = lacking & wanted_parts(options)
    if options["endpoint"] is None or not more:
        return None
    running.ask("reading what the verdict hangs on")
    session = _session("ListEndpoints", options)
    workers = options.get("workers")
    return snapshot.with_parts(more, session=session, warn=warn, time_limit=running.left, workers=workers)


def _session(operation: str, options: Mapping[str, Any]) -> Any:
    """A session as the options have it."""
    from icplan.aws.client import make_session

    return make_session(operation, options["region"], options["profile"], patience_of(options))
