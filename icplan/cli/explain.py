"""`icplan explain [RULE]`: all rules, or the page of one."""

from __future__ import annotations

import click

from icplan.cli.command_group import debug_option
from icplan.cli.completion import rules
from icplan.documents.safe_text import safe_text
from icplan.documents.write import write_stdout
from icplan.errors import InputError, InputProblem

# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415


@click.command()
@click.argument("rule", shell_complete=rules, required=False)
@debug_option
def explain(rule: str | None) -> None:
    """List all rules, or print what a RULE such as ICP305 means, what it rests on and what to do."""
    from icplan.rules.pages import listing, page
    from icplan.rules.registry import RULES

    if rule is None:
        write_stdout(safe_text(listing()))
        return
    known = RULES.get(rule.upper()) or RULES.get(f"ICP{rule}")
    if known is None:
        first, *_, last = RULES
        hint = f"Rules are called {first} to {last}; a report names those that it is about"
        raise InputError(InputProblem(f"there is no rule {rule!r}", hint=hint))
    write_stdout(safe_text(page(known)))
