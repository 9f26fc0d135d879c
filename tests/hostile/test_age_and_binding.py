"""A snapshot is evidence with an age, and a verdict is bound to what it judged."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hostile import CASES, GPU4, check, run, write
from hypothesis import given, settings
from hypothesis import strategies as st
from processor_time import timed
from support.endpoints import component, create, scale, snapshot, update

import icplan
from icplan.verdict.codec import to_dict
from icplan.verify import Result, verify


def taken(age: dt.timedelta, **more: Any) -> dict[str, Any]:
    moment = (dt.datetime.now(dt.UTC) - age).strftime("%Y-%m-%dT%H:%M:%SZ")
    return snapshot(GPU4, 2, component("ic", 2, 3), scaling=(1, 3), TakenAt=moment, **more)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, snapshot=taken(dt.timedelta(hours=2)), change=scale("ic", 3), fails=scale("ic", 4))
    write(tmp_path, doubt=create("new", 2, 1, 100_000))


@pytest.mark.parametrize(
    ("change", "options", "code", "by"),
    [
        ("change", ("--max-age", "3h"), 0, []),
        ("change", ("--max-age", "1h"), 3, ["max-age"]),
        ("change", ("--max-age", "1h", "--fail-on", "does-not-fit"), 3, ["max-age"]),
        ("change", ("--max-age", "1h", "--fail-on", "scale-out"), 1, ["scale-out"]),
        ("fails", ("--max-age", "1h"), 1, []),
        ("doubt", ("--max-age", "1h"), 3, []),
        ("doubt", ("--max-age", "1h", "--fail-on", "does-not-fit"), 3, ["max-age"]),
        ("doubt", ("--max-age", "1h", "--strict", "--no-config"), 2, None),
    ],
)
def test_what_is_too_old_does_not_pass(change: str, options: tuple[str, ...], code: int, by: Any) -> None:
    """Whatever --fail-on says; 1 and 2 stay."""
    result = check(*options, "--format", "json", change=f"{change}.json")
    assert result.exit_code == code
    if by is not None:
        assert json.loads(result.stdout)["FailedOn"] == by
    if by == ["max-age"]:
        assert "fails here: --max-age" in check(*options, change=f"{change}.json").stdout


def test_a_snapshot_without_a_time_is_said_and_is_too_old() -> None:
    """Its age cannot be told."""
    write(Path(), snapshot=snapshot(GPU4, 2, component("ic", 2, 3), scaling=(1, 3)))
    assert "does not say when it was taken" in check().stdout
    assert (check().exit_code, check("--max-age", "9999d").exit_code) == (0, 3)


def test_a_time_to_come_is_refused() -> None:
    """With its place; clocks may differ by some minutes."""
    write(Path(), snapshot=taken(-dt.timedelta(hours=1)))
    result = check()
    assert result.exit_code == 2
    assert "$.TakenAt: is in the future" in result.stderr
    write(Path(), snapshot=taken(-dt.timedelta(minutes=2)))
    assert check().exit_code == 0


@pytest.mark.parametrize("text", ["1", "h", "-1h", "1.5h", "1w", "\u0661h", ""])
def test_what_is_no_age_is_refused(text: str) -> None:
    """At once, by the option's name."""
    result = check("--max-age", text)
    assert result.exit_code == 2
    assert "--max-age" in result.stderr


def test_yaml_and_json_of_one_request_have_one_hash() -> None:
    """Canonical JSON, of what was read."""
    Path("change.yaml").write_text(
        "DesiredRuntimeConfig:\n  CopyCount: 3 # three\nInferenceComponentName: ic\n"
    )
    Path("same.json").write_text('{"DesiredRuntimeConfig":{"CopyCount":3},"InferenceComponentName":"ic"}')
    first, second = (
        json.loads(check("--format", "json", change=name).stdout)["Judged"]
        for name in ("change.yaml", "same.json")
    )
    assert first == second


def test_the_fingerprint_leaves_out_the_time_and_the_notes() -> None:
    """The hash of the whole does not."""
    one, two = taken(dt.timedelta(hours=1)), taken(dt.timedelta(hours=2), Notes=["a note"])
    first, second = map(icplan.Snapshot.from_dict, (one, two))
    assert first.fingerprint == second.fingerprint
    assert first.sha256 != second.sha256


def verified(*options: str) -> tuple[int, str]:
    result = run("verify", "verdict.json", *options)
    return result.exit_code, result.output


def test_a_verdict_is_about_the_files_it_judged() -> None:
    """Another change or snapshot is told; one taken anew that says the same is as good."""
    check("--format", "json", "-o", "verdict.json")
    both = ("--change", "change.json", "--snapshot", "snapshot.json")
    assert verified(*both)[0] == 0
    write(Path(), snapshot=taken(dt.timedelta(minutes=1)))
    assert verified(*both)[0] == 0
    assert verified("--change", "fails.json")[0] == 1
    write(Path(), other=taken(dt.timedelta(minutes=1), Region="eu-west-1"))
    code, said = verified("--snapshot", "other.json")
    assert (code, "the verdict judged another snapshot" in said) == (1, True)


def test_a_deployment_is_not_held_against_a_verdict_as_a_request_is() -> None:
    """What it comes to is in no file, which is said, with what can be done."""
    check("--format", "json", "-o", "verdict.json")
    template = {"Resources": {"New": {"Type": "AWS::SageMaker::InferenceComponent", "Properties": {}}}}
    write(Path(), template=template)
    for name in ("template.json", "."):
        code, said = verified("--change", name)
        assert (code, "icplan check" in said, "hangs on parameters" in said) == (2, True, True), said


def test_an_outcome_can_be_required() -> None:
    """That or a better one; none by default."""
    check("--format", "json", "-o", "verdict.json")
    codes = {
        outcome: verified("--require", outcome)[0] for outcome in ("fits", "fits-after-scale-out", "invalid")
    }
    assert codes == {"fits": 1, "fits-after-scale-out": 0, "invalid": 0}
    check("--format", "json", "-o", "verdict.json", change="fails.json")
    assert (verified()[0], verified("--require", "fits-after-scale-out")[0]) == (0, 1)


def test_a_verdict_has_an_age() -> None:
    """That of the snapshot it speaks of, or of the one that is given."""
    check("--format", "json", "-o", "verdict.json")
    assert (verified("--max-age", "3h")[0], verified("--max-age", "1h")[0]) == (0, 3)
    write(Path(), snapshot=taken(dt.timedelta(minutes=1)))
    assert verified("--max-age", "1h", "--snapshot", "snapshot.json")[0] == 0


def test_what_an_older_icplan_wrote_is_without_evidence() -> None:
    """It does not say what it judged."""
    check("--format", "json", "-o", "verdict.json")
    old = json.loads(Path("verdict.json").read_text())
    del old["Judged"]
    write(Path(), verdict=old)
    assert (verified()[0], verified("--change", "change.json")[0]) == (0, 3)


VERDICT = ("--format", "json", "-o", "verdict.json", "--time-limit", "12")


@pytest.mark.slow
def test_a_proof_that_is_long_to_check_is_without_evidence_in_time() -> None:
    """It is not rejected: it is checked in time, or told to be without evidence."""
    case = CASES / "verify" / "ver2556"
    made = run("check", f"{case}_change.json", "--snapshot", f"{case}_snap.json", *VERDICT)
    assert made.exit_code in (0, 1, 3)
    ran = timed("verify", "verdict.json", "--time-limit", "12")
    assert "rejected" not in ran.stdout
    assert (ran.code, "without evidence" in ran.stdout) in ((0, False), (3, True))
    assert ran.seconds <= 12 + 3


def test_an_endpoint_with_a_type_twice_is_refused() -> None:
    """Its verdict could not be verified: instances go by their type."""
    case = CASES / "verify" / "verify_rejects_own"
    result = run("check", f"{case}_change.json", "--snapshot", f"{case}_snap.json")
    assert (result.exit_code, "this instance type is already there" in result.stderr) == (2, True)


counts = st.integers(0, 4)
odd_component = st.builds(
    lambda n, count, gpus, status, current: component(
        f"c{n}",
        count,
        gpus,
        InferenceComponentStatus=status,
        RuntimeConfig={"DesiredCopyCount": count, "CurrentCopyCount": current},
    ),
    counts,
    counts,
    counts,
    st.sampled_from(["InService", "Updating", "Creating", "Deleting", "Failed"]),
    counts,
)


@pytest.mark.slow
@settings(max_examples=20)
@given(
    st.lists(odd_component, max_size=4, unique_by=lambda one: one["InferenceComponentName"]),
    counts,
    st.data(),
)
def test_no_verdict_that_icplan_writes_is_rejected(
    components: list[dict[str, Any]], instances: int, data: st.DataObject
) -> None:
    """Whatever odd snapshot it is about."""
    endpoint = snapshot(GPU4, instances, *components, scaling=data.draw(st.sampled_from([None, (0, 9)])))
    names = [one["InferenceComponentName"] for one in components] or ["new"]
    name = data.draw(st.sampled_from(names))
    change = data.draw(
        st.sampled_from([scale(name, 2), update(name, 1), update(name, 1, 1), create("new", 2, 2)])
    )
    try:
        verdict = icplan.check(change, endpoint, time_limit=20)
    except icplan.InputError:
        return
    results = verify(json.loads(json.dumps(to_dict(verdict))))
    assert Result.REJECTED not in {checked.result for checked in results}
