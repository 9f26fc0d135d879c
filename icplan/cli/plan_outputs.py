"""What `icplan plan` writes beside its report: the files that make the fleet, and the plot."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from icplan.cli.command_group import warn
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from icplan.documents.safe_text import SafeText
    from icplan.documents.write import Target
    from icplan.verdict.fleet_plan import Plan

# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415

_COMPONENTS = "components"


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of what is written beside the report."""
    for option in reversed(
        (
            click.option(
                "--write",
                "folder",
                metavar="DIR",
                help="Write the files that make the fleet: requests in their order, template.yaml "
                "(CloudFormation) and main.tf (Terraform).",
            ),
            click.option("--role", metavar="ARN", help="The execution role that these files name."),
            click.option("--plot", metavar="FILE", help="Write a plot of steady and peak costs (SVG)."),
        )
    ):
        command = option(command)
    return command


def refuse_role(options: dict[str, Any]) -> None:
    """Refuse a role that no file would name, and what is no role: AWS would tell of it only later."""
    if options["role"] is None:
        return
    from icplan.requests.endpoint_config import is_role

    if options["folder"] is None:
        raise click.UsageError("--role goes with --write")
    if not is_role(options["role"]):
        such = "arn:aws:iam::111122223333:role/NAME"
        raise click.UsageError(f"--role wants the ARN of an execution role such as {such}")


def plan_outputs(plan: Plan, options: dict[str, Any], inputs: Sequence[str]) -> dict[Target, SafeText]:
    """The texts to write, by their paths. Raises InputError where a path cannot be taken.

    What cannot be written of a plan is told on standard error.
    """
    from icplan.documents.write import refuse_outputs

    texts: dict[Target, SafeText] = {}
    if options["plot"] is not None:
        from icplan.report.plan_svg import plan_svg

        texts[options["plot"]] = plan_svg(plan)
    if options["folder"] is not None and plan.steady is None:
        warn(f"no file is written into {options['folder']}: there is no fleet")
    elif options["folder"] is not None:
        texts |= _files(plan, options["folder"], options["role"])
    refuse_outputs(texts, inputs)
    return texts


def _files(plan: Plan, folder: str, role: str | None) -> dict[Target, SafeText]:
    from icplan.report.plan_files import plan_files

    made, notes = plan_files(plan, role)
    texts: dict[Target, SafeText] = {str(Path(folder) / name): text for name, text in made.items()}
    _refuse_others(Path(folder) / _COMPONENTS, {Path(name).name for name in made})
    for note in notes:
        warn(note)
    return texts


def _refuse_others(folder: Path, mine: set[str]) -> None:
    """Refuse a folder with components of another plan: they would be taken for some of this one."""
    try:
        others = sorted(one.name for one in folder.iterdir() if one.name not in mine)
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        raise InputError(InputProblem(f"cannot be read: {error}", file=str(folder))) from None
    if others:
        hint = "Remove it, or write into another folder"
        raise InputError(
            InputProblem(f"holds {others[0]}, which is not of this plan", file=str(folder), hint=hint)
        )


def make_folders(paths: Iterable[Target], within: str | None) -> None:
    """The folders of ``--write``. Raises InputError that names the one that cannot be made.

    Of a plot elsewhere none is made: it may be a slip of the pen.
    """
    if within is None:
        return
    folders = dict.fromkeys(Path(path).parent for path in paths)
    for folder in (one for one in folders if one.is_relative_to(within)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or error
            raise InputError(InputProblem(f"cannot be made: {said}", file=str(folder))) from None


def with_written(report: SafeText, texts: Iterable[Target]) -> SafeText:
    """The report and what was written: ``written  plan/endpoint-config.json  plan/components/*.json``."""
    from icplan.documents.safe_text import SafeText, safe_text
    from icplan.report.style import paragraph

    shown = dict.fromkeys(_shortly(os.fspath(path)) for path in texts)
    if not shown:
        return report
    lines = paragraph(f"written  {'  '.join(shown)}", "", "         ")
    return SafeText(report + safe_text("\n" + "".join(f"{line}\n" for line in lines)))


def _shortly(path: str) -> str:
    lies_in = Path(path).parent
    return str(lies_in / "*.json" if lies_in.name == _COMPONENTS else Path(path))
