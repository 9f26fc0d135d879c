"""`icplan plan`: the cheapest fleet for a set of components, and what it holds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import attrs
import click

from icplan.cli.answer import drawn_for, output_file, strict_code
from icplan.cli.command_group import debug_option, time_limited, warn
from icplan.cli.completion import amounts, assumptions
from icplan.cli.options import (
    config_option,
    effort_option,
    given_parameters,
    no_config_option,
    parameter_options,
    read_config,
    refuse_second_stdin,
    settings_of,
    time_limit_option,
)
from icplan.cli.plan_endpoint import endpoint_of, endpoint_options, least_savings
from icplan.cli.plan_outputs import make_folders, output_options, plan_outputs, refuse_role, with_written
from icplan.errors import InputError, InputProblem
from icplan.judge.settings_in_force import SECONDS

if TYPE_CHECKING:
    from typing import Any

    from icplan.cli.deadline import Deadline
    from icplan.documents.safe_text import SafeText
    from icplan.planning.prices import Prices
    from icplan.planning.settings import PlanSettings
    from icplan.verdict.fleet_plan import Plan


# A command imports what it runs, so that none pays for another's rooms.
# Click reads the \b in a docstring as "do not rewrap".
# ruff: noqa: D301, PLC0415


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@endpoint_options
@click.option(
    "--types",
    multiple=True,
    metavar="GLOB",
    help="Instance types to compare, such as ml.g5.*. [default: all that have a price] May be repeated.",
)
@click.option(
    "--max-types",
    type=click.IntRange(1, 5),
    default=1,
    show_default=True,
    metavar="N",
    help="Types that one fleet may have.",
)
@click.option("--prices", "price_file", metavar="FILE", help="A file of icplan prices.")
@click.option("--region", help="Read the prices of an AWS Region instead; AWS::Region in templates.")
@click.option("--profile", help="AWS profile, where prices are read.")
@click.option(
    "--by",
    type=click.Choice(("cost", "accelerators", "memory", "instances")),
    help="What is to be least. [default: cost]",
)
@click.option(
    "--discount",
    "discounts",
    multiple=True,
    metavar="TYPE=PERCENT",
    help="Off the prices, such as ml.g5.*=27.5 of a Savings Plan. May be repeated.",
)
@click.option(
    "--hold",
    "holds",
    multiple=True,
    metavar="CONDITION[=LEVEL]",
    help="What the fleet is to hold: rest, update, rollback, autoscaling, autoscaling+update, lost-instance, "
    "lost-zone:ZONES, lost-type; surely (however copies lie) or movable (were all laid out anew). "
    "[default: rest, update and rollback, surely] May be repeated.",
)
@click.option(
    "--within",
    type=click.Choice(("steady", "peak")),
    default="peak",
    show_default=True,
    help="What holds updates, their rollbacks and scaling: the instances that always run, or those up to "
    "MaxInstanceCount. What is lost is always held by the steady ones.",
)
@click.option(
    "--quota",
    "quotas",
    multiple=True,
    metavar="TYPE=N",
    help="The most instances of a type, also at the peak; or a file of quotas. May be repeated.",
)
@click.option(
    "--gap", default="0", show_default=True, metavar="PERCENT", help="How far from proven cheapest is enough."
)
@parameter_options
@click.option(
    "--assume",
    multiple=True,
    shell_complete=assumptions,
    metavar="NAME=VALUE",
    help="Set an assumption. docs/assumptions.md tells of each. May be repeated.",
)
@click.option(
    "--allocatable",
    multiple=True,
    shell_complete=amounts,
    metavar="SETTING",
    help="What a type's instances can allocate: TYPE.memory=MIB or TYPE.cpu=CORES, one figure or LOW..HIGH. "
    "May be repeated.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "csv", "html")),
    default="text",
    show_default=True,
)
@output_options
@click.option("-o", "--output", metavar="FILE", help="Where it goes. [default: standard output]")
@click.option("--verbose", is_flag=True, help="Tell of every type.")
@click.option(
    "--strict",
    is_flag=True,
    help="For checkouts of strangers: takes no configuration or snapshot from the working tree; what may not "
    "hold, or is not proven cheapest, exits with 1.",
)
@effort_option
@time_limit_option
@config_option
@no_config_option
@debug_option
def plan(files: tuple[str, ...], form: str, output: str | None, *, verbose: bool, **options: Any) -> None:
    """Find the cheapest fleet on which the components of each FILE run, updates and rollbacks included.

    A FILE holds CreateInferenceComponent requests, each by itself or as {"Request": {...}, "Copies": {"Min":
    1, "Max": 9}, "DeploymentConfig": {...}}, or is one of the formats that icplan check takes; a folder
    stands for those in it. Promises rest on the least that instances are sure to allocate.

    \b
    Exits with
      0  the fleet is proven cheapest, or within --gap of it
      1  no allowed fleet holds what is asked
      2  icplan could not do its job, or found no fleet in time
      3  a fleet is given, but a cheaper one may be, or what it holds is not sure (--strict: exits with 1)
    """
    from icplan.cli.file_selection import expanded_files
    from icplan.documents.write import refuse_outputs, write_files, write_stdout
    from icplan.inputs.folders import named

    given = [*files, options["snapshot_file"], options["price_file"]]
    refuse_second_stdin(given)
    if not files and options["snapshot_file"] is None and options["endpoint"] is None:
        raise click.UsageError("give FILEs with components, --from SNAPSHOT or --endpoint NAME")
    refuse_role(options)
    with time_limited(options["time_limit"]) as running:
        settings = _settings(options, running)
        expanded, _, passed, _ = expanded_files(files)
        files = tuple(expanded)
        if passed:
            warn(f"passed over, though it may be a component: {named(passed)}")
        written = output_file(output)
        inputs = [one for one in (*files, *given[-2:]) if one is not None]
        refuse_outputs([one for one in (written, options["plot"]) if one is not None], inputs)
        found = _planned(files, settings, options, running)
        running.write()
        texts = plan_outputs(found, options, inputs)
        with drawn_for(written, verbose=verbose):
            text = _rendered(found, form)
        make_folders(list(texts), options["folder"])
        if written is None:
            write_files(texts)
            write_stdout(with_written(text, texts) if form == "text" else text)
        else:
            write_files({**texts, written: text})
    sys.exit(strict_code(found.exit_code, strict=options["strict"]))


def _planned(
    files: tuple[str, ...], settings: PlanSettings, options: dict[str, Any], running: Deadline
) -> Plan:
    """The plan for the components of the files, and of an endpoint that runs."""
    from icplan.planning.components import WantedComponents, read_components
    from icplan.planning.existing_fleet import plan_endpoint
    from icplan.planning.plan import make_plan

    least, snapshot = least_savings(options), endpoint_of(options, running)
    running.now(f"reading {', '.join(files)}")
    wanted = read_components(files, _input_options(options)) if files or snapshot is None else None
    running.judge()
    settings = attrs.evolve(settings, judging=attrs.evolve(settings.judging, time_limit=running.left))
    if snapshot is not None:
        return plan_endpoint(snapshot, settings, wanted, least)
    return make_plan(wanted or WantedComponents(()), settings)


def _settings(options: dict[str, Any], running: Deadline) -> PlanSettings:
    from icplan.planning.settings import (
        DEFAULT_HOLD,
        PlanSettings,
        gap_of,
        promises_of,
        quota_types_of,
        quotas_of,
    )
    from icplan.verdict.fleet_plan import Measure, Within

    config = read_config(options, running)
    judging = settings_of(config, {**options, "ignored": ()}, SECONDS)
    running.seconds = judging.time_limit
    measure = Measure(options["by"] or "cost")
    return PlanSettings(
        promises=promises_of(options["holds"] or DEFAULT_HOLD),
        prices=_prices(options, running, measure),
        by=measure,
        types=options["types"],
        max_types=options["max_types"],
        within=Within(options["within"]),
        quotas=quotas_of(options["quotas"]),
        quota_types=quota_types_of(options["quotas"]),
        gap=gap_of(options["gap"]),
        judging=judging,
    )


def _prices(options: dict[str, Any], running: Deadline, measure: str) -> Prices | None:
    """The prices that the options name; a usage error where there are none, and costs are to be compared."""
    from icplan.planning.prices import Prices

    file, region = options["price_file"], options["region"]
    if measure != "cost":
        if file is not None or options["discounts"]:
            raise click.UsageError(f"--prices and --discount go with --by cost, not with --by {measure}")
        return None
    if file is not None:
        running.now(f"reading {file}")
        prices = Prices.load(file)
        if region is not None and prices.region != region:
            message = f"has prices of {prices.region}, and --region is {region}"
            raise InputError(InputProblem(message, file=file))
    elif region is not None:
        from icplan.aws.client import make_session

        running.now(f"reading the prices of {region}")
        prices = Prices.fetch(region, make_session("GetProducts", region, options["profile"]), warn=warn)
    else:
        hint = "icplan prices --region REGION -o prices.json writes them; --by accelerators needs none"
        raise click.UsageError(f"give --prices FILE or --region REGION: {hint}")
    if old := prices.warning():
        warn(old)
    return prices.with_discounts(options["discounts"])


def _input_options(options: dict[str, Any]) -> Any:
    from icplan.inputs.deployment import InputOptions

    return InputOptions(given_parameters(options), region=options["region"])


def _rendered(found: Plan, form: str) -> SafeText:
    if form == "json":
        from icplan.documents.safe_text import safe_json

        return safe_json(found.to_dict())
    if form == "csv":
        from icplan.report.plan_csv import plan_csv

        return plan_csv(found)
    if form == "html":
        from icplan.report.plan_html import plan_html

        return plan_html(found)
    from icplan.report.plan_text import render_plan

    return render_plan(found)
