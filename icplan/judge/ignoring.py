"""Findings that are left out: by rule, and by a rule at a place. Neither outcome nor exit code changes.

What only follows from causes that are all left out goes with them: that a step is short of room, and that a
limit stands in the way of more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.documents.paths import split_path
from icplan.errors import InputError, InputProblem
from icplan.rules.registry import CAUSES, FOLLOW_UPS, RULES
from icplan.verdict.finding import LeftOut

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from icplan.inputs.deployment import DeclaredCall
    from icplan.inputs.ignore_comments import PlaceIgnore
    from icplan.inputs.place import Place
    from icplan.judge.declared_endpoint import JudgedEndpoint
    from icplan.requests.call import Call
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.finding import Finding
    from icplan.verdict.verdict import Verdict


def without_rules(change: ChangeVerdict, ignore: Collection[str]) -> ChangeVerdict:
    """The change without the findings of these rules, and without what only follows from them."""
    return _without(change, [one for one in change.findings if one.rule in ignore], ())


def without_places(
    verdict: Verdict,
    ignores: Sequence[PlaceIgnore],
    around: Sequence[Callable[[Finding], Collection[tuple[str | None, int | None]]]],
) -> Verdict:
    """The verdict without what is ignored where it stands.

    ``around`` gives, for each change, the places that a finding stands in: files, and lines in them.
    """
    changes = []
    for change, places_of in zip(verdict.changes, around, strict=True):
        matched = {id(one): _match(one, ignores, places_of(one)) for one in change.findings}
        here = [
            LeftOut(one.rule, one.reason, one.file, one.line) for one in matched.values() if one is not None
        ]
        left = [one for one in change.findings if matched[id(one)] is not None]
        changes.append(_without(change, left, here))
    return attrs.evolve(verdict, changes=tuple(changes))


def endpoint_without_places(judged: JudgedEndpoint, ignores: Sequence[PlaceIgnore]) -> JudgedEndpoint:
    """The same of an endpoint that files declare."""
    configuration = judged.endpoint.configuration
    around = [_around_declared(call, configuration) for call in judged.calls]
    return attrs.evolve(judged, verdict=without_places(judged.verdict, ignores, around))


def around_request(call: Call) -> Callable[[Finding], list[tuple[str | None, int | None]]]:
    """What a finding on a request stands in: the lines of its member, and of all that is around it."""

    def around(finding: Finding) -> list[tuple[str | None, int | None]]:
        if call.locate is None:
            return [(call.file, None)]
        paths = _prefixes(finding.path or call.path)
        lines = [place[0] for path in paths if (place := call.locate(path)) is not None]
        return [(call.file, line) for line in lines]

    return around


def unmet(ignores: Sequence[PlaceIgnore], verdicts: Iterable[Verdict]) -> list[PlaceIgnore]:
    """Those that left nothing out."""
    met = {(o.rule, o.file, o.line) for v in verdicts for change in v.changes for o in change.left_out}
    return [one for one in ignores if (one.rule, one.file, one.line) not in met]


def refuse_unknown_rules(ignores: Iterable[PlaceIgnore]) -> None:
    """Refuse a rule that there is not: it would hide nothing, and not say so."""
    for one in ignores:
        if one.rule not in RULES:
            message = f"there is no rule {one.rule!r} to ignore"
            raise InputError(InputProblem(message, file=one.file, line=one.line))


def _around_declared(
    call: DeclaredCall, configuration: DeclaredCall | None
) -> Callable[[Finding], list[tuple[str | None, int | None]]]:
    def around(finding: Finding) -> list[tuple[str | None, int | None]]:
        path = finding.path or "$"
        fleet = path.startswith("$.ProductionVariants") and configuration is not None
        of = configuration if fleet and configuration is not None else call
        places: list[Place] = [of.place(one) for one in _prefixes(path)]
        # In a module a member is set beside the call that the resource is shown at.
        inner = [one for place in places if place.address is not None for one in place.related]
        return [(place.file, place.line) for place in (*places, *inner)]

    return around


def _prefixes(path: str) -> list[str]:
    """A JSON path and the paths of all that it is in."""
    steps = split_path(path)
    return ["$" + "".join(map(_step, steps[:length])) for length in range(len(steps), -1, -1)]


def _step(step: str | int) -> str:
    return f"[{step}]" if isinstance(step, int) else f".{step}"


def _match(
    finding: Finding, ignores: Sequence[PlaceIgnore], places: Collection[tuple[str | None, int | None]]
) -> PlaceIgnore | None:
    files = {file for file, _ in places}
    for one in ignores:
        if one.rule == finding.rule and (
            (one.file, one.line) in places or (one.line is None and one.file in files)
        ):
            return one
    return None


def _without(change: ChangeVerdict, hidden: Sequence[Finding], here: Sequence[LeftOut]) -> ChangeVerdict:
    if not hidden:
        return change
    left_out = set(map(id, hidden))
    kept = [finding for finding in change.findings if id(finding) not in left_out]
    gone = {finding.rule for finding in hidden if finding.rule in CAUSES}
    further: list[LeftOut] = []
    if gone and not any(finding.rule in CAUSES for finding in kept):
        reason = f"follows {' and '.join(sorted(gone))}, which {'is' if len(gone) == 1 else 'are'} ignored"
        follow = [finding for finding in kept if finding.rule in FOLLOW_UPS]
        further = [LeftOut(rule, reason) for rule in dict.fromkeys(one.rule for one in follow)]
        kept = [finding for finding in kept if finding not in follow]
        hidden = [*hidden, *follow]
    return attrs.evolve(
        change,
        findings=tuple(kept),
        hidden=(*change.hidden, *hidden),
        left_out=(*change.left_out, *_once(here), *further),
    )


def _once(here: Iterable[LeftOut]) -> Iterator[LeftOut]:
    yield from dict.fromkeys(here)
