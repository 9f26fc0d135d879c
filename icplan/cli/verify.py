"""`icplan verify`: re-check a verdict or a plan without the solver."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from icplan.cli.command_group import debug_option, say_lines, time_limited, warn
from icplan.cli.options import max_age_option, read_calls_of, time_limit_option, too_old
from icplan.cli.snapshot_source import load_snapshot
from icplan.values import frozen
from icplan.verdict.gate import ExitCode
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from icplan.cli.deadline import Deadline
    from icplan.documents.document import Document
    from icplan.verify.result import Checked


# A command imports what it runs, so that none pays for another's rooms.
# Click reads the \b in a docstring as "do not rewrap".
# ruff: noqa: D301, PLC0415

#: What proofs may take of the time that is left: what was found must still be said.
SHARE = 0.7


@click.command()
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
@click.option(
    "--config",
    metavar="FILE",
    help="With --require: the settings that a verdict may rest on. Others that loosen are without evidence.",
)
@max_age_option
@time_limit_option
@debug_option
def verify(verdict: str, changes: tuple[str, ...], **options: Any) -> None:
    """Re-check each placement and proof of a VERDICT file, plan, headroom or drill, without the solver.

    The file holds one verdict, or those of several questions (icplan check --format json), or what icplan
    plan, icplan headroom or icplan drill wrote as JSON.

    \b
    Exits with
      0  everything is verified
      1  some evidence does not prove what the verdict says, it judged
         another change or snapshot, or its outcome is worse than required
      2  icplan could not do its job
      3  nothing is wrong, but something is without evidence, or is too old
    """
    from icplan.documents.document import read_document
    from icplan.verify.fleet_plan import PLAN

    with time_limited(options["time_limit"]) as running:
        running.now(f"reading {verdict}")
        document = read_document(verdict)
        if isinstance(document.value, dict) and PLAN in document.value:
            _refuse_claims(changes, options)
            checked = _verified_plan(document, running)
        else:
            checked = _verified(document, changes, options, running)
        running.write()
        for one in checked.results:
            say_lines(_line(one))
        if checked.unproven:
            say_lines(f"beside the plan, told without evidence: {', '.join(checked.unproven)}")
    if checked.old:
        warn(f"{document.file} speaks of a snapshot past --max-age, or of unknown age")
    sys.exit(checked.exit_code)


@frozen
class _Verified:
    """What came of a file: its results, what a plan tells ``unproven`` beside them, and whether it is old."""

    results: Sequence[Checked]
    unproven: tuple[str, ...] = ()
    old: bool = False

    @property
    def exit_code(self) -> ExitCode:
        from icplan.verify.result import Result

        found = {one.result for one in self.results}
        if Result.REJECTED in found:
            return ExitCode.FAILS
        return ExitCode.UNCERTAIN if self.old or Result.UNPROVEN in found else ExitCode.OK


def _verified_plan(document: Document, running: Deadline) -> _Verified:
    from icplan.verify.fleet_comparison import told_alone
    from icplan.verify.fleet_plan import verify_plan

    running.now(f"verifying {document.file}")
    results = verify_plan(document.value, document.file, SHARE * running.left)
    return _Verified(results, told_alone(document.value))


def _verified(
    document: Document, changes: tuple[str, ...], options: dict[str, Any], running: Deadline
) -> _Verified:
    """What came of a verdict, or of several, held against the files that it is said to have judged."""
    from icplan.judge.hashes import changes_sha256, packaged_catalog
    from icplan.verify.binding import Claims
    from icplan.verify.verdict_file import verify_file

    file, required = options["snapshot_file"], options["require"]
    wanted = read_calls_of(changes, running)
    snapshot = None if file is None else load_snapshot(file, running)
    claims = Claims(
        changes=changes_sha256(wanted) if wanted else None,
        snapshot=None if snapshot is None else (snapshot.sha256, snapshot.fingerprint),
        required=None if required is None else Outcome(required),
        facts=packaged_catalog() if required else None,
        settings=_settings_of(options["config"]),
    )
    running.now(f"verifying {document.file}")
    verdicts = verify_file(document.value, document.file, claims, SHARE * running.left)
    taken = [one.taken_at if snapshot is None else snapshot.taken_at for one in verdicts]
    return _Verified(
        [checked for one in verdicts for checked in one.results],
        old=any(too_old(one, options["max_age"]) for one in taken),
    )


def _settings_of(file: str | None) -> frozenset[tuple[str, str]]:
    """The settings of a configuration that is trusted, as a verdict tells them; none without one."""
    if file is None:
        return frozenset()
    from icplan.judge.config import Config, GivenSettings
    from icplan.judge.settings_in_force import SECONDS

    settings = Config.find(file).settings(GivenSettings(), SECONDS)
    return frozenset((one.setting, one.value) for one in settings.config.settings)


def _line(checked: Checked) -> str:
    """``verified: chat: final: fits``; what is of no component, or has no outcome, is said without."""
    told = (checked.result, "" if checked.component == "-" else checked.component, checked.phase)
    reason = f" ({checked.reason})" if checked.reason else ""
    return ": ".join(part for part in (*told, checked.outcome) if part) + reason


def _refuse_claims(changes: tuple[str, ...], options: dict[str, Any]) -> None:
    """Refuse to hold a plan against what it does not judge."""
    given = [
        ("--change", changes),
        *((f"--{one.replace('_', '-')}", options[one]) for one in ("require", "max_age", "config")),
    ]
    for name, value in (*given, ("--snapshot", options["snapshot_file"])):
        if value:
            raise click.UsageError(f"{name} goes with a verdict, not with a plan")
