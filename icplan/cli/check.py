"""`icplan check`: judge changes, write reports, and exit as the gate says."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from icplan.cli.command_group import time_limited, warn, warn_lines
from icplan.cli.completion import rules
from icplan.cli.options import (
    common_options,
    parameter_options,
    read_config,
    refuse_second_stdin,
    settings_of,
)
from icplan.cli.parts_options import parts_options
from icplan.judge.settings_in_force import SECONDS
from icplan.report.formats import FORMATS
from icplan.verdict.gate import ExitCode, FailOn, Gate, exit_code_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from icplan.cli.check_run import Asking
    from icplan.cli.deadline import Deadline
    from icplan.cli.file_selection import Question
    from icplan.errors import InputProblem
    from icplan.judge.config import Config
    from icplan.report.model import Run
    from icplan.verdict.baseline import Baseline


# A command imports what it runs, so that none pays for another's rooms.
# Click reads the \b in a docstring as "do not rewrap".
# ruff: noqa: D301, PLC0415


@click.command()
@click.argument("changes", nargs=-1, metavar="CHANGE...")
@common_options
@parts_options
@parameter_options
@click.option(
    "--all-parameters",
    is_flag=True,
    help="Judge every combination of the AllowedValues of the parameters that are used, defaults or not.",
)
@click.option(
    "--complete",
    is_flag=True,
    help="The files are all there is of their stacks: what runs on an endpoint and is in none of them is "
    "deleted.",
)
@click.option(
    "--component",
    "components",
    multiple=True,
    metavar="NAME",
    help="Of a deployment: tell of this component alone; all are judged. May be repeated.",
)
@click.option("--stack-name", metavar="NAME", help="What AWS::StackName is in templates.")
@click.option("--source", metavar="DIR", help="Where the .tf files of a plan are. [default: here]")
@click.option(
    "--each", is_flag=True, help="Judge each CHANGE by itself, instead of one after or beside the other."
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="NAME",
    help="Judge the files of a [[group]] of the configuration. A CHANGE that belongs to a group brings the "
    "others of it. May be repeated.",
)
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="RULE=REASON",
    shell_complete=rules,
    help="Leave the findings of a rule out of the report; outcome and exit code stay. May be repeated.",
)
@click.option(
    "--baseline",
    metavar="FILE",
    help="What it knows passes as long as it gets no worse; the outcome stays.",
)
@click.option(
    "--write-baseline",
    metavar="FILE",
    help="Write what speaks against the changes into a baseline; the exit code stays.",
)
@click.option(
    "--apply-remedy",
    "remedy",
    type=click.IntRange(min=1),
    metavar="N",
    help="Make the remedy of that number of the report, and judge what comes of it: report and exit code are "
    "of that. With --write.",
)
@click.option(
    "--write",
    "patched",
    metavar="FILE",
    help="Where --apply-remedy writes what to send: the patched change, the set of changes, or the request "
    "of create_endpoint_config. A remedy that lines of the files make is not written: the lines are told, "
    "exit code 2.",
)
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(FORMATS), help="[default: text]. May be repeated."
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Where the report of each --format goes, in the same order. [default: standard output]",
)
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice([str(choice) for choice in FailOn]),
    help="does-not-fit loosens: what may not fit, or is undecided, exits with 0 instead of 3. scale-out and "
    "rollback tighten: what needs more instances, or may not be able to go back, exits with 1; so does "
    "update: a new component that could not be updated later, or an update whose waits alone outlast "
    "its time limit. May be repeated.",
)
@click.option(
    "--verbose", is_flag=True, help="Tell all in the text report: every picture, phase and finding."
)
def check(
    changes: tuple[str, ...],
    formats: tuple[str, ...],
    outputs: tuple[str, ...],
    fail_on: tuple[str, ...],
    *,
    verbose: bool,
    remedy: int | None,
    **options: Any,
) -> None:
    """Tell whether each CHANGE fits, at rest, at every step of it and when it rolls back.

    A CHANGE is a JSON or YAML file with the arguments of a call to update_inference_component (or create_,
    delete_, or update_inference_component_runtime_config), or - for standard input. Several are judged in
    order, each after the ones before it. A set that begins with create_endpoint_config and create_endpoint
    makes its endpoint, and needs no snapshot.

    A CHANGE may also be a CloudFormation or SAM template, a folder that CDK synthesized, a plan of Terraform
    or OpenTofu (show -json), a description of a change set, or a manifest for ACK. These are one deployment:
    an endpoint that they make needs no snapshot. A folder stands for the changes in it.

    \b
    Exits with
      0  every change fits, now or after scale-out (whether it
         can go back counts only with --fail-on rollback)
      1  at least one change is invalid, blocked or does not fit
      2  icplan could not do its job
      3  nothing is known to fail, but something may not fit or is undecided
    Of several questions (--each, --group, several endpoints) the first that
    holds of 2, 1, 3, 0.
    """
    from icplan.cli.file_selection import questions
    from icplan.report.formats import paired

    _refuse_usage(changes, options)
    _refuse_write(remedy, options["patched"])
    _, places = paired(formats, outputs)
    with time_limited(options["time_limit"]) as running:
        config = read_config(options, running)
        asked = questions(changes, options, config)
        _refuse_outputs(places, asked, config, options)
        asking = _asking(config, options, fail_on, running)
        problems = _ask_all(asking, asked, formats, outputs)
        if remedy is not None:
            sys.exit(_apply(remedy, options["patched"], asking, formats, outputs))
        running.write()
        run = _run_of(asking, problems, several=len(asked) > 1, verbose=verbose)
        _write_reports(run, formats, outputs, options["write_baseline"])
        for problem in problems:
            warn(str(problem))
    sys.exit(exit_code_of([*asking.codes, *([ExitCode.ERROR] if problems else [])]))


def _refuse_usage(changes: Sequence[str], options: dict[str, Any]) -> None:
    if not changes and not options["groups"]:
        raise click.UsageError("Missing argument 'CHANGE...'.")
    refuse_second_stdin((*changes, options["snapshot_file"], options["baseline"]))


def _asking(config: Config, options: dict[str, Any], fail_on: Sequence[str], running: Deadline) -> Asking:
    """What asks questions, with the settings and the gate that the options and the configuration tell."""
    from icplan.cli.check_run import Asking

    settings = settings_of(config, options, SECONDS, fail_on)
    gates = {FailOn(choice) for choice in fail_on} or config.fail_on
    file = options["baseline"]
    baseline = None if file is None else _baseline(file, strict=options["strict"])
    running.seconds = settings.time_limit
    return Asking(settings, Gate(gates, options["strict"], baseline=baseline), running)


def _ask_all(
    asking: Asking, asked: Sequence[Question], formats: Sequence[str], outputs: Sequence[str]
) -> list[InputProblem]:
    """Ask all questions; why some could not be judged. If that is the only one, it is raised."""
    from icplan.errors import AwsError, InputError, InputProblem
    from icplan.report.formats import write_errors

    problems: list[InputProblem] = []
    for question in asked:
        try:
            asking.ask(question)
        except (InputError, AwsError) as error:
            problems += error.problems if isinstance(error, InputError) else (InputProblem(str(error)),)
            if len(asked) == 1:
                write_errors(problems, formats, outputs)
                raise
    if not problems:
        asking.hold_together()
    return problems


def _run_of(asking: Asking, problems: Sequence[InputProblem], *, several: bool, verbose: bool) -> Run:
    """What is reported: all answers, with the command line that asks for them again."""
    from icplan.cli.check_run import asked_by
    from icplan.cli.rerun_line import command_line
    from icplan.report.model import Run
    from icplan.report.style import Look

    given = command_line(click.get_current_context(), asking.secrets)
    return Run(asked_by(asking.answers, given), tuple(problems), several, Look(verbose=verbose))


def _write_reports(run: Run, formats: Sequence[str], outputs: Sequence[str], baseline: str | None) -> None:
    """Write the report in each format, and what is known from now on if a file for that is named."""
    from icplan.report.formats import write

    write(run, formats, outputs)
    if baseline is not None:
        from icplan.cli.baseline import baseline_of
        from icplan.documents.write import write_json

        write_json(baseline, baseline_of(report.verdict for report in run.reports))


def _baseline(file: str, *, strict: bool) -> Baseline:
    from icplan.cli.baseline import load_baseline

    return load_baseline(file, strict=strict)


def _refuse_write(remedy: int | None, patched: str | None) -> None:
    if (remedy is None) != (patched is None):
        raise click.UsageError("--apply-remedy N and --write FILE go together")
    if patched == "-":
        raise click.UsageError("--write needs a file: standard output has the report")


def _refuse_outputs(
    places: Sequence[str], asked: Sequence[Question], config: Config, options: dict[str, Any]
) -> None:
    from icplan.documents.write import refuse_outputs

    settings = () if config.file is None else (config.file, *config.observations)
    snapshots = [one for one in (question.options["snapshot_file"] for question in asked) if one is not None]
    baseline, written = options["baseline"], options["write_baseline"]
    patched = options["patched"]
    inputs = [file for question in asked for file in question.files] + [*snapshots, *settings]
    outputs = [place for place in places if place != "-"]
    refuse_outputs(outputs, [*inputs, *([] if baseline is None else [baseline])])
    # A baseline may be written over itself: that is how what was fixed goes out of it.
    refuse_outputs([] if written is None else [written], [*inputs, *outputs])
    refuse_outputs([] if patched is None else [patched], [*inputs, *outputs])


def _apply(
    number: int, file: str, asking: Asking, formats: tuple[str, ...], outputs: tuple[str, ...]
) -> ExitCode:
    """Write what a remedy comes to, and the report of it; the exit code is that of the patched question."""
    from icplan.documents.safe_text import request_json
    from icplan.documents.write import write_files
    from icplan.report.formats import write
    from icplan.report.model import Answer, Run
    from icplan.report.remedy_commands import call_lines

    applied, report, code = asking.apply(number)
    asking.running.write()
    write_files({file: request_json(applied.document)})
    write(Run((Answer((report,)),)), formats, outputs)
    warn(f"remedy {number} is written to {file}: {applied.remedy.description}")
    lines = call_lines(applied.remedy, file, indent="  ", place=applied.place, source=applied.source)
    warn_lines(lines)
    return code
