"""A check of plain data, and what its verdict says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import icplan

if TYPE_CHECKING:
    from icplan.verdict.verdict import Verdict


def check(taken: dict[str, Any], *changes: dict[str, Any], **options: Any) -> Verdict:
    """The verdict on changes in order, each a request or an envelope."""
    return icplan.check(list(changes), icplan.Snapshot.from_dict(taken), **options)


def rules(verdict: Verdict) -> set[str]:
    """The rules of all its findings."""
    return {finding.rule for finding in verdict.findings}


def said(verdict: Verdict, rule: str) -> list[str]:
    """The messages of a rule's findings."""
    return [finding.message for finding in verdict.findings if finding.rule == rule]
