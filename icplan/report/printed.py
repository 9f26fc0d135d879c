"""The text report on whatever icplan answers with, as ``print`` shows it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

import click

from icplan.report.formats import render
from icplan.verdict.verdict import Verdict

if TYPE_CHECKING:
    from icplan.values import Answer

_RENDERERS: Final = {
    "Diagnosis": ("diagnosis_text", "render_diagnosis"),
    "Ending": ("diagnosis_text", "render_ending"),
    "Drill": ("drill_text", "render_drill"),
    "Headroom": ("headroom_text", "render_headroom"),
    "Plan": ("plan_text", "render_plan"),
}
"""By the kind of answer, the module here that words it, and what is called: one answer loads one."""


def printed(answer: Answer) -> str:
    """The report, as on the command line, without colour."""
    if isinstance(answer, Verdict):
        text = render(answer, "text")
    else:
        module, renderer = _RENDERERS[type(answer).__name__]
        text = getattr(importlib.import_module(f"icplan.report.{module}"), renderer)(answer)
    return click.unstyle(text).rstrip("\n")
