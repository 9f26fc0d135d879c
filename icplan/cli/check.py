"""`icplan check`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import attrs
import click

from icplan.cli.group import time_limited
from icplan.cli.options import common_options, read_config, read_snapshot, too_old
from icplan.judge.in_force import SECONDS
from icplan.report.formats import FORMATS
from icplan.verdict.gate import ExitCode, FailOn, Gate

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any

    from icplan.cli.config import Config
    from icplan.cli.deadline import Deadline
    from icplan.inputs.source import Source
    from icplan.judge.settings import Settings


# A command imports what it runs, so that none pays for another's rooms.
# Click reads the \b in a docstring as "do not rewrap".
# ruff: noqa: D301, PLC0415


@click.command()
@click.argument("changes", nargs=-1, required=True, metavar="CHANGE...")
@common_options
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the templates. May be repeated.",
)
@click.option(
    "--parameter-file", "parameter_files", multiple=True, metavar="FILE", help="Parameters from a file."
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
    "update: a new component that could not be updated later. May be repeated.",
)
def check(
    changes: tuple[str, ...],
    formats: tuple[str, ...],
    outputs: tuple[str, ...],
    fail_on: tuple[str, ...],
    **options: Any,
) -> None:
    """Tell whether each CHANGE fits, at rest, at every step of it and when it rolls back.

    A CHANGE is a JSON or YAML file with the arguments of a call to update_inference_component (or create_,
    delete_, or update_inference_component_runtime_config), or - for standard input. Several are judged in
    order, each after the ones before it. A set that begins with create_endpoint_config and create_endpoint
    makes its endpoint, and needs no snapshot.

    A CHANGE may also be a CloudFormation or SAM template, a folder that CDK synthesized, a plan of Terraform
    or OpenTofu (show -json), a description of a change set, or a manifest for ACK. These are one deployment:
    an endpoint that they make needs no snapshot.

    \b
    Exits with
      0  every change fits, now or after scale-out (whether it
         can go back counts only with --fail-on rollback)
      1  at least one change is invalid, blocked or does not fit
      2  icplan could not do its job
      3  nothing is known to fail, but something may not fit or is undecided
    """
    from icplan.inputs import formats as inputs
    from icplan.inputs.calls import calls_in_bytes
    from icplan.judge.change_set import judge
    from icplan.judge.in_order import make_endpoint
    from icplan.report.formats import paired, write

    if [*changes, options["snapshot_file"]].count("-") > 1:
        raise click.UsageError("standard input can be read only once, so only one - can be given")
    _, places = paired(formats, outputs)
    with time_limited(options["time_limit"]) as running:
        config = read_config(options, running)
        running.now(f"reading {', '.join(changes)}")
        given = inputs.read_given(changes)
        _refuse_outputs(places, changes, options["snapshot_file"], config)
        settings = config.settings(options, SECONDS, fail_on)
        running.seconds = settings.time_limit
        gates = {FailOn(choice) for choice in fail_on} or config.fail_on
        if given.sources:
            codes = _check_deployment(given.sources, settings, gates, formats, outputs, options, running)
            sys.exit(next((code for code in (ExitCode.FAILS, ExitCode.UNCERTAIN) if code in codes), 0))
        if options["components"]:
            raise click.UsageError("--component goes with templates, plans and manifests")
        wanted = [call for data, file in given.requests for call in calls_in_bytes(data, file)]
        told = options["snapshot_file"] or options["endpoint"]
        snapshot = read_snapshot(options, running) if told or not make_endpoint(wanted) else None
        old = snapshot is not None and too_old(snapshot.taken_at, options["max_age"])
        gate = Gate(gates, options["strict"], old)
        running.judge()
        settings = attrs.evolve(settings, time_limit=running.left, fail_on=frozenset(gate.fail_on))
        verdict = judge(wanted, snapshot, settings)
        running.write()
        write(verdict, formats, outputs, gate.failed_on(verdict))
    sys.exit(gate.exit_code(verdict))


def _check_deployment(
    sources: Sequence[Source],
    settings: Settings,
    gates: Collection[FailOn],
    formats: Sequence[str],
    outputs: Sequence[str],
    options: dict[str, Any],
    running: Deadline,
) -> set[int]:
    """Judge what templates and the like declare, each endpoint by itself; the exit code of each."""
    from icplan.inputs import formats as inputs
    from icplan.inputs.deployment import InputOptions
    from icplan.inputs.parameters import parameter, parameter_file
    from icplan.judge.deployment import judge_deployment, only_components
    from icplan.report import deployment as report
    from icplan.report.formats import write_rendered

    parameters = {k: v for file in options["parameter_files"] for k, v in parameter_file(file).items()}
    parameters |= dict(map(parameter, options["parameters"]))
    told = options["snapshot_file"] or options["endpoint"]
    snapshot = read_snapshot(options, running, templates=True) if told else None
    region = options["region"] or (snapshot.region if snapshot else None)
    declared = inputs.read(
        sources,
        InputOptions(
            parameters, options["stack_name"], region, options["source"], snapshot.data if snapshot else None
        ),
    )
    gate = Gate(
        gates, options["strict"], snapshot is not None and too_old(snapshot.taken_at, options["max_age"])
    )
    running.judge()
    settings = attrs.evolve(settings, time_limit=running.left, fail_on=frozenset(gates))
    judged = only_components(judge_deployment(declared, snapshot, settings), options["components"])
    running.write()
    failed = [gate.failed_on(one.verdict) for one in judged]
    files = [source.file for source in sources]
    write_rendered(lambda name: report.render(name, declared, judged, failed, files), formats, outputs)
    return {int(gate.exit_code(one.verdict)) for one in judged}


def _refuse_outputs(
    places: Sequence[str], changes: tuple[str, ...], file: str | None, config: Config
) -> None:
    from icplan.documents.write import refuse_outputs

    settings = () if config.file is None else (config.file, *config.observations)
    inputs = (*changes, *(() if file is None else (file,)), *settings)
    refuse_outputs([place for place in places if place != "-"], inputs)
