"""A diagnosis, and the end of a write that was followed, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from icplan.diagnosis.diagnosis import Basis, State
from icplan.diagnosis.words import headline, word_of
from icplan.documents.safe_text import safe_text
from icplan.report.remedy_commands import shell_lines
from icplan.report.style import definition_list, outcome_words, paragraph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.diagnosis.diagnosis import Diagnosis, Situation, Statement
    from icplan.diagnosis.following import Ending
    from icplan.documents.safe_text import SafeText
    from icplan.verdict.change_verdict import ChangeVerdict

_COLOUR: Final = {
    State.AT_REST: "green",
    State.GOING: "yellow",
    State.STUCK: "red",
    State.FAILING: "red",
    State.FAILED: "red",
    State.GONE: "yellow",
    State.NOT_KNOWN: "yellow",
}
_PLAIN: Final = (Basis.SNAPSHOT, Basis.JUDGED, Basis.NOT_DOCUMENTED)
"""What a statement need not say that it rests on."""
_LABEL: Final = 14


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


def render_ending(ending: Ending) -> SafeText:
    """How a write that was followed ended, and what can be done."""
    word = str(ending.end).replace("-", " ").upper()
    said = [f"{word}: {ending.component}, after {ending.seconds:.0f} s: {ending.because}"]
    said += [f"you can {one.message}" for one in ending.situation.can]
    return safe_text("\n".join(said) + "\n")


def _lines(one: Situation, where: str) -> Iterator[str]:
    word = word_of(one)
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


def _section(label: str, statements: tuple[Statement, ...]) -> Iterator[str]:
    for number, one in enumerate(statements):
        name = label if not number else ""
        aside = "" if one.basis in _PLAIN else f" ({str(one.basis).replace('-', ' ')})"
        rule = f"{one.rule}: " if one.rule else ""
        text = f"{rule}{one.message}{aside}"
        yield from paragraph(text, f"  {name:<{_LABEL}}", " " * (_LABEL + 2))
        # What nobody documents that it is taken is not there to be pasted.
        for command in one.commands if one.basis is not Basis.NOT_DOCUMENTED else ():
            yield from shell_lines(command, " " * (_LABEL + 2))


def now_lines(change: ChangeVerdict) -> Iterator[str]:
    """Of a change that is blocked: what is under way, and why it does not go on."""
    yield from definition_list(
        ("" if number else "now", line) for number, line in enumerate(change.diagnosis)
    )
    if change.diagnosis:
        yield ""


def at_rest_text(change: ChangeVerdict) -> str | None:
    """What would come of a change that is blocked, once nothing is under way."""
    rest = change.at_rest
    if rest is None:
        return None
    back = rest.rollback_outcome
    doubt = "" if back is None or back.fits else f", but its rollback {outcome_words(back)}"
    outcome = f"{outcome_words(rest.outcome)}{doubt}"
    return f"once all that is under way has ended as it was asked for: {outcome}"
