"""A plan as one HTML file: the fleet, what each promise takes, the plot, and how copies may lie."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from icplan.fleet.dimensions import counted
from icplan.report.consolidation_text import consolidation_rows, headline
from icplan.report.draw_picture import phase_pictures
from icplan.report.html_assets import PLOT_STYLE, STYLE
from icplan.report.html_page import definitions, html_page, landmarks, table
from icplan.report.markup import Markup, joined, tag
from icplan.report.picture_svg import figure, legend
from icplan.report.plan_svg import tradeoff_plot
from icplan.report.plan_table import RowOf, fleet_rows
from icplan.report.plan_words import counted_on, fleet_in_words, per_hour, per_month
from icplan.report.style import Look, looking
from icplan.report.text import assumption_text
from icplan.verdict.fleet_plan import PlanOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.documents.safe_text import SafeText
    from icplan.report.picture import Picture
    from icplan.report.plan_table import FleetRow
    from icplan.verdict.fleet_plan import HeldCondition, Plan

_MOST_PICTURES = 24
_OUTCOMES = {
    PlanOutcome.OPTIMAL: ("good", "proven cheapest"),
    PlanOutcome.WITHIN_GAP: ("good", "as near to the cheapest as was asked"),
    PlanOutcome.BEST_FOUND: ("doubt", "the best that was found; a cheaper one may be"),
    PlanOutcome.MAY_NOT_HOLD: ("doubt", "may not hold all that is promised"),
    PlanOutcome.UNDECIDED: ("doubt", "undecided"),
    PlanOutcome.IMPOSSIBLE: ("bad", "no allowed fleet holds it"),
}


def plan_html(plan: Plan) -> SafeText:
    """The plan as one document, which asks for nothing and runs nothing."""
    with looking(Look(verbose=True)):
        title = f"icplan: plan for {counted(len(plan.components), 'component')}, {plan.copies} copies"
        body = landmarks(title, _body(plan), _footer(plan))
    return html_page(title, body, f"{STYLE}{PLOT_STYLE}")


def _body(plan: Plan) -> Iterator[Markup]:
    kind, words = _OUTCOMES[plan.outcome]
    yield tag("p", tag("span", words, class_=f"outcome {kind}"))
    if plan.prices is not None:
        yield tag("p", plan.prices.label, class_="dim")
    yield definitions(_facts(plan))
    if plan.impossible is not None:
        yield from _impossible(plan)
    rows = list(fleet_rows(plan))
    yield from _holds(plan, [row for row in rows if row.of is RowOf.HOLDS])
    if any(row.cost is not None for row in rows[1:]):
        yield tag("figure", tag("figcaption", "Steady and peak cost"), tradeoff_plot(plan))
    yield from _passed_over(plan, [row for row in rows if row.of is RowOf.PASSED_OVER])
    yield from _consolidation(plan)
    yield from _components(plan)
    yield from _pictures(plan)
    yield from _rests_on(plan)


def _facts(plan: Plan) -> Iterator[tuple[str, str]]:
    if plan.steady is not None and plan.cost is not None:
        both = dict.fromkeys((per_hour(plan, plan.cost), per_month(plan, plan.cost)))
        yield "steady", f"{fleet_in_words(plan.steady)}, {', '.join(both)}"
    if plan.peak is not None and plan.peak != plan.steady:
        more = (plan.peak_cost or 0) - (plan.cost or 0)
        instances = sum(one.instances for one in plan.peak)
        minutes = f", at most {-(-plan.update_seconds // 60)} min each" if plan.update_seconds else ""
        beside = f", {per_hour(plan, more)} more while an update runs{minutes}" if more > 0 else ""
        yield "peak", f"{instances} (MaxInstanceCount){beside}"
    yield "bound", f"no allowed fleet that holds it costs less than {per_hour(plan, plan.bound)}"
    yield from (("counts on", text) for text in counted_on(plan))
    yield "held", ", ".join(f"{one.name} ({one.level})" for one in plan.promises)


def _impossible(plan: Plan) -> Iterator[Markup]:
    why = plan.impossible
    if why is not None:
        yield tag("p", f"{', '.join(why.conditions)}: {why.limit}", class_="cause")
        if why.components:
            yield tag("p", f"No room for copies of {', '.join(why.components)}.")


def _holds(plan: Plan, rows: list[FleetRow]) -> Iterator[Markup]:
    if rows:
        yield tag("h2", "What each promise takes")
        headings = ("holds", "steady", "peak", "cost", "why it costs more")
        yield table(
            headings,
            (
                (row.name, _count(row.steady), _count(row.peak), _cost(plan, row.cost), row.because)
                for row in rows
            ),
        )


def _passed_over(plan: Plan, rows: list[FleetRow]) -> Iterator[Markup]:
    if rows:
        yield tag("h2", "Passed over")
        headings = ("fleet", "steady", "cost", "because")
        yield table(
            headings,
            ((row.fleet or row.name, _count(row.steady), _cost(plan, row.cost), row.because) for row in rows),
        )
    if plan.left_out:
        items = (tag("li", f"{one.name}: {one.because}") for one in plan.left_out)
        summary = tag("summary", f"{counted(len(plan.left_out), 'type')} not compared")
        yield tag("details", summary, tag("ul", *items))


def _consolidation(plan: Plan) -> Iterator[Markup]:
    if plan.consolidation is not None:
        yield tag("h2", headline(plan.consolidation))
        yield definitions(consolidation_rows(plan))


def _components(plan: Plan) -> Iterator[Markup]:
    yield tag("h2", "Components")
    yield table(
        ("component", "copies", "at most"),
        ((one.name, str(one.copies), str(one.most)) for one in plan.components),
    )


def _pictures(plan: Plan) -> Iterator[Markup]:
    """How copies may lie under each condition, where the evidence tells."""
    colours: dict[str, int] = {}
    shown = [(one, pictures) for one in _worth_drawing(plan) if (pictures := _drawn(one))]
    if not shown:
        return
    yield tag("h2", "How copies may lie")
    for number, (held, pictures) in enumerate(shown[:_MOST_PICTURES]):
        whose = f" of {held.component}" if held.component and held.condition != "rest" else ""
        when = (
            "At rest"
            if held.condition == "rest"
            else f"{held.condition[0].upper()}{held.condition[1:]}{whose}"
        )
        figures = (figure(one, when, plan.dimensions, colours) for one in pictures)
        opened = {"open": ""} if number == 0 else {}
        yield tag("details", tag("summary", when), *figures, **opened)
    if len(shown) > _MOST_PICTURES:
        yield tag("p", f"and {len(shown) - _MOST_PICTURES} more, in the JSON of the plan", class_="dim")
    yield legend()


def _worth_drawing(plan: Plan) -> list[HeldCondition]:
    """Of the components that are created one after another the last, with which all are there."""
    told = [one for one in plan.held if one.phases]
    rest = [one for one in told if one.condition == "rest"][-1:]
    return [*rest, *(one for one in told if one.condition != "rest")]


def _drawn(held: HeldCondition) -> tuple[Picture, ...]:
    return phase_pictures(held.phases[-1], held.component or "")


def _rests_on(plan: Plan) -> Iterator[Markup]:
    told = [*plan.notes, *(assumption_text(use) for use in plan.assumptions if use.relied_on)]
    if told:
        yield tag("section", tag("h2", "What this rests on"), tag("ul", *(tag("li", one) for one in told)))


def _footer(plan: Plan) -> Markup:
    judged = (f"{name} {value}" for name, value in plan.judged.items())
    return tag("p", "; ".join(judged))


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def _cost(plan: Plan, cost: int | None) -> str:
    if cost is None:
        return ""
    # A number is not broken between its thousands.
    before, number, after = re.split(r"(\d(?:[\d ]*\d)?)", per_month(plan, cost), maxsplit=1)
    return joined((before, tag("span", number, class_="number"), after))
