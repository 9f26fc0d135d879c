"""The doors to a diagnosis: command line, JSON, text, and what `check` says of a blocked change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given
from support.endpoints import GPU4, component, scale, snapshot, update
from support.histories import NAME, Replay, moment, replays, rolling, stamped

import icplan
from icplan.cli.main import main
from icplan.diagnosis.codec import to_dict
from icplan.report.diagnosis_text import render_diagnosis
from icplan.verdict.codec import to_dict as verdict_to_dict
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from click.testing import Result as Done

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = json.loads((DOCS / "diagnosis.schema.json").read_text())
VERDICT_SCHEMA = json.loads((DOCS / "verdict.schema.json").read_text())
BEFORE = stamped(snapshot(GPU4, 3, component(NAME, 3, 3), scaling=(1, 3)), 0)
HUNG = stamped(BEFORE, 60, InferenceComponentStatus="Updating", LastDeploymentConfig=rolling(1, 1))


def run(*arguments: str) -> Done:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, **files: Any) -> None:
    for name, value in files.items():
        (folder / f"{name}.json").write_text(json.dumps(value))


@given(replays())
def test_what_is_written_follows_the_schema(replay: Replay) -> None:
    """And the text holds what the JSON says."""
    verdict = icplan.check(replay.change, replay.before)
    for evidence in ({"verdict": verdict}, {"before": replay.before}):
        found = icplan.diagnose(replay.after, **evidence)
        told = json.loads(json.dumps(to_dict(found)))
        jsonschema.Draft202012Validator(SCHEMA).validate(told)
        text = " ".join(render_diagnosis(found).split())
        for one in found.situations:
            for statement in (*one.causes, *one.next, *one.can, *one.must_not):
                assert statement.message in text


def test_the_command_line(folder: Path) -> None:
    verdict = verdict_to_dict(icplan.check(update(NAME, 1), BEFORE))
    after = stamped(BEFORE, 90, FailureReason="no room")
    write(folder, hung=HUNG, before=BEFORE, after=after, verdict=verdict)
    done = run("diagnose", NAME, "--snapshot", "hung.json")
    assert done.exit_code == 3
    assert done.stdout.startswith("STUCK: update of chat on prod; Updating for 5 min; 0 of 3 copies are new")
    told = run("diagnose", "--snapshot", "hung.json", "--format", "json", "-o", "out.json")
    assert (told.exit_code, told.stdout) == (3, "")
    written = json.loads((folder / "out.json").read_text())
    jsonschema.Draft202012Validator(SCHEMA).validate(written)
    assert (written["State"], written["Ended"]) == ("stuck", None)
    rolled = run("diagnose", NAME, "--snapshot", "after.json", "--verdict", "verdict.json")
    assert rolled.exit_code == 1
    assert rolled.stdout.startswith("ROLLED BACK: update of chat on prod")
    assert 'FailureReason: "no room"' in rolled.stdout
    assert run("diagnose", NAME, "--snapshot", "after.json", "--before", "before.json").exit_code == 1
    assert run("diagnose", NAME, "--snapshot", "before.json").exit_code == 0
    old = run("diagnose", NAME, "--snapshot", "before.json", "--max-age", "1m")
    assert old.exit_code == 3


@pytest.mark.parametrize(
    "arguments",
    [
        (NAME,),
        ("none", "--snapshot", "hung.json"),
        (NAME, "--snapshot", "hung.json", "--verdict", "hung.json"),
        (NAME, "--snapshot", "hung.json", "--verdict", "v.json", "--before", "hung.json"),
        (NAME, "--snapshot", "-", "--before", "-"),
        (NAME, "--snapshot", "hung.json", "-o", "hung.json"),
        (NAME, "--snapshot", "missing.json"),
    ],
)
def test_what_cannot_be_answered_is_exit_code_2(folder: Path, arguments: tuple[str, ...]) -> None:
    write(folder, hung=HUNG, v={"IcplanVerdict": 1})
    done = run("diagnose", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_strict_takes_no_evidence_from_the_checkout(folder: Path) -> None:
    (folder / ".git").mkdir()
    write(folder, hung=HUNG, before=BEFORE)
    outside = folder.parent / "outside.json"
    outside.write_text(json.dumps(HUNG))
    done = run("diagnose", "--snapshot", str(outside), "--before", "before.json", "--strict", "--no-config")
    assert done.exit_code == 2
    assert "takes no evidence from the working tree" in done.stderr


def test_a_time_that_is_not_told(folder: Path) -> None:
    taken = {name: value for name, value in HUNG.items() if name != "TakenAt"}
    write(folder, hung=taken)
    done = run("diagnose", "--snapshot", "hung.json")
    assert "does not say when it was taken" in done.stdout


def test_a_blocked_change_carries_the_first_lines(folder: Path) -> None:
    """And is judged as if at rest: here it fits then."""
    taken = snapshot(GPU4, 2, component(NAME, 2, 1), component("rank", 1, 1))
    moving = stamped(taken, 60, InferenceComponentStatus="Updating")
    verdict = icplan.check(scale(NAME, 3), moving)
    (change,) = verdict.changes
    assert (change.outcome, change.at_rest and change.at_rest.outcome) == ("blocked", "fits")
    assert change.diagnosis[0].startswith("GOING ON: update of chat")
    told = json.loads(json.dumps(verdict_to_dict(verdict)))
    jsonschema.Draft202012Validator(VERDICT_SCHEMA).validate(told)
    assert told["Changes"][0]["AtRest"] == {"Outcome": "fits", "RollbackOutcome": None}
    assert Result.REJECTED not in {one.result for one in verify(told)}
    write(folder, hung=moving, change=scale(NAME, 3))
    done = run("check", "change.json", "--snapshot", "hung.json")
    assert done.exit_code == 1
    assert "GOING ON: update of chat" in done.stdout
    assert "ended as it was asked for: fits" in " ".join(done.stdout.split())


@pytest.mark.parametrize("status", ["Failed", "Deleting"])
def test_what_will_not_be_in_service_again_is_not_waited_for(status: str) -> None:
    taken = snapshot(GPU4, 2, component(NAME, 2, 1))
    taken["Endpoint"]["EndpointStatus"] = status
    (change,) = icplan.check(scale(NAME, 3), taken).changes
    assert change.outcome == "blocked"
    assert "until it is InService" not in change.findings[0].message
    assert ("you can delete it and create it anew: nothing else is taken" in change.diagnosis) == (
        status == "Failed"
    )


def test_a_change_of_a_failed_component_tells_what_can_be_done() -> None:
    taken = snapshot(GPU4, 2, component(NAME, 2, 3, InferenceComponentStatus="Failed"))
    (change,) = icplan.check(scale(NAME, 3), taken).changes
    assert change.outcome == "blocked"
    assert any("delete it and create it anew" in line for line in change.diagnosis)


@pytest.mark.parametrize("status", ["OutOfService", "Deleting", "Failed", "UpdateRollbackFailed"])
def test_every_state_of_an_endpoint_has_a_next_step(status: str) -> None:
    taken = snapshot(GPU4, 2, component(NAME, 2, 1))
    taken["Endpoint"]["EndpointStatus"] = status
    (of_endpoint,) = (one for one in icplan.diagnose(taken).situations if one.name is None)
    assert of_endpoint.can


def test_an_endpoint_that_blocks(folder: Path) -> None:
    taken = snapshot(GPU4, 2, component(NAME, 2, 1))
    taken["Endpoint"]["EndpointStatus"] = "SystemUpdating"
    (change,) = icplan.check(update(NAME, 1), taken).changes
    assert change.outcome == "blocked"
    assert change.diagnosis[0] == "GOING ON: endpoint prod; SystemUpdating"
    assert change.at_rest is not None
    del folder


def test_what_is_not_blocked_carries_none() -> None:
    (change,) = icplan.check(update(NAME, 1), BEFORE).changes
    assert (change.at_rest, change.diagnosis) == (None, ())


def test_a_failed_endpoint_is_not_at_rest_ever() -> None:
    """Nothing is under way that could end."""
    taken = snapshot(GPU4, 2, component(NAME, 2, 1))
    taken["Endpoint"]["EndpointStatus"] = "Failed"
    (change,) = icplan.check(update(NAME, 1), taken).changes
    assert (change.outcome, change.at_rest) == ("blocked", None)
    assert change.diagnosis[0].startswith("FAILED: endpoint prod")


def test_the_moment_is_in_utc() -> None:
    assert moment(0) == "2026-11-20T02:00:00Z"
