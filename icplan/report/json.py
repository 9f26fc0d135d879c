"""The verdict as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.documents.safe_text import safe_json
from icplan.verdict.codec import to_dict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icplan.documents.safe_text import SafeText
    from icplan.verdict.verdict import Verdict


def render(verdict: Verdict, failed_on: Iterable[str] = ()) -> SafeText:
    """The verdict as indented JSON text."""
    return safe_json(to_dict(verdict, failed_on))
