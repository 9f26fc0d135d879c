"""`icplan drill`: what is lost when a part of an endpoint goes, and what runs then."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from icplan.cli.answer import aged_code, drawn_for, output_file, strict_code
from icplan.cli.command_group import time_limited
from icplan.cli.options import common_options, read_config, settings_of
from icplan.cli.snapshot_source import read_snapshot
from icplan.judge.settings_in_force import SECONDS

if TYPE_CHECKING:
    from typing import Any

    from icplan.documents.safe_text import SafeText
    from icplan.verdict.drill import Drill


# A command imports what it runs, so that none pays for another's rooms.
# Click reads the \b in a docstring as "do not rewrap".
# ruff: noqa: D301, PLC0415


@click.command()
@common_options
@click.option(
    "--lose",
    multiple=True,
    metavar="EVENT",
    help="instance (any one), zone, type (all of it), TYPE=N (so many instances of it), or quota (none can "
    "be launched). May be repeated; each is tried by itself. [default: all that can be told]",
)
@click.option(
    "--keep",
    multiple=True,
    metavar="N|N%|NAME=N",
    help="How many copies of each component, or of one, are to be left at once: else exit with 1, or with 3 "
    "where that is not known. May be repeated. [default: 1]",
)
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "csv", "html")), default="text", show_default=True
)
@click.option("-o", "--output", metavar="FILE", help="Where it goes. [default: standard output]")
def drill(form: str, output: str | None, **options: Any) -> None:
    """Tell what is lost when an instance, a zone, a type or a quota goes, and what runs then.

    \b
    Exits with
      0  every component surely keeps what --keep says, in each event
      1  one surely does not
      2  icplan could not do its job
      3  one may not, or that is undecided
    """
    from icplan.documents.write import refuse_outputs, write_result
    from icplan.planning.drill import drill as drill_of
    from icplan.planning.drill_minimum import Keep

    with time_limited(options["time_limit"]) as running:
        config = read_config(options, running)
        written = output_file(output)
        inputs = [one for one in (options["snapshot_file"], config.file) if one]
        refuse_outputs([] if written is None else [written], inputs)
        settings = settings_of(config, options, SECONDS)
        running.seconds = settings.time_limit
        keep = Keep.of(options["keep"])
        snapshot = read_snapshot(options, running)
        running.judge()
        found = drill_of(snapshot, options["lose"], keep, settings)
        running.write()
        write_result(written, _rendered(found, form, written))
    code = strict_code(found.exit_code, strict=options["strict"])
    sys.exit(aged_code(code, snapshot.taken_at, options["max_age"]))


def _rendered(found: Drill, form: str, output: str | None) -> SafeText:
    if form == "json":
        from icplan.documents.safe_text import safe_json

        return safe_json(found.to_dict())
    if form == "csv":
        from icplan.report.drill_csv import drill_csv

        return drill_csv(found)
    if form == "html":
        from icplan.report.drill_html import drill_html

        return drill_html(found)
    from icplan.report.drill_text import render_drill

    with drawn_for(output):
        return render_drill(found)
