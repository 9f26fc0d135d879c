"""`icplan diagnose`: why an update hangs or failed, what happens next, what can be done."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from icplan.cli.answer import aged_code, drawn_for, output_file
from icplan.cli.command_group import time_limited
from icplan.cli.options import common_options, read_config, refuse_second_stdin, settings_of
from icplan.cli.snapshot_source import load_snapshot, read_snapshot
from icplan.judge.settings_in_force import SECONDS

if TYPE_CHECKING:
    from typing import Any

    from icplan.diagnosis.diagnosis import Diagnosis
    from icplan.documents.safe_text import SafeText


# A command imports what it runs, so that none pays for another's rooms.
# Click reads the \b in a docstring as "do not rewrap".
# ruff: noqa: D301, PLC0415


@click.command()
@click.argument("component", required=False)
@common_options
@click.option(
    "--verdict",
    "verdict_file",
    metavar="FILE",
    help="What icplan check --format json said of the write before it was sent: it tells what was to come.",
)
@click.option(
    "--before", "before_file", metavar="FILE", help="Instead of it, a snapshot of before the write."
)
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Where it goes. [default: standard output]")
def diagnose(component: str | None, form: str, output: str | None, **options: Any) -> None:
    """Tell why a write to COMPONENT hangs or failed, what SageMaker will do, and what can be done meanwhile.

    Without COMPONENT, of all that is not at rest, and of the endpoint. How a write ended is told by the
    verdict on it, or by an earlier snapshot: a component that was rolled back is InService, too.

    \b
    Exits with
      0  at rest, or done
      1  failed, rolled back, or sure to
      2  icplan could not do its job
      3  still going, stuck, or not known
    """
    from icplan.api.diagnose import verdict_of
    from icplan.diagnosis.diagnose import Evidence
    from icplan.diagnosis.diagnose import diagnose as diagnosis_of
    from icplan.documents.write import refuse_outputs, write_result

    verdict_file, before_file = options["verdict_file"], options["before_file"]
    if verdict_file is not None and before_file is not None:
        raise click.UsageError("give --verdict or --before, not both")
    refuse_second_stdin((options["snapshot_file"], verdict_file, before_file))
    with time_limited(options["time_limit"]) as running:
        config = read_config(options, running)
        inputs = [one for one in (options["snapshot_file"], verdict_file, before_file, config.file) if one]
        written = output_file(output)
        refuse_outputs([] if written is None else [written], inputs)
        settings = settings_of(config, options, SECONDS)
        if options["strict"]:
            _refuse_of_the_tree(verdict_file, before_file)
        running.seconds = settings.time_limit
        snapshot = read_snapshot(options, running)
        running.now("reading what is known from before")
        before = None if before_file is None else load_snapshot(before_file, running)
        verdict = None if verdict_file is None else verdict_of(verdict_file)
        running.now("diagnosing")
        found = diagnosis_of(snapshot, component, Evidence(verdict, before), settings)
        running.write()
        write_result(written, _rendered(found, form, written))
    sys.exit(aged_code(found.exit_code, snapshot.taken_at, options["max_age"]))


def _refuse_of_the_tree(*files: str | None) -> None:
    """Refuse evidence that lies in the working tree: a stranger may have written it."""
    from icplan.documents.working_tree import lies_in_tree
    from icplan.errors import InputError, InputProblem

    for file in files:
        if file is not None and file != "-" and lies_in_tree(file):
            raise InputError(InputProblem("--strict takes no evidence from the working tree", file=file))


def _rendered(found: Diagnosis, form: str, output: str | None) -> SafeText:
    if form == "json":
        from icplan.documents.safe_text import safe_json

        return safe_json(found.to_dict())
    from icplan.report.diagnosis_text import render_diagnosis

    with drawn_for(output):
        return render_diagnosis(found)
