"""An update that has room, and cannot end in time: said first, and what a pipeline may fail by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.endpoints import GPU4, component, snapshot, update

from icplan.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

LATE = ", but cannot end in time"


def checked(
    folder: Path, copies: int, batch: int, wait: int, limit: int | None, *options: str
) -> tuple[int, str]:
    """The exit code and the report of an update in batches, on instances that have room for all."""
    runs = snapshot(GPU4, 2, component("chat", copies, 1))
    change = update("chat", batch)
    policy = change["DeploymentConfig"]["RollingUpdatePolicy"]
    policy["WaitIntervalInSeconds"] = wait
    if limit is not None:
        policy["MaximumExecutionTimeoutInSeconds"] = limit
    (folder / "change.json").write_text(json.dumps(change))
    (folder / "endpoint.json").write_text(json.dumps(runs))
    files = [str(folder / "change.json"), "--snapshot", str(folder / "endpoint.json"), "--no-config"]
    done = CliRunner().invoke(main, ["check", *files, *options])
    return done.exit_code, done.stdout


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(2, 4), st.integers(1, 2), st.integers(0, 900), st.none() | st.integers(600, 1800))
def test_waits_that_outlast_the_limit_are_the_first_that_is_said(
    tmp_path: Path, copies: int, batch: int, wait: int, limit: int | None
) -> None:
    late = limit is not None and -(-copies // batch) * wait > limit
    code, text = checked(tmp_path, copies, batch, wait, limit)
    assert (code, text.startswith(f"FITS{LATE if late else ''}: update chat")) == (0, True)
    code, _ = checked(tmp_path, copies, batch, wait, limit, "--fail-on", "update")
    assert code == int(late)


@pytest.mark.parametrize("form", ["markdown", "html", "junit", "github"])
def test_every_report_says_so(tmp_path: Path, form: str) -> None:
    code, text = checked(tmp_path, 3, 1, 300, 600, "--format", form, "--fail-on", "update")
    assert (code, "cannot end in time" in text) == (1, True)


def test_to_ignore_the_rule_changes_no_exit_code(tmp_path: Path) -> None:
    """As of any other rule: what is left out is the finding."""
    config = tmp_path / "icplan.toml"
    config.write_text('[ignore]\nICP137 = "known"\n')
    change, runs = update("chat", 1), snapshot(GPU4, 2, component("chat", 3, 1))
    limits = {"WaitIntervalInSeconds": 300, "MaximumExecutionTimeoutInSeconds": 600}
    change["DeploymentConfig"]["RollingUpdatePolicy"] |= limits
    (tmp_path / "change.json").write_text(json.dumps(change))
    (tmp_path / "endpoint.json").write_text(json.dumps(runs))
    files = [str(tmp_path / "change.json"), "--snapshot", str(tmp_path / "endpoint.json")]
    done = CliRunner().invoke(main, ["check", *files, "--config", str(config), "--fail-on", "update"])
    assert (done.exit_code, done.stdout.startswith(f"FITS{LATE}")) == (1, True)
    assert "warning ICP137" not in done.stdout
