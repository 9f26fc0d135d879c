"""`icplan headroom`: how many more copies of each component fit, surely and at best."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from icplan.cli.answer import aged_code, drawn_for, output_file, strict_code
from icplan.cli.command_group import time_limited
from icplan.cli.options import common_options, read_config, refuse_second_stdin, settings_of
from icplan.cli.snapshot_source import read_snapshot
from icplan.judge.settings_in_force import SECONDS
from icplan.packing.problem import MAX_COUNT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from icplan.cli.deadline import Deadline
    from icplan.documents.safe_text import SafeText
    from icplan.requests.call import Call
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.headroom import Headroom


# A command imports what it runs, so that none pays for another's rooms.
# Click reads the \b in a docstring as "do not rewrap".
# ruff: noqa: D301, PLC0415


@click.command()
@click.argument("components", nargs=-1, metavar="[COMPONENT]...")
@common_options
@click.option(
    "--requirement",
    metavar="FILE",
    help="Of a new component: a request to create it, a CHANGE of icplan check. Without COMPONENT, of it "
    "alone.",
)
@click.option(
    "--at",
    multiple=True,
    type=click.Choice(("now", "max", "autoscaling")),
    help="On the instances that run, at MaxInstanceCount, or there with all others at their MaxCapacity. May "
    "be repeated. [default: now, max]",
)
@click.option(
    "--at-least",
    multiple=True,
    metavar="NAME=N",
    help="Exit with 1 where N more copies surely do not fit (at the first --at), with 3 where they may not. "
    "May be repeated.",
)
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "csv", "html")), default="text", show_default=True
)
@click.option("-o", "--output", metavar="FILE", help="Where it goes. [default: standard output]")
def headroom(components: tuple[str, ...], form: str, output: str | None, **options: Any) -> None:
    """Tell how many more copies of each COMPONENT fit: surely, however copies lie, and at best.

    \b
    Exits with
      0  told; what --at-least asks for surely fits
      1  it surely does not
      2  icplan could not do its job
      3  it may not, or that is undecided
    """
    from icplan.documents.write import refuse_outputs, write_result
    from icplan.planning.headroom import HeadroomQuestion
    from icplan.planning.headroom import headroom as headroom_of

    file = options["requirement"]
    refuse_second_stdin((options["snapshot_file"], file))
    with time_limited(options["time_limit"]) as running:
        config = read_config(options, running)
        written = output_file(output)
        inputs = [one for one in (options["snapshot_file"], file, config.file) if one]
        refuse_outputs([] if written is None else [written], inputs)
        settings = settings_of(config, options, SECONDS)
        running.seconds = settings.time_limit
        snapshot = read_snapshot(options, running)
        required = None if file is None else _required(file, snapshot, running)
        asked = HeadroomQuestion(
            components=components,
            requirement=required,
            at=options["at"] or ("now", "max"),
            at_least=_at_least(options["at_least"]),
        )
        running.judge()
        found = headroom_of(snapshot, asked, settings)
        running.write()
        write_result(written, _rendered(found, form, written))
    code = strict_code(found.exit_code, strict=options["strict"])
    sys.exit(aged_code(code, snapshot.taken_at, options["max_age"]))


def _required(file: str, snapshot: Snapshot, running: Deadline) -> Call:
    """The one request to create a component that a file holds, or declares."""
    from icplan.planning.new_component import calls_of_file, the_requirement

    running.now(f"reading {file}")
    return the_requirement(calls_of_file(file, snapshot), file)


def _rendered(found: Headroom, form: str, output: str | None) -> SafeText:
    if form == "json":
        from icplan.documents.safe_text import safe_json

        return safe_json(found.to_dict())
    if form == "csv":
        from icplan.report.headroom_csv import headroom_csv

        return headroom_csv(found)
    if form == "html":
        from icplan.report.headroom_html import headroom_html

        return headroom_html(found)
    from icplan.report.headroom_text import render_headroom

    with drawn_for(output):
        return render_headroom(found)


def _at_least(texts: Iterable[str]) -> dict[str, int]:
    """The numbers of --at-least by component; of two for one component neither is silently left out."""
    found: dict[str, int] = {}
    for text in texts:
        name, _, number = (part.strip() for part in text.rpartition("="))
        if not name or not _is_count(number):
            message = f"--at-least wants NAME=N, N a whole number up to {MAX_COUNT}, not {text!r}"
            raise click.UsageError(message)
        if name in found:
            raise click.UsageError(f"--at-least is given twice for {name}")
        found[name] = int(number)
    return found


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(MAX_COUNT)) and int(text) <= MAX_COUNT
