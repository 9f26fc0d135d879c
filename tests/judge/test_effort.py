"""Effort: the same work and answer everywhere; where it ends, what is open is undecided, and no more."""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess
import sys
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from support.endpoints import component, create, scale, snapshot, update

import icplan
from icplan.cli.main import main
from icplan.judge import settings as judge_settings
from icplan.packing import Budget
from icplan.verdict.codec import to_dict

TYPE = "ml.g5.12xlarge"
ENDPOINT = snapshot(
    TYPE,
    3,
    component("chat", 4, 1, 20_000, cpu=4),
    component("embed", 2, 0, 30_000, cpu=2),
    component("rerank", 2, 2, 42_000),
    scaling=(1, 4),
)
CHANGES = [update("chat", 2, 2), create("new", 2, 1, 90_000), scale("rerank", 3), create("new", 20, 1, 8_000)]
PROCESS = """
import json, sys, time
endpoint, changes, effort, speed = json.load(sys.stdin)
# On a busy machine more time passes while the same work is done.
monotonic = time.monotonic
time.monotonic = lambda: speed * monotonic()
import icplan
from icplan.verdict.codec import to_dict
found = [icplan.check(change, endpoint, effort=effort, time_limit=10**6) for change in changes]
print(json.dumps([to_dict(one) for one in found]))
"""


@cache
def whole(which: int) -> icplan.Verdict:
    """What is decided with no end of effort, and the units that takes."""
    return icplan.check(CHANGES[which], ENDPOINT, effort=math.inf)


def told(verdict: icplan.Verdict) -> list[Any]:
    return [verdict.outcome, *(change.rollback_outcome for change in verdict.changes)]


def elsewhere(seed: str, effort: int, speed: int) -> list[dict[str, Any]]:
    """What another process says, with another seed for its hashes, and while so much more time passes."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    asked = json.dumps([ENDPOINT, CHANGES, effort, speed])
    ran = subprocess.run(
        [sys.executable, "-P", "-c", PROCESS], input=asked, capture_output=True, text=True, check=True,
        env=environment,
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("effort", [30_000, 20_000_000])
def test_another_process_under_load_says_the_same_with_the_same_units(effort: int) -> None:
    first, second = elsewhere("1", effort, 1), elsewhere("20261128", effort, 1_000)
    here = [to_dict(icplan.check(change, ENDPOINT, effort=effort, time_limit=10**6)) for change in CHANGES]
    assert first == second == json.loads(json.dumps(here))
    assert all(one["Units"] > 0 for one in here)


@pytest.mark.slow
@given(st.sampled_from(range(len(CHANGES))), st.floats(0, 1.2), st.floats(0, 1.2))
@example(0, 0.0, 1.2)
def test_more_effort_makes_no_other_answer_of_what_was_decided(which: int, one: float, two: float) -> None:
    all_of_it = whole(which)
    assert all_of_it.units is not None
    less, more = (max(1, int(share * all_of_it.units)) for share in sorted((one, two)))
    few, many = (icplan.check(CHANGES[which], ENDPOINT, effort=units) for units in (less, more))
    assert (few.units or 0) <= less
    for before, after, last in zip(told(few), told(many), told(all_of_it), strict=False):
        assert before in ("undecided", None, after)
        assert after in ("undecided", None, last)


@pytest.mark.slow
@given(st.sampled_from(range(len(CHANGES))), st.integers(1, 400))
def test_whenever_the_clock_runs_out_the_answer_is_the_same_or_undecided(which: int, looks: int) -> None:
    ticks = itertools.count()
    timed = partial(Budget, clock=lambda: float(next(ticks) > looks))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge_settings, "Budget", timed)
        verdict = icplan.check(CHANGES[which], ENDPOINT, time_limit=0.5)
    for found, last in zip(told(verdict), told(whole(which)), strict=False):
        assert found in ("undecided", None, last)


@pytest.mark.no_cover  # to trace it takes thrice as long as it does
@pytest.mark.parametrize("which", range(len(CHANGES)))
def test_the_clock_is_looked_at_often_enough(which: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So often that what is done between two looks takes no half a second anywhere."""
    budgets: list[Budget] = []
    looked = [0]

    def clock() -> float:
        looked.append(sum(budget.spent for budget in budgets))
        return 0.0

    def budget(seconds: float, **more: Any) -> Budget:
        budgets.append(Budget(seconds, clock, **more))
        return budgets[-1]

    monkeypatch.setattr(judge_settings, "Budget", budget)
    assert icplan.check(CHANGES[which], ENDPOINT, time_limit=60).outcome == whole(which).outcome
    assert max(after - before for before, after in itertools.pairwise(looked)) <= 100_000


def test_what_ended_is_named_with_what_to_raise() -> None:
    few = icplan.check(CHANGES[0], ENDPOINT, effort=9_000)
    assert few.outcome == "undecided"
    assert few.units == 9_000
    (finding,) = (one for one in few.findings if one.rule == "ICP309")
    assert "--effort" in finding.message
    assert "--time-limit" not in finding.message


WRONG = (0, -1, 1.5, 10**12 + 1, True, "x", math.nan)


@pytest.mark.parametrize("effort", WRONG)
def test_what_is_no_effort_is_refused_in_python(effort: Any) -> None:
    with pytest.raises(icplan.InputError, match="units of work"):
        icplan.check(CHANGES[0], ENDPOINT, effort=effort)
    with pytest.raises(icplan.InputError, match="units of work"):
        judge_settings.Settings(effort=effort)


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("change.json").write_text(json.dumps(CHANGES[0]))
    Path("snapshot.json").write_text(json.dumps(ENDPOINT))


def checked(*more: str) -> Any:
    return CliRunner().invoke(main, ["check", "change.json", "--snapshot", "snapshot.json", *more])


@pytest.mark.usefixtures("_folder")
def test_on_the_command_line_and_in_its_settings() -> None:
    ended = checked("--effort", "9000")
    assert (ended.exit_code, "--effort" in ended.stdout) == (3, True)
    assert json.loads(checked("--effort", "9000", "--format", "json").stdout)["Units"] == 9_000
    Path("icplan.toml").write_text("effort = 9_000\n")
    by_file = json.loads(checked("--format", "json").stdout)
    assert by_file["Units"] == 9_000
    (setting,) = by_file["Config"]["InForce"]
    assert (setting["Setting"], setting["Value"], setting["Loosens"]) == ("effort", "9000", True)
    assert json.loads(checked("--format", "json", "--effort", "20000000").stdout)["Units"] > 9_000
    Path("icplan.toml").write_text("effort = 0\n")
    refused = checked()
    assert (refused.exit_code, "icplan.toml: effort" in refused.stderr) == (2, True)
    assert checked("--effort", "0").exit_code == 2


@pytest.mark.usefixtures("_folder")
def test_the_whole_report_tells_the_units() -> None:
    units = json.loads(checked("--format", "json").stdout)["Units"]
    assert f"work: {units} units" in checked("--verbose").stdout
    assert "units" not in checked().stdout


def test_the_default_is_told() -> None:
    help_text = CliRunner().invoke(main, ["check", "--help"]).stdout
    assert f"[default: {judge_settings.EFFORT};" in " ".join(help_text.split())
