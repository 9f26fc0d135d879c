"""A drill as one HTML file: what each event takes, and what runs then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.report.drill_text import drill_notes, figures_of, said_of
from icplan.report.html_assets import STYLE
from icplan.report.html_page import definitions, html_page, landmarks, table
from icplan.report.markup import Markup, tag
from icplan.report.style import Look, looking
from icplan.verdict.drill import EventKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.documents.safe_text import SafeText
    from icplan.verdict.drill import Drill, DrillEvent, Loss

_KINDS = {0: "good", 1: "bad", 3: "doubt"}
_HEADINGS = ("component", "copies", "lost", "left at once", "placed again", "after replacement", "keeps")


def drill_html(drill: Drill) -> SafeText:
    """The drill as one document, which asks for nothing and runs nothing."""
    with looking(Look(verbose=True)):
        title = f"icplan: drill of {drill.snapshot.endpoint_name}"
        body = landmarks(title, _body(drill), tag("p", f"snapshot {drill.snapshot.fingerprint}"))
    return html_page(title, body, STYLE)


def _body(drill: Drill) -> Iterator[Markup]:
    word, _, said = said_of(drill.exit_code)
    kind = _KINDS[int(drill.exit_code)]
    yield tag("p", tag("span", word.lower(), class_=f"outcome {kind}"), f" {said}")
    taken = drill.snapshot.taken_at
    yield tag("p", "The snapshot does not say when it was taken." if taken is None else f"As of {taken}")
    for event in drill.events:
        yield tag("h2", f"{event.variant}: {event.name}")
        if event.losses:
            yield table(_HEADINGS, [_row(event, loss) for loss in event.losses])
            yield from _bars(event)
        else:
            yield tag("p", "No copy runs here.")
    notes = list(drill_notes(drill))
    if notes:
        yield tag("section", tag("h2", "What this rests on"), definitions(notes))


def _row(event: DrillEvent, loss: Loss) -> tuple[str, ...]:
    return (loss.component, str(loss.copies), *figures_of(event, loss))


def _bars(event: DrillEvent) -> Iterator[Markup]:
    """How many copies surely and perhaps run on, as bars of characters that need no colour."""
    if event.kind is EventKind.QUOTA:
        return
    rows = [tag("li", f"{loss.component}: ", _bar(loss)) for loss in event.losses]
    yield tag(
        "figure", tag("figcaption", "Left at once: # surely runs on, ? may, . is lost"), tag("ul", *rows)
    )


def _bar(loss: Loss) -> Markup:
    """One character a copy; of many, one for each of forty parts."""
    parts = min(loss.copies, 40)
    sure = loss.left.low * parts // max(1, loss.copies)
    most = (loss.copies if loss.left.high is None else loss.left.high) * parts // max(1, loss.copies)
    words = f"{loss.left} of {loss.copies} copies run on"
    return tag("code", "#" * sure + "?" * (most - sure) + "." * (parts - most), role="img", aria_label=words)
