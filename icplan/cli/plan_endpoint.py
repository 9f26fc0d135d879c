"""The endpoint that `icplan plan` starts from: a snapshot, or the live one, and what is worth moving for."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from icplan.cli.command_group import warn
from icplan.cli.snapshot_source import load_snapshot, read_live, refuse_of_the_tree, snapshot_age

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from icplan.cli.deadline import Deadline
    from icplan.planning.consolidation import MinSavings
    from icplan.snapshot.snapshot import Snapshot

# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415


def endpoint_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of an endpoint that runs."""
    for option in reversed(
        (
            click.option(
                "--from",
                "snapshot_file",
                metavar="SNAPSHOT",
                help="Plan for the components of an endpoint, too, and tell what that saves.",
            ),
            click.option("--endpoint", metavar="NAME", help="Read the live endpoint instead."),
            click.option(
                "--min-savings",
                metavar="AMOUNT",
                help="What is worth moving copies for: money a month such as 500, or a share such as 10%.",
            ),
        )
    ):
        command = option(command)
    return command


def endpoint_of(options: dict[str, Any], running: Deadline) -> Snapshot | None:
    """The snapshot that the options name; ``None`` where they name none."""
    file, endpoint = options["snapshot_file"], options["endpoint"]
    if file is not None and endpoint is not None:
        raise click.UsageError("give either --from SNAPSHOT or --endpoint NAME")
    if file is not None:
        if options["strict"]:
            refuse_of_the_tree(file)
        snapshot = load_snapshot(file, running)
        for note in snapshot.notes:
            warn(note)
        if old := snapshot_age(snapshot.taken_at, dt.datetime.now(dt.UTC)):
            warn(f"{snapshot.file} is {old} old; what the endpoint runs may have changed since")
        return snapshot
    if endpoint is not None:
        return read_live(endpoint, {**options, "only_parts": ("scaling", "instance-types")}, running)
    if options["min_savings"] is not None:
        raise click.UsageError("--min-savings goes with --from or --endpoint")
    return None


def least_savings(options: dict[str, Any]) -> MinSavings | None:
    """What savings are held against."""
    from icplan.planning.consolidation import MinSavings

    text = options["min_savings"]
    return None if text is None else MinSavings.of(text)
