"""A change of the request or of the endpoint that was judged and found to help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.values import frozen
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.verdict.outcome import Outcome
    from icplan.verdict.remedy_steps import Command, Edit, QuotaRaise


@frozen
class Remedy:
    """A change of the request (or the endpoint configuration) that was judged and found to help.

    ``patch`` is a list of RFC 6902 operations on the document that ``target`` names, and ``how`` says where
    such a setting is made, if not in the request; ``request_patch`` are operations on the request where the
    target is another document. ``before`` and ``after`` are calls (``{"Operation", "Request"}``) to make
    before the change and after it; ``outcome`` is that of all of them, and ``rollback_outcome`` that of going
    back, if one can. ``number`` is its place in the whole report, ``commands`` carry it out, and ``risks``
    say what it costs and what may come of it; ``doubts`` are those of them that judging it found.
    ``edits`` are the lines of a deployment's files that make it. It ``relaunches`` where it fits after scale
    out, and yet no more instances run at any time than now: one that it empties may be given back, and is
    launched again then. ``once_at_rest``: it is made, and was judged, once all that is under way has ended.
    """

    kind: str
    description: str
    patch: tuple[Mapping[str, Any], ...]
    outcome: Outcome
    how: str | None = None
    rollback_outcome: Outcome | None = None
    before: tuple[Mapping[str, Any], ...] = ()
    after: tuple[Mapping[str, Any], ...] = ()
    number: int | None = None
    target: Target = Target.REQUEST
    request_patch: tuple[Mapping[str, Any], ...] = ()
    quota: QuotaRaise | None = attrs.field(default=None, eq=False)
    commands: tuple[Command, ...] = ()
    risks: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    doubts: tuple[str, ...] = ()
    relaunches: bool = False
    once_at_rest: bool = False
