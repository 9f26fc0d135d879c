"""Options that commands share, and what they name: configuration, changes, parameters."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import click

from icplan.cli.call_options import call_options
from icplan.cli.command_group import debug_option
from icplan.cli.completion import amounts, assumptions
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from icplan.cli.deadline import Deadline
    from icplan.judge.config import Config
    from icplan.judge.settings import Settings
    from icplan.requests.call import Call


# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415

_DURATION = r"([0-9]{1,9})([smhd])"


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> dt.timedelta | None:
    """``90s``, ``30m``, ``1h`` or ``2d``; ``None`` for what is none, or is longer than Python can count."""
    match = re.fullmatch(_DURATION, text)
    try:
        return dt.timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None
    except OverflowError:
        return None


def too_old(taken_at: str | None, most: dt.timedelta | None, now: dt.datetime | None = None) -> bool:
    """Whether a snapshot is older than allowed, or does not say how old it is."""
    if most is None:
        return False
    return taken_at is None or (now or dt.datetime.now(dt.UTC)) - dt.datetime.fromisoformat(taken_at) > most


def _time_limit(_ctx: click.Context, _option: click.Parameter, limit: float | None) -> float | None:
    from icplan.judge.settings import TIME_LIMIT_HELP, is_time_limit

    if limit is not None and not is_time_limit(limit):
        raise click.BadParameter(f"{TIME_LIMIT_HELP}.")
    return limit


def _effort(_ctx: click.Context, _option: click.Parameter, effort: int | None) -> int | None:
    from icplan.judge.settings import EFFORT_HELP, is_effort

    if effort is not None and not is_effort(effort):
        raise click.BadParameter(f"{EFFORT_HELP}.")
    return effort


def refuse_second_stdin(files: Iterable[str | None]) -> None:
    """Refuse to read standard input (``-``) twice."""
    if list(files).count("-") > 1:
        raise click.UsageError("standard input can be read only once, so only one - can be given")


def once(_ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> str | None:
    """The value of an option that names one thing: of two, neither is silently left out."""
    if len(values) > 1:
        raise click.UsageError(f"{option.opts[0]} can be given once, not for {' and '.join(values)}")
    return values[0] if values else None


def _age(_ctx: click.Context, _option: click.Parameter, text: str | None) -> dt.timedelta | None:
    found = None if text is None else duration(text)
    if text is not None and found is None:
        raise click.BadParameter("must be a number with s, m, h or d, such as 90s, 30m, 1h or 2d.")
    return found


def _account(_ctx: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    from icplan.snapshot.expected_account import is_account

    if text is not None and not is_account(text):
        raise click.BadParameter("must be the twelve digits of an AWS account.")
    return text


expect_account_option = click.option(
    "--expect-account",
    callback=_account,
    metavar="ID",
    help="The AWS account that the endpoint must be in: what is read from another one is refused.",
)


time_limit_option = click.option(
    "--time-limit", type=float, callback=_time_limit, metavar="SECONDS", help="For all of it. [default: 60]"
)


effort_option = click.option(
    "--effort",
    type=int,
    callback=_effort,
    metavar="UNITS",
    help="Units of work for each question, the same on every machine. [default: 20000000; headroom 1500000, "
    "drill 1000000, plan 60000000]",
)


max_age_option = click.option(
    "--max-age",
    callback=_age,
    metavar="TIME",
    help="Of the snapshot, such as 30m, 1h or 2d: where it is older, or does not say, what would exit with 0 "
    "exits with 3.",
)


config_option = click.option(
    "--config",
    metavar="FILE",
    help="Instead of icplan.toml, or [tool.icplan] in pyproject.toml, here or in a folder above.",
)


no_config_option = click.option("--no-config", is_flag=True, help="Read no such file.")


def common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that judges a change."""
    for option in reversed(
        (
            click.option(
                "--snapshot",
                "snapshot_file",
                multiple=True,
                callback=once,
                metavar="FILE",
                help="A snapshot of the endpoint.",
            ),
            click.option(
                "--endpoint",
                multiple=True,
                callback=once,
                metavar="NAME",
                help="Read the live endpoint instead.",
            ),
            click.option("--region", help="AWS Region of --endpoint, and of templates."),
            click.option("--profile", help="AWS profile for --endpoint."),
            expect_account_option,
            call_options,
            click.option(
                "--assume",
                multiple=True,
                shell_complete=assumptions,
                metavar="NAME=VALUE",
                help="Set an assumption. docs/assumptions.md tells of each; a NAME that is none is answered "
                "with all names. May be repeated.",
            ),
            click.option(
                "--allocatable",
                multiple=True,
                shell_complete=amounts,
                metavar="SETTING",
                help="What a type's instances can allocate: TYPE.memory=MIB or TYPE.cpu=CORES, one figure or "
                "LOW..HIGH. May be repeated.",
            ),
            time_limit_option,
            effort_option,
            config_option,
            no_config_option,
            click.option(
                "--strict",
                is_flag=True,
                help="For checkouts of strangers: takes no configuration or snapshot from the working tree; "
                "what may not fit, or is undecided, exits with 1.",
            ),
            max_age_option,
            debug_option,
        )
    ):
        command = option(command)
    return command


def read_config(options: dict[str, Any], running: Deadline) -> Config:
    """The configuration; with ``--strict`` none of a stranger's."""
    from icplan.judge.config import Config

    running.now("reading the configuration")
    if options["no_config"]:
        if options["config"] is not None:
            raise click.UsageError("--config and --no-config contradict each other")
        return Config()
    config = Config.find(options["config"])
    if options.get("expect_account") is None:
        options["expect_account"] = config.expect_account
    if options.get("strict"):
        config.refuse_of_the_tree()
    return config


def settings_of(
    config: Config, options: Mapping[str, Any], seconds: float, fail_on: Sequence[str] = ()
) -> Settings:
    """The settings of a run: what the options say wins over what the configuration says."""
    from icplan.judge.config import GivenSettings

    given = GivenSettings(
        assume=dict(map(_pair, options["assume"])),
        allocatable=options["allocatable"],
        ignore=dict(map(_ignored, options.get("ignored", ()))),
        fail_on=fail_on,
        time_limit=options["time_limit"],
        effort=options["effort"],
    )
    return config.settings(given, seconds)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(InputProblem(f"cannot read the assumption {text!r}", hint="Write NAME=VALUE"))
    return name.strip(), value.strip()


def _ignored(text: str) -> tuple[str, str]:
    """A rule and the reason why its findings are left out: without one nobody could tell later."""
    from icplan.judge.config import like_rule
    from icplan.rules.registry import RULES

    rule, _, reason = (part.strip() for part in text.partition("="))
    if rule not in RULES:
        raise InputError(InputProblem(f"there is no rule {rule!r} to ignore", hint=like_rule(rule)))
    if not reason:
        hint = f"Write --ignore {rule}=REASON"
        raise InputError(InputProblem(f"{rule} is ignored without a reason", hint=hint))
    return rule, reason


def read_calls_of(sources: tuple[str, ...], running: Deadline) -> list[Call]:
    """The calls that these files ask for, in order. InputError for one that declares a deployment."""
    from icplan.inputs.calls import calls_of
    from icplan.inputs.command_line_files import declares_deployment

    calls: list[Call] = []
    for source in sources:
        running.now(f"reading {source}")
        if declares_deployment(source):
            message = "is no request, and what it comes to hangs on parameters and on what runs"
            hint = "A verdict of it can be held against --snapshot; else judge it anew: icplan check"
            raise InputError(InputProblem(message, file=source, hint=hint))
        calls += calls_of(source)
    return calls


def parameter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that reads templates."""
    for option in (
        click.option(
            "--parameter-file",
            "parameter_files",
            multiple=True,
            metavar="FILE",
            help="Parameters from a file.",
        ),
        click.option(
            "--parameter",
            "parameters",
            multiple=True,
            metavar="NAME=VALUE",
            help="A parameter of the templates. May be repeated.",
        ),
    ):
        command = option(command)
    return command


def given_parameters(options: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of templates by name; those of the command line win over those of files."""
    from icplan.inputs.parameter_files import parameter, parameter_file

    found = {k: v for file in options["parameter_files"] for k, v in parameter_file(file).items()}
    return found | dict(map(parameter, options["parameters"]))
