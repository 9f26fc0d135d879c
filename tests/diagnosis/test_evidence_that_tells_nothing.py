"""What is no evidence on a write is refused, and not silently left out: another component, a later time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, scale, snapshot, update
from support.histories import NAME, moment, rolling, stamped

import icplan
from icplan.cli.main import main
from icplan.verdict.codec import to_dict

if TYPE_CHECKING:
    from pathlib import Path

BOTH = snapshot(GPU4, 3, component(NAME, 2, 1), component("bge", 1, 1), scaling=(1, 3))
BEFORE = stamped(BOTH, 0)
HUNG = stamped(BEFORE, 60, InferenceComponentStatus="Updating", LastDeploymentConfig=rolling(1))
FLEET = {
    "Operation": "UpdateEndpointWeightsAndCapacities",
    "Request": {
        "EndpointName": "prod",
        "DesiredWeightsAndCapacities": [{"VariantName": "AllTraffic", "DesiredWeight": 1}],
    },
}


def test_a_verdict_of_another_component() -> None:
    verdict = icplan.check(scale(NAME, 3), BEFORE)
    with pytest.raises(icplan.InputError, match="the verdict is of chat, not of 'bge'"):
        icplan.diagnose(HUNG, "bge", verdict=verdict)
    assert icplan.diagnose(HUNG, NAME, verdict=verdict).worst.name == NAME
    assert icplan.diagnose(HUNG, verdict=verdict).worst.name == NAME


def test_a_verdict_of_no_component() -> None:
    verdict = icplan.check(FLEET, BEFORE)
    for name in (NAME, None):
        with pytest.raises(icplan.InputError, match="the verdict is of no inference component, but of prod"):
            icplan.diagnose(HUNG, name, verdict=verdict)


@given(st.integers(-90, 90), st.sampled_from(["verdict", "before"]))
def test_evidence_of_a_later_time(minutes: int, kind: str) -> None:
    """Five minutes are left to clocks that differ."""
    earlier = BEFORE | {"TakenAt": moment(60 + minutes)}
    evidence: dict[str, Any] = {"before": earlier}
    if kind == "verdict":
        evidence = {"verdict": icplan.check(update(NAME, 1), earlier)}
    if minutes <= 5:
        icplan.diagnose(HUNG, NAME, **evidence)
        return
    with pytest.raises(icplan.InputError, match="which is later than the snapshot to diagnose"):
        icplan.diagnose(HUNG, NAME, **evidence)


def test_a_time_that_is_not_told_is_no_later_one() -> None:
    taken = {name: value for name, value in HUNG.items() if name != "TakenAt"}
    verdict = icplan.check(update(NAME, 1), BEFORE | {"TakenAt": moment(90)})
    assert icplan.diagnose(taken, NAME, verdict=verdict).worst.name == NAME


def test_the_command_line_says_so_in_one_line(tmp_path: Path) -> None:
    later = icplan.check(update(NAME, 1), BEFORE | {"TakenAt": moment(90)})
    files = {"hung": HUNG, "other": to_dict(icplan.check(scale(NAME, 3), BEFORE)), "later": to_dict(later)}
    for name, value in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    for component_name, verdict in (("bge", "other"), (NAME, "later")):
        arguments = [component_name, "--snapshot", f"{tmp_path}/hung.json", "--no-config"]
        done = CliRunner().invoke(main, ["diagnose", *arguments, "--verdict", f"{tmp_path}/{verdict}.json"])
        said = [line for line in done.stderr.splitlines() if "the verdict" in line]
        assert (done.exit_code, done.stdout, len(said)) == (2, "", 1)
