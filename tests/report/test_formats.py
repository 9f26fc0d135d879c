"""Every format of a pipeline follows its schema, whatever is reported, and looks as somebody read it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from icplan.cli.main import main
from icplan.errors import InputProblem
from icplan.report.build import report_of
from icplan.report.formats import FORMATS, render_run
from icplan.report.github import MAX_A_LEVEL
from icplan.report.markdown import MAX_LENGTH
from icplan.report.model import Answer, Run
from icplan.verdict.change_verdict import ChangeVerdict
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy import Remedy
from icplan.verdict.verdict import SnapshotIdentity, Verdict

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CASES = ROOT / "tests" / "cases" / "iac"
SARIF = json.loads((HERE / "schemas" / "sarif.json").read_text())
GITLAB = json.loads((HERE / "schemas" / "gitlab.json").read_text())
PIPELINE = [name for name in FORMATS if name not in {"text", "json", "html"}]

JUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"name"}, {"tests", "failures", "errors", "time"}, {"testsuite"}),
    "testsuite": ({"name", "tests"}, {"failures", "errors", "skipped", "time"}, {"testcase"}),
    "testcase": ({"name", "classname"}, {"time"}, {"failure", "error", "skipped", "system-out"}),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"message"}, set()),
    "system-out": (set(), set(), set()),
}
"""For each element the attributes that it must have and may have, and what may be in it."""


def check_junit(text: str) -> ET.Element:
    root = ET.fromstring(text)  # noqa: S314  (icplan wrote it)
    assert root.tag == "testsuites"
    for element in root.iter():
        needed, more, inside = JUNIT[element.tag]
        assert needed <= element.attrib.keys() <= needed | more
        assert {child.tag for child in element} <= inside
    for suite in root:
        cases = list(suite)
        assert int(suite.attrib["tests"]) == len(cases)
        for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[count]) == sum(case.find(tag) is not None for case in cases)
    return root


def check(name: str, text: str) -> None:
    """Raise where a text is none of the format of that name."""
    if name == "sarif":
        log = json.loads(text)
        jsonschema.Draft202012Validator(SARIF, format_checker=jsonschema.FormatChecker()).validate(log)
        rules = log["runs"][0]["tool"]["driver"]["rules"]
        for result in log["runs"][0]["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    elif name == "gitlab":
        entries = json.loads(text)
        jsonschema.Draft202012Validator(GITLAB).validate(entries)
        assert len({entry["fingerprint"] for entry in entries}) == len(entries)
    elif name == "junit":
        check_junit(text)
    elif name == "github":
        commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
        for level in ("error", "warning", "notice"):
            assert sum(line.startswith(f"::{level} ") for line in commands) <= MAX_A_LEVEL
        for line in commands:
            assert re.fullmatch(
                r"::(error|warning|notice) (\w+=[^,:\r\n]*)(,\w+=[^,:\r\n]*)*::[^\r\n]*", line
            )
    elif name == "markdown":
        assert re.match(r"<!-- icplan:[A-Za-z0-9._+-]+ -->\n### icplan: ", text)
        assert len(text.encode()) <= MAX_LENGTH


def invoke(*arguments: str) -> str:
    return CliRunner().invoke(main, ["check", *arguments]).stdout


@pytest.mark.parametrize("name", PIPELINE)
def test_the_example_looks_as_somebody_read_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A golden file for each format. Delete it to have it written anew, and read it."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    example = "examples/fragmented"
    found = invoke(f"{example}/update.yaml", "--snapshot", f"{example}/endpoint.json", "--format", name)
    check(name, found)
    golden = HERE / "golden" / f"{name}.txt"
    if not golden.exists():
        golden.write_text(found)
    assert found == golden.read_text()


COMMANDS = {
    "01-cfn-scale-to-zero": ["template.yaml"],
    "05-cfn-two-stacks": ["endpoint.yaml", "components.yaml"],
    "06-cdk-synth": ["cdk.out"],
    "10-tf-module-for-each": ["plan.json"],
    "12-ack-new-endpoint": ["manifests.yaml"],
    "14-broken-cfn": ["template.yaml"],
}


@pytest.mark.parametrize("case", COMMANDS)
def test_what_a_deployment_declares_follows_each_format(
    case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Places of templates, programs and plans, and what cannot be judged."""
    monkeypatch.chdir(CASES / case)
    outputs = [word for name in PIPELINE for word in ("--format", name, "-o", str(tmp_path / name))]
    invoke(*COMMANDS[case], *outputs)
    for name in PIPELINE:
        check(name, (tmp_path / name).read_text())


def test_a_program_is_annotated_where_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what CDK synthesized, the line of the program is what someone changes; the template is related."""
    monkeypatch.chdir(CASES / "06-cdk-synth")
    results = json.loads(invoke("cdk.out", "--format", "sarif"))["runs"][0]["results"]
    assert results
    for result in results:
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "serving.js"
        related = [one["physicalLocation"]["artifactLocation"]["uri"] for one in result["relatedLocations"]]
        assert any(uri.startswith("cdk.out/") for uri in related)


@pytest.mark.parametrize("format_", ["sarif", "github", "gitlab"])
def test_no_annotation_is_on_a_program_that_is_not_there(
    format_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that has the assembly alone gets the line of the template."""
    shutil.copytree(CASES / "06-cdk-synth" / "cdk.out", tmp_path / "cdk.out")
    monkeypatch.chdir(tmp_path)
    told = invoke("cdk.out", "--format", format_)
    places = re.findall(r'(?:file=|"uri": "|"path": ")([^",]*)', told)
    assert {one for one in places if not one.startswith("http")} == {"cdk.out/OtterStack.template.json"}


SECRET = "AKIA" + "IOSFODNN7EXAMPLE"  # made up, and put together here
IDENTITY = SnapshotIdentity("0" * 64, "2026-11-20T02:11:08Z", "prod")
texts = st.text(max_size=60) | st.sampled_from(
    (
        "::error::x",
        "##vso[task]",
        "a|b`c`",
        "%0A::warning::",
        "</failure>]]>",
        "\x1b[31m\x00\ud800",
        "@all #1",
    )
)
findings = st.builds(
    Finding,
    rule=st.sampled_from(("ICP305", "ICP501", "ICP104")),
    severity=st.sampled_from(Severity),
    message=texts.filter(bool),
    path=st.none() | st.just("$.Specification"),
    file=st.none() | st.sampled_from(("update.yaml", "<stdin>", "a:b,c.yaml", "ö %.json")) | texts,
    line=st.none() | st.integers(1, 99),
)
remedies = st.builds(
    Remedy, kind=st.just("x"), description=texts, patch=st.just(()), outcome=st.sampled_from(Outcome)
)
changes = st.builds(
    ChangeVerdict,
    operation=st.just("UpdateInferenceComponent"),
    inference_component_name=texts.filter(bool),
    outcome=st.sampled_from(Outcome),
    findings=st.lists(findings, max_size=4).map(tuple),
    hidden=st.lists(findings, max_size=1).map(tuple),
    remedies=st.lists(remedies, max_size=2).map(tuple),
    file=st.none() | texts,
)
errors = st.builds(
    InputProblem, message=texts.filter(bool), file=st.none() | texts, line=st.none() | st.integers(1, 9)
)


@settings(max_examples=30, deadline=None)
@given(st.lists(changes, min_size=1, max_size=3), st.lists(errors, max_size=2), texts.filter(bool))
def test_no_text_breaks_a_format(
    changes: list[ChangeVerdict], errors: list[InputProblem], endpoint: str
) -> None:
    """Whatever is in names, messages and files: each format stays well-formed and tells no secret."""
    verdict = Verdict(attrs.evolve(IDENTITY, endpoint_name=endpoint), tuple(changes))
    run = Run((Answer((report_of(verdict),)),), tuple(errors))
    for name in PIPELINE:
        text = render_run(run, name)
        check(name, text)
        assert SECRET not in text


def failing(*found: Finding) -> Run:
    change = ChangeVerdict("UpdateInferenceComponent", "chat", Outcome.DOES_NOT_FIT, findings=found)
    return Run((Answer((report_of(Verdict(IDENTITY, (change,))),)),))


def finding(line: int, message: str = "m", path: str = "$.Specification", rule: str = "ICP305") -> Finding:
    return Finding(rule, Severity.ERROR, message, path, "update.yaml", line, 1)


def fingerprints(run: Run) -> list[Any]:
    results = json.loads(render_run(run, "sarif"))["runs"][0]["results"]
    assert [one["fingerprint"] for one in json.loads(render_run(run, "gitlab"))] == [
        one["partialFingerprints"]["icplan/v1"] for one in results
    ]
    return [one["partialFingerprints"] for one in results]


def test_a_fingerprint_survives_moved_lines_and_other_figures() -> None:
    before = fingerprints(failing(finding(3, "needs 3")))
    assert before == fingerprints(failing(finding(30, "needs 4")))
    assert before != fingerprints(failing(finding(3, path="$.RuntimeConfig")))
    assert before != fingerprints(failing(finding(3, rule="ICP306")))


def test_two_findings_alike_are_told_apart() -> None:
    one, other = fingerprints(failing(finding(3), finding(9)))
    assert one != other


def test_annotations_are_cut_as_github_cuts_them() -> None:
    """Ten of a level are taken; the last of them says how many there are beside."""
    found = render_run(failing(*(finding(n) for n in range(1, 15))), "github")
    lines = [line for line in found.splitlines() if line.startswith("::error")]
    assert len(lines) == MAX_A_LEVEL
    assert lines[-1].startswith("::error title=icplan::and 5 more")


def test_a_comment_is_cut_at_whole_blocks() -> None:
    many = [finding(n, "x" * 1500) for n in range(1, 100)]
    found = render_run(failing(*many), "markdown")
    check("markdown", found)
    assert found.endswith("the log has all of it._\n")
    assert found.count("<details>") == found.count("</details>")


def test_a_comment_shows_values_and_does_nothing() -> None:
    """No link, no mention, no HTML, and no cell of a table begins in a value."""
    found = render_run(
        failing(finding(3, "@octocat <img src=x> [a](http://b.c) | x `y` #12 www.d.e")), "markdown"
    )
    row = next(line for line in found.splitlines() if line.startswith("| update"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 5
    assert "@octocat" not in found
    assert "http://" not in found
    assert "<img" not in found.replace("\\<img", "")


def test_a_step_gets_its_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner names the file, and other steps' summaries stay in it."""
    monkeypatch.chdir(ROOT)
    summary = tmp_path / "summary.md"
    summary.write_text("# before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    example = "examples/fragmented"
    invoke(f"{example}/update.yaml", "--snapshot", f"{example}/endpoint.json", "--format", "github")
    assert summary.read_text().startswith("# before\n<!-- icplan:prod-llm -->\n")


def test_what_is_ignored_is_suppressed_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    example = "examples/fragmented"
    asked = [f"{example}/update.yaml", "--snapshot", f"{example}/endpoint.json", "--ignore", "ICP501=agreed"]
    results = json.loads(invoke(*asked, "--format", "sarif"))["runs"][0]["results"]
    hidden = [one for one in results if "suppressions" in one]
    assert [one["ruleId"] for one in hidden] == ["ICP501"]
    assert hidden[0]["suppressions"] == [{"kind": "external", "justification": "agreed"}]
    assert "ICP501" not in invoke(*asked, "--format", "junit")
