"""A baseline lets pass what is known while it gets no worse, and changes nothing but the exit code."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import component, scale, snapshot

from icplan.cli.main import main
from icplan.verdict.baseline import Baseline, KnownFinding, known_of
from icplan.verdict.change_verdict import ChangeVerdict
from icplan.verdict.finding import Amount, Finding, Severity
from icplan.verdict.gate import ExitCode, FailOn, Gate
from icplan.verdict.outcome import Outcome
from icplan.verdict.verdict import SnapshotIdentity, Verdict

if TYPE_CHECKING:
    from click.testing import Result

SCHEMA = json.loads((Path(__file__).parent.parent / "docs" / "verdict.schema.json").read_text())
ENTRY = {"Endpoint": "e", "Component": "c", "Rule": "ICP305"}
ENDPOINT = snapshot("ml.g5.12xlarge", 2, component("ic", 2, 3), scaling=(1, 2))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(change: Any, *options: str, runs: Any = ENDPOINT) -> Result:
    Path("change.json").write_text(json.dumps(change))
    Path("snapshot.json").write_text(json.dumps(runs))
    return CliRunner().invoke(main, ["check", "change.json", "--snapshot", "snapshot.json", *options])


def told(change: Any, *options: str, runs: Any = ENDPOINT) -> dict[str, Any]:
    verdict: dict[str, Any] = json.loads(run(change, *options, "--format", "json", runs=runs).stdout)
    jsonschema.validate(verdict, SCHEMA)
    return verdict


def test_what_is_known_passes_and_the_report_says_so() -> None:
    written = run(scale("ic", 4), "--write-baseline", "known.json")
    assert written.exit_code == ExitCode.FAILS
    passed = run(scale("ic", 4), "--baseline", "known.json")
    assert passed.exit_code == ExitCode.OK
    assert passed.stdout.startswith("DOES NOT FIT, as the baseline knows: ")
    verdict = told(scale("ic", 4), "--baseline", "known.json")
    assert (verdict["Outcome"], verdict["PassedBy"], verdict["Fixed"]) == ("does-not-fit", "baseline", [])
    assert told(scale("ic", 4))["PassedBy"] is None


@pytest.mark.parametrize(
    ("change", "runs"),
    [
        (scale("ic", 5), ENDPOINT),
        (scale("ic", 4), snapshot("ml.g5.12xlarge", 2, component("ic", 2, 4), scaling=(1, 1))),
        (scale("ic", 4), snapshot("ml.g5.12xlarge", 1, component("ic", 1, 3), scaling=(1, 1))),
    ],
)
def test_what_gets_worse_does_not(change: Any, runs: Any) -> None:
    """More copies, more for each, or fewer instances."""
    run(scale("ic", 4), "--write-baseline", "known.json")
    assert run(change, "--baseline", "known.json", runs=runs).exit_code == ExitCode.FAILS


def test_what_gets_better_passes_and_what_was_fixed_is_named() -> None:
    run(scale("ic", 5), "--write-baseline", "known.json")
    assert run(scale("ic", 4), "--baseline", "known.json").exit_code == ExitCode.OK
    fixed = told(scale("ic", 2), "--baseline", "known.json")
    assert (fixed["Outcome"], fixed["PassedBy"]) == ("fits", None)
    assert "ICP501" in {one["Rule"] for one in fixed["Fixed"]}
    assert "fixed since the baseline: ICP501 of ic" in run(scale("ic", 2), "--baseline", "known.json").stdout


def test_the_file_has_the_members_that_were_agreed() -> None:
    run(scale("ic", 4), "--write-baseline", "known.json")
    written = json.loads(Path("known.json").read_text())
    assert list(written) == ["IcplanBaseline", "Known"]
    assert {tuple(one) for one in written["Known"]} == {
        ("Endpoint", "Component", "Rule", "Need", "Have", "Unit")
    }


def test_neither_a_gate_nor_an_age_is_let_pass() -> None:
    run(scale("ic", 4), "--write-baseline", "known.json")
    old = run(scale("ic", 4), "--baseline", "known.json", "--max-age", "1s")
    assert old.exit_code == ExitCode.UNCERTAIN


def test_strict_takes_none_of_the_working_tree(tmp_path_factory: pytest.TempPathFactory) -> None:
    run(scale("ic", 4), "--write-baseline", "known.json")
    elsewhere = tmp_path_factory.mktemp("trusted")
    (elsewhere / "snapshot.json").write_text(json.dumps(ENDPOINT))
    command = ["check", "change.json", "--strict", "--snapshot", str(elsewhere / "snapshot.json")]
    refused = CliRunner().invoke(main, [*command, "--baseline", "known.json"])
    assert refused.exit_code == ExitCode.ERROR
    assert "--strict takes no baseline from the working tree" in refused.stderr
    (elsewhere / "known.json").write_text(Path("known.json").read_text())
    passed = CliRunner().invoke(main, [*command, "--baseline", str(elsewhere / "known.json")])
    assert passed.exit_code == ExitCode.OK


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, "is no baseline of version 1"),
        ({"IcplanBaseline": 1}, "Known"),
        ({"IcplanBaseline": 1, "Known": [ENTRY | {"Rule": "ICP000"}]}, "no rule"),
        ({"IcplanBaseline": 1, "Known": [ENTRY | {"Need": "3"}]}, "must be a number or null"),
        ({"IcplanBaseline": 1, "Known": [ENTRY | {"Nix": 3}]}, "is no member"),
    ],
)
def test_what_is_none_is_refused(value: Any, said: str) -> None:
    Path("known.json").write_text(json.dumps(value))
    refused = run(scale("ic", 4), "--baseline", "known.json")
    assert refused.exit_code == ExitCode.ERROR
    assert said in refused.stderr
    assert "known.json" in refused.stderr


def test_ignoring_changes_no_exit_code_beside_a_baseline() -> None:
    """What is left out of the report still has to be known."""
    Path("known.json").write_text('{"IcplanBaseline": 1, "Known": []}')
    rules = {one["Rule"] for one in told(scale("ic", 4))["Changes"][0]["Findings"]}
    ignored = [word for rule in rules for word in ("--ignore", f"{rule}=not now")]
    assert run(scale("ic", 4), "--baseline", "known.json", *ignored).exit_code == ExitCode.FAILS
    run(scale("ic", 4), "--write-baseline", "known.json", *ignored)
    assert run(scale("ic", 4), "--baseline", "known.json").exit_code == ExitCode.OK


IDENTITY = SnapshotIdentity("0" * 64, None, "prod")
amounts = st.none() | st.integers(0, 4)
findings = st.builds(
    Finding,
    rule=st.sampled_from(("ICP305", "ICP501")),
    severity=st.sampled_from((Severity.ERROR, Severity.WARNING)),
    message=st.just("m"),
    need=amounts,
    have=amounts,
    unit=st.sampled_from((None, "copies")),
    amounts=st.lists(st.builds(Amount, amounts, amounts, st.just("copies")), max_size=2).map(tuple),
)
entries = st.builds(
    KnownFinding,
    st.just("prod"),
    st.sampled_from(("a", "b")),
    rule=st.sampled_from(("ICP305", "ICP501")),
    need=amounts,
    have=amounts,
    unit=st.sampled_from((None, "copies")),
)
changes = st.builds(
    ChangeVerdict,
    operation=st.just("UpdateInferenceComponent"),
    inference_component_name=st.sampled_from(("a", "b")),
    outcome=st.sampled_from(Outcome),
    findings=st.lists(findings, max_size=3).map(tuple),
    hidden=st.lists(findings, max_size=1).map(tuple),
)
verdicts = st.builds(Verdict, st.just(IDENTITY), st.lists(changes, min_size=1, max_size=2).map(tuple))


@given(verdicts)
def test_a_baseline_knows_what_it_was_made_of(verdict: Verdict) -> None:
    """All but what is undecided, and what nothing speaks against."""
    gate = Gate(baseline=Baseline(tuple(known_of([verdict]))))
    assert gate.baseline is not None
    assert gate.baseline.fixed(verdict) == ()
    spoken = [
        change.outcome is not Outcome.UNDECIDED
        and any(
            one.severity is Severity.ERROR or not change.outcome.fails
            for one in (*change.findings, *change.hidden)
        )
        for change in verdict.changes
        if not change.outcome.fits
    ]
    wanted = ExitCode.OK if all(spoken) else Gate().exit_code(verdict)
    assert gate.exit_code(verdict) == wanted


@given(changes, st.data())
def test_all_is_known_if_each_amount_can_have_an_entry_of_its_own(
    change: ChangeVerdict, data: st.DataObject
) -> None:
    """Against every way to give the entries out: neither their order nor that of the findings tells."""
    needed = list(known_of([Verdict(IDENTITY, (change,))]))
    entry = entries if not needed else entries | st.sampled_from(needed)
    known = data.draw(st.lists(entry, min_size=len(needed), max_size=len(needed) + 1))
    possible = bool(needed) and any(
        all(one.covers(amount) for one, amount in zip(chosen, needed, strict=True))
        for chosen in itertools.permutations(known, len(needed))
    )
    assert Baseline(tuple(known)).knows(change, "prod") == possible


@given(verdicts, st.data())
def test_one_that_needs_more_is_not_known(verdict: Verdict, data: st.DataObject) -> None:
    baseline = Baseline(tuple(known_of([verdict])))
    change = data.draw(st.sampled_from(verdict.changes))
    worse = attrs.evolve(
        change,
        findings=tuple(
            attrs.evolve(one, need=(one.need or 0) + 9, severity=Severity.ERROR) for one in change.findings
        ),
    )
    if worse.findings and not worse.outcome.fits:
        assert not baseline.knows(worse, "prod")


@given(verdicts, st.sets(st.sampled_from(FailOn)), st.booleans())
def test_a_baseline_never_makes_it_worse(verdict: Verdict, fail_on: set[FailOn], strict: bool) -> None:
    """And an empty one changes nothing."""
    gate = Gate(fail_on, strict)
    full = attrs.evolve(gate, baseline=Baseline(tuple(known_of([verdict]))))
    assert full.exit_code(verdict) in (ExitCode.OK, gate.exit_code(verdict))
    empty = attrs.evolve(gate, baseline=Baseline())
    assert (empty.exit_code(verdict), empty.failed_on(verdict)) == (
        gate.exit_code(verdict),
        gate.failed_on(verdict),
    )
