"""What a rule is: an id that never changes, and all a reader needs to know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.verdict.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
DOCUMENTED, MEASURED, INFERRED = "documented", "measured", "inferred"

FAMILIES = {
    "1": "the request",
    "2": "state",
    "3": "capacity",
    "4": "update and rollback",
    "5": "scale-out, quota and reservation",
    "6": "advice",
}


@attrs.frozen(kw_only=True)
class Rule:
    """A rule as data.

    ``basis`` is documented, measured or inferred, and ``source`` says where. ``why`` and ``fix`` are Markdown
    paragraphs. ``aws_error`` is the text AWS answers with, an example of it, or the part that
    does not vary.
    """

    id: str
    title: str
    severity: Severity
    basis: str
    source: str
    why: str
    fix: str
    aws_error: str | None = None

    @property
    def family(self) -> str:
        """What the hundreds of the id stand for."""
        return FAMILIES[self.id[len("ICP")]]


def by_id(*groups: Iterable[Rule]) -> dict[str, Rule]:
    """The rules of several groups by id, in order."""
    return {
        rule.id: rule for rule in sorted((one for group in groups for one in group), key=lambda one: one.id)
    }
