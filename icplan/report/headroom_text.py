"""Headroom for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from icplan.documents.safe_text import safe_text
from icplan.fleet.dimensions import counted, in_words, pair_in_words
from icplan.fleet.fleet import CPU, MEMORY
from icplan.report.style import paragraph, printable
from icplan.report.table_text import Heading, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.documents.safe_text import SafeText
    from icplan.verdict.headroom import (
        ComponentHeadroom,
        FleetHeadroom,
        Headroom,
        LargestBatch,
        Range,
        Room,
        Stranded,
        Wanted,
    )

_LABEL: Final = 10
_RESOURCES: Final = {CPU: "CPU cores"}


def render_headroom(headroom: Headroom) -> SafeText:
    """The headroom as text: a table for each variant, then what is stranded and what is not sure."""
    blocks = [
        "\n".join(_fleet_lines(headroom, fleet, several=len(headroom.fleets) > 1))
        for fleet in headroom.fleets
        if _rows(headroom, fleet)
    ]
    asked = [line for one in headroom.at_least for line in _wanted(one)]
    if asked:
        blocks.append("\n".join(asked))
    relied = [f"{one.name}={one.value} ({one.basis})" for one in headroom.assumptions]
    if relied:
        blocks.append("\n".join(paragraph(f"rests on {', '.join(relied)}", "", "  ")))
    return safe_text("\n\n".join(blocks or [f"HEADROOM of {_where(headroom)}: no component runs"]) + "\n")


def _where(headroom: Headroom) -> str:
    taken = headroom.snapshot.taken_at
    return f"{headroom.snapshot.endpoint_name}{'' if taken is None else f', as of {taken}'}"


def _rows(headroom: Headroom, fleet: FleetHeadroom) -> list[ComponentHeadroom]:
    return [row for row in headroom.components.values() if row.variant == fleet.variant]


def _fleet_lines(headroom: Headroom, fleet: FleetHeadroom, *, several: bool) -> Iterator[str]:
    word, rows = "HEADROOM", _rows(headroom, fleet)
    pools = ", ".join(f"{count} x {kind}" for kind, count in fleet.pools.items())
    variant = f" (variant {fleet.variant})" if several else ""
    limits = "; ".join(fleet.limits)
    text = f"{word} of {_where(headroom)}: {pools}{variant}{f'; {limits}' if limits else ''}"
    first, *rest = paragraph(text, "", "  ")
    yield click.style(word, bold=True) + first.removeprefix(word)
    yield from rest
    yield ""
    yield from _table(headroom, fleet, rows)
    notes = list(_notes(fleet, rows))
    if notes:
        yield ""
        yield from notes


def _table(headroom: Headroom, fleet: FleetHeadroom, rows: Sequence[ComponentHeadroom]) -> Iterator[str]:
    moments, titles = moments_of(headroom, fleet, rows), titles_of(fleet)
    headings = [Heading("component", left=True), Heading("copies")]
    headings += [Heading(titles[moment], ("sure", "at best")) for moment in moments]
    headings.append(Heading("binds", left=True))
    headings.append(Heading("largest batch", ("update", "with rollback"), left=True))
    yield from table(headings, [row_cells(row, moments) for row in rows])


def titles_of(fleet: FleetHeadroom) -> dict[str, str]:
    """What stands above the room at each moment."""
    return {
        "now": "more now",
        "max": f"more at {_instances(fleet.max_instances)}",
        "autoscaling": "others at maximum",
    }


def moments_of(headroom: Headroom, fleet: FleetHeadroom, rows: Sequence[ComponentHeadroom]) -> list[str]:
    """The moments of which there is something to tell: a fleet that cannot grow is at its maximum now."""
    stands = "now" in headroom.at and fleet.max_instances.high == fleet.instances
    told = [moment for moment in headroom.at if any(row.at(moment) is not None for row in rows)]
    return [moment for moment in told if moment != "max" or not stands]


def row_cells(row: ComponentHeadroom, moments: Sequence[str]) -> list[str]:
    """A row of the table."""
    found = [f"{row.name} (new)" if row.new else row.name, str(row.copies)]
    for moment in moments:
        found += _room(row.at(moment))
    found.append(_binds(row))
    return [*found, _batch(row, back=False), _batch(row, back=True)]


def _binds(row: ComponentHeadroom) -> str:
    names = [_RESOURCES.get(one, one) for one in row.binds]
    whole = " in one piece" if row.binds and set(row.binds) <= set(row.scattered) else ""
    return f"{' and '.join(names)}{whole}" or "-"


def _room(room: Room | None) -> tuple[str, str]:
    return ("-", "-") if room is None else (str(room.sure), str(room.best))


def _instances(most: Range) -> str:
    return f"{most} instance{'' if most.low == most.high == 1 else 's'}"


def _batch(row: ComponentHeadroom, *, back: bool) -> str:
    """The largest batch now, and on the instances that there may be where it is another there."""
    told = ((row.largest_batch, "now"), (row.largest_batch_at_max, "at max"))
    sizes = {when: _copies(batch, back=back) for batch, when in told if batch is not None}
    if len(set(sizes.values())) <= 1:
        return next((str(size or "none") for size in sizes.values()), "-")
    return ", ".join(f"{size or 'none'} {when}" for when, size in sizes.items())


def _copies(batch: LargestBatch, *, back: bool) -> int:
    return batch.with_rollback if back else batch.update


def _notes(fleet: FleetHeadroom, rows: Sequence[ComponentHeadroom]) -> Iterator[str]:
    for label, text in headroom_sections(fleet, rows):
        yield from paragraph(text, f"{label:<{_LABEL}}", " " * _LABEL)


def headroom_sections(fleet: FleetHeadroom, rows: Sequence[ComponentHeadroom]) -> Iterator[tuple[str, str]]:
    """What stands below the table: texts, the first of each kind with a label."""
    own = [f"{row.name} {note}" for row in rows for note in _own_notes(rows, row)]
    metrics = [f"where copies lie goes by {' and '.join(fleet.metrics)}"] if fleet.metrics else []
    sections = (
        ("stranded", [_stranded(one) for one in fleet.stranded]),
        ("rollback", [line for row in rows for line in _batch_notes(row)]),
        ("unsure", [*own, *_of_all(rows), *fleet.notes]),
        ("metrics", metrics),
    )
    for label, texts in sections:
        yield from ((label if not number else "", text) for number, text in enumerate(texts))


def _own_notes(rows: Sequence[ComponentHeadroom], row: ComponentHeadroom) -> list[str]:
    shared = set(_of_all(rows))
    return [note for note in row.notes if note not in shared]


def _of_all(rows: Sequence[ComponentHeadroom]) -> list[str]:
    """What is said of every component, and so of the endpoint."""
    if not rows:
        return []
    return [note for note in rows[0].notes if note.startswith("the endpoint ")]


def _stranded(one: Stranded) -> str:
    spread = ", ".join(
        f"{_plain(one.resource, amount)} on {'each of ' if count > 1 else ''}{counted(count, 'instance')}"
        for count, amount in one.example
    )
    amount = one.amount
    low, high = pair_in_words(one.resource, amount.low, amount.high or 0)
    much = low if amount.exact else f"{low.split()[0]} to {high}"
    for_example = f", for example {spread}" if spread and one.resource != MEMORY else ""
    if one.sure:
        return f"{much}{for_example}: no component here fits in what is free"
    return f"perhaps {much}{for_example}: where copies lie so, no component here fits in what is free"


def _plain(resource: str, amount: int) -> str:
    return in_words(resource, amount)


def _batch_notes(row: ComponentHeadroom) -> Iterator[str]:
    """Larger batches that RollbackMaximumBatchSize makes sure both ways: now, and at max where more are."""
    told = 0
    for batch, where in ((row.largest_batch, ""), (row.largest_batch_at_max, " at max")):
        if batch is not None and batch.with_equal_rollback > max(told, batch.with_rollback):
            told = batch.with_equal_rollback
            yield (
                f"{row.name}{where}: with RollbackMaximumBatchSize {told}, batches of "
                f"{counted(told, 'copy')} are sure both ways"
            )


def _wanted(one: Wanted) -> list[str]:
    said = {True: "surely fit", False: "do not fit", None: "may not fit"}[one.met]
    colour = {True: "green", False: "red", None: "yellow"}[one.met]
    text = f"{one.copies} more of {printable(one.component)} ({one.at})"
    return [f"{click.style(said, fg=colour)}  {text}"]
