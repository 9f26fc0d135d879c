"""The command line: reads what is asked, judges, writes reports, and exits with what a pipeline needs."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

import attrs
import click

from icplan import __version__
from icplan.command import Group, debug_option, time_limited, warn
from icplan.errors import InputError, InputProblem
from icplan.gate import CANNOT, DOUBT, FAILS, FailOn, Gate
from icplan.in_force import SECONDS
from icplan.report.age import duration, refuse_future, snapshot_age, too_old
from icplan.report.formats import FORMATS
from icplan.report.printable import printable
from icplan.sources.door import safe_text
from icplan.sources.stdout import write_stdout
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from icplan.asked import Call, Settings
    from icplan.config import Config
    from icplan.deadline import Deadline
    from icplan.inputs.source import Source
    from icplan.snapshot import Snapshot

# Each command imports what it runs, so that none pays for another's rooms.
# Click reads the \b in a docstring as "do not rewrap".
# ruff: noqa: D301, PLC0415


@click.group(
    name="icplan",
    cls=Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="icplan %(version)s")
@debug_option
@click.pass_context
def main(ctx: click.Context) -> None:
    """Tell, before SageMaker is asked, whether an inference component update can be placed."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(CANNOT)


def _time_limit(_ctx: click.Context, _option: click.Parameter, limit: float | None) -> float | None:
    from icplan.asked import TIME_LIMIT_HELP, is_time_limit

    if limit is not None and not is_time_limit(limit):
        raise click.BadParameter(f"{TIME_LIMIT_HELP}.")
    return limit


def _age(_ctx: click.Context, _option: click.Parameter, text: str | None) -> dt.timedelta | None:
    found = None if text is None else duration(text)
    if text is not None and found is None:
        raise click.BadParameter("must be a number with s, m, h or d, such as 90s, 30m, 1h or 2d.")
    return found


_time_limit_option = click.option(
    "--time-limit", type=float, callback=_time_limit, metavar="SECONDS", help="For all of it. [default: 60]"
)
_max_age_option = click.option(
    "--max-age",
    callback=_age,
    metavar="TIME",
    help="Of the snapshot, such as 30m, 1h or 2d: where it is older, or does not say, what would exit with 0 "
    "exits with 3.",
)
_config_option = click.option(
    "--config",
    metavar="FILE",
    help="Instead of icplan.toml, or [tool.icplan] in pyproject.toml, here or in a folder above.",
)
_no_config_option = click.option("--no-config", is_flag=True, help="Read no such file.")


def common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option("--snapshot", "snapshot_file", metavar="FILE", help="A snapshot of the endpoint."),
            click.option("--endpoint", metavar="NAME", help="Read the live endpoint instead."),
            click.option("--region", help="AWS Region of --endpoint, and of templates."),
            click.option("--profile", help="AWS profile for --endpoint."),
            click.option(
                "--assume",
                multiple=True,
                metavar="NAME=VALUE",
                help="Set an assumption. docs/assumptions.md tells of each; a NAME that is none is answered "
                "with all names. May be repeated.",
            ),
            click.option(
                "--allocatable",
                multiple=True,
                metavar="SETTING",
                help="What a type's instances can allocate: TYPE.memory=MIB or TYPE.cpu=CORES, one figure or "
                "LOW..HIGH. May be repeated.",
            ),
            _time_limit_option,
            _config_option,
            _no_config_option,
            click.option(
                "--strict",
                is_flag=True,
                help="For checkouts of strangers: takes no configuration or snapshot from the working tree; "
                "what may not fit, or is undecided, exits with 1.",
            ),
            _max_age_option,
            debug_option,
        )
    ):
        command = option(command)
    return command


@main.command()
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
    "rollback tighten: what needs more instances, or may not be able to go back, exits with 1. May be "
    "repeated.",
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
    order, each after the ones before it.

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
    from icplan.checking import asked_in
    from icplan.inputs import formats as inputs
    from icplan.judge import judge
    from icplan.report import paired, write

    if [*changes, options["snapshot_file"]].count("-") > 1:
        raise click.UsageError("standard input can be read only once, so only one - can be given")
    _, places = paired(formats, outputs)
    with time_limited(options["time_limit"]) as running:
        config = _config(options, running)
        running.now(f"reading {', '.join(changes)}")
        given = inputs.read_given(changes)
        _refuse_outputs(places, changes, options["snapshot_file"], config)
        settings = config.settings(options, SECONDS, fail_on)
        running.seconds = settings.time_limit
        gates = {FailOn(choice) for choice in fail_on} or config.fail_on
        if given.sources:
            codes = _check_deployment(given.sources, settings, gates, formats, outputs, options, running)
            sys.exit(next((code for code in (FAILS, DOUBT) if code in codes), 0))
        wanted = [call for data, file in given.requests for call in asked_in(data, file)]
        snapshot = _snapshot(options, running)
        gate = Gate(gates, options["strict"], too_old(snapshot.taken_at, options["max_age"]))
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
    from icplan.deployments import judge_deployment
    from icplan.inputs import formats as inputs
    from icplan.inputs.deployment import InputOptions
    from icplan.inputs.parameters import parameter, parameter_file
    from icplan.report import deployment as report
    from icplan.report import write_rendered

    parameters = {k: v for file in options["parameter_files"] for k, v in parameter_file(file).items()}
    parameters |= dict(map(parameter, options["parameters"]))
    told = options["snapshot_file"] or options["endpoint"]
    snapshot = _snapshot(options, running, templates=True) if told else None
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
    judged = judge_deployment(declared, snapshot, settings)
    running.write()
    failed = [gate.failed_on(one.verdict) for one in judged]
    files = [source.file for source in sources]
    write_rendered(lambda name: report.render(name, declared, judged, failed, files), formats, outputs)
    return {int(gate.exit_code(one.verdict)) for one in judged}


@main.command()
@click.argument("verdict")
@click.option(
    "--change",
    "changes",
    multiple=True,
    metavar="FILE",
    help="A CHANGE it judged, in order. May be repeated.",
)
@click.option("--snapshot", "snapshot_file", metavar="FILE", help="The snapshot it judged.")
@click.option(
    "--require",
    type=click.Choice([str(outcome) for outcome in reversed(Outcome)]),
    metavar="OUTCOME",
    help="The worst outcome that passes, such as fits-after-scale-out.",
)
@_max_age_option
@_time_limit_option
@debug_option
def verify(verdict: str, changes: tuple[str, ...], **options: Any) -> None:
    """Re-check each placement and proof of a VERDICT file, without the solver.

    \b
    Exits with
      0  everything is verified
      1  some evidence does not prove what the verdict says, it judged
         another change or snapshot, or its outcome is worse than required
      2  icplan could not do its job
      3  nothing is wrong, but something is without evidence, or is too old
    """
    from icplan.hashes import changes_sha256
    from icplan.sources.files import read_document
    from icplan.verify import Claims, Result, bound
    from icplan.verify import verify as verify_verdict

    file, limit = options["snapshot_file"], options["time_limit"]
    with time_limited(limit) as running:
        running.now(f"reading {verdict}")
        document = read_document(verdict)
        wanted = _changes(changes, running)
        snapshot = None if file is None else _load(file, running)
        claims = Claims(
            changes=changes_sha256(wanted) if wanted else None,
            snapshot=None if snapshot is None else (snapshot.sha256, snapshot.fingerprint),
            required=None if options["require"] is None else Outcome(options["require"]),
        )
        running.now(f"verifying {verdict}")
        results = (*verify_verdict(document.value, document.file), *bound(document.value, claims))
        taken = snapshot.taken_at if snapshot is not None else document.value["Snapshot"]["TakenAt"]
        old = too_old(taken, options["max_age"])
        running.write()
        for checked in results:
            reason = f" ({checked.reason})" if checked.reason else ""
            say_lines(f"{checked.result}: {checked.component}: {checked.phase}: {checked.outcome}{reason}")
    if old:
        warn(f"{document.file} speaks of a snapshot past --max-age, or of unknown age")
    found = {checked.result for checked in results}
    sys.exit(FAILS if Result.REJECTED in found else DOUBT if old or Result.UNPROVEN in found else 0)


@main.command()
@click.argument("rule")
@debug_option
def explain(rule: str) -> None:
    """Print what a RULE such as ICP305 means, what it rests on and what to do."""
    from icplan.rules import RULES, page

    known = RULES.get(rule.upper()) or RULES.get(f"ICP{rule}")
    if known is None:
        first, *_, last = RULES
        hint = f"Rules are called {first} to {last}; a report names those that it is about"
        raise InputError(InputProblem(f"there is no rule {rule!r}", hint=hint))
    write_stdout(safe_text(page(known)))


@main.command()
@click.argument("instance_type", required=False, metavar="[TYPE]")
@_config_option
@_no_config_option
@_time_limit_option
@debug_option
def catalog(instance_type: str | None, **options: Any) -> None:
    """Print the facts of every instance type, or all that is known of one TYPE, with sources."""
    from icplan.report import facts

    with time_limited(options["time_limit"]) as running:
        known = _config(options, running).catalog().checked()
        say_lines(
            *facts.table(known)
            if instance_type is None
            else facts.type_page(known.lookup(instance_type), known)
        )


@main.command()
@click.argument("instance_type", metavar="TYPE")
@click.option("--placed", is_flag=True, help="SageMaker placed it.")
@click.option("--refused", is_flag=True, help="SageMaker refused it.")
@click.option(
    "--memory",
    type=click.IntRange(min=1),
    required=True,
    metavar="MIB",
    help="Reserved on one instance, in all.",
)
@click.option(
    "--cpu", type=click.FloatRange(min=0), metavar="CORES", help="Reserved on one instance, in all."
)
@click.option("--source", help="Where this was seen.")
@click.option(
    "-o",
    "--output",
    default="observations.json",
    show_default=True,
    metavar="FILE",
    help="Where it is noted.",
)
@debug_option
def observe(instance_type: str, output: str, *, placed: bool, refused: bool, **seen: Any) -> None:
    """Note that a reservation on one instance of TYPE was placed, or refused, in a file that can be shared.

    Name the file in icplan.toml, as in: observations = ["observations.json"]
    """
    from icplan.catalog.catalog import Catalog
    from icplan.sources.observations import append

    if placed == refused:
        raise click.UsageError("say either --placed or --refused")
    facts, memory = Catalog().lookup(instance_type), seen["memory"]
    if memory > facts.memory_mib:
        raise click.UsageError(
            f"{instance_type} has {facts.memory_mib} MiB, so {memory} cannot have been reserved"
        )
    row = {"InstanceType": instance_type, "Outcome": "placed" if placed else "refused", "MemoryMib": memory}
    optional = (("CpuCores", seen["cpu"]), ("Source", seen["source"]))
    append(output, row | {name: value for name, value in optional if value is not None})
    warn(f"noted in {output}")


@main.command()
@click.argument("endpoint")
@click.option("-o", "--output", metavar="FILE", help="Where the snapshot goes. [default: standard output]")
@click.option("--region", help="AWS Region.")
@click.option("--profile", help="AWS profile.")
@click.option("--usage", is_flag=True, help="Count the instances of all endpoints too (for quotas).")
@debug_option
def snapshot(
    endpoint: str, output: str | None, region: str | None, profile: str | None, *, usage: bool
) -> None:
    """Read a live ENDPOINT, with read-only calls, into a snapshot file.

    Environment values are redacted.
    """
    _read_live(endpoint, region, profile, usage=usage).save(output)


def say_lines(*lines: str) -> None:
    write_stdout(safe_text("".join(f"{printable(line)}\n" for line in lines)))


def _config(options: dict[str, Any], running: Deadline) -> Config:
    """The configuration; with ``--strict`` none of a stranger's."""
    from icplan.config import Config

    running.now("reading the configuration")
    if options["no_config"]:
        if options["config"] is not None:
            raise click.UsageError("--config and --no-config contradict each other")
        return Config()
    config = Config.find(options["config"])
    if options.get("strict"):
        config.refuse_of_the_tree()
    return config


def _changes(sources: tuple[str, ...], running: Deadline) -> list[Call]:
    from icplan.checking import calls_of

    calls: list[Call] = []
    for source in sources:
        running.now(f"reading {source}")
        calls += calls_of(source)
    return calls


def _refuse_outputs(
    places: Sequence[str], changes: tuple[str, ...], file: str | None, config: Config
) -> None:
    from icplan.sources.output import refuse_outputs

    settings = () if config.file is None else (config.file, *config.observations)
    inputs = (*changes, *(() if file is None else (file,)), *settings)
    refuse_outputs([place for place in places if place != "-"], inputs)


def _snapshot(options: dict[str, Any], running: Deadline, *, templates: bool = False) -> Snapshot:
    file, endpoint = options["snapshot_file"], options["endpoint"]
    if (file is None) == (endpoint is None):
        raise click.UsageError("give either --snapshot FILE or --endpoint NAME")
    if file is None:
        running.now(f"reading endpoint {endpoint}")
        return _read_live(endpoint, options["region"], options["profile"])
    for option in ("region", "profile"):
        if options[option] is not None and not (templates and option == "region"):
            raise click.UsageError(f"--{option} goes with --endpoint; a snapshot is read as it is")
    if options["strict"]:
        _refuse_of_the_tree(file)
    snapshot = _load(file, running)
    for note in snapshot.notes:
        warn(note)
    if old := snapshot_age(snapshot.taken_at, dt.datetime.now(dt.UTC)):
        warn(f"{snapshot.file} is {old} old; what the endpoint runs may have changed since")
    return snapshot


def _refuse_of_the_tree(file: str) -> None:
    from icplan.sources.working_tree import lies_in_tree

    if file != "-" and lies_in_tree(file):
        hint = "Take one with icplan snapshot, or give one from elsewhere"
        raise InputError(
            InputProblem("--strict takes no snapshot from the working tree", file=file, hint=hint)
        )


def _load(file: str, running: Deadline) -> Snapshot:
    """A snapshot file, which cannot be of a time that is yet to come."""
    from icplan.snapshot import Snapshot

    running.now(f"reading {file}")
    snapshot = Snapshot.load(file)
    with snapshot.located():
        refuse_future(snapshot.taken_at)
    return snapshot


def _read_live(endpoint: str, region: str | None, profile: str | None, *, usage: bool = False) -> Snapshot:
    from icplan.snapshot import Snapshot
    from icplan.sources.aws_calls import make_session

    return Snapshot.read(
        endpoint, make_session("DescribeEndpoint", region, profile), include_usage=usage, warn=warn
    )
