"""An answer printed is its report; shown it is one line; and each tells what a command would exit with."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest
from support.endpoints import GPU4, component, scale, snapshot

import icplan
from icplan.diagnosis.following import End, Ending
from icplan.report.diagnosis_text import render_diagnosis, render_ending
from icplan.report.drill_text import render_drill
from icplan.report.formats import render
from icplan.report.headroom_text import render_headroom
from icplan.report.plan_text import render_plan
from icplan.verdict.gate import ExitCode
from icplan.verify import Result
from icplan.verify.fleet_plan import verify_plan
from icplan.verify.verdict_file import verify_file

RUNS = snapshot(GPU4, 2, component("chat", 2, 3), component("embed", 1, 1))
WANTED = {
    "InferenceComponentName": "chat",
    "EndpointName": "prod",
    "VariantName": "AllTraffic",
    "Specification": RUNS["InferenceComponents"][0]["Specification"],
    "RuntimeConfig": {"CopyCount": 2},
}
ANSWERS: dict[str, Any] = {
    "Verdict": (icplan.check(scale("chat", 3), RUNS), lambda verdict: render(verdict, "text")),
    "Diagnosis": (icplan.diagnose(RUNS), render_diagnosis),
    "Ending": (Ending("chat", End.DONE, "it is", 2.5, icplan.diagnose(RUNS, "chat").worst), render_ending),
    "Headroom": (icplan.headroom(RUNS), render_headroom),
    "Drill": (icplan.drill(RUNS), render_drill),
    "Plan": (icplan.plan([WANTED], by="instances", types=[GPU4]), render_plan),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_is_printed_as_its_report_and_shown_in_a_line(kind: str) -> None:
    answer, report = ANSWERS[kind]
    assert str(answer) == click.unstyle(report(answer)).rstrip("\n")
    shown = repr(answer)
    assert shown.startswith(f"{kind}(")
    assert len(shown) < 120
    assert "\n" not in shown
    assert isinstance(answer.exit_code, ExitCode)


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_as_data_is_what_the_commands_take(kind: str) -> None:
    """It is plain JSON, and its evidence holds."""
    answer, _ = ANSWERS[kind]
    data = answer.to_dict()
    assert json.loads(json.dumps(data)) == data
    if kind in ("Diagnosis", "Ending"):
        assert data[f"Icplan{kind}"] == 1
        return
    of_file = () if kind == "Plan" else verify_file(data)
    checked = [
        *(verify_plan(data) if kind == "Plan" else ()),
        *(one for each in of_file for one in each.results),
    ]
    assert Result.REJECTED not in {one.result for one in checked}
    assert any(one.result is Result.VERIFIED for one in checked)


@pytest.mark.parametrize(("copies", "code"), [(2, ExitCode.OK), (3, ExitCode.FAILS), (1, ExitCode.OK)])
def test_a_verdict_has_the_exit_code_of_a_check(copies: int, code: ExitCode) -> None:
    assert icplan.check(scale("chat", copies), RUNS).exit_code is code
