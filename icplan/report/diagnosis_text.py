"""A diagnosis for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from icplan.diagnosis.values import Basis, Ended, State
from icplan.diagnosis.words import duration_words
from icplan.documents.safe_text import safe_text
from icplan.report.style import paragraph, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.diagnosis.values import Diagnosis, Situation, Statement
    from icplan.documents.safe_text import SafeText

_HEAD: Final = {
    State.AT_REST: "AT REST",
    State.GOING: "GOING ON",
    State.STUCK: "STUCK",
    State.FAILING: "SURE TO FAIL",
    State.FAILED: "FAILED",
    State.GONE: "GONE",
    State.NOT_KNOWN: "NOT KNOWN",
}
_COLOUR: Final = {
    State.AT_REST: "green",
    State.GOING: "yellow",
    State.STUCK: "red",
    State.FAILING: "red",
    State.FAILED: "red",
    State.GONE: "yellow",
    State.NOT_KNOWN: "yellow",
}
_PLAIN: Final = (Basis.SNAPSHOT, Basis.JUDGED)
"""What a statement need not say that it rests on."""
_LABEL: Final = 13


def render_diagnosis(diagnosis: Diagnosis) -> SafeText:
    """The diagnosis as text, the worst first."""
    taken = diagnosis.snapshot.taken_at
    where = f" on {diagnosis.snapshot.endpoint_name}"
    blocks = [
        "\n".join(_lines(one, where if one.name is not None else "")).rstrip("\n")
        for one in diagnosis.situations
    ]
    if taken is None:
        blocks.append("the snapshot does not say when it was taken (TakenAt), so no time is told")
    return safe_text("\n\n".join(blocks) + "\n")


def headline(one: Situation, where: str = "") -> str:
    """In one line: ``STUCK: update of chat on prod; Updating for 50 min; 0 of 3 copies are new``."""
    parts = [f"{_word(one)}: {one.what}{where}", *_progress(one)]
    return "; ".join(parts)


def _lines(one: Situation, where: str) -> Iterator[str]:
    word = _word(one)
    first, *rest = paragraph(headline(one, where), "", "  ")
    yield click.style(word, fg=_COLOUR[one.state], bold=True) + first.removeprefix(word)
    yield from rest
    yield ""
    because = () if one.ended_because is None else (one.ended_because,)
    yield from _section("how it ended", because)
    yield from _section("why", one.causes)
    yield from _section("what comes", one.next)
    yield from _section("you can", one.can)
    yield from _section("do not", one.must_not)


def _word(one: Situation) -> str:
    if one.ended is not None and one.ended is not Ended.NOT_KNOWN:
        return str(one.ended).replace("-", " ").upper()
    return _HEAD[one.state]


def _progress(one: Situation) -> Iterator[str]:
    moving = one.state in (State.GOING, State.STUCK, State.FAILING)
    if moving and one.elapsed_seconds is not None:
        yield f"{one.status} for {duration_words(one.elapsed_seconds)}"
    elif one.ended_because is None or moving:
        yield one.status
    if one.step is not None:
        yield _of_step(one)
    elif one.copies is not None and moving:
        yield f"{one.copies[0]} of {one.copies[1]} copies run"


def _of_step(one: Situation) -> str:
    """How many copies are new, and at which batch it is."""
    step = one.step
    if step is None:
        return ""
    wanted = one.copies[1] if one.copies else step.old[1]
    least, most = step.new
    count = str(least) if least == most else f"{least} to {most}"
    batch = f"batch {step.first}" if step.first == step.last else f"batch {step.first} to {step.last}"
    return f"{count} of {wanted} copies {'is' if most == 1 == least else 'are'} new ({batch} of {step.of})"


def _section(label: str, statements: tuple[Statement, ...]) -> Iterator[str]:
    for number, one in enumerate(statements):
        name = label if not number else ""
        aside = "" if one.basis in _PLAIN else f" ({str(one.basis).replace('-', ' ')})"
        rule = f"{one.rule}: " if one.rule else ""
        text = f"{rule}{one.message}{aside}"
        yield from paragraph(text, f"  {name:<{_LABEL}}", " " * (_LABEL + 2))
        for command in one.commands:
            yield f"{' ' * (_LABEL + 2)}$ {printable(command)}"
