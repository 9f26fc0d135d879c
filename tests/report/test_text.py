"""The text report: narrow, whole numbers and names, columns apart, and every change of a set to be found."""

from __future__ import annotations

import re
from typing import Any

import attrs
import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, snapshot

import icplan
from icplan.report.formats import render
from icplan.report.style import Look, paragraph
from icplan.report.timeline import table
from icplan.verdict.change_verdict import ChangeVerdict
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.origin import ConfigFile, ConfigInForce, SettingInForce
from icplan.verdict.outcome import Outcome
from icplan.verdict.phase import Duration, Pace, Phase
from icplan.verdict.verdict import AssumptionUse, SnapshotIdentity, Verdict

IDENTITY = SnapshotIdentity("0" * 64, "2026-11-20T02:11:08Z", "prod")
FITTING = ChangeVerdict("DeleteInferenceComponent", "old", Outcome.FITS, file="drop.json", path="$")
FAILING = ChangeVerdict("CreateInferenceComponent", "new", Outcome.DOES_NOT_FIT, file="set.json", path="$[0]")


def phase(name: str, kind: str = "place", needed: int | None = 4, **more: Any) -> Phase:
    return attrs.evolve(
        Phase(name, kind, Outcome.FITS, 2, needed, old=(2, 2), new=(0, 2)),
        **more,
    )


def finding(**more: Any) -> Finding:
    return attrs.evolve(Finding("ICP301", Severity.ERROR, "too few"), **more)


def plain(verdict: Verdict, look: Look | None = None) -> str:
    return click.unstyle(render(verdict, "text", look=look))


def said(*findings: Finding) -> str:
    """Findings as a report has them that tells all."""
    verdict = Verdict(IDENTITY, (attrs.evolve(FAILING, findings=findings),))
    return plain(verdict, Look(verbose=True))


@given(st.data())
def test_there_are_never_two_empty_lines(data: st.DataObject) -> None:
    """Whichever parts a report has: settings, what is ignored, what it rests on, one change or several."""
    pick = data.draw
    setting = SettingInForce("assume.batch-rounding", "down", "icplan.toml", loosens=True)
    config = ConfigInForce(
        (ConfigFile("icplan.toml", "0" * 64),) if pick(st.booleans()) else (),
        (setting,) if pick(st.booleans()) else (),
    )
    changes = tuple(pick(st.lists(st.sampled_from([FITTING, FAILING]), min_size=1, max_size=3)))
    use = AssumptionUse("batch-rounding", "down", "documented", relied_on=True)
    verdict = Verdict(IDENTITY, changes, assumptions=(use,) if pick(st.booleans()) else (), config=config)
    text = plain(verdict, Look(verbose=pick(st.booleans())))
    assert "\n\n\n" not in text
    assert not text.startswith("\n")
    assert not text.endswith("\n\n")


words = st.sampled_from(
    ("a", "needs", "ml.g5.12xlarge", "$.Specification", "in-house", "49152 MiB", "3 of 4")
)


@given(st.lists(words, min_size=1, max_size=60).map(" ".join))
def test_a_number_stands_on_the_line_of_its_unit(text: str) -> None:
    """Lines are at most 80 columns, nothing is lost, and no line ends with a number that has a unit."""
    lines = paragraph(text)
    assert max(map(len, lines)) <= 80
    assert " ".join(line.strip() for line in lines) == text
    assert not [
        line for line in lines[:-1] if re.search(r"(49152|3|of)$", line) and not line.endswith("3 of")
    ]


def test_names_are_left_whole() -> None:
    """A name with hyphens is not broken, so that it can be copied."""
    name = "-".join(["word"] * 14)
    assert any(name in line for line in paragraph(f"the component is called {name} here"))


@pytest.mark.parametrize("copies", [1, 400_000, 10**9])
def test_columns_never_touch(copies: int) -> None:
    """However large the counts are, two spaces part the cells, and each is below its heading."""
    phases = [phase("place them", old=(20, copies), new=(0, copies), needed=copies)]
    rows = [click.unstyle(row) for row in table(phases)]
    assert re.split(r"  +", rows[1].strip()) == [
        "place them",
        f"20 -> {copies}",
        f"0 -> {copies}",
        str(copies),
        "fits",
    ]
    assert [rows[0].index("outcome")] == [rows[1].index("fits")]


def test_a_long_timeline_is_a_few_rows() -> None:
    """Neighbours with one outcome are one row; of a rollback's moments the first is named."""
    steps = [phase(f"step {n} of 60: 1 new copy beside 5 old", needed=3 + n % 2) for n in range(1, 61)]
    back = [phase(f"put 1 old copy back beside {n} new", "rollback", needed=n) for n in range(60, 0, -1)]
    rows = "\n".join(table([*steps, *back]))
    assert "steps 1 to 60 of 60" in rows
    assert "3 to 4" in rows
    assert "1 to 60" in rows
    assert "59 more" in " ".join(rows.split())
    assert len(rows.splitlines()) < 10


def test_what_aws_would_say_is_said_once() -> None:
    """Findings with the same answer of AWS do not repeat it."""
    error = "There is not enough hardware resources"
    assert said(finding(aws_error=error), finding(rule="ICP302", aws_error=error)).count(error) == 1


def test_figures_have_their_units_and_are_not_said_twice() -> None:
    """Need and have are left to the message where that names both; each figure has its own unit."""
    both = finding(message="needs 4 accelerators; 3 left", need=4, have=3, unit="accelerators")
    text = said(attrs.evolve(both, largest_that_works=2, largest_unit="copies"))
    assert "largest that works: 2 copies" in text
    assert "have 3" not in text
    one = finding(largest_that_works=1, largest_unit="accelerators per copy")
    assert "largest that works: 1 accelerator per copy" in said(one)
    text = said(attrs.evolve(both, message="too few"))
    assert "need 4 accelerators; have 3 accelerators" in text


def test_a_single_report_says_of_when_it_is() -> None:
    """The moment at which AWS was asked stands in the first line."""
    first = plain(Verdict(IDENTITY, (FITTING,))).splitlines()[0]
    assert first == "FITS: delete old on prod, as of 2026-11-20T02:11:08Z"
    unknown = attrs.evolve(IDENTITY, taken_at=None)
    assert plain(Verdict(unknown, (FITTING,))).splitlines()[0] == "FITS: delete old on prod"


@pytest.mark.parametrize(
    ("outcome", "rollback", "headline"),
    [
        (Outcome.FITS, Outcome.DOES_NOT_FIT, "FITS, but its rollback does not fit: "),
        (
            Outcome.FITS_AFTER_SCALE_OUT,
            Outcome.MAY_NOT_FIT,
            "FITS AFTER SCALE OUT, but its rollback may not fit: ",
        ),
        (Outcome.FITS, Outcome.UNDECIDED, "FITS, but its rollback is undecided: "),
        (Outcome.FITS, Outcome.FITS_AFTER_SCALE_OUT, "FITS: "),
        (Outcome.FITS, None, "FITS: "),
        (Outcome.MAY_NOT_FIT, Outcome.DOES_NOT_FIT, "MAY NOT FIT: "),
    ],
)
def test_the_headline_does_not_hide_a_rollback(
    outcome: Outcome, rollback: Outcome | None, headline: str
) -> None:
    """Of what fits, it says so where going back is not sure to; so does the last line of a set."""
    change = attrs.evolve(FITTING, outcome=outcome, rollback_outcome=rollback)
    assert plain(Verdict(IDENTITY, (change,))).startswith(f"{headline}delete old on prod")
    both = plain(Verdict(IDENTITY, (attrs.evolve(FITTING, outcome=outcome), change)))
    assert f"\n{headline.replace('its', 'a')}all 2 changes" in both


def test_how_long_it_may_take_is_said_of_what_can_be_done() -> None:
    """In minutes where seconds are many; of a change that fails nobody wants to know."""
    paces = Duration(Pace(3, 90, 3601), Pace(1, 180, 0), 7200)
    fitting = attrs.evolve(FITTING, fleet="2 x ml.g5.12xlarge", duration=paces)
    text = " ".join(plain(Verdict(IDENTITY, (fitting,))).split())
    assert "update 3 batches: 90 s of waiting, up to 61 min to start; 120 min allowed" in text
    assert "rollback 1 batch: 3 min of waiting, no start-up time-out set" in text
    failing = attrs.evolve(fitting, outcome=Outcome.DOES_NOT_FIT)
    assert "batch" not in plain(Verdict(IDENTITY, (failing,)))


def test_each_change_of_a_set_can_be_found() -> None:
    """Number, file and place of each, and a last line for all of them."""
    text = plain(Verdict(IDENTITY, (FITTING, FAILING, FITTING)))
    assert "FITS: delete old on prod\n  change 1 of 3: drop.json\n" in text
    assert "DOES NOT FIT: create new on prod\n  change 2 of 3: set.json $[0]\n" in text
    last = " ".join(text[text.rindex("DOES NOT FIT") :].split())
    assert last.startswith("DOES NOT FIT: all 3 changes together on prod, as of 2026-11-20T02:11:08Z")
    assert last.endswith("(change 2: does not fit; changes 1, 3: fits)")


def test_what_a_set_relied_on_is_said_once_for_all_of_it() -> None:
    """It stands behind the last change, and is not of that one alone."""
    used = AssumptionUse("emptied-instances", "kept", "inferred", True)
    text = plain(Verdict(IDENTITY, (FITTING, FAILING), (used,)))
    assert text.count("emptied-instances") == 1
    assert (
        "\nRelied on, by all 2 changes together: emptied-instances = kept (not documented,\n  assumed)\n"
        in text
    )
    assert "\nRelied on: emptied-" in plain(Verdict(IDENTITY, (FITTING,), (used,)))
    other = attrs.evolve(used, name="rank-order")
    assert "\nRelied on\n  - emptied-" in plain(Verdict(IDENTITY, (FITTING,), (used, other)))


def test_a_long_set_ends_with_a_short_line() -> None:
    """Of many changes with one outcome some are numbered, the others counted."""
    text = plain(Verdict(IDENTITY, (FITTING,) * 40 + (FAILING,)))
    assert "; changes 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 28 more: fits)" in " ".join(text.split())
    assert "(" not in plain(Verdict(IDENTITY, (FITTING,) * 40)).splitlines()[-1]


def test_quotes_and_questions_are_not_doubled() -> None:
    """A message that asks has no full stop behind it, an answer with quotation marks none around it."""
    text = said(finding(message="Novelty is unknown. Did you mean X?", aws_error='Missing: "X"'))
    assert "Did you mean X?\n" in text
    assert 'AWS would say: Missing: "X"\n' in text
    assert 'AWS would say: "no room"\n' in said(finding(message="too few", aws_error="no room"))


def test_what_keeps_a_fleet_from_growing_does_not_follow_from_a_request_that_is_wrong() -> None:
    """It is told for itself, beside the room that there is not."""
    nested = {"InferenceComponentName": "a", "Specification": {"Specifications": [{"ModelName": "m"}]}}
    told = str(icplan.check(nested, icplan.Snapshot.from_dict(snapshot(GPU4, 1, component("a", 1, 4)))))
    assert "one level up" in told
    assert "ICP504" in told
    assert "with it" not in told
