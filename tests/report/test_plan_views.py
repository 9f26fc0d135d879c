"""A plan as CSV, as a plot and as a page: all its figures are there, and no name in it does anything."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree as ET

import attrs
import pytest
from support.endpoints import GPU4, component, create, snapshot
from support.plans import compared_plan, planned, sample_plan
from support.verdicts import check
from test_html import EVIL, Page, numbers

from icplan.report.plan_csv import COLUMNS, plan_csv
from icplan.report.plan_html import plan_html
from icplan.report.plan_svg import plan_svg
from icplan.report.plan_words import in_full, per_hour, per_month
from icplan.verdict.consolidation import ByItself, Consolidation, Moves, Worth
from icplan.verdict.fleet_plan import (
    HeldCondition,
    Impossible,
    Measure,
    PassedOver,
    Plan,
    PlanOutcome,
    TradeoffRow,
    TypeCount,
)

SVG = "{http://www.w3.org/2000/svg}"

SKIP = {"href": "#report", "class": "skip"}
"""The one link of a page: past its head, for who goes by keyboard."""


def test_a_row_of_csv_for_each_fleet() -> None:
    """Costs are exact, and what is not known is empty."""
    rows = list(csv.DictReader(io.StringIO(plan_csv(compared_plan()))))
    assert list(rows[0]) == list(COLUMNS)
    assert [row["table"] for row in rows] == ["plan", *["holds"] * 4, *["passed over"] * 3]
    plan, update, none = rows[0], rows[2], rows[6]
    assert (plan["fleet"], plan["steady"], plan["peak"]) == ("12 x ml.g6.12xlarge", "12", "14")
    assert (plan["cost"], plan["peak_cost"], plan["cost_per_month"]) == ("69.024", "80.528", "50387.52")
    assert (update["name"], update["peak_cost"]) == ("update of any one", "74.776")
    assert (none["name"], none["fleet"], none["cost"], none["steady"]) == ("ml.p4d.24xlarge", "", "", "")


def test_other_measures_have_their_units() -> None:
    plan = attrs.evolve(compared_plan(), by=Measure.ACCELERATORS, cost=48, prices=None)
    row = next(csv.DictReader(io.StringIO(plan_csv(plan))))
    assert (row["unit"], row["cost"], row["cost_per_month"]) == ("accelerators", "48", "")
    assert per_hour(plan, 48) == per_month(plan, 48) == "48 accelerators"
    assert "48 accelerators" in plan_html(plan)
    assert per_hour(attrs.evolve(plan, by=Measure.MEMORY), 2048) == "2 048 MiB"
    assert per_hour(attrs.evolve(plan, by=Measure.INSTANCES), 1) == "1 instance"


@pytest.mark.parametrize(
    ("cost", "said"),
    [(0, "0.00"), (1, "0.000001"), (10_000, "0.01"), (5_752_000, "5.752"), (10**10, "10 000.00")],
)
def test_money_is_told_in_full(cost: int, said: str) -> None:
    assert in_full(cost) == said


def test_a_month_is_about_so_much() -> None:
    """Where it is no whole amount."""
    plan = compared_plan()
    assert per_month(plan, 69_024_000) == "about 50 388 $/month"
    assert per_month(plan, 1_000_000) == "730 $/month"
    assert per_month(plan, 1_000_100) == "about 730 $/month"


def test_the_plot_has_every_fleet_with_a_cost() -> None:
    """It is XML by itself, without a script, and is read aloud as well."""
    root = ET.fromstring(plan_svg(compared_plan()))  # noqa: S314  (our own)
    texts = [one.text or "" for one in root.iter(f"{SVG}text")]
    for name in (
        "rest",
        "+ update of any one",
        "without scale-out",
        "12 x ml.g5.12xlarge",
        "63.272, peak 74.776",
    ):
        assert name in texts
    assert not any("p4d" in text for text in texts)
    assert {one.tag.removeprefix(SVG) for one in root.iter()} == {
        *("svg", "title", "style", "rect", "text", "line", "g")
    }
    assert "the plan costs about 50 388 $/month" in (root.findtext(f"{SVG}title") or "")
    (chosen,) = [one for one in root.iter(f"{SVG}g") if one.get("class") == "chosen"]
    assert "autoscaling maxima" in " ".join(chosen.itertext())


def test_bars_are_as_long_as_costs() -> None:
    root = ET.fromstring(plan_svg(compared_plan()))  # noqa: S314  (our own)
    widths = [int(one.get("width", "0")) for one in root.iter(f"{SVG}rect") if one.get("class") == "steady"]
    least, most = widths[1], widths[4]  # the first is the legend's
    assert abs(most / least - 19 / 11) < 0.02
    assert all(0 < one < 880 for one in widths)


@pytest.mark.parametrize("plan", [sample_plan(), Plan(PlanOutcome.UNDECIDED, (), ())])
def test_little_is_drawn_of_little(plan: Plan) -> None:
    ET.fromstring(plan_svg(plan))  # noqa: S314  (our own)
    Page(plan_html(plan))
    plan_csv(plan)


def test_the_page_has_all_figures_and_asks_for_nothing() -> None:
    plan = compared_plan()
    page = Page(plan_html(plan))
    words = " ".join(page.words)
    assert numbers("12 14 69.024 50 388 11.504 11 13 19 79 780 62 108 68.60") <= numbers(words)
    for text in ("proven cheapest", "without scale-out", "its quota of 0", "it has no accelerator", "a note"):
        assert text in words
    assert "script" not in page.raw
    policies = [found for tag, found in page.elements if tag == "meta" and "http-equiv" in found]
    assert str(policies[0]["content"]).startswith("default-src 'none'; style-src 'sha256-")
    named = {"src", "href", "action", "data", "onclick", "xlink:href"}
    assert [one for _, one in page.elements if named & one.keys()] == [SKIP]


def test_the_page_draws_how_copies_lie() -> None:
    verdict = check(snapshot(GPU4, 3, component("embed", 4, 1)), create("chat", 3, 2))
    held = (
        HeldCondition("rest", "embed", 3, verdict.changes[0].phases),
        HeldCondition("rest", "chat", 3, verdict.changes[0].phases),
        HeldCondition("update", "chat", 4, verdict.changes[0].phases),
        HeldCondition("rollback", "chat", None),
    )
    page = Page(plan_html(attrs.evolve(compared_plan(), held=held)))
    words = " ".join(page.words)
    assert words.count("At rest, for example:") == 1
    assert "Update of chat, for example:" in words
    assert "Rollback of chat" not in words


def test_the_page_tells_what_runs_beside_it() -> None:
    told = Consolidation(
        "prod",
        None,
        "0" * 64,
        (TypeCount(GPU4, 20),),
        (TypeCount(GPU4, 12),),
        99_999_999,
        69_024_000,
        Worth.NOT_WORTH_IT,
        "50%",
        Moves(3, 16, 16),
        (ByItself("IDLE_RELEASE moves no copy", "documented"),),
    )
    words = " ".join(Page(plan_html(attrs.evolve(compared_plan(), consolidation=told))).words)
    assert "CONSOLIDATION of prod: not worth it (--min-savings 50%)" in words
    assert "at least 3 of 16 copies, at most 16" in words
    assert "IDLE_RELEASE moves no copy (documented)" in words


def test_why_there_is_no_fleet() -> None:
    why = Impossible(("rest",), ("chat",), "quota of 3 instances")
    plan = Plan(PlanOutcome.IMPOSSIBLE, compared_plan().components, (), impossible=why)
    words = " ".join(Page(plan_html(plan)).words)
    assert "no allowed fleet holds it" in words
    assert "rest: quota of 3 instances" in words


def test_names_do_nothing() -> None:
    """Whatever they are: markup, a formula of a spreadsheet, a command to a terminal."""
    evil = attrs.evolve(planned("chat", 1, 1, 1024), name=EVIL)
    odd = f"=cmd|' /C calc'!A0 \x1b[31m{EVIL}"
    plan = attrs.evolve(
        compared_plan(),
        components=(evil,),
        tradeoff=(TradeoffRow(odd, 1, 2, 10, odd),),
        passed_over=(PassedOver((TypeCount(odd, 1),), 10, 10, odd),),
        notes=(odd,),
    )
    page = Page(plan_html(plan))
    assert [one for tag, one in page.elements if tag == "a"] == [SKIP]
    assert {tag for tag, _ in page.elements} <= {
        *(
            "a",
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "header",
            "h1",
            "main",
            "p",
            "span",
            "dl",
            "dt",
        ),
        *("dd", "h2", "div", "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "svg"),
        *("rect", "text", "line", "g", "details", "summary", "ul", "li", "section", "footer"),
    }
    for text in (plan_html(plan), plan_svg(plan), plan_csv(plan)):
        assert "\x1b" not in text
    ET.fromstring(plan_svg(plan))  # noqa: S314  (our own)
    cells = [cell for row in csv.reader(io.StringIO(plan_csv(plan))) for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
