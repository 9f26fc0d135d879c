"""Headroom as one HTML file: the tables of the text, and a world that ends each room, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.fleet.dimensions import counted
from icplan.report.draw_picture import layout_picture, refusal_picture, world_picture
from icplan.report.headroom_text import headroom_sections, moments_of, row_cells, titles_of
from icplan.report.html_assets import STYLE
from icplan.report.html_page import definitions, html_page, landmarks, table
from icplan.report.markup import Markup, tag
from icplan.report.picture_svg import figure, legend
from icplan.report.style import Look, looking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.documents.safe_text import SafeText
    from icplan.verdict.headroom import ComponentHeadroom, FleetHeadroom, Headroom, Range, Room, Wanted
    from icplan.verdict.premises import Premises

_MOST_PICTURES = 24
_MET = {
    True: ("good", "surely fit"),
    False: ("bad", "do not fit"),
    None: ("doubt", "may not fit"),
}


def headroom_html(headroom: Headroom) -> SafeText:
    """The headroom as one document, which asks for nothing and runs nothing."""
    with looking(Look(verbose=True)):
        title = f"icplan: headroom of {headroom.snapshot.endpoint_name}"
        body = landmarks(title, _body(headroom), tag("p", f"snapshot {headroom.snapshot.fingerprint}"))
    return html_page(title, body, STYLE)


def _body(headroom: Headroom) -> Iterator[Markup]:
    taken = headroom.snapshot.taken_at
    yield tag("p", "The snapshot does not say when it was taken." if taken is None else f"As of {taken}")
    yield from map(_wanted, headroom.at_least)
    colours: dict[str, int] = {}
    shown = False
    for fleet in headroom.fleets:
        rows = [row for row in headroom.components.values() if row.variant == fleet.variant]
        if not rows:
            continue
        yield from _fleet(headroom, fleet, rows)
        pictures = list(_pictures(fleet, rows, colours))
        if pictures:
            yield tag("h3", "What ends the room now")
            yield from pictures
            shown = True
    if not headroom.components:
        yield tag("p", "No component runs.")
    if shown:
        yield legend()
    relied = [f"{one.name}={one.value} ({one.basis})" for one in headroom.assumptions]
    if relied:
        yield tag("section", tag("h2", "What this rests on"), tag("ul", *(tag("li", one) for one in relied)))


def _wanted(one: Wanted) -> Markup:
    kind, said = _MET[one.met]
    text = f" {one.copies} more of {one.component} ({one.at})"
    return tag("p", tag("span", said, class_=f"outcome {kind}"), text)


def _fleet(headroom: Headroom, fleet: FleetHeadroom, rows: list[ComponentHeadroom]) -> Iterator[Markup]:
    pools = ", ".join(f"{count} x {kind}" for kind, count in fleet.pools.items())
    yield tag("h2", f"{fleet.variant}: {pools or 'no instance'}")
    if fleet.limits:
        yield tag("ul", *(tag("li", limit) for limit in fleet.limits))
    moments = moments_of(headroom, fleet, rows)
    titles = titles_of(fleet)
    headings = ["component", "copies"]
    for moment in moments:
        headings += [f"{titles[moment]}: sure", f"{titles[moment]}: at best"]
    headings += ["binds", "largest batch: update", "largest batch: with rollback"]
    yield table(headings, [row_cells(row, moments) for row in rows])
    sections = list(headroom_sections(fleet, rows))
    if sections:
        yield definitions(sections)


def _pictures(
    fleet: FleetHeadroom, rows: list[ComponentHeadroom], colours: dict[str, int]
) -> Iterator[Markup]:
    """For each component the world that has least room for it, else a layout with most of it."""
    shown = 0
    for row in rows:
        figures = [] if row.now is None else list(_figures(fleet, row, row.now, colours))
        if not figures:
            continue
        if shown == _MOST_PICTURES:
            yield tag("p", "The other components' are in the JSON of the headroom.", class_="dim")
            return
        opened = {} if shown else {"open": ""}
        yield tag("details", tag("summary", row.name), *figures, **opened)
        shown += 1


def _figures(
    fleet: FleetHeadroom, row: ComponentHeadroom, room: Room, colours: dict[str, int]
) -> Iterator[Markup]:
    evidence = room.evidence
    if evidence is None:
        return
    if evidence.failing_world is not None and room.sure.high is not None:
        premises = _for(evidence.sure_premises, room.waiting + room.sure.high + 1)
        picture = world_picture(premises, evidence.failing_world, row.name)
        yield figure(picture, f"No room for {_more(room.sure, 1)} of {row.name}", fleet.resources, colours)
    elif evidence.no_world is not None and room.best.high is not None:
        premises = _for(evidence.best_premises, room.waiting + room.best.high + 1)
        drawn = refusal_picture(premises, evidence.no_world.refusals[0], row.name)
        if drawn is not None:
            yield figure(drawn, f"No room for {_more(room.best, 1)} of {row.name}", fleet.resources, colours)
    if evidence.layout is not None:
        premises = _for(evidence.best_premises, room.waiting + room.best.low)
        picture = layout_picture(premises, evidence.layout, row.name)
        yield figure(picture, f"Room for {_more(room.best, 0)} of {row.name}", fleet.resources, colours)


def _more(found: Range, beyond: int) -> str:
    number = found.low if not beyond else (found.high or 0) + beyond
    return counted(number, "more copy")


def _for(premises: Premises, copies: int) -> Premises:
    return attrs.evolve(premises, target=attrs.evolve(premises.target, copies=copies))
