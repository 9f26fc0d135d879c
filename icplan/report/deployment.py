"""Verdicts on a deployment: the report of each endpoint, and where every change of it is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from icplan.documents.safe_text import SafeText, safe_json, safe_text
from icplan.report import text as text_report
from icplan.report.style import bullet, paragraph
from icplan.verdict.codec import VERSION, to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.inputs.deployment import Deployment, Parameter, Place
    from icplan.judge.deployment import JudgedEndpoint
    from icplan.verdict.verdict import ChangeVerdict

NOTHING = "nothing-to-judge"


def render(
    name: str,
    deployment: Deployment,
    judged: Sequence[JudgedEndpoint],
    failed_on: Sequence[Sequence[str]],
    files: Sequence[str],
) -> SafeText:
    """The report in the format of that name."""
    if name == "json":
        return _json(deployment, judged, failed_on)
    return safe_text("\n".join(_text(deployment, judged, failed_on, files)).rstrip("\n") + "\n")


def _text(
    deployment: Deployment,
    judged: Sequence[JudgedEndpoint],
    failed_on: Sequence[Sequence[str]],
    files: Sequence[str],
) -> Iterator[str]:
    if not judged:
        declares = "declares" if len(files) == 1 else "declare"
        told = f" ({_with(deployment.parameters)})" if deployment.parameters else ""
        yield from paragraph(
            f"NOTHING TO JUDGE: {', '.join(files)} {declares} no change of an inference component{told}",
            "",
            "  ",
        )
        yield ""
    for one, failed in zip(judged, failed_on, strict=True):
        yield text_report.render(one.verdict, failed)
        yield from _declared(one)
    if deployment.parameters and judged:
        yield from paragraph(_with(deployment.parameters), "", "  ")
    for note in deployment.notes:
        yield from paragraph(f"note: {note}", "", "  ")


def _declared(judged: JudgedEndpoint) -> Iterator[str]:
    """Where each change is declared, fitting ones too."""
    how = "no snapshot: judged as a new endpoint" if judged.new else "judged on what the snapshot says"
    yield click.style(f"Declared ({how})", bold=True)
    for change, call in zip(judged.verdict.changes, judged.calls, strict=True):
        place = call.place("$")
        parts = [part for part in (place.shown, place.construct, place.address) if part]
        if place.source:
            parts.append(f"source {place.source.shown}")
        parts += [f"{one.note}: {one.shown}" for one in place.related if one.note]
        yield from bullet(f"{change.subject}: {', '.join(parts)}{_instances(change)}")
    yield ""


def _instances(change: ChangeVerdict) -> str:
    """How many instances it takes, where it fits."""
    peak = change.peak_instances
    if peak is None or not change.outcome.fits:
        return ""
    return f"; {peak} {'instance' if peak == 1 else 'instances'} at the peak"


def _with(parameters: Mapping[str, Parameter]) -> str:
    shown = [
        f"{name}={one.value if len(one.value) <= 60 else '...'}"  # noqa: PLR2004  (a glance)
        + (" (default)" if one.origin == "default" else "")
        for name, one in parameters.items()
    ]
    return f"with {', '.join(shown)}"


def _json(
    deployment: Deployment, judged: Sequence[JudgedEndpoint], failed_on: Sequence[Sequence[str]]
) -> SafeText:
    extra = {
        "Input": {"Kind": deployment.kind},
        "Parameters": {
            name: {"Value": one.value, "From": one.origin} for name, one in deployment.parameters.items()
        },
        "Notes": list(deployment.notes),
    }
    verdicts = [_verdict(one, failed) | extra for one, failed in zip(judged, failed_on, strict=True)]
    whole: dict[str, Any]
    if not verdicts:
        whole = {
            "IcplanVerdict": VERSION,
            "Outcome": NOTHING,
            "FailedOn": [],
            "Snapshot": None,
            "Changes": [],
            "Assumptions": [],
            "Ignored": [],
            **extra,
        }
    elif len(verdicts) == 1:
        whole = verdicts[0]
    else:
        whole = {"IcplanVerdicts": VERSION, "Verdicts": verdicts, "Errors": []}
    return safe_json(whole)


def _verdict(judged: JudgedEndpoint, failed_on: Sequence[str]) -> dict[str, Any]:
    told = to_dict(judged.verdict, failed_on)
    changes = zip(told["Changes"], judged.calls, strict=True)
    told["Changes"] = [change | _place(call.place("$")) for change, call in changes]
    return told


def _place(place: Place) -> dict[str, Any]:
    told: dict[str, Any] = {"File": place.file, "Line": place.line, "Address": place.address}
    if place.construct:
        told["Construct"] = place.construct
    if place.source:
        told["Source"] = _short(place.source)
    if place.related:
        told["Related"] = [_short(one) | {"Note": one.note} for one in place.related]
    return told


def _short(place: Place) -> dict[str, Any]:
    return {"File": place.file, "Line": place.line, "Column": place.column}
